"""READ: one record by its id."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given
from entity_conformance.suite.registry import Chapter

chapter = Chapter("read")

MADE = {"create.returns-record"}
TIMES = ("createdAt", "updatedAt")


@chapter.proves("read.returns-record", scopes={"read", "write"}, after=MADE)
async def returns_record(api: Api, entity: Entity) -> None:
    """A record is read as it was created."""
    group = await given.group(api, entity)

    reply = await api.read(entity, group.records[0]["id"])

    expect.status(reply, 200)
    expect.holds(reply.record, group.records[0], entity)
    expect.holds(reply.record, group.bodies[0], entity)
    expect.schema(reply, api.contract)


@chapter.proves("read.agrees-with-list", entities="primary", scopes={"read", "write"}, after={"filter.field-equality"})
async def agrees_with_list(api: Api, entity: Entity) -> None:
    """A record reads the same in a list and by itself."""
    group = await given.group(api, entity)
    title = group.values(group.title)[2]

    listed = await api.list(entity, filter=group.where({group.title: title}))
    read = await api.read(entity, group.records[2]["id"])

    expect.length(listed.records, 1, at="data")
    expect.holds(read.record, listed.records[0], entity)


@chapter.proves("read.always-fields", scopes={"read", "write"}, after=MADE)
async def always_fields(api: Api, entity: Entity) -> None:
    """`id`, the times and the required fields are always there, however little a record holds."""
    created = await given.sparse(api, entity)

    reply = await api.read(entity, created.reply.id)

    expect.has(reply.record, entity.always)


@chapter.proves("read.times-are-rfc3339", scopes={"read"})
async def times_are_rfc3339(api: Api, entity: Entity) -> None:
    """Every record's times are RFC 3339 with an offset."""
    reply = await api.list(entity, limit=5)

    for record in reply.records:
        for field in TIMES:
            expect.timestamp(record.get(field), at=f"data[].{field}")


@chapter.proves("read.unknown-id", scopes={"read", "write"}, after=MADE)
async def unknown_id(api: Api, entity: Entity) -> None:
    """An id that belongs to no record is not found."""
    nobody = await given.absent_id(api, entity)

    reply = await api.read(entity, nobody)

    expect.error(reply, 404, "NOT_FOUND")


@chapter.proves("read.odd-id", scopes={"read"}, entities="primary")
async def odd_id(api: Api, entity: Entity) -> None:
    """An id in any other form is refused too, whatever characters it has."""
    for odd in ("x", "%00", "ünï cødé", "a'b\"c;--", "0" * 300):
        reply = await api.read(entity, odd)

        expect.refused(reply, 404, 400, 414)


def is_not_users(entity: Entity) -> bool:
    """The directory's own ids are foreign to any other entity."""
    return entity.name != "users"


@chapter.proves(
    "read.id-of-another-entity", scopes={"read"}, needs={"directory"}, entities="primary", applies=is_not_users
)
async def id_of_another_entity(api: Api, entity: Entity) -> None:
    """The id of another entity's record is not found."""
    somebody = await given.person(api)

    reply = await api.read(entity, somebody["id"])

    expect.error(reply, 404, "NOT_FOUND")


@chapter.proves("read.directory-record", scopes={"read"}, needs={"directory"}, entities="none")
async def directory_record(api: Api) -> None:
    """Whoever is in the directory of users can be read by id."""
    somebody = await given.person(api)

    reply = await api.read("users", somebody["id"])

    expect.status(reply, 200)
    expect.holds(reply.record, somebody, given.directory(api))
