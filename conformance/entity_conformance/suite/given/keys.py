"""API keys made by the session. Every key made is revoked when the run ends."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import cast

from entity_contract.references import at, mapping

from entity_conformance.deployment.account import KEYS
from entity_conformance.deployment.api import Api, NearMiss, Record, Reply, Secret
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.near_misses import near
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import expect, sample
from entity_conformance.suite.given.acts import was_there
from entity_conformance.suite.given.conflicts import CONFLICT, named
from entity_conformance.suite.given.created import Creation
from entity_conformance.suite.sample import another_id, mark

SHOWN, LASTING, REVOKED = "read_key", "lasting", "revoked"
"""Three keys that can read: the read-only key of the run where that is made, one that nobody uses before
`requests_in_a_row` has ended, and one that is revoked."""
_SCOPES = {LASTING: ("read", "write"), REVOKED: ("read", "delete")}
"""What else they may do."""

_ELSEWHERE = timezone(timedelta(hours=-7))
"""The offset that an expiry is written with."""

_JUST_PAST = timedelta(minutes=10)
"""More than a clock may be off, and less than a day: who compares days takes what is past since this morning."""

_LIFETIME = timedelta(days=30)
_REFUSED = 400
_MEMBERS = frozenset({"name", "scopes", "expiresAt"})
_TAKEN = frozenset({400, 409, 422})
"""How a key may be refused whose name another one has."""
_LEAST, _TELLING = 12, 4
"""Characters of a masked key at least, and of those past what all keys have in common, by which it is told."""

UNKNOWN_KEY = {"Authorization": "Bearer sk_live_00000000000000000000000000000000"}
"""A header with a key that was never issued."""

_UNSAID = ...
_BAD: Sequence[Mapping[str, object]] = (
    {"name": _UNSAID, "scopes": ["read", "admin"]},
    {"name": 5, "scopes": []},
    {"name": "x" * 101, "scopes": ["READ"], "expiresAt": "tomorrow"},
)
"""Bodies that are wrong in several members, each in a way of its own: a session may send few requests."""

ABSENT = frozenset({404, 405, 501})
"""Answers by which a deployment has no such plugin (E10.capability), and makes no keys."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The list of keys, the keys in it that this run made (as their creation answered), and when it was asked for."""

    reply: Reply
    used: Record
    unused: Record
    first_use: Reply
    at: datetime

    @property
    def keys(self) -> tuple[Record, ...]:
        """The keys that this run made."""
        return (self.used, self.unused)


async def key_creation(
    api: Api, name: str, *, scopes: Sequence[str] = (), expires_in: timedelta | None = None
) -> Creation:
    """A new key, for reading unless said otherwise, and the answer to its creation, not judged."""
    granted = scopes or _SCOPES.get(name, ("read",))
    return await api.once(("key", name), lambda: _key_creation(api, name, granted, expires_in))


async def key(api: Api, name: str) -> Secret:
    """A new key that can read."""
    return Secret(str(issued(api, (await key_creation(api, name)).reply)["key"]))


async def key_to_revoke(api: Api) -> Creation:
    """A new key with two scopes, which is revoked. Another key has its name, where two may have one."""
    with suppress(Blocked):
        await lasting_key(api)  # first: if anyone is refused for its name, it is this one
    return await key_creation(api, REVOKED)


async def lasting_key(api: Api) -> Creation:
    """The key that is neither used before the row of reads nor revoked by any check."""
    return await key_creation(api, LASTING, expires_in=_LIFETIME)


async def key_list(api: Api) -> Listing:
    """The list of keys with one in it that was used and one that was not, not judged."""
    return await api.once("keys", lambda: _key_list(api))


async def key_was_there(api: Api, created: Reply) -> bool:
    """Whether a key was created under the id of one that was there before: the list of keys shows it."""
    with suppress(Blocked):
        await key_list(api)
    return await was_there(api, KEYS, created)


async def plain_list_by_reader(api: Api) -> Reply:
    """A list of the first entity without any parameter, as the key that only reads."""
    return await api.once("plain list by a reader", lambda: api.list(api.entities[0], credential="read_key"))


