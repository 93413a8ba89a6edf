"""API keys made by the session, and what a key's rate limit tells. Every key made is revoked when the run ends."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from time import monotonic

from entity_contract import Entity

from entity_conformance.deployment.account import KEYS
from entity_conformance.deployment.allowance import window_in
from entity_conformance.deployment.api import Api, Credential, Record, Reply, Secret
from entity_conformance.deployment.problems import Blocked, Violation
from entity_conformance.suite import expect
from entity_conformance.suite.given.acts import Removal, was_there
from entity_conformance.suite.given.groups import Creation
from entity_conformance.suite.sample import mark

_MOST_TO_EXHAUST = 2_000
_ROUNDING = 0.05
"""A refill of less than this part of a request is none."""

ABSENT = frozenset({404, 405, 501})
"""Answers by which a deployment has no such plugin (E10.capability), and makes no keys."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The list of keys, the keys in it that this run made (as their creation answered), and when it was asked for."""

    reply: Reply
    used: Record
    unused: Record
    at: datetime

    @property
    def keys(self) -> tuple[Record, ...]:
        """The keys that this run made."""
        return (self.used, self.unused)


@dataclass(frozen=True, slots=True)
class Spending:
    """What a row of requests did to X-RateLimit-Remaining: by how much it fell, and at most rose from one to the next.

    `refill` is what a limit that fills again all the time may have got back meanwhile; `most` is what the row may have
    lowered it by, where others may use the key too.
    """

    spent: int
    refill: int
    highest_rise: int
    most: int
    is_across_windows: bool


async def key_creation(api: Api, name: str, *, expires_in: timedelta | None = None) -> Creation:
    """A new key for reading, and the answer to its creation, not judged."""
    return await api.once(("key", name), lambda: _key_creation(api, name, expires_in))


async def key(api: Api, name: str) -> Secret:
    """A new key for reading that nobody else uses."""
    return Secret(str(issued((await key_creation(api, name)).reply)["key"]))


async def revocable(api: Api) -> str:
    """The id of a key that nobody uses; of one that is not there, where this run can make none."""
    made = (await key_creation(api, "spare")).reply if api.has("session") and not api.context.is_read_only else None
    return api.invented("key_conformance") if made is None or made.status in ABSENT else str(issued(made)["id"])


async def key_list(api: Api) -> Listing:
    """The list of keys with one in it that was used and one that was not, not judged."""
    return await api.once("keys", lambda: _key_list(api))


async def key_revocation(api: Api) -> Removal:
    """A key that was made and revoked, and the answer to that, not judged."""
    return await api.once("revocation", lambda: _key_revocation(api))


def has_expired(listed: Record, now: datetime) -> bool:
    """Whether a key of a list has an expiry that is past."""
    return listed.get("expiresAt") is not None and expect.timestamp(listed["expiresAt"], at="data[].expiresAt") < now


async def ten_requests(api: Api, entity: Entity) -> Spending:
    """What ten requests in a row do to what remains to a key; measured again where Reset moved to a new window.

    The key is one that nobody else uses, or the run's own where none can be made.
    """
    own = await _own_key(api, "counting")
    secret: Credential = own or "api_key"
    window = await _window(api, entity, secret)
    spending = await _spending(api, entity, secret, window=window, is_alone=own is not None)
    if spending.is_across_windows:
        return await _spending(api, entity, secret, window=window, is_alone=own is not None)
    return spending


async def spent_meanwhile(api: Api, entity: Entity) -> tuple[int, int]:
    """By how much an idle key's two requests lower what remains to it while a busy one sends ten, and may at most.

    The idle one is the other user's where no keys can be made: that user may send some requests too.
    """
    busy, idle = await _own_key(api, "counting"), await _own_key(api, "idle")
    before = await _left(api, entity, idle or "other_api_key")
    for _ in range(10):
        await _left(api, entity, busy or "api_key")
    return before.remaining - (await _left(api, entity, idle or "other_api_key")).remaining, 2 if idle else 9


