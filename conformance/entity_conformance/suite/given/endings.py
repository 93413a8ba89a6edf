"""How records end: deleted by themselves, or as the parent of a child, when everything else of them was seen."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from entity_contract import Entity, Relation

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import sample
from entity_conformance.suite.given.absent import absent_id
from entity_conformance.suite.given.acts import by_own_key, done
from entity_conformance.suite.given.changes import changes, sparse_read
from entity_conformance.suite.given.child import Child, children_of
from entity_conformance.suite.given.created import made
from entity_conformance.suite.given.families import Family, family, heir, included_first, included_now
from entity_conformance.suite.given.fields import different
from entity_conformance.suite.given.groups import record, sparse
from entity_conformance.suite.given.reduced import reduced_read

_ABSENT = 404
_BAD_QUERY = 400
"""What answers a READ whose parameters are not taken: others judge that."""

_NO_MATTER = (Violation, Blocked, OutOfProfile)
"""What others judge: it only has its turn before."""


@dataclass(frozen=True, slots=True)
class Parting:
    """The DELETE of a parent, and READ of its child, of that one's sibling, if any, and of itself afterwards."""

    relation: Relation
    parent: Record
    child: Record
    deleted: Reply
    left: Reply
    gone: Reply
    siblings: tuple[Reply, ...] = ()

    @property
    def all_left(self) -> tuple[Reply, ...]:
        """What is left of each child."""
        return (self.left, *self.siblings)


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that was there, the answer to its DELETE, and READ and DELETE of it right afterwards, where asked."""

    record: Record
    reply: Reply
    gone: Reply | None = None
    again: Reply | None = None


async def removal(api: Api, entity: Entity) -> Removal:
    """The DELETE of the record that was changed, when everything else that is to be seen of it was seen.

    Of the first entity it is that of a plain record: so little that a smoke test has the requests for it.
    """
    first = next((one for one in api.entities if {"create", "read", "delete"} <= set(one.operations)), None)
    if first is not None and entity.name == first.name:
        return await api.once(("plain removal", entity.name), lambda: _plain_removal(api, entity))
    return await api.once(("removal", entity.name), lambda: _removal(api, entity))


async def gone(api: Api, entity: Entity) -> Reply:
    """READ of that record afterwards. Raises Blocked where it was not deleted."""
    found = await removal(api, entity)
    done(found.reply)
    return found.gone or await api.read(entity, found.record["id"])


async def updates_of_the_deleted(api: Api, entity: Entity) -> Mapping[str, Reply]:
    """By entity an UPDATE of its deleted record: of this one, and of the others where keys of the run's own ask.

    An API key that asks alone has no requests for all of them; a thorough run asks about each entity by itself.
    """
    return await api.once(("updates of the deleted", entity.name), lambda: _updates_of_the_deleted(api, entity))


async def deletions_of_the_deleted(api: Api, entity: Entity) -> Sequence[Reply]:
    """A second DELETE of the same records, when they were updated: without those that an UPDATE brought back."""
    granted: set[str] = set()
    if "update" in entity.operations:
        with suppress(*_NO_MATTER):
            replies = await updates_of_the_deleted(api, entity)
            granted = {name for name, reply in replies.items() if reply.is_granted}
    known = [one for one in await _removed(api, entity) if one[0].name not in granted]
    return await api.context.shared.places.abreast([partial(_deleted_again, api, *one) for one in known])


async def _updates_of_the_deleted(api: Api, entity: Entity) -> Mapping[str, Reply]:
    known = [one for one in await _removed(api, entity) if "update" in one[0].operations]
    replies = await api.context.shared.places.abreast([partial(_updated_afterwards, api, *one) for one in known])
    return {of.name: reply for (of, _), reply in zip(known, replies, strict=True)}


async def _updated_afterwards(api: Api, entity: Entity, of: Removal) -> Reply:
    id_, body = of.record["id"], different(api, entity, of.record)
    return await by_own_key(api, "write", lambda name: api.update(entity, id_, body, credential=name), finds=False)


async def _deleted_again(api: Api, entity: Entity, of: Removal) -> Reply:
    id_ = of.record["id"]
    return of.again or await by_own_key(
        api, "delete", lambda name: api.delete(entity, id_, credential=name), finds=False
    )


async def _removed(api: Api, entity: Entity) -> Sequence[tuple[Entity, Removal]]:
    """The entity with its deleted record, and the others with theirs. Raises Blocked where this one has none."""
    own = await removal(api, entity)
    done(own.reply)
    found = [(entity, own)]
    if api.has("write_key") and api.has("delete_key") and not api.context.is_thorough:
        for other in [one for one in api.entities if one != entity and {"create", "delete"} <= set(one.operations)]:
            with suppress(*_NO_MATTER):
                removed = await removal(api, other)
                done(removed.reply)
                found.append((other, removed))
    return found


async def deletion_of_nobody(api: Api, entity: Entity) -> Reply:
    """DELETE of a record that does not exist."""
    return await api.once(("deletion of nobody", entity.name), lambda: _deletion_of_nobody(api, entity))


async def _deletion_of_nobody(api: Api, entity: Entity) -> Reply:
    return await api.delete(entity, await absent_id(api, entity))


async def partings(api: Api, entity: Entity) -> tuple[Parting, ...]:
    """The child's parents deleted one after the other, first those that it can be without."""
    return await api.once(("partings", entity.name), lambda: _partings(api, entity))