def _is_read_key(api: Api, value: object) -> bool:
    secret = api.context.wallet.get("read_key") if api.has("read_key") else None
    return secret is not None and secret.value == value


async def keys_to_a_key(api: Api) -> Reply:
    """The answer to an API key that asks for the list of keys."""
    return await api.once("keys to a key", lambda: api.list_keys(credential="api_key"))


async def bad_key(api: Api, **wrong: object) -> Reply:
    """How a key whose member is wrong so is refused, `...` where it is left out.

    Other members are wrong too where the refusal names this one; else it is asked about by itself.
    """
    (name, value), *_ = wrong.items()
    together = next((one for one in _BAD if name in one and one[name] == value), None)
    if together is not None:
        reply = await api.once(("bad key", _BAD.index(together)), lambda: api.create_key(_keyed(api, together)))
        if reply.status == _REFUSED and name in expect.named(reply):
            return reply
    reply = await told_by_another(api, await api.create_key(_keyed(api, wrong)))
    demand_room(api, reply)
    return reply


def why_no_keys(api: Api, reply: Reply) -> str:
    """What is said where a list of keys, or the creation of one, was answered by there being none."""
    path = api.context.spelling.keys_path
    told = f"{reply.method} {path} answers {reply.status}"
    return f"the deployment makes no API keys: {told} (--keys-path says where they are)"


def just_past(api: Api) -> str:
    """An expiry that is past, and not long."""
    return f"{api.now() - _JUST_PAST:%Y-%m-%dT%H:%M:%SZ}"


def _keyed(api: Api, wrong: Mapping[str, object]) -> dict[str, object]:
    body = {"name": f"conformance-{api.run}", "scopes": ["read"], **wrong}
    return {name: value for name, value in body.items() if value is not _UNSAID}


async def unknown_revocation(api: Api) -> Reply:
    """The answer to the revocation of a key that nobody has."""
    with suppress(Blocked):
        await key_list(api)  # which shows that nobody has the id
    made = issued(api, (await key_creation(api, SHOWN)).reply)
    return await api.once("unknown revocation", lambda: api.revoke_key(api.invented(another_id(made["id"]))))


def nearest(api: Api, name: CredentialName) -> NearMiss:
    """A credential whose last character was changed."""
    return next(one for one in near(secret_of(api, name)) if one.how == "last character changed")


def secret_of(api: Api, name: CredentialName) -> Secret:
    """A credential of the run. Raises OutOfProfile where it has none."""
    secret = api.context.wallet.get(name)
    if secret is None:
        raise OutOfProfile(f"this run has no {name}")
    return secret


def shows_key(listed: Sequence[Record], value: str, *, own: str) -> bool:
    """Whether a list of keys shows that key, masked.

    What it shows of another key than one's `own` must tell the two apart: all keys begin alike.
    """
    shown = [str(one.get("key", "")).rstrip(".*•…") for one in listed]
    shown = [one for one in shown if len(one) >= _LEAST and (value == own or not own.startswith(one[: 1 - _TELLING]))]
    return any(value.startswith(prefix) for prefix in shown)


def keys_of_another(api: Api, listing: Reply) -> Sequence[Reply]:
    """The list of keys, where it shows the other user's key."""
    own, other = (api.context.wallet.get(name) if api.has(name) else None for name in ("api_key", "other_api_key"))
    is_shown = own and other and shows_key(listing.records, other.value, own=own.value)
    return [listing] if is_shown else []


def has_expired(listed: Record, now: datetime) -> bool:
    """Whether a key of a list has an expiry that is past."""
    return listed.get("expiresAt") is not None and expect.timestamp(listed["expiresAt"], at="data[].expiresAt") < now


async def _key_creation(api: Api, name: str, scopes: Sequence[str], expires_in: timedelta | None) -> Creation:
    named = f"{mark(api.run)} Key {api.fresh(name)}"
    body: dict[str, object] = {"name": named, "scopes": [*scopes]}
    if expires_in is not None:
        body["expiresAt"] = (api.now() + expires_in).astimezone(_ELSEWHERE).isoformat(timespec="seconds")
    if name == REVOKED:
        other = (await lasting_key(api)).body["name"]
        alike = body | {"name": other, "expiresAt": None}  # null is what the others leave unsaid
        reply = await api.make_key(alike)
        if reply.status not in _TAKEN:
            return Creation(alike, await told_by_another(api, reply))
    if name == LASTING:
        last = _longest_name(api) - 1
        longest = body | {"name": f"{named} {sample.filling(last)}"[:last] + "g"}
        reply = await api.make_key(longest)
        if not (reply.status in _TAKEN and "name" in expect.named(reply)):  # whoever watches keys judges that
            return Creation(longest, await told_by_another(api, reply))
    return Creation(body, await told_by_another(api, await api.make_key(body)))


