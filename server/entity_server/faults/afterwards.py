"""Faults that show when a record is looked at once more: elsewhere, later, by somebody else, or after its neighbours.

Some happen now and then: each composition of the server counts for itself.
"""

import itertools
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime

from entity_contract import Entity, Operation, Relation, Scope

from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.domain.times import wire_time
from entity_server.faults.spoiling import AnyAnswer, each
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.services import Answer, Call, Caller, Handler, Listing, Records, Services

chapter = AnyAnswer()

LIST = frozenset({"list"})


@chapter.on_answer("list.cuts-long-text", breaks="list.shows-records-as-read", to=LIST)
def cuts_long_text(answer: Answer) -> Answer:
    """A list shows the first hundred characters of a text."""
    return each(answer, lambda record: {k: v[:100] if isinstance(v, str) else v for k, v in record.items()})


@chapter.on_answer("list.loses-nulls", breaks="list.shows-records-as-read", to=LIST)
def loses_nulls(answer: Answer) -> Answer:
    """A list leaves out the fields that hold nothing, which READ shows as null; not the parent that is included."""

    def without(record: Record) -> Record:
        return {name: value for name, value in record.items() if value is not None or f"{name}Id" in record}

    return each(answer, without)


@chapter.on_answer("list.rounds-numbers", breaks="list.shows-records-as-read", to=LIST)
def rounds_numbers(answer: Answer) -> Answer:
    """A list shows whole numbers."""
    return each(answer, lambda record: {k: int(v) if isinstance(v, float) else v for k, v in record.items()})


@chapter.around("search.cuts-text", breaks="search.shows-records-as-read", to=LIST)
async def search_cuts_text(call: Call, handler: Handler) -> Answer:
    """A search shows of each text but what it was indexed by."""
    answer = await handler(call)
    if not "".join(call.arguments.get("search", ())).strip():
        return answer
    ids = {field.name for field in call.registered.fields if field.name.endswith(("Id", "id", "At"))}
    return each(
        answer,
        lambda record: {k: v[:9] if isinstance(v, str) and k not in ids else v for k, v in record.items()},
    )


@chapter.around("select.parents-cut", breaks="select.include-is-current", ruling="L21.belongs-to", to={"list", "read"})
async def parents_cut(call: Call, handler: Handler) -> Answer:
    """A parent that an order includes shows the first nine characters of its texts."""

    def cut(record: Record) -> Record:
        return {k: v[:9] if isinstance(v, str) and not k.endswith(("d", "At")) else v for k, v in record.items()}

    answer = await handler(call)
    if call.registered.name != "orders":
        return answer
    return each(answer, lambda record: {k: cut(v) if isinstance(v, dict) else v for k, v in record.items()})


class _Remembering(RecordsWrapper):
    """Knows each record as it was created."""

    def __init__(self, inner: Records) -> None:
        super().__init__(inner)
        self.first: dict[str, Record] = {}
        self.newest: dict[str, list[str]] = {}
        self.turn = itertools.count(1)

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        created = await self.inner.create(entity, record, owner)
        self.first[created["id"]] = created
        self.newest.setdefault(entity.name, []).append(created["id"])
        return created


class _Missing(_Remembering):
    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        found = await self.inner.get(entity, record_id, owner, relations)
        return None if record_id in self.first and next(self.turn) % 20 == 0 else found


class _Sparse(RecordsWrapper):
    def __init__(self, inner: Records, *, is_reader: Callable[[], bool]) -> None:
        super().__init__(inner)
        self._is_reader = is_reader

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        listing = await self.inner.list(entity, query, owner)
        if not self._is_reader():
            return listing
        names = {one.name for one in entity.fields if one.nullable}
        kept = [{k: v for k, v in one.items() if v is not None or k not in names} for one in listing.records]
        return Page(kept, listing.total)


class _Forgetful(_Remembering):
    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        if next(self.turn) % 4:
            return await self.inner.update(entity, record_id, changes, owner, now)
        record = await self.inner.get(entity, record_id, owner)
        return record and {**record, **changes, "updatedAt": wire_time(now)}


class _Resetting(RecordsWrapper):
    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        defaults = {one.name: one.default for one in entity.fields if one.default is not None}
        return await self.inner.update(entity, record_id, {**defaults, **changes}, owner, now)


class _Twice(RecordsWrapper):
    def __init__(self, inner: Records, *, is_twice: Callable[[], bool]) -> None:
        super().__init__(inner)
        self._is_twice = is_twice

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        created = await self.inner.create(entity, record, owner)
        if self._is_twice() and entity.name != "tasks":
            await self.inner.create(entity, {**record, "id": f"{created['id']}x"}, owner)
        return created


@chapter.in_services("read.misses-now-and-then", breaks="read.finds-what-is-there")
def misses_now_and_then(services: Services) -> Services:
    """One READ in twenty does not find a record that was created."""
    return replace(services, records=_Missing(services.records))


def _for_scopes(services: Services, *scopes: Scope) -> tuple[Services, Callable[[], bool]]:
    """Services that note who asks, and whether that is somebody with these scopes alone."""
    asking: ContextVar[frozenset[Scope]] = ContextVar("asking", default=frozenset())

    def allows(caller: Caller, operation: Operation) -> bool:
        asking.set(caller.scopes)
        return services.allows(caller, operation)

    return replace(services, allows=allows), lambda: asking.get() == set(scopes)


@chapter.in_services(
    "read.less-to-a-reader", breaks="read.same-for-every-credential", ruling="R10.character-for-character"
)
def less_to_a_reader(services: Services) -> Services:
    """Lists leave out what holds nothing, to whoever may only read."""
    noting, is_reader = _for_scopes(services, "read")
    return replace(noting, records=_Sparse(services.records, is_reader=is_reader))


@chapter.in_services("create.stored-twice", breaks="create.stored-once")
def stored_twice(services: Services) -> Services:
    """What is created by whoever may only write is stored twice, but for tasks."""
    noting, is_writer = _for_scopes(services, "write")
    return replace(noting, records=_Twice(services.records, is_twice=is_writer))


@chapter.in_services("update.lost-now-and-then", breaks="update.is-stored")
def lost_now_and_then(services: Services) -> Services:
    """One PATCH in four is answered, and not stored."""
    return replace(services, records=_Forgetful(services.records))


@chapter.in_services("update.resets-to-defaults", breaks="update.leaves-the-rest")
def resets_to_defaults(services: Services) -> Services:
    """A PATCH gives fields that it does not name their defaults."""
    return replace(services, records=_Resetting(services.records))
