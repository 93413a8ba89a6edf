"""A copy of openapi.yaml with an edit in it. Nothing is shared in a copy, so that an edit touches one place."""

import json
from collections.abc import Mapping
from typing import Any

from entity_contract import load
from entity_contract.references import at, tokens

_WRITTEN = json.dumps(load().document)

REMOVED = object()
"""Stands for the value of what an edit takes away."""


def copied() -> dict[str, Any]:
    """The document's tree, free to be spoiled."""
    tree: dict[str, Any] = json.loads(_WRITTEN)
    return tree


def spoiled(edits: Mapping[str, object]) -> dict[str, Any]:
    """The document with each place (a JSON pointer, `-` behind the last item of a list) given its value."""
    tree = copied()
    for place, value in edits.items():
        above, _, _ = place.rpartition("/")
        holder: Any = at(tree, above)
        key: Any = tokens(place)[-1]
        if key == "-":
            holder.append(value)
            continue
        key = int(key) if isinstance(holder, list) else key
        if value is REMOVED:
            del holder[key]
        else:
            holder[key] = value
    return tree
