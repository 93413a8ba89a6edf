"""Who may do what: keys, sessions, scopes, ownership."""

from functools import partial

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("auth")

OTHERS = {"auth.records-of-others", "auth.list-and-read-agree"}
SCOPED = {"auth.listing-needs-read"}
BAD_KEY = {"Authorization": "Bearer sk_live_00000000000000000000000000000000"}


@chapter.proves("auth.key-as-bearer", scopes={"read"}, entities="primary")
async def key_as_bearer(api: Api, entity: Entity) -> None:
    """An API key in the Authorization header authenticates a request."""
    reply = await api.list(entity, limit=1)

    expect.status(reply, 200)


@chapter.proves("auth.session-cookie", scopes={"read"}, needs={"session"}, entities="primary")
async def session_cookie(api: Api, entity: Entity) -> None:
    """The session cookie authenticates a request."""
    reply = await api.list(entity, limit=1, credential="session")

    expect.status(reply, 200)


@chapter.proves("auth.missing-credentials", operations={"list"})
async def missing_credentials(api: Api, entity: Entity) -> None:
    """Every operation of an entity asks for authentication."""
    replies = await given.every_operation(api, entity, credential="none")

    expect.each(replies, lambda reply: expect.error(reply, 401, "UNAUTHORIZED"))


@chapter.proves("auth.unknown-key", operations={"list"}, entities="primary")
async def unknown_key(api: Api, entity: Entity) -> None:
    """A key that was never issued is refused, as a request without credentials is."""
    reply = await api.list(entity, credential="none", headers=BAD_KEY)

    expect.refused_as(reply, await given.unauthenticated(api), 401, "UNAUTHORIZED")


@chapter.proves("auth.malformed-credentials", operations={"list"}, entities="primary")
async def malformed_credentials(api: Api, entity: Entity) -> None:
    """An Authorization header that holds no key is refused, as a request without credentials is."""
    values = ("Bearer", "Basic c2tfbGl2ZTo=", "nonsense")
    replies = [await api.list(entity, credential="none", headers={"Authorization": value}) for value in values]

    stranger = await given.unauthenticated(api)
    expect.each(replies, lambda reply: expect.refused_as(reply, stranger, 401, "UNAUTHORIZED"))


@chapter.proves("auth.unknown-session", operations={"list"}, entities="primary")
async def unknown_session(api: Api, entity: Entity) -> None:
    """A session cookie that was never issued is refused, as a request without credentials is."""
    cookie = {"Cookie": "better-auth.session_token=conformance-no-such-session"}

    reply = await api.list(entity, credential="none", headers=cookie)

    expect.refused_as(reply, await given.unauthenticated(api), 401, "UNAUTHORIZED")


@chapter.proves("auth.challenge", operations={"list"}, entities="primary")
async def challenge(api: Api, entity: Entity) -> None:
    """A request without credentials is told in WWW-Authenticate to come with a bearer token."""
    reply = given.refusal(await api.list(entity, credential="none"))

    expect.contains(expect.header(reply, "WWW-Authenticate").lower(), "bearer", at="WWW-Authenticate")


@chapter.proves("auth.expired-key", needs={"expired_key"}, operations={"list"}, entities="primary", last=True)
async def expired_key(api: Api, entity: Entity) -> None:
    """A key that has expired is refused by a code of its own."""
    reply = await api.list(entity, limit=1, credential="expired_key")

    expect.error(reply, 401, "EXPIRED_KEY")


@chapter.proves("auth.listing-needs-read", needs={"write_key"}, operations={"list"})
async def listing_needs_read(api: Api, entity: Entity) -> None:
    """A key without the scope `read` cannot list."""
    reply = await api.list(entity, credential="write_key")

    expect.error(reply, 403)


@chapter.proves(
    "auth.reading-needs-read", scopes={"read", "write"}, needs={"write_key"}, after=SCOPED, entities="primary"
)
async def reading_needs_read(api: Api, entity: Entity) -> None:
    """A key without the scope `read` cannot read a record."""
    known = (await given.records(api, entity))[0]

    reply = await api.read(entity, known["id"], credential="write_key")

    expect.error(reply, 403)


@chapter.proves("auth.creating-needs-write", entities="primary", scopes={"write"}, needs={"read_key"}, after=SCOPED)
async def creating_needs_write(api: Api, entity: Entity) -> None:
    """A key without the scope `write` cannot create."""
    body = await given.body(api, entity)

    reply = await api.create(entity, body, credential="read_key")

    expect.error(reply, 403)