async def parting(api: Api, entity: Entity, *, is_required: bool) -> Parting:
    """The first of them from a parent that the child cannot be without, or can."""
    required = sample.required(entity)
    found = [one for one in await partings(api, entity) if (one.relation.foreign_key in required) is is_required]
    if not found:
        raise OutOfProfile(f"{entity.name} has no such parent that this run can create")
    return found[0]


async def _partings(api: Api, entity: Entity) -> tuple[Parting, ...]:
    known = await family(api, entity)
    with suppress(*_NO_MATTER):
        await included_first(api, entity)
    for relation in known.parents:
        with suppress(*_NO_MATTER):
            if (updated := api.entity(relation.entity)) is not None and "update" in updated.operations:
                await changes(api, updated)
    with suppress(*_NO_MATTER):
        await included_now(api, entity)
    found: list[Parting] = []
    for relation in (*sample.parents(entity, "optional"), *sample.parents(entity, "required")):
        target = api.entity(relation.entity)
        parent, able = known.parents.get(relation), {"read", "delete"} if target is None else {*target.operations}
        if parent is None or not {"read", "delete"} <= able:
            continue
        deleted = await api.delete(relation.entity, parent["id"])
        left = await _left(api, entity, known.child, can_be_without=relation.foreign_key not in sample.required(entity))
        gone = await _read_again(api, relation.entity, parent)
        siblings = [await api.read(entity, known.sibling["id"])] if known.sibling is not None else []
        found.append(Parting(relation, parent, known.child, deleted, left, gone, tuple(siblings)))
        if left.status != 200:
            break
    return tuple(found)


async def _left(api: Api, entity: Entity, child: Record, *, can_be_without: bool) -> Reply:
    """READ of the child of a deleted parent. What should be there and is not found is asked for once more.

    It shows the parents that it can be without. One READ in many may miss what is there: that is no word about the
    deletion, and other requirements tell it.
    """
    names = [one.name for one in sample.parents(entity, "optional") if one.told] if can_be_without else None
    reply = await api.read(entity, child["id"], include=names)
    return await api.read(entity, child["id"]) if can_be_without and reply.status in {404, _BAD_QUERY} else reply


