"""Who may do what: keys, sessions, scopes, ownership.

It is long because it is one chapter of the reference, whose requirements are about one table: credentials and
operations.
"""

from collections.abc import Callable, Sequence
from functools import partial

from entity_contract import Entity

from entity_conformance.deployment.api import Api, NearMiss, Reply
from entity_conformance.suite import expect, given, questions, sample
from entity_conformance.suite.registry import Chapter
from entity_conformance.suite.turns import by_session

chapter = Chapter("auth")

OTHERS = {"auth.records-of-others", "auth.list-and-read-agree"}
SCOPED = {"auth.listing-needs-read"}
_FORBIDDEN, _CONFLICT = 403, 409
_BY_ANOTHER = "data listed to who reads these by id"


@chapter.proves("auth.key-as-bearer", scopes={"read"}, entities="primary")
async def key_as_bearer(api: Api, entity: Entity) -> None:
    """An API key in the Authorization header authenticates a request."""
    reply = await given.first_list(api, entity)

    expect.status(reply, 200)


@chapter.proves("auth.session-cookie", scopes={"read"}, needs={"session"}, entities="primary")
async def session_cookie(api: Api, entity: Entity) -> None:
    """The session cookie authenticates a request."""
    reply = await questions.list_by_session(api, entity)

    expect.status(reply, 200)


@chapter.proves("auth.missing-credentials", operations={"list"}, requests=2)
async def missing_credentials(api: Api, entity: Entity) -> None:
    """Every operation of an entity asks for authentication."""
    replies = await given.strangers(api, entity)

    expect.each(replies, lambda reply: expect.error(reply, 401, "UNAUTHORIZED"))


async def _turned_away(api: Api, *misses: NearMiss, place: int) -> None:
    """Operations by each of these are refused as a request without credentials is."""
    replies = await given.all_turned_away(api, misses, place=place)

    stranger = await given.unauthenticated(api)
    expect.each(replies, lambda reply: expect.refused_as(reply, stranger, 401, "UNAUTHORIZED"))


@chapter.proves("auth.unknown-key", entities="none", requests=2)
async def unknown_key(api: Api) -> None:
    """A key that was never issued is refused, as a request without credentials is."""
    await _turned_away(api, given.UNKNOWN, place=0)


@chapter.proves("auth.malformed-credentials", scopes={"read"}, entities="none", requests=20)
async def malformed_credentials(api: Api) -> None:
    """A key without a scheme, with another one or in the URL is refused, and so is a header without a key."""
    await _turned_away(api, *given.forms(api), place=1)

    expect.each(await given.key_in_query(api), lambda reply: expect.refused(reply, 400, 401, 403))


@chapter.proves(
    "auth.near-miss-of-a-key",
    scopes={"read"},
    after={"auth.unknown-key", "auth.malformed-credentials"},
    entities="none",
    requests=39,
)
async def near_miss_of_a_key(api: Api) -> None:
    """What is no key is refused: one that is cut, changed at its end, halved, in other case, longer, and a session."""
    await _turned_away(api, *given.near_keys(api), place=4)


@chapter.proves("auth.unknown-session", entities="none", requests=2)
async def unknown_session(api: Api) -> None:
    """A session cookie that was never issued is refused, as a request without credentials is."""
    await _turned_away(api, given.UNKNOWN_SESSION, place=2)


@chapter.proves(
    "auth.near-miss-of-a-session", needs={"session"}, after={"auth.unknown-session"}, entities="none", requests=13
)
async def near_miss_of_a_session(api: Api) -> None:
    """A session's token that is cut, changed in its last character, in other case, longer or empty is refused."""
    await _turned_away(api, *given.near_sessions(api), place=3)


@chapter.proves("auth.expired-key", needs={"expired_key"}, entities="none", requests=6)
async def expired_key(api: Api) -> None:
    """A key that has expired is refused by every operation, by a code of its own."""
    replies = await given.expired_turned_away(api)

    expect.each(replies, lambda reply: expect.error(reply, 401, "EXPIRED_KEY"))
    expect.each(replies, expect.has_code)


@chapter.proves("auth.listing-needs-read", needs={"write_key"}, operations={"list"}, entities="primary")
async def listing_needs_read(api: Api, entity: Entity) -> None:
    """A key without the scope `read` cannot list."""
    expect.error(await given.without(api, entity, "read", "list"), 403)


@chapter.proves(
    "auth.reading-needs-read", scopes={"read", "write"}, needs={"write_key"}, after=SCOPED, entities="primary"
)
async def reading_needs_read(api: Api, entity: Entity) -> None:
    """A key without the scope `read` cannot read a record."""
    expect.error(await given.without(api, entity, "read", "read"), 403)


