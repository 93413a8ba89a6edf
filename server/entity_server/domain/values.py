"""JSON values as values of a field: of the field's type, or a reason why not.

Charter: types, never bounds; the contract's schemas hold lengths and limits. What a schema cannot say is here: text
that no database keeps, calendars, 64 bits.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from entity_contract import Field

from entity_server.domain.text import unstorable
from entity_server.domain.times import read_date, read_instant, read_moment

Value = str | int | float | bool | date | datetime
"""A typed value: `date` for date fields, a UTC `datetime` for datetime fields, else as JSON has it."""

_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Refused:
    """The value is none of the field's; `reason` is a sentence for the client."""

    reason: str


def typed(field: Field, value: object, *, loose: bool = False) -> Value | Refused:  # noqa: PLR0911 - one for each type
    """The value as this field holds it. `loose` takes date-times without an offset, as query parameters may have."""
    match field.type:
        case "string" | "text":
            return _text(value)
        case "enum":
            if isinstance(value, str) and value in field.values:
                return value
            return Refused(f"Must be one of: {', '.join(field.values)}")
        case "integer":
            return _integer(value)
        case "number":
            return _number(value)
        case "boolean":
            return value if isinstance(value, bool) else Refused("Must be true or false")
        case "date":
            day = read_date(value) if isinstance(value, str) else None
            return Refused("Must be a date (YYYY-MM-DD)") if day is None else day
        case "datetime":
            read = read_moment if loose else read_instant
            instant = read(value) if isinstance(value, str) else None
            return Refused("Must be an RFC 3339 date-time") if instant is None else instant
        case _:
            assert_never(field.type)


def _text(value: object) -> str | Refused:
    if not isinstance(value, str):
        return Refused("Must be a string")
    reason = unstorable(value)
    return value if reason is None else Refused(reason)


def _integer(value: object) -> int | Refused:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON knows no difference between 1 and 1.0
    if not isinstance(value, int) or isinstance(value, bool):
        return Refused("Must be an integer")
    if not -_LARGEST_INTEGER - 1 <= value <= _LARGEST_INTEGER:
        return Refused("Must be an integer of at most 64 bits")
    return value


def _number(value: object) -> float | Refused:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return Refused("Must be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    return number if math.isfinite(number) else Refused("Must be a number of at most 64 bits")
