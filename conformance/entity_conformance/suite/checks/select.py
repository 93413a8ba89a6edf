"""Select fields, include relations."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Record
from entity_conformance.suite import expect, given, questions, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("select", asked=questions.by_a_reader)


@chapter.proves("select.fields-on-list", scopes={"read", "write"}, entities="primary")
async def fields_on_list(api: Api, entity: Entity) -> None:
    """`fields` reduces the records of a list to the fields that it names."""
    group = await given.group(api, entity)

    shown, asked = await questions.reduced(api, group)

    for record in shown.records:
        expect.fields(record, asked, entity, at="data[]")


@chapter.proves("select.fields-on-read", scopes={"read"}, entities="primary", after={"read.returns-record"})
async def fields_on_read(api: Api, entity: Entity) -> None:
    """`fields` reduces a record to the fields that it names, and leaves their values alone."""
    known, title = await given.readable(api, entity), given.shown_field(entity)

    reply = await questions.read(api, entity, known.record["id"], fields=("id", title))

    expect.fields(reply.record, {"id", title}, entity)
    wanted = {name: known.lasting[name] for name in ("id", title) if name in known.lasting}
    expect.members(reply.record, wanted, at="data")


@chapter.proves("select.id-unasked", scopes={"read"}, after={"select.fields-on-read"}, entities="primary")
async def id_unasked(api: Api, entity: Entity) -> str:
    """`id` comes or stays away where `fields` does not name it."""
    known, title = await given.readable(api, entity), given.shown_field(entity)

    reply = await questions.read(api, entity, known.record["id"], fields=title)

    return expect.choice(
        with_id=lambda: expect.fields(reply.record, {"id", title}, entity),
        without_id=lambda: expect.fields(reply.record, {title}, entity),
    )


@chapter.proves("select.fields-repeated", scopes={"read"}, after={"select.fields-on-read"}, entities="primary")
async def fields_repeated(api: Api, entity: Entity) -> None:
    """`fields` may be given several times instead of once with commas."""
    known = await given.readable(api, entity)

    await questions.repeated_fields(api, entity, known.record)


@chapter.proves("select.no-fields-is-all", scopes={"read"}, entities="primary")
async def no_fields_is_all(api: Api, entity: Entity) -> None:
    """An empty `fields` leaves the record whole."""
    known = await given.readable(api, entity)

    reply = await questions.read(api, entity, known.record["id"], fields="")

    expect.has(reply.record, known.certain(entity))


@chapter.proves("select.unknown-field", scopes={"read"}, after={"select.fields-on-list"}, entities="primary")
async def unknown_field(api: Api, entity: Entity) -> None:
    """A field that the entity does not have is refused in `fields`."""
    replies = [await questions.refused(api, entity, "fields", "id,conformanceUnknown")]
    replies += await questions.refused_elsewhere(api, entity, "fields")

    expect.each(replies, lambda reply: expect.error(reply, 400, "VALIDATION_FAILED", names="fields"))


@chapter.proves("select.unknown-field-on-read", after={"select.fields-on-read"}, scopes={"read"}, entities="primary")
async def unknown_field_on_read(api: Api, entity: Entity) -> None:
    """Reading one record refuses a field that the entity does not have, as listing does."""
    known = (await given.readable(api, entity)).record

    reply = await questions.refused_read(api, entity, known["id"], "fields")

    expect.error(reply, 400, "VALIDATION_FAILED", names="fields")


@chapter.proves("select.include-parent", scopes={"read", "write"}, applies=sample.includes_parent)
async def include_parent(api: Api, entity: Entity) -> None:
    """An included parent is embedded under the relation's name, and is the one that the foreign key names."""
    child = await given.longest_child(api, entity)

    reply = await questions.read(api, entity, child.record["id"], include=child.relation.name)

    embedded = expect.mapping(reply.record.get(child.relation.name), at=f"data.{child.relation.name}")
    expect.equal(embedded.get("id"), child.parent["id"], at=f"data.{child.relation.name}.id")


