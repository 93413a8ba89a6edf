"""Records of every entity: list, get, create, update, delete, each within one owner.

Statements are few and each is atomic by itself: a list is one query and one count, a relation is one query for
all records of a page, a deletion is one statement whose consequences (R17) are the tables' foreign keys. What an update
has to compare first, it compares again in the statement that writes.
"""

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from entity_contract import Contract, Entity, Relation

from entity_server.domain.problems import ServiceUnavailable, ValidationFailed
from entity_server.domain.projection import Projection, Record
from entity_server.domain.query import Query
from entity_server.domain.sentences import Sentence, label
from entity_server.domain.text import folded, storable
from entity_server.domain.times import read_instant, to_the_millisecond, wire_time
from entity_server.store.conditions import belonging, ordered, selected
from entity_server.store.database import Database, Mapped
from entity_server.store.failures import BrokenReference
from entity_server.store.tables import OWNER, folded_name, folds, references, registry, table_name

_TICK = timedelta(milliseconds=1)
_ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a selection, relations embedded, and the size of the whole selection."""

    records: tuple[Record, ...]
    total: int


class Records:
    """The records of the contract's entities."""

    def __init__(self, database: Database, contract: Contract) -> None:
        self._database = database
        self._entities = registry(contract)
        self._by_name = {entity.name: entity for entity in self._entities}

    async def list(self, entity: Entity, query: Query, owner: str) -> Listing:
        """One page of the owner's records that the query selects, in its order. Fields not asked for are left out."""
        mapped = self._mapped(entity)
        annotations, order = ordered(mapped, query.ordering, self._database.dialect)
        page = query.page
        with self._database.working():
            found = mapped.model.filter(*selected(mapped, entity, query.selection), **belonging(mapped, entity, owner))
            sliced = found.annotate(**annotations).order_by(*order).limit(page.limit).offset(page.offset)
            rows = await mapped.read(sliced, self._wanted(entity, query.projection))
            # A page that is not full is the last one, unless it lies past the end: its own end is the total.
            last = len(rows) < page.limit and (rows or page.offset == 0)
            total = page.offset + len(rows) if last else await found.count()
        await self._embed(rows, query.projection.relations, owner)
        return Listing(tuple(rows), total)

    async def get(
        self,
        entity: Entity,
        id: str,  # noqa: A002 - the field's name
        owner: str,
        relations: tuple[Relation, ...] = (),
    ) -> Record | None:
        """The owner's record of that id with these relations embedded, None when there is none."""
        rows = await self._lookup(entity, id, owner, self._wanted(entity, Projection()))
        await self._embed(rows, relations, owner)
        return rows[0] if rows else None

    async def exists(self, entity: Entity, id: str, owner: str) -> bool:  # noqa: A002 - the field's name
        """Whether the owner has a record of that id."""
        return bool(await self._lookup(entity, id, owner, ("id",)))

    async def first(self, entity: Entity, field: str, value: str, owner: str = "") -> Record | None:
        """The owner's oldest record with that value of a text field, None when there is none."""
        rows = await self._rows(entity, field, (value,), owner)
        return rows[0] if rows else None

    async def create(self, entity: Entity, record: Record, owner: str) -> Record:
        """Keep a new record, as `changes.creation` makes it; what is kept comes back.

        Raises ValidationFailed when a foreign key names a record that has just gone.
        """
        mapped = self._mapped(entity)
        values = self._with_twins(entity, record)
        if entity.owned:
            values[OWNER.name] = owner
        try:
            with self._database.working():
                await mapped.model.create(**mapped.stored(values))
        except BrokenReference:
            raise await self._broken(entity, record, owner) from None
        return dict(record)

    async def update(
        self,
        entity: Entity,
        id: str,  # noqa: A002 - the field's name
        changes: Record,
        owner: str,
        now: datetime,
    ) -> Record | None:
        """Change what `changes` names, and move `updatedAt`; None when there is no record.

        `updatedAt` never goes back (R8), and moves also where nothing else changes: to `now`, or by a millisecond where
        the clock has not moved since the last change. What comes back is whole. Raises ValidationFailed as `create`
        does.
        """
        for _ in range(_ATTEMPTS):
            current = await self.get(entity, id, owner)
            if current is None:
                return None
            moved = changes | {"updatedAt": _later(current["updatedAt"], now)}
            try:
                if await self._replace(entity, current, moved, owner):
                    return current | moved
            except BrokenReference:
                raise await self._broken(entity, changes, owner) from None
        raise ServiceUnavailable

    async def delete(self, entity: Entity, id: str, owner: str) -> bool:  # noqa: A002 - the field's name
        """Remove the owner's record for good; False when there is none.

        In the same statement, "children go with it where their foreign key is required, else it becomes null" (R17).
        Such a child keeps its `updatedAt`: nobody has edited it.
        """
        if not storable(id):
            return False
        mapped = self._mapped(entity)
        with self._database.working():
            gone = await mapped.model.filter(
                **{mapped.attributes["id"]: id}, **belonging(mapped, entity, owner)
            ).delete()
        return gone > 0

    async def missing_references(self, entity: Entity, values: Mapping[str, object], owner: str) -> tuple[str, ...]:
        """The foreign key fields among `values` that name no record that this owner can see."""
        missing = []
        for relation in references(self._entities, entity):
            value = values.get(relation.foreign_key)
            if value is not None and not await self.exists(self._by_name[relation.entity], str(value), owner):
                missing.append(relation.foreign_key)
        return tuple(missing)

    def _mapped(self, entity: Entity) -> Mapped:
        return self._database.table(table_name(entity.name))

    def _wanted(self, entity: Entity, projection: Projection) -> tuple[str, ...]:
        """The columns to read: those asked for, and what embedding needs."""
        if projection.fields is None:
            return tuple(field.name for field in entity.fields)
        keys = {relation.foreign_key for relation in projection.relations if relation.type == "belongsTo"}
        wanted = {"id", *projection.fields, *keys}
        return tuple(field.name for field in entity.fields if field.name in wanted)

    async def _rows(self, entity: Entity, name: str, values: Sequence[str], owner: str) -> builtins.list[Record]:
        """The owner's whole records whose field is one of these values, oldest first."""
        values = [value for value in values if storable(value)]
        if not values:
            return []
        mapped = self._mapped(entity)
        attributes = mapped.attributes
        wanted = {f"{attributes[name]}__in": values} if len(values) > 1 else {attributes[name]: values[0]}
        with self._database.working():
            found = mapped.model.filter(**wanted, **belonging(mapped, entity, owner))
            if name != "id":
                found = found.order_by(attributes["createdAt"], attributes["id"])
            return await mapped.read(found, self._wanted(entity, Projection()))

    async def _lookup(
        self,
        entity: Entity,
        id: str,  # noqa: A002 - the field's name
        owner: str,
        names: tuple[str, ...],
    ) -> builtins.list[Record]:
        """These columns of the owner's record of that id, if there is one."""
        if not storable(id):
            return []
        wanted = {"id": id, OWNER.name: owner} if entity.owned else {"id": id}
        with self._database.working():
            return await self._mapped(entity).lookup(self._database.connection, names, wanted)

    async def _embed(self, rows: Sequence[Record], relations: Sequence[Relation], owner: str) -> None:
        """Put the related records under each relation's name, in place (L21)."""
        for relation in relations if rows else ():
            if relation.type == "belongsTo":
                await self._embed_one(rows, relation, owner)
            else:
                await self._embed_many(rows, relation, owner)

    async def _embed_one(self, rows: Sequence[Record], relation: Relation, owner: str) -> None:
        named = {row[relation.foreign_key] for row in rows} - {None}
        found = await self._rows(self._by_name[relation.entity], "id", sorted(named), owner)
        by_id = {record["id"]: record for record in found}
        for row in rows:
            row[relation.name] = by_id.get(row[relation.foreign_key])

    async def _embed_many(self, rows: Sequence[Record], relation: Relation, owner: str) -> None:
        by_id: dict[str, builtins.list[Record]] = {row["id"]: [] for row in rows}
        for record in await self._rows(self._by_name[relation.entity], relation.foreign_key, sorted(by_id), owner):
            by_id[record[relation.foreign_key]].append(record)
        for row in rows:
            row[relation.name] = by_id[row["id"]]

    async def _replace(self, entity: Entity, current: Record, moved: Record, owner: str) -> bool:
        """Write the changes if nobody else has changed the record since it was read."""
        mapped = self._mapped(entity)
        unchanged = {mapped.attributes[name]: mapped.encoded(name, current[name]) for name in ("id", "updatedAt")}
        with self._database.working():
            written = await mapped.model.filter(**unchanged, **belonging(mapped, entity, owner)).update(
                **mapped.stored(self._with_twins(entity, moved))
            )
        return written > 0

    def _with_twins(self, entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values, and the folded twin of each text."""
        twins = {
            folded_name(field.name): None if values[field.name] is None else folded(values[field.name])
            for field in entity.fields
            if folds(field) and field.name in values
        }
        return {**values, **twins}

    async def _broken(self, entity: Entity, values: Mapping[str, object], owner: str) -> ValidationFailed:
        missing = await self.missing_references(entity, values, owner)
        return ValidationFailed(details={name: Sentence.NO_RECORD(label=label(name)) for name in missing})


def _later(before: str, now: datetime) -> str:
    previous = read_instant(before)
    assert previous is not None
    return wire_time(max(to_the_millisecond(now), previous + _TICK))
