"""JSON values as values of a field: of the field's type, or refused.

Types, never bounds; the contract's schemas hold lengths and limits. What a schema cannot say is here: text
that no database keeps, calendars, 64 bits.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import assert_never

from entity_contract import Field, FieldType

from entity_server.domain.sentences import Refused, Sentence
from entity_server.domain.text import encodable
from entity_server.domain.times import read_date, read_instant, read_moment

Value = str | int | float | bool | date | datetime
"""A typed value: `date` for date fields, a UTC `datetime` for datetime fields, else as JSON has it."""

NAMED: Mapping[str, str] = {
    "array": "an array",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
"""JSON's types as a sentence has them."""

_LARGEST_INTEGER = 2**63 - 1


def typed(field: Field, value: object, *, loose: bool = False) -> Value:  # noqa: PLR0911 - one for each type
    """The value as this field holds it. Raises Refused.

    `loose` takes date-times without an offset, as query parameters may have.
    """
    match field.type:
        case "string" | "text":
            return text(value)
        case "enum":
            if isinstance(value, str) and value in field.values:
                return value
            raise Refused(Sentence.ONE_OF(values=", ".join(field.values)))
        case "integer":
            return _integer(value)
        case "number":
            return _number(value)
        case "boolean":
            if isinstance(value, bool):
                return value
            raise _of_another_type("boolean")
        case "date":
            return _date(value)
        case "datetime":
            return _instant(value, loose=loose)
        case _:
            assert_never(field.type)


def text(value: object) -> str:
    """The value as a text that can be kept. Raises Refused."""
    if not isinstance(value, str):
        raise _of_another_type("string")
    if "\0" in value:
        raise Refused(Sentence.NUL())
    if not value.isascii() and not encodable(value):
        raise Refused(Sentence.UNICODE())
    return value


def border(value: str) -> date | datetime:
    """The border of a range of dates, as a query parameter spells it. Raises Refused."""
    found = read_date(value) or read_moment(value)
    if found is None:
        raise Refused(Sentence.BORDER())
    return found


def named_types(types: tuple[FieldType, ...]) -> str:
    """Field types as the end of a sentence: `string, text or enum`."""
    *others, last = types
    return f"{', '.join(others)} or {last}" if others else last


def _integer(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON knows no difference between 1 and 1.0
    if not isinstance(value, int) or isinstance(value, bool):
        raise _of_another_type("integer")
    if not -_LARGEST_INTEGER - 1 <= value <= _LARGEST_INTEGER:
        raise Refused(Sentence.BITS(type=NAMED["integer"]))
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _of_another_type("number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Refused(Sentence.BITS(type=NAMED["number"]))
    return number + 0.0  # no database keeps the sign of a zero but PostgreSQL


def _date(value: object) -> date:
    day = read_date(value) if isinstance(value, str) else None
    if day is None:
        raise Refused(Sentence.DATE())
    return day


def _instant(value: object, *, loose: bool) -> datetime:
    read = read_moment if loose else read_instant
    instant = read(value) if isinstance(value, str) else None
    if instant is None:
        raise Refused(Sentence.INSTANT())
    return instant


def _of_another_type(wanted: str) -> Refused:
    return Refused(Sentence.TYPE(type=NAMED[wanted]))