async def _own_key(api: Api, name: str) -> Secret | None:
    """A new key that nobody else uses; None where this run can make none."""
    if not api.has("session") or api.context.is_read_only:
        return None
    made = (await key_creation(api, name)).reply
    return None if made.status in ABSENT else Secret(str(issued(made)["key"]))


def limit(reply: Reply) -> int:
    """The limit that an answer tells. Raises Blocked where it tells none, which another check judges."""
    try:
        return expect.integer_header(reply, "X-RateLimit-Limit")
    except Violation as violation:
        raise Blocked(violation.message) from violation


async def exhausted(api: Api, entity: Entity) -> Reply:
    """The first refusal by 429 of a key that spends all it has."""
    return await api.once("exhausted", lambda: _exhausted(api, entity))


async def _spending(api: Api, entity: Entity, secret: Credential, *, window: float, is_alone: bool) -> Spending:
    began = monotonic()
    told = [await _left(api, entity, secret) for _ in range(11)]
    refill = math.ceil((monotonic() - began) * told[0].limit / window - _ROUNDING)
    remaining = [one.remaining for one in told]
    return Spending(
        spent=remaining[0] - remaining[-1],
        refill=refill,
        highest_rise=max(later - earlier for earlier, later in pairwise(remaining)),
        most=10 if is_alone else told[0].limit,
        is_across_windows=told[0].reset != told[-1].reset,
    )


async def _window(api: Api, entity: Entity, secret: Credential) -> float:
    """Seconds in which a key's limit refills, by its metadata; an hour where that does not say."""
    return window_in(await api.metadata(entity, credential=secret)) or 3600.0


async def _left(api: Api, entity: Entity, secret: Credential) -> expect.RateLimit:
    reply = await api.list(entity, limit=1, credential=secret)
    try:
        expect.status(reply, 200)
        return expect.rate_limit(reply)
    except Violation as violation:
        raise Blocked(f"what remains to a key is not told: {violation.message}") from violation


async def _exhausted(api: Api, entity: Entity) -> Reply:
    secret = await key(api, "exhausted")
    for _ in range(_MOST_TO_EXHAUST):
        reply = await api.request("GET", f"/{entity.name}", params={"limit": 1}, credential=secret, accepts_limit=True)
        if reply.status != 200:
            return reply
    raise Blocked(f"{_MOST_TO_EXHAUST:,} requests did not reach the limit")


async def _key_creation(api: Api, name: str, expires_in: timedelta | None) -> Creation:
    body: dict[str, object] = {"name": f"{mark(api.run)} {api.fresh(name)}", "scopes": ["read"]}
    if expires_in is not None:
        body["expiresAt"] = (api.now() + expires_in).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Creation(body, await api.make_key(body))


def issued(reply: Reply) -> Record:
    """The key that a creation gave. Raises Blocked when it gave none."""
    try:
        expect.status(reply, 201, 200)
        expect.text(reply.record.get("key"), at="data.key")
        expect.text(reply.id, at="data.id")
    except Violation as violation:
        raise Blocked(f"a key could not be made: {violation.message}, {violation.actual}") from violation
    return reply.record


async def _key_list(api: Api) -> Listing:
    creation = await key_creation(api, "shown")
    used = issued(creation.reply)
    unused = issued((await key_creation(api, "lasting", expires_in=timedelta(days=30))).reply)
    await api.list(api.entities[0], limit=1, credential=Secret(used["key"]))
    listing = Listing(await api.list_keys(), used, unused, api.now())
    if await was_there(api, KEYS, creation.reply):
        raise Blocked("the creation of a key was answered with the id of another")
    return listing


async def _key_revocation(api: Api) -> Removal:
    made = issued((await key_creation(api, "revoked")).reply)
    return Removal(made, await api.revoke_key(made["id"]))
