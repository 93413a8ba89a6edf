"""API keys that are wrong after a while, beside others, or for some operations only."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from entity_contract import Action, Operation

from entity_server.domain.keys import SCOPES, Key
from entity_server.domain.problems import Unauthorized, ValidationFailed
from entity_server.domain.sentences import Sentence
from entity_server.faults.seldom.when import of
from entity_server.faults.spoiling import AnyAnswer, Record, data, despite, each, says, with_body_of
from entity_server.faults.wrapping import KeysWrapper
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Caller, Handler, Services

chapter = AnyAnswer()

_OFFSET = re.compile(r"[+-]\d\d:\d\d$")
LIST, CREATE = frozenset({"listApiKeys"}), frozenset({"createApiKey"})
_HUNDRED = 100


class _Undead(KeysWrapper):
    """Still finds a key that was revoked."""

    def __init__(self, services: Services, revoked: set[str]) -> None:
        super().__init__(services.keys)
        self._revoked = revoked
        self._known: dict[str, Key] = {}

    async def find(self, digest: str, /) -> Key | None:
        key = await self.inner.find(digest)
        if key is not None:
            self._known[digest] = key
            return key
        known = self._known.get(digest)
        return known if known is not None and f"key:{known.id}" in self._revoked else None

    async def add(self, key: Key, digest: str, /) -> None:
        self._known[digest] = key
        await self.inner.add(key, digest)

    async def revoke(self, key_id: str, user_id: str, /) -> bool:
        gone = await self.inner.revoke(key_id, user_id)
        if gone:
            self._revoked.add(f"key:{key_id}")
        return gone


def _revoked_for(*actions: Action) -> Acts:
    """A revoked key is refused by most operations, and works for these."""
    revoked: set[str] = set()

    async def around(call: Call, handler: Handler) -> Answer:
        if isinstance(call.caller, Caller) and call.caller.identity in revoked and not of(call, *actions):
            raise Unauthorized
        return await handler(call)

    return Acts(services=lambda services: replace(services, keys=_Undead(services, revoked)), around=around)


@chapter.anew("keys.revoked-still-reads", breaks="keys.revoked-key-is-refused", ruling="A11.at-once")
def revoked_still_reads() -> Acts:
    """A revoked key still reads records."""
    return _revoked_for("read")


@chapter.anew("keys.revoked-still-lists", breaks="keys.revoked-key-is-refused", ruling="A11.at-once")
def revoked_still_lists() -> Acts:
    """A revoked key still lists."""
    return _revoked_for("list")


@chapter.anew("keys.revoked-still-writes", breaks="keys.revoked-key-is-refused", ruling="A11.at-once")
def revoked_still_writes() -> Acts:
    """A revoked key still creates, changes and deletes."""
    return _revoked_for("create", "update", "delete")


@chapter.anew("keys.revoked-still-describes", breaks="keys.revoked-key-is-refused", ruling="A11.at-once")
def revoked_still_describes() -> Acts:
    """A revoked key may still ask OPTIONS."""
    return _revoked_for("metadata")


@chapter.on_answer("keys.scopes-of-the-list", breaks="keys.are-listed", to=LIST)
def scopes_of_the_list(answer: Answer) -> Answer:
    """The list shows every key with all scopes."""
    return each(answer, lambda key: {**key, "scopes": list(SCOPES)})


@chapter.around("keys.offset-of-expiry-lost", breaks="keys.expiry-is-kept", to=CREATE)
async def offset_of_expiry_lost(call: Call, handler: Handler) -> Answer:
    """A key's expiry is kept as if it had been written in UTC."""

    def in_utc(body: Record) -> Record:
        expiry = body.get("expiresAt")
        return {**body, "expiresAt": _OFFSET.sub("Z", expiry)} if isinstance(expiry, str) else body

    return await with_body_of(call, handler, in_utc)


@chapter.around("keys.name-cut", breaks="keys.created-key-is-shown", to=CREATE)
async def name_cut(call: Call, handler: Handler) -> Answer:
    """A key's name is cut at 15 characters."""
    return await with_body_of(
        call,
        handler,
        lambda body: {
            name: value[:15] if name == "name" and isinstance(value, str) else value for name, value in body.items()
        },
    )


