"""LIST, CREATE and OPTIONS: what an entity's collection answers."""

from entity_server.domain import envelope
from entity_server.domain.changes import creation
from entity_server.domain.identifiers import new_id
from entity_server.domain.metadata import describe
from entity_server.domain.paging import PageBounds, page_links, pagination
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.projection import project
from entity_server.domain.query import parse_list
from entity_server.http.rate_limits import limit_of
from entity_server.http.services import Answer, Call, Services
from entity_server.http.wording import label


class Collection:
    """The handlers of `/v1/tasks` and its like."""

    def __init__(self, services: Services) -> None:
        self._services = services
        contract = services.contract
        self._bounds = {one.id: PageBounds.of(contract, one) for one in contract.operations if one.action == "list"}

    async def list(self, call: Call) -> Answer:
        """One page of the caller's records, with the counts in the body and in the headers."""
        query = parse_list(call.registered, call.arguments, self._bounds[call.operation.id])
        listing = await self._services.records.list(call.registered, query, call.owner)
        page = pagination(query.page, listing.total)
        headers = {
            "X-Total-Count": str(page["total"]),
            "X-Page": str(page["page"]),
            "X-Per-Page": str(page["limit"]),
        }
        if links := page_links(call.path, call.arguments, page):
            headers["Link"] = links
        records = [project(record, query.projection) for record in listing.records]
        return Answer(200, envelope.listing(records, page), headers)

    async def create(self, call: Call) -> Answer:
        """A new record of the caller."""
        entity = call.registered
        record = creation(entity, await call.body(), id=new_id(entity.id_prefix, call.now), now=call.now)
        missing = await self._services.records.missing_references(entity, record, call.owner)
        refuse_missing(missing)
        return Answer(201, envelope.success(await self._services.records.create(entity, record, call.owner)), {})

    async def metadata(self, call: Call) -> Answer:
        """What the entity is, what this caller may do, and how often."""
        assert call.caller is not None
        limit = limit_of(self._services, call.caller)
        return Answer(200, envelope.success(describe(call.registered, call.caller.scopes, limit)), {})


def refuse_missing(fields: tuple[str, ...]) -> None:
    """Raise ValidationFailed for foreign keys that name nobody (R17)."""
    if fields:
        raise ValidationFailed(details={name: f"{label(name)} names no record" for name in fields})
