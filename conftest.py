"""For every test of the repository: Hypothesis, the garbage collector, whom clients trust, how many processes run.

HYPOTHESIS_PROFILE chooses a profile.

`ci` repeats itself, so that a red build is the change's fault and never chance's; `dev` looks elsewhere on every run
and `nightly` looks long. What they find is kept as an `@example` beside the property.
"""

import atexit
import gc
import os
import signal
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("nightly", max_examples=5_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))

_TRUSTED = tempfile.TemporaryDirectory(prefix="trusted-")
atexit.register(_TRUSTED.cleanup)
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = _TRUSTED.name
"""Clients trust nobody of themselves: they meet this machine alone, and to read whom it trusts takes longer than most
of what a test asks them.
"""

_ALLOCATED = (100_000, 10, 10)
"""How often Python looks for cycles, as `conformance` has it: with all that tests import, its own way takes a fifth of
the time.
"""
gc.set_threshold(*_ALLOCATED)


def pytest_collection_finish() -> None:
    """Have what was imported and collected looked through no more: it stays."""
    gc.freeze()


def pytest_runtest_setup() -> None:
    """Take back what a command set that a test before called in this process."""
    gc.set_threshold(*_ALLOCATED)


@pytest.fixture
def hangup() -> Iterator[None]:
    """SIGHUP does what it does in a terminal, also where the tests were started with `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.hookimpl(optionalhook=True)  # some environments have no xdist
def pytest_xdist_auto_num_workers() -> int:
    """With `-n auto` one more than there are processors: tests wait for servers and clocks a good part of the time."""
    return (os.cpu_count() or 1) + 1
