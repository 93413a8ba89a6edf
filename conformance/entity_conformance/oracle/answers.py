"""The right answer to a question: which records, in which order, on which page, with which fields (L1-L23).

Pure, and a reading of the rulings of its own. Nothing here knows HTTP.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from typing import Any

from entity_contract import Entity, Field

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import Reading
from entity_conformance.oracle.records import Model, Record
from entity_conformance.oracle.times import instant, moment

DEFAULT_LIMIT = 20

_POINTS = {"$ne": "ne_null", "$nin": "nin_null", "$startsWith": "starts", "$endsWith": "ends"}
"""The points that operators touch."""

_SIGNS = re.compile(r"[\W_]")
"""What some collations pass over."""

Group = tuple[Record, ...]
"""Records whose order among themselves is open; a group of one has its place."""


@dataclass(frozen=True, slots=True)
class Page:
    """The numbers that describe a page."""

    page: int
    limit: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are: none of nothing (L4)."""
        return (self.total + self.limit - 1) // self.limit

    def as_json(self) -> dict[str, object]:
        """The envelope's `pagination`."""
        return {
            "page": self.page,
            "limit": self.limit,
            "total": self.total,
            "totalPages": self.pages,
            "hasNext": self.page < self.pages,
            "hasPrev": self.page > 1,
        }


def comparable(field: Field, value: object) -> Any:
    """A value or an operand, ready to be compared: date-times as datetime, everything else as JSON has it."""
    return instant(value) if field.type == "datetime" and isinstance(value, str) else value


def selected(records: Sequence[Record], question: Question, reading: Reading) -> tuple[Record, ...]:
    """The records that meet every part of the question (L23)."""
    left = [one for one in records if question.only is None or one["id"] in question.only]
    for condition in question.conditions:
        holds = holding(question.entity, condition, reading)
        left = [one for one in left if holds(one)]
    if question.search is not None:
        left = [one for one in left if _found(one, question)]
    if question.start is not None or question.end is not None:
        left = [one for one in left if _in_time(one, question)]
    return tuple(left)


def ranked(records: Sequence[Record], question: Question, reading: Reading) -> tuple[Group, ...]:
    """The selected records in order; records whose order is open are in one group."""
    if question.sort is None:
        if reading.default_order == "any":
            return (tuple(records),) if records else ()
        by_id = sorted(records, key=lambda one: str(one["id"]))
        return _grouped(sorted(by_id, key=_created, reverse=True), _created, reading)
    field = question.entity.field(question.sort)
    assert field is not None
    falling = question.order == "desc"
    nulls = tuple(sorted((one for one in records if one[field.name] is None), key=lambda one: str(one["id"])))
    valued = sorted((one for one in records if one[field.name] is not None), key=lambda one: str(one["id"]))
    if field.type in ("string", "text") and reading.text == "any" and not _are_ids_in_one_order(field, valued):
        groups = [tuple(valued)] if valued else []
    else:
        key = partial(_place, field, reading)
        groups = list(_grouped(sorted(valued, key=key, reverse=falling), key, reading))
    without = list(_grouped(nulls, lambda _: None, reading))
    first = {"largest": falling, "smallest": not falling, "first": True, "last": False}[reading.nulls]
    return tuple([*without, *groups] if first else [*groups, *without])


def points_of(question: Question, records: Sequence[Record]) -> Callable[[Reading], tuple[str, ...]]:
    """What a reading says about the points that this question touches: readings that say the same answer the same.

    An order of what is no enum and no text, and nowhere null among these records, touches fewer.
    """
    operators = {condition.operator for condition in question.conditions}
    field = question.entity.field(question.sort or "")
    touched = ["ties"]
    if field is None:
        touched += ["default_order"]
    else:
        touched += ["enums"] if field.type == "enum" else ["text"] if field.type in ("string", "text") else []
        touched += ["nulls"] if any(one.get(field.name) is None for one in records) else []
    touched += [point for operator, point in _POINTS.items() if operator in operators]
    return lambda reading: tuple(getattr(reading, point) for point in touched)


def shown(
    model: Model, entity: Entity, record: Record, owner: str, *, fields: tuple[str, ...] | None, include: Sequence[str]
) -> Record:
    """What an answer shows of a record: exactly the fields asked for and `id`, and the relations (L20, L21)."""
    names = {one.name for one in entity.fields} if not fields else {"id", *fields}
    parts: Record = {name: value for name, value in record.items() if name in names}
    for name in include:
        relation = entity.relation(name)
        assert relation is not None
        other = model.entity(relation.entity)
        if relation.type == "belongsTo":
            parts[name] = model.find(other, record[relation.foreign_key], owner)
        else:
            parts[name] = [one for one in model.visible(other, owner) if one[relation.foreign_key] == record["id"]]
    return parts