@chapter.proves(
    "auth.updating-needs-write",
    entities="primary",
    scopes={"read", "write"},
    needs={"read_key"},
    after={"auth.creating-needs-write"},
    operations={"update", "create"},
)
async def updating_needs_write(api: Api, entity: Entity) -> None:
    """A key without the scope `write` cannot update, and the record stays as it was."""
    known = await given.record(api, entity)
    before = await api.read(entity, known["id"])

    reply = await api.update(entity, known["id"], given.different(api, entity, known), credential="read_key")

    left = await api.read(entity, known["id"])
    expect.error(reply, 403)
    expect.holds(left.record, before.record, entity, at="the record afterwards")


@chapter.proves(
    "auth.deleting-needs-delete",
    entities="primary",
    scopes={"read", "write"},
    needs={"write_key"},
    after={"auth.creating-needs-write"},
    operations={"delete", "create"},
)
async def deleting_needs_delete(api: Api, entity: Entity) -> None:
    """A key without the scope `delete` cannot delete, and the record stays."""
    known = await given.record(api, entity)

    reply = await api.delete(entity, known["id"], credential="write_key")

    left = await api.read(entity, known["id"])
    expect.error(reply, 403)
    expect.status(left, 200)


@chapter.proves("auth.missing-scope-code", needs={"write_key"}, after=SCOPED, operations={"list"}, entities="primary")
async def missing_scope_code(api: Api, entity: Entity) -> str:
    """A missing scope has the code INVALID_SCOPE or FORBIDDEN."""
    reply = await api.list(entity, credential="write_key")

    expect.error(reply, 403)
    return expect.one_of(given.code(reply), ("INVALID_SCOPE", "FORBIDDEN"), at="code")


@chapter.proves("auth.read-key-reads", scopes={"read", "write"}, needs={"read_key"}, entities="primary")
async def read_key_reads(api: Api, entity: Entity) -> None:
    """The scope `read` alone is enough to list and to read."""
    known = (await given.records(api, entity))[0]

    listed = await api.list(entity, credential="read_key")
    for reply in (listed, await api.read(entity, known["id"], credential="read_key")):
        expect.status(reply, 200)


@chapter.proves(
    "auth.write-key-writes", scopes={"write"}, needs={"write_key"}, operations={"create", "update"}, entities="primary"
)
async def write_key_writes(api: Api, entity: Entity) -> None:
    """The scope `write` alone is enough to create and to update."""
    created = await api.create(entity, await given.body(api, entity), credential="write_key")
    expect.succeeded(created)
    own = given.made(api, created)

    reply = await api.update(entity, own["id"], given.different(api, entity, own), credential="write_key")

    expect.succeeded(reply)


@chapter.proves("auth.delete-key-deletes", scopes={"write", "delete"}, needs={"delete_key"}, entities="primary")
async def delete_key_deletes(api: Api, entity: Entity) -> None:
    """The scope `delete` alone is enough to delete."""
    own = await given.record(api, entity)

    reply = await api.delete(entity, own["id"], credential="delete_key")

    expect.succeeded(reply)


@chapter.proves(
    "auth.session-holds-all-scopes", scopes={"read", "write", "delete"}, needs={"session"}, entities="primary"
)
async def session_holds_all_scopes(api: Api, entity: Entity) -> None:
    """A session may create, read and delete."""
    created = await api.create(entity, await given.body(api, entity), credential="session")
    expect.succeeded(created)
    own = given.made(api, created)

    read = await api.read(entity, own["id"], credential="session")
    deleted = await api.delete(entity, own["id"], credential="session")

    expect.each((read, deleted), expect.succeeded)


@chapter.proves("auth.key-beside-cookie", needs={"session"}, operations={"list"}, entities="primary")
async def key_beside_cookie(api: Api, entity: Entity) -> str:
    """Where a bad key comes with a good cookie, the key decides or the cookie does."""
    reply = await api.list(entity, limit=1, credential="session", headers=BAD_KEY)
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
    """Another user's records are invisible, or shared by everybody."""
    known = (await given.records(api, entity))[0]

    reply = await api.read(entity, known["id"], credential="other_api_key")

    return expect.choice(
        isolated=lambda: expect.refused(reply, 404, 403),
        shared=lambda: expect.equal(reply.record.get("id"), known["id"], at="data.id"),
    )


@chapter.proves("auth.directory-is-everybodys", scopes={"read"}, needs={"other_api_key", "directory"}, entities="none")
async def directory_is_everybodys(api: Api) -> None:
    """The directory of users belongs to nobody: whoever is authenticated can read it."""
    somebody = await given.person(api)

    reply = await api.read("users", somebody["id"], credential="other_api_key")

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

    read = await api.read(entity, group.records[0]["id"], credential="other_api_key")
    listed = await given.listed(api, group, credential="other_api_key")

    expect.choice(
        isolated=[lambda: expect.refused(read, 404, 403), lambda: expect.exactly(listed, [])],
        shared=[lambda: expect.status(read, 200), lambda: expect.exactly(listed, group.records)],
    )


