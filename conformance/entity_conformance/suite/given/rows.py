"""A row of reads by a key that nobody else uses: lists and first records, and what any key may ask besides.

Its answers show what was created first, before anybody tries what ought to be refused.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Literal

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Credential, Record, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.target import LONGEST_PAGE
from entity_conformance.suite.expect import by_id
from entity_conformance.suite.given.askers import reader
from entity_conformance.suite.given.created import made
from entity_conformance.suite.given.groups import creation, group, record
from entity_conformance.suite.given.keys import ABSENT, LASTING, SHOWN, key, key_creation, key_list
from entity_conformance.suite.given.narrowing import walked
from entity_conformance.suite.given.person import person

ROW = 11
"""Requests that a row of reads has at least."""
_OK = 200
Aside = Literal[
    "version v1",
    "unknowns",
    "media type",
    "directory record",
    "id of another",
    "odd characters",
    "odd length",
    "odd path",
    "unknown path",
]
"""Reads that any key may make, so that a row of few entities is not filled with pages that nobody judges."""


_IN_PLACE = 12
"""Records that are made in the place of one that was taken away: each credential and operation may take one."""


@dataclass(frozen=True, slots=True)
class Row:
    """Reads in a row by one key: by entity a list and its first record, and all `replies` in their order.

    `is_alone` says that nobody else uses the key.
    """

    lists: Mapping[str, Reply]
    firsts: Mapping[str, Reply]
    replies: tuple[Reply, ...]
    seconds: float
    is_alone: bool

    def of(self, entity: Entity) -> Sequence[Reply]:
        """The list and the first record of one entity."""
        return [some[entity.name] for some in (self.lists, self.firsts) if entity.name in some]


def demand_there(api: Api, entity: Entity, known: Record) -> None:
    """Raises Blocked where a first record was deleted, by itself or with a parent: by who ought to be refused."""
    owned = api.context.owned
    parents = [(one.entity, known.get(one.foreign_key)) for one in entity.relations if one.type == "belongsTo"]
    named = [(of, key) for of, key in parents if isinstance(key, str)]
    needed = [(of, key) for of, key in named if owned.is_own(of, key)]  # others the run cannot lose
    if any(id_ not in owned.own(of) or owned.was_deleted(of, id_) for of, id_ in [(entity.name, known["id"]), *needed]):
        raise Blocked("a DELETE that had to be refused took this record away, which others judge")


async def kept(api: Api, entity: Entity, known: Record) -> Record:
    """The record; one made in its place where a DELETE that had to be refused took it, alone or with a parent.

    So what another one was granted hides nothing of what else is to be refused. Raises Blocked where each is taken. One
    that no answer showed to be the run's own was taken by nobody: it is given as it is, and no write goes there.
    """
    if not api.context.owned.is_own(entity.name, known["id"]):
        return known
    for _ in range(_IN_PLACE):
        with suppress(Blocked):
            demand_there(api, entity, known)
            return known
        known = await api.once(("in place of", entity.name, known["id"]), partial(record, api, entity))
    demand_there(api, entity, known)
    return known


async def target_read(api: Api, entity: Entity) -> Reply:
    """READ of the first record before anybody tried to change it: that of the row, where the run has keys for one."""
    return await api.once(("target read", entity.name), lambda: _target_read(api, entity))


async def target_listed(api: Api, entity: Entity) -> tuple[Record, ...]:
    """The first record as a list of all shows it, before anybody tried to change it; the list may hold others."""
    return await api.once(("target listed", entity.name), lambda: _target_listed(api, entity))


async def reads_in_a_row(api: Api, *, time: int = 1) -> Row:
    """Eleven reads or more in a row, of lists and first records, by a key for reading that nobody else uses.

    `time` is 2 for whoever wants them made again.
    """
    return await api.once(("reads in a row", time), lambda: _reads_in_a_row(api, is_first=time == 1))


async def seen_by_reader(api: Api, entity: Entity) -> Sequence[Reply]:
    """Lists of an entity and READ of its first record by keys that only read: those of the row, or of others."""
    row = await reads_in_a_row(api)
    lists = [] if entity.name in row.lists else await _lists_by_reader(api, entity)
    return [*lists, *row.of(entity)]


async def created_and_listed(api: Api, entity: Entity) -> tuple[Record, Record]:
    """A record as a list shows it, and what was written: one of the group's where the row has no such list."""
    if api.has("read_key") and entity.name not in (await reads_in_a_row(api)).lists:
        with suppress(Blocked, OutOfProfile):
            of = await group(api, entity)
            return by_id(of.listed, of.records[0]["id"]), of.bodies[0]
    created = await creation(api, entity)
    own, shown = made(api, created.reply), await target_listed(api, entity)
    return by_id(shown, own["id"]), created.body | _granted(api, entity, own["id"])


