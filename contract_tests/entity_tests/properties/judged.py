"""What is judged, and how a table says so: an answer with its request, a row for each situation.

Pure values; the tables are those of `levels`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from entity_contract.rulings import Level

from entity_tests.properties.refusals import Sent, level_of


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with a request: `place` is `query` or `body`, `rule` the schema keyword it breaks.

    `name` is the parameter or the body's member, empty for the body as a whole.
    """

    place: str
    name: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer with its request. `wrong` is what the request did wrong, by the contract's schemas.

    `code` is the answer's, None where that is none of the reference's: then others judge it. `in_use` names the body's
    texts that a record had before, which may have to be unique.
    """

    sent: Sent
    method: str
    status: int
    answer: Mapping[str, object]
    wrong: tuple[Wrong, ...] = ()
    code: str | None = None
    in_use: frozenset[str] = frozenset()

    @property
    def data(self) -> Mapping[str, object]:
        """The record in the answer; empty where there is none."""
        data = self.answer.get("data")
        return data if isinstance(data, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A level, and the clause of the rulings that it comes from; empty where none is about it."""

    level: Level
    ruling: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; `about` says in words which situation. A clause that `admits` it is kept, not broken."""

    about: str
    ruling: str
    applies: Callable[[Judged], bool]
    admits: bool = False

    @property
    def judgement(self) -> Judgement:
        """What the row says of a failure."""
        return Judgement("choice" if self.admits else level_of(self.ruling), self.ruling)


@dataclass(frozen=True, slots=True)
class WrongRow:
    """One row about one thing that was wrong with an accepted request."""

    about: str
    ruling: str
    applies: Callable[[Judged, Wrong], bool]
    admits: bool = False

    @property
    def judgement(self) -> Judgement:
        """What the row says of an accepted request."""
        return Judgement("choice" if self.admits else level_of(self.ruling), self.ruling)
