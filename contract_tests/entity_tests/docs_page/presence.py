"""Whether pages can be opened here: the browser's driver is installed, and the machine has Chromium."""

import shutil
from importlib.util import find_spec
from pathlib import Path

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