def _granted(api: Api, entity: Entity, id_: str) -> dict[str, object]:
    """What UPDATEs have written to a record since: of shared ones another user may change any (A7)."""
    asked = [one for one in api.context.asked if (one.request.method, one.path) == ("PATCH", (entity.name, id_))]
    sent = [one.sent for one in asked if one.reply is not None and one.reply.is_granted]
    return {name: value for body in sent if isinstance(body, dict) for name, value in body.items()}


async def with_another_version(api: Api, entity: Entity) -> Reply:
    """A list to who says another version: with a parameter besides that is not known, where both are ignored."""
    reply = await aside(api, entity, "unknowns")
    if reply.status == _OK:
        return reply
    return await api.list(entity, limit=1, headers={"X-API-Version": "v9"}, credential=reader(api))


async def _lists_by_reader(api: Api, entity: Entity) -> Sequence[Reply]:
    """What lists of the entity were answered to the key that only reads, so far as that tells whether it may list."""
    path = f"{api.base}/{entity.name}"
    told = [one for one in api.seen if (one.method, one.credential) == ("GET", "read_key") and _is_at(one, path)]
    told = [one for one in told if one.status in {_OK, 401, 403}]
    api.exchanges.extend(one.exchange for one in told[-1:])
    return told or [await api.list(entity, limit=1, credential="read_key")]


def _is_at(reply: Reply, path: str) -> bool:
    return reply.url.partition("?")[0] == path


async def aside(api: Api, entity: Entity, name: Aside) -> Reply:
    """A read that any key may make: one of the row, where that needs more, else a reader's own.

    Where the row's key was turned away, the API key asks.
    """
    if api.has("read_key") and entity == api.entities[0]:
        with suppress(Blocked, OutOfProfile):
            await reads_in_a_row(api)
    reply = await _once_aside(api, entity, name, reader(api))
    if reply.status in {401, 403} and reply.credential != "api_key":
        return await api.once(("aside again", entity.name, name), lambda: _ASIDES[name](api, entity, "api_key"))
    return reply


async def _target_read(api: Api, entity: Entity) -> Reply:
    known = made(api, (await creation(api, entity)).reply)
    found = (await reads_in_a_row(api)).firsts.get(entity.name) if api.has("read_key") else None
    return found if found is not None and found.status == 200 else await api.read(entity, known["id"])


async def _target_listed(api: Api, entity: Entity) -> tuple[Record, ...]:
    known = made(api, (await creation(api, entity)).reply)
    found = (await reads_in_a_row(api)).lists.get(entity.name) if api.has("read_key") else None
    shown = found.shown if found is not None and found.status == 200 else ()
    is_there = any(one.get("id") == known["id"] for one in shown)
    return shown if is_there else await walked(api, entity, known, credential=reader(api))


async def _reads_in_a_row(api: Api, *, is_first: bool) -> Row:
    makeable = [one for one in api.entities if is_made(one) and "read" in one.operations]
    targets = await asyncio.gather(*(_ready(api, one) for one in makeable))
    credential, is_alone = await _reader(api)
    if is_first:
        with suppress(Violation, Blocked, OutOfProfile):
            await person(api)  # whom the row may ask for: nothing else is under way in it
    await api.settle()
    began = monotonic()
    series = _Series(api, credential, saying=is_alone and is_first)
    listed = [one for one in api.entities if "list" in one.operations]
    lists = {one.name: await series.list(one) for one in (listed[:1] if is_alone else listed)}
    firsts = {
        one.name: await series.read(one, known["id"])
        for one, known in zip(makeable, targets, strict=True)
        if known is not None
    }
    for name in _ASIDES if is_alone and is_first else ():
        if len(series.replies) < ROW and name not in _SAID:
            with suppress(Blocked, OutOfProfile):
                await series.aside(name)
    for page in range(2, 2 + ROW - len(series.replies)):
        series.replies.append(await api.list(api.entities[0], limit=1, page=page, credential=credential))
    return Row(lists, firsts, tuple(series.replies), monotonic() - began, is_alone)


