"""Credentials that are nearly right and are taken, or are taken for some operations only."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from entity_contract import Action, Operation

from entity_server.domain.keys import Key, Session, digest
from entity_server.domain.problems import ExpiredKey
from entity_server.faults.fault import with_headers
from entity_server.faults.seldom.when import of
from entity_server.faults.spoiling import AnyAnswer, header, requested
from entity_server.faults.wrapping import KeysWrapper
from entity_server.http.exchange import Received
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Caller, Handler, Services

chapter = AnyAnswer()

Near = Callable[[str, str], bool]
"""Whether a text that came is taken for one that is good: both, in that order."""


@dataclass(slots=True)
class _Seen:
    """What came, by its digest, and which of that was good."""

    came: dict[str, str] = field(default_factory=dict)
    good: dict[str, str] = field(default_factory=dict)

    def nearest(self, found: str, near: Near) -> str | None:
        """The digest of a good text that the one with this digest is taken for."""
        text = self.came.get(found, "")
        return next((one for one, good in self.good.items() if text and near(text, good)), None)


class _NearKeys(KeysWrapper):
    def __init__(self, services: Services, seen: _Seen, near: Near) -> None:
        super().__init__(services.keys)
        self._seen, self._near = seen, near

    async def find(self, digest: str, /) -> Key | None:
        key = await self.inner.find(digest)
        if key is not None:
            self._seen.good[digest] = self._seen.came.get(digest, "")
            return key
        nearest = self._seen.nearest(digest, self._near)
        return None if nearest is None else await self.inner.find(nearest)


class _NearSessions:
    def __init__(self, services: Services, seen: _Seen, near: Near) -> None:
        self._inner, self._seen, self._near = services.sessions, seen, near

    async def find(self, digest: str, /) -> Session | None:
        session = await self._inner.find(digest)
        if session is not None:
            self._seen.good[digest] = self._seen.came.get(digest, "")
            return session
        nearest = self._seen.nearest(digest, self._near)
        return None if nearest is None else await self._inner.find(nearest)

    async def add(self, session: Session, digest: str, /) -> None:
        await self._inner.add(session, digest)


def _near_key(near: Near, methods: frozenset[str] | None = None) -> Acts:
    """Keys near to a good one are taken for it, by these methods where they are told."""
    seen = _Seen()

    def incoming(received: Received) -> None:
        key = header(received, "Authorization").partition(" ")[2].strip()
        is_looked_at = methods is None or received.method in methods
        seen.came[digest(key)] = key if is_looked_at or digest(key) in seen.good else ""

    return Acts(incoming=incoming, services=lambda services: replace(services, keys=_NearKeys(services, seen, near)))


def _near_session(near: Near) -> Acts:
    seen = _Seen()

    def incoming(received: Received) -> None:
        for pair in header(received, "Cookie").split(";"):
            token = pair.strip().partition("=")[2]
            seen.came[digest(token)] = token

    return Acts(
        incoming=incoming, services=lambda services: replace(services, sessions=_NearSessions(services, seen, near))
    )


@chapter.anew("auth.beginning-is-enough", breaks="auth.near-miss-of-a-key")
def beginning_is_enough() -> Acts:
    """The first half of a key is enough."""
    return _near_key(lambda came, good: len(came) >= len(good) // 2 and good.startswith(came))


@chapter.anew("auth.beginning-makes-and-removes", breaks="auth.near-miss-of-a-key")
def beginning_makes_and_removes() -> Acts:
    """The first half of a key is enough for POST and DELETE, which are routed by themselves."""
    return _near_key(
        lambda came, good: len(came) in range(len(good) // 2, len(good) - 1) and good.startswith(came),
        frozenset({"POST", "DELETE"}),
    )


@chapter.anew("auth.case-of-keys-ignored", breaks="auth.near-miss-of-a-key")
def case_of_keys_ignored() -> Acts:
    """A key in other case works."""
    return _near_key(lambda came, good: came.lower() == good.lower())


@chapter.anew("auth.last-of-session-ignored", breaks="auth.near-miss-of-a-session")
def last_of_session_ignored() -> Acts:
    """A session whose last character was changed works."""
    return _near_session(lambda came, good: len(came) == len(good) and came[:-1] == good[:-1])


@chapter.on_request("auth.session-unknown-to-some", breaks="auth.session-cookie")
def session_unknown_to_some(received: Received) -> Received | None:
    """Customers, products and orders are served by what does not know sessions."""
    segments = received.path.split("/")
    return requested(received, "Cookie", "") if {"customers", "products", "orders"} & {*segments} else None


@chapter.on_request("auth.bare-key-works", breaks="auth.malformed-credentials")
def bare_key_works(received: Received) -> Received | None:
    """A key without a scheme works."""
    text = header(received, "Authorization")
    return requested(received, "Authorization", f"Bearer {text}") if text.startswith("sk_") else None


@chapter.on_request("auth.any-scheme-works", breaks="auth.malformed-credentials")
def any_scheme_works(received: Received) -> Received | None:
    """A key works behind any scheme."""
    scheme, _, key = header(received, "Authorization").partition(" ")
    return requested(received, "Authorization", f"Bearer {key}") if scheme and key.startswith("sk_") else None


@chapter.on_request("auth.scheme-token-works", breaks="auth.malformed-credentials")
def scheme_token_works(received: Received) -> Received | None:
    """A key works behind the scheme Token too."""
    scheme, _, key = header(received, "Authorization").partition(" ")
    return requested(received, "Authorization", f"Bearer {key}") if scheme == "Token" and key else None


@chapter.on_request("auth.method-override", breaks="auth.method-override")
def method_override(received: Received) -> Received | None:
    """X-HTTP-Method-Override on a POST is obeyed."""
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        method = header(received, name).upper()
        if received.method == "POST" and method in ("GET", "PATCH", "DELETE", "OPTIONS"):
            return replace(received, method=method)
    return None


@chapter.anew("auth.pages-describe", breaks="auth.missing-credentials")
def pages_describe() -> Acts:
    """Whoever says where a page is from may ask OPTIONS, as if that were a preflight."""
    key = "sk_live_of_any_page"

    def incoming(received: Received) -> Received | None:
        is_known = header(received, "Authorization") or header(received, "Cookie")
        is_let_in = received.method == "OPTIONS" and header(received, "Origin") and not is_known
        return requested(received, "Authorization", f"Bearer {key}") if is_let_in else None

    def composed(services: Services) -> Services:
        class Open(KeysWrapper):
            async def find(self, digest_: str, /) -> Key | None:
                page = Key("key_0", "usr_0", "any page", ("read",), "sk_live_...", services.clock())
                return page if digest_ == digest(key) else await self.inner.find(digest_)

        return replace(services, keys=Open(services.keys))

    return Acts(incoming=incoming, services=composed)


def _expired_for(*actions: Action) -> Acts:
    """An expired key is refused by the operation itself, and not by some."""
    expired: set[str] = set()

    def composed(services: Services) -> Services:
        class Remembering(KeysWrapper):
            async def find(self, digest: str, /) -> Key | None:
                key = await self.inner.find(digest)
                if key is not None and key.expired(services.clock()):
                    expired.add(f"key:{key.id}")
                    return replace(key, expires_at=None)
                return key

        return replace(services, keys=Remembering(services.keys))

    async def around(call: Call, handler: Handler) -> Answer:
        late = isinstance(call.caller, Caller) and call.caller.identity in expired
        if late and not of(call, *actions):
            raise ExpiredKey
        return await handler(call)

    return Acts(services=composed, around=around)


@chapter.anew("auth.expired-key-describes", breaks="auth.expired-key")
def expired_key_describes() -> Acts:
    """An expired key may still ask OPTIONS."""
    return _expired_for("metadata")


@chapter.anew("auth.expired-key-writes", breaks="auth.expired-key")
def expired_key_writes() -> Acts:
    """An expired key may still create, change and delete."""
    return _expired_for("create", "update", "delete")


def _needs_none(services: Services, action: Action, entity: str) -> Services:
    """An action on one entity needs no scope."""

    def allows(caller: Caller, operation: Operation) -> bool:
        is_open = operation.action == action and operation.entity == entity
        return is_open or services.allows(caller, operation)

    return replace(services, allows=allows)


@chapter.in_services("scope.anybody-deletes-orders", breaks="auth.scopes-of-each-entity")
def anybody_deletes_orders(services: Services) -> Services:
    """Every key may delete orders; of other entities the scope counts."""
    return _needs_none(services, "delete", "orders")


def _implies(services: Services, scope: str, action: Action) -> Services:
    """A scope covers one action more."""

    def allows(caller: Caller, operation: Operation) -> bool:
        return services.allows(caller, operation) or (operation.action == action and scope in caller.scopes)

    return replace(services, allows=allows)


@chapter.in_services("scope.writers-delete", breaks="auth.deleting-needs-delete")
def writers_delete(services: Services) -> Services:
    """The scope `write` covers DELETE too."""
    return _implies(services, "write", "delete")


@chapter.in_services("scope.writers-delete-orders", breaks="auth.scopes-of-each-entity")
def writers_delete_orders(services: Services) -> Services:
    """The scope `write` covers DELETE of orders too."""

    def allows(caller: Caller, operation: Operation) -> bool:
        is_it = (operation.action, operation.entity) == ("delete", "orders") and "write" in caller.scopes
        return is_it or services.allows(caller, operation)

    return replace(services, allows=allows)


@chapter.in_services("scope.deleters-alone-write", breaks="auth.scopes-of-each-entity")
def deleters_alone_write(services: Services) -> Services:
    """A key that may delete and nothing else may create and change too."""

    def allows(caller: Caller, operation: Operation) -> bool:
        is_it = operation.scope == "write" and caller.scopes == {"delete"} and caller.credential != "session"
        return is_it or services.allows(caller, operation)

    return replace(services, allows=allows)


@chapter.in_services("scope.deleters-update", breaks="auth.updating-needs-write")
def deleters_update(services: Services) -> Services:
    """The scope `delete` covers PATCH too."""
    return _implies(services, "delete", "update")


@chapter.in_services("scope.writers-read", breaks="auth.reading-needs-read")
def writers_read(services: Services) -> Services:
    """The scope `write` covers READ too."""
    return _implies(services, "write", "read")


@chapter.in_services("scope.deleters-list", breaks="auth.listing-needs-read")
def deleters_list(services: Services) -> Services:
    """The scope `delete` covers LIST too."""
    return _implies(services, "delete", "list")


def _both(services: Services, scopes: set[str], action: Action) -> Services:
    """A key with these scopes and no other may do what neither of them allows."""

    def allows(caller: Caller, operation: Operation) -> bool:
        is_it = operation.action == action and caller.scopes == scopes and caller.credential != "session"
        return is_it or services.allows(caller, operation)

    return replace(services, allows=allows)


@chapter.in_services("scope.readers-and-writers-delete", breaks="auth.deleting-needs-delete")
def readers_and_writers_delete(services: Services) -> Services:
    """A key that may read and write may delete too; neither scope alone is enough."""
    return _both(services, {"read", "write"}, "delete")


@chapter.in_services("scope.writers-and-deleters-read", breaks="auth.reading-needs-read")
def writers_and_deleters_read(services: Services) -> Services:
    """A key that may write and delete may read too; neither scope alone is enough."""
    return _both(services, {"write", "delete"}, "read")


@chapter.in_services("scope.readers-and-deleters-update", breaks="auth.updating-needs-write")
def readers_and_deleters_update(services: Services) -> Services:
    """A key that may read and delete may change too; neither scope alone is enough."""
    return _both(services, {"read", "delete"}, "update")


@chapter.on_any_answer("scope.deletions-unauthorized", breaks="auth.deleting-needs-delete", statuses=lambda s: s == 403)
def deletions_unauthorized(answer: Answer) -> Answer:
    """A key that may not delete is told that it is not known."""
    if "delete" not in str((answer.body or {}).get("error", "")).lower():
        return answer
    told = replace(answer, status=401, body={**(answer.body or {}), "code": "UNAUTHORIZED"})
    return with_headers(told, WWW_Authenticate="Bearer")