@chapter.proves(
    "select.include-no-parent",
    after={"select.include-parent", "select.include-on-list"},
    scopes={"read", "write"},
    applies=sample.has_optional_parent,
)
async def include_no_parent(api: Api, entity: Entity) -> None:
    """Where the foreign key holds nothing, the included parent is null."""
    relation = sample.optional_parent(entity)

    orphan = await questions.orphan(api, await given.group(api, entity), relation)

    expect.contains(orphan, relation, at="the record")
    expect.is_null(orphan.get(relation), at=relation)


@chapter.proves(
    "select.include-children",
    scopes={"read", "write"},
    after={"select.include-on-list"},
    applies=sample.has_parent,
)
async def include_children(api: Api, entity: Entity) -> None:
    """Included children are all the records whose foreign key names this one, by itself and in a list."""
    only, siblings = await given.child(api, entity), await given.siblings(api, entity)
    parent, relation = siblings[0].parent, given.children_of(api, entity, siblings[0])
    parents = await given.group(api, given.parent_entity(api, siblings[0]))

    reply = await questions.read(api, parents.entity, parent["id"], include=relation)
    shown = [await questions.included(api, parents, known, relation) for known in (parent, only.parent)]

    children, known = [one.record for one in siblings], (await given.group(api, entity)).records
    own = partial(given.own_children, api, entity.name, siblings[0].foreign_key)
    by_itself = expect.array(reply.record.get(relation), at=f"data.{relation}")
    expect.exactly(own(parent, by_itself), children, at=f"data.{relation}")
    in_list, of_only = (expect.array(one.get(relation), at=f"data[].{relation}") for one in shown)
    expect.exactly(own(parent, in_list), children, at=f"data[].{relation}")
    expect.exactly(_of_those(of_only, [*known, only.record]), [only.record], at=f"data[].{relation}")


def _of_those(shown: Sequence[object], known: Iterable[Record]) -> Sequence[object]:
    """What is shown of these records: others that this run made may have the same parent."""
    ids = {one["id"] for one in known}
    return [one for one in shown if not isinstance(one, Mapping) or one.get("id") in ids]


@chapter.proves(
    "select.include-no-children",
    after={"select.include-children", "select.include-on-list"},
    scopes={"read", "write"},
    entities="primary",
    applies=sample.has_children,
)
async def include_no_children(api: Api, entity: Entity) -> None:
    """Where nobody names a record, its included children are an empty array."""
    group = await given.group(api, entity)
    relation = sample.children(entity)

    shown = await questions.with_relation(api, group, relation.name)

    childless = expect.by_id(shown, group.records[-1]["id"])
    children = expect.array(childless.get(relation.name), at=f"data[].{relation.name}")
    own = given.own_children(api, relation.entity, relation.foreign_key, childless, children)
    expect.length(own, 0, at=f"data[].{relation.name}")


@chapter.proves(
    "select.include-person",
    scopes={"read", "write"},
    needs={"directory"},
    after={"select.include-on-list"},
    applies=sample.has_person,
)
async def include_person(api: Api, entity: Entity) -> None:
    """A user named by a foreign key is embedded under the relation's name."""
    own = await given.assigned(api, entity)
    relation = sample.person(entity)

    shown = await questions.included(api, await given.group(api, entity), own, relation.name)

    embedded = expect.mapping(shown.get(relation.name), at=relation.name)
    expect.equal(embedded.get("id"), own.get(relation.foreign_key), at=f"{relation.name}.id")


@chapter.proves("select.include-on-list", scopes={"read", "write"}, applies=sample.includes_parent)
async def include_on_list(api: Api, entity: Entity) -> None:
    """A list embeds what it is asked to include in every record."""
    child, group = await given.child(api, entity), await given.group(api, entity)
    relation = child.relation

    found = await questions.with_relation(api, group, relation.name)

    for known in group.having(relation.foreign_key, bool):
        shown = expect.by_id(found, known["id"]).get(relation.name)
        embedded = expect.mapping(shown, at=f"data[].{relation.name}")
        expect.equal(embedded.get("id"), known[relation.foreign_key], at=f"data[].{relation.name}.id")


@chapter.proves("select.include-keeps-foreign-key", scopes={"read", "write"}, applies=sample.includes_parent)
async def include_keeps_foreign_key(api: Api, entity: Entity) -> None:
    """The foreign key stays beside the embedded record."""
    child = await given.longest_child(api, entity)

    reply = await questions.read(api, entity, child.record["id"], include=child.relation.name)

    expect.equal(reply.record.get(child.foreign_key), child.parent["id"], at=f"data.{child.foreign_key}")


