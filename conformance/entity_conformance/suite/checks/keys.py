"""API keys: made, shown once, listed masked, revoked. For sessions only.

A session may send few requests, so that the checks share three keys (`SHOWN`, `LASTING`, `REVOKED`), two lists of
keys and one revocation.
"""

from collections.abc import Sequence
from datetime import timedelta

from entity_conformance.deployment.api import Api, Credential
from entity_conformance.suite import expect, given
from entity_conformance.suite.registry import Chapter

chapter = Chapter("keys")

LISTED = {"keys.are-listed"}
REVOKED = {"keys.revoke-confirms"}
NEAR = {"auth.near-miss-of-a-session"}
TRIED = {"keys.revoke-needs-session"}


@chapter.proves("keys.list-needs-session", needs={"keys"}, after=NEAR, entities="none")
async def list_needs_session(api: Api) -> None:
    """Keys are listed to a session alone: not to an API key, nor to what comes near to a session, nor to nobody."""
    others: Sequence[Credential] = ("none", given.nearest(api, "session"))
    replies = [await given.keys_to_a_key(api), *[await api.list_keys(credential=one) for one in others]]

    stranger = await given.unauthenticated(api)
    expect.each(replies, lambda reply: expect.refused_as(reply, stranger, 401, "UNAUTHORIZED"))


@chapter.proves("keys.create-needs-session", scopes={"write"}, needs={"keys"}, after=NEAR, entities="none")
async def create_needs_session(api: Api) -> None:
    """An API key cannot make another one, nor can what comes near to a session."""
    body = {"name": f"conformance-{api.run}", "scopes": ["read"]}
    others: Sequence[Credential] = ("api_key", "none", given.nearest(api, "session"))
    replies = [await api.create_key(body, credential=credential) for credential in others]

    stranger = await given.unauthenticated(api)
    expect.each(replies, lambda reply: expect.refused_as(reply, stranger, 401, "UNAUTHORIZED"))


@chapter.proves(
    "keys.revoke-needs-session",
    scopes={"delete"},
    needs={"keys"},
    after={*NEAR, "keys.path-is-reserved"},
    entities="none",
)
async def revoke_needs_session(api: Api) -> None:
    """An API key cannot revoke one, nor can what comes near to a session."""
    replies = await given.revocations_without_session(api)

    stranger = await given.unauthenticated(api)
    expect.each(replies, lambda reply: expect.refused_as(reply, stranger, 401, "UNAUTHORIZED"))


@chapter.proves("keys.path-is-reserved", scopes={"read"}, needs={"keys"}, entities="none")
async def path_is_reserved(api: Api) -> None:
    """`keys` is no entity: its path is that of the API keys, and is not answered as one that nobody knows."""
    reply = await given.keys_to_a_key(api)

    expect.not_status(reply, 404)


@chapter.proves("keys.created-key-is-shown", needs={"session"}, entities="none")
async def created_key_is_shown(api: Api) -> None:
    """A new key comes whole, once, with an id of its own, beside a warning to save it."""
    created = await given.key_creation(api, given.SHOWN)
    given.demand_room(api, created.reply)

    expect.status(created.reply, 201)
    old = [reply for reply in (created.reply,) if await given.key_was_there(api, reply)]
    expect.none_of(old, said="the id is that of a key that was there before", expected="an id of its own")
    expect.key(created.reply.record.get("key"), at="data.key")
    expect.text(created.reply.body.get("warning"), at="warning")
    expect.equal(created.reply.record.get("name"), created.body["name"], at="data.name")
    expect.equal(created.reply.record.get("scopes"), created.body["scopes"], at="data.scopes")


@chapter.proves(
    "keys.answers-follow-contract",
    needs={"session", "keys"},
    after={*REVOKED, "keys.created-key-is-shown", "keys.last-use"},
    entities="none",
)
async def answers_follow_contract(api: Api) -> None:
    """The answers to making, listing and revoking a key are as the contract documents them."""
    elsewhere = await given.judged_elsewhere(api, api.entities[0], members=())
    created = await given.key_creation(api, given.SHOWN)
    given.demand_room(api, created.reply)
    expect.schema(created.reply, api.contract, apart_from=elsewhere)

    listing, revocation = await given.key_list(api), await given.key_revocation(api)
    given.documented(revocation.reply, 200)

    for reply in (listing.reply, revocation.reply):
        expect.schema(reply, api.contract, apart_from=elsewhere)


@chapter.proves("keys.created-key-works", needs={"session", "keys"}, entities="none")
async def created_key_works(api: Api) -> None:
    """A new key authenticates from the moment it is made, be it one that was made with an expiry of null."""
    listing, used = await given.key_list(api), await given.use_before_revocation(api)

    expect.each((listing.first_use, used), lambda reply: expect.not_status(reply, 401))


