"""The example of a documented answer's body: the one that the contract gives, or one made from its schema.

Pure: the same document gives the same example.
"""

from collections.abc import Mapping, Sequence

from entity_contract import Contract, Json, Object
from entity_contract.references import escaped, mapping, sequence, strings, target

_MEDIA = "content/application~1json"
_FORMATS: Mapping[str, str] = {
    "date-time": "2025-01-15T10:30:00Z",
    "date": "2025-01-15",
    "time": "10:30:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "uuid": "9f1c0a52-6d0e-4c39-8a43-0d9f8f0f2a11",
}
_DEEPEST = 8  # schemas may name each other in circles


def example_of(contract: Contract, response: str) -> Json:
    """The body of the response at a pointer: its example, the first of its examples, or what its schema describes."""
    place = f"{response}/{_MEDIA}"
    media = contract.target(place)
    if "example" in media:
        return media["example"]
    for name in mapping(media.get("examples")):
        return contract.target(f"{place}/examples/{escaped(name)}")["value"]
    return made(contract, f"{place}/schema")


def made(contract: Contract, schema: str) -> Json:
    """A value that the schema at a pointer describes."""
    return _made(contract.document, schema, depth=0)


def _made(document: Object, place: str, *, depth: int) -> Json:
    """The value; what the schema leaves open is chosen as plainly as can be. A pattern is beyond it."""
    where, schema = target(document, place)
    if given := _given(schema):
        return given[0]
    word = next((word for word in ("allOf", "oneOf", "anyOf") if sequence(schema.get(word))), None)
    if word is not None:
        parts = range(len(sequence(schema[word])) if word == "allOf" else 1)
        return _joined([_made(document, f"{where}/{word}/{index}", depth=depth + 1) for index in parts])
    match _type(schema):
        case "object":
            return _object(document, where, schema, depth=depth)
        case "array":
            wanted = max(1, _integer(schema.get("minItems"), 0)) if depth < _DEEPEST and "items" in schema else 0
            return [_made(document, f"{where}/items", depth=depth + 1)] * wanted
        case kind:
            return _scalar(kind, schema)


def _scalar(kind: str, schema: Object) -> Json:
    match kind:
        case "integer" | "number":
            return _integer(schema.get("minimum"), 0)
        case "boolean":
            return mapping(schema.get("not")).get("const") is not True
        case "null":
            return None
        case _:
            return _text(schema)


def _given(schema: Object) -> tuple[Json, ...]:
    """What the schema itself says that a value may be."""
    return (
        *((schema["example"],) if "example" in schema else ()),
        *sequence(schema.get("examples")),
        *((schema["const"],) if "const" in schema else ()),
        *((schema["default"],) if "default" in schema else ()),
        *sequence(schema.get("enum")),
    )


def _object(document: Object, where: str, schema: Object, *, depth: int) -> Json:
    """Every member that is plain, and those that must be there; a record need not include others."""
    required = strings(schema.get("required"))
    members: dict[str, Json] = {}
    for name in mapping(schema.get("properties")):
        place = f"{where}/properties/{escaped(name)}"
        _, member = target(document, place)
        plain = _type(member) not in ("object", "array") and not any(word in member for word in ("anyOf", "oneOf"))
        if name in required or (plain and depth < _DEEPEST):
            members[name] = _made(document, place, depth=depth + 1)
    return members


def _joined(parts: Sequence[Json]) -> Json:
    members: dict[str, Json] = {}
    for part in parts:
        members |= mapping(part)
    return members or parts[0]


def _type(schema: Object) -> str:
    declared = schema.get("type")
    if isinstance(declared, str):
        return declared
    named = next((name for name in strings(declared) if name != "null"), None)
    return named or ("object" if "properties" in schema else "string")


def _integer(value: Json, otherwise: int) -> int:
    return int(value) if isinstance(value, int | float) else otherwise


def _text(schema: Object) -> str:
    known = _FORMATS.get(str(schema.get("format")), "example")
    shortest, longest = _integer(schema.get("minLength"), 0), _integer(schema.get("maxLength"), len(known))
    return known.ljust(shortest, "e")[: max(longest, shortest)]
