"""The suite: every chapter's checks, and `run`, which takes a deployment from its URL to a verdict.

`run` is a library function too: it prints nothing, reads no environment and installs no signal handler.

    performed = await suite.run(Settings("http://127.0.0.1:5173", Given(api_key="...")), journals=folder)
    assert performed.verdict.exit_code == 0
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import entity_contract as contracts
import httpx
from entity_contract import Contract

from entity_conformance.deployment.api import NoAnswer, RunContext
from entity_conformance.deployment.journal import Journal
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Blocked, Leftover, Refused
from entity_conformance.deployment.settings import Misuse, Settings
from entity_conformance.deployment.tidy import left_over, tidy
from entity_conformance.report.verdict import Circumstances, Outcome, Profile, Result, Run, combine
from entity_conformance.suite import ledger as ledgers
from entity_conformance.suite.checks import (
    authentication,
    creating,
    dates,
    deleting,
    errors,
    filtering,
    generation,
    health,
    keys,
    listing,
    metadata,
    rate_limits,
    reading,
    searching,
    selection,
    sorting,
    updating,
)
from entity_conformance.suite.ledger import Ledger
from entity_conformance.suite.plan import Plan, plan
from entity_conformance.suite.plan import selection as selected
from entity_conformance.suite.preparation import Prepared, prepare
from entity_conformance.suite.registry import Check
from entity_conformance.suite.runner import Performed, Runner, Watcher, defect_of
from entity_conformance.suite.version import suite_version

CHAPTERS = (
    authentication,
    listing,
    filtering,
    sorting,
    searching,
    selection,
    dates,
    creating,
    reading,
    updating,
    deleting,
    metadata,
    errors,
    rate_limits,
    keys,
    generation,
    health,
)

Came = TypeVar("Came")


class Unwatched:
    """Nobody is told how a run goes."""

    def planned(self, checks: int) -> None:
        """The checks are about to begin."""

    def started(self, requirement: str, entity: str | None) -> None:
        """A check begins."""

    def finished(self, result: Result) -> None:
        """A check ended."""


class _Interrupted(Exception):  # noqa: N818  # the user's wish, not an error
    """The run was stopped before its first check."""


def checks() -> tuple[Check, ...]:
    """Every check of the suite, in the chapters' order."""
    return tuple(check for chapter in CHAPTERS for check in chapter.chapter.checks)


