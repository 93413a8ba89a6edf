"""UPDATE: a partial change, and nothing but that."""

from entity_contract import Action, Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("update")

DONE = {"update.returns-record"}
UPDATE: frozenset[Action] = frozenset({"create", "update"})
STORED: frozenset[Action] = UPDATE | {"read"}


@chapter.proves("update.returns-record", scopes={"write"}, operations=UPDATE)
async def returns_record(api: Api, entity: Entity) -> None:
    """An update answers with the record, changed as asked."""
    change = await given.change(api, entity)

    expect.status(change.reply, 200)
    expect.equal(change.reply.record.get("id"), change.before["id"], at="data.id")
    expect.holds(change.reply.record, change.body, entity)
    expect.whole(change.reply, entity)


@chapter.proves("update.follows-contract", scopes={"write"}, after=DONE, operations=UPDATE)
async def follows_contract(api: Api, entity: Entity) -> None:
    """The answer to an update is as the contract documents it, headers included."""
    change = await given.change(api, entity)

    expect.schema(change.reply, api.contract, headers=True)


@chapter.proves("update.is-stored", scopes={"read", "write"}, after={*DONE, "read.returns-record"}, operations=STORED)
async def is_stored(api: Api, entity: Entity) -> None:
    """What an update changed is what is read afterwards: each field takes and keeps each value at its borders."""
    changes = await given.changes(api, entity)

    first = changes.steps[0]
    kept = {one.name: changes.answered.get(one.name) for one in sample.writable(entity)}
    expect.holds(changes.stored.record, {name: first.held.record.get(name) for name in first.body}, entity)
    expect.holds(changes.read.record, kept, entity)
    expect.each(
        changes.steps,
        lambda step: expect.holds(step.reply.record, given.set_values(step.body), entity),
        hinders=False,
    )


@chapter.proves(
    "update.leaves-the-rest", scopes={"read", "write"}, after=DONE | {"update.is-stored"}, operations=STORED
)
async def leaves_the_rest(api: Api, entity: Entity) -> None:
    """An update touches the fields that it names and `updatedAt`, and no other, of however many in a row."""
    changes = await given.changes(api, entity)

    expect.none_of(changes.demanding, said="an UPDATE must name more than it changes", expected="200")
    for step in changes.steps:
        fields = {field.name for field in entity.fields} - {*step.body, "id", "createdAt", "updatedAt"}
        expect.holds(step.held.record, {name: step.before.get(name) for name in fields}, entity)


@chapter.proves("update.keeps-id-and-creation", scopes={"write"}, after=DONE, operations=UPDATE)
async def keeps_id_and_creation(api: Api, entity: Entity) -> None:
    """`id` and `createdAt` never move."""
    change = await given.change(api, entity)

    held, before = change.held.record, change.before
    expect.equal(held.get("id"), before.get("id"), at="data.id")
    expect.same_instant(held.get("createdAt"), before.get("createdAt"), at="data.createdAt", of=held)


@chapter.proves(
    "update.moves-updated-at", scopes={"write"}, after=DONE, operations=UPDATE, applies=sample.tells("updatedAt")
)
async def moves_updated_at(api: Api, entity: Entity) -> None:
    """`updatedAt` moves on with a real change."""
    change = await given.change(api, entity)
    (name,) = given.stamps(entity, change.before, "updatedAt")

    expect.after(change.held.record.get(name), change.before.get(name), at=f"data.{name}")


@chapter.proves(
    "update.same-values",
    scopes={"write"},
    after=DONE | {"update.moves-updated-at"},
    operations=UPDATE,
    entities="first",
    applies=sample.tells("updatedAt"),
)
async def same_values(api: Api, entity: Entity) -> str:
    """An update that changes nothing moves `updatedAt`, or does not."""
    idle = await given.idle(api, entity)
    (name,) = given.stamps(entity, idle.before, "updatedAt")

    expect.status(idle.same, 200)
    before, after, at = idle.before.get(name), idle.same.record.get(name), f"data.{name}"
    return expect.choice(
        moves=lambda: expect.after(after, before, at=at),
        stays=lambda: expect.same_instant(after, before, at=at),
    )


@chapter.proves("update.unknown-id", entities="first", scopes={"read", "write"}, operations=UPDATE)
async def unknown_id(api: Api, entity: Entity) -> None:
    """An id that belongs to no record cannot be updated."""
    missing = await given.missing(api, entity)

    reply = await given.refused_update(api, entity)

    expect.refused_as(reply, missing, 404, "NOT_FOUND")


@chapter.proves("update.outside-enum", scopes={"write"}, operations=UPDATE, applies=sample.has("enum"))
async def outside_enum(api: Api, entity: Entity) -> None:
    """A value that an enum does not list is refused; the refusal names the field."""
    told = await given.told(api, entity, "update", "enum")

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))


@chapter.proves("update.over-max-length", scopes={"write"}, operations=UPDATE, applies=sample.has_maximum)
async def over_max_length(api: Api, entity: Entity) -> None:
    """Text of one character more than the maximum is refused; the refusal names the field."""
    told = await given.told(api, entity, "update", "length")

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))


@chapter.proves("update.outside-bounds", scopes={"write"}, operations=UPDATE | {"metadata"}, applies=sample.has_bounds)
async def outside_bounds(api: Api, entity: Entity) -> None:
    """A value beyond any other bound that OPTIONS tells is refused; the refusal names the field."""
    told = await given.beyond_told_bounds(api, entity, "update")

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))


@chapter.proves("update.details-name-each-field", scopes={"write"}, operations=UPDATE, applies=sample.has_maximum)
async def details_name_each_field(api: Api, entity: Entity) -> None:
    """Where several fields are wrong, `details` names each of them."""
    names, reply = await given.to_be_named(api, entity, "update")

    expect.each(names, lambda name: expect.details(reply, name))


