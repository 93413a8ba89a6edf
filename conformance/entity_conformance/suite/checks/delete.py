"""DELETE: gone for good, and nothing else with it."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("delete")

MADE = {"create.returns-record"}
GONE = {"delete.confirms"}


@chapter.proves("delete.confirms", scopes={"write", "delete"}, after=MADE)
async def confirms(api: Api, entity: Entity) -> None:
    """A deletion is confirmed by success and a message."""
    removal = await given.removal(api, entity)

    expect.status(removal.reply, 200)
    expect.success(removal.reply)
    expect.text(removal.reply.message, at="message")


@chapter.proves("delete.follows-contract", scopes={"write", "delete"}, after=GONE)
async def follows_contract(api: Api, entity: Entity) -> None:
    """The answer to a deletion is as the contract documents it, headers included."""
    removal = await given.removal(api, entity)

    expect.schema(removal.reply, api.contract)


@chapter.proves("delete.then-read", scopes={"read", "write", "delete"}, after=GONE)
async def then_read(api: Api, entity: Entity) -> None:
    """A deleted record cannot be read."""
    removal = await given.removal(api, entity)

    reply = await api.read(entity, removal.record["id"])

    expect.error(reply, 404, "NOT_FOUND")


@chapter.proves(
    "delete.then-update",
    scopes={"write", "delete"},
    after=GONE,
    operations={"create", "update", "delete"},
    entities="primary",
)
async def then_update(api: Api, entity: Entity) -> None:
    """A deleted record cannot be updated."""
    removal = await given.removal(api, entity)

    reply = await api.update(entity, removal.record["id"], given.different(api, entity, removal.record))

    expect.error(reply, 404, "NOT_FOUND")


@chapter.proves("delete.then-delete", entities="primary", scopes={"write", "delete"}, after=GONE)
async def then_delete(api: Api, entity: Entity) -> None:
    """A record cannot be deleted twice."""
    removal = await given.removal(api, entity)

    reply = await api.delete(entity, removal.record["id"])

    expect.error(reply, 404, "NOT_FOUND")


@chapter.proves(
    "delete.then-list", entities="primary", scopes={"read", "write", "delete"}, after={*GONE, "filter.field-equality"}
)
async def then_list(api: Api, entity: Entity) -> None:
    """No list shows a deleted record."""
    removal = await given.removal(api, entity)
    title = given.title(entity)

    reply = await api.list(entity, filter={title: removal.record[title]})

    expect.excludes(reply.records, removal.record)


@chapter.proves("delete.spares-others", scopes={"read", "write", "delete"}, after=GONE, entities="primary")
async def spares_others(api: Api, entity: Entity) -> None:
    """A deletion takes the record that it names, and not its neighbours."""
    neighbour = await given.record(api, entity)
    own = await given.record(api, entity)
    expect.status(await api.delete(entity, own["id"]), 200)

    reply = await api.read(entity, neighbour["id"])

    expect.holds(reply.record, neighbour, entity)


@chapter.proves("delete.unknown-id", entities="primary", scopes={"read", "write", "delete"}, after=MADE)
async def unknown_id(api: Api, entity: Entity) -> None:
    """An id that belongs to no record cannot be deleted."""
    nobody = await given.absent_id(api, entity)

    reply = await api.delete(entity, nobody)

    expect.error(reply, 404, "NOT_FOUND")


@chapter.proves(
    "delete.parent-with-children", scopes={"read", "write", "delete"}, after=GONE, applies=sample.has_required_parent
)
async def parent_with_children(api: Api, entity: Entity) -> str:
    """A parent takes the children along that cannot be without it, or cannot be deleted while they are there."""
    child = await given.own_child(api, entity)

    deleted = await api.delete(child.relation.entity, child.parent["id"])

    left = await api.read(entity, child.record["id"])
    return expect.choice(
        taken_along=[lambda: expect.status(deleted, 200), lambda: expect.error(left, 404, "NOT_FOUND")],
        refused=[lambda: expect.refused(deleted, 400, 409), lambda: expect.status(left, 200)],
    )


@chapter.proves(
    "delete.parent-of-optional", scopes={"read", "write", "delete"}, after=GONE, applies=sample.has_spare_parent
)
async def parent_of_optional(api: Api, entity: Entity) -> str:
    """The children that can be without a deleted parent stay, and their foreign key holds nothing."""
    child = await given.spare_child(api, entity)

    deleted = await api.delete(child.relation.entity, child.parent["id"])

    left = await api.read(entity, child.record["id"])
    return expect.choice(
        set_to_null=[
            lambda: expect.status(deleted, 200),
            lambda: expect.is_null(left.record.get(child.foreign_key), at=f"data.{child.foreign_key}"),
        ],
        refused=[lambda: expect.refused(deleted, 400, 409), lambda: expect.status(left, 200)],
    )


@chapter.proves(
    "delete.refused-changes-nothing",
    scopes={"read", "write", "delete"},
    after=GONE,
    applies=sample.has_required_parent,
)
async def refused_changes_nothing(api: Api, entity: Entity) -> None:
    """A parent is deleted, or it is refused and stays as it was with its children."""
    child = await given.own_child(api, entity)

    deleted = await api.delete(child.relation.entity, child.parent["id"])

    parent = await api.read(child.relation.entity, child.parent["id"])
    left = await api.read(entity, child.record["id"])
    expect.choice(
        deleted=[lambda: expect.status(deleted, 200), lambda: expect.error(parent, 404, "NOT_FOUND")],
        refused=[
            lambda: expect.refused(deleted, 400, 409),
            lambda: expect.equal(parent.record.get("updatedAt"), child.parent["updatedAt"], at="data.updatedAt"),
            lambda: expect.holds(left.record, child.record, entity, at="the child afterwards"),
        ],
    )
