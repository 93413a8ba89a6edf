"""Whether a record that an answer shows satisfies the question, as far as no ruling leaves that open. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from typing import Any

from entity_contract import Entity, Field

from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.answers import MEANINGS
from entity_conformance.oracle.levels import folded
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.oracle.times import DATE, has_offset, instant, moment, printed_unit
from entity_conformance.oracle.values import is_value

_TEXTS = ("string", "text")
_PLAIN = re.compile(r"[b-df-hj-np-tv][aeiou]|[aeiou][b-df-hj-np-tv]")
_ORDERING = ("$gt", "$gte", "$lt", "$lte")
_EXACTLY: Mapping[str, Callable[[str, str], bool]] = {
    "$eq": str.__eq__,
    "$in": str.__eq__,
    "$contains": str.__contains__,
    "$startsWith": str.startswith,
    "$endsWith": str.endswith,
}


def holds(entity: Entity, condition: Condition, record: Record) -> bool | None:
    """Whether the record meets the condition; None where the rulings leave it open, or the record does not tell.

    Open are: which text is the larger one, texts that differ in case, accents or blanks alone, moments within the unit
    in which the deployment prints them, and what holds nothing under $ne and $nin.
    """
    field = entity.field(condition.field)
    if field is None or condition.field not in record or not is_value(field, record[condition.field]):
        return None
    value, operator = record[condition.field], condition.operator
    if operator == "$null":
        return (value is None) is condition.operand
    if value is None:
        return None if operator in ("$ne", "$nin") else False
    return _meets(field, operator, value, condition.operand)


def _meets(field: Field, operator: str, value: Any, operand: Any) -> bool | None:  # JSON values
    operands = operand if isinstance(operand, list) else [operand]
    if field.type in _TEXTS:
        return _text(operator, value, operands)
    if field.type == "datetime":
        return _moment(operator, value, operands)
    if field.type in ("enum", "boolean") and operator in _ORDERING:
        return None
    if isinstance(value, float) and any(_is_near(value, one) for one in operands):
        return None
    return bool(MEANINGS[operator](value, operand, DECIDED))


def _text(operator: str, value: str, operands: list[str]) -> bool | None:
    if operator in _ORDERING:
        return None
    if operator in ("$ne", "$nin"):
        return None if any(_is_like(value, one) and value != one for one in operands) else value not in operands
    if any(_EXACTLY[operator](value, one) for one in operands):
        return True
    meaning = MEANINGS["$eq" if operator == "$in" else operator]
    return None if any(meaning(folded(value), folded(one), DECIDED) for one in operands) else False


def _is_like(value: str, other: str) -> bool:
    return folded(value) == folded(other)


def _moment(operator: str, value: str, operands: list[str]) -> bool | None:
    mine, unit = instant(value), printed_unit(value)
    theirs = [moment(one) for one in operands]
    if not all(has_offset(one) for one in operands) or any(one is None or abs(mine - one) <= unit for one in theirs):
        return None
    return bool(
        MEANINGS[operator](
            mine, theirs if isinstance(operands, list) and operator in ("$in", "$nin") else theirs[0], DECIDED
        )
    )


def _is_near(value: float, other: object) -> bool:
    return isinstance(other, int | float) and value != other and abs(value - other) <= abs(value) * 1e-6


def is_in_time(question: Question, record: Record) -> Iterator[tuple[str, bool | None]]:
    """By parameter whether the record was created in time; None within the unit of what is printed."""
    created = record.get("createdAt")
    if not isinstance(created, str) or moment(created) is None or not has_offset(created):
        return
    mine, unit = instant(created), printed_unit(created)
    start, end = moment(question.start), moment(question.end, day=time.max)
    if start is not None:
        yield "startDate", None if abs(mine - start) <= unit else mine > start
    if end is not None:
        yield "endDate", None if abs(mine - end) <= unit else mine < end


def is_turned_around(question: Question) -> bool:
    """Whether the dates end before they start, so that no record can be in time."""
    start, end = moment(question.start), moment(question.end, day=time.max)
    return start is not None and end is not None and end < start


def is_date(text: str | None) -> bool:
    """Whether a border is a date alone."""
    return text is not None and DATE.fullmatch(text) is not None


def words(question: Question) -> tuple[str, ...]:
    """The words of a search that no index drops or cuts; none where a word of it may be treated so."""
    asked = (question.search or "").split()
    return tuple(asked) if all(len(one) > 4 and one.isascii() and one.isalpha() for one in asked) else ()


def has_words(entity: Entity, record: Record, asked: tuple[str, ...]) -> str | None:
    """The first of the words that is in no text; None where all are, or the record does not tell.

    In which texts of an entity of its own a deployment searches, nobody tells.
    """
    if not all(name in record for name in entity.searchable):
        return None
    names = {*entity.searchable, *(one.name for one in entity.fields if one.type in ("string", "text"))}
    texts = [str(record[name]).casefold() for name in names if record.get(name) is not None]
    return next((word for word in asked if not any(word.casefold() in text for text in texts)), None)


def place_of(field: Field, value: object) -> object:
    """What a value is sorted by, where the rulings settle it; None where they do not (L13)."""
    match field.type:
        case "boolean":
            return None
        case "datetime":
            return instant(str(value))
        case "string" | "text":
            return _initial(value) if isinstance(value, str) else None
        case _:
            return value


def _initial(text: str) -> str | None:
    """The letter that a text begins with, where all collations have it in one place: no digraph, no letter of few."""
    return text[0] if _PLAIN.match(text) else None


KINDS: Mapping[str, str] = {
    "enum": "filter.enum-equality",
    "boolean": "filter.boolean-equality",
    "integer": "filter.integer-equality",
    "number": "filter.number-equality",
    "date": "filter.date-equality",
    "datetime": "filter.datetime-equality",
}
"""The requirement of equality on fields of a type."""