def _longest_name(api: Api) -> int:
    """How many characters the contract lets a key's name have."""
    (creating,) = (one for one in api.contract.operations if (one.method, one.path) == ("POST", f"/v1/{KEYS}"))
    return cast("int", mapping(at(api.contract.document, f"{creating.body}/properties/name"))["maxLength"])


def issued(api: Api, reply: Reply) -> Record:
    """The key that a creation gave. Raises Blocked when it gave none, and as `demand_room`."""
    demand_room(api, reply)
    try:
        expect.status(reply, 201, 200)
        expect.key(reply.record.get("key"), at="data.key")
        expect.text(reply.id, at="data.id")
    except Violation as violation:
        raise Blocked(f"a key could not be made: {violation.message}, {violation.actual}") from violation
    return reply.record


def demand_room(api: Api, reply: Reply) -> None:
    """Raises OutOfProfile where a key is refused since its user has as many as a user may have; no ruling forbids that.

    It is what 409 tells where it names no member, and another refusal where it meets a key like one that was made
    before (`told_by_another`). No key is made after it.
    """
    told = _creations(api)
    granted = [place for place, (_, one) in enumerate(told) if one.is_granted]
    last = [(sent, one) for sent, one in told[granted[-1] + 1 if granted else 0 :] if one.status == reply.status]
    if not any(one is reply for _, one in last) or reply.status in ABSENT:
        return
    made = [_kind(told[place][0]) for place in granted]
    if reply.status == CONFLICT or any(_kind(sent) in made for sent, _ in last):
        answered = f"POST {api.context.spelling.keys_path} answers {reply.status}"
        raise OutOfProfile(f"the deployment makes no more keys beside the {len(made)} that this run has: {answered}")


async def told_by_another(api: Api, reply: Reply) -> Reply:
    """The answer to a creation. Where it is refused for no member, a key like the first that was made is asked for too.

    So it can be told whether that key is refused, or any.
    """
    granted = [sent for sent, one in _creations(api) if one.is_granted]
    is_refused = any(one is reply for _, one in _creations(api)) and not reply.is_granted
    if is_refused and granted and reply.status not in ABSENT | {CONFLICT}:
        name = f"{mark(api.run)} Key {api.fresh('another')}"
        await api.once("another key", lambda: api.create_key({**granted[0], "name": name}))
    return reply


def _creations(api: Api) -> list[tuple[Mapping[str, object], Reply]]:
    """What the session asked for as keys, and the answers, but for those that name what is wrong in a body."""
    made = [one for one in api.context.asked if one.request.method == "POST" and one.path == (KEYS,)]
    told = [(one.sent, one.reply) for one in made if one.request.credential == "session"]
    return [
        (sent, reply)
        for sent, reply in told
        if isinstance(sent, dict) and reply is not None and named(reply).isdisjoint({*sent, *_MEMBERS})
    ]


def _kind(sent: Mapping[str, object]) -> tuple[str, bool]:
    return str(sent.get("scopes")), sent.get("expiresAt") is not None


async def _key_list(api: Api) -> Listing:
    creation = await key_creation(api, SHOWN)
    used = issued(api, creation.reply)
    unused = issued(api, (await lasting_key(api)).reply)
    await key_to_revoke(api)
    first_use = await plain_list_by_reader(api) if _is_read_key(api, used["key"]) else None
    first_use = first_use or await api.list(api.entities[0], limit=1, credential=Secret(used["key"]))
    listing = Listing(await api.list_keys(), used, unused, first_use, api.now())
    if await was_there(api, KEYS, creation.reply):
        raise Blocked("the creation of a key was answered with the id of another")
    return listing
