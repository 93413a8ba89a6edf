"""What was kept from before a write: an index that an UPDATE leaves alone, a deletion that is confirmed once more."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from entity_contract import Entity, Relation

from entity_server.domain.filtering import Condition
from entity_server.domain.paging import Page as Asked
from entity_server.domain.problems import NotFound
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection
from entity_server.faults.seldom.when import argument
from entity_server.faults.spoiling import AnyAnswer, each
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Handler, Listing, Services

chapter = AnyAnswer()

_LONGEST = 1_000
_OFTEN = 20
_A_SECOND = 1.0


class _Indexed(RecordsWrapper):
    """A search finds records by the texts that they were created with, too."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._created: dict[str, Record] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        made = await self.inner.create(entity, record, owner)
        self._created[str(made["id"])] = made
        return made

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        found = await self.inner.list(entity, query, owner)
        words = [word.lower() for word in query.selection.words]
        if not words:
            return found
        selection, page = replace(query.selection, words=()), replace(query.page, number=1, limit=_LONGEST)
        every = await self.inner.list(entity, replace(query, selection=selection, page=page), owner)
        now = await self.inner.list(entity, replace(query, page=page), owner)
        ids = {one["id"] for one in now.records}
        kept = [one for one in every.records if one["id"] in ids or self._was(entity, one, words)]
        return Page(kept[query.page.offset : query.page.offset + query.page.limit], len(kept))

    def _was(self, entity: Entity, record: Record, words: Sequence[str]) -> bool:
        texts = [str(self._created.get(str(record["id"]), {}).get(name)).lower() for name in entity.searchable]
        return all(any(word in text for text in texts) for word in words)


@chapter.in_services("search.by-earlier-texts", breaks="search.word-in-title")
def by_earlier_texts(services: Services) -> Services:
    """A search finds records by the texts that they had before an UPDATE, too."""
    return replace(services, records=_Indexed(services))


class _Cleared(RecordsWrapper):
    """Does not note that an UPDATE cleared a field."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._cleared: set[tuple[str, str]] = set()

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        self._cleared |= {(record_id, name) for name, value in changes.items() if value is None}
        self._cleared -= {(record_id, name) for name, value in changes.items() if value is not None}
        return await self.inner.update(entity, record_id, changes, owner, now)

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        names = [one.field.name for one in query.selection.conditions if one.operator == "$null" and one.value is True]
        if not names:
            return await self.inner.list(entity, query, owner)
        page = replace(query.page, number=1, limit=_LONGEST)
        every = await self.inner.list(entity, replace(query, page=page), owner)
        kept = [one for one in every.records if not any((str(one["id"]), name) in self._cleared for name in names)]
        return Page(kept[query.page.offset : query.page.offset + query.page.limit], len(kept))


@chapter.in_services("filter.cleared-is-not-null", breaks="filter.null")
def cleared_is_not_null(services: Services) -> Services:
    """`$null` does not find what an UPDATE cleared."""
    return replace(services, records=_Cleared(services))


class _Another(RecordsWrapper):
    """Now and then READ takes another record of the same owner."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._asked = count(1)
        self._known: dict[tuple[str, str], list[str]] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        made = await self.inner.create(entity, record, owner)
        self._known.setdefault((entity.name, owner), []).append(str(made["id"]))
        return made

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        found = await self.inner.get(entity, record_id, owner, relations)
        others = [one for one in self._known.get((entity.name, owner), []) if one != record_id]
        if found is None or not others or next(self._asked) % _OFTEN:
            return found
        return await self.inner.get(entity, others[0], owner, relations)


@chapter.in_services("read.another-now-and-then", breaks="read.returns-record")
def another_now_and_then(services: Services) -> Services:
    """One READ in twenty shows another record of its owner."""
    return replace(services, records=_Another(services))


@chapter.around("select.blank-fields-lost-on-read", breaks="select.fields-on-read", to={"read"})
async def blank_fields_lost_on_read(call: Call, handler: Handler) -> Answer:
    """READ with `fields` leaves out what is false, zero or empty."""
    answer = await handler(call)
    if not argument(call, "fields"):
        return answer
    return each(answer, lambda record: {name: value for name, value in record.items() if value or value is None})


