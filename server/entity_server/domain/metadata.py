"""What OPTIONS says about an entity (O1-O4, O8).

Derived from the contract's facts alone, as they are enforced; the caller adds who asks and how often it may.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from entity_contract import Action, Entity, Field, Scope

from entity_server.domain.limits import RateLimit

_METHODS: tuple[tuple[str, frozenset[Action]], ...] = (
    ("GET", frozenset({"list", "read"})),
    ("POST", frozenset({"create"})),
    ("PATCH", frozenset({"update"})),
    ("DELETE", frozenset({"delete"})),
    ("OPTIONS", frozenset({"metadata"})),
)
_NEEDED: Mapping[Scope, frozenset[Action]] = {
    "read": frozenset({"list", "read"}),
    "write": frozenset({"create", "update"}),
    "delete": frozenset({"delete"}),
}
_BOUNDS = (
    ("minLength", "min_length"), ("maxLength", "max_length"), ("minimum", "minimum"), ("maximum", "maximum"),
    ("format", "format"), ("pattern", "pattern"),
)  # fmt: skip


def describe(entity: Entity, scopes: Collection[Scope], limit: RateLimit) -> dict[str, Any]:
    """The data of an OPTIONS answer: the entity as it is, this caller's permissions and limit.

    A permission needs the scope and an operation of the entity that uses it (R19).
    """
    permissions = {
        scope: scope in scopes and not actions.isdisjoint(entity.operations) for scope, actions in _NEEDED.items()
    }
    rate = {"limit": limit.limit, "window": limit.window}
    return {**_facts(entity), "permissions": permissions, "rateLimit": rate}


@lru_cache(maxsize=256)
def _facts(entity: Entity) -> Mapping[str, Any]:
    return {
        "entity": entity.name,
        "methods": [method for method, actions in _METHODS if not actions.isdisjoint(entity.operations)],
        "schema": {field.name: _field(field) for field in entity.fields},
        "relations": {
            relation.name: {"type": relation.type, "entity": relation.entity, "foreignKey": relation.foreign_key}
            for relation in entity.relations
        },
    }


def _field(field: Field) -> dict[str, Any]:
    facts: dict[str, Any] = {"type": field.type, "required": field.required}
    if field.generated:
        facts["generated"] = True
    if field.nullable:
        facts["nullable"] = True
    if field.values:
        facts["values"] = list(field.values)
    if field.default is not None:
        facts["default"] = field.default
    for name, attribute in _BOUNDS:
        value = getattr(field, attribute)
        if value is not None:
            facts[name] = value
    return facts