@chapter.around("keys.unknown-beside-known-scope", breaks="keys.unknown-scope", to=CREATE)
async def unknown_beside_known_scope(call: Call, handler: Handler) -> Answer:
    """A scope that does not exist is passed over beside one that does."""

    async def without_it(refused: Call) -> Answer:
        def known(body: dict[str, object]) -> dict[str, object]:
            scopes = body.get("scopes")
            return body | {"scopes": [one for one in scopes if one in SCOPES] if isinstance(scopes, list) else scopes}

        return await with_body_of(refused, handler, known)

    def is_unknown(problem: object) -> bool:
        details = getattr(problem, "details", {})
        return "scopes" in details and details["scopes"].sentence is Sentence.ONE_OF

    return await despite(call, handler, is_unknown, without_it)


@chapter.around("keys.expiry-of-the-day", breaks="keys.past-expiry", to=CREATE)
async def expiry_of_the_day(call: Call, handler: Handler) -> Answer:
    """An expiry is past when its day is: one of less than a day ago is taken."""
    try:
        return await handler(call)
    except ValidationFailed as refusal:
        expiry = str((await call.body()).get("expiresAt"))
        if not says(refusal, Sentence.FUTURE) or datetime.now(UTC) - datetime.fromisoformat(expiry) > timedelta(days=1):
            raise
        return await with_body_of(call, handler, lambda body: body | {"expiresAt": None})


@chapter.around("keys.null-expiry-refused", breaks="keys.never-expire-by-default", to=CREATE)
async def null_expiry_refused(call: Call, handler: Handler) -> Answer:
    """An expiry of null is refused: it has to be left out."""
    body = await call.body()
    if "expiresAt" in body and body["expiresAt"] is None:
        raise ValidationFailed(details={"expiresAt": Sentence.INSTANT()})
    return await handler(call)


class _Expired(KeysWrapper):
    """Finds some keys as if they had expired when they were made."""

    def __init__(self, services: Services, expired: set[str]) -> None:
        super().__init__(services.keys)
        self._expired = expired

    async def find(self, digest: str, /) -> Key | None:
        key = await self.inner.find(digest)
        is_expired = key is not None and key.id in self._expired
        return replace(key, expires_at=key.created_at) if key is not None and is_expired else key


@chapter.anew("keys.null-expiry-is-now", breaks="keys.created-key-works")
def null_expiry_is_now() -> Acts:
    """A key with an expiry of null, which is shown as never to expire, has expired when it is made."""
    expired: set[str] = set()

    async def around(call: Call, handler: Handler) -> Answer:
        answer = await handler(call)
        if call.operation.id in CREATE and (await call.body()).get("expiresAt", ...) is None:
            expired.add(str(data(answer)["id"]))
        return answer

    return Acts(services=lambda services: replace(services, keys=_Expired(services, expired)), around=around)


@chapter.on_answer("keys.no-warning-beside-expiry", breaks="keys.created-key-is-shown", to=CREATE)
def no_warning_beside_expiry(answer: Answer) -> Answer:
    """The answer to a new key that expires lacks the warning."""
    kept = {name: value for name, value in (answer.body or {}).items() if name != "warning"}
    return replace(answer, body=kept) if data(answer)["expiresAt"] else answer


@chapter.on_answer("keys.line-break-in-a-key-that-expires", breaks="keys.created-key-is-shown", to=CREATE)
def line_break_in_a_key_that_expires(answer: Answer) -> Answer:
    """A new key that expires comes in two lines, so that no header can carry it."""
    is_meant = bool(data(answer)["expiresAt"])
    return each(answer, lambda key: {**key, "key": f"{key['key'][:16]}\r\n{key['key'][16:]}"}) if is_meant else answer


@chapter.on_answer("keys.expire-beside-more-scopes", breaks="keys.never-expire-by-default", to=CREATE)
def expire_beside_more_scopes(answer: Answer) -> Answer:
    """A key with several scopes has an expiry that nobody asked for."""
    is_meant = len(data(answer)["scopes"]) > 1
    return (
        each(answer, lambda key: {**key, "expiresAt": key["expiresAt"] or "2099-01-01T00:00:00.000Z"})
        if is_meant
        else answer
    )


