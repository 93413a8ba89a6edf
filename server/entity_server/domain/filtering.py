"""The `filter` parameter: a JSON object of conditions, and its twelve operators (L14-L17).

    {"status": "todo"}                                  the field equals the value
    {"priceCents": {"$gte": 100, "$lt": 500}}           every operator holds

Charter: text in, typed conditions out. What a condition selects is the store's to do, as stated here: text operators
are literal and ignore case, and a null is equal to no value, so that $ne and $nin select it (L16, L17).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, assert_never

from entity_contract import Entity, Field

from entity_server.domain.arguments import Arguments
from entity_server.domain.problems import InvalidFilter
from entity_server.domain.text import LONGEST_NEEDLE, unstorable
from entity_server.domain.values import Refused, Value, typed

Equal = Literal["$eq", "$ne"]
Compared = Literal["$gt", "$gte", "$lt", "$lte"]
OneOf = Literal["$in", "$nin"]
Matched = Literal["$contains", "$startsWith", "$endsWith"]
Operator = Equal | Compared | OneOf | Matched | Literal["$null"]

OPERATORS: Mapping[str, Operator] = {
    "$eq": "$eq", "$ne": "$ne", "$gt": "$gt", "$gte": "$gte", "$lt": "$lt", "$lte": "$lte", "$in": "$in",
    "$nin": "$nin", "$contains": "$contains", "$startsWith": "$startsWith", "$endsWith": "$endsWith", "$null": "$null",
}  # fmt: skip

# A value is a parameter of the database's query, and databases have limits on those.
MOST_VALUES = 1000


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one field.

    `value` is a tuple for $in and $nin, a boolean for $null, else of the field's type.
    """

    field: Field
    operator: Operator
    value: Value | tuple[Value, ...]


def parse_filter(entity: Entity, arguments: Arguments) -> tuple[Condition, ...]:
    """The conditions of the `filter` parameter, none when it is absent. Raises InvalidFilter, and nothing else."""
    texts = arguments.get("filter", ())
    if not texts:
        return ()
    if len(texts) > 1:
        raise InvalidFilter("Must be given once")
    return tuple(_conditions(entity, _decoded(texts[0])))


def _decoded(text: str) -> dict[str, object]:
    if reason := unstorable(text):
        raise InvalidFilter(reason)
    try:
        value: object = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except RecursionError:
        raise InvalidFilter("Must not be nested that deep") from None
    except ValueError:
        raise InvalidFilter("Must be JSON") from None
    if not isinstance(value, dict):
        raise InvalidFilter("Must be a JSON object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise InvalidFilter("Must not name anything twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise InvalidFilter(f"Must be JSON, which has no {name}")


def _conditions(entity: Entity, members: Mapping[str, object]) -> Iterator[Condition]:
    for name, stated in members.items():
        if name.startswith("$"):
            raise InvalidFilter(f"Operators belong inside a field: {name}")
        field = entity.field(name)
        if field is None:
            raise InvalidFilter(f"Unknown field: {name}")
        if stated is None:
            raise InvalidFilter(f'{name}: use {{"$null": true}} to find nulls')
        if not isinstance(stated, dict):
            yield Condition(field, "$eq", _value(field, "$eq", stated))
            continue
        if not stated:
            raise InvalidFilter(f"{name}: must name an operator")
        for key, operand in stated.items():
            operator = OPERATORS.get(key)
            if operator is None:
                raise InvalidFilter(f"{name}: unknown operator {key}; there are {', '.join(OPERATORS)}")
            yield Condition(field, operator, _operand(field, operator, operand))


def _operand(field: Field, operator: Operator, operand: object) -> Value | tuple[Value, ...]:
    match operator:
        case "$eq" | "$ne":
            return _value(field, operator, operand)
        case "$gt" | "$gte" | "$lt" | "$lte":
            if field.type in ("boolean", "enum"):
                raise InvalidFilter(f"{field.name}: {operator} needs a field whose values have an order")
            return _value(field, operator, operand)
        case "$in" | "$nin":
            return _values(field, operator, operand)
        case "$contains" | "$startsWith" | "$endsWith":
            if field.type not in ("string", "text"):
                raise InvalidFilter(f"{field.name}: {operator} needs a text field")
            if isinstance(operand, str) and len(operand) > LONGEST_NEEDLE:
                raise InvalidFilter(f"{field.name}: {operator} takes at most {LONGEST_NEEDLE} characters")
            return _value(field, operator, operand)
        case "$null":
            if not isinstance(operand, bool):
                raise InvalidFilter(f"{field.name}: $null must be true or false")
            return operand
        case _:
            assert_never(operator)


def _values(field: Field, operator: OneOf, operand: object) -> tuple[Value, ...]:
    if not isinstance(operand, Sequence) or isinstance(operand, str) or not operand:
        raise InvalidFilter(f"{field.name}: {operator} must be a non-empty array")
    if len(operand) > MOST_VALUES:
        raise InvalidFilter(f"{field.name}: {operator} must have at most {MOST_VALUES} values")
    return tuple(_value(field, operator, value) for value in operand)


def _value(field: Field, operator: Operator, value: object) -> Value:
    if value is None:
        raise InvalidFilter(f"{field.name}: {operator} takes no null; use $null")
    result = typed(field, value, loose=True)
    if isinstance(result, Refused):
        raise InvalidFilter(f"{field.name}: {result.reason[0].lower()}{result.reason[1:]}")
    return result