@chapter.proves("auth.creating-needs-write", entities="primary", scopes={"write"}, needs={"read_key"}, after=SCOPED)
async def creating_needs_write(api: Api, entity: Entity) -> None:
    """A key without the scope `write` cannot create."""
    expect.error(await given.without(api, entity, "write", "create"), 403)


@chapter.proves(
    "auth.updating-needs-write",
    entities="primary",
    scopes={"read", "write"},
    needs={"read_key"},
    after={"auth.creating-needs-write"},
    operations={"update", "create", "read"},
)
async def updating_needs_write(api: Api, entity: Entity) -> None:
    """A key without the scope `write` cannot update, and the record stays as it was."""
    reply = await given.without(api, entity, "write", "update")

    expect.error(reply, 403)
    left = await given.seen_again(api, entity, reply)
    expect.not_written(left.record, given.sent(api, reply), at="the record afterwards")


@chapter.proves(
    "auth.deleting-needs-delete",
    entities="primary",
    scopes={"read", "write"},
    needs={"write_key"},
    after={"auth.updating-needs-write"},
    operations={"delete", "create", "read"},
)
async def deleting_needs_delete(api: Api, entity: Entity) -> None:
    """A key without the scope `delete` cannot delete, and the record stays."""
    reply = await given.without(api, entity, "delete", "delete")

    expect.error(reply, 403)
    expect.status(await given.seen_again(api, entity, reply), 200)


@chapter.proves(
    "auth.scopes-of-each-entity",
    scopes={"read", "write"},
    needs={"read_key", "write_key", "delete_key"},
    after={*SCOPED, "auth.reading-needs-read", "auth.creating-needs-write", "auth.deleting-needs-delete"},
    operations={"list"},
    requests=5,
)
async def scopes_of_each_entity(api: Api, entity: Entity) -> None:
    """Each operation of each entity asks for its scope: keys without it are refused."""
    expect.each(await given.lacking(api, entity), lambda reply: expect.error(reply, 403))


@chapter.proves("auth.missing-scope-code", needs={"write_key"}, after=SCOPED, operations={"list"}, entities="primary")
async def missing_scope_code(api: Api, entity: Entity) -> str:
    """A missing scope has the code INVALID_SCOPE or FORBIDDEN."""
    reply = await given.without(api, entity, "read", "list")

    expect.error(reply, 403)
    return expect.one_of(given.code(reply), ("INVALID_SCOPE", "FORBIDDEN"), at="code")


@chapter.proves(
    "auth.method-override",
    scopes={"read", "write", "delete"},
    after={"situations.creations-at-once"},
    entities="first",
    requests=3,
)
async def method_override(api: Api, entity: Entity) -> None:
    """The method that was sent counts: no header and no parameter puts another one in its place."""
    own = (await given.births(api, entity)).granted[0]

    read = await api.read(entity, own["id"], headers=given.OVERRIDES, params={"_method": "DELETE"})
    await api.request("POST", f"/{entity.name}/{own['id']}", json={}, headers=given.OVERRIDES)

    left = await api.read(entity, own["id"])
    expect.choice(
        read=lambda: expect.equal(read.record.get("id"), own["id"], at="data.id"),
        refused=lambda: expect.refused(read, 400, 403, 405),
    )
    expect.status(left, 200)


@chapter.proves(
    "auth.read-key-reads",
    scopes={"read"},
    needs={"read_key"},
    after={"keys.created-key-works", "create.gives-an-id"},
    last=True,
)
async def read_key_reads(api: Api, entity: Entity) -> None:
    """The scope `read` alone is enough to list and to read."""
    replies = await given.seen_by_reader(api, entity)

    expect.each(replies, lambda reply: expect.status(reply, 200))


@chapter.proves("auth.write-key-writes", scopes={"write"}, needs={"write_key"}, operations={"create", "update"})
async def write_key_writes(api: Api, entity: Entity) -> None:
    """The scope `write` alone is enough to create and to update."""
    created = await given.sparse_by_writer(api, entity)
    updated = await given.updated_by_writer(api, entity)

    expect.succeeded(created.reply)
    expect.succeeded(updated)


@chapter.proves(
    "auth.delete-key-deletes",
    scopes={"write", "delete"},
    needs={"delete_key"},
    after={"auth.missing-credentials"},
    last=True,
)
async def delete_key_deletes(api: Api, entity: Entity) -> None:
    """The scope `delete` alone is enough to delete."""
    reply = await given.target_deleted(api, entity)

    expect.succeeded(reply)


