"""Faults of `filter`."""

from dataclasses import replace

from contract import Entity
from server.domain.query import Query
from server.faults.fault import Chapter
from server.faults.wrapping import RecordsWrapper
from server.http.services import Listing, Services

chapter = Chapter()


class _Unfiltered(RecordsWrapper):
    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        selection = replace(query.selection, conditions=())
        return await self.inner.list(entity, replace(query, selection=selection), owner)


@chapter.in_services("filter.ignored", breaks="filter.field-equality")
def ignored(services: Services) -> Services:
    """`filter` is checked, and then selects nothing out."""
    return replace(services, records=_Unfiltered(services.records))