@chapter.proves("keys.never-expire-by-default", needs={"session", "keys"}, after=LISTED, entities="none")
async def never_expire_by_default(api: Api) -> None:
    """A key that is made without an expiry has none, neither when it is made nor in the list."""
    created, listing = await given.key_creation(api, given.SHOWN), await given.key_list(api)

    listed = expect.by_id(listing.reply.records, created.reply.id)
    expect.is_null(created.reply.record.get("expiresAt"), at="data.expiresAt")
    expect.is_null(listed.get("expiresAt"), at="data[].expiresAt")


@chapter.proves("keys.expiry-is-kept", needs={"session", "keys"}, after=LISTED, entities="none")
async def expiry_is_kept(api: Api) -> None:
    """A key keeps the expiry that it was made with, in the list too."""
    created = await given.lasting_key(api)

    made = given.issued(api, created.reply)
    expect.same_instant(made.get("expiresAt"), created.body["expiresAt"], at="data.expiresAt")
    listed = expect.by_id((await given.key_list(api)).reply.records, made["id"])
    expect.same_instant(listed.get("expiresAt"), created.body["expiresAt"], at="data[].expiresAt")


@chapter.proves("keys.are-listed", needs={"session", "keys"}, entities="none")
async def are_listed(api: Api) -> None:
    """The list holds the user's keys with their names, scopes and times of creation, and no other user's."""
    listing = await given.key_list(api)

    expect.status(listing.reply, 200)
    others = given.keys_of_another(api, listing.reply)
    expect.none_of(others, said="the list shows another user's key", expected="the user's own keys")
    for made in listing.keys:
        listed = expect.by_id(listing.reply.records, made["id"])
        expect.equal([listed.get("name"), listed.get("scopes")], [made["name"], made["scopes"]], at="data[]")
    several = given.issued(api, (await given.key_to_revoke(api)).reply)
    scopes = expect.array(expect.by_id(listing.reply.records, several["id"]).get("scopes"), at="data[].scopes")
    expect.equal(sorted(map(str, scopes)), ["delete", "read"], at="data[].scopes")


@chapter.proves("keys.newest-first", needs={"session", "keys"}, after=LISTED, entities="none")
async def newest_first(api: Api) -> None:
    """The newest key comes first."""
    listing = await given.key_list(api)

    expect.descending(given.times(listing.reply.records), at="data[].createdAt")


@chapter.proves("keys.not-paginated", needs={"session", "keys"}, after=LISTED, entities="none")
async def not_paginated(api: Api) -> None:
    """The list of keys has no pages."""
    listing = await given.key_list(api)

    told = {name: value for name, value in listing.reply.body.items() if value is not None}
    expect.lacks(told, "pagination", at="the answer")


@chapter.proves("keys.masked", needs={"session", "keys"}, after=LISTED, entities="none")
async def masked(api: Api) -> None:
    """The list shows the beginning of a key and dots, never the whole of it."""
    listing = await given.key_list(api)

    for made in listing.keys:
        display = expect.text(expect.by_id(listing.reply.records, made["id"]).get("key"), at="data[].key")
        expect.contains(display, "...", at="data[].key")
        expect.lacks(listing.reply.text, made["key"], at="the list")


@chapter.proves(
    "keys.masked-key-is-useless", needs={"session", "keys"}, after={"keys.masked", "auth.unknown-key"}, entities="none"
)
async def masked_key_is_useless(api: Api) -> None:
    """What the list shows of a key authenticates nobody."""
    listing = await given.key_list(api)
    display = expect.text(expect.by_id(listing.reply.records, listing.used["id"]).get("key"), at="data[].key")

    reply = await api.list(api.entities[0], credential="none", headers={"Authorization": f"Bearer {display}"})

    expect.refused_as(reply, await given.unauthenticated(api), 401, "UNAUTHORIZED")


@chapter.proves("keys.key-beside-cookie", needs={"session", "keys"}, after=LISTED, entities="none", last=True)
async def key_beside_cookie(api: Api) -> str:
    """A session lists its keys although a bad API key comes with it, or is refused for that."""
    reply = (await given.keys_left(api)).beside
    stranger = await given.unauthenticated(api)

    return expect.choice(
        cookie_counts=lambda: expect.status(reply, 200),
        refused=lambda: expect.refused_as(reply, stranger, 401, "UNAUTHORIZED"),
    )


@chapter.proves("keys.unused", needs={"session", "keys"}, after=LISTED, entities="none")
async def unused(api: Api) -> None:
    """`lastUsedAt` is null until a key is used."""
    listing = await given.key_list(api)

    unused_key = expect.by_id(listing.reply.records, listing.unused["id"])
    expect.contains(unused_key, "lastUsedAt", at="data[]")
    expect.is_null(unused_key.get("lastUsedAt"), at="data[].lastUsedAt")


@chapter.proves("keys.last-use", needs={"session", "keys"}, after=LISTED, entities="none")
async def last_use(api: Api) -> str:
    """`lastUsedAt` tells the last use at once, or some time later."""
    listing = await given.key_list(api)

    value = expect.by_id(listing.reply.records, listing.used["id"]).get("lastUsedAt")
    return expect.choice(
        at_once=lambda: expect.near(
            expect.timestamp(value, at="data[].lastUsedAt"), listing.at, within=timedelta(minutes=5), at="lastUsedAt"
        ),
        later=lambda: expect.is_null(value, at="data[].lastUsedAt"),
    )


