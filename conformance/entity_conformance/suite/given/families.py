"""A child with parents of its own: what becomes of it when they change, and when they are deleted."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from entity_contract import Entity, Relation

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import sample
from entity_conformance.suite.given.acts import different
from entity_conformance.suite.given.groups import absent_id, record


@dataclass(frozen=True, slots=True)
class Family:
    """A record and its parents by relation, which no other record names."""

    child: Record
    parents: Mapping[Relation, Record]


@dataclass(frozen=True, slots=True)
class Included:
    """What a parent was changed to after READ had shown it beside its child, and what READ shows of it then."""

    relation: Relation
    parent: Record
    body: Mapping[str, object]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Parting:
    """The DELETE of a parent, and READ of its child and of itself afterwards."""

    relation: Relation
    parent: Record
    child: Record
    deleted: Reply
    left: Reply
    gone: Reply


async def family(api: Api, entity: Entity) -> Family:
    """A record with a parent in each relation whose parents can be made. Raises OutOfProfile where there is none."""
    return await api.once(("family", entity.name), lambda: _family(api, entity))


async def changed_parents(api: Api, entity: Entity) -> tuple[Included, ...]:
    """The parents, changed one after the other after they were included once, as they are included then."""
    return await api.once(("changed parents", entity.name), lambda: _changed_parents(api, entity))


async def partings(api: Api, entity: Entity) -> tuple[Parting, ...]:
    """The parents deleted one after the other, first those that the child can be without."""
    return await api.once(("partings", entity.name), lambda: _partings(api, entity))


async def parting(api: Api, entity: Entity, *, is_required: bool) -> Parting:
    """The first of them from a parent that the child cannot be without, or can."""
    required = sample.required(entity)
    found = [one for one in await partings(api, entity) if (one.relation.foreign_key in required) is is_required]
    if not found:
        raise OutOfProfile(f"{entity.name} has no such parent that this run can create")
    return found[0]


def parents_key(api: Api, entity: Entity) -> str:
    """The foreign key of the first relation whose parents can be made. Raises OutOfProfile where there is none."""
    return _makeable(api, entity)[0].foreign_key


async def nobodys_parent(api: Api, entity: Entity) -> str:
    """An id in the form of that parent's that belongs to nobody."""
    relation = _makeable(api, entity)[0]
    target = api.entity(relation.entity)
    return await absent_id(api, target) if target else sample.another_id(relation.entity)


def _makeable(api: Api, entity: Entity) -> tuple[Relation, ...]:
    targets = {one.name for one in api.entities if "create" in one.operations}
    found = tuple(one for one in entity.relations if one.type == "belongsTo" and one.entity in targets)
    if not found:
        raise OutOfProfile(f"{entity.name} has no parent that this run can create")
    return found


async def _family(api: Api, entity: Entity) -> Family:
    parents: dict[Relation, Record] = {}
    for relation in _makeable(api, entity):
        if (target := api.entity(relation.entity)) is not None:
            parents[relation] = await record(api, target)
    keys = {relation.foreign_key: parent["id"] for relation, parent in parents.items()}
    return Family(await record(api, entity, **keys), parents)


async def _changed_parents(api: Api, entity: Entity) -> tuple[Included, ...]:
    known = await family(api, entity)
    names = tuple(relation.name for relation in known.parents)
    await api.read(entity, known.child["id"], include=names)
    bodies: dict[Relation, Mapping[str, object]] = {}
    for relation, parent in known.parents.items():
        target = api.entity(relation.entity)
        body = {} if target is None or "update" not in target.operations else different(api, target, parent)
        if body and (await api.update(relation.entity, parent["id"], body)).status < 300:
            bodies[relation] = body
    if not bodies:
        raise Blocked("no parent could be changed")
    reply = await api.read(entity, known.child["id"], include=names)
    return tuple(Included(relation, known.parents[relation], body, reply) for relation, body in bodies.items())


async def _partings(api: Api, entity: Entity) -> tuple[Parting, ...]:
    known = await family(api, entity)
    with suppress(Violation, Blocked, OutOfProfile):  # whoever judges what is included has its turn before
        await changed_parents(api, entity)
    found: list[Parting] = []
    for relation in (*sample.parents(entity, "optional"), *sample.parents(entity, "required")):
        if (parent := known.parents.get(relation)) is None:
            continue
        deleted = await api.delete(relation.entity, parent["id"])
        left = await api.read(entity, known.child["id"])
        gone = await api.read(relation.entity, parent["id"])
        found.append(Parting(relation, parent, known.child, deleted, left, gone))
        if left.status != 200:
            break
    return tuple(found)
