"""What was kept from before a write: an index that an UPDATE leaves alone, a deletion that is confirmed once more."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from entity_contract import Entity, Relation

from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.faults.seldom.when import argument
from entity_server.faults.spoiling import AnyAnswer, each
from entity_server.faults.wrapping import Page, RecordsWrapper
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