class _Confirming(RecordsWrapper):
    """Confirms a deletion once more within a second."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._gone: dict[str, float] = {}

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        is_gone, now = await self.inner.delete(entity, record_id, owner), time.monotonic()
        if is_gone:
            self._gone[record_id] = now
        return is_gone or now - self._gone.get(record_id, -_A_SECOND) < _A_SECOND


@chapter.in_services("delete.confirmed-again-at-once", breaks="delete.then-delete")
def confirmed_again_at_once(services: Services) -> Services:
    """A second DELETE is confirmed, too, within a second of the first."""
    return replace(services, records=_Confirming(services))


class _NotYet(RecordsWrapper):
    """The second entity's lists show a record when one was asked for since it was made."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._known: dict[str, set[str]] = {}
        self._of = "customers"

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        found = await self.inner.list(entity, query, owner)
        if entity.name != self._of:
            return found
        every = await self.inner.list(entity, replace(query, selection=Selection(), page=Asked(1, _LONGEST)), owner)
        known = self._known.get(owner, set())
        self._known[owner] = {str(one["id"]) for one in every.records}
        kept = [one for one in found.records if one["id"] in known]
        return Page(kept, found.total - (len(found.records) - len(kept)))


@chapter.in_services("create.in-the-second-list", breaks="create.is-listed")
def in_the_second_list(services: Services) -> Services:
    """The first list of customers after a creation lacks the new record."""
    return replace(services, records=_NotYet(services))


class _AsCreated(RecordsWrapper):
    """Equality with a value of an enum goes by what the record was created with."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._created: dict[str, Record] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        made = await self.inner.create(entity, record, owner)
        self._created[str(made["id"])] = dict(made)
        return made

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        stated = query.selection.conditions
        enums = [one for one in stated if one.operator == "$eq" and one.field.type == "enum"]
        if not enums:
            return await self.inner.list(entity, query, owner)
        others = tuple(one for one in stated if one not in enums)
        selection, page = replace(query.selection, conditions=others), replace(query.page, number=1, limit=_LONGEST)
        every = await self.inner.list(entity, replace(query, selection=selection, page=page), owner)
        kept = [one for one in every.records if all(self._was(one, each) for each in enums)]
        return Page(kept[query.page.offset : query.page.offset + query.page.limit], len(kept))

    def _was(self, record: Record, condition: Condition) -> bool:
        name = condition.field.name
        created = self._created.get(str(record.get("id")), record)
        return bool(created.get(name) == condition.value)


@chapter.in_services("filter.enum-as-created", breaks="filter.enum-equality")
def enum_as_created(services: Services) -> Services:
    """Equality with a value of an enum does not follow an UPDATE."""
    return replace(services, records=_AsCreated(services))


class _Cached(RecordsWrapper):
    """Lists are kept until a record of their entity is made or changed; a deletion changes none."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._kept: dict[tuple[str, str, str], Listing] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        self._forget(entity)
        return await self.inner.create(entity, record, owner)

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        self._forget(entity)
        return await self.inner.update(entity, record_id, changes, owner, now)

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        key = entity.name, owner, repr(query)
        if key not in self._kept:
            self._kept[key] = await self.inner.list(entity, query, owner)
        return self._kept[key]

    def _forget(self, entity: Entity) -> None:
        self._kept = {key: kept for key, kept in self._kept.items() if key[0] != entity.name}


@chapter.in_services("delete.list-is-kept", breaks="delete.then-list")
def list_is_kept(services: Services) -> Services:
    """A list that was asked for before shows a deleted record until something is created or changed."""
    return replace(services, records=_Cached(services))


@chapter.anew("delete.kept-with-its-children", breaks="delete.then-read")
def kept_with_its_children() -> Acts:
    """READ with the children that was answered once is answered so for good, of what can have any."""
    kept: dict[tuple[str, str, str], Answer] = {}

    async def around(call: Call, handler: Handler) -> Answer:
        asked = argument(call, "include")
        relations = call.registered.relations if call.operation.action == "read" else ()
        if not {one.name for one in relations if one.type == "hasMany"} & {*asked.split(",")}:
            return await handler(call)
        key = call.known_caller.user_id, call.values["id"], asked
        try:
            kept[key] = await handler(call)
        except NotFound:
            if key not in kept:
                raise
        return kept[key]

    return Acts(around=around)