@chapter.proves("update.wrong-type", scopes={"write"}, operations=UPDATE)
async def wrong_type(api: Api, entity: Entity) -> str:
    """A value of another JSON type than the field's is refused, whichever type and field."""
    told = await given.told(api, entity, "update", "type")

    expect.each(told, lambda one: expect.refused(one.reply, 400, 422))
    return expect.alike(str(one.reply.status) for one in told)


@chapter.proves("update.malformed-json", scopes={"write"}, operations=UPDATE, entities="first")
async def malformed_json(api: Api, entity: Entity) -> str:
    """A body that is no JSON is refused."""
    reply = await given.patched(api, entity, content='{"title": ')

    return expect.refused(reply, 400, 422)


@chapter.proves("update.not-an-object", scopes={"write"}, operations=UPDATE, entities="first")
async def not_an_object(api: Api, entity: Entity) -> str:
    """A body that is JSON but no object is refused."""
    replies = [await given.patched(api, entity, body) for body in ("x", None)]

    return expect.alike(expect.refused(reply, 422, 400, 415) for reply in replies)


@chapter.proves("update.other-media-type", scopes={"write"}, operations=UPDATE, entities="first")
async def other_media_type(api: Api, entity: Entity) -> str:
    """A body of another media type than JSON is refused, though what it holds be JSON."""
    reply = await given.patched_as(api, entity, "text/plain")

    return expect.refused(reply, 422, 400, 415)


@chapter.proves("update.empty-object", scopes={"write"}, operations=UPDATE, entities="first")
async def empty_object(api: Api, entity: Entity) -> str:
    """A body that names nothing is refused, or leaves the record as it was."""
    idle = await given.idle(api, entity)

    kept = {name: value for name, value in idle.record.items() if name != "updatedAt"}
    return expect.choice(
        refused=lambda: expect.error(idle.empty, 400, "VALIDATION_FAILED"),
        unchanged=lambda: expect.holds(idle.empty.record, kept, entity),
    )


@chapter.proves(
    "update.null-clears",
    after={"update.is-stored"},
    scopes={"read", "write"},
    operations=STORED,
    applies=sample.has_optional,
)
async def null_clears(api: Api, entity: Entity) -> None:
    """A null clears an optional field, and none is refused where OPTIONS tells that the field may be null."""
    changes, refused = await given.changes(api, entity), await given.refused_nulls(api, entity)

    expect.each(refused, lambda one: expect.lacks(one.reply.details, one.field, at="the refusal of what may be null"))
    for step in changes.steps:
        for name in [name for name, value in step.body.items() if value is None]:
            expect.status(step.reply, 200)
            expect.is_null(step.reply.record.get(name), at=f"data.{name}")


@chapter.proves("update.null-of-required", scopes={"write"}, operations=UPDATE, applies=sample.has_required)
async def null_of_required(api: Api, entity: Entity) -> None:
    """A null for a required field is refused."""
    told = [one for one in await given.told(api, entity, "update", "null") if one.field in sample.required(entity)]

    expect.each(told, refused_for_null)


@chapter.proves("update.null-of-default", scopes={"write"}, operations=UPDATE, applies=sample.has_default)
async def null_of_default(api: Api, entity: Entity) -> None:
    """A null for a field that has a default is refused."""
    told = [one for one in await given.told(api, entity, "update", "null") if one.field in sample.defaults(entity)]

    expect.each(told, refused_for_null)


def refused_for_null(told: given.Told) -> None:
    """A null is a bad value or one of a wrong type."""
    expect.choice(
        bad_request=lambda: expect.error(told.reply, 400, "VALIDATION_FAILED", names=told.field),
        of_a_wrong_type=lambda: expect.error(told.reply, 422),
    )


@chapter.proves("update.unknown-field", scopes={"write"}, operations=UPDATE)
async def unknown_field(api: Api, entity: Entity) -> str:
    """A field that the entity does not have is refused, or ignored."""
    reply = (await given.meddled(api, entity, "update"))[sample.UNKNOWN]

    return expect.choice(
        refused=lambda: expect.error(reply, 400, "VALIDATION_FAILED"),
        ignored=lambda: expect.lacks(reply.record, sample.UNKNOWN, at="data"),
    )


@chapter.proves("update.generated-fields", scopes={"write"}, operations=UPDATE)
async def generated_fields(api: Api, entity: Entity) -> None:
    """A body cannot set what the server generates."""
    replies = await given.meddled(api, entity, "update")

    for name, value in sample.generated(entity, api.run).items():
        expect.not_taken_over(replies[name], name, value)


@chapter.proves("update.blank-required-text", scopes={"write"}, operations=UPDATE)
async def blank_required_text(api: Api, entity: Entity) -> None:
    """A required text cannot be made blank."""
    told = await given.told(api, entity, "update", "blank")

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))


@chapter.proves("update.nul-character", scopes={"write"}, operations=UPDATE, entities="first")
async def nul_character(api: Api, entity: Entity) -> None:
    """Text with U+0000, which no database keeps, is no failure of the server."""
    reply = await given.patched(api, entity, {given.title(entity): "a\x00b"})

    expect.no_server_error(reply)


@chapter.proves("update.nobodys-foreign-key", scopes={"write"}, operations=UPDATE, applies=sample.has_parent)
async def nobodys_foreign_key(api: Api, entity: Entity) -> None:
    """No foreign key can be moved to a record that does not exist."""
    told = await given.of_nobody(api, entity, "update")

    expect.each(told, lambda one: expect.error(one.reply, 400, "VALIDATION_FAILED", names=one.field))
