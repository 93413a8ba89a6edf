"""Runs the suite for a person at a terminal: progress, signals, reports, and the exit code.

The first SIGINT or SIGTERM ends the run early and cleans up; the second gives up at once.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from conformance import ledger, report, suite
from conformance.report import Destination, Progress
from conformance.report.findings import verdict_line
from conformance.settings import Settings
from conformance.verdict import Result, Run
from contract import Contract

INTERRUPTED = 130

_GIVEN_UP = "interrupted while cleaning up; `conformance cleanup` removes what is left"


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be driven: with which contract, where its journals and its reports go."""

    settings: Settings
    contract: Contract
    journals: Path
    destinations: tuple[Destination, ...] = ()


def drive(job: Job) -> int:
    """Run, report, and return the exit code. Raises Misuse, and ReportError when a report cannot be written."""
    for destination in job.destinations:
        destination.probe()
    try:
        run = asyncio.run(_until_stopped(job))
    except (asyncio.CancelledError, KeyboardInterrupt):
        say(_GIVEN_UP)
        return INTERRUPTED
    _report(run, job.destinations)
    return run.verdict.exit_code


def say(line: str) -> None:
    """One line for the person, on stderr."""
    print(f"conformance: {line}", file=sys.stderr, flush=True)  # noqa: T201  # the command line's own voice


def _report(run: Run, destinations: Sequence[Destination]) -> None:
    """Every report that was asked for; the terminal's own unless another one takes standard output.

    Of a run that got nowhere the terminal is told in one line.
    """
    takes_stdout = any(destination.path is None for destination in destinations)
    wanted = list(destinations)
    if not takes_stdout and run.results:
        wanted.append(Destination("console"))
    for destination in wanted:
        report.write(run, destination, ledger.load().requirements)
    if takes_stdout or not run.results:
        say(verdict_line(run.verdict))
    if run.leftovers:
        say(f"something was left behind; `conformance cleanup {run.target}` tries again to remove it")


async def _until_stopped(job: Job) -> Run:
    stop = asyncio.Event()
    task = asyncio.current_task()
    assert task is not None

    def interrupt() -> None:
        if stop.is_set():
            task.cancel()
        else:
            say("interrupted: cleaning up (interrupt again to leave at once)")
            stop.set()

    with _interrupts(interrupt), ExitStack() as stack:
        return await suite.run(
            job.settings, journals=job.journals, contract=job.contract, watcher=_OnTerminal(stack), stop=stop
        )


@contextmanager
def _interrupts(interrupt: Callable[[], None]) -> Iterator[None]:
    """Have signals call `interrupt` in the event loop."""
    loop = asyncio.get_running_loop()

    def handler(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(interrupt)

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


class _OnTerminal:
    """Shows progress from the moment when the number of checks is known."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._progress: Progress | None = None

    def planned(self, checks: int) -> None:
        self._progress = self._stack.enter_context(Progress(checks, stream=sys.stderr))

    def started(self, requirement: str, entity: str | None) -> None:
        if self._progress is not None:
            self._progress.started(requirement, entity)

    def finished(self, result: Result) -> None:
        if self._progress is not None:
            self._progress.finished(result)
