"""The filter's operators: `x-operators` says of each what a reading has to know."""

import re
from collections.abc import Iterator

from entity_contract.operators import FIELD_TYPES, OPERAND_KINDS, filter_parameter
from entity_contract.references import Object, escaped, mapping, sequence
from entity_contract.rules.problem import Problem
from entity_contract.rules.view import follow, listed


def operators_are_stated(document: Object) -> Iterator[Problem]:
    """Name, operand and field types."""
    place = filter_parameter(document)
    if place is None:
        return
    stated = follow(document, place)[1].get("x-operators")
    if not mapping(stated):
        yield Problem(place, "the filter parameter lacks x-operators, the operators that a filter can use")
    for name, described in mapping(stated).items():
        where, facts = f"{place}/x-operators/{escaped(name)}", mapping(described)
        if not re.fullmatch(r"\$[A-Za-z]+", name):
            yield Problem(where, f"an operator is $ and letters, and {name} is not")
        for key in facts.keys() - {"operand", "types"}:
            yield Problem(f"{where}/{escaped(key)}", f"{name} has the unknown key {key}; there are operand and types")
        if facts.get("operand") not in OPERAND_KINDS:
            yield Problem(where, f"the operand of {name} is none of {listed(OPERAND_KINDS)}")
        types = sequence(facts.get("types"))
        if "types" in facts and not types:
            yield Problem(f"{where}/types", f"{name} has no types; leave the key out if it takes every field")
        for type_ in types:
            if type_ not in FIELD_TYPES:
                yield Problem(
                    f"{where}/types", f"{name} takes {type_}, which is no type; there are {listed(FIELD_TYPES)}"
                )


RULES = (operators_are_stated,)
