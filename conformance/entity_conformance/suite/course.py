"""What every run has in common, whatever it asks: from a URL to a verdict, and the deployment as it was before.

    Opened       connections and journal are ready, and nothing has been sent
    Prepared     the deployment answers, the credentials are its own, and it is known what can be tested
    Performed    everything that could be asked was asked
    Refused      the run ended before that

A run goes from one to the next. Whichever it got to, what it made is removed, and a verdict follows.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, assert_never

from entity_contract import Contract, rulings

from entity_conformance.deployment import problems
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.journal import Journal
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.opening import opened, removing
from entity_conformance.deployment.problems import Blocked, Leftover, TooLarge
from entity_conformance.deployment.settings import Misuse, Settings
from entity_conformance.deployment.target import fill
from entity_conformance.deployment.tidy import kept_back, left_over, tidy
from entity_conformance.deployment.wire import Transport
from entity_conformance.report import waiving
from entity_conformance.report.expected import Expected
from entity_conformance.report.scoring import scored
from entity_conformance.report.text import duration
from entity_conformance.report.verdict import (
    Circumstances,
    Outcome,
    PlannedCheck,
    Profile,
    Result,
    Run,
    Vocabulary,
    combine,
)
from entity_conformance.suite import frozen as frozen_sets
from entity_conformance.suite.cleaned import with_deletions
from entity_conformance.suite.costs import Costs, counted, named
from entity_conformance.suite.defects import defect_of
from entity_conformance.suite.ledger import Requirement
from entity_conformance.suite.plan import Step
from entity_conformance.suite.stopping import hurrying, over_time, unless_stopped
from entity_conformance.suite.version import suite_version

_STATUS = re.compile(r"\b[1-5][0-9]{2}\b")


class Watcher:
    """Who is told how a run goes. This one lets it pass."""

    def planned(self, total: int, noun: str = "check") -> None:
        """There are so many checks to make, or so many of what the noun says."""

    def started(self, requirement: str, entity: str | None) -> None:
        """A check begins."""

    def finished(self, result: Result) -> None:
        """A check ended."""

    def sent(self, requests: int) -> None:
        """So many requests were sent, all in all."""

    def waits(self, seconds: float, why: str) -> None:
        """Nothing is asked for so long."""

    def expects(self, expected: Expected) -> None:
        """The run is prepared, and this is what it is going to send."""

    def spent(self, costs: Costs) -> None:
        """So many requests were sent, by what they were for; the run has ended."""


@dataclass(frozen=True, slots=True)
class Found:
    """What asking came to: results, `(requirement, choice)` pairs, and what ended it, if anything did.

    `lost` says why the deployment went away, `cut` which limit left too little asked for a verdict, `spent` that the
    user's own budget was used up.
    """

    results: tuple[Result, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    lost: str | None = None
    cut: str | None = None
    spent: str | None = None


Work = Callable[[asyncio.Event], Awaitable[Found]]
"""Asks everything; when the event is set it ends early, with a blocked result for what it did not come to."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Connections and journal are ready, and nothing has been sent."""

    context: RunContext
    profile: Profile


@dataclass(frozen=True, slots=True)
class Prepared:
    """It is known what can be tested, and `work` tests it.

    `left_out` are results of what lies outside the profile, `expected` is what is going to be sent, `caveats` are
    what no report may leave out.
    """

    context: RunContext
    profile: Profile
    work: Work
    plan: tuple[PlannedCheck, ...] = ()
    left_out: tuple[Result, ...] = ()
    expected: Expected | None = None
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Performed:
    """Everything that could be asked was asked, or the run was stopped meanwhile."""

    prepared: Prepared
    found: Found


@dataclass(frozen=True, slots=True)
class Refused:
    """The run ended before it could ask everything; `because` says why, and `at` how far it had come."""

    at: Opened | Prepared
    because: Circumstances


Prepare = Callable[[RunContext], Awaitable[Prepared]]
"""Finds out what can be tested. Raises Refused and NoAnswer where nothing can, Blocked, and Misuse."""


