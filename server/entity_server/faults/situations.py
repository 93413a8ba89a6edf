"""Faults that show when requests meet, or when one comes right after another."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from entity_contract import Action, Entity

from entity_server.domain.problems import Unauthorized
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection
from entity_server.faults.fault import with_headers
from entity_server.faults.spoiling import AnyAnswer, Forbidden, data, header, with_data
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.exchange import Received
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Handler, Listing, Services

chapter = AnyAnswer()


class _Cache:
    """Answers as they were first given."""

    def __init__(self) -> None:
        self._kept: dict[str, Answer] = {}

    async def __call__(self, call: Call, handler: Handler) -> Answer:
        question = json.dumps([call.path, sorted(call.arguments.items()), call.known_caller.identity])
        known = self._kept.get(question)
        if known is None:
            answer = await handler(call)
            if answer.status == 200:
                self._kept[question] = answer
            return answer
        return known


def _only_reads(call: Call) -> bool:
    return frozenset(call.known_caller.scopes) == {"read"}


def _cached(action: Action, concerns: Callable[[Call], bool]) -> Acts:
    cache = _Cache()

    async def around(call: Call, handler: Handler) -> Answer:
        is_cached = call.operation.action == action and concerns(call)
        return await (cache(call, handler) if is_cached else handler(call))

    return Acts(around=around)


@chapter.anew("situations.reads-are-cached", breaks="situations.read-after-write")
def reads_are_cached() -> Acts:
    """A key that only reads is shown a record as it was when it was first read."""
    return _cached("read", _only_reads)


@chapter.anew("situations.lists-are-cached", breaks="situations.shown-after-write")
def lists_are_cached() -> Acts:
    """A key that only reads is shown a filtered list as it was when it was first asked for."""
    return _cached("list", lambda call: _only_reads(call) and "filter" in call.arguments)


@chapter.anew("situations.lists-are-cached-for-a-second", breaks="situations.shown-after-write")
def lists_are_cached_for_a_second() -> Acts:
    """A list is shown as it was asked for a second ago, unless a record of its own was created or deleted since."""
    of_each: dict[str, dict[str, tuple[float, Answer]]] = {}

    async def around(call: Call, handler: Handler) -> Answer:
        if call.operation.action not in {"create", "delete", "list"}:
            return await handler(call)
        kept = of_each.setdefault(call.registered.name, {})
        if call.operation.action != "list":
            kept.clear()
            return await handler(call)
        question = json.dumps([call.path, sorted(call.arguments.items()), call.known_caller.identity])
        until, known = kept.get(question, (0, None))
        if known is None or until < time.monotonic():
            known = await handler(call)
            kept[question] = time.monotonic() + 1, known
        return known

    return Acts(around=around)


@chapter.anew("situations.includes-are-cached", breaks="situations.included-after-write")
def includes_are_cached() -> Acts:
    """A record that is included is shown as it was when it was first included there."""
    return _cached("read", lambda call: "include" in call.arguments)


class _Busy(RecordsWrapper):
    """Knows which records are being changed; changes take a while."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self.changing = Counter[str]()

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        """Change a record, after a moment."""
        self.changing[record_id] += 1
        try:
            await asyncio.sleep(0.02)
            return await self.changed(entity, record_id, changes, owner, now)
        finally:
            self.changing[record_id] -= 1

    async def changed(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime
    ) -> Record | None:
        """Change a record."""
        return await self.inner.update(entity, record_id, changes, owner, now)


class _Overwriting(_Busy):
    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        before = await self.inner.get(entity, record_id, owner)
        names = {field.name for field in entity.fields if not field.generated}
        whole = {name: value for name, value in (before or {}).items() if name in names}
        return await super().update(entity, record_id, {**whole, **changes}, owner, now)


@chapter.in_services("situations.last-writer-wins", breaks="situations.changes-of-different-fields")
def last_writer_wins(services: Services) -> Services:
    """A change writes the whole record as it was when the change came in."""
    return replace(services, records=_Overwriting(services))


class _Mixing(_Busy):
    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._under_way = Counter[tuple[str, ...]]()
        self._met = set[tuple[str, ...]]()

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        same = (record_id, *sorted(changes))
        self._under_way[same] += 1
        if self._under_way[same] > 1:
            self._met.add(same)
        try:
            return await super().update(entity, record_id, changes, owner, now)
        finally:
            self._under_way[same] -= 1
            if not self._under_way[same]:
                self._met.discard(same)

    async def changed(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime
    ) -> Record | None:
        if (record_id, *sorted(changes)) in self._met:
            before = await self.inner.get(entity, record_id, owner)
            changes = {name: (before or {}).get(name) for name in changes}
        return await self.inner.update(entity, record_id, changes, owner, now)