@chapter.proves(
    "auth.session-holds-all-scopes",
    scopes={"read", "write", "delete"},
    needs={"session"},
    after={"auth.session-cookie"},
    operations={"create", "update", "delete"},
    entities="primary",
    requests=3,
)
async def session_holds_all_scopes(api: Api, entity: Entity) -> None:
    """A session may create, update and delete, as it may read."""
    at = by_session(api, entity, 1, "create", "update", "delete")
    created = (await given.taken(api, at, await given.body(api, at), "session")).reply
    given.demand_no_state(created)
    given.demand_no_rule_of_fields(api, created)
    expect.succeeded(created)
    own = given.made(api, created)
    changed = await given.changed(api, at, own, "session")
    given.demand_no_state(changed)

    expect.succeeded(changed)
    deleted = await api.delete(at, own["id"], credential="session")

    expect.succeeded(deleted)


@chapter.proves("auth.key-beside-cookie", needs={"session"}, operations={"list"}, entities="first")
async def key_beside_cookie(api: Api, entity: Entity) -> str:
    """Where a bad key comes with a good cookie, the key decides or the cookie does."""
    reply = await api.list(entity, limit=1, credential="session", headers=given.UNKNOWN_KEY)
    stranger = await given.unauthenticated(api)

    return expect.choice(
        key_decides=lambda: expect.refused_as(reply, stranger, 401, "UNAUTHORIZED"),
        session_decides=lambda: expect.status(reply, 200),
    )


@chapter.proves(
    "auth.records-of-others",
    after={"read.unknown-id"},
    scopes={"read", "write"},
    needs={"other_api_key"},
    entities="primary",
)
async def records_of_others(api: Api, entity: Entity) -> str:
    """Another user's records are invisible, whoever asks for whose, or shared by everybody."""
    known = await given.target_to_read(api, entity)

    reply = await given.read_by_another(api, entity)
    others = await given.foreign_reads(api, entity)

    return expect.choice(
        isolated=[partial(expect.refused, one, 404, 403) for one in (*others, reply)],
        shared=[
            lambda: expect.equal(reply.record.get("id"), known["id"], at="data.id"),
            *(partial(expect.status, one, 200) for one in others),
        ],
    )


@chapter.proves("auth.directory-is-everybodys", scopes={"read"}, needs={"other_api_key", "directory"}, entities="none")
async def directory_is_everybodys(api: Api) -> None:
    """The directory of users belongs to nobody: whoever is authenticated can read it."""
    somebody = await given.person(api)

    reply = await given.somebody_read_by_another(api)

    expect.status(reply, 200)
    expect.equal(reply.record.get("id"), somebody["id"], at="data.id")


@chapter.proves(
    "auth.list-and-read-agree",
    entities="primary",
    scopes={"read", "write"},
    needs={"other_api_key"},
    after={"auth.records-of-others"},
)
async def list_and_read_agree(api: Api, entity: Entity) -> None:
    """What another user cannot read by id is in no list of theirs, and what they can read is."""
    group = await given.group(api, entity)

    read = await given.read_by_another(api, entity)
    listed = await given.listed(api, group, credential="other_api_key")

    expect.choice(
        isolated=[lambda: expect.refused(read, 404, 403), lambda: expect.exactly(listed, [], at=_BY_ANOTHER)],
        shared=[lambda: expect.status(read, 200), lambda: expect.exactly(listed, group.records, at=_BY_ANOTHER)],
    )


@chapter.proves(
    "auth.hidden-records-stay-untouched",
    scopes={"read", "write", "delete"},
    needs={"other_api_key"},
    after={*OTHERS, "update.unknown-id", "delete.unknown-id"},
    operations={"create", "read", "update", "delete"},
    requests=3,
)
async def hidden_records_stay_untouched(api: Api, entity: Entity) -> None:
    """Who cannot read a record can neither update nor delete it."""
    tried = await given.tried_by_another(api, entity)
    expect.choice(
        isolated=[partial(expect.refused, reply, 404, 403) for reply in tried],
        shared=_shared(tried),
    )


def _shared(tried: Sequence[Reply]) -> Sequence[Callable[[], object]]:
    """Everybody reads the record: who else writes it is the deployment's affair."""
    read, *writes = tried
    forbidden = [reply for reply in writes if reply.status in {_FORBIDDEN, _CONFLICT}]
    return [
        partial(expect.succeeded, read),
        *(partial(expect.refused, reply, _FORBIDDEN, _CONFLICT) for reply in forbidden),
        *(partial(expect.succeeded, reply) for reply in writes if reply not in forbidden),
    ]


