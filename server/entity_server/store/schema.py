"""The tables in the database: created where they lack, and what is there already, to be compared.

One description (`tables`) becomes DDL for both databases. Beside the tables stands what the contract said of their
columns when they were made (`contract_columns`): a database does not tell an enum's values by itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from entity_server.store.columns import SQL_TYPES, Column, Dialect
from entity_server.store.tables import Table, literal, quoted, start

RECORDS = "contract_columns"
_RECORDS = f"CREATE TABLE IF NOT EXISTS {RECORDS} (id text NOT NULL PRIMARY KEY, rule text NOT NULL)"

_COLUMNS: Mapping[Dialect, str] = {
    "sqlite": (
        'SELECT m.name AS "table", c.name AS "column", lower(c.type) AS "type"'
        " FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'"
    ),
    "postgres": (
        'SELECT t.relname AS "table", c.attname AS "column", format_type(c.atttypid, c.atttypmod) AS "type"'
        " FROM pg_attribute c JOIN pg_class t ON t.oid = c.attrelid"
        " WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'"
        " AND c.attnum > 0 AND NOT c.attisdropped"
    ),
}
_REFERENCES: Mapping[Dialect, str] = {
    "sqlite": (
        'SELECT m.name AS "table", k."from" AS "column", k."table" AS "target", k.on_delete AS "action", \'\' AS "name"'
        " FROM sqlite_master m, pragma_foreign_key_list(m.name) k WHERE m.type = 'table'"
    ),
    "postgres": (
        'SELECT t.relname AS "table", a.attname AS "column", o.relname AS "target", k.conname AS "name",'
        " CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'OTHER' END AS \"action\""
        " FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class o ON o.oid = k.confrelid"
        " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
        " WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace"
    ),
}


class Connection(Protocol):
    """A transaction that nobody else compares or changes tables beside."""

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Rows as dicts."""

    async def execute(self, statements: Sequence[str]) -> None:
        """Several statements."""


@dataclass(frozen=True, slots=True)
class Existing:
    """What is in the database: columns by table with their types, foreign keys by table, recorded rules.

    A foreign key is a column, a table and an action; PostgreSQL has a name for it.
    """

    columns: Mapping[str, Mapping[str, str]]
    references: Mapping[str, Mapping[tuple[str, str, str], str]]
    rules: Mapping[str, str]


def script(
    tables: Sequence[Table], dialect: Dialect, changes: Sequence[str] = (), afterwards: Sequence[str] = ()
) -> list[str]:
    """The DDL that creates all of these tables after these changes; what exists is left alone.

    `afterwards` are statements that need the tables.
    """
    statements = [_RECORDS, *changes]
    statements += [statement for table in tables for statement in _statements(table, dialect)]
    if dialect == "postgres":
        statements += [statement for table in tables for statement in _constraints(table)]
    statements += [recorded(table, column) for table in tables for column in table.columns if told(column)]
    return [*statements, *afterwards]


def remade(table: Table, columns: Mapping[str, str]) -> list[str]:
    """The statements by which SQLite has a table with the contract's foreign keys, and all that is in it.

    `columns` are those that it has, with their types: one that the contract knows no more is kept. The numbers of rows
    are, too, since a text index names rows by them. Its indexes and triggers are gone.
    """
    known = {column.name for column in table.columns}
    others = [f"{quoted(name)} {kind}" for name, kind in columns.items() if name not in known]
    names = ", ".join(quoted(name) for name in (*(column.name for column in table.columns), *set(columns) - known))
    anew, name = quoted(f"{table.name}$anew"), quoted(table.name)
    return [
        f"CREATE TABLE {anew} ({_parts(table, 'sqlite', others)})",
        f"INSERT INTO {anew} (rowid, {names}) SELECT rowid, {names} FROM {name}",  # noqa: S608 - names
        f"DROP TABLE {name}",
        f"ALTER TABLE {anew} RENAME TO {name}",
    ]


