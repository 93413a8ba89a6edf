"""What is wrong only later: after other requests, and not the first time."""

from collections import Counter
from dataclasses import replace

from entity_contract import Entity, Relation

from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.faults.fault import with_headers
from entity_server.faults.spoiling import AnyAnswer, header
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.exchange import Received
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Listing, Records, Services

chapter = AnyAnswer()

REQUEST_ID = "X-Request-ID"


class _Copies(RecordsWrapper):
    """Keeps a copy of each record as it was created, for whoever reads it first."""

    def __init__(self, inner: Records) -> None:
        super().__init__(inner)
        self._copies: dict[str, Record] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        made = await self.inner.create(entity, record, owner)
        self._copies[str(made["id"])] = made
        return made

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        found = await self.inner.get(entity, record_id, owner, relations)
        return found if found is None or relations else self._copies.pop(record_id, found)


@chapter.in_services("read.first-is-of-the-creation", breaks="read.shows-the-last-write")
def first_is_of_the_creation(services: Services) -> Services:
    """The first READ of a record shows it as it was created, whatever was changed since."""
    return replace(services, records=_Copies(services.records))


SOME = 3
"""Deletions of records of an entity that go well."""


class _TurnedAround(RecordsWrapper):
    """Turns the default order around when some records were deleted."""

    def __init__(self, inner: Records) -> None:
        super().__init__(inner)
        self._deletions = Counter[str]()

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        is_gone = await self.inner.delete(entity, record_id, owner)
        self._deletions[entity.name] += is_gone
        return is_gone

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        found = await self.inner.list(entity, query, owner)
        is_turned = self._deletions[entity.name] > SOME and query.ordering is None and query.selection.conditions
        return Page([*reversed(found.records)], found.total) if is_turned else found


@chapter.in_services("list.turned-by-deletions", breaks="situations.same-question")
def turned_by_deletions(services: Services) -> Services:
    """Filtered records go the other way, from the fourth deletion of such a record on."""
    return replace(services, records=_TurnedAround(services.records))


@chapter.anew("delete.long-request-ids", breaks="delete.follows-contract")
def long_request_ids() -> Acts:
    """The answer to a DELETE has an X-Request-ID of more characters than the contract allows."""
    sent: set[str] = set()

    def incoming(received: Received) -> None:
        sent.add(header(received, REQUEST_ID))

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        own = answer.headers.get(REQUEST_ID, "")
        is_deletion = call is not None and call.operation.action == "delete"
        return with_headers(answer, X_Request_ID=own * 4) if is_deletion and own not in sent else answer

    return Acts(incoming=incoming, outgoing=outgoing)
