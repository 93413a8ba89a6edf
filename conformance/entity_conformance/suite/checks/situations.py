"""Situations: requests that meet each other, and reads that come right after a write."""

from entity_contract import Action, Entity, Scope

from entity_conformance.deployment.api import Api
from entity_conformance.oracle.records import referring
from entity_conformance.suite import expect, given
from entity_conformance.suite.registry import Chapter

chapter = Chapter("situations")

ALL: frozenset[Scope] = frozenset({"read", "write"})
WRITES: frozenset[Action] = frozenset({"create", "read", "list", "update"})
AFTER = {"situations.read-after-write"}
KEPT = {"situations.changes-of-different-fields"}


@chapter.proves(
    "situations.changes-of-different-fields",
    scopes=ALL,
    operations=WRITES,
    after=AFTER | {"update.leaves-the-rest"},
    entities="primary",
    requests=1,
)
async def changes_of_different_fields(api: Api, entity: Entity) -> None:
    """Of changes to different fields of one record that come at once, all are kept."""
    rush = await given.rush(api, entity)

    expect.holds(rush.latest, rush.kept, entity, at="data")


@chapter.proves(
    "situations.changes-of-one-field",
    scopes=ALL,
    operations=WRITES,
    after=KEPT | {"update.leaves-the-rest"},
    entities="primary",
)
async def changes_of_one_field(api: Api, entity: Entity) -> None:
    """Of two changes to one field that come at once, one is kept whole."""
    rush = await given.rush(api, entity)

    field, allowed = rush.contested
    expect.holds_one_of(rush.latest, field, allowed, entity)


@chapter.proves(
    "situations.read-after-write",
    scopes=ALL,
    operations=WRITES,
    after={"update.is-stored", "auth.session-cookie"},
    entities="primary",
    requests=20,
)
async def read_after_write(api: Api, entity: Entity) -> None:
    """What was written is read at once, by every credential and with other parameters."""
    rush = await given.rush(api, entity)

    expect.each(rush.reads, lambda reply: expect.holds(reply.record, rush.shown, entity, at="data"))


@chapter.proves(
    "situations.shown-after-write",
    scopes=ALL,
    operations=WRITES,
    after=KEPT,
    entities="primary",
)
async def shown_after_write(api: Api, entity: Entity) -> None:
    """What was written is shown by lists that were asked for before, and found by a search."""
    rush = await given.rush(api, entity)

    for reply in rush.listed:
        shown = expect.by_id(reply.records, rush.record["id"])
        expect.holds(shown, rush.shown, entity, at="data[]")


@chapter.proves(
    "situations.included-after-write",
    scopes=ALL,
    operations=WRITES,
    after={*KEPT, "select.include-person", "select.include-parent"},
    entities="primary",
)
async def included_after_write(api: Api, entity: Entity) -> None:
    """A record that is included shows its latest change, also where it was included before."""
    rush = await given.rush(api, entity)

    relation, reply = given.included(rush)
    held = expect.mapping(reply.record.get(relation), at=f"data.{relation}")
    expect.holds(held, given.told_of(held, rush.shown), entity, at=f"data.{relation}")


@chapter.proves(
    "situations.list-during-writes",
    scopes=ALL,
    operations=WRITES,
    after={"create.returns-record"},
    entities="primary",
)
async def list_during_writes(api: Api, entity: Entity) -> None:
    """A list shows what nobody changes, each record once, while others are written."""
    group, rush = await given.group(api, entity), await given.rush(api, entity)

    expect.exactly(rush.meanwhile.records, group.records)
    expect.no_duplicates(rush.meanwhile.records)


@chapter.proves(
    "situations.creations-at-once",
    scopes=ALL,
    operations={"create", "list"},
    after={"create.returns-record", "create.is-listed", "auth.write-key-writes"},
    entities="primary",
    requests=4,
)
async def creations_at_once(api: Api, entity: Entity) -> None:
    """Of records that are created at once, each is stored once, under an id of its own and with its own values."""
    births = await given.births(api, entity)

    expect.no_duplicates(births.granted)
    expect.exactly(births.listed, births.granted)
    for one in births.judged:
        expect.holds(one.reply.record, one.body, entity)


@chapter.proves(
    "situations.deletions-at-once",
    scopes={"read", "write", "delete"},
    after={"delete.then-read", "situations.creations-at-once"},
    entities="primary",
    requests=3,
)
async def deletions_at_once(api: Api, entity: Entity) -> None:
    """Of two deletions of one record at once, one succeeds; it is gone then, though it was updated meanwhile."""
    *replies, left = await given.deletions(api, entity)

    for reply in replies:
        expect.status(reply, 200, 404)
    expect.at_least(sum(reply.status == 200 for reply in replies), 1, at="the deletions that succeeded")
    expect.refused_as(left, await given.missing(api, entity), 404, "NOT_FOUND")


@chapter.proves(
    "situations.same-question",
    scopes=ALL,
    operations=WRITES,
    after={"situations.list-during-writes"},
    entities="primary",
    last=True,
)
async def same_question(api: Api, entity: Entity) -> None:
    """The same question about records that nobody changes is answered alike at the start and at the end."""
    first = (await given.rush(api, entity)).meanwhile

    again = await given.asked_again(api, entity)

    expect.in_order(again.records, first.records)
    is_parent = any(referring(api.entities, entity))
    for earlier, later in zip(first.records, again.records, strict=True):
        kept = {name: value for name, value in earlier.items() if name != "updatedAt" or not is_parent}
        expect.holds(later, kept, entity, at="data[]")  # a child that was made meanwhile may move its parent's
