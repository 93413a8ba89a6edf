"""READ, UPDATE and DELETE: what one record answers. Another user's record is not there (A7)."""

from entity_server.domain import envelope
from entity_server.domain.changes import patch
from entity_server.domain.problems import NotFound
from entity_server.domain.projection import project
from entity_server.domain.query import parse_read
from entity_server.http.collection import refuse_missing
from entity_server.http.services import Answer, Call, Services


class Record:
    """The handlers of `/v1/tasks/{id}` and its like."""

    def __init__(self, services: Services) -> None:
        self._records = services.records

    async def read(self, call: Call) -> Answer:
        """The record, with the fields and relations that were asked for."""
        projection = parse_read(call.registered, call.arguments)
        record = await self._records.get(call.registered, call.values["id"], call.owner, projection.relations)
        if record is None:
            raise NotFound
        return Answer(200, envelope.success(project(record, projection)), {})

    async def update(self, call: Call) -> Answer:
        """The record after its change."""
        entity, id = call.registered, call.values["id"]  # noqa: A001 - the field's name
        if not await self._records.exists(entity, id, call.owner):
            raise NotFound
        changes = patch(entity, await call.body())
        refuse_missing(await self._records.missing_references(entity, changes, call.owner))
        record = await self._records.update(entity, id, changes, call.owner, call.now)
        if record is None:  # deleted in between
            raise NotFound
        return Answer(200, envelope.success(record), {})

    async def delete(self, call: Call) -> Answer:
        """Nothing but the news that the record is gone."""
        if not await self._records.delete(call.registered, call.values["id"], call.owner):
            raise NotFound
        return Answer(200, envelope.message(f"{call.registered.title} deleted successfully"), {})