@chapter.proves(
    "select.include-several",
    scopes={"read", "write"},
    after={"select.include-on-list"},
    entities="primary",
    applies=sample.has_relations,
)
async def include_several(api: Api, entity: Entity) -> None:
    """Several relations are included at once, in a record and in a list."""
    group = await given.group(api, entity)
    relations = [relation.name for relation in entity.includable]

    reply = await questions.read(api, entity, group.longest["id"], include=relations)
    listed = await questions.carried(api, group, "include")

    expect.status(reply, 200)
    expect.has(reply.record, relations)
    expect.has({name: value for record in listed.records for name, value in record.items()}, relations)


@chapter.proves(
    "select.include-repeated",
    scopes={"read", "write"},
    after={"select.include-several"},
    entities="primary",
    applies=sample.has_relations,
)
async def include_repeated(api: Api, entity: Entity) -> None:
    """`include` may be given several times instead of once with commas."""
    own = (await given.records(api, entity))[0]

    await questions.repeated_relations(api, entity, own)


@chapter.proves(
    "select.include-beside-fields",
    after={"select.fields-on-read", "select.fields-on-list", "select.include-on-list"},
    scopes={"read", "write"},
    entities="primary",
    applies=sample.has_relations,
)
async def include_beside_fields(api: Api, entity: Entity) -> None:
    """With `fields`, the relations asked for are added to the fields asked for."""
    relation = entity.includable[0]
    await given.readable(api, entity)

    listed = await questions.answer(api, entity, fields=("id", "createdAt"), include=relation.name, limit=1)

    expect.length(listed.records, 1, at="data")
    for record in listed.records:
        shown = {name: value for name, value in record.items() if name != relation.foreign_key}
        expect.fields(shown, {"id", "createdAt", relation.name}, entity)


@chapter.proves(
    "select.foreign-key-beside-fields",
    scopes={"read", "write"},
    after={"select.include-parent", "select.include-beside-fields"},
    entities="primary",
    applies=sample.includes_parent,
)
async def foreign_key_beside_fields(api: Api, entity: Entity) -> str:
    """With `fields` and `include`, a foreign key that `fields` does not name is left out, or kept."""
    child = await given.child(api, entity)

    reply = await questions.read(api, entity, child.record["id"], fields=("id",), include=child.relation.name)

    parent = child.parent["id"]
    expect.has(reply.record, {child.relation.name})
    return expect.choice(
        left_out=lambda: expect.lacks(reply.record, child.foreign_key, at="data"),
        kept=lambda: expect.equal(reply.record.get(child.foreign_key), parent, at=f"data.{child.foreign_key}"),
    )


@chapter.proves(
    "select.unknown-relation",
    scopes={"read"},
    after={"select.include-on-list", "select.include-several"},
    entities="primary",
)
async def unknown_relation(api: Api, entity: Entity) -> None:
    """A relation that the entity does not have is refused in `include`."""
    replies = [await questions.refused(api, entity, "include", "conformanceUnknown")]
    replies += await questions.refused_elsewhere(api, entity, "include")

    expect.each(replies, lambda reply: expect.error(reply, 400, "VALIDATION_FAILED", names="include"))


@chapter.proves(
    "select.unknown-relation-on-read", scopes={"read"}, after={"select.unknown-relation"}, entities="primary"
)
async def unknown_relation_on_read(api: Api, entity: Entity) -> None:
    """Reading one record refuses a relation that the entity does not have, as listing does."""
    known = (await given.readable(api, entity)).record

    reply = await questions.refused_read(api, entity, known["id"], "include")

    expect.error(reply, 400, "VALIDATION_FAILED", names="include")


@chapter.proves(
    "select.dotted-relation",
    scopes={"read"},
    after={"select.unknown-relation"},
    entities="primary",
    applies=sample.has_relations,
)
async def dotted_relation(api: Api, entity: Entity) -> None:
    """A relation of a relation is refused."""
    reply = await questions.refused(api, entity, "include", questions.dotted(entity))

    expect.error(reply, 400, "VALIDATION_FAILED", names="include")
