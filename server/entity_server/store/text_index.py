"""The text index (`--text-index`): what narrows searches and `$contains`, whose condition still decides.

Trigrams of the folded columns: a text that holds a word holds every three characters in a row of it. In SQLite that is
an FTS5 table beside the table, changed by triggers in the transaction that changes a row, and asked by `narrowing`. In
PostgreSQL it is an index of pg_trgm, which the database keeps and chooses by itself.

A server that starts without the option drops the index: it costs nothing then. With the option it is built again.
"""

# ruff: noqa: S608 - statements are made of names, and of literals of our own
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import cast

from entity_server.domain.selection import Selection
from entity_server.domain.text import folded
from entity_server.store.columns import Dialect
from entity_server.store.schema import Connection
from entity_server.store.tables import Table, folded_name, literal, quoted

SHARE = 8
"""A search reads what the index names as long as that is less than one in so many of the owner's records."""

_MOST_TRIGRAMS = 32  # of one search: more would hardly leave out another record
_OPTIONS = "tokenize='trigram case_sensitive 1', detail=none, columnsize=0"
_NAME = re.compile(r"(fts|ftx)_[0-9a-f]{24}")
_NO_FTS5 = "this SQLite has no FTS5 with trigrams (3.34 has it)"
_NO_TRGM = "this PostgreSQL has no pg_trgm, or lets this user create no extension"


@dataclass(frozen=True, slots=True)
class Existing:
    """The text indexes that there are, by name, and what keeps one from making more, if anything does.

    `schema` is where PostgreSQL has the extension.
    """

    names: frozenset[str]
    refusal: str | None = None
    schema: str = ""


def index_name(table: Table) -> str:
    """The index of a table: another name where other columns are indexed."""
    return table.short("fts", *table.texts)


async def existing(connection: Connection, dialect: Dialect, *, wanted: bool) -> Existing:
    """What there is.

    Where an index is wanted, it finds out whether there can be one: PostgreSQL's extension is created for it.
    """
    if dialect == "sqlite":
        rows = await connection.execute_query_dict("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")
        return Existing(_known(row["name"] for row in rows), None if _has_fts5() else _NO_FTS5)
    statement = "SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema()"
    names = _known(row["name"] for row in await connection.execute_query_dict(statement))
    schema = await _extension(connection) if wanted else ""
    return Existing(names, None if schema or not wanted else _NO_TRGM, schema)


def lacking(tables: Iterable[Table], known: Existing) -> list[Table]:
    """The tables that have texts and no index on them."""
    return [table for table in tables if table.texts and index_name(table) not in known.names]


def script(tables: Sequence[Table], dialect: Dialect, known: Existing) -> list[str]:
    """The statements, for one transaction, after which there is an index on each table's texts, and no other."""
    wanted = {index_name(table) for table in tables if table.texts}
    statements = list(_dropped(sorted(known.names - wanted), dialect))
    for table in lacking(tables, known):
        statements += _sqlite(table) if dialect == "sqlite" else [_postgres(table, known.schema)]
    return statements


def again(table: Table, known: Existing) -> list[str]:
    """The statements after which SQLite has a table's index, where it had one, when the table has been made anew."""
    return list(_sqlite(table)) if table.texts and index_name(table) in known.names else []


def dropped(known: Existing, dialect: Dialect) -> list[str]:
    """The statements after which there is no index."""
    return list(_dropped(sorted(known.names), dialect))


async def unsound(connection: Connection, tables: Iterable[Table], known: Existing) -> list[str]:
    """The statements that build again what does not name its table's last row: VACUUM may number rows anew (SQLite)."""
    statements = []
    for table in tables:
        index = index_name(table)
        if not table.texts or index not in known.names:
            continue
        for name in table.texts:
            column = quoted(name)
            rows = await connection.execute_query_dict(
                f"SELECT rowid AS row, substr({column}, 1, 3) AS start FROM {quoted(table.name)}"
                f" WHERE length({column}) > 2 ORDER BY rowid DESC LIMIT 1"
            )
            if not rows:
                continue
            found = await connection.execute_query_dict(
                f"SELECT 1 FROM {index} WHERE rowid = ? AND {index} MATCH ?",
                [rows[0]["row"], _string(rows[0]["start"])],
            )
            if not found:
                statements.append(_rebuilt(index))
                break
    return statements