async def _refused(api: Api, **wrong: object) -> None:
    """A body whose member is wrong so is refused; the refusal names it."""
    await given.key(api, given.SHOWN)
    (name,) = wrong

    reply = await given.bad_key(api, **wrong)

    expect.error(reply, 400, "VALIDATION_FAILED", names=name)


@chapter.proves("keys.name-is-required", needs={"session", "keys"}, entities="none")
async def name_is_required(api: Api) -> None:
    """A key has a name."""
    await _refused(api, name=...)


@chapter.proves("keys.name-is-text", needs={"session", "keys"}, entities="none")
async def name_is_text(api: Api) -> None:
    """A key's name is text."""
    await _refused(api, name=5)


@chapter.proves("keys.unknown-scope", needs={"session", "keys"}, entities="none")
async def unknown_scope(api: Api) -> None:
    """There are no scopes but read, write and delete, as they are written."""
    await _refused(api, scopes=["read", "admin"])
    await _refused(api, scopes=["READ"])


@chapter.proves("keys.name-length", needs={"session", "keys"}, entities="none")
async def name_length(api: Api) -> None:
    """A key's name has 1 to 100 characters."""
    await _refused(api, name="x" * 101)
    for shortest in [""] if api.context.is_thorough else ():  # a session may send few requests
        await _refused(api, name=shortest)


@chapter.proves("keys.no-scopes", needs={"session", "keys"}, entities="none")
async def no_scopes(api: Api) -> None:
    """A key has at least one scope."""
    await _refused(api, scopes=[])


@chapter.proves("keys.bad-expiry", needs={"session", "keys"}, entities="none")
async def bad_expiry(api: Api) -> None:
    """A key's expiry is a moment."""
    await _refused(api, expiresAt="tomorrow")


@chapter.proves("keys.past-expiry", needs={"session", "keys"}, entities="none")
async def past_expiry(api: Api) -> None:
    """A key cannot be made to have expired already."""
    await _refused(api, expiresAt=given.just_past(api))


@chapter.proves(
    "keys.expired-key-is-listed",
    needs={"session", "keys", "expired_key"},
    after={"auth.expired-key", "keys.expiry-is-kept"},
    entities="none",
    last=True,
)
async def expired_key_is_listed(api: Api) -> None:
    """A key that has expired stays in the list, and can be revoked."""
    reply = (await given.keys_left(api)).reply

    past = [key for key in reply.records if given.has_expired(key, api.now() + api.clock_tolerance)]
    expect.at_least(len(past), 1, at="the expired keys in the list")
    expect.each(await given.expired_key_revocations(api), expect.succeeded)


@chapter.proves("keys.revoke-confirms", needs={"session", "keys"}, after=TRIED, entities="none")
async def revoke_confirms(api: Api) -> None:
    """A revocation is confirmed by success and a message."""
    revocation = await given.key_revocation(api)

    expect.succeeded(revocation.reply, wanted="200")
    expect.status(revocation.reply, 200, hinders=False)
    expect.success(revocation.reply)
    expect.text(revocation.reply.message, at="message")


@chapter.proves("keys.revoked-key-is-refused", needs={"session", "keys"}, after={"auth.unknown-key"}, entities="none")
async def revoked_key_is_refused(api: Api) -> None:
    """A revoked key is refused at once, by every operation."""
    revocation = await given.key_revocation(api)
    given.done(revocation.reply)

    replies = await given.revoked_turned_away(api, revocation)

    stranger = await given.unauthenticated(api)
    expect.each(replies, lambda reply: expect.refused_as(reply, stranger, 401, "UNAUTHORIZED"))


@chapter.proves("keys.revoked-key-is-not-listed", needs={"session", "keys"}, after=LISTED, entities="none", last=True)
async def revoked_key_is_not_listed(api: Api) -> None:
    """A revoked key leaves the list, and no other goes with it, nor one of the same name."""
    revocation = await given.key_revocation(api)
    given.done(revocation.reply)

    reply = (await given.keys_left(api)).reply

    expect.excludes(reply.records, revocation.record)
    expect.includes(reply.records, given.issued(api, (await given.lasting_key(api)).reply))


@chapter.proves("keys.revoke-twice", needs={"session", "keys"}, entities="none")
async def revoke_twice(api: Api) -> None:
    """A key cannot be revoked twice."""
    revocation = await given.key_revocation(api)
    given.done(revocation.reply)

    reply = await api.revoke_key(revocation.record["id"])

    unknown = given.refusal(await given.unknown_revocation(api))
    expect.refused_as(reply, unknown, 404, "NOT_FOUND")


@chapter.proves("keys.revoke-unknown", needs={"session", "keys"}, entities="none")
async def revoke_unknown(api: Api) -> None:
    """A key that does not exist cannot be revoked."""
    reply = await given.unknown_revocation(api)

    expect.error(reply, 404, *await given.codes(api, [reply], "NOT_FOUND"))