async def run(  # noqa: PLR0913  # what a run is made of, and what tests replace
    settings: Settings,
    prepare: Prepare,
    *,
    journals: Path,
    contract: Contract,
    watcher: Watcher | None = None,
    stop: asyncio.Event | None = None,
    transport: Transport | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Run:
    """Ask a deployment whatever `prepare` says, and remove what that made.

    A deployment that cannot be tested is a Run too, with its verdict. When `stop` is set, or the time of the settings
    is used up, the run ends early, still cleaning up. Raises Misuse when the settings cannot be followed.
    """
    frozen = None if settings.requirements is None else frozen_sets.named(settings.requirements)
    stop, watcher = stop or asyncio.Event(), watcher or Watcher()
    began, started_at = time.monotonic(), datetime.now(UTC)
    context, journal = opened(settings, journals, contract, transport=transport, sleep=sleep)
    wire, latest = context.wire, context
    fill(Api(context, "preparation"), settings.given)  # a run that gets no further is told by them too
    wire.on_wait, wire.on_request = watcher.waits, lambda: watcher.sent(wire.counted.total)
    overdue = None

    async def prepared(opened_: RunContext) -> Prepared:
        nonlocal latest  # cleaning up knows how the entities belong together, where preparing came so far
        ready = await prepare(opened_)
        latest = ready.context
        wire.reserve = lambda credential: kept_back(latest, journal.account, removing(latest.wallet), credential)
        if ready.expected is not None:
            watcher.expects(ready.expected)
        return ready

    async with wire, hurrying(wire, stop):
        wire.ends_in(settings.max_time)
        try:
            async with over_time(stop, wire, settings) as over:
                start = Opened(context, profile(context, settings))
                ended = await _followed(start, prepared, over, is_planned_only=settings.plan)
                if not stop.is_set() and (over.is_set() or wire.is_short_of_time):
                    what = "is used up" if over.is_set() else "ends before the rate limit resets"
                    overdue = f"the run's time of {settings.max_time:g} s {what} (--max-time)"
        finally:
            judged = len(latest.replies)
            leftovers, untidy = await _tidied(latest, journal)
    before, because, results, choices = _told(ended)
    results = with_deletions(results, latest.replies, context.base, judged=judged, strict=settings.strict)
    performed = ended.found.results if isinstance(ended, Performed) else ()
    made = (named(one.requirement, one.entity) for one in performed)
    watcher.spent(counted(context.asked, context.shared.uses, made))
    waited = f", and {duration(wire.waited)} were waited for it" if wire.waited else ""
    if frozen is not None:
        results = scored(results, frozen.levels, strict=settings.strict)
    waivers = waiving.with_new(results, settings.waivers, settings.new_waiver, today=started_at.date())
    results, uses = waiving.waived(results, waivers, today=started_at.date())
    prepared_caveats = before.caveats if isinstance(before, Prepared) else ()
    known = {*before.profile.entities, *(entity.name for entity in context.contract.entities)}
    told_of_waivers = (*waiving.caveats(uses), *waiving.astray(waivers, known))
    caveats = (*settings.caveats, *prepared_caveats, *told_of_waivers)
    because = replace(
        because,
        interrupted=stop.is_set(),
        overdue=overdue,
        limited=wire.limited and f"{wire.limited}{waited}",
        defect=because.defect or untidy,
        leftovers=len(leftovers),
        strict=settings.strict,
        require_full=settings.require_full,
        stale=waiving.stale(uses),
        strict_waivers=settings.strict_waivers,
        caveats=caveats,
        planned=_planned(before) if settings.plan and isinstance(ended, Performed) else None,
    )
    found = Run(
        target=context.base,
        suite_version=suite_version(),
        contract_sha256=context.contract.sha256,
        started_at=started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=round(time.monotonic() - began, 3),
        seed=settings.seed,
        profile=before.profile,
        choices=choices,
        plan=before.plan if isinstance(before, Prepared) else (),
        verdict=combine(results, before.profile, because),
        requests=wire.counted,
        results=results,
        exchanges=wire.log.exchanges(),
        leftovers=leftovers,
        vocabulary=vocabulary(context.contract),
        keys_url=context.spelling.url(f"{context.base}/keys", context.base),
        expected=before.expected if isinstance(before, Prepared) else None,
        waivers=uses,
        caveats=caveats,
        requirement_set=frozen_sets.told(frozen),
    )
    return wire.log.redactor.whole(found)  # whatever the deployment said may be quoted in it


def _planned(at: Opened | Prepared) -> str | None:
    """What a run comes to that was only to be planned; None where there is nothing that it could ask."""
    is_something = isinstance(at, Prepared) and at.expected is not None and at.expected.checks > 0
    return f"planned, profile {at.profile.name}: this run can be made" if is_something else None


def vocabulary(contract: Contract) -> Vocabulary:
    """The contract's own words, as reports know them again."""
    answers = [answer for operation in contract.operations for answer in operation.responses]
    headers = dict.fromkeys(header.name for answer in answers for header in answer.headers)
    decided = (f"{clause.text} {clause.alternatives}" for clause in rulings.load().clauses.values())
    ruled = {int(status) for text in decided for status in _STATUS.findall(text)}
    statuses = {answer.status for answer in answers} | ruled
    return Vocabulary(tuple(contract.errors.codes), tuple(headers), tuple(sorted(statuses)))


async def _followed(
    start: Opened, prepare: Prepare, stop: asyncio.Event, *, is_planned_only: bool
) -> Performed | Refused:
    """From the first request to the last. Raises Misuse."""
    at: Opened | Prepared = start
    try:
        prepared = await unless_stopped(prepare(start.context), stop)
        if prepared is None:
            return Refused(at, Circumstances())
        at = prepared
        return Performed(prepared, Found() if is_planned_only else await prepared.work(stop))
    except Misuse:
        raise
    except (problems.Refused, TooLarge) as refused:
        return Refused(at, Circumstances(refused=refused.reason))
    except NoAnswer as problem:
        return Refused(at, Circumstances(refused=_unanswered(start.context, problem)))
    except Blocked as blocked:
        return Refused(at, Circumstances(unready=blocked.reason))
    except Exception as problem:  # noqa: BLE001  # a defect of the suite has an exit code of its own
        return Refused(at, Circumstances(defect=defect_of(problem) + _last_exchange(start.context)))


def _unanswered(context: RunContext, problem: NoAnswer) -> str:
    """That no answer came, and to which request where others were answered."""
    exchanges = context.wire.log.exchanges()
    failed = next((one for one in exchanges if one.id == problem.exchange), None)
    if failed is None or not any(one.error is None for one in exchanges):
        return f"cannot reach {context.base}: {problem.message}"
    return f"{failed.method} {failed.url} got no answer: {problem.message}"


def _last_exchange(context: RunContext) -> str:
    """What was asked last before a defect showed."""
    last = context.wire.log.last
    if last is None:
        return ""
    return f"; the last exchange was {last.method} {last.url} → {last.came} ({last.id})"


def _told(
    ended: Performed | Refused,
) -> tuple[Opened | Prepared, Circumstances, tuple[Result, ...], tuple[tuple[str, str], ...]]:
    """How far a run came, why it went no further, its results and the choices that it saw."""
    match ended:
        case Performed(prepared, found):
            because = Circumstances(refused=found.lost, cut=found.cut, spent=found.spent)
            return prepared, because, (*found.results, *prepared.left_out), found.choices
        case Refused(Prepared(left_out=left_out) as prepared, because):
            return prepared, because, left_out, ()
        case Refused(at, because):
            return at, because, (), ()
        case _:
            assert_never(ended)


async def _tidied(context: RunContext, journal: Journal) -> tuple[tuple[Leftover, ...], str | None]:
    """What could not be removed, and the defect that kept it from being removed."""
    await context.shared.close()  # whoever asked for it was stopped; what it still made would stay behind
    try:
        return await tidy(context, journal.account), None
    except Exception as problem:  # noqa: BLE001  # the verdict must come, whatever cleaning up meets
        return left_over(journal.account), f"cleaning up: {defect_of(problem)}"
    finally:
        journal.close()


def profile(context: RunContext, settings: Settings, *, lacking: Sequence[str] = (), **facts: Any) -> Profile:  # noqa: ANN401
    """The profile of a run, named by its credentials; `lacking` are scopes of the API key, `facts` its other members.

    It is `full` with everything that a user can give; else what was given, and how the run was narrowed.
    """
    key = f"api-key without {' and '.join(lacking)}" if lacking else "api-key"
    names = {"api_key": "read-key" if context.wallet.only_reads else key, "session": "session"}
    names["other_api_key"] = "other-api-key"
    held = {*context.wallet.names, *(row.name for row, _ in settings.given)}  # one may have been withdrawn
    given = [word for name, word in names.items() if name in held]
    whole = "full" if len(given) == len(names) and not lacking else " + ".join(given) or "public"
    narrowed = bool(settings.only or settings.skip or (settings.entities and not settings.smoke))
    limits = [
        word
        for word, holds in (("read-only", context.is_read_only), ("smoke", settings.smoke), ("selected", narrowed))
        if holds
    ]
    known = {"capabilities": (), "entities": (), **facts}
    return Profile(name=", ".join([whole, *limits]), credentials=context.wallet.names, **known)


def left_out(
    profile: Profile, requirements: Mapping[str, Requirement], elsewhere: Sequence[tuple[Step, str]] = ()
) -> tuple[Result, ...]:
    """A result for each requirement outside of the profile, so that nothing is passed over in silence.

    So has each step that was left out of a requirement that is judged `elsewhere`.
    """
    steps = ((step.check.requirement, step.entity.name if step.entity else None, why) for step, why in elsewhere)
    return tuple(
        Result(
            requirement=requirement,
            chapter=requirements[requirement].chapter,
            level=requirements[requirement].level,
            entity=entity,
            outcome=Outcome.skipped,
            message=reason,
        )
        for requirement, entity, reason in (*((name, None, why) for name, why in profile.out_of_scope), *steps)
    )
