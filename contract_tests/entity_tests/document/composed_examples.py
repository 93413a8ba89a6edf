"""The example that a reader is shown where a body has none of its own: made of those in its schema, as renderers do.

Makes values, and judges nothing.
"""

from collections.abc import Iterator

from entity_contract import Contract, Json, Object
from entity_contract.references import escaped, mapping, sequence, strings, target


def shown(contract: Contract, media: Object) -> Iterator[Json]:
    """The values that a media type shows: its own, or else the one that its schema's examples make."""
    if "example" in media:
        yield media["example"]
    for example in mapping(media.get("examples")).values():
        reference = mapping(example).get("$ref")
        yield (contract.target(reference) if isinstance(reference, str) else mapping(example))["value"]
    if not {"example", "examples"} & media.keys():
        made = composed(contract, str(mapping(media.get("schema")).get("$ref", "")))
        yield from () if made is None else (made,)


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
