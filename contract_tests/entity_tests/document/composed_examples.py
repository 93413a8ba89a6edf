"""The example that a reader is shown where a body has none of its own: made of those in its schema, as renderers do.

Charter: makes a value, judges nothing.
"""

from entity_contract import Contract, Json
from entity_contract.references import escaped, mapping, sequence, strings, target


def composed(contract: Contract, place: str) -> Json:
    """The example that a reader sees for a schema: its own first one, or one made of its parts', or None.

    A flag that can have one value only shows that one.
    """
    schema = contract.target(place) if place else {}
    if "examples" in schema:
        return sequence(schema["examples"])[0]
    if schema.get("type") == "array":
        item = composed(contract, f"{target(contract.document, place)[0]}/items")
        return None if item is None else [item]
    if "properties" in schema:
        where = target(contract.document, place)[0]
        parts = {
            name: composed(contract, f"{where}/properties/{escaped(name)}") for name in strings(schema["required"])
        }
        return None if None in parts.values() else parts
    excluded = mapping(schema.get("not")).get("const")
    return not excluded if isinstance(excluded, bool) else None
