"""Whether pages can be opened here: the browser's driver is installed, and the machine has Chromium."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALLED = find_spec("playwright") is not None


def chromium() -> Path | None:
    """The machine's Chromium, if it has one."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return Path(found) if found else None


def missing() -> str | None:
    """What a browser's tests lack here; None where they can run."""
    if not INSTALLED:
        return "its driver, playwright, is in `tox -e contract_tests`"
    return None if chromium() else "no chromium"


def needed() -> Path:
    """The machine's Chromium, for a test that needs it: without one the test fails in CI, and is skipped elsewhere."""
    program = chromium()
    if program is None and "CI" in os.environ:
        pytest.fail("CI needs chromium")
    return program or pytest.skip("not run: no chromium")
