"""What is judged on every answer of a run, whichever command asks: the same checks, over what the others saw."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from entity_contract import Entity

from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite import ledger
from entity_conformance.suite import run as suite
from entity_conformance.suite.course import Watcher
from entity_conformance.suite.plan import Scope, plan
from entity_conformance.suite.runner import Runner

ON_EVERY_ANSWER = ("errors.internal-error", "errors.unavailable", "limits.refused-when-spent")
DESCRIPTION = "metadata.describes-entity"


async def found_by(
    context: RunContext, settings: Settings, *, undescribed: Sequence[Entity] = ()
) -> tuple[Result, ...]:
    """What these checks found: nothing where all is well, since they test nothing by themselves.

    Of `undescribed` entities, whose OPTIONS tells no schema, it is found that it does not.
    """
    if settings.only:
        return ()
    wanted = (*ON_EVERY_ANSWER, *([DESCRIPTION] if undescribed else []))
    checks = [replace(check, after=(), scopes=frozenset()) for check in suite.checks() if check.requirement in wanted]
    steps = plan(checks, ledger.load(), Scope(tuple(undescribed), frozenset(), {}))
    runner = Runner(steps, ledger.load(), context, Watcher(), strict=settings.strict)
    found = await runner.perform(asyncio.Event())
    return tuple(one for one in found.results if one.outcome is Outcome.observed or one.outcome >= Outcome.warned)
