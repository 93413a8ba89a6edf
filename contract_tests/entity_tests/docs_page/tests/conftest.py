"""The browser's tests run where their driver is installed (`tox -e contract_tests`) and the machine has Chromium.

Elsewhere they are left out, with a line that says so; CI must have both.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

INSTALLED = find_spec("playwright") is not None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the tests out where there is no driver. CI fails over the import."""
    return True if not INSTALLED and "CI" not in os.environ and collection_path.suffix == ".py" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out."""
    reason = _reason()
    if reason is not None:
        terminalreporter.write_line(f"not run: the documentation in a browser ({reason})")


def _reason() -> str | None:
    if not INSTALLED:
        return "its driver, playwright, is in `tox -e contract_tests`"
    from entity_tests.docs_page.browser import chromium  # noqa: PLC0415 - imports the driver

    return None if chromium() else "no chromium"
