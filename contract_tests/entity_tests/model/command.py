"""`conformance model`: the state machine on a deployment, on the course that every run takes."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from entity_conformance.commands.driver import Job, drive
from entity_conformance.deployment import target
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.blocking import Blocking, in_thread
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.reaching import reach
from entity_conformance.deployment.settings import GENERATED, Misuse, Settings
from entity_conformance.deployment.wire import Transport
from entity_conformance.report.verdict import Outcome, Result, Run
from entity_conformance.suite import course, untold
from entity_conformance.suite.course import Found, Prepared, Watcher
from entity_conformance.suite.passive import DESCRIPTION, ON_EVERY_ANSWER, found_by, watched_by
from entity_conformance.suite.plan import unselected
from entity_conformance.suite.preparation import demand_all_scopes
from entity_conformance.suite.watch import (
    OF_THE_IDENTIFIERS,
    OF_THE_LIMITS,
    OF_THE_STATUSES,
    OF_THE_VALUES,
    OF_THE_WIRE,
)
from entity_contract import Contract, Entity

from entity_tests.model.live import Live
from entity_tests.model.requirements import LEDGER, REQUIREMENTS
from entity_tests.model.results import found_in
from entity_tests.model.running import Exploration, explore
from entity_tests.model.scope import Scope, discover

_EVERY_ANSWER = "model.every-answer"
"""What the machine itself demands of each answer."""

_WATCHED = OF_THE_WIRE | OF_THE_IDENTIFIERS | OF_THE_LIMITS | OF_THE_STATUSES
"""What is judged on every answer, as `run` does, beside the model."""

_SECRETS = frozenset({"auth.credentials-are-not-told", "errors.nothing-leaks"})
_TOLD = {"X-Request-ID": OF_THE_IDENTIFIERS, "X-RateLimit": OF_THE_LIMITS, "": OF_THE_WIRE - _SECRETS}
"""What the machine tells itself of an answer, by the word that begins it, and what need not be told once more."""


def perform(job: Job) -> int:
    """Do what the job says, and return the exit code. Raises Misuse and ReportError."""
    return drive(job, model)


async def model(
    settings: Settings,
    *,
    journals: Path,
    contract: Contract,
    watcher: Watcher | None = None,
    stop: asyncio.Event | None = None,
    transport: Transport | None = None,
) -> Run:
    """Compare a deployment with the model, and remove what that made. Raises Misuse.

    It needs an API key or a session, and the machine always writes.
    """
    left_out = unselected(LEDGER, only=settings.only, skip=settings.skip)
    target.demand_main(settings.given, writes=True)
    if settings.is_read_only:
        hint = "leave that out" if settings.read_only else "let it write and remove records of its own (--allow-writes)"
        raise Misuse(f"the state machine writes, and {settings.why_read_only}", hint=hint)
    settings = replace(settings, max_requests=settings.max_requests or GENERATED)
    prepare = partial(_prepare, settings=settings, left_out=left_out, watcher=watcher or Watcher())
    return await course.run(
        settings, prepare, journals=journals, contract=contract, watcher=watcher, stop=stop, transport=transport
    )


async def _prepare(
    context: RunContext, *, settings: Settings, left_out: Mapping[str, str], watcher: Watcher
) -> Prepared:
    """Find the API, and the entities that can be compared.

    Raises Refused where the key may not write, and Blocked where there is none.
    """
    context.wire.copies = 2  # the machine keeps each answer too
    reached = await reach(context, settings)
    await demand_all_scopes(Api(reached.context, "preparation"))
    if settings.samples:
        tried, rules = await untold.sampled(reached.context)
        reached = replace(reached, context=tried, notes=(*reached.notes, *rules))
    scope = await discover(Api(context, "preparation"), reached)
    context = replace(reached.context, entities=scope.entities)
    profile = course.profile(
        context,
        settings,
        entities=tuple(entity.name for entity in scope.entities),
        out_of_scope=tuple(left_out.items()),
        notes=scope.notes,
    )
    return Prepared(
        context,
        profile,
        partial(
            _work, context, settings, scope, frozenset(REQUIREMENTS) - left_out.keys(), watcher, reached.undescribed
        ),
        left_out=course.left_out(profile, REQUIREMENTS),
    )


async def _work(  # noqa: PLR0917 - what a run is made of
    context: RunContext,
    settings: Settings,
    scope: Scope,
    selected: frozenset[str],
    watcher: Watcher,
    undescribed: tuple[Entity, ...],
    stop: asyncio.Event,
) -> Found:
    """Run the machine in a thread of its own, and say what it found."""
    watcher.planned(context.wire.bounds.max_requests or GENERATED, "request")
    exploration = Exploration()

    def work(blocking: Blocking) -> None:
        deployment = Live(blocking, scope.directory)
        contract = replace(context.contract, entities=scope.entities)
        explore(
            contract,
            lambda: deployment,
            number=settings.seed,
            selected=selected,
            into=exploration,
        )

    await in_thread(context, work, stop)
    found = found_in(exploration, selected, context.wire.log.redactor, strict=settings.strict)
    passive = await found_by(context, settings, undescribed=undescribed)
    results = (*found.results, *passive)
    watched = await watched_by(context, settings, told=_told(results), among=_WATCHED)
    results += _besides(watched, passive, context)
    if context.dialect.is_of_its_own:  # which the machine does not see: it reads what is meant
        results += await watched_by(context, settings, among=OF_THE_VALUES)
    return replace(found, results=results)


def _besides(watched: Iterable[Result], passive: Iterable[Result], context: RunContext) -> tuple[Result, ...]:
    """What was seen on every answer, without what is wrong with an OPTIONS that is told to be none."""
    if all(one.requirement != DESCRIPTION for one in passive):
        return tuple(watched)
    described = {one.id for one in context.wire.log.exchanges() if one.method == "OPTIONS"}
    return tuple(one for one in watched if described.isdisjoint(one.exchanges))


def _told(results: Iterable[Result]) -> frozenset[str]:
    """What is not looked for on every answer, since these results tell it."""
    wrong = [one for one in results if one.outcome >= Outcome.warned]
    own = [one.message or "" for one in wrong if one.requirement == _EVERY_ANSWER]
    others = {one.requirement for one in wrong if one.chapter != "model"}
    words = [next(word for word in _TOLD if message.startswith(word)) for message in own]
    return frozenset(others).union(*(_TOLD[word] for word in words), _TOLD[""] if others & {*ON_EVERY_ANSWER} else ())
