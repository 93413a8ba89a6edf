"""Which texts are filters, and which are moments: what `refusals` needs to know, read from the rulings L14, L15, L19.

Verdicts only (refused or not). Which operators there are is a fact of the contract; what they select is not known here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import assert_never

from entity_contract import Entity, Field, Operator

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


def filter_is_refused(operators: Sequence[Operator], entity: Entity, text: str) -> bool:
    """Whether this text is no filter for this entity, where there are these operators."""
    try:
        stated = json.loads(text, object_pairs_hook=_once, parse_constant=_never)
    except (ValueError, RecursionError):
        return True
    if "\0" in text or not isinstance(stated, dict):
        return True
    known = {operator.name: operator for operator in operators}
    return any(_is_wrong(known, entity.field(name), condition) for name, condition in stated.items())


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def _never(_: str) -> None:
    raise ValueError


def _is_wrong(operators: Mapping[str, Operator], field: Field | None, condition: object) -> bool:
    if field is None:
        return True
    if not isinstance(condition, dict):
        return not _fits(field, condition)
    return not condition or any(_misused(operators.get(name), field, operand) for name, operand in condition.items())


def _misused(operator: Operator | None, field: Field, operand: object) -> bool:
    if operator is None or field.type not in operator.types:
        return True
    match operator.operand:
        case "value":
            return not _fits(field, operand)
        case "list":
            values = operand if isinstance(operand, list) else []
            return not 0 < len(values) <= 1000 or any(not _fits(field, value) for value in values)
        case "text":
            return not isinstance(operand, str) or "\0" in operand
        case "boolean":
            return not isinstance(operand, bool)
        case _:
            assert_never(operator.operand)


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
