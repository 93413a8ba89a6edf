"""API keys made by the session, and what a key's rate limit tells. Every key made is revoked when the run ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Record, Reply, Secret
from entity_conformance.deployment.problems import Blocked
from entity_conformance.suite import expect
from entity_conformance.suite.given.acts import Creation, Removal
from entity_conformance.suite.sample import mark

_MOST_TO_EXHAUST = 2_000


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


async def spent_by_ten_requests(api: Api, entity: Entity, secret: Secret) -> int:
    """By how much ten requests lower what remains to a key; measured again where a new window began meanwhile."""
    spent = await _spent(api, entity, secret, requests=10)
    return spent if spent >= 0 else await _spent(api, entity, secret, requests=10)


async def spent_meanwhile(api: Api, entity: Entity, *, busy: Secret, idle: Secret) -> int:
    """By how much the idle key's two requests lower what remains to it, while the busy one sends ten."""
    before = await _remaining(api, entity, idle)
    await _spent(api, entity, busy, requests=10)
    return before - await _remaining(api, entity, idle)


async def exhausted(api: Api, entity: Entity) -> Reply:
    """The first refusal by 429 of a key that spends all it has."""
    return await api.shared.once("exhausted", lambda: _exhausted(api, entity))


async def _spent(api: Api, entity: Entity, secret: Secret, *, requests: int) -> int:
    before = await _remaining(api, entity, secret)
    after = before
    for _ in range(requests):
        after = await _remaining(api, entity, secret)
    return before - after


async def _remaining(api: Api, entity: Entity, secret: Secret) -> int:
    reply = await api.list(entity, limit=1, credential=secret)
    expect.status(reply, 200)
    return expect.rate_limit(reply).remaining


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
    return reply.record


async def _key_list(api: Api) -> Listing:
    used = _issued((await key_creation(api, "shown")).reply)
    unused = _issued((await key_creation(api, "lasting", expires_in=timedelta(days=30))).reply)
    await api.metadata(api.entities[0], credential=Secret(used["key"]))
    return Listing(await api.list_keys(), used, unused, api.now())


async def _key_revocation(api: Api) -> Removal:
    made = _issued((await key_creation(api, "revoked")).reply)
    return Removal(made, await api.revoke_key(made["id"]))
