"""Writes that move a record which they do not name, and answers that are older than the last write."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from entity_contract import Entity

from entity_server.domain.projection import Record
from entity_server.faults.spoiling import AnyAnswer
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.services import Services

chapter = AnyAnswer()


class _Parents(RecordsWrapper):
    """An update of a child moves `updatedAt` of its parents."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._entities: Mapping[str, Entity] = {entity.name: entity for entity in services.contract.entities}

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        record = await self.inner.update(entity, record_id, changes, owner, now)
        for relation in entity.relations if record else ():
            parent = self._entities[relation.entity]
            if relation.type == "belongsTo" and parent.owned and record and record[relation.foreign_key]:
                await self.inner.update(parent, record[relation.foreign_key], {}, owner, now)
        return record


@chapter.in_services("update.touches-the-parent", breaks="update.spares-others")
def touches_the_parent(services: Services) -> Services:
    """A PATCH of a child moves `updatedAt` of its parents."""
    return replace(services, records=_Parents(services))
