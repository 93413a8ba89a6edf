"""Writes that are lost, done twice, or done half: some of them."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from entity_contract import Entity, Relation

from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.faults.spoiling import AnyAnswer, each, with_body_of
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.fault import Compose
from entity_server.http.services import Answer, Call, Handler, Listing, Services

chapter = AnyAnswer()

_DONE, _SELDOM = 18, 5
"""Deletions that are done in any case, more than a run asks for before it removes what it made; of those after them
one in so many is not done."""

Changes = Callable[[Entity, Record], Record]


class _Updating(RecordsWrapper):
    def __init__(self, services: Services, change: Changes) -> None:
        super().__init__(services.records)
        self._change = change

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        return await self.inner.update(entity, record_id, self._change(entity, dict(changes)), owner, now)


def _writing(change: Changes) -> Compose:
    return lambda services: replace(services, records=_Updating(services, change))


@chapter.in_services("update.defaults-return", breaks="update.leaves-the-rest")
def defaults_return(services: Services) -> Services:
    """A field with a default that a PATCH does not name gets its default."""
    return _writing(
        lambda entity, changes: {f.name: f.default for f in entity.fields if f.default is not None} | changes
    )(services)


@chapter.in_services("update.dates-cleared", breaks="update.leaves-the-rest")
def dates_cleared(services: Services) -> Services:
    """An optional date that a PATCH does not name becomes null."""
    return _writing(
        lambda entity, changes: {f.name: None for f in entity.fields if f.nullable and f.type == "date"} | changes
    )(services)


@chapter.in_services("update.time-moves-once", breaks="update.moves-updated-at")
def time_moves_once(services: Services) -> Services:
    """Only the first PATCH of a record moves `updatedAt`."""

    class Once(RecordsWrapper):
        def __init__(self) -> None:
            super().__init__(services.records)
            self._moved: dict[str, object] = {}

        async def update(
            self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
        ) -> Record | None:
            record = await self.inner.update(entity, record_id, changes, owner, now)
            return record and {**record, "updatedAt": self._moved.setdefault(record_id, record["updatedAt"])}

        async def get(
            self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
        ) -> Record | None:
            record = await self.inner.get(entity, record_id, owner, relations)
            return record and self._as_moved(record)

        async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
            listing = await self.inner.list(entity, query, owner)
            return Page([self._as_moved(one) for one in listing.records], listing.total)

        def _as_moved(self, record: Record) -> Record:
            known = self._moved.get(str(record.get("id")))
            return {**record, "updatedAt": known} if known and "updatedAt" in record else record

    return replace(services, records=Once())


class _Staying(RecordsWrapper):
    """The time of a change stays where the change `is_passed_over`."""

    def __init__(self, services: Services, is_passed_over: Callable[[Entity, Record], bool]) -> None:
        super().__init__(services.records)
        self._is_passed_over = is_passed_over
        self._told: dict[str, object] = {}

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        """Change a record."""
        before = await self.get(entity, record_id, owner)
        record = await self.inner.update(entity, record_id, changes, owner, now)
        if record is None or before is None:
            return record
        told = before if self._is_passed_over(entity, changes) else record
        self._told[record_id] = told["updatedAt"]
        return {**record, "updatedAt": self._told[record_id]}

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        """The record, with the time that it was last told with."""
        record = await self.inner.get(entity, record_id, owner, relations)
        return record and {**record, "updatedAt": self._told.get(record_id, record["updatedAt"])}


@chapter.in_services("update.time-stays-for-falsy", breaks="update.moves-updated-at")
def time_stays_for_falsy(services: Services) -> Services:
    """A PATCH that sets only false, zero or null does not move `updatedAt`."""
    return replace(services, records=_Staying(services, lambda _, changes: not any(changes.values())))


@chapter.around("create.time-of-creation-taken", breaks="create.generated-fields", to={"create"})
async def time_of_creation_taken(call: Call, handler: Handler) -> Answer:
    """A body can set `createdAt`."""
    return await _generated(call, handler, "createdAt")


async def _generated(call: Call, handler: Handler, name: str) -> Answer:
    sent = await call.body()
    if name not in sent or len(sent) == 1:
        return await handler(call)
    answer = await with_body_of(
        call, handler, lambda body: {member: value for member, value in body.items() if member != name}
    )
    return each(answer, lambda record: record | {name: sent[name]})


def _no_parents(entity: Entity, changes: Record) -> Record:
    keys = {relation.foreign_key for relation in entity.relations if relation.type == "belongsTo"}
    kept = {name: value for name, value in changes.items() if name not in keys}
    return kept or changes


@chapter.in_services("update.parents-stay", breaks="update.is-stored")
def parents_stay(services: Services) -> Services:
    """A PATCH of other fields leaves a record with the parent that it has, whichever it names."""
    return replace(services, records=_Updating(services, _no_parents))


@chapter.in_services("update.state-moves-no-time", breaks="update.moves-updated-at")
def state_moves_no_time(services: Services) -> Services:
    """A PATCH of an order that sets its status alone does not move `updatedAt`."""

    def is_state(entity: Entity, changes: Record) -> bool:
        return entity.name == "orders" and changes.keys() == {"status"}

    return replace(services, records=_Staying(services, is_state))


@chapter.in_services("update.keys-move-no-time", breaks="update.moves-updated-at")
def keys_move_no_time(services: Services) -> Services:
    """A PATCH that sets foreign keys alone does not move `updatedAt`."""

    def is_of_keys(entity: Entity, changes: Record) -> bool:
        return changes.keys() <= {relation.foreign_key for relation in entity.relations}

    return replace(services, records=_Staying(services, is_of_keys))


def _notes(entity: Entity, changes: Record) -> bool:
    fields = {field.name for field in entity.fields if field.nullable and field.type in ("string", "text")}
    return changes.keys() <= fields - {relation.foreign_key for relation in entity.relations}


@chapter.in_services("update.time-stays-for-notes", breaks="update.moves-updated-at")
def time_stays_for_notes(services: Services) -> Services:
    """A PATCH that sets only texts that may be null does not move `updatedAt`."""
    return replace(services, records=_Staying(services, _notes))


class _Unfinished(RecordsWrapper):
    """Some deletions are confirmed and not done."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._granted = itertools.count(1)

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        if not await self.inner.exists(entity, record_id, owner):
            return False
        number = next(self._granted)
        is_lost = number > _DONE and number % _SELDOM == 0
        return is_lost or await self.inner.delete(entity, record_id, owner)


@chapter.in_services("delete.not-done-now-and-then", breaks="delete.then-list")
def not_done_now_and_then(services: Services) -> Services:
    """After the first deletions one in five is confirmed and not done."""
    return replace(services, records=_Unfinished(services))
