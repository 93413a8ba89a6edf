"""The operators of the `filter` parameter, as `x-operators` states them.

Facts only: the name, the kind of operand, and the types of the fields that it takes. What an operator selects is for
each reading to know.
"""

from dataclasses import dataclass
from typing import Literal, cast, get_args

from entity_contract.entities import FieldType
from entity_contract.references import Object, mapping, pointer, strings, target

OperandKind = Literal["value", "list", "text", "boolean"]

OPERAND_KINDS: tuple[OperandKind, ...] = get_args(OperandKind)
FIELD_TYPES: tuple[FieldType, ...] = get_args(FieldType)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. `name` is written as in a filter (`$eq`); `types` are those of the fields that it can be used on.

    `operand` says what stands behind it: `value` is a value of the field's type, `list` a non-empty array of such
    values, `text` a string, `boolean` true or false.
    """

    name: str
    operand: OperandKind
    types: tuple[FieldType, ...]


def operators(document: Object) -> tuple[Operator, ...]:
    """The operators of the filter parameter, in the document's order; none where no operation takes a filter."""
    place = filter_parameter(document)
    stated = mapping(target(document, place)[1].get("x-operators")) if place else {}
    return tuple(
        Operator(
            name,
            cast("OperandKind", mapping(facts)["operand"]),
            cast("tuple[FieldType, ...]", strings(mapping(facts).get("types"))) or FIELD_TYPES,
        )
        for name, facts in stated.items()
    )


def filter_parameter(document: Object) -> str | None:
    """The pointer of the component that is the query parameter `filter`, or None."""
    parameters = mapping(mapping(document.get("components")).get("parameters"))
    for name, parameter in parameters.items():
        facts = mapping(parameter)
        if (facts.get("name"), facts.get("in")) == ("filter", "query"):
            return pointer("components", "parameters", name)
    return None