def page_of(question: Question, total: int) -> Page:
    """The page that was asked for: the first, with 20 records, unless the question says otherwise."""
    return Page(question.page or 1, question.limit or DEFAULT_LIMIT, total)


def _created(record: Mapping[str, Any]) -> datetime:
    return instant(record["createdAt"])


def _place(field: Field, reading: Reading, record: Record) -> Any:
    value = record[field.name]
    if field.type == "enum":
        if value not in field.values:
            what = f"{field.name} is none of the values that OPTIONS lists"
            raise Violation(what, expected=" or ".join(field.values), actual=str(value))
        return value if reading.enums == "alphabetical" else field.values.index(value)
    return comparable(field, value)


def _are_ids_in_one_order(field: Field, records: Sequence[Record]) -> bool:
    """Whether these are ids that every collation orders alike (L13)."""
    ids = [str(one["id"]) for one in records] if field.name == "id" else []
    keys: tuple[Callable[[str], str], ...] = (str, str.casefold, lambda text: _SIGNS.sub("", text.casefold()))
    return bool(ids) and len({tuple(sorted(ids, key=key)) for key in keys}) == 1


def _grouped(records: Sequence[Record], key: Callable[[Record], Any], reading: Reading) -> tuple[Group, ...]:
    """Sorted records: each in a group of its own, or, where ties may be broken in any way, equal keys in one group."""
    if reading.ties == "by id":
        return tuple((one,) for one in records)
    groups: list[list[Record]] = []
    for one in records:
        if groups and key(groups[-1][0]) == key(one):
            groups[-1].append(one)
        else:
            groups.append([one])
    return tuple(tuple(group) for group in groups)


def _found(record: Record, question: Question) -> bool:
    """Every word, whatever its case, literally, in at least one searchable field (L18)."""
    texts = [str(record[name]).casefold() for name in question.entity.searchable if record[name] is not None]
    return all(any(word in text for text in texts) for word in (question.search or "").casefold().split())


def _in_time(record: Record, question: Question) -> bool:
    """Created from `startDate` to `endDate`, both included; a plain end date covers that whole day (L19)."""
    start, end = moment(question.start), moment(question.end, day=time.max)
    return (start is None or _created(record) >= start) and (end is None or _created(record) <= end)


def holds(entity: Entity, condition: Condition, record: Record, reading: Reading) -> bool:
    """Whether a record meets one condition (L14, L16, L17). Raises KeyError for an operator that is not known here."""
    return holding(entity, condition, reading)(record)


def holding(entity: Entity, condition: Condition, reading: Reading) -> Callable[[Record], bool]:
    """As `holds`, ready for many records. Raises KeyError for an operator that is not known here."""
    field = entity.field(condition.field)
    assert field is not None
    name, is_met = field.name, meeting(field, condition.operator, condition.operand, reading)
    if field.type == "datetime":
        return lambda record: is_met(comparable(field, record[name]))
    return lambda record: is_met(record[name])


def meeting(field: Field, operator: str, operand: object, reading: Reading) -> Callable[[object], bool]:
    """As `holding`, of the field's values themselves, which are `comparable`."""
    meaning = MEANINGS[operator]
    theirs = [comparable(field, one) for one in operand] if isinstance(operand, list) else comparable(field, operand)
    if operator == "$null":
        return lambda value: bool(meaning(value, theirs, reading))
    nothing_holds = {"$ne": reading.ne_null, "$nin": reading.nin_null}.get(operator) == "match"
    return lambda value: nothing_holds if value is None else bool(meaning(value, theirs, reading))


def _cased(text: str, case: str) -> str:
    return text.casefold() if case == "case-insensitive" else text


MEANINGS: Mapping[str, Callable[[Any, Any, Reading], object]] = {
    "$eq": lambda mine, theirs, _: mine == theirs,
    "$ne": lambda mine, theirs, _: mine != theirs,
    "$gt": lambda mine, theirs, _: mine > theirs,
    "$gte": lambda mine, theirs, _: mine >= theirs,
    "$lt": lambda mine, theirs, _: mine < theirs,
    "$lte": lambda mine, theirs, _: mine <= theirs,
    "$in": lambda mine, theirs, _: mine in theirs,
    "$nin": lambda mine, theirs, _: mine not in theirs,
    "$contains": lambda mine, theirs, _: theirs.casefold() in mine.casefold(),
    "$startsWith": lambda mine, part, reading: _cased(mine, reading.starts).startswith(_cased(part, reading.starts)),
    "$endsWith": lambda mine, part, reading: _cased(mine, reading.ends).endswith(_cased(part, reading.ends)),
    "$null": lambda mine, theirs, _: (mine is None) is theirs,
}
"""What each operator means for a value and an operand. An operator that is not here is never asked for."""
