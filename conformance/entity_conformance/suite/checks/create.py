"""CREATE: what a body gives, and what it may not be."""

import json

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("create")

DONE = {"create.returns-record"}


@chapter.proves("create.returns-record", scopes={"write"})
async def returns_record(api: Api, entity: Entity) -> None:
    """A valid body makes a record, and the answer is that record."""
    created = await given.creation(api, entity)

    expect.succeeded(created.reply, wanted="201")
    expect.holds(created.reply.record, created.body, entity)
    expect.status(created.reply, 201, hinders=False)


@chapter.proves("create.follows-contract", scopes={"write"}, after=DONE)
async def follows_contract(api: Api, entity: Entity) -> None:
    """The answer to a creation is as the contract documents it, headers included."""
    created = await given.creation(api, entity)
    given.documented(created.reply, 201)

    expect.schema(created.reply, api.contract, apart_from=await given.judged_elsewhere(api, entity), headers=True)


@chapter.proves("create.gives-an-id", scopes={"write"})
async def gives_an_id(api: Api, entity: Entity) -> None:
    """Each new record has an id of its own, which is a text and no record's that was there before."""
    one = (await given.creation(api, entity)).reply
    expect.succeeded(one)
    known = one.id

    other = (await given.sparse(api, entity)).reply

    given.done(other)
    await given.first_records_seen(api, entity)
    old = [reply for reply in (one, other) if await given.was_there(api, entity.name, reply)]
    expect.none_of(old, said="the id is that of a record that was there before", expected="an id of its own")
    expect.different(other.id, known, at="data.id of the second record")
    given.told_as_texts(api, entity)


@chapter.proves("create.id-prefix", scopes={"write"}, applies=sample.has_prefix)
async def id_prefix(api: Api, entity: Entity) -> None:
    """An id begins with the entity's prefix."""
    given.texts_as_ids(api, entity)
    created = given.made(api, (await given.creation(api, entity)).reply)

    prefix = f"{entity.id_prefix}_"
    expect.equal(created["id"][: len(prefix)], prefix, at="the beginning of data.id")


@chapter.proves("create.stamps-times", scopes={"write"}, after=DONE, applies=sample.tells("createdAt", "updatedAt"))
async def stamps_times(api: Api, entity: Entity) -> None:
    """A new record was created and updated now, by the deployment's clock."""
    creation = await given.creation(api, entity)
    created, now = given.made(api, creation.reply), api.then(creation.reply)

    for field in given.stamps(entity, created, "createdAt", "updatedAt"):
        moment = expect.timestamp(created.get(field), at=f"data.{field}")
        expect.near(moment, now, within=api.clock_tolerance, at=f"data.{field}")


@chapter.proves("create.applies-defaults", scopes={"write"}, after=DONE, applies=sample.has_default)
async def applies_defaults(api: Api, entity: Entity) -> None:
    """A field that the body leaves out has its default."""
    created = given.made(api, (await given.sparse(api, entity)).reply)

    expect.holds(created, sample.defaults(entity), entity)


@chapter.proves("create.unset-fields", scopes={"read", "write"}, after=DONE, applies=sample.has_optional)
async def unset_fields(api: Api, entity: Entity) -> str:
    """A field without a default that the body leaves out is null or absent, and always the same."""
    creation = await given.sparse(api, entity)
    created = given.made(api, creation.reply)
    read = await given.sparse_read(api, entity)

    unset = sample.unset(entity, creation.body)
    return expect.choice(
        null=[lambda: expect.nulls(created, unset), lambda: expect.nulls(read.record, unset)],
        absent=[
            lambda: expect.lacks(created, *unset, at="data"),
            lambda: expect.lacks(read.record, *unset, at="data"),
        ],
    )


@chapter.proves("create.is-listed", scopes={"read", "write"})
async def is_listed(api: Api, entity: Entity) -> None:
    """A list gives each new record back with the values that it was created with."""
    shown, written = await given.created_and_listed(api, entity)

    expect.holds(shown, written, entity, at="data[]")


@chapter.proves(
    "create.longest-text",
    entities="first",
    scopes={"write"},
    after=DONE | {"create.keeps-every-character"},
    applies=sample.has_maximum,
)
async def longest_text(api: Api, entity: Entity) -> None:
    """Text of exactly the maximum length is accepted and kept."""
    field = sample.bounded(entity)

    reply = await given.longest(api, entity)

    expect.succeeded(reply)
    expect.equal(reply.record.get(field.name), sample.longest(field), at=f"data.{field.name}")


@chapter.proves("create.missing-required", scopes={"write"}, applies=sample.has_required)
async def missing_required(api: Api, entity: Entity) -> None:
    """Each required field must be there; the refusal names it."""
    told = await given.told(api, entity, "create", "missing")

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))


@chapter.proves("create.outside-enum", scopes={"write"}, applies=sample.has("enum"))
async def outside_enum(api: Api, entity: Entity) -> None:
    """A value that an enum does not list is refused; the refusal names the field."""
    told = await given.told(api, entity, "create", "enum")

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))


@chapter.proves("create.over-max-length", scopes={"write"}, applies=sample.has_maximum)
async def over_max_length(api: Api, entity: Entity) -> None:
    """Text of one character more than the maximum is refused; the refusal names the field."""
    told = await given.told(api, entity, "create", "length")

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))