@chapter.proves(
    "auth.hidden-records-are-not-found",
    scopes={"read", "write"},
    needs={"other_api_key"},
    after={*OTHERS, "auth.hidden-records-stay-untouched"},
    operations={"create", "read", "update", "delete"},
)
async def hidden_records_are_not_found(api: Api, entity: Entity) -> None:
    """A record of another user is answered as one that is missing, so that nobody learns that it exists."""
    tried, missing = await given.tried_by_another(api, entity), await given.missing(api, entity)

    expect.choice(
        isolated=[partial(expect.refused_as, reply, missing, 404, "NOT_FOUND") for reply in tried],
        shared=_shared(tried),
    )


@chapter.proves(
    "auth.lists-hide-others",
    entities="primary",
    scopes={"read", "write"},
    needs={"other_api_key"},
    after={*OTHERS, "list.total"},
    applies=sample.title_is_searchable,
)
async def lists_hide_others(api: Api, entity: Entity) -> None:
    """No list and no search shows a record of another user, and no total counts one."""
    group = await given.group(api, entity)
    read = await given.read_by_another(api, entity)

    searched = await questions.shown_to_another(api, group)
    listed, is_whole = await given.listed_by_another(api, entity)

    expect.choice(
        isolated=[
            lambda: expect.refused(read, 404, 403),
            lambda: expect.excludes(searched.records, *group.records),
            partial(_counts_its_own, searched),
            lambda: expect.excludes(listed.records, *group.records),
            *([partial(_counts_its_own, listed)] if is_whole else []),
        ],
        shared=[lambda: expect.status(read, 200), lambda: expect.includes(searched.records, *group.records)],
    )


def _counts_its_own(listed: Reply) -> None:
    """The total of a list that holds all there is counts nothing besides; whether it counts all of it, others judge."""
    expect.at_most(given.pagination(listed, "total"), len(listed.records), at="pagination.total")


@chapter.proves(
    "auth.filters-hide-others",
    scopes={"read", "write"},
    needs={"other_api_key"},
    after={*OTHERS, "filter.field-equality", "auth.lists-hide-others"},
)
async def filters_hide_others(api: Api, entity: Entity) -> None:
    """No filter on an id or a foreign key shows a record of another user, and no total counts one.

    Neither does it beside a search and a range of dates.
    """
    known, read = await given.target(api, entity), await given.read_by_another(api, entity)

    reply = await given.filtered_by_another(api, entity)

    expect.choice(
        isolated=[
            lambda: expect.refused(read, 404, 403),
            lambda: expect.excludes(reply.records, known),
            partial(_counts_its_own, reply),
        ],
        refused=lambda: expect.refused(reply, 400),
        shared=lambda: expect.status(read, 200),
    )


@chapter.proves(
    "auth.includes-hide-others",
    entities="primary",
    scopes={"read", "write"},
    needs={"other_api_key", "directory"},
    after={*OTHERS, "auth.directory-is-everybodys", "select.include-children", "select.include-no-children"},
    applies=sample.has_person,
)
async def includes_hide_others(api: Api, entity: Entity) -> None:
    """What belongs to a user of the directory is included for its owner alone."""
    held = await given.assigned_child(api, entity)
    relation = given.children_of(api, entity, held)
    read = await given.read_by_another(api, entity)

    somebody = await api.read(held.relation.entity, held.parent["id"], include=relation, credential="other_api_key")

    shown = expect.array(somebody.record.get(relation), at=f"data.{relation}")
    expect.choice(
        isolated=[lambda: expect.refused(read, 404, 403), lambda: expect.excludes(shown, held.record)],
        shared=[lambda: expect.status(read, 200), lambda: expect.includes(shown, held.record)],
    )


@chapter.proves(
    "auth.foreign-keys-of-others",
    scopes={"read", "write"},
    needs={"other_api_key"},
    after={*OTHERS, "auth.write-key-writes", "create.nobodys-foreign-key", "update.nobodys-foreign-key"},
    operations={"create", "read"},
    applies=sample.has_parent,
    requests=2,
)
async def foreign_keys_of_others(api: Api, entity: Entity) -> None:
    """No foreign key can name a record of another user, neither in a CREATE nor in an UPDATE."""
    read = await given.read_by_another(api, entity)

    replies = await given.naming_others(api, entity)

    expect.choice(
        isolated=[
            lambda: expect.refused(read, 404, 403),
            *(partial(expect.refused, reply, 400, 403, 404, 409, 422) for reply in replies),
        ],
        shared=lambda: expect.status(read, 200),
    )
