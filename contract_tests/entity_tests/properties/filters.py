"""Which texts are filters, and which are moments: what `refusals` needs to know, read from the rulings L14, L15, L19.

Only which clause refuses is known here, not what an operator selects. Which operators there are, the contract says.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
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


def filter_breaks(operators: Sequence[Operator], entity: Entity, text: str) -> frozenset[str]:
    """The clauses of L15 that this text breaks as a filter for this entity; none when it is one."""
    try:
        stated = json.loads(text)
    except (ValueError, RecursionError):
        return frozenset({"L15.not-json"})
    if not isinstance(stated, dict):
        return frozenset({"L15.not-an-object"})
    known = {operator.name: operator for operator in operators}
    broken = {clause for name, stated in stated.items() for clause in _broken(known, entity.field(name), name, stated)}
    return frozenset(broken if _is_strict(text) else broken | {"L15.strict-json"})


def _is_strict(text: str) -> bool:
    """Whether no object names anything twice, and nothing is a constant that JSON does not have or a U+0000."""
    try:
        json.loads(text, object_pairs_hook=_once, parse_constant=_never)
    except ValueError:
        return False
    return "\0" not in text


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def _never(_: str) -> None:
    raise ValueError


def _broken(operators: Mapping[str, Operator], field: Field | None, name: str, stated: object) -> Iterator[str]:
    if field is None:
        yield "L15.top-level-operator" if name.startswith("$") else "L15.unknown-field"
    elif not isinstance(stated, dict):
        yield from _unfit(field, stated)
    elif not stated:
        yield "L15.empty-operators"
    else:
        for key, operand in stated.items():
            yield from _misused(operators.get(key), field, operand)


def _misused(operator: Operator | None, field: Field, operand: object) -> Iterator[str]:
    if operator is None:
        yield "L15.unknown-operator"
        return
    if field.type not in operator.types:
        yield "L15.no-order" if operator.operand == "value" else "L15.wrong-type"
        return
    match operator.operand:
        case "value":
            yield from _unfit(field, operand)
        case "list":
            yield from _unfit_list(field, operand)
        case "text":
            if not isinstance(operand, str) or "\0" in operand:
                yield "L15.wrong-type"
        case "boolean":
            if not isinstance(operand, bool):
                yield "L15.null-operand"
        case _:
            assert_never(operator.operand)


def _unfit_list(field: Field, operand: object) -> Iterator[str]:
    values = operand if isinstance(operand, list) else []
    if not 0 < len(values) <= 1000:
        yield "L15.list-operand"
    for value in values:
        yield from _unfit(field, value)


def _unfit(field: Field, value: object) -> Iterator[str]:
    if value is None:
        yield "L15.bare-null"
    elif not _fits(field, value):
        yield "L15.outside-enum" if field.type == "enum" and isinstance(value, str) else "L15.wrong-type"


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
