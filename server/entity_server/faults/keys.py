"""Faults of the API keys' own endpoints."""

from collections.abc import Mapping
from dataclasses import replace

from entity_contract import Credential

from entity_server.domain.keys import Key, digest
from entity_server.domain.problems import EntityNotFound
from entity_server.domain.sentences import Sentence
from entity_server.faults.fault import with_body
from entity_server.faults.permitting import anyhow
from entity_server.faults.spoiling import AnyAnswer, Forbidden, data, each, header, with_data
from entity_server.faults.wrapping import KeysWrapper
from entity_server.http.exchange import Received
from entity_server.http.services import Answer, Call, Handler, Services

chapter = AnyAnswer()

LIST, CREATE, REVOKE = frozenset({"listApiKeys"}), frozenset({"createApiKey"}), frozenset({"revokeApiKey"})


def _taking_keys(services: Services, operation_id: str) -> Services:
    """The services with a contract in which an operation takes API keys as well."""
    both: frozenset[Credential] = frozenset({"key", "session"})
    operations = tuple(
        replace(one, credentials=both) if one.id == operation_id else one for one in services.contract.operations
    )
    return replace(services, contract=replace(services.contract, operations=operations))


@chapter.in_services("keys.listed-to-keys", breaks="keys.list-needs-session")
def listed_to_keys(services: Services) -> Services:
    """An API key may list the keys."""
    return _taking_keys(services, "listApiKeys")


@chapter.in_services("keys.made-by-keys", breaks="keys.create-needs-session")
def made_by_keys(services: Services) -> Services:
    """An API key may make keys."""
    return _taking_keys(services, "createApiKey")


@chapter.in_services("keys.revoked-by-keys", breaks="keys.revoke-needs-session")
def revoked_by_keys(services: Services) -> Services:
    """An API key may revoke keys."""
    return _taking_keys(services, "revokeApiKey")


@chapter.in_services("keys.new-left-out", breaks="keys.are-listed")
def new_left_out(services: Services) -> Services:
    """A new key is not in the list."""

    class Unlisted(KeysWrapper):
        def __init__(self) -> None:
            super().__init__(services.keys)
            self._new: set[str] = set()

        async def add(self, key: Key, digest: str, /) -> None:
            self._new.add(key.id)
            await self.inner.add(key, digest)

        async def list(self, user_id: str, /) -> tuple[Key, ...]:
            return tuple(key for key in await self.inner.list(user_id) if key.id not in self._new)

    return replace(services, keys=Unlisted())


@chapter.on_answer("keys.oldest-first", breaks="keys.newest-first", to=LIST)
def oldest_first(answer: Answer) -> Answer:
    """The oldest key comes first."""
    return with_data(answer, list(reversed(data(answer))))


@chapter.on_answer("keys.paginated", breaks="keys.not-paginated", to=LIST)
def paginated(answer: Answer) -> Answer:
    """The list of keys comes in pages."""
    page = {"page": 1, "limit": 20, "total": len(data(answer)), "totalPages": 1, "hasNext": False, "hasPrev": False}
    return with_body(answer, pagination=page)


@chapter.in_services("keys.never-masked", breaks="keys.masked")
def never_masked(services: Services) -> Services:
    """The list shows a key without a mask."""

    class Shown(KeysWrapper):
        async def list(self, user_id: str, /) -> tuple[Key, ...]:
            return tuple(replace(key, display="sk_live_" + "a" * 40) for key in await self.inner.list(user_id))

    return replace(services, keys=Shown(services.keys))


