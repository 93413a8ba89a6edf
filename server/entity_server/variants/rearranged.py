"""What variants of lists have in common: pages put together anew, in an order or from a selection of one's own."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from entity_contract import Entity

from entity_server.domain.ordering import Ordering
from entity_server.domain.paging import Page as Asked
from entity_server.domain.projection import Projection, Record
from entity_server.domain.query import Query
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.services import Listing, Records, Services

EVERYTHING = Asked(1, 1_000_000)

Arrange = Callable[[Ordering | None, Sequence[Record]], Sequence[Record]]
Keeps = Callable[[Entity, Query, Record], bool]


class _Arranged(RecordsWrapper):
    """Lists in an order of their own: `arrange` puts a whole selection in order, which is then cut into pages."""

    def __init__(self, inner: Records, arrange: Arrange, concerns: Callable[[Ordering | None], bool]) -> None:
        super().__init__(inner)
        self._arrange, self._concerns = arrange, concerns

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        if not self._concerns(query.ordering):
            return await self.inner.list(entity, query, owner)
        whole = Projection(relations=query.projection.relations)
        listing = await self.inner.list(entity, replace(query, page=EVERYTHING, projection=whole), owner)
        ordered = self._arrange(query.ordering, listing.records)
        return Page(ordered[query.page.offset : query.page.offset + query.page.limit], listing.total)


def arranged(services: Services, arrange: Arrange, *, concerns: Callable[[Ordering | None], bool]) -> Services:
    """The services with a store whose lists stand in another order, where their ordering is concerned."""
    return replace(services, records=_Arranged(services.records, arrange, concerns))


class _Narrowed(RecordsWrapper):
    """Lists that hold fewer records: those that `keeps` holds of, among what the changed query selects."""

    def __init__(self, inner: Records, ask: Callable[[Query], Query], keeps: Keeps) -> None:
        super().__init__(inner)
        self._ask, self._keeps = ask, keeps

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        asked = self._ask(query)
        if asked is query:
            return await self.inner.list(entity, query, owner)
        whole = replace(asked, page=EVERYTHING, projection=Projection(relations=query.projection.relations))
        listing = await self.inner.list(entity, whole, owner)
        kept = [record for record in listing.records if self._keeps(entity, query, record)]
        return Page(kept[query.page.offset : query.page.offset + query.page.limit], len(kept))


def narrowed_to(services: Services, keeps: Keeps, *, asking: Callable[[Query], Query]) -> Services:
    """The services with a store that is asked something else, and whose answer is sifted; the same query is let be."""
    return replace(services, records=_Narrowed(services.records, asking, keeps))


def sorted_by(ordering: Ordering | None, found: Sequence[Record], key: Callable[[Record], object]) -> Sequence[Record]:
    """The records by that key, the way that was asked for; equals stay in the order of their ids."""
    by_id = sorted(found, key=lambda record: str(record["id"]))
    return sorted(by_id, key=key, reverse=ordering is not None and ordering.descending)  # type: ignore[arg-type]