class _Series:
    """Reads by one key, one after the other, and their answers.

    Where they are `saying` something besides, the first entity's list says its version: where it is not granted so, it
    is asked for once more without it.
    """

    def __init__(self, api: Api, credential: Credential, *, saying: bool) -> None:
        self._api = api
        self._credential = credential
        self._says = saying
        self.replies: list[Reply] = []

    async def list(self, entity: Entity) -> Reply:
        """The longest page of the entity."""
        if self._says and entity == self._api.entities[0] and (reply := await self.aside("version v1")).status == _OK:
            return reply
        self.replies.append(await self._api.list(entity, limit=LONGEST_PAGE, credential=self._credential))
        return self.replies[-1]

    async def read(self, entity: Entity, id_: str) -> Reply:
        """A record of the entity."""
        self.replies.append(await self._api.read(entity, id_, credential=self._credential))
        return self.replies[-1]

    async def aside(self, name: Aside) -> Reply:
        """A read that any key may make."""
        self.replies.append(await _once_aside(self._api, self._api.entities[0], name, self._credential))
        return self.replies[-1]


def is_made(entity: Entity) -> bool:
    """Whether the entity's records can be made."""
    return "create" in entity.operations


async def _once_aside(api: Api, entity: Entity, name: Aside, credential: Credential) -> Reply:
    return await api.once(("aside", entity.name, name), lambda: _ASIDES[name](api, entity, credential))


async def _with_unknowns(api: Api, entity: Entity, credential: Credential) -> Reply:
    """With a version and a parameter that the API does not know."""
    unknown = {"X-API-Version": "v9"}
    return await api.list(entity, limit=1, params={"conformanceUnknown": "1"}, headers=unknown, credential=credential)


async def _with_version(api: Api, entity: Entity, credential: Credential) -> Reply:
    return await api.list(entity, limit=LONGEST_PAGE, headers={"X-API-Version": "v1"}, credential=credential)


async def _with_odd_id(id_: str, turn: int, api: Api, entity: Entity, credential: Credential) -> Reply:
    """READ of an id that no record has, of the entities by turns, the last one first: most is asked of the first."""
    return await api.read(_odd_entity(api, entity, turn), id_, credential=credential)


async def _with_odd_tail(tail: str, turn: int, api: Api, entity: Entity, credential: Credential) -> Reply:
    """The same, where that stands behind the id of a record: who looks at a part of an id finds that."""
    of, known = _odd_entity(api, entity, turn), None
    if is_made(of):
        known = await _ready(api, of)
    return await api.read(of, f"{known['id']}{tail}" if known is not None else tail, credential=credential)


def _odd_entity(api: Api, entity: Entity, turn: int) -> Entity:
    able = [one for one in api.entities if is_made(one) and "read" in one.operations] or [entity]
    return able[-1 - turn % len(able)]


async def _directory_record(api: Api, _: Entity, credential: Credential) -> Reply:
    return await api.read("users", (await person(api))["id"], credential=credential)


async def _id_of_another(api: Api, entity: Entity, credential: Credential) -> Reply:
    return await api.read(entity, (await person(api))["id"], credential=credential)


async def _with_media_type(api: Api, entity: Entity, credential: Credential) -> Reply:
    known = await kept(api, entity, made(api, (await creation(api, entity)).reply))
    said = {"Content-Type": "application/json"}
    reply = await api.read(entity, known["id"], headers=said, credential=credential)
    if reply.status == 404:
        demand_there(api, entity, known)
    return reply


_SAID = frozenset[Aside]({"version v1"})
"""What a row says beside a list that it needs."""

_ASIDES: Mapping[Aside, Callable[[Api, Entity, Credential], Awaitable[Reply]]] = {
    "version v1": _with_version,
    "unknowns": _with_unknowns,
    "directory record": _directory_record,
    "id of another": _id_of_another,
    "odd characters": partial(_with_odd_tail, "%00 \u00fcn\u00ef c\u00f8d\u00e9 \n a'b\"c;--", 0),
    "odd length": partial(_with_odd_tail, "0" * 300, 1),
    "odd path": partial(_with_odd_id, "..\x00\ud800", 2),
    "unknown path": lambda api, entity, name: api.request("GET", f"/{entity.name}/a/b/c", credential=name),
    "media type": _with_media_type,  # the last: it shows whether what was refused left the record alone
}


async def _ready(api: Api, entity: Entity) -> Record | None:
    try:
        return made(api, (await creation(api, entity)).reply)
    except (Blocked, OutOfProfile, Violation):
        return None


async def _reader(api: Api) -> tuple[Credential, bool]:
    """A key for reading, and whether nobody else uses it."""
    if api.has("session") and not api.context.is_read_only:
        with suppress(Blocked):
            if (await key_creation(api, SHOWN)).reply.status not in ABSENT:
                await key_list(api)  # which tells that the key was not used yet
                return await key(api, LASTING), True
    return reader(api), False
