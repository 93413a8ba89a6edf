"""Runs the suite for a person at a terminal: progress, signals, reports, and the exit code.

The first SIGINT, SIGTERM or SIGHUP ends the run early and cleans up; the second gives up at once.
"""

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from entity_contract import Contract

from entity_conformance.commands.signals import INTERRUPTED, handled, unwinding
from entity_conformance.commands.stderr import say
from entity_conformance.commands.stdout import tell
from entity_conformance.deployment.settings import Settings
from entity_conformance.report import formats as report
from entity_conformance.report.expected import Expected, lines
from entity_conformance.report.findings import verdict_line
from entity_conformance.report.formats import Destination, Progress, ReportError
from entity_conformance.report.text import count
from entity_conformance.report.verdict import Result, Run, Verdict
from entity_conformance.suite import ledger
from entity_conformance.suite import run as suite
from entity_conformance.suite.course import Watcher

UNREPORTED = 2
INCONCLUSIVE = 3
WEIGHTIER = frozenset({4, 70, INTERRUPTED})

_PYTHONS_OWN = (700, 10, 10)
"""How often Python looks for cycles by itself: generated requests leave many, which would take a third more memory."""

_GIVEN_UP = "interrupted while cleaning up"


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be driven: with which contract, where its journals and its reports go, and whether these tell all.

    `is_temporary` says that the deployment ends with the command, so that nothing of it is left to be cleaned up.
    `waivers_into` are the file and its profile where the waivers that are new are written.
    """

    settings: Settings
    contract: Contract
    journals: Path
    destinations: tuple[Destination, ...] = ()
    verbose: bool = False
    is_temporary: bool = False
    waivers_into: tuple[Path, str | None] | None = None


class Ask(Protocol):
    """How a command asks a deployment: `suite.run` is one."""

    def __call__(
        self, settings: Settings, *, journals: Path, contract: Contract, watcher: Watcher, stop: asyncio.Event
    ) -> Coroutine[Any, Any, Run]:
        """The run, from the first request to the verdict."""


def drive(job: Job, ask: Ask | None = None) -> int:
    """Run, report, and return the exit code: the suite, unless the job is to `ask` otherwise.

    Raises Misuse, and ReportError for a place that takes no report.
    """
    run = performed(job, ask or suite.run)
    if run is None:
        return INTERRUPTED
    with unwinding():  # a report that is being written is taken back
        code = report_on(run, job)
        if job.waivers_into is not None:
            _write_waivers(run, job, *job.waivers_into)
        return code


def performed(job: Job, ask: Ask) -> Run | None:
    """The run of a job; None where it was given up, which is said. Raises as `drive` does."""
    for destination in job.destinations:
        destination.probe()
    if job.waivers_into is not None:
        from entity_conformance.configuration import waivers  # noqa: PLC0415  # for those who ask for it

        path, profile = job.waivers_into
        waivers.probe(path, profile=profile)
    if ask is not suite.run:
        gc.set_threshold(*_PYTHONS_OWN)
    try:
        return asyncio.run(until_stopped(job, ask))
    except (asyncio.CancelledError, KeyboardInterrupt):
        say(_GIVEN_UP if job.is_temporary else f"{_GIVEN_UP}; `conformance cleanup` removes what is left")
        return None


def _write_waivers(run: Run, job: Job, path: Path, profile: str | None) -> None:
    """Raises ReportError where they cannot be written."""
    from entity_conformance.configuration.waivers import write  # noqa: PLC0415  # for those who ask for it

    new = [use.waiver for use in run.waivers if use.waiver not in job.settings.waivers]
    if new:
        write(path, new, profile=profile)
    say(f"{count(len(new), 'waiver')} written to {path}" if new else "nothing is to be waived")


def report_on(run: Run, job: Job) -> int:
    """Every report that was asked for; the terminal's own unless another one takes standard output. The exit code.

    Of a run that got nowhere the terminal is told in one line, unless its time ended it: it may have seen much by then.
    One report that cannot be written keeps back neither the others nor the verdict, and a standard output that takes
    nothing changes no exit code: the verdict goes to stderr.
    """
    takes_stdout = any(destination.path is None for destination in job.destinations)
    wanted = list(job.destinations)
    is_report = bool(run.results) or (run.verdict.exit_code == INCONCLUSIVE and bool(run.exchanges))
    if run.expected is not None and run.verdict.name == "planned" and not takes_stdout:
        tell("\n".join(lines(run.expected)))
    elif not takes_stdout and is_report:
        wanted.append(Destination("console"))
    if run.leftovers and not job.is_temporary:
        say(f"something was left behind; `conformance cleanup {run.target}` tries again to remove it")
    is_console = any(one.path is None and one.format == "console" for one in wanted)
    verdict, is_told = run.verdict, is_report and is_console
    for destination in wanted:
        if not is_written(replace(run, verdict=verdict), destination, verbose=job.verbose):
            is_told = False
            if destination.path is not None:
                verdict = _without_a_report(run.verdict)
    if not is_told:
        say(verdict_line(verdict))
    return verdict.exit_code


def is_written(run: Run, destination: Destination, *, verbose: bool) -> bool:
    """Write a report; where that cannot be, say so."""
    try:
        report.write(run, destination, ledger.everything().requirements, verbose=verbose)
    except ReportError as error:
        say(str(error))
        return False
    return True


def _without_a_report(verdict: Verdict) -> Verdict:
    """The verdict of a run whose report was lost: that weighs more than what the run found (130 > 70 > 4 > 2 > 1)."""
    code = verdict.exit_code if verdict.exit_code in WEIGHTIER else UNREPORTED
    return replace(verdict, exit_code=code, reason=f"{verdict.reason}; but a report could not be written")


async def until_stopped(job: Job, ask: Ask) -> Run:
    """The run of a job, which the first signal ends early and the second at once."""
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
        if job.settings.wait:
            await awaited(job.settings, job.contract, job.journals, stop)
        watcher = _OnTerminal(stack, is_planned_only=job.settings.plan)
        return await ask(job.settings, journals=job.journals, contract=job.contract, watcher=watcher, stop=stop)


async def awaited(settings: Settings, contract: Contract, journals: Path, stop: asyncio.Event) -> None:
    """Give a deployment the time to start that the settings allow. What it does not do by then, the run will say."""
    from entity_conformance.deployment.waiting import started  # noqa: PLC0415  # for those who ask for it

    say(f"waiting {settings.wait:g} s at most for the deployment to answer")
    if not await started(settings, journals=journals, contract=contract, stop=stop) and not stop.is_set():
        say("it does not answer yet")


@contextmanager
def _interrupts(interrupt: Callable[[], None]) -> Iterator[None]:
    """Have signals call `interrupt` in the event loop."""
    loop = asyncio.get_running_loop()

    def handler(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(interrupt)

    with handled(handler):
        yield


class _OnTerminal(Watcher):
    """Shows progress from the moment when it is known how much there is to do."""

    def __init__(self, stack: ExitStack, *, is_planned_only: bool) -> None:
        self._stack = stack
        self._is_planned_only = is_planned_only
        self._progress: Progress | None = None

    def planned(self, total: int, noun: str = "check") -> None:
        self._stack.close()  # of a run before this one
        self._progress = self._stack.enter_context(Progress(total, noun, stream=sys.stderr))

    def expects(self, expected: Expected) -> None:
        if not self._is_planned_only:
            for line in lines(expected):
                say(line)

    def started(self, requirement: str, entity: str | None) -> None:
        if self._progress is not None:
            self._progress.started(requirement, entity)

    def finished(self, result: Result) -> None:
        if self._progress is not None:
            self._progress.finished(result)

    def sent(self, requests: int) -> None:
        if self._progress is not None:
            self._progress.sent(requests)

    def waits(self, seconds: float, why: str) -> None:
        if self._progress is not None:
            self._progress.waits(seconds, why)
        else:
            say(f"waiting {seconds:.0f} s: {why}")
