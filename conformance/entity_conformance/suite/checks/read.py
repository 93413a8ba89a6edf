"""READ: one record by its id."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given
from entity_conformance.suite.registry import Chapter

chapter = Chapter("read")

TIMES = ("createdAt", "updatedAt")


@chapter.proves("read.returns-record", scopes={"read", "write"}, after={"create.gives-an-id"})
async def returns_record(api: Api, entity: Entity) -> None:
    """A record is read as it was created."""
    created = await given.creation(api, entity)

    reply = await given.target_read(api, entity)

    expect.status(reply, 200)
    expect.equal(reply.record.get("id"), created.reply.id, at="data.id")
    expect.holds(reply.record, created.body, entity)
    expect.schema(reply, api.contract, apart_from=await given.judged_elsewhere(api, entity))


@chapter.proves("read.always-fields", scopes={"read", "write"})
async def always_fields(api: Api, entity: Entity) -> None:
    """`id`, the times and the required fields are always there, however little a record holds."""
    reply = await given.sparse_read(api, entity)

    expect.has(reply.record, entity.always)


@chapter.proves("read.unknown-id", scopes={"read"})
async def unknown_id(api: Api, entity: Entity) -> None:
    """An id that belongs to no record is not found."""
    reply = await given.read_of_nobody(api, entity)

    expect.error(reply, 404, "NOT_FOUND")


@chapter.proves("read.odd-id", scopes={"read"}, after={"read.unknown-id"}, entities="first")
async def odd_id(api: Api, entity: Entity) -> None:
    """An id in any other form is refused too, whatever characters it has."""
    odd: tuple[given.Aside, ...] = ("odd characters", "odd length", "odd path")
    replies = [await given.aside(api, entity, name) for name in odd]

    expect.each(replies, lambda reply: expect.refused(reply, 404, 400, 414))


def is_not_users(entity: Entity) -> bool:
    """The directory's own ids are foreign to any other entity."""
    return entity.name != "users"


@chapter.proves(
    "read.id-of-another-entity", scopes={"read"}, needs={"directory"}, entities="first", applies=is_not_users
)
async def id_of_another_entity(api: Api, entity: Entity) -> None:
    """The id of another entity's record is not found, as one that nobody has is not."""
    somebody = await given.person(api)

    reply = await given.aside(api, entity, "id of another")

    expect.refused_or_another(reply, somebody, await given.missing(api, entity), 404, "NOT_FOUND")


@chapter.proves(
    "read.directory-record", scopes={"read"}, needs={"directory"}, after={"read.returns-record"}, entities="none"
)
async def directory_record(api: Api) -> None:
    """Whoever is in the directory of users can be read by id."""
    somebody, reply = await given.directory_read(api)

    expect.status(reply, 200)
    known = {name: value for name, value in somebody.items() if name not in TIMES}
    expect.holds(reply.record, known, given.directory(api))
