"""The tables in the database: created where they lack, compared where they are.

One description (`tables`) becomes DDL for both databases. An existing table keeps its columns: one that does
not fit is named, with what it lacks, before anything can go wrong over it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from entity_server.store.columns import SQL_TYPES, Column, Dialect
from entity_server.store.failures import StoreUnavailable
from entity_server.store.tables import Table, quoted

# One server at a time creates tables (PostgreSQL's CREATE TABLE IF NOT EXISTS still races); any number will do.
_LOCK = 7164281059

_COLUMNS: Mapping[Dialect, str] = {
    "sqlite": (
        'SELECT m.name AS "table", c.name AS "column", lower(c.type) AS "type"'
        " FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
    ),
    "postgres": (
        'SELECT t.relname AS "table", c.attname AS "column", format_type(c.atttypid, c.atttypmod) AS "type"'
        " FROM pg_attribute c JOIN pg_class t ON t.oid = c.attrelid"
        " WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'"
        " AND c.attnum > 0 AND NOT c.attisdropped"
    ),
}
_REFERENCES = (
    'SELECT m.name AS "table", k."from" AS "column", k."table" AS "target", k.on_delete AS "action"'
    " FROM sqlite_master m, pragma_foreign_key_list(m.name) k WHERE m.type = 'table'"
)


class Connection(Protocol):
    """What this module needs of Tortoise's database client."""

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Rows as dicts."""

    async def execute_script(self, query: str) -> None:
        """Several statements."""


@dataclass(frozen=True, slots=True)
class Existing:
    """What is in the database: columns by table, with their types, and (SQLite) foreign keys by table."""

    columns: Mapping[str, Mapping[str, str]]
    references: Mapping[str, frozenset[tuple[str, str, str]]]


async def prepare(connection: Connection, dialect: Dialect, tables: Sequence[Table], where: str) -> None:
    """Create the tables that lack. Raises StoreUnavailable when one does not fit; `where` names the place."""
    existing = await _inspect(connection, dialect)
    differences = [text for table in tables for text in _differences(table, existing, dialect)]
    if differences:
        more = f" and {len(differences) - 3} more" if len(differences) > 3 else ""
        raise StoreUnavailable(
            f"the database {where} was made for another version of the contract: {', '.join(differences[:3])}{more}",
            hint="name another database, or move the old one away and start afresh",
        )
    await connection.execute_script(script(tables, dialect))


def script(tables: Sequence[Table], dialect: Dialect) -> str:
    """The DDL that creates all of these tables, one transaction; what exists is left alone."""
    statements = [statement for table in tables for statement in _statements(table, dialect)]
    if dialect == "postgres":
        statements.insert(0, f"SELECT pg_advisory_xact_lock({_LOCK})")
        statements += [statement for table in tables for statement in _constraints(table)]
    return ";\n".join(("BEGIN IMMEDIATE" if dialect == "sqlite" else "BEGIN", *statements, "COMMIT")) + ";"


async def _inspect(connection: Connection, dialect: Dialect) -> Existing:
    columns: dict[str, dict[str, str]] = {}
    for row in await connection.execute_query_dict(_COLUMNS[dialect]):
        columns.setdefault(row["table"], {})[row["column"]] = row["type"]
    references: dict[str, frozenset[tuple[str, str, str]]] = {}
    if dialect == "sqlite":
        for row in await connection.execute_query_dict(_REFERENCES):
            known = references.get(row["table"], frozenset())
            references[row["table"]] = known | {(row["column"], row["target"], row["action"])}
    return Existing(columns, references)


def _differences(table: Table, existing: Existing, dialect: Dialect) -> Iterator[str]:
    columns = existing.columns.get(table.name)
    if columns is None:
        return
    for column in table.columns:
        found = columns.get(column.name)
        if found is None:
            yield f"table {table.name} lacks the column {column.name}"
        elif found != SQL_TYPES[column.kind]:
            yield f"column {column.name} of table {table.name} is {found}, not {SQL_TYPES[column.kind]}"
    if dialect == "sqlite":  # which cannot add a constraint to a table; PostgreSQL can
        wanted = {(key.column, key.table, key.action) for key in table.foreign_keys}
        for column_name, target, action in sorted(wanted - existing.references.get(table.name, frozenset())):
            yield f"table {table.name} lacks the foreign key {column_name} to {target} on delete {action.lower()}"


def _statements(table: Table, dialect: Dialect) -> Iterator[str]:
    parts = [_column(column, dialect, primary=column is table.columns[0]) for column in table.columns]
    if dialect == "sqlite":
        parts += [
            f"FOREIGN KEY ({quoted(key.column)}) {_references(key.table, key.action)}" for key in table.foreign_keys
        ]
    yield f"CREATE TABLE IF NOT EXISTS {quoted(table.name)} ({', '.join(parts)})"
    for columns in table.indexes:
        yield _index("INDEX", table, columns)
    for name in table.unique:
        yield _index("UNIQUE INDEX", table, (name,))


def _column(column: Column, dialect: Dialect, *, primary: bool) -> str:
    # L13: "by Unicode code point", which is the order of UTF-8's bytes; SQLite has no other.
    collation = ' COLLATE "C"' if dialect == "postgres" and column.kind == "text" else ""
    constraint = " NOT NULL PRIMARY KEY" if primary else ""
    return f"{quoted(column.name)} {SQL_TYPES[column.kind]}{collation}{constraint}"


def _index(kind: str, table: Table, columns: Iterable[str]) -> str:
    names = tuple(columns)
    parts = (name if name.startswith("(") else _indexed(name) for name in names)
    return f"CREATE {kind} IF NOT EXISTS {table.short('ix', *names)} ON {quoted(table.name)} ({', '.join(parts)})"


def _indexed(name: str) -> str:
    column, way, _ = name.partition(" DESC")
    return quoted(column) + way


def _constraints(table: Table) -> Iterator[str]:
    """Foreign keys come after all tables, since entities may refer to each other in a circle."""
    for key in table.foreign_keys:
        name = table.short("fk", key.column, key.table, key.action)
        yield (
            f"DO $do$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{name}'"  # noqa: S608 - a hash
            f" AND connamespace = current_schema()::regnamespace) THEN"
            f" ALTER TABLE {quoted(table.name)} ADD CONSTRAINT {name}"
            f" FOREIGN KEY ({quoted(key.column)}) {_references(key.table, key.action)}; END IF; END $do$"
        )


def _references(table: str, action: str) -> str:
    return f'REFERENCES {quoted(table)} ("id") ON DELETE {action}'