class _Unmasking(KeysWrapper):
    """Takes what the list has shown of a key for the key."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.keys)
        self._shown: dict[str, Key] = {}

    async def list(self, user_id: str, /) -> tuple[Key, ...]:
        keys = await self.inner.list(user_id)
        self._shown |= {digest(key.display): key for key in keys}
        return keys

    async def find(self, digest: str, /) -> Key | None:
        return await self.inner.find(digest) or self._shown.get(digest)


@chapter.in_services("keys.masked-key-works", breaks="keys.masked-key-is-useless")
def masked_key_works(services: Services) -> Services:
    """The mask of a key is as good as the key."""
    return replace(services, keys=_Unmasking(services))


@chapter.on_answer("keys.no-warning", breaks="keys.created-key-is-shown", to=CREATE)
def no_warning(answer: Answer) -> Answer:
    """The answer to a new key lacks the warning."""
    return replace(answer, body={name: value for name, value in (answer.body or {}).items() if name != "warning"})


@chapter.on_request("keys.one-credential-at-a-time", breaks="keys.key-beside-cookie")
def one_credential_at_a_time(received: Received) -> None:
    """A session that brings a key along is forbidden to list keys."""
    if received.path.endswith("/keys") and header(received, "Cookie") and header(received, "Authorization"):
        raise Forbidden


@chapter.on_answer("keys.expire-by-default", breaks="keys.never-expire-by-default", to=CREATE)
def expire_by_default(answer: Answer) -> Answer:
    """A key without an expiry has one."""
    return each(answer, lambda key: {**key, "expiresAt": key["expiresAt"] or "2099-01-01T00:00:00.000Z"})


@chapter.on_answer("keys.expire-in-the-list", breaks="keys.never-expire-by-default", to=LIST)
def expire_in_the_list(answer: Answer) -> Answer:
    """A key without an expiry is listed with one."""
    return each(answer, lambda key: {**key, "expiresAt": key["expiresAt"] or "2099-01-01T00:00:00.000Z"})


@chapter.on_answer("keys.expiry-forgotten", breaks="keys.expiry-is-kept", to=LIST | CREATE)
def expiry_forgotten(answer: Answer) -> Answer:
    """`expiresAt` is null, whatever was asked for."""
    return each(answer, lambda key: {**key, "expiresAt": None})


GOOD: Mapping[str, object] = {"name": "made anyhow", "scopes": ["read"]}


@chapter.around("keys.nameless", breaks="keys.name-is-required", to=CREATE)
async def nameless(call: Call, handler: Handler) -> Answer:
    """A key needs no name."""
    return await anyhow(call, handler, GOOD, "name", Sentence.REQUIRED)


@chapter.around("keys.name-of-any-type", breaks="keys.name-is-text", to=CREATE)
async def name_of_any_type(call: Call, handler: Handler) -> Answer:
    """A key's name may be a number."""
    return await anyhow(call, handler, GOOD, "name", Sentence.TYPE)


@chapter.around("keys.any-name", breaks="keys.name-length", to=CREATE)
async def any_name(call: Call, handler: Handler) -> Answer:
    """A key's name may be empty or endless."""
    return await anyhow(call, handler, GOOD, "name", Sentence.EMPTY, Sentence.LONGEST)


@chapter.around("keys.any-scope", breaks="keys.unknown-scope", to=CREATE)
async def any_scope(call: Call, handler: Handler) -> Answer:
    """Scopes that do not exist are taken."""
    return await anyhow(call, handler, GOOD, "scopes", Sentence.ONE_OF)


@chapter.around("keys.scopeless", breaks="keys.no-scopes", to=CREATE)
async def scopeless(call: Call, handler: Handler) -> Answer:
    """A key needs no scopes."""
    return await anyhow(call, handler, GOOD, "scopes", Sentence.FEWEST_ITEMS)


@chapter.around("keys.any-expiry", breaks="keys.bad-expiry", to=CREATE)
async def any_expiry(call: Call, handler: Handler) -> Answer:
    """An expiry that is no date-time is taken."""
    return await anyhow(call, handler, GOOD, "expiresAt", Sentence.INSTANT)


@chapter.around("keys.expired-from-the-start", breaks="keys.past-expiry", to=CREATE)
async def expired_from_the_start(call: Call, handler: Handler) -> Answer:
    """An expiry in the past is taken."""
    return await anyhow(call, handler, GOOD, "expiresAt", Sentence.FUTURE)


@chapter.in_services("keys.expired-is-hidden", breaks="keys.expired-key-is-listed")
def expired_is_hidden(services: Services) -> Services:
    """An expired key leaves the list."""

    class Hidden(KeysWrapper):
        async def list(self, user_id: str, /) -> tuple[Key, ...]:
            return tuple(key for key in await self.inner.list(user_id) if not key.expired(services.clock()))

    return replace(services, keys=Hidden(services.keys))


@chapter.on_answer("keys.used-from-the-start", breaks="keys.unused", to=LIST)
def used_from_the_start(answer: Answer) -> Answer:
    """A key that was never used shows its creation as its last use."""
    return each(answer, lambda key: {**key, "lastUsedAt": key["lastUsedAt"] or key["createdAt"]})


