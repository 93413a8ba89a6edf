"""The whole content of a database, told: what a snapshot holds, in wire form and without digests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from entity_contract import Entity

from entity_server.domain.keys import Key, Session
from entity_server.domain.projection import Record
from entity_server.domain.times import read_instant
from entity_server.store.database import Database
from entity_server.store.keys import key_of
from entity_server.store.snapshots import Snapshot
from entity_server.store.tables import CREDITS, KEYS, OWNER, SESSIONS, table_name


@dataclass(frozen=True, slots=True)
class Contents:
    """Records by entity, oldest first, each with its owner (None for what belongs to nobody); and what users have."""

    records: Mapping[str, tuple[tuple[str | None, Record], ...]]
    keys: tuple[Key, ...]
    sessions: tuple[Session, ...]
    credits: Mapping[str, int]


def told(database: Database, entities: tuple[Entity, ...], snapshot: Snapshot) -> Contents:
    """What the snapshot holds."""
    return Contents(
        records={entity.name: tuple(_records(database, entity, snapshot)) for entity in entities},
        keys=tuple(key_of(row, {}) for row in _rows(database, KEYS.name, snapshot, by=("created_at", "id"))),
        sessions=tuple(
            Session(row["user_id"], row["expires_at"] and read_instant(row["expires_at"]))
            for row in _rows(database, SESSIONS.name, snapshot, by=("user_id", "digest"))
        ),
        credits={
            row["user_id"]: int(row["balance"]) for row in _rows(database, CREDITS.name, snapshot, by=("user_id",))
        },
    )


def _records(database: Database, entity: Entity, snapshot: Snapshot) -> Iterator[tuple[str | None, Record]]:
    for row in _rows(database, table_name(entity.name), snapshot, by=("createdAt", "id")):
        yield row.get(OWNER.name), {field.name: row[field.name] for field in entity.fields}


def _rows(database: Database, name: str, snapshot: Snapshot, *, by: tuple[str, ...]) -> list[dict[str, Any]]:
    mapped = database.table(name)
    columns = [(column.name, mapped.decoders.get(column.name)) for column in mapped.table.columns]
    rows = [
        {
            column: value if decode is None or value is None else decode(value)
            for (column, decode), value in zip(columns, values, strict=True)
        }
        for values in snapshot.tables[name].values()
    ]
    return sorted(rows, key=lambda row: tuple(row[column] for column in by))
