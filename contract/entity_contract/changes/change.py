"""One change of the contract, in words that a person who maintains a client understands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """`where` is an operation (`GET /v1/tasks`), a schema (`TaskCreate`) or a field (`TaskCreate.title`).

    `breaking` says that a client, written by hand or generated from the old document, may stop working.
    """

    where: str
    what: str
    breaking: bool

    @property
    def sentence(self) -> str:
        """The line for the CHANGELOG."""
        return f"{self.where}: {self.what}"


def breaking(where: str, what: str) -> Change:
    """A change that breaks clients."""
    return Change(where, what, breaking=True)


def addition(where: str, what: str) -> Change:
    """A change that breaks nobody."""
    return Change(where, what, breaking=False)
