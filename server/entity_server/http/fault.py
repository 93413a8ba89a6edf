"""A fault as a value: how a server is made wrong on purpose.

It stands here, and not with the faults, so that a server that is right need not load them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from entity_server.http.exchange import Incoming
from entity_server.http.services import Around, Outgoing, Services

Compose = Callable[[Services], Services]


@dataclass(frozen=True, slots=True)
class Acts:
    """What a fault does, in the places where it may act."""

    services: Compose | None = None
    around: Around | None = None
    outgoing: Outgoing | None = None
    incoming: Incoming | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `breaks` is the id of the requirement that it violates; `acts` is what it does.

    `ruling` is the clause of the rulings that it breaks, where the requirement rests on several. A fault that remembers
    something has a `begin` as well, so that each server has a memory of its own.
    """

    id: str
    breaks: str
    summary: str
    ruling: str | None = None
    acts: Acts = Acts()
    begin: Callable[[], Acts] | None = None

    def begun(self) -> "Fault":
        """The fault as one server has it."""
        return self if self.begin is None else replace(self, acts=self.begin())


class UnknownFault(Exception):  # noqa: N818 - named for what is wrong
    """No fault has that id. `near` are those with similar ids."""

    def __init__(self, id: str, near: tuple[str, ...]) -> None:  # noqa: A002 - a fault's own word
        hint = f"did you mean {' or '.join(near)}?" if near else "`reference-server faults` lists them all"
        super().__init__(f"there is no fault {id!r}; {hint}")
        self.near = near
