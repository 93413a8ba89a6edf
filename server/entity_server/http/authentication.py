"""Who sends a request: an API key or a dashboard session (A1-A8, A14).

Neither a key nor a cookie ever leaves this module, for a log or anywhere else. The cookie's value is taken verbatim:
the library that issues it percent-encodes it, and what was stored is what is sent.
"""

from collections.abc import Awaitable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from entity_contract import Credential, Operation, Scope

from entity_server.domain.keys import SCOPES, digest
from entity_server.domain.problems import ExpiredKey, Unauthorized
from entity_server.http.exchange import Headers
from entity_server.http.services import Caller, Services

COOKIES: Final = ("better-auth.session_token", "__Secure-better-auth.session_token")

_BEARER = "bearer "


def authenticate(
    services: Services,
    headers: Headers,
    *,
    accepts: frozenset[Credential],
    now: datetime,
) -> Awaitable[Caller]:
    """The caller of a request with these headers: `Authorization` and `Cookie`.

    When both are there the key decides, and a bad key is not rescued by a good session (A6); where only a session
    counts, the key is not looked at (A8). Awaiting it raises Unauthorized or ExpiredKey.
    """
    if "key" in accepts and (authorization := headers.getall("Authorization", ())):
        return _key_owner(services, authorization, now)
    return _session_owner(services, headers.getall("Cookie", ()) if "session" in accepts else (), now)


def allows(caller: Caller, operation: Operation) -> bool:
    """Whether the caller's scopes cover the operation; each scope stands alone (A5)."""
    return operation.scope is None or operation.scope in caller.scopes


def session_tokens(cookies: Sequence[str]) -> Iterator[str]:
    """The session tokens in `Cookie` headers, verbatim; at most one for each name."""
    found: dict[str, str] = {}
    for header in cookies:
        for pair in header.split(";"):
            name, separator, value = pair.strip(" \t").partition("=")
            if separator and name in COOKIES:
                found.setdefault(name, value)
    yield from found.values()


def bearer(authorization: str) -> str | None:
    """The key that an `Authorization` header holds: what stands after `Bearer`, in any case, and spaces.

    It may be anything: what is no key has a digest that matches none.
    """
    if authorization[: len(_BEARER)].lower() != _BEARER:
        return None
    return authorization[len(_BEARER) :].strip(" ") or None


async def _session_owner(services: Services, cookies: Sequence[str], now: datetime) -> Caller:
    for token in session_tokens(cookies):
        session = await services.sessions.find(digest(token))
        if session is not None and not session.expired(now):
            return Caller(
                user_id=session.user_id,
                scopes=frozenset(SCOPES),
                credential="session",
                identity=f"user:{session.user_id}",
            )
    raise Unauthorized


async def _key_owner(services: Services, authorization: Sequence[str], now: datetime) -> Caller:
    secret = bearer(authorization[0]) if len(authorization) == 1 else None
    key = await services.keys.find(digest(secret)) if secret else None
    if key is None:
        raise Unauthorized
    if key.expires_at is not None and key.expired(now):
        raise ExpiredKey
    await services.keys.touch(key.id, now)
    return _caller(key.id, key.user_id, key.scopes)


@lru_cache(maxsize=1000)  # the same key calls again and again
def _caller(key_id: str, user_id: str, scopes: tuple[Scope, ...]) -> Caller:
    return Caller(user_id=user_id, scopes=frozenset(scopes), credential="key", identity=f"key:{key_id}")