@chapter.proves("create.outside-bounds", scopes={"write"}, operations={"create", "metadata"}, applies=sample.has_bounds)
async def outside_bounds(api: Api, entity: Entity) -> None:
    """A value beyond any other bound that OPTIONS tells is refused; the refusal names the field."""
    told, endless = await given.beyond_told_bounds(api, entity, "create"), await given.endless(api, entity)

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))
    expect.each(endless, lambda one: expect.refused(one, 400, 422))


@chapter.proves("create.details-name-each-field", scopes={"write"}, applies=sample.has_required)
async def details_name_each_field(api: Api, entity: Entity) -> None:
    """Where several fields are wrong, `details` names each of them."""
    names, reply = await given.to_be_named(api, entity, "create")

    expect.each(names, lambda name: expect.details(reply, name))


@chapter.proves("create.wrong-type", scopes={"write"})
async def wrong_type(api: Api, entity: Entity) -> str:
    """A value of another JSON type than the field's is refused, whichever type and field."""
    told = await given.told(api, entity, "create", "type")

    expect.each(told, lambda one: expect.refused(one.reply, 400, 422))
    return expect.alike(str(one.reply.status) for one in told)


@chapter.proves("create.malformed-json", scopes={"write"}, entities="first")
async def malformed_json(api: Api, entity: Entity) -> str:
    """A body that is no JSON is refused, and one that parsers read differently, and none of them as a valid one."""
    marked = sample.marked_body(given.title(entity))

    malformed = [await given.posted(api, entity, content) for content in sample.MALFORMED]
    odd = [await given.posted(api, entity, marked), await given.without_a_number(api, entity)]

    for reply in odd:  # to some parsers the value is wrong, which has a status of its own
        expect.refused(reply, 400, 422)
    taken = [expect.refused(reply, 400, 422) for reply in malformed]  # which need not be one
    return taken[0]


@chapter.proves("create.not-an-object", scopes={"write"}, entities="first")
async def not_an_object(api: Api, entity: Entity) -> str:
    """A body that is JSON but no object is refused."""
    within = json.dumps([await given.body(api, entity)])
    replies = [await given.posted(api, entity, content) for content in (within, "null")]

    return expect.alike(expect.refused(reply, 422, 400, 415) for reply in replies)


@chapter.proves("create.other-media-type", scopes={"write"}, entities="first")
async def other_media_type(api: Api, entity: Entity) -> str:
    """A body of another media type than JSON is refused: a form, though what it holds be JSON too."""
    body = await given.body(api, entity, **{given.title(entity): f"{api.run}&{given.title(entity)}=x"})

    reply = await given.posted(api, entity, json.dumps(body), media_type="application/x-www-form-urlencoded")

    return expect.refused(reply, 422, 400, 415)


@chapter.proves("create.no-media-type", scopes={"write"}, entities="first")
async def no_media_type(api: Api, entity: Entity) -> str:
    """A body without a media type is taken as JSON or refused."""
    reply = await given.untyped(api, entity)

    return expect.by_status(reply, {201: "json", 200: "json", 400: "400", 415: "415", 422: "422"})


@chapter.proves("create.unknown-field", scopes={"read", "write"})
async def unknown_field(api: Api, entity: Entity) -> str:
    """A field that the entity does not have is refused, or ignored and never seen again."""
    reply = (await given.meddled(api, entity, "create"))[sample.UNKNOWN]
    afterwards = await given.read_again(api, entity, reply)

    return expect.choice(
        refused=lambda: expect.error(reply, 400, "VALIDATION_FAILED"),
        ignored=[
            lambda: expect.succeeded(reply),
            lambda: expect.lacks(reply.record, sample.UNKNOWN, at="data"),
            lambda: expect.lacks(afterwards.record, sample.UNKNOWN, at="the record afterwards"),
        ],
    )


@chapter.proves("create.generated-fields", scopes={"write"})
async def generated_fields(api: Api, entity: Entity) -> None:
    """A body cannot set what the server generates."""
    replies = await given.meddled(api, entity, "create")

    for name, value in sample.generated(entity, api.run).items():
        expect.not_taken_over(replies[name], name, value)


@chapter.proves("create.blank-required-text", entities="primary", scopes={"write"})
async def blank_required_text(api: Api, entity: Entity) -> None:
    """A required text that is empty or blank is refused; the refusal names it."""
    told = await given.told(api, entity, "create", "blank")

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))


@chapter.proves("create.nul-character", scopes={"write"}, entities="first")
async def nul_character(api: Api, entity: Entity) -> None:
    """Text with U+0000 or half a character, which no database keeps, is no failure of the server."""
    bodies = [await given.body(api, entity, **{given.title(entity): text}) for text in ("a\x00b", f"{api.run} \ud800")]

    for body in bodies:
        expect.no_server_error(await given.created_with(api, entity, body))


@chapter.proves("create.nobodys-foreign-key", scopes={"write"}, applies=sample.has_parent)
async def nobodys_foreign_key(api: Api, entity: Entity) -> None:
    """A foreign key that names no record is refused, one that need not be there too; the refusal names the field."""
    told = await given.of_nobody(api, entity, "create")

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))
