"""What is judged on the answers of a run, whichever command asks: the same checks, over what the others saw."""

import asyncio
from collections.abc import Collection, Hashable, Sequence
from dataclasses import replace

from entity_contract import Entity

from entity_conformance.deployment.account import KEYS
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.reply import Reply
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite import given, ledger
from entity_conformance.suite import run as suite
from entity_conformance.suite.course import Watcher
from entity_conformance.suite.plan import Scope, plan
from entity_conformance.suite.registry import Check
from entity_conformance.suite.runner import Runner
from entity_conformance.suite.watch import passive_checks

ON_EVERY_ANSWER = ("errors.internal-error", "errors.unavailable", "limits.refused-when-spent")
KEY, DESCRIPTION = "keys.created-key-is-shown", "metadata.describes-entity"


async def found_by(
    context: RunContext, settings: Settings, *, undescribed: Sequence[Entity] = ()
) -> tuple[Result, ...]:
    """What these checks found: nothing where all is well, since they test nothing by themselves.

    Where there is no POST /keys, that is found; of `undescribed` entities, that their OPTIONS tells no schema.
    """
    if settings.only:
        return ()
    wanted = {*ON_EVERY_ANSWER}
    described = [(one, reply) for one in undescribed for reply in _known(context, "OPTIONS", one.name)[-1:]]
    for entity, reply in described:
        wanted.add(DESCRIPTION)
        await _arrange(context, ("description", entity.name), reply)
    keys = [reply for reply in _answers(context, "POST", KEYS) if reply.credential == "session"]
    if not any(200 <= reply.status < 300 for reply in keys):
        for reply in [reply for reply in keys if reply.status in given.ABSENT][:1]:
            wanted.add(KEY)
            await _arrange(context, ("key", given.SHOWN), given.Creation({}, reply))
    entities = tuple(entity for entity, _ in described) or context.entities[:1]
    known = {check.requirement: check for check in suite.checks()}
    checks = [replace(known[one], after=(), scopes=frozenset()) for one in wanted]
    return await _found(context, settings, checks, entities)


async def watched_by(
    context: RunContext, settings: Settings, *, told: Collection[str] = (), among: Collection[str] | None = None
) -> tuple[Result, ...]:
    """What all that a run watches found on the answers of another command; nothing where all is well.

    A requirement that is `told` by findings of the command's own is not told once more. `among` are the only ones to
    be looked for, where some are given.
    """
    left_out = {*told, *ON_EVERY_ANSWER}
    known = passive_checks()
    checks = [known[name] for name in known if name not in left_out and (among is None or name in among)]
    return () if settings.only else await _found(context, settings, checks, context.entities)


async def _found(
    context: RunContext, settings: Settings, checks: Sequence[Check], entities: tuple[Entity, ...]
) -> tuple[Result, ...]:
    steps = plan(checks, ledger.load(), Scope(entities, frozenset(), {}))
    found = await Runner(steps, ledger.load(), context, Watcher(), strict=settings.strict).perform(asyncio.Event())
    return tuple(one for one in found.results if one.outcome is Outcome.observed or one.outcome >= Outcome.warned)


def _answers(context: RunContext, method: str, collection: str) -> list[Reply]:
    return [one for one in context.replies if one.method == method and below(one.url, context.base) == (collection,)]


def _known(context: RunContext, method: str, collection: str) -> list[Reply]:
    """The answers to somebody who is known."""
    return [one for one in _answers(context, method, collection) if one.credential != "none" and one.status != 401]


async def _arrange(context: RunContext, name: Hashable, known: object) -> None:
    """Have the check find what was answered already, and ask nothing: the budget may be spent."""

    async def made() -> object:
        return known

    await context.shared.once(name, made, evidence=[])
