"""The contract with one entity more, as its author adds it: `reference-server entity` writes it, no Python is touched.

Makes documents, and judges nothing.
"""

from pathlib import Path
from typing import Any, cast

import yaml
from entity_contract import document
from entity_contract.parsing import FAST_LOADER
from entity_server.new_entity import Asked, new_entity

NAME = "shipments"
"""A new entity that is what the command makes of a name alone."""

TWIN = "suppliers"


def text() -> str:
    """The contract's text."""
    return document.find().read_text(encoding="utf-8")


def printed(asked: Asked) -> tuple[str, ...]:
    """The lines to paste, without the comments that say where."""
    return tuple(line for line in new_entity(asked).splitlines() if line and not line.startswith("#"))


def with_another_entity(folder: Path, asked: Asked | None = None) -> Path:
    """A copy of the contract in the folder, with the new entity in it; shipments when nothing else is asked for."""
    file = folder / "openapi.yaml"
    file.write_text(text(), encoding="utf-8")
    new_entity(asked or Asked(NAME), insert=file)
    return file


def with_twin_children(folder: Path) -> dict[str, Any]:
    """The contract with suppliers of a product: it has them beside its orders, by a foreign key of the same name."""
    file = with_another_entity(folder, Asked(TWIN, parents=("products",)))
    tree = cast("dict[str, Any]", yaml.load(file.read_text(encoding="utf-8"), Loader=FAST_LOADER))
    schemas = tree["components"]["schemas"]
    product = schemas["Product"]
    product["x-entity"]["relations"][TWIN] = {"type": "hasMany", "entity": TWIN, "foreignKey": "productId"}
    product["properties"][TWIN] = {
        "description": "The records whose `productId` names this one, when included.",
        "type": "array",
        "items": {"$ref": "#/components/schemas/Supplier"},
    }
    schemas["ProductRelation"]["enum"].append(TWIN)
    return tree
