"""Which texts are filters, and which are moments: what `refusals` needs to know, read from the rulings L14, L15, L19.

Charter: verdicts only (refused or not); what a filter selects is not known here.
"""

import json
import re
from datetime import UTC, datetime, time

from entity_contract import Entity, Field

COMPARISONS = frozenset({"$gt", "$gte", "$lt", "$lte"})
TEXT_OPERATORS = frozenset({"$contains", "$startsWith", "$endsWith"})
OPERATORS = COMPARISONS | TEXT_OPERATORS | {"$eq", "$ne", "$in", "$nin", "$null"}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


def moment(text: str | None, *, day: time = time.min) -> datetime | None:
    """The moment that a query argument names, a plain date at that time of day; None when it names none."""
    if text is None or not (DAY.fullmatch(text) or MOMENT.fullmatch(text)):
        return None
    try:
        read = datetime.fromisoformat(text.upper())
        if DAY.fullmatch(text):
            return datetime.combine(read.date(), day, UTC)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def filter_is_no_filter(entity: Entity, text: str) -> bool:
    """Whether this text is no JSON, no object, or names a field that the entity lacks."""
    try:
        stated = json.loads(text)
    except (ValueError, RecursionError):
        return True
    return not isinstance(stated, dict) or any(entity.field(name) is None for name in stated)


def filter_is_refused(entity: Entity, text: str) -> bool:
    """Whether this text is no filter for this entity."""
    try:
        stated = json.loads(text, object_pairs_hook=_once, parse_constant=_never)
    except (ValueError, RecursionError):
        return True
    if "\0" in text or not isinstance(stated, dict):
        return True
    return any(_is_wrong(entity.field(name), condition) for name, condition in stated.items())


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def _never(_: str) -> None:
    raise ValueError


def _is_wrong(field: Field | None, condition: object) -> bool:
    if field is None:
        return True
    if not isinstance(condition, dict):
        return not _fits(field, condition)
    return not condition or any(_misused(field, operator, operand) for operator, operand in condition.items())


def _misused(field: Field, operator: str, operand: object) -> bool:
    if operator not in OPERATORS:
        return True
    if operator == "$null":
        return not isinstance(operand, bool)
    if operator in ("$in", "$nin"):
        values = operand if isinstance(operand, list) else []
        return not 0 < len(values) <= 1000 or any(not _fits(field, value) for value in values)
    unordered = operator in COMPARISONS and field.type in ("boolean", "enum")
    textless = operator in TEXT_OPERATORS and field.type not in ("string", "text")
    return unordered or textless or not _fits(field, operand)


def _fits(field: Field, value: object) -> bool:  # noqa: PLR0911 - one for each type
    """Whether a value has the field's type."""
    match field.type, value:
        case "boolean", bool():
            return True
        case _, bool():
            return False
        case (("string" | "text"), str()):
            return "\0" not in value
        case "enum", str():
            return value in field.values
        case "date", str():
            return bool(DAY.fullmatch(value)) and moment(value) is not None
        case "datetime", str():
            return not DAY.fullmatch(value) and moment(value) is not None
        case "integer", int() | float():
            return float(value).is_integer() and abs(value) < 2**63
        case "number", int() | float():
            return True
        case _:
            return False
