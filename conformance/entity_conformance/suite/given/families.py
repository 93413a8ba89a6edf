"""A child whose parents are the records of other entities that live and die meanwhile: who names whom.

So the changes and the deletion of a parent are seen from its child's side too.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from entity_contract import Entity, Relation

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import sample
from entity_conformance.suite.given.absent import absent_id
from entity_conformance.suite.given.acts import by_own_key
from entity_conformance.suite.given.created import made
from entity_conformance.suite.given.groups import record, sparse
from entity_conformance.suite.given.person import person


@dataclass(frozen=True, slots=True)
class Family:
    """A record, its parents by relation, and its sibling with the same ones; no other record names them.

    There is no sibling where a parent takes no other, and where one key asks everything: it has no requests for it.
    """

    child: Record
    parents: Mapping[Relation, Record]
    sibling: Record | None


async def family(api: Api, entity: Entity) -> Family:
    """A record with a parent in each relation whose parents can be made. Raises OutOfProfile where there is none.

    Where it is the parent's heir, that is the one of its entity that is changed and deleted.
    """
    return await api.once(("family", entity.name), lambda: _family(api, entity))


async def included_first(api: Api, entity: Entity) -> Reply:
    """READ of the child with its parents, before anything of them was changed."""
    return await api.once(("included first", entity.name), lambda: included_now(api, entity))


async def included_now(api: Api, entity: Entity) -> Reply:
    """READ of the child with its parents, always by the same credential."""
    known = await family(api, entity)
    names = tuple(relation.name for relation in known.parents if relation.told)
    return await by_own_key(
        api, "read", lambda name: api.read(entity, known.child["id"], include=names, credential=name)
    )


def heir(api: Api, parent: Entity) -> tuple[Entity, Relation] | None:
    """The first entity whose records belong to this one's, and how; None where there is none in this run."""
    for entity in api.entities:
        if "create" in entity.operations:
            for relation in entity.relations:
                if relation.type == "belongsTo" and relation.entity == parent.name:
                    return entity, relation
    return None


async def nobodys_ids(api: Api, entity: Entity) -> Mapping[str, str]:
    """By foreign key an id in the form of its parents' that belongs to nobody: of parents that this run knows.

    Raises OutOfProfile where there are none.
    """
    found: dict[str, str] = {}
    for relation in (*sample.parents(entity, "required"), *sample.parents(entity, "optional")):
        target = api.entity(relation.entity)
        if target is not None:
            found[relation.foreign_key] = await absent_id(api, target)
        elif relation.entity == "users":
            with suppress(Blocked, OutOfProfile):
                found[relation.foreign_key] = api.invented(sample.another_id((await person(api))["id"]))
    if not found:
        raise OutOfProfile(f"{entity.name} has no parent that this run knows")
    return found


def _makeable(api: Api, entity: Entity) -> tuple[Relation, ...]:
    targets = {one.name for one in api.entities if "create" in one.operations}
    found = tuple(one for one in entity.relations if one.type == "belongsTo" and one.entity in targets)
    if not found:
        raise OutOfProfile(f"{entity.name} has no parent that this run can create")
    return found


def _keys(parents: Mapping[Relation, Record]) -> dict[str, str]:
    return {relation.foreign_key: parent["id"] for relation, parent in parents.items()}


async def _family(api: Api, entity: Entity) -> Family:
    parents: dict[Relation, Record] = {}
    for relation in _makeable(api, entity):
        if (target := api.entity(relation.entity)) is not None:
            lives = heir(api, target) == (entity, relation)
            parents[relation] = made(api, (await sparse(api, target)).reply) if lives else await record(api, target)
    try:
        child = await record(api, entity, **_keys(parents))
    except OutOfProfile:  # what one may be of may be ruled: by another field of the record, or of the parent
        needed = sample.required(entity)
        parents = {relation: parent for relation, parent in parents.items() if relation.foreign_key in needed}
        if not parents:
            raise
        child = await record(api, entity, **_keys(parents))
    keys, sibling = _keys(parents), None
    if api.has("read_key"):
        with suppress(Violation, Blocked, OutOfProfile):  # some parents take few children
            sibling = await record(api, entity, **keys)
    return Family(child, parents, sibling)
