"""Wrappers for faults in front of the store: they pass everything on, and a fault overrides the method it spoils."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from entity_contract import Entity, Relation

from entity_server.domain.keys import Key
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.http.services import Keys, Listing, Records


@dataclass(frozen=True, slots=True)
class Page:
    """A listing of a fault's own making."""

    records: Sequence[Record]
    total: int


class RecordsWrapper:
    """The records of the store behind it."""

    def __init__(self, inner: Records) -> None:
        self.inner = inner

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        """One page of a selection."""
        return await self.inner.list(entity, query, owner)

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        """The record, None when there is none."""
        return await self.inner.get(entity, record_id, owner, relations)

    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        """Whether there is such a record."""
        return await self.inner.exists(entity, record_id, owner)

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        """Keep a record."""
        return await self.inner.create(entity, record, owner)

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        """Change a record."""
        return await self.inner.update(entity, record_id, changes, owner, now)

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        """Remove a record."""
        return await self.inner.delete(entity, record_id, owner)

    async def missing_references(self, entity: Entity, values: Record, owner: str, /) -> tuple[str, ...]:
        """The foreign key fields that name nobody."""
        return await self.inner.missing_references(entity, values, owner)


class KeysWrapper:
    """The keys of the store behind it."""

    def __init__(self, inner: Keys) -> None:
        self.inner = inner

    async def find(self, digest: str, /) -> Key | None:
        """The key, None when it is unknown."""
        return await self.inner.find(digest)

    async def list(self, user_id: str, /) -> tuple[Key, ...]:
        """A user's keys."""
        return await self.inner.list(user_id)

    async def add(self, key: Key, digest: str, /) -> None:
        """Keep a new key."""
        await self.inner.add(key, digest)

    async def revoke(self, key_id: str, user_id: str, /) -> bool:
        """Forget a key."""
        return await self.inner.revoke(key_id, user_id)

    async def touch(self, key_id: str, now: datetime, /) -> None:
        """Note that a key was used."""
        await self.inner.touch(key_id, now)
