"""What goes wrong only while two requests are under way together."""

import asyncio
from dataclasses import replace
from datetime import datetime

from entity_contract import Entity

from entity_server.domain.projection import Record
from entity_server.faults.spoiling import AnyAnswer
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.services import Services

chapter = AnyAnswer()

A_MOMENT = 0.02
"""Seconds: as long as another request may take to arrive."""
_MOMENTS = 3
"""So many of them at most, where a server is busy with other things."""


class _Overwriting(RecordsWrapper):
    """Writes the whole record as it was read before, with the changes in it."""

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        before = await self.inner.get(entity, record_id, owner)
        await asyncio.sleep(A_MOMENT)
        generated = {"id", "createdAt", "updatedAt"}
        whole = {name: value for name, value in (before or {}).items() if name not in generated}
        return await self.inner.update(entity, record_id, {**whole, **changes}, owner, now)


@chapter.in_services("update.lost-at-once", breaks="situations.changes-of-different-fields")
def lost_at_once(services: Services) -> Services:
    """Of two PATCHes at once of different fields, the later takes back what the earlier wrote."""
    return replace(services, records=_Overwriting(services.records))


class _Restoring(RecordsWrapper):
    """Puts back what an update began with, where it is gone when the update ends."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._begun: dict[str, Record] = {}

    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        if (known := await self.inner.get(entity, record_id, owner)) is not None:
            self._begun[record_id] = known
        return known is not None

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        before = self._begun.pop(record_id, None)
        for _ in range(_MOMENTS):
            await asyncio.sleep(A_MOMENT)
            if before is not None and not await self.inner.exists(entity, record_id, owner):
                await self.inner.create(entity, before, owner)
                break
        return await self.inner.update(entity, record_id, changes, owner, now)


@chapter.in_services("update.restores-at-once", breaks="situations.deletions-at-once")
def restores_at_once(services: Services) -> Services:
    """An update that is under way brings back a record that is deleted meanwhile."""
    return replace(services, records=_Restoring(services))


class _Merged(RecordsWrapper):
    """Of records of one entity that are created together one is stored, and answered to each."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._under_way: dict[str, asyncio.Task[Record]] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        other = self._under_way.get(entity.name)
        if other is not None:
            return await other
        self._under_way[entity.name] = made = asyncio.ensure_future(self._created(entity, record, owner))
        return await made

    async def _created(self, entity: Entity, record: Record, owner: str) -> Record:
        await asyncio.sleep(A_MOMENT)
        kept = await self.inner.create(entity, record, owner)
        del self._under_way[entity.name]
        return kept


@chapter.in_services("create.merged-at-once", breaks="situations.creations-at-once")
def merged_at_once(services: Services) -> Services:
    """Of two CREATEs at once one is stored, and both are answered by its record."""
    return replace(services, records=_Merged(services))


class _Twins(RecordsWrapper):
    """Keeps a new record for the moment, and answers another one with the same values by it."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._under_way: dict[str, asyncio.Task[Record]] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        generated = {"id", "createdAt", "updatedAt"}
        key = repr([entity.name, sorted((name, one) for name, one in record.items() if name not in generated)])
        if (other := self._under_way.get(key)) is not None:
            return await other
        self._under_way[key] = made = asyncio.ensure_future(self.inner.create(entity, record, owner))
        asyncio.get_running_loop().call_later(A_MOMENT * _MOMENTS, self._under_way.pop, key)
        return await made


@chapter.in_services("create.twins-answered-once", breaks="situations.creations-at-once")
def twins_answered_once(services: Services) -> Services:
    """Of two CREATEs with the same values, one right after the other, the later is answered by the earlier's record."""
    return replace(services, records=_Twins(services))


class _Replacing(RecordsWrapper):
    """Writes defaults in place of what an update does not name; what sets no default of its own takes longer."""

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        defaults = {field.name: field.default for field in entity.fields if field.default is not None}
        if defaults.keys().isdisjoint(changes):
            await asyncio.sleep(A_MOMENT)
        return await self.inner.update(entity, record_id, {**defaults, **changes}, owner, now)


@chapter.in_services("update.defaults-return-late", breaks="update.leaves-the-rest")
def defaults_return_late(services: Services) -> Services:
    """A PATCH replaces the record, and one that was quicker is lost with what else it does not name."""
    return replace(services, records=_Replacing(services.records))
