"""What a filter's question carries besides its conditions: an order, a page, a field that holds nothing. Pure.

Each is chosen by the places of the records that the question selects, for no further request.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from entity_conformance.oracle.question import Question
from entity_conformance.oracle.satisfying import place_of
from entity_conformance.oracle.values import is_value
from entity_conformance.suite import sample
from entity_conformance.suite.questions.conditions import Designed, Places, Subjects

_ORDERED = ("integer", "number", "date", "datetime", "enum")
"""Types that order alike everywhere, but for where an enum may."""

_TEXTS = ("string", "text")
"""Types of which some values order alike everywhere."""

_CREATED = "createdAt"
_IN_TURN, _LAST_TURN, _FEW, _PAIR = 3, 2, 3, 2


@dataclass(frozen=True, slots=True)
class Cut:
    """A page of an answer, and how many records the whole answer has."""

    page: int
    limit: int
    total: int


def selected(parts: Sequence[Designed], among: Places, *, otherwise: bool = False) -> Places:
    """The places, of these, that all conditions select; where asked, as a deployment selects that decides otherwise."""
    chosen = (one.otherwise if otherwise and one.otherwise is not None else one.selects for one in parts)
    return among.intersection(*chosen)


def orders(of: Subjects, answers: Sequence[Places]) -> Iterator[Question | None]:
    """For each answer an order that it tells, each field in its turn, and one way after the other; others judge it.

    Where no field that a body sets is sorted by, it is the order of creation.
    """
    is_directory, keys = "create" not in of.entity.operations, sample.foreign_keys(of.entity)
    fields = [one for one in of.fields() if one.name in of.entity.sortable and one.name not in keys]
    created = [one for one in of.entity.fields if one.name == _CREATED and one.name in of.entity.sortable]
    created = [one for one in created if all(is_value(one, held[one.name]) for held in of.records)]
    fields = [*(created if is_directory or not fields else ()), *fields]
    fields = [*(one for one in fields if one.type in _ORDERED), *(one for one in fields if one.type in _TEXTS)]
    falls: dict[str, bool] = {}
    for number, places in enumerate(answers):
        values = {field: {of.records[place][field.name] for place in places} - {None} for field in fields}
        held = {field: {place_of(field, one) for one in some} - {None} for field, some in values.items()}
        field = next((one for one in fields if len(held[one]) > 1), None)
        if field is None:
            yield None
            continue
        fields = [*(one for one in fields if one != field), field]
        falls[field.name] = not falls.get(field.name, number % 2 == 0)
        yield Question(of.entity, sort=field.name, order="desc" if falls[field.name] else "asc")


def cuts(
    of: Subjects,
    answers: Sequence[Places | None],
    sorts: Sequence[Question | None],
    mistaken: Sequence[Collection[int]],
) -> Iterator[Cut | None]:
    """The page of each answer: of some the second, of some the first or the last of several, of others all on a page.

    A page that the answer fills tells a total that is another question's. What is on the others, only the order tells.
    One is past the end, where the total alone tells anything: it is none of those `mistaken` that the question's
    conditions would come to where one of them is wrong. An answer is None where deployments may select other records.
    """
    pages, is_past_asked = [2, 1, 2], False
    for place, (places, order, wrong) in enumerate(zip(answers, sorts, mistaken, strict=True)):
        number = len(places or ())
        is_ordered = bool(places) and number > 1 and order is not None and _are_held(of, places or (), order)
        if is_ordered and pages:
            page = pages.pop(0)
            is_midst = page > 1 and number > _FEW  # of three the one in the midst is the same in every direction
            yield Cut(page, limit=(number - 1) // page if is_midst else number - 1, total=number)
        elif is_ordered and place % _IN_TURN == _LAST_TURN:
            yield Cut(2, limit=(number + 1) // 2, total=number) if number > _PAIR else Cut(1, number - 1, number)
        elif number and place % _IN_TURN == 0 and not is_past_asked and number not in wrong:
            is_past_asked = True
            yield Cut(page=2, limit=number, total=number)
        else:
            yield Cut(page=1, limit=number, total=number) if number and place % _IN_TURN == 1 else None


def unset(of: Subjects, places: Places) -> str | None:
    """A field that holds nothing in one of the records at these places."""
    names = [field.name for field in of.entity.fields if field.nullable]
    return next((name for name in names if any(of.records[place].get(name, "") is None for place in places)), None)


def _are_held(of: Subjects, places: Collection[int], order: Question) -> bool:
    """Whether each of these records holds something in the field that they are sorted by: where nulls are is open."""
    return all(of.records[place][order.sort or ""] is not None for place in places)
