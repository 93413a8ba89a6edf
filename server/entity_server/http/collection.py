"""LIST, CREATE and OPTIONS: what an entity's collection answers."""

from collections.abc import Sequence

from entity_server.domain import envelope
from entity_server.domain.changes import creation
from entity_server.domain.identifiers import new_id
from entity_server.domain.metadata import describe
from entity_server.domain.paging import page_links, pagination
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.projection import projected
from entity_server.domain.query import Query
from entity_server.domain.sentences import Sentence, label
from entity_server.http.operations import CompiledOperation
from entity_server.http.operations.lists import list_query
from entity_server.http.random_bits import random_bits
from entity_server.http.rate_limits import limit_of
from entity_server.http.services import Answer, Call, Handler, Services
from entity_server.http.stages import Served, anything, query_alone

_KNOWN, _SHORT = 500, 200  # queries of a list that are kept, and their longest in characters


class CollectionHandlers:
    """The handlers of `/v1/tasks` and its like."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._records = services.records

    def list(self, compiled: CompiledOperation) -> Handler:
        """LIST: one page of the caller's records, with the counts in the body and in the headers."""
        known: dict[tuple[tuple[str, Sequence[str]], ...], Query] = {}  # the same lists are asked for again and again

        async def asked(call: Call) -> Query:
            given = tuple(call.arguments.items())
            query = known.get(given)
            if query is None:
                query = list_query(compiled.query.read(call.arguments))
                if sum(len(name) + len("".join(values)) for name, values in given) <= _SHORT:
                    if len(known) >= _KNOWN:
                        known.clear()
                    known[given] = query
            return query

        return Served(anything, asked, self._list)

    def create(self, compiled: CompiledOperation) -> Handler:
        """CREATE: a new record of the caller."""
        body = compiled.named_body()

        async def asked(call: Call) -> dict[str, object]:
            compiled.query.read(call.arguments)
            return body.read(await call.body())

        return Served(anything, asked, self._create)

    def metadata(self, compiled: CompiledOperation) -> Handler:
        """OPTIONS: what the entity is, what this caller may do, and how often."""
        return Served(anything, query_alone(compiled), self._metadata)

    async def _list(self, call: Call, asked: Query) -> Answer:
        listing = await self._records.list(call.registered, asked, call.owner)
        page = pagination(asked.page, listing.total)
        headers = {
            "X-Total-Count": str(page["total"]),
            "X-Page": str(page["page"]),
            "X-Per-Page": str(page["limit"]),
        }
        if links := page_links(call.path, call.arguments, page):
            headers["Link"] = links
        return Answer(200, envelope.listing(projected(listing.records, asked.projection), page), headers)

    async def _create(self, call: Call, asked: dict[str, object]) -> Answer:
        entity = call.registered
        record = creation(entity, asked, id=new_id(entity.id_prefix, call.now, random_bits), now=call.now)
        refuse_missing(await self._records.missing_references(entity, record, call.owner))
        return Answer(201, envelope.success(await self._records.create(entity, record, call.owner)), {})

    async def _metadata(self, call: Call, _: None) -> Answer:
        limit = limit_of(self._services, call.known_caller)
        return Answer(200, envelope.success(describe(call.registered, call.known_caller.scopes, limit)), {})


def refuse_missing(fields: tuple[str, ...]) -> None:
    """Raise ValidationFailed for foreign keys that name nobody (R17)."""
    if fields:
        raise ValidationFailed(details={name: Sentence.NO_RECORD(label=label(name)) for name in fields})
