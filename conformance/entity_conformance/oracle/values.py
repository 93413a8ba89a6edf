"""Values of fields: whether one has its type, and whether two are the same. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from entity_contract import Entity, Field, FieldType

from entity_conformance.oracle.records import Record
from entity_conformance.oracle.times import has_offset, moment, printed_unit

_KINDS: Mapping[FieldType, str] = {
    "string": "a text",
    "text": "a text",
    "enum": "a text",
    "date": "a text",
    "datetime": "an RFC 3339 date-time with an offset",
    "integer": "a number",
    "number": "a number",
    "boolean": "a boolean",
}

_UNKEPT = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps, and what is no text in UTF-8."""

_MARKUP, _SIXTEEN_BITS = frozenset("<>&"), 0xFFFF

_EXACT = 2**53
"""Up to here every whole number is a number of JSON's readers."""


def same(field: Field | None, expected: object, shown: object, *, within: timedelta) -> bool:
    """Whether two values are the same: of one type, date-times in any spelling and so far apart at most."""
    if expected is None or shown is None:
        return expected is shown
    if field is not None and field.type == "datetime":
        mine, theirs = moment(str(expected)), date_time(shown)
        return mine is not None and theirs is not None and abs(mine - theirs) <= within
    if isinstance(expected, bool) or isinstance(shown, bool):
        return expected is shown
    numbers = isinstance(expected, int | float) and isinstance(shown, int | float)
    return expected == shown and (numbers or type(expected) is type(shown))


def is_taken(field: Field, value: object) -> bool:
    """Whether a deployment that takes this value must keep it as it is (R10).

    What it should have refused (R1, R12, R16), and a null, which may stand for a default, it may keep otherwise.
    """
    if value is None or field.generated or not is_value(field, value):
        return False
    match value:
        case str() if field.type == "datetime":
            return True
        case str():
            is_kept = (value.strip() != "" or not field.required) and not _UNKEPT.search(value)
            is_short = (field.min_length or 0) <= len(value) <= (field.max_length or len(value))
            return is_kept and is_short and (not field.values or value in field.values)
        case bool():
            return True
        case int() | float():
            least, most = field.minimum, field.maximum
            is_within = (least is None or value >= least) and (most is None or value <= most)
            return is_within and abs(value) <= _EXACT and (field.type == "number" or value == value // 1)
        case _:
            return False


def is_unusual(value: object) -> bool:
    """Whether it is a text that some do not take, which no ruling makes them do (O4.untold-rules).

    It has control characters or others that nobody sees, blanks at its ends, characters of markup or beyond 16 bits, or
    characters in more parts than they need.
    """
    return isinstance(value, str) and (
        not value.isprintable()
        or value != value.strip()
        or any(one in _MARKUP or ord(one) > _SIXTEEN_BITS for one in value)
        or not unicodedata.is_normalized("NFC", value)
    )


def agree(field: Field | None, expected: object, shown: object) -> bool:
    """Whether two answers show one value, date-times in whatever spelling and resolution each is printed in."""
    if expected is shown or (expected == shown and type(expected) is type(shown)):
        return True
    if field is None or field.type != "datetime" or not isinstance(expected, str) or not isinstance(shown, str):
        return same(None, expected, shown, within=timedelta())
    mine, theirs = moment(expected), moment(shown)
    if mine is None or theirs is None:
        return False
    return abs(mine - theirs) <= max(printed_unit(expected), printed_unit(shown))


def mistyped(entity: Entity, expected: Record, record: object) -> list[str]:
    """Fields that are not compared, but kept: the model cannot order or filter values of another type."""
    if not isinstance(record, dict):
        return []
    others = [one for one in entity.fields if one.name not in expected]
    return [
        f"data.{one.name}: it must be {_KINDS[one.type]}" for one in others if not is_value(one, record.get(one.name))
    ]


def is_value(field: Field, value: object) -> bool:
    """Whether a value has the field's type, so that records can be ordered and filtered by it."""
    if value is None:
        return True
    match field.type:
        case "datetime":
            return date_time(value) is not None
        case "boolean":
            return isinstance(value, bool)
        case "integer" | "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return isinstance(value, str)


def date_time(value: object) -> datetime | None:
    """The moment of an RFC 3339 date-time with an offset (R13)."""
    return _date_time(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _date_time(text: str) -> datetime | None:
    return moment(text) if has_offset(text) else None
