"""The whole content of a database, kept in memory and put back.

Rows as the driver has them, of every table that the store knows. Only what was written since is looked at, where that
is known, and only what differs is written, so that going back costs little where little has changed; and in one
transaction, so that nobody sees half of it.

Rows may refer to each other in a circle. Therefore missing rows come back without their foreign keys first; then every
row gets its values; and what was not there goes last, when nothing refers to it any more.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from entity_server.store.columns import Dialect
from entity_server.store.database import Database
from entity_server.store.tables import Table, quoted
from entity_server.store.written import Mark, marked, written_since

Row = tuple[Any, ...]
"""The values of a table's columns, in their order; the first one is the primary key."""

Rows = Mapping[Any, Row]
"""The rows of a table by their primary key."""


@dataclass(slots=True, eq=False)
class Snapshot:
    """The rows of each table, by the table's name, and the last moment that is known at which they were all there."""

    tables: Mapping[str, Rows]
    mark: Mark | None


async def taken(database: Database, before: Snapshot | None = None) -> Snapshot:
    """What the database holds now. What it held at another moment saves reading what has not been written since."""
    with database.working():
        async with database.connection._in_transaction() as connection:  # noqa: SLF001 - what `in_transaction` calls
            mark = await marked(connection, database.dialect, database.tables)
            written = await written_since(connection, before.mark) if before else None
            if before is None or written is None:
                return Snapshot({table.name: await _rows(connection, table) for table in database.tables}, mark)
            tables = dict(before.tables)
            for table in database.tables:
                if keys := written.get(table.name):
                    kept = {key: row for key, row in tables[table.name].items() if key not in keys}
                    tables[table.name] = {**kept, **await _rows(connection, table, keys)}
            return Snapshot(tables, mark)


async def put_back(database: Database, snapshot: Snapshot) -> None:
    """Make the database hold what it held, and nothing else."""
    with database.working():
        async with database.connection._in_transaction() as connection:  # noqa: SLF001 - as above
            written = await written_since(connection, snapshot.mark)
            changes = []
            for table in database.tables:
                then = snapshot.tables[table.name]
                if written is None:
                    changes.append(_Change(table, database.dialect, then, await _rows(connection, table)))
                elif keys := written.get(table.name):
                    then = {key: then[key] for key in keys if key in then}
                    changes.append(_Change(table, database.dialect, then, await _rows(connection, table, keys)))
            for write in (_Change.bring_back, _Change.set_right, _Change.take_away):
                for change in changes:
                    for statement, values in write(change):
                        await connection.execute_many(statement, values)
            mark = await marked(connection, database.dialect, database.tables)
    snapshot.mark = mark


async def _rows(connection: BaseDBAsyncClient, table: Table, keys: Collection[Any] | None = None) -> Rows:
    """The rows of these keys, as far as there are any; without keys, all."""
    columns = ", ".join(quoted(column.name) for column in table.columns)
    statement = f"SELECT {columns} FROM {quoted(table.name)}"  # noqa: S608 - names
    values = None
    if keys is not None:  # which is known on SQLite alone
        statement += f" WHERE {quoted(table.columns[0].name)} IN (SELECT value FROM json_each(?))"  # noqa: S608 - a name
        values = [json.dumps(list(keys))]
    _, found = await connection.execute_query(statement, values)
    return {row[0]: tuple(row) for row in found}  # a driver's own row, of which a tuple is made fastest


@dataclass(frozen=True, slots=True)
class _Change:
    """From the rows that a table has to those that it had."""

    table: Table
    dialect: Dialect
    then: Rows
    now: Rows

    def bring_back(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """The rows that are missing, without what they refer to."""
        keys = {key.column for key in self.table.foreign_keys}
        kept = [number for number, column in enumerate(self.table.columns) if column.name not in keys]
        missing = [[row[number] for number in kept] for key, row in self.then.items() if key not in self.now]
        if missing:
            columns = ", ".join(quoted(self.table.columns[number].name) for number in kept)
            marks = ", ".join(map(self._mark, range(len(kept))))
            yield f"INSERT INTO {quoted(self.table.name)} ({columns}) VALUES ({marks})", missing  # noqa: S608 - names

    def set_right(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """The rows that differ, and those that lack what they refer to."""
        refers = bool(self.table.foreign_keys)
        wrong = [row for key, row in self.then.items() if (self.now[key] != row if key in self.now else refers)]
        if wrong:
            names = [quoted(column.name) for column in self.table.columns]
            values = ", ".join(f"{name} = {self._mark(number)}" for number, name in enumerate(names[1:]))
            place = f"{names[0]} = {self._mark(len(names) - 1)}"
            yield (
                f"UPDATE {quoted(self.table.name)} SET {values} WHERE {place}",  # noqa: S608 - names
                [[*row[1:], row[0]] for row in wrong],
            )

    def take_away(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """The rows that were not there."""
        extra = [[key] for key in self.now if key not in self.then]
        if extra:
            place = f"{quoted(self.table.columns[0].name)} = {self._mark(0)}"
            yield f"DELETE FROM {quoted(self.table.name)} WHERE {place}", extra  # noqa: S608 - names

    def _mark(self, number: int) -> str:
        return "?" if self.dialect == "sqlite" else f"${number + 1}"
