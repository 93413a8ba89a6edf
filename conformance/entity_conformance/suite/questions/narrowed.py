"""Parameters that leave some of a group's records: a moment between their creations, and a word.

A question of other things carries them, so that each entity is asked about them, for no further request.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta, timezone

from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.oracle.times import elsewhere, instant
from entity_conformance.suite import given, sample
from entity_conformance.suite.given import Group

_MINUTE = timedelta(minutes=1)
_EAST, _WEST = timezone(timedelta(hours=9)), timezone(timedelta(hours=-7))
_BLANKS = (" ", "", "\t ")
"""Searches for nothing."""
_BETWEEN = ("", " ", "\t")
"""What stands between two words besides a blank: each entity with several pages has some of them."""
_SOME, _MANY = 6, 20
"""Questions of an entity that others come after, and that a thorough run alone asks more than."""
_WORD = re.compile(r"\b[a-z]{4,20}\b")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Parameters, and the places of the records that they leave."""

    asked: Question
    places: frozenset[int]


def narrowings(of: Group) -> tuple[tuple[Narrowing, ...], ...]:
    """A start, a range and a search, each with its alternatives, that leave some of the records and not all.

    Of records that nobody made the search comes before the range: no other question searches them.
    """
    kinds = (_started(of), _ended(of), _searched(of)) if of.word else (_started(of), _told(of), _ended(of))
    return tuple(tuple(one for one in kind if 0 < len(one.places) < len(of.records)) for kind in kinds)


def wide(of: Group, turn: int, *, of_pages: bool = False, is_narrowed: bool = False) -> Question:
    """Parameters that leave all of the group's records, by turns others: each two of them stand together sometimes.

    A search may be blank, which is none, and a date the whole of a day. A question that `is_narrowed` by dates has no
    blank search, so that they are asked about without one too.

    What is `of_pages` has them all, so that links from one to the next keep them, and the blank between words.
    """
    found = Question(of.entity)
    if of.word and sample.title_is_searchable(of.entity):
        blank = _BLANKS[turn // 3 % len(_BLANKS)] if turn % 3 == 1 and not is_narrowed else None
        word = of.word if turn % 3 == 0 else blank
        found = replace(found, search=f"{of.word} {_BETWEEN[turn % 3]}{of.word}" if of_pages else word)
    with suppress(Blocked, OutOfProfile):
        _demand_times(of)
        start = of.before if of_pages or turn % 4 in (1, 2) else None
        end = of.later if of_pages or turn % 4 in (2, 3) else None
        if of.word and not of_pages and turn % 4 != 2:  # together they are moments
            start, end = (one and one[: len("2025-01-15")] for one in (start, end))
        found = replace(found, start=start, end=end)
    if of_pages or turn % 5 in (1, 3):
        found = replace(found, include=tuple(one.name for one in of.entity.includable))
    updated = of.entity.field("updatedAt")
    is_told = updated is not None and updated.type == "datetime"
    orders = [of.title, *(["updatedAt"] if is_told else [])]
    if turn >= _MANY or (turn >= _SOME and turn % 2):  # of so many questions some tell that each order loses nothing
        orders = [one.name for one in of.entity.fields]
    orders = [name for name in orders if of.word and name in of.entity.sortable]
    if orders:  # in which order titles are, no collation tells otherwise
        found = replace(found, sort=orders[turn // 2 % len(orders)], order=("desc", "asc", None)[turn % 7 % 3])
    return found


def _demand_times(of: Group) -> None:
    """Raises OutOfProfile where records tell no moment of their creation, as the deployment describes it."""
    field = of.entity.field("createdAt")
    if field is None or field.type != "datetime":
        raise OutOfProfile(f"{of.entity.name} tells no moment of creation")


def _started(of: Group) -> Iterator[Narrowing]:
    for cut in _cuts(of):
        start = cut.oldest if cut.moment is None else _elsewhere(cut.moment, _WEST)
        yield Narrowing(Question(of.entity, start=start), cut.later)


def _ended(of: Group) -> Iterator[Narrowing]:
    everything = frozenset(range(len(of.records)))
    for cut in _cuts(of):
        start, end = (_elsewhere(one, _EAST) for one in (cut.oldest, cut.moment or cut.newest))
        yield Narrowing(Question(of.entity, start=start, end=end), everything - cut.later)


def _elsewhere(text: str, zone: timezone) -> str:
    """The same moment as somebody writes it on whose calendar it may be another day."""
    return elsewhere(instant(text), zone).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class _Cut:
    """A moment between the creations of two records, None where they are too close to tell, and who is later.

    `oldest` and `newest` are moments before and after all of them.
    """

    moment: str | None
    later: frozenset[int]
    oldest: str
    newest: str


def _cuts(of: Group) -> Iterator[_Cut]:
    with suppress(Blocked, OutOfProfile):
        _demand_times(of)
        times = given.times(of.records)
        order = sorted(range(len(times)), key=lambda place: (times[place], place))
        first, last = of.records[order[0]], of.records[order[-1]]
        around = given.moment(first, "createdAt", -_MINUTE), given.moment(last, "createdAt", _MINUTE)
        for place in (one for one in sample.LATER if one < len(order)):
            before, after = of.records[order[place - 1]], order[place:]
            apart = times[order[place]] - times[order[place - 1]]
            is_told = apart > 2 * max(given.step(before), given.step(of.records[order[place]]))
            yield _Cut(given.moment(before, "createdAt", apart / 2) if is_told else None, frozenset(after), *around)


def _searched(of: Group) -> Iterator[Narrowing]:
    """Of two words all records have the first, and some the second."""
    if sample.title_is_searchable(of.entity):
        yield _search(of, f"{of.word} {of.half_word}")


def _told(of: Group) -> Iterator[Narrowing]:
    """A word of a record that somebody else made: of plain letters, as long as no index passes over.

    Who has it in a title has it there as a whole word, and nobody has it elsewhere, so that it is all one where a
    deployment looks for it.
    """
    if of.title in of.entity.searchable:
        titles = [set(_WORD.findall(str(one).lower())) for one in of.values(of.title)]
        texts = [str(one).lower() for one in of.known]
        for word in dict.fromkeys(one for words in titles for one in sorted(words)):
            if all((word in text) is (word in words) for text, words in zip(texts, titles, strict=True)):
                yield _search(of, word)


def _search(of: Group, words: str) -> Narrowing:
    asked = Question(of.entity, search=words)
    found = {one["id"] for one in answers.selected(of.known, asked, DECIDED)}
    return Narrowing(asked, frozenset(place for place, one in enumerate(of.known) if one["id"] in found))
