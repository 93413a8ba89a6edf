"""Faults planted in openapi.yaml, one document each, and the rule that must catch it.

The table is planted_faults.yaml. A fault is an edit of an excerpt of the real document, so that what the linters see is
the document as it would look after a slip of the pen. A place is written as its keys, separated by blanks; a `$ref` on
the way is followed, so that a place is found wherever the document keeps what stands there.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from entity_contract.parsing import FAST_LOADER
from entity_contract.references import Object, at, references, tokens

KEPT_PATHS = ("/v1/tasks", "/v1/tasks/{id}", "/health")
SCHEMAS = "#/components/schemas/"
REMOVED = object()
"""Stands for the value of a key that a fault takes away."""

Linter = Literal["redocly", "spectral", "project"]


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault: which rule of which linter catches it, and the edits that make it: by place the new value, or REMOVED.

    `project` stands for the project's own rules (style_rules.py).
    """

    name: str
    linter: Linter
    rule: str
    edits: Mapping[str, Any]


def excerpt(document: Object) -> dict[str, Any]:
    """The document with a few paths and the components that they use: all shapes, a third of the size."""
    small: dict[str, Any] = json.loads(json.dumps(document))  # nothing is shared, as aliases would be
    small["paths"] = {path: small["paths"][path] for path in KEPT_PATHS}
    used = set(_used(small, (pointer for _, pointer in references(small["paths"]))))
    for kind in ("schemas", "parameters", "responses", "headers", "requestBodies"):
        components = small["components"].get(kind, {})
        small["components"][kind] = {name: component for name, component in components.items() if (kind, name) in used}
    return small


def _used(document: Mapping[str, Any], pointers: Iterable[str]) -> set[tuple[str, str]]:
    used: set[tuple[str, str]] = set()
    left = list(pointers)
    while left:
        _, kind, name, *_ = tokens(left.pop())
        if (kind, name) not in used:
            used.add((kind, name))
            left.extend(pointer for _, pointer in references(document["components"][kind][name]))
    return used


def spoiled(document: Mapping[str, Any], fault: Planted) -> dict[str, Any]:
    """A copy of the document with the fault in it."""
    spoilt: dict[str, Any] = json.loads(json.dumps(document))
    for place, value in fault.edits.items():
        *above, key = place.split()
        node: Any = spoilt
        for token in above:
            node = node[int(token)] if isinstance(node, list) else _followed(spoilt, node).setdefault(token, {})
        node = node if isinstance(node, list) else _followed(spoilt, node)
        if value is REMOVED:
            del node[key]
        elif isinstance(node, list):
            node.append(value)
        else:
            node[key] = value
    return spoilt


def _followed(document: dict[str, Any], node: Any) -> Any:
    while not str(node.get("$ref", SCHEMAS)).startswith(SCHEMAS):  # what stands beside a schema's $ref is said of it
        node = at(document, node["$ref"])
    return node


def together(faults: Iterable[Planted]) -> tuple[tuple[Planted, ...], ...]:
    """The faults in groups that one document can hold: none of a group has another's rule or touches its places.

    A finding then belongs to the fault of its rule, if it stands where that was planted (`stands_at`).
    """
    groups: list[list[Planted]] = []
    for fault in faults:
        fitting = (group for group in groups if not any(_clash(fault, other) for other in group))
        group = next(fitting, None)
        if group is None:
            groups.append([fault])
        else:
            group.append(fault)
    return tuple(map(tuple, groups))


def stands_at(place: str, fault: Planted) -> bool:
    """Whether a JSON pointer leads to what a fault edits, into that or to what holds it; `#` tells no place."""
    found = tuple(tokens(place))
    return bool(found) and any(_one_holds_the_other(found, edited) for edited in _places(fault))


def _clash(one: Planted, other: Planted) -> bool:
    return one.rule == other.rule or any(
        _one_holds_the_other(first, second) for first in _places(one) for second in _places(other)
    )


def _places(fault: Planted) -> tuple[tuple[str, ...], ...]:
    """What the fault edits, each place as its keys; what is appended to a list (`-`) edits the list."""
    return tuple(tuple(place.removesuffix(" -").split()) for place in fault.edits)


def _one_holds_the_other(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    shared = min(len(first), len(second))
    return first[:shared] == second[:shared]


def _planted(kind: str, linter: Linter) -> tuple[Planted, ...]:
    """The faults of one kind; `linter` catches those that name none."""
    return tuple(
        Planted(
            row["name"],
            row.get("linter", linter),
            row["rule"],
            {**row.get("set", {}), **dict.fromkeys(row.get("remove", ()), REMOVED)},
        )
        for row in _TABLE[kind]
    )


_TABLE = yaml.load(Path(__file__).with_name("planted_faults.yaml").read_text(encoding="utf-8"), Loader=FAST_LOADER)
SHAPES = _planted("shapes", "spectral")
FAULTS = _planted("faults", "redocly")
RULES = _planted("rules", "project")
