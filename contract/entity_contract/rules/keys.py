"""The `x-` keys. Anybody's are legal OpenAPI; one of ours has its place, and must not be misspelt."""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher

from entity_contract.references import Json, Object, escaped, sequence, tokens
from entity_contract.rules.problem import Problem

EXTENSIONS: Mapping[str, str] = {
    "x-entity": "a schema in components/schemas",
    "x-type": "a property",
    "x-error-code": "a parameter",
    "x-operators": "the filter parameter",
    "x-statuses": "the ErrorCode schema",
}
"""Every key of ours, and where it stands."""

_NAMED = frozenset({
    "schemas", "parameters", "headers", "requestBodies", "examples", "links", "callbacks", "securitySchemes",
    "pathItems", "webhooks", "properties", "patternProperties", "dependentSchemas", "dependentRequired", "$defs",
    "definitions", "content", "encoding", "variables", "scopes", "mapping",
})  # fmt: skip
"""Keys whose value has names for keys: a property may be called anything. Paths and statuses are no such names: a key
among them that begins with `x-` is an extension."""

_VALUES = frozenset({"example", "default", "enum", "const", "value"})


def ours_are_spelt_right_and_in_place(document: Object) -> Iterator[Problem]:
    """A misspelt key would say nothing, and one of ours elsewhere is read by nobody."""
    for place, key in _keys(document, "#", named=False):
        meant = misspelt(key)
        if meant is not None:
            yield Problem(f"{place}/{escaped(key)}", f"{key} is probably {meant}, misspelt: correct it")
        elif key in EXTENSIONS and not _BELONGS[key](place):
            yield Problem(f"{place}/{escaped(key)}", f"{key} says nothing here; it stands on {EXTENSIONS[key]}")


def misspelt(key: str) -> str | None:
    """Which key of ours was probably meant by another `x-` key; None for one that is right, or somebody else's."""
    if key in EXTENSIONS or not re.match("[xX][-_]", key):
        return None
    return next((ours for ours in EXTENSIONS if _is_slip(key.lower().replace("_", "-"), ours)), None)


def _is_slip(key: str, ours: str) -> bool:
    """Whether a key is ours but for its capitals, its hyphens, its plural, two letters exchanged, a letter or two."""
    if key.endswith("ies"):
        key = key.removesuffix("ies") + "y"
    if key.replace("-", "") == ours.replace("-", "") or sorted(key) == sorted(ours):
        return True
    changes = SequenceMatcher(None, key, ours, autojunk=False).get_opcodes()
    letters = sum(max(end - start, until - begin) for kind, start, end, begin, until in changes if kind != "equal")
    return letters <= len(ours) // 6


def _keys(node: Json, place: str, *, named: bool) -> Iterator[tuple[str, str]]:
    """Every `x-` key with the place of what holds it, but for names and what stands in values."""
    if isinstance(node, Mapping):
        for key, child in node.items():
            extension = not named and re.match("[xX][-_]", key) is not None
            if extension:
                yield place, key
            if named or not (extension or _is_value(key, child)):
                has_names = key in _NAMED or (place, key) == ("#/components", "responses")
                yield from _keys(child, f"{place}/{escaped(key)}", named=not named and has_names)
    else:
        for index, child in enumerate(sequence(node)):
            yield from _keys(child, f"{place}/{index}", named=False)


def _is_value(key: str, content: Json) -> bool:
    """Whether it is somebody's data. `examples` are data in a list, and objects by their names in a mapping."""
    return key in _VALUES or (key == "examples" and not isinstance(content, Mapping))


def _is_parameter(place: str) -> bool:
    return tokens(place)[-2:-1] == ("parameters",)


_BELONGS: Mapping[str, Callable[[str], bool]] = {
    "x-entity": lambda place: place.startswith("#/components/schemas/") and len(tokens(place)) == 3,
    "x-type": lambda place: tokens(place)[-2:-1] in (("properties",), ("schemas",)),
    "x-error-code": _is_parameter,
    "x-operators": _is_parameter,
    "x-statuses": lambda place: place == "#/components/schemas/ErrorCode",
}

RULES = (ours_are_spelt_right_and_in_place,)
