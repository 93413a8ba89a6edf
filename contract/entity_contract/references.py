"""Following `$ref`, and naming a place in the document by its JSON pointer (`#/components/schemas/Task`)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None
Object = Mapping[str, "Json"]
_OBJECT = (dict, Mapping)
"""What an object is. Nearly each is a `dict`, and to ask whether it is a Mapping takes five times as long."""


def escaped(token: str) -> str:
    """One key as a pointer's token (RFC 6901: `~` and `/` are escaped)."""
    return token.replace("~", "~0").replace("/", "~1")


def pointer(*tokens: str | int) -> str:
    """The pointer of a place below the root: `pointer("paths", "/v1/tasks")` is `#/paths/~1v1~1tasks`."""
    return "#" + "".join(f"/{escaped(str(token))}" for token in tokens)


@cache
def tokens(place: str) -> tuple[str, ...]:
    """The unescaped keys of a pointer. Raises ValueError when it does not start with `#/`."""
    if place == "#":
        return ()
    if not place.startswith("#/"):
        message = f"not a pointer into this document: {place}"
        raise ValueError(message)
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in place[2:].split("/"))


def at(document: Object, place: str) -> Json:
    """What stands at a pointer. Raises KeyError when nothing does, ValueError when it is no pointer."""
    node: Json = document
    for token in tokens(place):
        if isinstance(node, _OBJECT) and token in node:
            node = node[token]
        elif isinstance(node, Sequence) and not isinstance(node, str) and token.isdigit() and int(token) < len(node):
            node = node[int(token)]
        else:
            raise KeyError(place)
    return node


def target(document: Object, place: str) -> tuple[str, Object]:
    """Follow `$ref` from a place until there is none: the final pointer and the object there.

    Raises KeyError when a pointer leads nowhere or to something that is no object, and when references go in circles.
    """
    seen: set[str] = set()
    while place not in seen:
        seen.add(place)
        node = at(document, place)
        if not isinstance(node, _OBJECT):
            raise KeyError(place)
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return place, node
        place = reference
    raise KeyError(place)


def references(node: Json, place: str = "#") -> Iterator[tuple[str, str]]:
    """Every `$ref` below a node: the place that holds it, and the pointer it names."""
    if isinstance(node, _OBJECT):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield place, reference
        for key, child in node.items():
            yield from references(child, f"{place}/{escaped(str(key))}")
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for index, child in enumerate(node):
            yield from references(child, f"{place}/{index}")


_SECTIONS = {
    "parameters": "parameters",
    "responses": "responses",
    "headers": "headers",
    "requestBody": "requestBodies",
    "examples": "examples",
    "links": "links",
    "callbacks": "callbacks",
    "paths": "pathItems",
}


def section(place: str) -> str:
    """The section of `components` that a `$ref` at this place may name: `schemas`, `parameters`, `headers` ..."""
    path = tokens(place)
    if path[0] == "components" and len(path) == 3:
        return path[1]
    if path[:2] == ("components", "schemas") or "schema" in path:
        return "schemas"
    return next((_SECTIONS[token] for token in (path[-1], *path[-2:-1]) if token in _SECTIONS), "schemas")


def mapping(node: Json) -> Object:
    """The node as an object; anything else counts as an empty one."""
    return node if isinstance(node, _OBJECT) else {}


def sequence(node: Json) -> Sequence[Json]:
    """The node as an array; anything else counts as an empty one."""
    return node if isinstance(node, list) or (isinstance(node, Sequence) and not isinstance(node, str)) else ()


def strings(node: Json) -> tuple[str, ...]:
    """The strings of an array; anything else counts as an empty one."""
    return tuple(item for item in sequence(node) if isinstance(item, str))
