"""Orders: the records of a list are in the one that was asked for, and the field to sort by is taken."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from entity_contract import Field

from entity_conformance.oracle import satisfying
from entity_conformance.oracle.history import History
from entity_conformance.oracle.lists import Listed, Lists
from entity_conformance.oracle.values import is_value
from entity_conformance.suite.watch.asked import COMBINED, FEW, Finding, difference, lies_beside, understood
from entity_conformance.suite.watch.refused import refused_orders

SORTS = {
    "integer": "sort.integers", "number": "sort.numbers", "date": "sort.dates", "datetime": "sort.datetimes",
    "string": "sort.text", "text": "sort.text", "boolean": "sort.numbers",
}  # fmt: skip


def refused_by_their_order(history: History) -> Iterator[Finding]:
    """Lists that were refused for the field to sort by, which counts for its type."""
    for name, listed, problem in refused_orders(history.lists, history.contract):
        field = listed.entity.field(name)
        if field is not None and field.type in SORTS:
            yield SORTS[field.type], listed, problem


def in_order(lists: Lists) -> Iterator[Finding]:
    """The records are in the order asked for, beside other parameters too.

    Where only one type falls wrongly, it is that type's.
    Where only what has a certain other parameter is out of order, and the same field is in order without it, that is
    no fault of any type of field.
    """
    found = list(_ordered(lists))
    wrong = [listed for _, listed, problem in found if problem is not None]
    fields = {_sort_of(one) for one in wrong}
    right = [
        listed
        for _, listed, problem in found
        if problem is None and len(listed.records) > FEW and _sort_of(listed) in fields
    ]
    is_beside = lies_beside(wrong, right)
    rising = {requirement for requirement, _, problem in found if problem is not None}
    falls = len({_type_of(one) for one in wrong}) == 1 and any(
        requirement == "sort.descending" and problem is None and len(listed.records) > FEW
        for requirement, listed, problem in found
    )
    for requirement, listed, problem in found:
        usual = SORTS.get(_type_of(listed), requirement) if requirement == "sort.descending" else requirement
        told = usual if usual in rising or falls else requirement
        yield (COMBINED if is_beside else told) if problem is not None else requirement, listed, problem


def _sort_of(listed: Listed) -> tuple[str, str | None]:
    return listed.entity.name, None if listed.question is None else listed.question.sort


def _type_of(listed: Listed) -> str:
    """The type of the field that a list is sorted by."""
    field = None if listed.question is None else listed.entity.field(listed.question.sort or "")
    return "" if field is None else field.type


def _ordered(lists: Lists) -> Iterator[Finding]:
    """Each list in its order; where a deployment may choose, it keeps to what it chose."""
    nulls: set[str] = {"largest", "smallest", "last", "first"}
    enums: set[str] = {"declared", "alphabetical"}
    booleans: set[str] = {"false first", "true first"}
    by_nulls: list[Listed] = []
    by_types: dict[str, list[Listed]] = {"enum": [], "boolean": []}
    for listed, question in understood(lists):
        field = None if question.sort is None else listed.entity.field(question.sort)
        if field is None or not all(field.name in one and is_value(field, one[field.name]) for one in listed.records):
            continue
        values, falls = [one[field.name] for one in listed.records], question.order == "desc"
        held = [one for one in values if one is not None]
        if len(held) < len(values) and held and _orders(field, held, falls=falls):
            kept = nulls & _places_of_nulls(values, falls=falls)
            message = f"what holds no {field.name} is not where it is in other lists"
            yield (
                "sort.nulls",
                listed,
                None if kept else difference(listed, message, " or ".join(sorted(nulls)), values, beside=by_nulls),
            )
            by_nulls += [listed] if kept and kept != nulls else []
            nulls = kept or nulls
        if len(held) > 1:
            rising = SORTS.get(field.type, "") if question.order else "sort.ascending-by-default"
            requirement = "sort.enums" if field.type == "enum" else "sort.descending" if falls else rising
            orders = _orders(field, held, falls=falls)
            open_to = {"enum": enums, "boolean": booleans}.get(field.type, orders)
            kept = open_to & orders
            if field.type == "boolean" and orders and not kept:  # in one of two directions it is the other way round
                requirement = "sort.descending"
            message, direction = f"data is not sorted by {field.name}", "descending" if falls else "ascending"
            chosen_by = by_types.get(field.type, [])
            problem = (
                None
                if kept
                else difference(listed, message, f"{direction} values", values, beside=chosen_by if orders else ())
            )
            yield requirement, listed, problem
            if kept and open_to is not orders:
                chosen_by += [listed] if kept != open_to else []
                open_to &= kept


def _places_of_nulls(values: Sequence[object], *, falls: bool) -> set[str]:
    """The choices that agree with where the nulls are; none where they are in between."""
    number = values.count(None)
    is_first, is_last = values[:number] == [None] * number, values[-number:] == [None] * number
    return {
        *(("first", "largest" if falls else "smallest") if is_first else ()),
        *(("last", "smallest" if falls else "largest") if is_last else ()),
    }


def _orders(field: Field, values: Sequence[object], *, falls: bool) -> set[str]:
    """The orders in which the values are; which of two booleans is the first, the rulings leave open."""
    if field.type == "boolean":
        ways = {"false first": [one is True for one in values], "true first": [one is False for one in values]}
        return {name for name, places in ways.items() if _is_ordered(places, falls=falls)}
    keys: dict[str, Sequence[object]] = {"declared": [satisfying.place_of(field, one) for one in values]}
    if field.type == "enum":
        known = {value: place for place, value in enumerate(field.values)}
        keys = {"declared": [known.get(str(one)) for one in values], "alphabetical": values}
    return {name for name, places in keys.items() if _is_ordered(places, falls=falls)}


def _is_ordered(places: Sequence[object], *, falls: bool) -> bool:
    known = [pair for pair in pairwise(places) if None not in pair]
    return all((one >= other) if falls else (one <= other) for one, other in known)  # type: ignore[operator]  # of one type
