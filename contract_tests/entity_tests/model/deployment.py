"""A deployment as the machine needs it, and what is known of it from the sequences before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol

from entity_conformance.oracle.messages import Answer, Caller, Request
from entity_conformance.oracle.records import Record
from entity_contract import Entity

TICK = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
PAUSES = (timedelta(0), TICK, SECOND, timedelta(hours=7), timedelta(days=1))


class Ended(BaseException):
    """The run is over, and nothing more is sent; `reason` says why, `by` whether the run's own budget ended it.

    A limit ended it where anything else that was waited for could not be had; `lost` is a deployment that answers no
    more. No Exception, so that Hypothesis takes it for no failure.
    """

    def __init__(self, reason: str, by: Literal["budget", "limit", "stop", "lost"]) -> None:
        super().__init__(reason)
        self.reason, self.by = reason, by


@dataclass(slots=True)
class Aside:
    """What is known to differ, and set aside from then on, so that a run meets what lies behind.

    `broken` are parts of questions that do not work together, `always` the differences that every answer shows (by
    requirement and what they are about), `accepted` the clauses whose mistakes are accepted or
    crash, `unmade` the entities of which no record can be had, `untold` how often one was refused, perhaps for a rule,
    before any was made, `ruled` those of which none was made for that. `works` are the query parameters that were seen
    to work: only of these it is asked whether a bad value is refused. `narrowings` say by entity how lists are
    narrowed, `silences` how many requests were not answered. `misread` are the entities whose READ told otherwise than
    what was kept, `unkept` the fields of an entity that were not kept as a write said.
    """

    broken: dict[frozenset[str], None] = field(default_factory=dict)
    always: set[tuple[str, str]] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    unmade: set[str] = field(default_factory=set)
    untold: Counter[str] = field(default_factory=Counter)
    ruled: set[str] = field(default_factory=set)
    works: set[str] = field(default_factory=set)
    narrowings: dict[str, str] = field(default_factory=dict)
    silences: int = 0
    misread: set[str] = field(default_factory=set)
    unkept: set[tuple[str, frozenset[str]]] = field(default_factory=set)


class Deployment(Protocol):
    """A deployment as the machine needs it. Every method that sends raises Ended when nothing more may be sent.

    `exact` says that it holds nothing but what the machine writes, and decides every point as the rulings do.
    With `mark` in a text a record is known as this run's.
    `aside` is what is known of it from the sequences before.
    """

    exact: bool
    mark: str | None
    callers: tuple[Caller, ...]
    aside: "Aside"

    @property
    def directory(self) -> tuple[Record, ...]:
        """The users that records may refer to."""

    def send(self, request: Request, *, pause: timedelta = TICK) -> Answer:
        """The answer to a request. A deployment whose clock can be moved moves it on by `pause` first."""

    def rest(self) -> None:
        """Send nothing for a while, in which what is late may come."""

    def invent(self, record_id: str) -> None:
        """From now on requests may name this id, which no record has."""

    def is_vacant(self, entity: Entity, record_id: str) -> bool:
        """Whether nobody is known to have an id, so that it may be written to. READ may be asked for that."""

    def narrowing(self, entity: Entity, records: Sequence[Record]) -> str:
        """The parameter that selects these records and no others, by which the list can be narrowed; else empty."""