async def inspect(connection: Connection, dialect: Dialect) -> Existing:
    """What is in the database."""
    columns: dict[str, dict[str, str]] = {}
    for row in await connection.execute_query_dict(_COLUMNS[dialect]):
        columns.setdefault(row["table"], {})[row["column"]] = row["type"]
    references: dict[str, dict[tuple[str, str, str], str]] = {}
    for row in await connection.execute_query_dict(_REFERENCES[dialect]):
        references.setdefault(row["table"], {})[row["column"], row["target"], row["action"]] = row["name"]
    rules: dict[str, str] = {}
    if RECORDS in columns:
        for row in await connection.execute_query_dict(f"SELECT id, rule FROM {RECORDS}"):  # noqa: S608 - a name
            rules[row["id"]] = row["rule"]
    return Existing(columns, references, rules)


def told(column: Column) -> bool:
    """Whether the contract says something of a column's values: the store's own have a `$` in their names."""
    return "$" not in column.name


def rule(column: Column) -> str:
    """What the contract says of a column's values, as it is kept."""
    rules = {"rules": column.rules} if column.rules else {}
    return json.dumps({"nullable": column.nullable, "values": column.values, **rules})


def rule_id(table: Table, column: str) -> str:
    """Under which id it is kept."""
    return f"{table.name}.{column}"


def forgotten(kept: str) -> str:
    """The statement after which nothing is kept under an id."""
    return f"DELETE FROM {RECORDS} WHERE id = {literal(kept)}"  # noqa: S608 - a literal


def recorded(table: Table, column: Column) -> str:
    """The statement that keeps it where nothing is kept yet."""
    return (
        f"INSERT INTO {RECORDS} (id, rule) VALUES ({literal(rule_id(table, column.name))}, {literal(rule(column))})"  # noqa: S608
        " ON CONFLICT (id) DO NOTHING"
    )


def _statements(table: Table, dialect: Dialect) -> Iterator[str]:
    yield f"CREATE TABLE IF NOT EXISTS {quoted(table.name)} ({_parts(table, dialect)})"
    for columns in table.indexes:
        yield _index("INDEX", table, columns, dialect)
    for name in table.unique:
        yield _index("UNIQUE INDEX", table, (name,), dialect)


def _parts(table: Table, dialect: Dialect, others: Sequence[str] = ()) -> str:
    """Its columns, others besides, and the foreign keys that SQLite has with its tables alone."""
    parts = [defined(column, dialect, primary=column is table.columns[0]) for column in table.columns]
    keys = table.foreign_keys if dialect == "sqlite" else ()
    parts += [*others, *(f"FOREIGN KEY ({quoted(key.column)}) {references(key.table, key.action)}" for key in keys)]
    return ", ".join(parts)


def defined(column: Column, dialect: Dialect, *, primary: bool = False) -> str:
    """A column's name, type and constraints."""
    # L13: "by Unicode code point", which is the order of UTF-8's bytes; SQLite has no other.
    collation = ' COLLATE "C"' if dialect == "postgres" and column.kind == "text" else ""
    constraint = " NOT NULL PRIMARY KEY" if primary else ""
    return f"{quoted(column.name)} {SQL_TYPES[column.kind]}{collation}{constraint}"


def _index(kind: str, table: Table, columns: Iterable[str], dialect: Dialect) -> str:
    names = tuple(columns)
    parts = (name if name.startswith("(") else _indexed(name, dialect) for name in names)
    return f"CREATE {kind} IF NOT EXISTS {table.short('ix', *names)} ON {quoted(table.name)} ({', '.join(parts)})"


def _indexed(name: str, dialect: Dialect) -> str:
    column, way, _ = name.partition(" DESC")
    column, first, _ = column.partition(" START")
    return (f"({start(column)})" if first and dialect == "postgres" else quoted(column)) + way


def _constraints(table: Table) -> Iterator[str]:
    """Foreign keys come after all tables, since entities may refer to each other in a circle."""
    for key in table.foreign_keys:
        name = table.short("fk", key.column, key.table, key.action)
        yield (
            f"DO $do$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{name}'"  # noqa: S608 - a hash
            f" AND connamespace = current_schema()::regnamespace) THEN"
            f" ALTER TABLE {quoted(table.name)} ADD CONSTRAINT {name}"
            f" FOREIGN KEY ({quoted(key.column)}) {references(key.table, key.action)}; END IF; END $do$"
        )


def references(table: str, action: str) -> str:
    """A foreign key's target."""
    return f'REFERENCES {quoted(table)} ("id") ON DELETE {action}'
