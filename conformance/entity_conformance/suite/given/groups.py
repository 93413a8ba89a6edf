"""Records to stand on: shared groups that nobody changes, and records of a check's own."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

from entity_contract import Entity, Relation

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import expect, sample
from entity_conformance.suite.sample import Body

FINEST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one entity that nobody changes, and the filter that selects them and nobody else's.

    `title` is the field that differs from record to record, `words` the invented word that only one record's title
    has, `word` the one in all titles, `mark_word` the one in the text that the records share. `nullable` is the field
    that the first of the twins holds nothing in.
    """

    entity: Entity
    records: tuple[Record, ...]
    bodies: tuple[Body, ...]
    selector: Mapping[str, object]
    title: str
    nullable: str
    words: tuple[str, ...]
    word: str
    mark_word: str

    @property
    def filter(self) -> str:
        """The group as a filter."""
        return filter_json(self.selector)

    @property
    def nothing(self) -> str:
        """A filter that selects nothing: no record has the group's mark and a stranger's title."""
        return self.where({self.title: "conformance: nobody's title"})

    def where(self, conditions: Mapping[str, object]) -> str:
        """A filter for those of the group that meet further conditions."""
        return filter_json({**self.selector, **conditions})

    def values(self, field: str) -> list[Any]:
        """What the records hold in a field, in the order in which they were created."""
        return [record.get(field) for record in self.records]

    def having(self, field: str, condition: Callable[[Any], bool]) -> list[Record]:
        """The records whose value in a field meets a condition."""
        return [record for record in self.records if condition(record.get(field))]

    def containing(self, field: str, part: str) -> list[Record]:
        """The records whose text in a field has the part."""
        return self.having(field, lambda text: part in text)

    def middle(self, field: str) -> Any:  # noqa: ANN401  # any JSON value
        """The middle one of the values in a field."""
        return sorted(self.values(field))[len(self.records) // 2]

    @property
    def before(self) -> str:
        """A moment before all of them were created."""
        return moment(self.records[0], "createdAt", timedelta(minutes=-1))

    @property
    def later(self) -> str:
        """A moment after all of them were created."""
        return moment(self.records[-1], "createdAt", timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Child:
    """A record whose foreign key names a parent of its own, which no other record names."""

    record: Record
    relation: Relation
    parent: Record

    @property
    def foreign_key(self) -> str:
        """The field that names the parent."""
        return self.relation.foreign_key


def filter_json(conditions: object) -> str:
    """A filter as the query carries it."""
    return json.dumps(conditions, ensure_ascii=False)


def moment(record: Record, field: str, shift: timedelta) -> str:
    """A moment before or after the one that a record holds, printed in UTC to the microsecond."""
    shifted = expect.timestamp(record.get(field), at=field) + shift
    return shifted.isoformat(timespec="microseconds").replace("+00:00", "Z")


def step(record: Record, field: str = "createdAt") -> timedelta:
    """The smallest difference between two moments that the deployment prints."""
    return expect.resolution(record.get(field), at=field)


def times(of: Iterable[Record]) -> list[datetime]:
    """When records were created, in their order; some at the same moment, as far as it is printed."""
    return [expect.timestamp(record.get("createdAt"), at="createdAt") for record in of]


def unit_before(record: Record) -> dict[str, str]:
    """A range of dates around moments of which a rounded one prints as the record's creation, and not that one."""
    return _range(record, -step(record) + FINEST, -FINEST)


def unit_after(record: Record) -> dict[str, str]:
    """A range of dates around moments of which a cut one prints as the record's creation, and not that one."""
    return _range(record, FINEST, step(record) - FINEST)


def _range(record: Record, start: timedelta, end: timedelta) -> dict[str, str]:
    return {"startDate": moment(record, "createdAt", start), "endDate": moment(record, "createdAt", end)}


async def records(api: Api, entity: Entity, *, count: int = 1) -> tuple[Record, ...]:
    """At least `count` records of the entity that the API key can see; some of the group's."""
    return (await group(api, entity)).records[:count]


async def group(api: Api, entity: Entity) -> Group:
    """The entity's five shared records."""
    return await api.shared.once(("group", entity.name), lambda: _group(api, entity))


async def twins(api: Api, entity: Entity) -> Group:
    """Three shared records with the same title; the first of them holds nothing in the field `nullable`."""
    return await api.shared.once(("twins", entity.name), lambda: _twins(api, entity))


async def searchable(api: Api, entity: Entity) -> Group:
    """The entity's group, when the deployment has had the time to index it."""
    found = await group(api, entity)
    await api.shared.once(("settled", entity.name), api.settle)
    return found


def selecting_none(api: Api, of: Group) -> dict[str, str]:
    """For each query parameter that selects, a value that none of the group meets."""
    return {
        "filter": of.nothing,
        "search": sample.word(api.run, "nobody's"),
        "startDate": of.later,
        "endDate": of.before,
    }


async def child(api: Api, entity: Entity) -> Child:
    """A shared record of the entity with a parent of its own."""
    return await api.shared.once(("child", entity.name), lambda: _child(api, entity, iter(entity.relations)))


async def loose_child(api: Api, entity: Entity) -> Child:
    """A record with a parent of its own, free to be changed."""
    return await _child(api, entity, iter(entity.relations))


async def siblings(api: Api, entity: Entity) -> tuple[Child, Child]:
    """Two shared records of one parent, which is not the parent of `child`."""
    return await api.shared.once(("siblings", entity.name), lambda: _siblings(api, entity))


def children_of(api: Api, entity: Entity, of: Child) -> str:
    """The relation by which the child's parent names its children, which are this entity's records."""
    parent = api.entity(of.relation.entity)
    for relation in parent.relations if parent is not None else ():
        if relation.type == "hasMany" and (relation.entity, relation.foreign_key) == (entity.name, of.foreign_key):
            return relation.name
    raise OutOfProfile(f"{of.relation.entity} has no relation to its children by {of.foreign_key}")


async def assigned(api: Api, entity: Entity) -> Record:
    """A shared record that belongs to somebody from the directory."""
    key = sample.person(entity).foreign_key
    somebody = await person(api)
    return await api.shared.once(("assigned", entity.name), lambda: record(api, entity, **{key: somebody["id"]}))


async def assigned_child(api: Api, entity: Entity) -> Child:
    """A shared record that belongs to somebody from the directory, as that person's child."""
    return Child(await assigned(api, entity), sample.person(entity), await person(api))


async def own_child(api: Api, entity: Entity) -> Child:
    """A record that cannot be without its parent, and that parent; both may be deleted."""
    return await _child(api, entity, sample.parents(entity, "required"))


async def spare_child(api: Api, entity: Entity) -> Child:
    """A record that can be without its parent, and that parent; both may be deleted."""
    return await _child(api, entity, sample.parents(entity, "optional"))


async def record(api: Api, entity: Entity, **fields: object) -> Record:
    """A record of the check's own, free to be changed."""
    return made(await api.create(entity, await body(api, entity, **fields)))


async def own(api: Api, entity: Entity) -> Record:
    """A record for updates that are to be refused, shared by the checks that try them."""
    return await api.shared.once(("own", entity.name), lambda: record(api, entity))


async def body(api: Api, entity: Entity, **fields: object) -> dict[str, object]:
    """A valid body for a CREATE of the check's own."""
    own_group = f"{entity.name} {api.check} {len(api.exchanges)}"
    return {**sample.full(entity, api.run, group=own_group, keys=await parents(api, entity)), **fields}


async def parents(api: Api, entity: Entity) -> dict[str, str]:
    """An id for every foreign key that a body must name. Raises OutOfProfile where no sample can make the entity."""
    if unfit := sample.unfit(entity):
        raise OutOfProfile(f"{entity.name} cannot be created: no sample fits {', '.join(unfit)}")
    required = {field.name for field in entity.fields if field.required}
    return {
        relation.foreign_key: str((await _parent(api, relation))["id"])
        for relation in entity.relations
        if relation.type == "belongsTo" and relation.foreign_key in required
    }


async def person(api: Api) -> Record:
    """Somebody from the directory of users."""
    return await api.shared.once("person", lambda: _person(api))


def directory(api: Api) -> Entity:
    """The directory of users as the deployment describes it. Raises OutOfProfile when this run does not have it."""
    return api.entity("users") or _no_entity("users")


async def absent_id(api: Api, entity: Entity) -> str:
    """An id in the form of the entity's ids that belongs to no record."""
    return api.invented(sample.another_id(str((await group(api, entity)).records[0]["id"])))


def made(reply: Reply) -> Record:
    """The record that a CREATE gave. Raises Blocked when it gave none."""
    try:
        expect.status(reply, 201, 200)
        expect.text(reply.id, at="data.id")
    except Violation as violation:
        raise Blocked(f"a record could not be created: {violation.message}, {violation.actual}") from violation
    return reply.record


async def _parent(api: Api, relation: Relation) -> Record:
    target = api.entity(relation.entity)
    if target is not None and "create" in target.operations:
        return (await group(api, target)).records[0]
    return await person(api) if relation.entity == "users" else _no_entity(relation.entity)


def _no_entity(name: str) -> NoReturn:
    raise OutOfProfile(f"this run does not have the entity {name}, which a foreign key asks for")


async def _person(api: Api) -> Record:
    reply = await api.list("users", limit=1)
    if reply.status in {404, 405} or (reply.status == 200 and not reply.records):
        raise OutOfProfile("the deployment has no directory of users")
    expect.status(reply, 200)
    expect.text(reply.records[0].get("id"), at="data[0].id")
    return reply.records[0]


async def _group(api: Api, entity: Entity) -> Group:
    keys = await parents(api, entity)
    title, marked = sample.title_field(entity), sample.mark_field(entity)
    if title is None:
        raise OutOfProfile(f"{entity.name} has no free text to tell one's own records by")
    if marked is None:
        keys |= await _own_parent(api, entity)
    name = f"{entity.name} group"
    bodies = tuple(sample.full(entity, api.run, group=name, index=index, keys=keys) for index in range(sample.VARIANTS))
    selector = dict(keys) if marked is None else {marked.name: bodies[0][marked.name]}
    words = tuple(sample.own_word(api.run, name, index) for index in range(sample.VARIANTS))
    made_in_order = [made(await api.create(entity, body)) for body in bodies]
    return Group(
        entity=entity,
        records=tuple(made_in_order),
        bodies=bodies,
        selector=selector,
        title=title.name,
        nullable="",
        words=words,
        word=sample.word(api.run, name),
        mark_word=sample.word(api.run, f"{name} mark"),
    )


async def _own_parent(api: Api, entity: Entity) -> dict[str, str]:
    """A foreign key to a parent that no other record names, to select a group by."""
    for relation in entity.relations:
        target = api.entity(relation.entity)
        if relation.type == "belongsTo" and target is not None and "create" in target.operations:
            return {relation.foreign_key: str((await record(api, target))["id"])}
    raise OutOfProfile(f"{entity.name} has neither a second text nor a parent to tell one's own records by")


async def _twins(api: Api, entity: Entity) -> Group:
    found = await group(api, entity)
    nullable = sample.optional(entity)
    if nullable is None:
        raise OutOfProfile(f"{entity.name} has no optional field that a record may hold nothing in")
    keys = await parents(api, entity)
    bodies = tuple(sample.full(entity, api.run, group="twins", index=index, keys=keys) for index in range(3))
    for index, one in enumerate(bodies):
        field = entity.field(nullable)
        one[found.title] = bodies[0][found.title]
        one[nullable] = sample.value(field, api.run, group="twins", index=index) if field else None
    bodies[0].pop(nullable)
    return Group(
        entity=entity,
        records=tuple([made(await api.create(entity, body)) for body in bodies]),
        bodies=bodies,
        selector={found.title: bodies[0][found.title]},
        title=found.title,
        nullable=nullable,
        words=(),
        word="",
        mark_word="",
    )


async def _siblings(api: Api, entity: Entity) -> tuple[Child, Child]:
    one = await _child(api, entity, iter(entity.relations))
    return one, replace(one, record=await record(api, entity, **{one.foreign_key: one.parent["id"]}))


async def _child(api: Api, entity: Entity, relations: Iterator[Relation]) -> Child:
    for relation in relations:
        target = api.entity(relation.entity)
        if relation.type == "belongsTo" and target is not None and "create" in target.operations:
            parent = await record(api, target)
            return Child(await record(api, entity, **{relation.foreign_key: parent["id"]}), relation, parent)
    raise OutOfProfile(f"{entity.name} has no parent that this run can create")
