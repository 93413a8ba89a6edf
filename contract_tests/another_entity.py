"""The contract with one entity more, as somebody would add it: `openapi.yaml` is changed, and no Python.

The new entity, suppliers, has the customers' fields, and a product instead of the customers' orders; products list
their suppliers beside their orders, by a foreign key of the same name.
"""

import copy
from typing import Any, cast

from contract import Contract

OLD, NEW = "Customer", "Supplier"
NAME = "suppliers"

Node = Any


def with_suppliers(contract: Contract) -> dict[str, Any]:
    """The document with the schemas, parameters, bodies, answers and paths of suppliers."""
    document = copy.deepcopy(cast("dict[str, Any]", contract.document))
    components = document["components"]
    for section in ("schemas", "parameters", "requestBodies", "responses"):
        part = components[section]
        part |= {name.replace(OLD, NEW): _renamed(part[name]) for name in [*part] if name.startswith(OLD)}
    for path in ("/v1/customers", "/v1/customers/{id}"):
        document["paths"][path.replace("customers", NAME)] = _renamed(document["paths"][path])
    document["tags"].append({"name": "Suppliers", "description": "Who sells to the shop."})
    _relate(components["schemas"], components["parameters"])
    return document


def _renamed(node: Node) -> Node:
    """A copy in which customers are suppliers."""
    if isinstance(node, dict):
        return {str(key).replace(OLD, NEW): _renamed(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_renamed(item) for item in node]
    if isinstance(node, str):
        return node.replace(OLD, NEW).replace("customer", "supplier")
    return node


def _relate(schemas: dict[str, Any], parameters: dict[str, Any]) -> None:
    """Suppliers have a product and no orders; a product has suppliers."""
    supplier = schemas[NEW]
    facts = supplier["x-entity"]
    facts |= {"name": NAME, "idPrefix": "sup"}
    facts["relations"] = {"product": {"type": "belongsTo", "entity": "products", "foreignKey": "productId"}}
    key = {"type": ["string", "null"], "description": "What they sell."}
    shown = supplier["properties"]
    del shown["orders"]
    shown["productId"] = key
    shown["product"] = {
        "description": "The record that `productId` names, when included.",
        "anyOf": [{"$ref": "#/components/schemas/Product"}, {"type": "null"}],
    }
    for body in ("Create", "Update"):
        schemas[f"{NEW}{body}"]["properties"]["productId"] = {**key, "minLength": 1}
    schemas[f"{NEW}Field"]["enum"].append("productId")
    schemas[f"{NEW}Relation"]["enum"] = ["product"]
    parameters[f"{NEW}Include"]["example"] = ["product"]
    product = schemas["Product"]
    product["x-entity"]["relations"][NAME] = {"type": "hasMany", "entity": NAME, "foreignKey": "productId"}
    product["properties"][NAME] = {
        "description": "The records whose `productId` names this one, when included.",
        "type": "array",
        "items": {"$ref": f"#/components/schemas/{NEW}"},
    }
    schemas["ProductRelation"]["enum"].append(NAME)
