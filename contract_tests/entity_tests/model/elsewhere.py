"""Another deployment, where others work at the same time: what can be compared there, and what a run came to.

The machine sees its own records alone: every list is narrowed by `id` and `$in`. An entity is compared where the
deployment's OPTIONS tells of the same fields as the contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
from entity_contract import Contract, Entity

from entity_tests.model.deployment import Deployment, Request, Spent, Unusable, path
from entity_tests.model.records import Record
from entity_tests.properties.settings import LiveSettings

DIRECTORY = 3
"""Users of the deployment that the machine's records may name."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What there is to compare: entities (without relations to others), and those left out with the reason."""

    deployment: Deployment
    entities: tuple[Entity, ...]
    left_out: Mapping[str, str]


def opened(settings: LiveSettings, contract: Contract, transport: httpx.BaseTransport | None = None) -> Ground:
    """The deployment, after asking with the API key what can be compared there. Raises Unusable."""
    client = httpx.Client(
        base_url=settings.base,
        headers=[("Authorization", f"Bearer {settings.api_key}"), *settings.headers],
        timeout=settings.timeout,
        transport=transport,
    )
    deployment = Deployment(
        {"one": client}, contract.operators, (), exact=False, budget=settings.max_requests, close=client.close
    )
    try:
        _greet(deployment, contract, settings.base)
        kinds, left_out = _comparable(deployment, contract)
        deployment.directory = _directory(deployment, kinds)
    except httpx.HTTPError as problem:
        raise Unusable(f"cannot reach {settings.base}: {type(problem).__name__}", 4) from None
    except Spent as spent:
        raise Unusable(f"nothing was compared: {spent}", 3) from None
    return Ground(deployment, kinds, left_out)


def _greet(deployment: Deployment, contract: Contract, base: str) -> None:
    reply = deployment.send(Request("GET", path(contract.entities[0]), parameters=[("limit", "1")]))
    if reply.status in (401, 403):
        raise Unusable(f"the API key was refused by {base}: {reply.status}", 4)
    if reply.status != 200 or not isinstance((reply.body or {}).get("data"), list):
        raise Unusable(f"no v1 entity API at {base}: GET {contract.entities[0].name} answered {reply.status}", 4)


def _comparable(deployment: Deployment, contract: Contract) -> tuple[tuple[Entity, ...], dict[str, str]]:
    """The entities that are there as the contract has them, and why the others are left out."""
    left_out: dict[str, str] = {}
    for entity in contract.entities:
        reply = deployment.send(Request("OPTIONS", path(entity)))
        told = (reply.body or {}).get("data")
        fields = told.get("schema") if isinstance(told, dict) else None
        if reply.status != 200 or not isinstance(fields, dict):
            left_out[entity.name] = f"OPTIONS answers {reply.status} and no schema"
        elif _types(fields) != {field.name: field.type for field in entity.fields}:
            left_out[entity.name] = "its fields are not the contract's"
    names = {entity.name for entity in contract.entities} - set(left_out)
    for entity in contract.entities:
        lacking = _needs(entity) - names
        if entity.name in names and lacking:
            left_out[entity.name] = f"its records need {', '.join(sorted(lacking))}"
            names.discard(entity.name)
    return tuple(_within(entity, names) for entity in contract.entities if entity.name in names), left_out


def _types(fields: Mapping[str, Any]) -> dict[str, object]:
    return {name: facts.get("type") if isinstance(facts, dict) else None for name, facts in fields.items()}


def _needs(entity: Entity) -> set[str]:
    required = {field.name for field in entity.fields if field.required}
    return {one.entity for one in entity.relations if one.type == "belongsTo" and one.foreign_key in required}


def _within(entity: Entity, names: set[str]) -> Entity:
    """The entity without its relations to others, and without the fields that name their records."""
    out = {one.foreign_key for one in entity.relations if one.type == "belongsTo" and one.entity not in names}
    return replace(
        entity,
        relations=tuple(one for one in entity.relations if one.entity in names),
        fields=tuple(replace(field, generated=True) if field.name in out else field for field in entity.fields),
    )


def _directory(deployment: Deployment, entities: tuple[Entity, ...]) -> tuple[Record, ...]:
    users = next((entity for entity in entities if not entity.owned), None)
    if users is None:
        return ()
    data = (deployment.send(Request("GET", path(users), parameters=[("limit", str(DIRECTORY))])).body or {}).get("data")
    return tuple(one for one in data if isinstance(one, dict)) if isinstance(data, list) else ()
