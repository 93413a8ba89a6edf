"""The envelope, the error codes, and the headers that every answer shares."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("errors")

NOBODY = "conformance-unknown"


@chapter.proves("errors.internal-error", entities="none", last=True)
async def internal_error(api: Api) -> None:
    """No request of the run made the server fail."""
    expect.no_server_error(*given.failures_seen(api))


@chapter.proves("errors.unavailable", entities="none", last=True)
async def unavailable(api: Api) -> str | None:
    """Whoever is told that there is no service is told so in the envelope. What was answered so is listed."""
    seen = given.unavailable_seen(api)

    for reply in seen:
        expect.envelope(reply)
    return expect.listed(seen) or None


@chapter.proves("errors.unknown-path", entities="none")
async def unknown_path(api: Api) -> None:
    """A path that does not exist is not found, in the envelope."""
    replies = [
        await given.aside(api, api.entities[0], "unknown path"),
        await api.request("GET", "/api/conformance-unknown", credential=given.reader(api)),
    ]

    codes = await given.codes(api, replies, "NOT_FOUND")
    expect.each(replies, lambda reply: expect.error(reply, 404, *codes))
    expect.each(replies, expect.in_envelope)


@chapter.proves("errors.unknown-method", scopes={"read", "write"}, entities="primary")
async def unknown_method(api: Api, entity: Entity) -> None:
    """A method that a path does not support is refused, and the answer names those that it does."""
    reply = await given.put(api, entity)

    expect.error(reply, 405)
    expect.contains(expect.allowed_methods(reply), "GET", at="Allow")
    expect.lacks(expect.allowed_methods(reply), "PUT", at="Allow")


@chapter.proves("errors.unknown-entity", scopes={"read"}, entities="none")
async def unknown_entity(api: Api) -> None:
    """An entity that is not in the registry is not found."""
    replies = await given.operations_of_nothing(api)

    expect.each(replies, lambda reply: expect.error(reply, 404))


@chapter.proves(
    "errors.unknown-entity-code", scopes={"read", "write", "delete"}, after={"errors.unknown-entity"}, entities="none"
)
async def unknown_entity_code(api: Api) -> None:
    """Every operation says that the entity is not in the registry."""
    replies = await given.answers_of_nothing(api)

    codes = await given.codes(api, replies, "ENTITY_NOT_FOUND")
    expect.each(replies, lambda reply: expect.error(reply, 404, *codes))
    expect.each(replies, expect.has_code)


@chapter.proves("errors.directory-takes-no-writes", scopes={"read", "write"}, needs={"directory"}, entities="none")
async def directory_takes_no_writes(api: Api) -> None:
    """No write to the directory of users succeeds."""
    granted = await given.granted_by_the_directory(api)

    expect.none_of(granted, said="a write to the directory succeeded", expected="405")


@chapter.proves(
    "errors.read-only-entity",
    scopes={"read", "write"},
    needs={"directory"},
    after={"errors.directory-takes-no-writes"},
    entities="none",
)
async def read_only_entity(api: Api) -> None:
    """The directory of users cannot be written."""
    writes = await given.directory_writes(api)

    expect.status(writes.created, 405, 400)
    expect.status(writes.updated, 405, 404)


@chapter.proves(
    "errors.order-of-refusal",
    scopes={"read", "write", "delete"},
    needs={"write_key", "read_key"},
    after={"auth.updating-needs-write", "auth.write-key-writes", "errors.unknown-entity", "update.unknown-id"},
    operations={"update"},
    entities="first",
)
async def order_of_refusal(api: Api, entity: Entity) -> None:
    """Where several things are wrong, the answer tells the first: who, what path, which scope, which record."""
    missing, nobody = await given.missing(api, entity), await given.absent_id(api, entity)
    wrong = {"conformanceUnknown": "x"}

    no_such_method, nor_for_a_reader = await given.refused_puts(api, entity)

    stranger = await given.unauthenticated(api)
    expect.refused_as(await api.list(NOBODY, credential="none"), stranger, 401)
    expect.refused_as(await api.create(entity, wrong, credential="none"), stranger, 401)
    expect.refused_as(await api.update(entity, nobody, wrong, credential="none"), stranger, 401)
    expect.error(await api.list(NOBODY, credential="write_key"), 404)
    expect.each(nor_for_a_reader, lambda reply: expect.error(reply, no_such_method.status))
    expect.error(await api.update(entity, nobody, wrong, credential="read_key"), 403)
    expect.refused_as(await given.update_of_nobody(api, entity), missing, 404)


@chapter.proves("errors.language-keeps-codes", scopes={"read"}, entities="first")
async def language_keeps_codes(api: Api, entity: Entity) -> None:
    """Accept-Language never changes a code."""
    usual, nobody = await given.missing(api, entity), await given.absent_id(api, entity)

    languages = {"Accept-Language": "de-DE, zh;q=0.9, *;q=0.1"}
    reply = await api.read(entity, nobody, headers=languages, credential=given.reader(api))

    expect.refused_as(reply, usual, 404)
    expect.has_code(usual)


@chapter.proves("errors.version-v1", scopes={"read"}, entities="first")
async def version_v1(api: Api, entity: Entity) -> None:
    """A request may say that it speaks v1."""
    reply = await given.aside(api, entity, "version v1")

    expect.status(reply, 200)


@chapter.proves("errors.other-version", scopes={"read"}, entities="first")
async def other_version(api: Api, entity: Entity) -> str:
    """A request that says that it speaks another version is served or refused."""
    reply = await given.with_another_version(api, entity)

    return expect.choice(ignored=lambda: expect.status(reply, 200), refused=lambda: expect.refused(reply, 400, 406))


@chapter.proves("errors.media-type-without-body", scopes={"read", "write", "delete"}, entities="first")
async def media_type_without_body(api: Api, entity: Entity) -> None:
    """Requests without a body work with a Content-Type, and without one."""
    untyped = await given.untyped(api, entity)
    own = given.made(api, untyped) if untyped.status < 300 else await given.record(api, entity)
    said = {"Content-Type": "application/json"}

    replies = [await given.aside(api, entity, "media type"), await given.described_with_a_type(api, entity)]
    replies.append(await api.delete(entity, own["id"], headers=said))

    for reply in replies:
        expect.status(reply, 200)


@chapter.proves("errors.body-too-large", scopes={"write"}, entities="first", applies=sample.has_maximum)
async def body_too_large(api: Api, entity: Entity) -> str:
    """A body of more than a mebibyte is refused for its size or for its content."""
    field = sample.bounded(entity)

    body = await given.body(api, entity, **{field.name: "x" * 1_100_000})

    reply = await given.created_with(api, entity, body)

    return expect.refused(reply, 413, 400)
