"""Removes what a run made: what the books name, and then whatever else carries the run's texts.

A creation that was refused, or whose answer was lost, may have made something all the same; a deletion may have been
confirmed and not done. So the newest records of every entity touched are looked through, and what can only come from
this run is deleted too. A record that others may have written is never touched.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, cast

from entity_conformance.deployment.api import Api, Credential, Record, Reply, RunContext
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.journal import KEYS, Account, Thing
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.problems import Blocked, Leftover, OutOfProfile, Violation

PAGES = 3
"""Pages of 100 records, newest first, that are looked through for each entity."""

SILENCES = 3
"""Requests without an answer, one after the other, after which no more are sent."""

_AT_ONCE = 4


def cost(account: Account, credential: str | None = None, *, has_key: bool = True) -> int:
    """Requests that cleaning up will take at least, to be kept back from the budget.

    With a `credential`, only those that it will send; without a key the session sends what the key would.
    """
    made = [(thing.entity, thing.credential) for thing in account.things.values()]
    senders = Counter(_sender(*each, has_key=has_key) for each in (*made, *account.touched, *account.touched))
    return senders.total() if credential is None else senders[credential]


def _sender(entity: str, credential: str, *, has_key: bool) -> str:
    """Who removes what was made of an entity with a credential."""
    return "session" if entity == KEYS or (credential == "api_key" and not has_key) else credential


async def tidy(context: RunContext, account: Account) -> tuple[Leftover, ...]:
    """Remove everything, and tell what could not be removed."""
    context.wire.is_closing = True
    api = Api(context, "clean-up")
    reasons = await _remove(api, account, [thing for thing in account.outstanding if thing.entity != KEYS])
    unseen: list[Leftover] = []
    for entity, credential in account.touched:
        try:
            strays, nameless = await _strays(api, account, entity, credential)
        except (Violation, Blocked, OutOfProfile) as problem:
            unseen += [_unknown(entity, str(problem)) for known, _ in account.open.values() if known == entity]
            continue
        unseen += nameless
        reasons |= await _remove(api, account, strays)
        reasons |= {stray: reason for stray in strays if (reason := await _still_there(api, stray)) is not None}
        if not nameless:
            account.open = {ticket: of for ticket, of in account.open.items() if of != (entity, credential)}
    reasons |= await _remove(api, account, [thing for thing in account.outstanding if thing.entity == KEYS])
    return (*(_leftover(thing, reason) for thing, reason in reasons.items()), *unseen)


def left_over(account: Account) -> tuple[Leftover, ...]:
    """What is still there when cleaning up came to no end."""
    return tuple(_leftover(thing, "cleaning up came to no end") for thing in account.outstanding)


def _unknown(entity: str, problem: str) -> Leftover:
    kind: Literal["record", "key"] = "key" if entity == KEYS else "record"
    reason = f"its creation was not answered, and looking for it failed: {problem}"
    return Leftover(kind, None if kind == "key" else entity, "(unknown)", reason)


def _nameless(entity: str, id_: object) -> Leftover:
    kind: Literal["record", "key"] = "key" if entity == KEYS else "record"
    return Leftover(kind, None if kind == "key" else entity, str(id_)[:80], "its id is not a text")


def _leftover(thing: Thing, reason: str) -> Leftover:
    kind: Literal["record", "key"] = "key" if thing.entity == KEYS else "record"
    return Leftover(kind, None if kind == "key" else thing.entity, thing.id, reason)


async def _remove(api: Api, account: Account, things: Iterable[Thing]) -> dict[Thing, str]:
    """Delete things, several at once, and once more one by one what was refused: a parent may wait for its children."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def remove(thing: Thing) -> str | None:
        async with gate:
            return await _delete(api, account, thing)

    wanted = tuple(things)
    first = await asyncio.gather(*(remove(thing) for thing in wanted))
    refused = [thing for thing, reason in zip(wanted, first, strict=True) if reason is not None]
    again = [(thing, await _delete(api, account, thing)) for thing in refused]
    return {thing: reason for thing, reason in again if reason is not None}


async def _delete(api: Api, account: Account, thing: Thing) -> str | None:
    """Delete one thing. Returns why that was not possible, None when it is gone."""
    if api.context.wire.silent_in_a_row >= SILENCES:
        return "the deployment stopped answering"
    try:
        reply = await _deletion(api, thing)
    except (Violation, Blocked, OutOfProfile) as problem:
        return str(problem)
    if reply.status == 404 or 200 <= reply.status < 300:
        api.context.books.gone(thing.entity, thing.id)
        account.gone(thing.entity, thing.id)
        return None
    return f"DELETE answered {reply.status}"


async def _still_there(api: Api, stray: Thing) -> str | None:
    """Why a record is left that was deleted twice, as far as its deletions were confirmed; None when it is gone."""
    if stray.entity == KEYS:
        return None
    try:
        reply = await api.read(stray.entity, stray.id, credential=_credential(api, stray.credential))
    except (Violation, Blocked, OutOfProfile):
        return None
    return "its deletion was confirmed, and it is still there" if reply.status == 200 else None


async def _deletion(api: Api, thing: Thing) -> Reply:
    if thing.entity == KEYS:
        return await api.revoke_key(thing.id)
    return await api.delete(thing.entity, thing.id, credential=_credential(api, thing.credential))


def _credential(api: Api, name: str) -> Credential:
    """The credential that can delete: the one noted, or the session where a run has no key."""
    return "session" if name == "api_key" and not api.has("api_key") else cast("CredentialName", name)


async def _strays(
    api: Api, account: Account, entity: str, credential: str
) -> tuple[Sequence[Thing], Sequence[Leftover]]:
    """What the run made of an entity without the books knowing; apart, what cannot be removed for want of an id.

    Raises as an Api does when that cannot be seen.
    """
    listed = (await api.list_keys()).records if entity == KEYS else await _newest(api, entity, credential)
    known = {thing.id for thing in account.outstanding if thing.entity == entity}
    ids = [record.get("id") for record in listed if account.is_ours(entity, record)]
    strays = [Thing(entity, id_, credential) for id_ in ids if isinstance(id_, str) and id_ not in known]
    return strays, [_nameless(entity, id_) for id_ in ids if not isinstance(id_, str)]


async def _newest(api: Api, entity: str, name: str) -> tuple[Record, ...]:
    """The newest records of an entity; where there are very many, those besides that a search finds."""
    credential = _credential(api, name)
    found: tuple[Record, ...] = ()
    for page in range(1, PAGES + 1):
        reply = await api.list(entity, sort="createdAt", order="desc", limit=100, page=page, credential=credential)
        found += reply.records
        if len(reply.records) < 100:
            return found
    return found + (await api.list(entity, search=mark(api.run), limit=100, credential=credential)).records
