"""Removes what earlier runs left behind: those that were killed, or could not delete what they made."""

from dataclasses import dataclass
from pathlib import Path

from entity_contract import Contract

from entity_conformance.deployment import target
from entity_conformance.deployment.api import Api, NoAnswer
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.journal import Journal, left_behind
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Leftover, Refused
from entity_conformance.deployment.settings import Settings
from entity_conformance.deployment.tidy import Tidied, cleared
from entity_conformance.deployment.unreachable import unreachable


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a clean-up did.

    `followed` are journals, `kept` those of them that stay because something may be left, `running` those of runs still
    at work. `gone` counts what was not there any more. `elsewhere` are deployments of journals that were not followed,
    and can be this one under another name, `unread` journals that cannot be followed, and why.
    """

    followed: tuple[Path, ...]
    running: tuple[Path, ...]
    removed: int = 0
    gone: int = 0
    leftovers: tuple[Leftover, ...] = ()
    kept: tuple[Path, ...] = ()
    elsewhere: tuple[str, ...] = ()
    unread: tuple[tuple[Path, str], ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether no journal of the deployment is left."""
        return not (self.kept or self.running or self.elsewhere or self.unread)


async def recover(settings: Settings, journals: Path, contract: Contract) -> Recovered:
    """Follow every journal of the deployment in `journals`; one that leaves nothing is deleted.

    Raises Refused when the deployment cannot be reached or refuses the credentials, Misuse when the URL is none.
    """
    left = left_behind(journals, target=settings.url)
    try:
        done = [await _follow(settings, journal, contract) for journal in left.journals]
        kept = tuple(journal.path for journal in left.journals if not journal.account.is_settled)
    finally:
        for journal in left.journals:
            journal.close()
    return Recovered(
        followed=tuple(journal.path for journal in left.journals),
        running=left.running,
        removed=sum(each.removed for each in done),
        gone=sum(each.gone for each in done),
        leftovers=tuple(leftover for each in done for leftover in each.leftovers),
        kept=kept,
        elsewhere=left.elsewhere,
        unread=left.unread,
    )


async def _follow(settings: Settings, journal: Journal, contract: Contract) -> Tidied:
    context, _ = opened(settings, journal.path.parent, contract, journal=journal)
    api = Api(context, "clean-up")
    async with context.wire:
        target.fill(api, settings.given)
        try:
            await target.find(api, "tasks", settings)
            await target.admit(api, "tasks")
        except NoAnswer as problem:
            raise Refused(await unreachable(api.base, problem, context.wire, settings)) from problem
        return await cleared(context, journal.account, proven=_proven(settings, journal))


def _proven(settings: Settings, journal: Journal) -> list[CredentialName]:
    """The credentials that the run had too, for the same user."""
    known = journal.account.fingerprints
    return [row.name for row, secret in settings.given if known.has(row.user, secret.value)]