@chapter.in_services("situations.changes-are-mixed", breaks="situations.changes-of-one-field")
def changes_are_mixed(services: Services) -> Services:
    """Of two changes to one field that meet, neither is kept."""
    return replace(services, records=_Mixing(services))


class _Torn(_Busy):
    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        found = await self.inner.list(entity, query, owner)
        conditions = query.selection.conditions
        names = [(one.field.name, one.operator) for one in conditions]
        is_plain = query.ordering is None and query.selection == Selection(conditions)
        is_torn = is_plain and names == [("id", "$in")] and any(times > 2 for times in self.changing.values())
        return Page([*found.records][:-1], found.total - 1) if is_torn and found.records else found


@chapter.in_services("situations.lists-are-torn", breaks="situations.list-during-writes")
def lists_are_torn(services: Services) -> Services:
    """A list that is asked for while a record is changed loses another one."""
    return replace(services, records=_Torn(services))


class _CreatedTwice(RecordsWrapper):
    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._creating = Counter[str]()

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        text = str(record.get("description"))
        self._creating[text] += 1
        try:
            await asyncio.sleep(0.02)
            if self._creating[text] > 1 and record.get("description"):
                await self.inner.create(entity, {**record, "id": f"{record['id']}a"}, owner)
            return await self.inner.create(entity, record, owner)
        finally:
            self._creating[text] -= 1


@chapter.in_services("situations.created-twice", breaks="situations.creations-at-once")
def created_twice(services: Services) -> Services:
    """Records that are created at once are stored twice."""
    return replace(services, records=_CreatedTwice(services))


class _DeletedOnce(RecordsWrapper):
    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._deleting: set[str] = set()

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        if record_id in self._deleting:
            raise Forbidden
        self._deleting.add(record_id)
        try:
            await asyncio.sleep(0.02)
            return await self.inner.delete(entity, record_id, owner)
        finally:
            self._deleting.discard(record_id)


@chapter.in_services("situations.deleted-by-one", breaks="situations.deletions-at-once")
def deleted_by_one(services: Services) -> Services:
    """Of two deletions of one record at once, the second is forbidden."""
    return replace(services, records=_DeletedOnce(services))


class _Latest:
    """The request ids that came with requests, and the last of them."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}

    def note(self, received: Received) -> None:
        """Remember the id of a request that brings one."""
        id_ = header(received, "X-Request-ID")
        self._ids.pop(id_, None)
        self._ids |= {id_: None} if id_ else {}

    def tell(self, _: Call | None, answer: Answer) -> Answer:
        """The answer with the last id, where it tells one that came with a request."""
        is_brought = answer.headers.get("X-Request-ID") in self._ids
        return with_headers(answer, X_Request_ID=next(reversed(self._ids))) if is_brought else answer


@chapter.anew("errors.ids-of-the-last", breaks="errors.request-id-echoes-uuid")
def ids_of_the_last() -> Acts:
    """Of requests that are under way at once, the answers carry the id of the last."""
    latest = _Latest()
    return Acts(incoming=latest.note, outgoing=latest.tell)


class _Asked:
    """Questions that were asked before."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    async def __call__(self, call: Call, handler: Handler) -> Answer:
        question = json.dumps([str(call.caller), call.path, sorted(call.arguments.items())])
        answer = await handler(call)
        if set(call.arguments) != {"filter", "page", "limit"} or answer.status != 200:
            return answer
        if question not in self._known:
            self._known.add(question)
            return answer
        return with_data(answer, list(reversed(data(answer))))


@chapter.anew("situations.second-answer-differs", breaks="list.default-order")
def second_answer_differs() -> Acts:
    """A question that its caller asked before is answered in another order."""
    asked = _Asked()

    async def around(call: Call, handler: Handler) -> Answer:
        return await (asked(call, handler) if call.operation.action == "list" else handler(call))

    return Acts(around=around)


@chapter.around("situations.readers-are-sorted-otherwise", breaks="list.same-for-each-key", to={"list"})
async def readers_are_sorted_otherwise(call: Call, handler: Handler) -> Answer:
    """Who only reads gets a list from its end, though an order was asked for."""
    answer = await handler(call)
    is_it = "sort" in call.arguments and _only_reads(call)
    return with_data(answer, list(reversed(data(answer)))) if is_it and answer.status == 200 else answer


@chapter.around("situations.orders-know-no-keys", breaks="auth.key-as-bearer", to={"update"})
async def orders_know_no_keys(call: Call, handler: Handler) -> Answer:
    """Nobody is known who would change an order."""
    if call.registered.name == "orders":
        raise Unauthorized
    return await handler(call)
