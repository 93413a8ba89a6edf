"""What becomes of one record of an entity: it is changed at once, field by field, and deleted in the end.

Every check of updates and deletions judges the same acts from its own side, so that few records prove much.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from entity_contract import Entity

from entity_conformance.deployment.api import Api, NoAnswer, Record, Reply
from entity_conformance.deployment.json_text import Members
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import expect, sample
from entity_conformance.suite.given.acts import different
from entity_conformance.suite.given.groups import made, record, sparse, step
from entity_conformance.suite.given.wrong import newest


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it was, what an UPDATE was to change, and its answer."""

    before: Record
    body: Mapping[str, object]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Changes:
    """The UPDATEs of one record that were granted, and what READ and LIST showed after some of them.

    `seen` are pairs: the answer to an UPDATE, and the record as it was shown next.
    """

    steps: tuple[Change, ...]
    seen: tuple[tuple[Record, Record], ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that was there, and the answer to its DELETE."""

    record: Record
    reply: Reply


async def sparse_read(api: Api, entity: Entity) -> Reply:
    """READ of the record that was made with the required fields only, before anybody changed it."""
    created = made(api, (await sparse(api, entity)).reply)
    return await api.once(("sparse read", entity.name), lambda: api.read(entity, created["id"]))


async def change(api: Api, entity: Entity) -> Change:
    """An UPDATE of one field, when time enough has passed for `updatedAt` to move."""
    return await api.once(("change", entity.name), lambda: _change(api, entity))


async def changed(api: Api, entity: Entity) -> Reply:
    """READ after `change`."""
    before = (await change(api, entity)).before
    return await api.once(("changed", entity.name), lambda: api.read(entity, before["id"]))


async def changes(api: Api, entity: Entity) -> Changes:
    """The same record changed on: every field at once, and then each by itself, to values at their borders.

    A value that is refused, since the deployment has a rule that it does not tell, is left out (O4.untold-rules).
    """
    return await api.once(("changes", entity.name), lambda: _changes(api, entity))


async def removal(api: Api, entity: Entity) -> Removal:
    """A DELETE of that record, when everything else that is to be seen of it was seen."""
    return await api.once(("removal", entity.name), lambda: _removal(api, entity))


async def resting(api: Api, entity: Entity) -> Record:
    """A record for updates that change nothing, shared by the checks that try them."""
    return await api.once(("resting", entity.name), lambda: record(api, entity))


async def let_age(api: Api, known: Record) -> None:
    """Let so much time pass that `updatedAt` can move, as far as the deployment prints it."""
    await api.sleep(_unit(known).total_seconds() * 2)


def set_values(body: Mapping[str, object]) -> dict[str, object]:
    """What a body sets, without what it clears: that is judged by itself (R7)."""
    return {name: value for name, value in body.items() if value is not None}


async def spare(api: Api, entity: Entity) -> Record:
    """A record for updates that may change anything of it, shared by the checks that try them."""
    return await api.once(("spare", entity.name), lambda: record(api, entity))


async def _change(api: Api, entity: Entity) -> Change:
    known, read = made(api, (await sparse(api, entity)).reply), await sparse_read(api, entity)
    await let_age(api, known)
    before = Members({**known, **read.record})
    sent = different(api, entity, before)
    return Change(before, sent, await api.update(entity, known["id"], sent))


class _Series:
    """UPDATEs of one record, one after the other, and what the last answer shows of it."""

    def __init__(self, api: Api, entity: Entity, known: Record) -> None:
        self._api = api
        self._entity = entity
        self._id = known["id"]
        self.known = dict(known)
        self.steps: list[Change] = []

    async def send(self, body: Mapping[str, object]) -> None:
        """One UPDATE; once more without what is refused by name."""
        wanted = {name: value for name, value in body.items() if self.known.get(name) != value}
        for _ in range(2):
            reply = await self._answered(wanted) if wanted else None
            if reply is None or reply.status != 400:
                break
            refused = expect.named(reply)
            wanted = {name: value for name, value in wanted.items() if name not in refused}
        if reply is None:
            self.known |= (await self._api.read(self._entity, self._id)).record if wanted else {}
        elif reply.status != 400:
            self.steps.append(Change(dict(self.known), wanted, reply))
            cleared = {name: None for name, value in wanted.items() if value is None}
            self.known |= cleared | dict(
                reply.record
            )  # what an answer shows otherwise than it was sent is judged there

    async def _answered(self, body: Mapping[str, object]) -> Reply | None:
        """The answer; None where none came, and nobody knows what was changed."""
        try:
            reply = await self._api.answered(lambda: self._api.update(self._entity, self._id, body))
        except NoAnswer:
            return None
        return None if reply.status == 503 else reply


async def _changes(api: Api, entity: Entity) -> Changes:
    first = await change(api, entity)
    series = _Series(api, entity, {**first.before, **(await changed(api, entity)).record})
    await series.send(sample.whole(entity, api.run))
    seen = [(dict(series.known), (await api.read(entity, first.before["id"])).record)]
    for name, value in sample.single(entity, api.run).items():
        await series.send({name: value})
    seen.append((dict(series.known), await _shown(api, entity, series)))
    return Changes(tuple(series.steps), tuple(seen))


async def _shown(api: Api, entity: Entity, series: _Series) -> Record:
    """The record in the list of the newest; as READ tells it where that list does not show what was written."""
    id_ = series.known["id"]
    listed = next((one for one in (await newest(api, entity)).records if one.get("id") == id_), None)
    wanted = {field.name: series.known.get(field.name) for field in sample.writable(entity)}
    if listed is not None and expect.is_held(listed, wanted, entity):
        return listed
    return (await api.read(entity, id_)).record


def _unit(known: Record) -> timedelta:
    """The unit of the times that the deployment prints; a second where it prints none, which another check judges."""
    try:
        return step(known, "updatedAt")
    except Blocked:
        return timedelta(seconds=1)


async def _removal(api: Api, entity: Entity) -> Removal:
    known = made(api, (await sparse(api, entity)).reply)
    with suppress(Violation, Blocked, OutOfProfile):  # whoever judges what is read and changed has its turn before
        await sparse_read(api, entity)
        if "update" in entity.operations:
            await changes(api, entity)
    return Removal(known, await api.delete(entity, known["id"]))
