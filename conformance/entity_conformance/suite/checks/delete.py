"""DELETE: gone for good, and nothing else with it."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("delete")

CONFIRMED = {"delete.confirms"}


@chapter.proves("delete.confirms", scopes={"write", "delete"})
async def confirms(api: Api, entity: Entity) -> None:
    """A deletion is confirmed by success and a message."""
    removal = await given.removal(api, entity)

    expect.succeeded(removal.reply, wanted="200")
    expect.status(removal.reply, 200, hinders=False)
    expect.success(removal.reply)
    expect.text(removal.reply.message, at="message")


@chapter.proves("delete.follows-contract", scopes={"write", "delete"}, after=CONFIRMED)
async def follows_contract(api: Api, entity: Entity) -> None:
    """The answer to a deletion is as the contract documents it, headers included."""
    removal = await given.removal(api, entity)
    given.documented(removal.reply, 200)

    expect.schema(removal.reply, api.contract, headers=True)


@chapter.proves("delete.then-read", scopes={"read", "write", "delete"})
async def then_read(api: Api, entity: Entity) -> None:
    """A deleted record cannot be read."""
    reply = await given.gone(api, entity)

    expect.refused_as(reply, await given.missing(api, entity), 404, "NOT_FOUND")


@chapter.proves(
    "delete.then-update",
    after={"delete.then-read", "update.unknown-id"},
    scopes={"write", "delete"},
    operations={"create", "update", "delete"},
    entities="primary",
)
async def then_update(api: Api, entity: Entity) -> None:
    """A deleted record cannot be updated."""
    replies = await given.updates_of_the_deleted(api, entity)

    missing = await given.missing(api, entity)
    expect.each(replies.values(), lambda reply: expect.refused_as(reply, missing, 404, "NOT_FOUND"))


@chapter.proves(
    "delete.then-delete",
    after={"delete.then-read", "delete.unknown-id"},
    entities="primary",
    scopes={"write", "delete"},
)
async def then_delete(api: Api, entity: Entity) -> None:
    """A record cannot be deleted twice."""
    replies = await given.deletions_of_the_deleted(api, entity)

    missing = await given.missing(api, entity)
    expect.each(replies, lambda reply: expect.refused_as(reply, missing, 404, "NOT_FOUND"))


@chapter.proves("delete.unknown-id", entities="first", scopes={"read", "write", "delete"})
async def unknown_id(api: Api, entity: Entity) -> None:
    """An id that belongs to no record cannot be deleted."""
    missing = await given.missing(api, entity)

    reply = await given.deletion_of_nobody(api, entity)

    expect.refused_as(reply, missing, 404, "NOT_FOUND")


@chapter.proves(
    "delete.parent-with-children",
    after={"delete.then-read"},
    scopes={"read", "write", "delete"},
    applies=sample.has_required_parent,
)
async def parent_with_children(api: Api, entity: Entity) -> str:
    """A parent takes the children along that cannot be without it, or cannot be deleted while they are there."""
    parting = await given.parting(api, entity, is_required=True)

    missing = await given.missing(api, entity)
    return expect.choice(
        taken_along=[
            lambda: expect.succeeded(parting.deleted),
            lambda: expect.each(parting.all_left, lambda one: expect.refused_as(one, missing, 404, "NOT_FOUND")),
        ],
        refused=lambda: expect.refused(parting.deleted, 400, 409),
    )


@chapter.proves(
    "delete.parent-of-optional",
    after={"delete.parent-with-children", "delete.then-read"},
    scopes={"read", "write", "delete"},
    applies=sample.has_spare_parent,
)
async def parent_of_optional(api: Api, entity: Entity) -> str:
    """The children that can be without a deleted parent stay, and their foreign key holds nothing."""
    parting = await given.parting(api, entity, is_required=False)

    key = parting.relation.foreign_key
    return expect.choice(
        set_to_null=[
            lambda: expect.succeeded(parting.deleted),
            lambda: expect.each(parting.all_left, lambda one: expect.is_null(one.record.get(key), at=f"data.{key}")),
        ],
        refused=lambda: expect.refused(parting.deleted, 400, 409),
    )


@chapter.proves(
    "delete.refused-changes-nothing",
    after={"delete.parent-with-children", "delete.then-read"},
    scopes={"read", "write", "delete"},
    applies=sample.has_required_parent,
)
async def refused_changes_nothing(api: Api, entity: Entity) -> None:
    """A parent is deleted, or it is refused and stays as it was with its children."""
    parting = await given.parting(api, entity, is_required=True)

    missing = await given.missing(api, entity)
    expect.choice(
        deleted=[
            lambda: expect.succeeded(parting.deleted),
            lambda: expect.refused_as(parting.gone, missing, 404, "NOT_FOUND"),
        ],
        refused=[
            lambda: expect.refused(parting.deleted, 400, 409),
            lambda: expect.equal(parting.gone.record.get("id"), parting.parent["id"], at="data.id of the parent"),
            lambda: expect.equal(parting.left.record.get("id"), parting.child["id"], at="data.id of the child"),
        ],
    )
