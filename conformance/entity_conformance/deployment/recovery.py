"""Removes what earlier runs left behind: those that were killed, or could not delete what they made."""

from dataclasses import dataclass
from pathlib import Path

from entity_contract import Contract

from entity_conformance.deployment import target
from entity_conformance.deployment.api import Api, NoAnswer
from entity_conformance.deployment.journal import Left, left_behind
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Leftover, Refused
from entity_conformance.deployment.settings import Settings, base_url
from entity_conformance.deployment.tidy import tidy


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a clean-up did: journals that were followed, those of runs still at work, and what is left."""

    followed: tuple[Path, ...]
    running: tuple[Path, ...]
    removed: int
    leftovers: tuple[Leftover, ...]


async def recover(settings: Settings, journals: Path, contract: Contract) -> Recovered:
    """Follow every journal of the deployment in `journals`; one that leaves nothing is deleted.

    Raises Refused when the deployment cannot be reached or refuses the credentials, Misuse when the URL is none.
    """
    found = left_behind(journals, target=base_url(settings.url))
    running = tuple(left.path for left in found if left.is_running)
    followed = [left for left in found if not left.is_running]
    removed, leftovers = 0, list[Leftover]()
    for left in followed:
        things = len(left.account.outstanding)
        still_there = await _follow(settings, left, contract)
        removed += max(things - len(still_there), 0)
        leftovers += still_there
    return Recovered(tuple(left.path for left in followed), running, removed, tuple(leftovers))


async def _follow(settings: Settings, left: Left, contract: Contract) -> tuple[Leftover, ...]:
    context, _ = opened(settings, left.path.parent, contract, run=left.account.run)
    api = Api(context, "clean-up")
    async with context.wire:
        target.fill(api, settings.given)
        try:
            await target.find(api, "tasks")
            await target.admit(api, "tasks")
        except NoAnswer as problem:
            raise Refused(f"cannot reach {api.base}: {problem.message}") from problem
        still_there = await tidy(context, left.account)
    if not still_there:
        left.path.unlink(missing_ok=True)
    return still_there
