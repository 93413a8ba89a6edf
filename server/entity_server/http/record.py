"""READ, UPDATE and DELETE: what one record answers. Another user's record is not there (A7)."""

from entity_server.domain import envelope
from entity_server.domain.changes import changes
from entity_server.domain.problems import NotFound, Problem
from entity_server.domain.projection import Projection, Record, projected
from entity_server.http.collection import refuse_missing
from entity_server.http.operations import CompiledOperation
from entity_server.http.operations.lists import projection
from entity_server.http.services import Answer, Call, Handler, Services
from entity_server.http.stages import Served, anything, query_alone


class RecordHandlers:
    """The handlers of `/v1/tasks/{id}` and its like."""

    def __init__(self, services: Services) -> None:
        self._records = services.records

    def read(self, compiled: CompiledOperation) -> Handler:
        """READ: the record, with the fields and relations that were asked for."""

        async def asked(call: Call) -> Projection:
            try:
                return projection(compiled.query.read(call.arguments))
            except Problem:
                await self._exists(call)  # 404 comes before 400; looked up only where both could be
                raise

        return Served(anything, asked, self._read)

    def update(self, compiled: CompiledOperation) -> Handler:
        """UPDATE: the record after its change."""
        body = compiled.named_body()

        async def asked(call: Call) -> Record:
            compiled.query.read(call.arguments)
            return changes(body.read(await call.body()))

        return Served(self._exists, asked, self._update)

    def delete(self, compiled: CompiledOperation) -> Handler:
        """DELETE: nothing but the news that the record is gone."""
        return Served(anything, query_alone(compiled), self._delete)

    async def _exists(self, call: Call) -> None:
        if not await self._records.exists(call.registered, call.values["id"], call.owner):
            raise NotFound

    async def _read(self, call: Call, asked: Projection) -> Answer:
        record = await self._records.get(call.registered, call.values["id"], call.owner, asked.relations)
        if record is None:
            raise NotFound
        shown = record if asked.fields is None else projected((record,), asked)[0]
        return Answer(200, envelope.success(shown), {})

    async def _update(self, call: Call, asked: Record) -> Answer:
        entity = call.registered
        refuse_missing(await self._records.missing_references(entity, asked, call.owner))
        record = await self._records.update(entity, call.values["id"], asked, call.owner, call.now)
        if record is None:  # deleted in between
            raise NotFound
        return Answer(200, envelope.success(record), {})

    async def _delete(self, call: Call, _: None) -> Answer:
        if not await self._records.delete(call.registered, call.values["id"], call.owner):
            raise NotFound
        return Answer(200, envelope.message(f"{call.registered.title} deleted successfully"), {})
