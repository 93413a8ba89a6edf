"""Values of fields: whether one has its type, and whether two are the same. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from entity_contract import Entity, Field, FieldType

from entity_conformance.oracle.records import Record
from entity_conformance.oracle.times import has_offset, moment

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
    return moment(value) if isinstance(value, str) and has_offset(value) else None