async def run(  # noqa: PLR0913  # what a test or another program may put in place of the suite's own
    settings: Settings,
    *,
    journals: Path,
    contract: Contract | None = None,
    proofs: Sequence[Check] | None = None,
    ledger: Ledger | None = None,
    watcher: Watcher | None = None,
    stop: asyncio.Event | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Run:
    """Test a deployment and remove what that made. Journals of what is created are kept in the folder `journals`.

    A deployment that cannot be tested is a Run too, with its verdict. When `stop` is set the run ends early, still
    cleaning up. Raises Misuse when the settings cannot be followed, ContractError when the contract cannot be read.
    """
    ledger = ledger or ledgers.load()
    selected(ledger, only=settings.only, skip=settings.skip)
    context, journal = opened(settings, journals, contract or contracts.load(), transport=transport, sleep=sleep)
    course = _Course(settings, context, ledger, proofs or checks(), watcher or Unwatched(), stop or asyncio.Event())
    async with context.wire:
        try:
            await course.follow()
        finally:
            course.leftovers = await _cleaned_up(course, journal)
    return course.told()


class _Course:
    """A run under way: what it has found so far."""

    def __init__(  # noqa: PLR0913, PLR0917  # all that a run is made of
        self,
        settings: Settings,
        context: RunContext,
        ledger: Ledger,
        proofs: Sequence[Check],
        watcher: Watcher,
        stop: asyncio.Event,
    ) -> None:
        self.settings = settings
        self.context = context
        self.leftovers: tuple[Leftover, ...] = ()
        self.refused: str | None = None
        self.defect: str | None = None
        self._ledger, self._proofs, self._watcher, self._stop = ledger, proofs, watcher, stop
        self._began, self._started_at = time.monotonic(), datetime.now(UTC)
        self._prepared: Prepared | None = None
        self._plan = Plan((), (), ())
        self._performed = Performed((), (), None, was_interrupted=False)
        self._unready: str | None = None

    async def follow(self) -> None:
        """From the first request to the last check. Raises Misuse."""
        try:
            self._prepared = await self._unless_stopped(prepare(self.context, self.settings))
            self._plan = plan(self._proofs, self._ledger, self._prepared.scope)
            self._watcher.planned(len(self._plan.steps))
            runner = Runner(
                self._plan,
                self._ledger,
                self._prepared.context,
                self._watcher,
                concurrency=self.settings.concurrency,
                strict=self.settings.strict,
            )
            self._performed = await runner.perform(self._stop)
            self.refused = self._performed.lost
        except _Interrupted:
            pass
        except Misuse:
            raise
        except Refused as refused:
            self.refused = refused.reason
        except NoAnswer as problem:
            self.refused = f"cannot reach {self.context.base}: {problem.message}"
        except Blocked as blocked:
            self._unready = blocked.reason
        except Exception as problem:  # noqa: BLE001  # a defect of the suite has an exit code of its own
            self.defect = defect_of(problem)

    def told(self) -> Run:
        """The run as its reports tell it."""
        profile = self._profile()
        results = (*self._performed.results, *self._left_out(profile))
        circumstances = Circumstances(
            interrupted=self._stop.is_set(),
            defect=None if self.defect is None else self.context.wire.log.redactor.answer(self.defect),
            refused=self.refused,
            unready=self._unready,
            leftovers=len(self.leftovers),
            strict=self.settings.strict,
            require_full=self.settings.require_full,
        )
        return Run(
            target=self.context.base,
            suite_version=suite_version(),
            contract_sha256=self.context.contract.sha256,
            started_at=self._started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=round(time.monotonic() - self._began, 3),
            seed=self.settings.seed,
            profile=profile,
            choices=self._performed.choices,
            plan=self._plan.outline,
            verdict=combine(results, profile, circumstances),
            requests=self.context.wire.counted,
            results=results,
            exchanges=self.context.wire.log.exchanges(),
            leftovers=self.leftovers,
        )

    def _profile(self) -> Profile:
        prepared = self._prepared
        return Profile(
            name=_profile_name(self.context, self.settings, () if prepared is None else prepared.scope.lacking),
            credentials=self.context.wallet.names,
            capabilities=() if prepared is None else prepared.capabilities,
            entities=() if prepared is None else tuple(entity.name for entity in prepared.scope.entities),
            out_of_scope=self._plan.out_of_scope,
            opt_in=self._plan.opt_in,
            notes=() if prepared is None else prepared.notes,
        )

    def _left_out(self, profile: Profile) -> tuple[Result, ...]:
        """A result for each requirement outside of the profile, so that nothing is passed over in silence."""
        requirements = self._ledger.requirements
        return tuple(
            Result(
                requirement=requirement,
                chapter=requirements[requirement].chapter,
                level=requirements[requirement].level,
                entity=None,
                outcome=Outcome.skipped,
                message=reason,
            )
            for requirement, reason in profile.out_of_scope
        )

    async def _unless_stopped(self, work: Awaitable[Came]) -> Came:
        """What `work` gives. Raises _Interrupted when the run is stopped before it is done."""
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            awaited: set[asyncio.Future[Any]] = {task, stopped}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise _Interrupted
            return task.result()
        finally:
            stopped.cancel()
            task.cancel()
            await asyncio.gather(task, stopped, return_exceptions=True)


async def _cleaned_up(course: _Course, journal: Journal) -> tuple[Leftover, ...]:
    try:
        return await tidy(course.context, journal.account)
    except Exception as problem:  # noqa: BLE001  # the verdict must come, whatever cleaning up meets
        course.defect = course.defect or f"cleaning up: {defect_of(problem)}"
        return left_over(journal.account)
    finally:
        journal.close()


def _profile_name(context: RunContext, settings: Settings, lacking: Sequence[str]) -> str:
    """`full` with everything that a user can give; else what was given, and how the run was narrowed."""
    key = f"api-key without {' and '.join(lacking)}" if lacking else "api-key"
    names = {"api_key": "read-key" if settings.given.get("api_key") is None else key, "session": "session"}
    names["other_api_key"] = "other-api-key"
    given = [word for name, word in names.items() if name in context.wallet.names]
    whole = "full" if len(given) == len(names) and not lacking else " + ".join(given) or "public"
    narrowed = bool(settings.only or settings.skip or settings.entities)
    limits = [word for word, holds in (("read-only", context.is_read_only), ("selected", narrowed)) if holds]
    return ", ".join([whole, *limits])