def sought(table: Table, selection: Selection) -> str | None:
    """What to ask the FTS5 table for: a superset of the selection; None where the index says nothing about it.

    Words of one or two characters have no trigram.
    """
    needles = list(selection.words)
    needles += [
        folded(cast("str", condition.value))
        for condition in selection.conditions
        if condition.operator == "$contains" and folded_name(condition.field.name) in table.texts
    ]
    trigrams = dict.fromkeys(word[start : start + 3] for word in needles for start in range(len(word) - 2))
    return " AND ".join(map(_string, list(trigrams)[:_MOST_TRIGRAMS])) or None


def _string(text: str) -> str:
    """A string of FTS5's own language."""
    return '"' + text.replace('"', '""') + '"'


def _known(names: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(_NAME.fullmatch, names))


def _has_fts5() -> bool:
    with closing(sqlite3.connect(":memory:")) as probe:
        try:
            probe.execute(f"CREATE VIRTUAL TABLE probe USING fts5(text, {_OPTIONS})")
        except sqlite3.OperationalError:
            return False
    return True


async def _extension(connection: Connection) -> str:
    """The schema of pg_trgm, which is created where it can be; empty where it cannot.

    It is created where other schemas of the database find it too, if this user may.
    """
    where = (
        "SELECT quote_ident(nspname) AS name FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
        " WHERE extname = 'pg_trgm'"
    )
    create = (
        "DO $do$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm') THEN"
        " BEGIN CREATE EXTENSION pg_trgm SCHEMA public; EXCEPTION WHEN OTHERS THEN"
        " BEGIN EXECUTE format('CREATE EXTENSION pg_trgm SCHEMA %I', current_schema());"
        " EXCEPTION WHEN OTHERS THEN NULL; END; END; END IF; END $do$"
    )
    await connection.execute([create])
    rows = await connection.execute_query_dict(where)
    return str(rows[0]["name"]) if rows else ""


def _triggers(index: str) -> tuple[str, str, str]:
    return (f"{index}_insert", f"{index}_delete", f"{index}_update")


def _dropped(names: Iterable[str], dialect: Dialect) -> Iterator[str]:
    for name in names:
        if dialect == "sqlite":
            yield from (f"DROP TRIGGER IF EXISTS {trigger}" for trigger in _triggers(name))
            yield f"DROP TABLE {name}"
        else:
            yield f"DROP INDEX IF EXISTS {name}"


def _sqlite(table: Table) -> Iterator[str]:
    index, name = index_name(table), quoted(table.name)
    columns = ", ".join(map(quoted, table.texts))

    def of(row: str) -> str:
        return ", ".join((f"{row}.rowid", *(f"{row}.{quoted(text)}" for text in table.texts)))

    insert = f"INSERT INTO {index} (rowid, {columns}) VALUES ({of('NEW')});"
    delete = f"INSERT INTO {index} ({index}, rowid, {columns}) VALUES ('delete', {of('OLD')});"
    differ = " OR ".join(f"OLD.{quoted(text)} IS NOT NEW.{quoted(text)}" for text in table.texts)
    inserted, deleted, updated = _triggers(index)
    yield (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {index} USING fts5({columns}, content={literal(table.name)}, {_OPTIONS})"
    )
    yield f"CREATE TRIGGER IF NOT EXISTS {inserted} AFTER INSERT ON {name} BEGIN {insert} END"
    yield f"CREATE TRIGGER IF NOT EXISTS {deleted} AFTER DELETE ON {name} BEGIN {delete} END"
    yield (
        f"CREATE TRIGGER IF NOT EXISTS {updated} AFTER UPDATE OF {columns} ON {name}"
        f" WHEN {differ} BEGIN {delete} {insert} END"
    )
    yield _rebuilt(index)


def _rebuilt(index: str) -> str:
    return f"INSERT INTO {index} ({index}) VALUES ('rebuild')"


def _postgres(table: Table, schema: str) -> str:
    columns = ", ".join(f"{quoted(text)} {schema}.gin_trgm_ops" for text in table.texts)
    return f"CREATE INDEX IF NOT EXISTS {index_name(table)} ON {quoted(table.name)} USING gin ({columns})"
