"""The schema at a pointer, made whole: a reader compiles it as it likes, and no verdict is given here."""

from entity_contract.references import Json, Object, at, references, tokens


def standalone(document: Object, place: str) -> dict[str, Json]:
    """A JSON Schema (2020-12) for the schema at `place` that needs nothing but itself.

    It refers to `place` and carries along every component schema that can be reached from there, under the same
    pointers, so that `$ref` resolves inside of it. Raises KeyError when the pointer leads nowhere.
    """
    carried: dict[str, Json] = {}
    waiting = [place]
    while waiting:
        current = waiting.pop()
        if current in carried:
            continue
        carried[current] = at(document, current)
        waiting.extend(reference for _, reference in references(carried[current]))
    schema: dict[str, Json] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": place}
    for pointer, node in carried.items():
        _put(schema, tokens(pointer), node)
    return schema


def _put(root: dict[str, Json], path: tuple[str, ...], node: Json) -> None:
    """Place a node below the root, without disturbing what already stands on the way."""
    *parents, last = path
    here = root
    for token in parents:
        here = here.setdefault(token, {})  # type: ignore[assignment]  # every parent on the way is an object
    here[last] = node
