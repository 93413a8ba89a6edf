"""The `filter` parameter: a JSON object of conditions (L14-L17).

    {"status": "todo"}                                  the field equals the value
    {"priceCents": {"$gte": 100, "$lt": 500}}           every operator holds

A JSON object in, typed conditions out. Which operators there are, and on which fields, the contract says.
What a condition selects is the store's to do, as stated here: text operators are literal and ignore case, and a null is
equal to no value, so that $ne and $nin select it (L16, L17).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, assert_never, cast, get_args

from entity_contract import Entity, Field, FieldType, OperandKind, Operator

from entity_server.domain.sentences import Refused, Sentence, about
from entity_server.domain.text import LONGEST_NEEDLE
from entity_server.domain.values import Value, named_types, text, typed

OperatorName = Literal[
    "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$contains", "$startsWith", "$endsWith", "$null"
]
Operators = Mapping[str, Operator]
"""The operators that are served, by name."""

# A value is a parameter of the database's query, and databases have limits on those.
MOST_VALUES = 1000

_EVERY_TYPE = frozenset[FieldType](get_args(FieldType))
_IN_ORDER = _EVERY_TYPE - {"enum", "boolean"}
_TEXTS = frozenset[FieldType]({"string", "text"})
_COMPARED: tuple[OperandKind, frozenset[FieldType]] = ("value", _IN_ORDER)
_MATCHED: tuple[OperandKind, frozenset[FieldType]] = ("text", _TEXTS)
_KNOWN: Mapping[OperatorName, tuple[OperandKind, frozenset[FieldType]]] = {
    "$eq": ("value", _EVERY_TYPE),
    "$ne": ("value", _EVERY_TYPE),
    "$gt": _COMPARED,
    "$gte": _COMPARED,
    "$lt": _COMPARED,
    "$lte": _COMPARED,
    "$in": ("list", _EVERY_TYPE),
    "$nin": ("list", _EVERY_TYPE),
    "$contains": _MATCHED,
    "$startsWith": _MATCHED,
    "$endsWith": _MATCHED,
    "$null": ("boolean", _EVERY_TYPE),
}
"""What the store can select by: the operand that it takes, and the types of field that it has a meaning for."""


class UnknownOperator(Exception):  # noqa: N818 - what is wrong
    """The contract has an operator that means nothing here, or means it otherwise; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one field.

    `value` is a tuple for $in and $nin, a boolean for $null, else of the field's type.
    """

    field: Field
    operator: OperatorName
    value: Value | tuple[Value, ...]


def served(declared: tuple[Operator, ...]) -> Operators:
    """The contract's operators by name. Raises UnknownOperator for one that this server cannot serve as declared."""
    for one in declared:
        operand, types = _KNOWN.get(cast("OperatorName", one.name), (None, _EVERY_TYPE))
        if operand is None:
            raise UnknownOperator(f"there is no operator {one.name}; there are {', '.join(_KNOWN)}")
        if one.operand != operand:
            raise UnknownOperator(f"{one.name} takes the operand {operand}, not {one.operand}")
        if unfit := [type_ for type_ in one.types if type_ not in types]:
            raise UnknownOperator(f"{one.name} means nothing on a field of type {named_types(tuple(unfit))}")
    return {one.name: one for one in declared}


def conditions(entity: Entity, members: Mapping[str, object], operators: Operators) -> tuple[Condition, ...]:
    """The conditions that the members of a filter state. Raises Refused."""
    return tuple(_conditions(entity, members, operators))


def _conditions(entity: Entity, members: Mapping[str, object], operators: Operators) -> Iterator[Condition]:
    for name, stated in members.items():
        if name.startswith("$"):
            raise Refused(Sentence.OPERATOR_OUTSIDE(name=name))
        field = entity.field(name)
        if field is None:
            raise Refused(Sentence.UNKNOWN_FIELD(name=name))
        if stated is None:
            raise Refused(Sentence.BARE_NULL(field=name))
        if not isinstance(stated, dict):
            yield Condition(field, "$eq", _value(field, "$eq", stated))
            continue
        if not stated:
            raise Refused(Sentence.NO_OPERATOR(field=name))
        for key, operand in stated.items():
            operator = operators.get(key)
            if operator is None:
                raise Refused(Sentence.UNKNOWN_OPERATOR(field=name, operator=key, operators=", ".join(operators)))
            yield Condition(field, cast("OperatorName", operator.name), _operand(field, operator, operand))


def _operand(field: Field, operator: Operator, operand: object) -> Value | tuple[Value, ...]:
    if field.type not in operator.types:
        types = named_types(operator.types)
        raise Refused(Sentence.OPERATOR_TYPES(field=field.name, operator=operator.name, types=types))
    match operator.operand:
        case "value":
            return _value(field, operator.name, operand)
        case "list":
            return _values(field, operator.name, operand)
        case "text":
            return _text(field, operator.name, operand)
        case "boolean":
            if isinstance(operand, bool):
                return operand
            raise Refused(Sentence.BOOLEAN_OPERAND(field=field.name, operator=operator.name))
        case _:
            assert_never(operator.operand)


def _values(field: Field, operator: str, operand: Any) -> tuple[Value, ...]:  # noqa: ANN401 - any JSON value
    if not isinstance(operand, list) or not operand:
        raise Refused(Sentence.LIST_OPERAND(field=field.name, operator=operator))
    if len(operand) > MOST_VALUES:
        raise Refused(Sentence.MOST_VALUES(field=field.name, operator=operator, most=MOST_VALUES))
    return tuple(_value(field, operator, value) for value in operand)


def _value(field: Field, operator: str, value: object) -> Value:
    if value is None:
        raise Refused(Sentence.NULL_OPERAND(field=field.name, operator=operator))
    try:
        return typed(field, value, loose=True)
    except Refused as refusal:
        raise Refused(about(field.name, refusal.reason)) from None


def _text(field: Field, operator: str, value: object) -> str:
    if value is None:
        raise Refused(Sentence.NULL_OPERAND(field=field.name, operator=operator))
    try:
        sought = text(value)
    except Refused as refusal:
        raise Refused(about(field.name, refusal.reason)) from None
    if len(sought) > LONGEST_NEEDLE:
        raise Refused(Sentence.LONGEST_OPERAND(field=field.name, operator=operator, most=LONGEST_NEEDLE))
    return sought
