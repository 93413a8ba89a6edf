"""Shared records that have a parent of their own, several of one parent, or somebody of the directory."""

from collections.abc import Iterable
from functools import partial
from operator import eq

from entity_contract import Entity, Relation

from entity_conformance.deployment.api import Api, Record
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.suite import sample
from entity_conformance.suite.given.child import Child
from entity_conformance.suite.given.conflicts import BY_A_RULE, named
from entity_conformance.suite.given.created import made, whole
from entity_conformance.suite.given.groups import body, group, record, taken
from entity_conformance.suite.given.person import persons


async def child(api: Api, entity: Entity) -> Child:
    """A shared record of the entity with a parent of its own."""
    return await api.once(("child", entity.name), lambda: _only_child(api, entity))


async def longest_child(api: Api, entity: Entity) -> Child:
    """The shared record with the longest texts and its parent, or another where it has none."""
    known = (await group(api, entity)).longest
    for relation in entity.relations:
        target = api.entity(relation.entity)
        if relation.type == "belongsTo" and target is not None and "create" in target.operations:
            held = [one for one in (await group(api, target)).records if one["id"] == known.get(relation.foreign_key)]
            if held:
                return Child(known, relation, held[0])
    return await child(api, entity)


async def siblings(api: Api, entity: Entity) -> tuple[Child, ...]:
    """All shared records of one parent, more than five where they cannot be without one."""
    relation, known = await _crowd(api, entity)
    return tuple(Child(record, relation, known[0]) for record in known[1:])


async def assigned(api: Api, entity: Entity) -> Record:
    """A shared record that belongs to somebody from the directory: to the first whom it can name.

    Raises OutOfProfile where none of those that were tried is taken: a directory may show whom no record can name.
    """
    key = sample.person(entity).foreign_key
    for somebody in await persons(api):
        held = (await group(api, entity)).having(key, partial(eq, somebody["id"]))
        if held:
            return held[0]
        created = await taken(api, entity, await body(api, entity, **{key: somebody["id"]}), kept={key})
        is_refused = created.reply.status in BY_A_RULE and named(created.reply) == {key}
        if not is_refused and created.body.get(key) == somebody["id"]:
            return await whole(api, entity, made(api, created.reply))
    raise OutOfProfile(f"{entity.name}: nobody of the directory is known whom {key} can name")


async def assigned_child(api: Api, entity: Entity) -> Child:
    """A shared record that belongs to somebody from the directory, as that person's child."""
    known, relation = await assigned(api, entity), sample.person(entity)
    for somebody in await persons(api):
        if somebody["id"] == known.get(relation.foreign_key):
            return Child(known, relation, somebody)
    raise Blocked(f"{relation.foreign_key} of {known['id']} names nobody whom the directory shows")


async def _crowd(api: Api, entity: Entity) -> tuple[Relation, tuple[Record, ...]]:
    """The relation by which most of the group's records have one parent, that parent, and they.

    The first record of a group is the parent of whatever else needs one, so that nobody knows all of its children.
    """
    found: list[tuple[int, Relation, tuple[Record, ...]]] = []
    records = (await group(api, entity)).records
    for relation in entity.relations:
        target = api.entity(relation.entity)
        if relation.type == "belongsTo" and target is not None and "create" in target.operations:
            for parent in (await group(api, target)).records[1:]:
                held = tuple(one for one in records if one.get(relation.foreign_key) == parent["id"])
                found.append((len(held), relation, (parent, *held)))
    if not found or (most := max(found, key=lambda one: (one[0] and one[1].told, one[0])))[0] == 0:
        raise OutOfProfile(f"{entity.name} has no parent that this run can create")
    return most[1], most[2]


async def _only_child(api: Api, entity: Entity) -> Child:
    relation, _ = await _crowd(api, entity)
    target = api.entity(relation.entity)
    records = (await group(api, entity)).records
    for parent in (await group(api, target)).records[1:] if target is not None else ():
        held = [one for one in records if one.get(relation.foreign_key) == parent["id"]]
        if len(held) == 1:
            return Child(held[0], relation, parent)
    return await _child(api, entity, (*entity.includable, *entity.relations))


async def _child(api: Api, entity: Entity, relations: Iterable[Relation]) -> Child:
    for relation in relations:
        target = api.entity(relation.entity)
        if relation.type == "belongsTo" and target is not None and "create" in target.operations:
            parent = await record(api, target)
            return Child(await record(api, entity, **{relation.foreign_key: parent["id"]}), relation, parent)
    raise OutOfProfile(f"{entity.name} has no parent that this run can create")
