"""Which rows have been written since a moment: who goes back to that moment need look at no others.

Triggers of the one connection that writes note the key of each row, in a table of that connection alone: nobody else
sees either, and both end with it. They are made when a moment is first marked, so that a server that never goes back
has none. What another connection writes they do not note, but SQLite tells that something was written.

Only SQLite has triggers of a connection's own. On PostgreSQL nothing is known.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from entity_server.store.columns import Dialect
from entity_server.store.tables import Table, literal, quoted

MOST = 100_000
"""How many writes are noted. Then all that was marked before is unknown."""

_NOTES = "written_rows"
_EVENTS = {"insert": "NEW", "update": "OLD", "delete": "OLD"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment: how many writes had been noted, in which notes, and what others had written."""

    notes: str
    number: int
    others: int


Written = Mapping[str, frozenset[Any]]
"""By table, the keys of the rows that were made, changed or deleted; a table without any is left out."""


async def marked(connection: BaseDBAsyncClient, dialect: Dialect, tables: tuple[Table, ...]) -> Mark | None:
    """The present moment, in a transaction that writes; None where it cannot be told what is written after it."""
    if dialect != "sqlite":
        return None
    mark = await _now(connection)
    if mark is None or mark.number > MOST:
        await _begin(connection, tables)
        mark = await _now(connection)
    return mark


async def written_since(connection: BaseDBAsyncClient, mark: Mark | None) -> Written | None:
    """What has been written since, None where that is not known. In a transaction that writes."""
    now = None if mark is None else await _now(connection)
    if mark is None or now is None or (now.notes, now.others) != (mark.notes, mark.others):
        return None
    statement = f"SELECT DISTINCT place, row FROM {_NOTES} WHERE number > {mark.number}"  # noqa: S608 - our own
    _, found = await connection.execute_query(statement)
    keys: dict[str, set[Any]] = {}
    for place, row in found:
        keys.setdefault(place, set()).add(row)
    return {place: frozenset(rows) for place, rows in keys.items()}


async def _now(connection: BaseDBAsyncClient) -> Mark | None:
    """The present moment; None where nothing is noted."""
    _, there = await connection.execute_query(f"SELECT 1 FROM sqlite_temp_master WHERE name = '{_NOTES}'")  # noqa: S608 - likewise
    if not there:
        return None
    _, ((notes, number),) = await connection.execute_query(
        f"SELECT (SELECT row FROM {_NOTES} WHERE number = 1), (SELECT max(number) FROM {_NOTES})"  # noqa: S608 - likewise
    )
    _, ((others,),) = await connection.execute_query("PRAGMA data_version")
    return Mark(notes, number, others)


async def _begin(connection: BaseDBAsyncClient, tables: tuple[Table, ...]) -> None:
    """Note from now on what is written, and nothing of what was before. The first note is a name for the notes."""
    statements = [
        f"CREATE TEMP TABLE IF NOT EXISTS {_NOTES} (number INTEGER PRIMARY KEY, place TEXT, row)",
        f"DELETE FROM {_NOTES}",  # noqa: S608 - likewise
        f"INSERT INTO {_NOTES} VALUES (1, NULL, '{secrets.token_hex(8)}')",  # noqa: S608 - likewise
    ]
    for table in tables:
        key = quoted(table.columns[0].name)
        for event, row in _EVENTS.items():
            statements.append(
                f"CREATE TEMP TRIGGER IF NOT EXISTS {quoted(f'{table.name}_{event}')} AFTER {event} ON"  # noqa: S608 - likewise
                f" main.{quoted(table.name)} BEGIN INSERT INTO {_NOTES} (place, row)"
                f" VALUES ({literal(table.name)}, {row}.{key}); END"
            )
    for statement in statements:
        await connection.execute_query(statement)