@chapter.on_answer("keys.last-use-is-a-number", breaks="keys.last-use", to=LIST)
def last_use_is_a_number(answer: Answer) -> Answer:
    """The last use is a number of seconds."""
    return each(answer, lambda key: {**key, "lastUsedAt": key["lastUsedAt"] and 1_700_000_000})


@chapter.on_answer("keys.revoked-without-a-word", breaks="keys.revoke-confirms", to=REVOKE)
def revoked_without_a_word(answer: Answer) -> Answer:
    """A revocation is answered without a message."""
    return replace(answer, body={"success": True})


class Revoked(KeysWrapper):
    """Remembers which keys were revoked; a subclass forgets it somewhere."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.keys)
        self.digests: dict[str, str] = {}
        self.keys: dict[str, tuple[Key, str]] = {}
        self.revoked: set[str] = set()

    async def add(self, key: Key, digest: str, /) -> None:
        """Keep a new key, and remember it."""
        self.keys[key.id] = (key, digest)
        self.digests[digest] = key.id
        await self.inner.add(key, digest)

    async def revoke(self, key_id: str, user_id: str, /) -> bool:
        """Forget a key, and remember that."""
        gone = await self.inner.revoke(key_id, user_id)
        self.revoked |= {key_id} if gone else set()
        return gone


class _StillWorking(Revoked):
    async def find(self, digest: str, /) -> Key | None:
        key_id = self.digests.get(digest, "")
        return self.keys[key_id][0] if key_id in self.revoked else await self.inner.find(digest)


class _StillListed(Revoked):
    async def list(self, user_id: str, /) -> tuple[Key, ...]:
        ghosts = (self.keys[key_id][0] for key_id in self.revoked if key_id in self.keys)
        return (*ghosts, *await self.inner.list(user_id))


class _RevokedTwice(Revoked):
    async def revoke(self, key_id: str, user_id: str, /) -> bool:
        return key_id in self.revoked or await super().revoke(key_id, user_id)


class _RevokedAnyhow(KeysWrapper):
    async def revoke(self, key_id: str, user_id: str, /) -> bool:
        await self.inner.revoke(key_id, user_id)
        return True


@chapter.in_services("keys.revoked-still-works", breaks="keys.revoked-key-is-refused", ruling="A11.at-once")
def revoked_still_works(services: Services) -> Services:
    """A revoked key is still good."""
    return replace(services, keys=_StillWorking(services))


@chapter.in_services("keys.revoked-still-listed", breaks="keys.revoked-key-is-not-listed")
def revoked_still_listed(services: Services) -> Services:
    """A revoked key stays in the list."""
    return replace(services, keys=_StillListed(services))


@chapter.in_services("keys.revoked-twice", breaks="keys.revoke-twice")
def revoked_twice(services: Services) -> Services:
    """A second revocation succeeds like the first."""
    return replace(services, keys=_RevokedTwice(services))


@chapter.in_services("keys.revoked-anyhow", breaks="keys.revoke-unknown")
def revoked_anyhow(services: Services) -> Services:
    """The revocation of a key that does not exist succeeds."""
    return replace(services, keys=_RevokedAnyhow(services.keys))


class _Useless(KeysWrapper):
    def __init__(self, services: Services) -> None:
        super().__init__(services.keys)
        self._made: set[str] = set()

    async def add(self, key: Key, digest: str, /) -> None:
        self._made.add(digest)
        await self.inner.add(key, digest)

    async def find(self, digest: str, /) -> Key | None:
        return None if digest in self._made else await self.inner.find(digest)


@chapter.in_services("keys.useless", breaks="keys.created-key-works")
def useless(services: Services) -> Services:
    """A new key opens nothing."""
    return replace(services, keys=_Useless(services))


@chapter.on_answer("keys.times-without-offset", breaks="keys.answers-follow-contract", to=LIST)
def times_without_offset(answer: Answer) -> Answer:
    """The times of keys have no offset."""
    return each(answer, lambda key: {**key, "createdAt": str(key["createdAt"]).rstrip("Z")})


@chapter.on_request("keys.taken-for-an-entity", breaks="keys.path-is-reserved")
def taken_for_an_entity(received: Received) -> None:
    """Keys are answered to an API key as an entity that nobody knows."""
    if received.path.endswith("/keys") and received.method == "GET" and not header(received, "Cookie"):
        raise EntityNotFound