async def _removal(api: Api, entity: Entity) -> Removal:
    known = made(api, (await sparse(api, entity)).reply)
    with suppress(*_NO_MATTER):
        await sparse_read(api, entity)
        if "update" in entity.operations:
            await changes(api, entity)
    if (child := heir(api, entity)) is not None:
        with suppress(*_NO_MATTER):
            found = await partings(api, child[0])
            for one in found:
                if one.parent["id"] == known["id"] and one.deleted.is_granted:
                    return Removal(known, one.deleted, one.gone)
            if not found or found[-1].left.status == 200:
                await _remove_child(api, child[0], await family(api, child[0]))
    is_listed = api.has("read_key") and entity.name == _second(api)
    if is_listed:
        await _listed_by_id(api, entity, known)
    deleted = await api.delete(entity, known["id"])
    if is_listed:
        await _listed_by_id(api, entity, known)
    if deleted.is_granted and api.has("read_key"):
        await _read_parent(api, entity, known)
    return Removal(known, deleted, await _gone(api, entity, known, deleted))


def _second(api: Api) -> str:
    """The first entity whose deleted record was changed before: a list is asked of it right before and afterwards."""
    able = [one.name for one in api.entities if {"create", "read", "delete"} <= set(one.operations)]
    return able[1] if len(able) > 1 else ""


async def _listed_by_id(api: Api, entity: Entity, known: Record) -> None:
    """A list of one record. Whoever watches judges it: some keep what was asked before."""
    with suppress(*_NO_MATTER):
        await api.list(entity, filter={"id": known["id"]}, page=1, limit=1)


async def _read_parent(api: Api, entity: Entity, known: Record) -> None:
    """READ of a deleted record's first parent with its children, which whoever watches judges."""
    for relation in entity.relations:
        key, target = known.get(relation.foreign_key), api.entity(relation.entity)
        if relation.type == "belongsTo" and key is not None and target is not None and "create" in target.operations:
            with suppress(*_NO_MATTER):
                child = Child(known, relation, {"id": key})
                await api.read(target, str(key), include=children_of(api, entity, child))
            return


async def _plain_removal(api: Api, entity: Entity) -> Removal:
    """The DELETE of a record that no other ever named, and that another one is like."""
    other, title = await record(api, entity), sample.title_field(entity)
    alike = {title.name: other[title.name]} if title is not None and not title.samples and title.name in other else {}
    try:
        own = await record(api, entity, **alike)
    except (Blocked, OutOfProfile):  # a title may have to be unique
        own = await record(api, entity)
    deleted = await api.delete(entity, own["id"])
    gone = await _gone(api, entity, own, deleted)
    is_known = deleted.is_granted and (await deletion_of_nobody(api, entity)).status == _ABSENT
    return Removal(own, deleted, gone, await api.delete(entity, own["id"]) if is_known else None)


async def _gone(api: Api, entity: Entity, own: Record, deleted: Reply) -> Reply | None:
    return await _read_again(api, entity.name, own) if deleted.is_granted else None


async def _read_again(api: Api, entity: str, own: Record) -> Reply:
    """READ of what was deleted; of most entities as it was read before, which somebody may have kept."""
    of = api.entity(entity)
    in_turn = {one.name for one in api.entities[::2]}
    is_child = of is not None and any(one.type == "belongsTo" for one in of.relations)
    is_plain = of is None or entity == sample.REFERENCES_OWN or (is_child and entity in in_turn)
    reply = await api.read(
        entity, own["id"], params=() if of is None or is_plain else reduced_read(of, with_children=True)
    )
    return reply if reply.status != _BAD_QUERY else await api.read(entity, own["id"])


async def _remove_child(api: Api, entity: Entity, of: Family) -> None:
    """The DELETE of the children for whose sake their parents were kept."""
    await api.once(("child removed", entity.name), lambda: api.delete(entity, of.child["id"]))
    if (sibling := of.sibling) is not None:
        await api.once(("sibling removed", entity.name), lambda: api.delete(entity, sibling["id"]))