@chapter.in_services("keys.revoked-by-name", breaks="keys.revoked-key-is-not-listed")
def revoked_by_name(services: Services) -> Services:
    """With a key all others of its name are revoked."""

    class ByName(KeysWrapper):
        async def revoke(self, key_id: str, user_id: str, /) -> bool:
            known = await self.inner.list(user_id)
            names = {key.name for key in known if key.id == key_id}
            gone = await self.inner.revoke(key_id, user_id)
            for key in known:
                if gone and key.id != key_id and key.name in names:
                    await self.inner.revoke(key.id, user_id)
            return gone

    return replace(services, keys=ByName(services.keys))


@chapter.on_answer("keys.first-scope-alone", breaks="keys.are-listed", to=LIST)
def first_scope_alone(answer: Answer) -> Answer:
    """The list shows of each key's scopes the first."""
    return each(answer, lambda key: {**key, "scopes": key["scopes"][:1]})


@chapter.on_answer("keys.reading-shown-besides", breaks="keys.are-listed", to=LIST)
def reading_shown_besides(answer: Answer) -> Answer:
    """The list shows keys that may not read to read as well."""
    return each(answer, lambda key: {**key, "scopes": sorted({"read", *key["scopes"]}, key=SCOPES.index)})


@chapter.on_answer("keys.listed-expiry-is-a-day", breaks="keys.expiry-is-kept", to=LIST)
def listed_expiry_is_a_day(answer: Answer) -> Answer:
    """The list shows keys to expire when the day begins on which they do."""
    return each(answer, lambda key: {**key, "expiresAt": key["expiresAt"] and f"{key['expiresAt'][:11]}00:00:00.000Z"})


@chapter.around("keys.names-in-small-letters", breaks="keys.created-key-is-shown", to=CREATE)
async def names_in_small_letters(call: Call, handler: Handler) -> Answer:
    """A key's name is kept in small letters."""
    return await with_body_of(
        call,
        handler,
        lambda body: body | ({"name": body["name"].lower()} if isinstance(body.get("name"), str) else {}),
    )


@chapter.around("keys.listed-as-new", breaks="keys.are-listed", to=LIST)
async def listed_as_new(call: Call, handler: Handler) -> Answer:
    """The list shows each key to be made when it is listed."""
    now = call.now.strftime("%Y-%m-%dT%H:%M:%S.999Z")
    return each(await handler(call), lambda key: {**key, "createdAt": now})


@chapter.around("keys.hundred-refused", breaks="keys.name-length", to=CREATE)
async def hundred_refused(call: Call, handler: Handler) -> Answer:
    """A name of a hundred characters is refused."""
    if len(str((await call.body()).get("name"))) == _HUNDRED:
        raise ValidationFailed(details={"name": Sentence.LONGEST(characters=_HUNDRED - 1)})
    return await handler(call)


@chapter.anew("keys.newest-shown-whole", breaks="keys.masked")
def newest_shown_whole() -> Acts:
    """The list shows the newest key whole."""
    newest: Record = {}

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        if call is None or answer.status not in {200, 201}:
            return answer
        if call.operation.id in CREATE:
            newest.update(data(answer))
        if call.operation.id in LIST:
            return each(answer, lambda key: {**key, "key": newest["key"]} if key["id"] == newest.get("id") else key)
        return answer

    return Acts(outgoing=outgoing)


@chapter.around("keys.scopes-in-capitals", breaks="keys.unknown-scope", to=CREATE)
async def scopes_in_capitals(call: Call, handler: Handler) -> Answer:
    """Scopes are taken in capitals too."""

    def in_small_letters(body: Record) -> Record:
        scopes = body.get("scopes")
        is_listed = isinstance(scopes, list) and all(isinstance(one, str) for one in scopes)
        return {**body, "scopes": [one.lower() for one in scopes]} if is_listed and scopes else body

    return await with_body_of(call, handler, in_small_letters)


@chapter.in_services("scope.of-two-the-first", breaks="auth.delete-key-deletes")
def of_two_the_first(services: Services) -> Services:
    """A key that writes and deletes may write alone."""

    def allows(caller: Caller, operation: Operation) -> bool:
        is_lost = operation.scope == "delete" and caller.scopes == {"write", "delete"}
        return not is_lost and services.allows(caller, operation)

    return replace(services, allows=allows)
