"""Hypothesis profiles for every test of the repository, how many processes share the tests, and SIGHUP.

HYPOTHESIS_PROFILE chooses a profile.

`ci` repeats itself, so that a red build is the change's fault and never chance's; `dev` looks elsewhere on every run
and `nightly` looks long. What they find is kept as an `@example` beside the property.
"""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("nightly", max_examples=5_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))


@pytest.fixture
def hangup() -> Iterator[None]:
    """SIGHUP does what it does in a terminal, also where the tests were started with `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.hookimpl(optionalhook=True)  # some environments have no xdist
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """With `-n auto` one more than there are processors: tests wait for servers and clocks a good part of the time.

    With `-n logical` as many as there are, for those that wait for little: each process collects all tests.
    """
    processors = os.cpu_count() or 1
    return processors if config.getoption("numprocesses") == "logical" else processors + 1