@chapter.proves(
    "auth.hidden-records-stay-untouched",
    scopes={"read", "write", "delete"},
    needs={"other_api_key"},
    after={*OTHERS, "update.unknown-id", "delete.unknown-id"},
    operations={"create", "read", "update", "delete"},
    entities="primary",
)
async def hidden_records_stay_untouched(api: Api, entity: Entity) -> None:
    """Who cannot read a record can neither update nor delete it, and does not change it by trying."""
    own = await given.record(api, entity)
    before = await api.read(entity, own["id"])
    read = await api.read(entity, own["id"], credential="other_api_key")

    updated = await api.update(entity, own["id"], given.different(api, entity, own), credential="other_api_key")
    deleted = await api.delete(entity, own["id"], credential="other_api_key")

    left = await api.read(entity, own["id"])
    expect.choice(
        isolated=[
            *(partial(expect.refused, reply, 404, 403) for reply in (read, updated, deleted)),
            lambda: expect.holds(left.record, before.record, entity),
        ],
        shared=[partial(expect.succeeded, reply) for reply in (read, updated, deleted)],
    )


@chapter.proves(
    "auth.hidden-records-are-not-found",
    scopes={"read", "write"},
    needs={"other_api_key"},
    after={*OTHERS, "update.unknown-id"},
    operations={"create", "read", "update"},
    entities="primary",
)
async def hidden_records_are_not_found(api: Api, entity: Entity) -> None:
    """A record of another user is answered as one that is missing, so that nobody learns that it exists."""
    own, missing = await given.record(api, entity), await given.missing(api, entity)

    read = await api.read(entity, own["id"], credential="other_api_key")
    updated = await api.update(entity, own["id"], given.different(api, entity, own), credential="other_api_key")

    expect.choice(
        isolated=[partial(expect.refused_as, reply, missing, 404, "NOT_FOUND") for reply in (read, updated)],
        shared=[partial(expect.succeeded, reply) for reply in (read, updated)],
    )


@chapter.proves(
    "auth.lists-hide-others",
    entities="primary",
    scopes={"read", "write"},
    needs={"other_api_key"},
    after={*OTHERS, "search.word-in-title"},
    applies=sample.title_is_searchable,
)
async def lists_hide_others(api: Api, entity: Entity) -> None:
    """No search shows a record of another user, and no total counts one."""
    group = await given.searchable(api, entity)
    read = await api.read(entity, group.records[0]["id"], credential="other_api_key")

    searched = await given.first_page(api, entity, search=group.word, credential="other_api_key")
    none = await given.first_page(api, entity, search=sample.word(api.run, "nowhere"), credential="other_api_key")

    expect.choice(
        isolated=[
            lambda: expect.refused(read, 404, 403),
            lambda: expect.excludes(searched.records, *group.records),
            lambda: expect.equal(
                given.pagination(searched, "total"), given.pagination(none, "total"), at="pagination.total"
            ),
        ],
        shared=[lambda: expect.status(read, 200), lambda: expect.includes(searched.records, *group.records)],
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
    read = await api.read(entity, held.record["id"], credential="other_api_key")

    somebody = await api.read(held.relation.entity, held.parent["id"], include=relation, credential="other_api_key")

    shown = expect.array(somebody.record.get(relation), at=f"data.{relation}")
    expect.choice(
        isolated=[lambda: expect.refused(read, 404, 403), lambda: expect.excludes(shown, held.record)],
        shared=[lambda: expect.status(read, 200), lambda: expect.includes(shown, held.record)],
    )


@chapter.proves(
    "auth.foreign-keys-of-others",
    entities="primary",
    scopes={"read", "write"},
    needs={"other_api_key"},
    after={*OTHERS, "create.nobodys-foreign-key", "update.nobodys-foreign-key"},
    applies=sample.has_required_parent,
)
async def foreign_keys_of_others(api: Api, entity: Entity) -> None:
    """A foreign key cannot name a record of another user."""
    child = await given.own_child(api, entity)
    body = await given.body(api, entity, **{child.foreign_key: child.parent["id"]})
    read = await api.read(child.relation.entity, child.parent["id"], credential="other_api_key")

    created = await api.create(entity, body, credential="other_api_key")

    expect.choice(
        isolated=[lambda: expect.refused(read, 404, 403), lambda: expect.refused(created, 400, 403, 404, 409, 422)],
        shared=[lambda: expect.status(read, 200), lambda: expect.succeeded(created)],
    )
