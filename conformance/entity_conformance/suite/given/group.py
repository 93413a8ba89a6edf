"""Shared records of one entity, and what is known of them without a question."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from operator import itemgetter
from typing import Any

from entity_contract import Entity

from entity_conformance.deployment.api import Record
from entity_conformance.oracle.question import Question
from entity_conformance.suite.given.moments import moment, step, times
from entity_conformance.suite.given.narrowing import Own
from entity_conformance.suite.sample import Body

_NOTHING, _MICRO = timedelta(), timedelta(microseconds=1)
_UNITS = tuple(_MICRO * 10**digits for digits in range(6, -1, -1))
"""What times may be kept in: a second at the most."""


@dataclass(frozen=True, slots=True)
class Group(Own):
    """Seven records of one entity, which nobody changes any more, with borders for values (`sample.bordering`).

    `title` is the field by which they are told apart, `words` the invented word that only one record's title has,
    `word` the one in all titles, `half_word` the one in some of them, `mark_word` the one in their other texts.
    """

    bodies: tuple[Body, ...]
    title: str
    word: str
    words: tuple[str, ...]
    half_word: str
    mark_word: str
    earlier: tuple[Record, Body] | None = None
    """What one of them was when it was `listed`, and of which body; None where none was changed since."""
    known: tuple[dict[str, Any], ...] = field(init=False, repr=False, compare=False)
    """The records with a value for every field: what was not written is null, but for what the deployment sets."""
    unshown: frozenset[str] = field(init=False, repr=False, compare=False)
    """The fields that some record does not show, though a value was written: nobody knows what is kept there."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", _known(self.entity, self.records, self.bodies))
        object.__setattr__(self, "unshown", _unshown(self.entity, self.records, self.bodies))

    def values(self, field: str) -> list[Any]:
        """What the records hold in a field, in the order in which they were created."""
        return [record.get(field) for record in self.records]

    @property
    def longest(self) -> Record:
        """The record with the longest texts, of those that are what they were when they were listed."""
        changed = self.earlier and self.earlier[0]["id"]
        return max((one for one in self.records if one["id"] != changed), key=lambda record: len(str(record)))

    @property
    def farthest(self) -> Record:
        """The record whose title has most beyond ASCII: some find what they keep only where it is spelled in that."""
        return max(self.records, key=lambda one: sum(not each.isascii() for each in str(one.get(self.title))))

    @property
    def when_listed(self) -> list[tuple[Record, Body]]:
        """Each record as it was when they were `listed`, and of which body."""
        found = list(zip(self.records, self.bodies, strict=True))
        changed = self.earlier and self.earlier[0]["id"]
        return [self.earlier if self.earlier and one["id"] == changed else (one, body) for one, body in found]

    def having(self, field: str, condition: Callable[[Any], bool]) -> list[Record]:
        """The records whose value in a field meets a condition."""
        return [record for record in self.records if condition(record.get(field))]

    def narrowed(self, question: Question) -> Question | None:
        """The question to these records alone, as of any own ones; a search for a word of theirs selects no others."""
        words = {self.word, self.half_word, self.mark_word, *self.words}
        return question if words & set((question.search or "").split()) else Own.narrowed(self, question)

    @property
    def before(self) -> str:
        """A moment before all of them were created."""
        return moment(self.oldest, "createdAt", timedelta(minutes=-1))

    @property
    def later(self) -> str:
        """A moment after all of them were created."""
        return moment(self.newest, "createdAt", timedelta(minutes=1))

    @property
    def soon(self) -> str:
        """A moment right after all of them were created, before one was changed where times are printed finely.

        Borders are judged to the unit that is printed; some print more digits than they keep, which end with noughts.
        """
        kept = [one.microsecond for one in times(self.records)]
        unit = next(one for one in _UNITS if all(part * _MICRO % one == _NOTHING for part in kept))
        return moment(self.newest, "createdAt", 2 * max(unit, step(self.newest)))

    @property
    def oldest(self) -> Record:
        """The record that shows the earliest creation."""
        return self.aged[0]

    @property
    def newest(self) -> Record:
        """The record that shows the latest creation."""
        return self.aged[-1]

    @property
    def aged(self) -> list[Record]:
        """The records by the creation that they show: one server's clock may be behind another's."""
        return [record for _, record in sorted(zip(times(self.records), self.records, strict=True), key=itemgetter(0))]


def _unshown(entity: Entity, records: Iterable[Record], bodies: Iterable[Body]) -> frozenset[str]:
    return frozenset(
        one.name
        for record, body in zip(records, bodies, strict=True)
        for one in entity.fields
        if one.name not in record and body.get(one.name) is not None
    )


def _known(entity: Entity, records: Iterable[Record], bodies: Iterable[Body]) -> tuple[dict[str, Any], ...]:
    own = [one.name for one in entity.fields if not one.generated and one.default is None]
    return tuple(
        {
            one.name: record[one.name]
            if one.name in record and (one.name not in own or body.get(one.name) is not None)
            else body.get(one.name)
            for one in entity.fields
        }
        for record, body in zip(records, bodies, strict=True)
    )
