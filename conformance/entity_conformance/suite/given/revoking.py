"""The revocation of an API key: who may not do it, who does, and what is listed afterwards."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from entity_conformance.deployment.account import KEYS
from entity_conformance.deployment.api import Api, Credential, Reply, Secret
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite.given.endings import Removal
from entity_conformance.suite.given.keys import UNKNOWN_KEY, has_expired, issued, key_list, key_to_revoke, nearest
from entity_conformance.suite.given.rows import reads_in_a_row


@dataclass(frozen=True, slots=True)
class KeysLeft:
    """The list of keys, and the answer to a session that asks for it with an unknown API key beside."""

    beside: Reply
    reply: Reply


async def key_revocation(api: Api) -> Removal:
    """A key that was made, used and revoked, the answer to that, not judged, and a LIST by it right afterwards."""
    return await api.once("revocation", lambda: _key_revocation(api))


async def use_before_revocation(api: Api) -> Reply:
    """A LIST by that key, while it is good: the one that was made with an expiry of null, where that is taken."""
    return await api.once("use before revocation", lambda: _use_before_revocation(api))


def is_being_revoked(api: Api) -> bool:
    """Whether that key may be gone already."""
    return any("revocation" in names for names in api.context.shared.uses.values())


async def revocations_without_session(api: Api) -> Sequence[Reply]:
    """The answers to who has no session and tries to revoke a key that is made for it, or one that nobody has."""
    return await api.once("revocations without session", lambda: _revocations_without_session(api))


async def keys_left(api: Api) -> KeysLeft:
    """The list of keys at the end of the run, when one was revoked and one has expired."""
    return await api.once("keys left", lambda: _keys_left(api))


async def expired_key_revocations(api: Api) -> Sequence[Reply]:
    """The revocation of the key that the run made to expire, once the list shows that it has; none of one given to it.

    Clean-up would send it anyway, when nobody judges answers any more.
    """
    own, now = api.context.owned.own(KEYS), api.now() + api.clock_tolerance
    ids = [str(key.get("id")) for key in (await keys_left(api)).reply.records if has_expired(key, now)]
    return [await api.revoke_key(id_) for id_ in ids if id_ in own]


async def _revocations_without_session(api: Api) -> Sequence[Reply]:
    key_id = api.invented("key_conformance")
    if api.has("session") and not api.context.is_read_only:
        with suppress(Blocked):
            await key_list(api)  # by which the key is known to be the run's own
            key_id = str(issued(api, (await key_to_revoke(api)).reply)["id"])
            await use_before_revocation(api)
    others: list[Credential] = ["api_key", "none"]
    others += [nearest(api, "session")] if api.has("session") else []
    return [await api.revoke_key(key_id, credential=credential) for credential in others]


async def _key_revocation(api: Api) -> Removal:
    with suppress(Blocked):
        await revocations_without_session(api)
    with suppress(Violation, Blocked, OutOfProfile):
        await reads_in_a_row(api)  # by the key of the same name, which may go along
    made = issued(api, (await key_to_revoke(api)).reply)
    key = Secret(str(made["key"]))
    await use_before_revocation(api)  # whoever keeps what keys may do, keeps it of this one
    reply = await api.revoke_key(made["id"])
    return Removal(made, reply, await api.list(api.entities[0], limit=1, credential=key))


async def _use_before_revocation(api: Api) -> Reply:
    made = issued(api, (await key_to_revoke(api)).reply)
    return await api.list(api.entities[0], limit=1, credential=Secret(str(made["key"])))


async def _keys_left(api: Api) -> KeysLeft:
    with suppress(Blocked):
        await key_revocation(api)
    beside = await api.list_keys(headers=UNKNOWN_KEY)
    return KeysLeft(beside, beside if beside.status == 200 else await api.list_keys())
