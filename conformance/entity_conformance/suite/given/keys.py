"""API keys made by the session, and what a key's rate limit tells. Every key made is revoked when the run ends."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from time import monotonic

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Record, Reply, Secret
from entity_conformance.deployment.problems import Blocked
from entity_conformance.suite import expect
from entity_conformance.suite.given.acts import Creation, Removal
from entity_conformance.suite.sample import mark

_MOST_TO_EXHAUST = 2_000
_ROUNDING = 0.05
"""A refill of less than this part of a request is none."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


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

    `refill` is what a limit that fills again all the time may have got back meanwhile.
    """

    spent: int
    refill: int
    highest_rise: int
    is_across_windows: bool


async def key_creation(api: Api, name: str, *, expires_in: timedelta | None = None) -> Creation:
    """A new key for reading, and the answer to its creation, not judged."""
    return await api.shared.once(("key", name), lambda: _key_creation(api, name, expires_in))


async def key(api: Api, name: str) -> Secret:
    """A new key for reading that nobody else uses."""
    return Secret(str(_issued((await key_creation(api, name)).reply)["key"]))


async def revocable(api: Api) -> str:
    """The id of a key that nobody uses; of one that is not there, where this run has no session to make it with."""
    if not api.has("session"):
        return api.invented("key_conformance")
    return str(_issued((await key_creation(api, "spare")).reply)["id"])


async def key_list(api: Api) -> Listing:
    """The list of keys with one in it that was used and one that was not, not judged."""
    return await api.shared.once("keys", lambda: _key_list(api))


async def key_revocation(api: Api) -> Removal:
    """A key that was made and revoked, and the answer to that, not judged."""
    return await api.shared.once("revocation", lambda: _key_revocation(api))


def has_expired(listed: Record, now: datetime) -> bool:
    """Whether a key of a list has an expiry that is past."""
    return listed.get("expiresAt") is not None and expect.timestamp(listed["expiresAt"], at="data[].expiresAt") < now


async def ten_requests(api: Api, entity: Entity, secret: Secret) -> Spending:
    """What ten requests in a row do to what remains to a key; measured again where Reset moved to a new window."""
    window = await _window(api, entity, secret)
    spending = await _spending(api, entity, secret, window=window)
    return await _spending(api, entity, secret, window=window) if spending.is_across_windows else spending


async def spent_meanwhile(api: Api, entity: Entity, *, busy: Secret, idle: Secret) -> int:
    """By how much the idle key's two requests lower what remains to it, while the busy one sends ten."""
    before = await _left(api, entity, idle)
    for _ in range(10):
        await _left(api, entity, busy)
    return before.remaining - (await _left(api, entity, idle)).remaining


async def exhausted(api: Api, entity: Entity) -> Reply:
    """The first refusal by 429 of a key that spends all it has."""
    return await api.shared.once("exhausted", lambda: _exhausted(api, entity))


async def _spending(api: Api, entity: Entity, secret: Secret, *, window: float) -> Spending:
    began = monotonic()
    told = [await _left(api, entity, secret) for _ in range(11)]
    refill = math.ceil((monotonic() - began) * told[0].limit / window - _ROUNDING)
    remaining = [one.remaining for one in told]
    return Spending(
        spent=remaining[0] - remaining[-1],
        refill=refill,
        highest_rise=max(later - earlier for earlier, later in pairwise(remaining)),
        is_across_windows=told[0].reset != told[-1].reset,
    )


async def _window(api: Api, entity: Entity, secret: Secret) -> float:
    """Seconds in which a key's limit refills, by its metadata; an hour where that does not say."""
    told = (await api.metadata(entity, credential=secret)).record.get("rateLimit")
    found = re.fullmatch(r"(\d+)([smhd])", str(told.get("window"))) if isinstance(told, Mapping) else None
    return max(1, int(found[1])) * _SECONDS[found[2]] if found else _SECONDS["h"]


async def _left(api: Api, entity: Entity, secret: Secret) -> expect.RateLimit:
    reply = await api.list(entity, limit=1, credential=secret)
    expect.status(reply, 200)
    return expect.rate_limit(reply)


async def _exhausted(api: Api, entity: Entity) -> Reply:
    secret = await key(api, "exhausted")
    for _ in range(_MOST_TO_EXHAUST):
        reply = await api.request("GET", f"/{entity.name}", params={"limit": 1}, credential=secret, accepts_limit=True)
        if reply.status != 200:
            return reply
    raise Blocked(f"{_MOST_TO_EXHAUST:,} requests did not reach the limit")


async def _key_creation(api: Api, name: str, expires_in: timedelta | None) -> Creation:
    body: dict[str, object] = {"name": f"{mark(api.run)} {name}", "scopes": ["read"]}
    if expires_in is not None:
        body["expiresAt"] = (api.now() + expires_in).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Creation(body, await api.create_key(body))


def _issued(reply: Reply) -> Record:
    expect.status(reply, 201, 200)
    expect.text(reply.record.get("key"), at="data.key")
    expect.text(reply.id, at="data.id")
    return reply.record


async def _key_list(api: Api) -> Listing:
    used = _issued((await key_creation(api, "shown")).reply)
    unused = _issued((await key_creation(api, "lasting", expires_in=timedelta(days=30))).reply)
    await api.metadata(api.entities[0], credential=Secret(used["key"]))
    return Listing(await api.list_keys(), used, unused, api.now())


async def _key_revocation(api: Api) -> Removal:
    made = _issued((await key_creation(api, "revoked")).reply)
    return Removal(made, await api.revoke_key(made["id"]))
