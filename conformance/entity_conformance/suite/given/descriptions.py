"""What OPTIONS says about an entity, to whom, and how it was asked."""

from collections.abc import Mapping, Sequence
from typing import get_args

from entity_contract import Entity, Scope

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.credentials import BY_SCOPE
from entity_conformance.deployment.problems import Blocked
from entity_conformance.suite.given.askers import reader

_GRANTED = 200
_SCOPES: tuple[Scope, ...] = get_args(Scope)


async def description(api: Api, entity: Entity) -> Reply:
    """What OPTIONS says about an entity to a key with all scopes."""
    return await api.once(("description", entity.name), lambda: api.description(entity))


async def metadata(api: Api, entity: Entity) -> Reply:
    """The description, where it is one. Raises Blocked where it tells no schema, which is judged by itself (O7)."""
    reply = await description(api, entity)
    if not any(isinstance(one.get("schema"), Mapping) for one in reply.listed):
        raise Blocked("OPTIONS describes no schema")
    return reply


async def descriptions(api: Api, entity: Entity) -> Mapping[Scope, tuple[Entity, Reply]]:
    """What OPTIONS says to a key with one scope, by that scope; without those that it is refused to for their scope.

    Each is asked about another entity, the first about this one; in a thorough run, which asks about all, all are.
    """
    replies = {scope: (_described_at(api, entity, scope), await _described_to(api, entity, scope)) for scope in _SCOPES}
    told = {scope: (of, reply) for scope, (of, reply) in replies.items() if reply.status != 403}
    if not told:
        raise Blocked("OPTIONS tells nothing to any key with one scope")
    return told


def _described_at(api: Api, entity: Entity, scope: Scope) -> Entity:
    """The entity whose description the key with that scope asks for: of the others, runs take turns."""
    others = [one for one in api.entities if one != entity and {"metadata", "create"} <= set(one.operations)]
    if api.context.is_thorough or scope == "read" or not others:
        return entity
    return others[(api.context.seed + _SCOPES.index(scope)) % len(others)]


async def described_without_scope(api: Api, entity: Entity) -> Sequence[Reply]:
    """What OPTIONS says to the keys that may write alone, and delete alone."""
    return [await _described_to(api, entity, scope) for scope in ("write", "delete")]


async def described_with_a_type(api: Api, entity: Entity) -> Reply:
    """What OPTIONS says to a request that has a Content-Type and no body."""
    return await api.once(("described with a type", entity.name), lambda: _described_with_a_type(api, entity))


async def _described_with_a_type(api: Api, entity: Entity) -> Reply:
    said = {"Content-Type": "application/json"}
    reply = await api.metadata(entity, headers=said, credential=reader(api))
    return await api.metadata(entity, headers=said) if reply.status in {401, 403} else reply


async def _described_to(api: Api, entity: Entity, scope: Scope) -> Reply:
    entity = _described_at(api, entity, scope)
    with_a_type = await described_with_a_type(api, entity) if scope == "read" else None
    if with_a_type is not None and (with_a_type.status, with_a_type.credential) == (_GRANTED, BY_SCOPE[scope]):
        return with_a_type
    ask = api.description if scope != "read" else api.metadata  # it was asked with a type before
    return await api.once(("described", entity.name, scope), lambda: ask(entity, credential=BY_SCOPE[scope]))
