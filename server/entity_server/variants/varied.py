"""A server that takes other choices than the reference server: what is asked for, put together once at its start."""

from collections.abc import Mapping
from dataclasses import dataclass

from entity_contract import Contract

from entity_server.http.exchange import Answering
from entity_server.http.fault import Fault
from entity_server.settings import Settings
from entity_server.variants import document
from entity_server.variants.altered import altered
from entity_server.variants.choosing import Chosen, chosen

_MEMBERS = "E2.extra-members"


@dataclass(frozen=True, slots=True)
class Varied:
    """What a server does otherwise, in each place where it has to be known."""

    chosen: Chosen

    @property
    def acts(self) -> tuple[Fault, ...]:
        """What it does behind the judgement of its answers, in the places of a fault."""
        return tuple(fault for one in self.chosen.variants for fault in one.acts)

    def own_contract(self, contract: Contract) -> Contract:
        """The contract that it goes by."""
        changes = [one.document for one in self.chosen.variants if one.document is not None]
        return document.own_contract(contract, changes)

    def shown_contract(self, contract: Contract) -> Contract:
        """The contract that it shows, by which its answers are valid."""
        return document.shown_contract(contract, self.chosen.variants)

    def in_front_of(self, answering: Answering) -> Answering:
        """The server, with what acts on the wire."""
        return altered(answering, self.chosen.variants)

    def shows(self) -> tuple[bool, bool]:
        """What clients meet here: a choice that is not the reference server's own, and members that were added."""
        taken = {clause: alternative for one in self.chosen.variants for clause, alternative in one.takes.items()}
        added = taken.pop(_MEMBERS, None) is not None
        return bool(taken), added

    def told(self) -> Mapping[str, str]:
        """The choices for the credentials file."""
        return self.chosen.told()

    def announced(self) -> str:
        """The choices for the person at the terminal."""
        told = self.chosen.told()
        drawn = f" (--choices random --seed {told['seed']})" if "seed" in told else ""
        return f"other choices{drawn}: {told['variants'] or 'none'}"


def varied(settings: Settings) -> Varied:
    """What was asked for. Raises UnusableSetting."""
    return Varied(chosen(settings.choices, settings.variants, seed=settings.seed, https=_is_https(settings)))


def _is_https(settings: Settings) -> bool:
    return bool(getattr(settings, "tls", False) or getattr(settings, "tls_cert", None))
