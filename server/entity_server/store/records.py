"""Records of every entity: list, get, create, update, delete, each within one owner.

Statements are few and each is atomic by itself: a list is one query, its count included; a relation is one query for
all records of a page; a change is one statement, and so is a deletion, whose consequences (R17) are the tables' foreign
keys.
"""

import builtins
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from entity_contract import Contract, Entity, Relation

from entity_server.domain.per_request import per_request
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.projection import Projection, Record
from entity_server.domain.query import Query
from entity_server.domain.sentences import Sentence, label
from entity_server.domain.text import folded, storable
from entity_server.domain.times import to_the_millisecond
from entity_server.store.conditions import shape_of, values_of
from entity_server.store.database import Database, Mapped
from entity_server.store.failures import BrokenReference
from entity_server.store.statements import Statements
from entity_server.store.tables import OWNER, folded_name, folds, references, registry, table_name
from entity_server.store.text_index import sought

_DEEP = 500
"""So many rows before a page are passed over without being read."""


@per_request(frozen=True, slots=True)
class Listing:
    """One page of a selection, relations embedded, and the size of the whole selection."""

    records: tuple[Record, ...]
    total: int


class Records:
    """The records of the contract's entities."""

    def __init__(self, database: Database, contract: Contract) -> None:
        self._database = database
        self._entities = registry(contract)
        # PostgreSQL finds its text index by itself.
        self._narrows = database.text_index and database.dialect == "sqlite"
        self._kept = {
            entity.name: _Kept(database.table(table_name(entity.name)), entity, references(self._entities, entity))
            for entity in self._entities
        }

    async def list(self, entity: Entity, query: Query, owner: str) -> Listing:
        """One page of the owner's records that the query selects, in its order. Fields not asked for are left out."""
        kept = self._kept[entity.name]
        page, by = query.page, query.ordering
        names = kept.wanted(query.projection)
        shape = shape_of(entity, query.selection)
        values = values_of(kept.mapped, entity, query.selection)
        if entity.owned:
            values.append(owner)
        asked = names, shape, by and by.field.name, by is not None and by.descending
        statement = kept.statements.deep if page.offset >= _DEEP else kept.statements.page
        count = kept.statements.count
        if shape and self._narrows and (match := sought(kept.mapped.table, query.selection)) is not None:
            statement, count = kept.statements.narrowed, kept.statements.narrowed_count
            values = [match, *values[len(values) - entity.owned :], *values]
        with self._database.working():
            reading = self._database.reading
            read = reading.planned if shape or page.offset >= _DEEP else reading.many
            rows = await read(statement(*asked), [*values, page.limit, page.offset])
            # A page that is not full is the last one, unless it lies past the end: its own end is the total.
            if not rows and page.offset:
                total = (await read(count(shape), values))[0][0]
            else:
                total = rows[0][-1] if len(rows) == page.limit else page.offset + len(rows)
            records = kept.mapped.told(names, rows)
        await self._embed(records, query.projection.relations, owner)
        return Listing(tuple(records), total)

    async def get(
        self,
        entity: Entity,
        id: str,  # noqa: A002 - the field's name
        owner: str,
        relations: tuple[Relation, ...] = (),
    ) -> Record | None:
        """The owner's record of that id with these relations embedded, None when there is none."""
        rows = await self._lookup(entity, id, owner, self._kept[entity.name].every)
        if relations:
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
        kept = self._kept[entity.name]
        values = kept.with_twins(record)
        if entity.owned:
            values[OWNER.name] = owner
        row = kept.mapped.row(values)
        try:
            with self._database.working():
                await self._database.writing.one(kept.statements.insert, row)
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

        One statement: however many change a record at once, each change is made. `updatedAt` never goes back (R8), and
        moves also where nothing else changes: to `now`, or by a millisecond where the clock has not moved since the
        last change. What comes back is whole. Raises ValidationFailed as `create` does.
        """
        if not storable(id):
            return None
        kept = self._kept[entity.name]
        written = kept.with_twins(changes)
        values = [kept.mapped.encoded(*pair) for pair in written.items()]
        values += [kept.mapped.encoded("updatedAt", to_the_millisecond(now)), id]
        if entity.owned:
            values.append(owner)
        try:
            with self._database.working():
                statement = kept.statements.update(tuple(written), kept.every)
                rows = await self._database.writing.one(statement, values)
        except BrokenReference:
            raise await self._broken(entity, changes, owner) from None
        found = kept.mapped.told(kept.every, rows)
        return found[0] if found else None

    async def delete(self, entity: Entity, id: str, owner: str) -> bool:  # noqa: A002 - the field's name
        """Remove the owner's record for good; False when there is none.

        In the same statement, "children go with it where their foreign key is required, else it becomes null" (R17).
        Such a child keeps its `updatedAt`: nobody has edited it.
        """
        if not storable(id):
            return False
        values = [id, owner] if entity.owned else [id]
        with self._database.working():
            gone = await self._database.writing.many(self._kept[entity.name].statements.delete, values)
        return bool(gone)

    async def missing_references(self, entity: Entity, values: Mapping[str, object], owner: str) -> tuple[str, ...]:
        """The foreign key fields among `values` that name no record that this owner can see."""
        missing = []
        for relation in self._kept[entity.name].references:
            value = values.get(relation.foreign_key)
            if value is not None and not await self.exists(self._kept[relation.entity].entity, str(value), owner):
                missing.append(relation.foreign_key)
        return tuple(missing)

    async def _rows(self, entity: Entity, name: str, values: Sequence[str], owner: str) -> builtins.list[Record]:
        """The owner's whole records whose field is one of these values, oldest first."""
        wanted: builtins.list[Any] = [value for value in values if storable(value)]
        if not wanted:
            return []
        kept = self._kept[entity.name]
        statement = kept.statements.among(kept.every, name, len(wanted))
        if entity.owned:
            wanted.append(owner)
        with self._database.working():
            reading = self._database.reading
            read = reading.point if name == "id" else reading.many
            return kept.mapped.told(kept.every, await read(statement, wanted))

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
            return await self._kept[entity.name].mapped.lookup(self._database.reading, names, wanted)

    async def _embed(self, rows: Sequence[Record], relations: Sequence[Relation], owner: str) -> None:
        """Put the related records under each relation's name, in place (L21)."""
        for relation in relations if rows else ():
            if relation.type == "belongsTo":
                await self._embed_one(rows, relation, owner)
            else:
                await self._embed_many(rows, relation, owner)

    async def _embed_one(self, rows: Sequence[Record], relation: Relation, owner: str) -> None:
        named = {row[relation.foreign_key] for row in rows} - {None}
        found = await self._rows(self._kept[relation.entity].entity, "id", sorted(named), owner)
        by_id = {record["id"]: record for record in found}
        for row in rows:
            row[relation.name] = by_id.get(row[relation.foreign_key])

    async def _embed_many(self, rows: Sequence[Record], relation: Relation, owner: str) -> None:
        by_id: dict[str, builtins.list[Record]] = {row["id"]: [] for row in rows}
        for record in await self._rows(self._kept[relation.entity].entity, relation.foreign_key, sorted(by_id), owner):
            by_id[record[relation.foreign_key]].append(record)
        for row in rows:
            row[relation.name] = by_id[row["id"]]

    async def _broken(self, entity: Entity, values: Mapping[str, object], owner: str) -> ValidationFailed:
        missing = await self.missing_references(entity, values, owner)
        return ValidationFailed(details={name: Sentence.NO_RECORD(label=label(name)) for name in missing})


class _Kept:
    """An entity with its table and its statements."""

    def __init__(self, mapped: Mapped, entity: Entity, references: tuple[Relation, ...]) -> None:
        self.mapped = mapped
        self.references = references
        self.twins = tuple((field.name, folded_name(field.name)) for field in entity.fields if folds(field))
        self.entity = entity
        self.statements = Statements(mapped, entity)
        self.every = tuple(field.name for field in entity.fields)

    def with_twins(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values, and the folded twin of each text."""
        found = dict(values)
        for name, twin in self.twins:
            if name in values:
                text = values[name]
                found[twin] = None if text is None else folded(text)
        return found

    def wanted(self, projection: Projection) -> tuple[str, ...]:
        """The columns to read: those asked for, and what embedding needs."""
        if projection.fields is None:
            return self.every
        keys = {relation.foreign_key for relation in projection.relations if relation.type == "belongsTo"}
        wanted = {"id", *projection.fields, *keys}
        return tuple(name for name in self.every if name in wanted)
