"""The browser's tests run where their driver is installed (`tox -e contract_tests`) and the machine has Chromium.

Elsewhere they are left out, with a line that says so; CI must have both.
"""

import os
from pathlib import Path

import pytest
from entity_tests.docs_page.presence import INSTALLED, missing


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the tests out where there is no driver. CI fails over the import."""
    return True if not INSTALLED and "CI" not in os.environ and collection_path.suffix == ".py" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out."""
    if (reason := missing()) is not None:
        terminalreporter.write_line(
            f"not run: the documentation, and a page on another origin, in a browser ({reason})"
        )
