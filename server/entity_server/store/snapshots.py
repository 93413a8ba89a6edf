"""The whole content of a database, kept in memory and put back.

Rows as the driver has them, of every table that the store knows. Only what differs is written, so that going back costs
little where little has changed; and in one transaction, so that nobody sees half of it.

Rows may refer to each other in a circle. Therefore missing rows come back without their foreign keys first; then every
row gets its values; and what was not there goes last, when nothing refers to it any more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from entity_server.store.columns import Dialect
from entity_server.store.database import Database
from entity_server.store.tables import Table, quoted

Row = tuple[Any, ...]
"""The values of a table's columns, in their order; the first one is the primary key."""

Rows = Mapping[Any, Row]
"""The rows of a table by their primary key."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rows of each table, by the table's name."""

    tables: Mapping[str, Rows]


async def taken(database: Database) -> Snapshot:
    """What the database holds now."""
    with database.working():
        async with database.connection._in_transaction() as connection:  # noqa: SLF001 - what `in_transaction` calls
            return Snapshot({table.name: await _rows(connection, table) for table in database.tables})


async def put_back(database: Database, snapshot: Snapshot) -> None:
    """Make the database hold what it held, and nothing else."""
    with database.working():
        async with database.connection._in_transaction() as connection:  # noqa: SLF001 - as above
            changes = [
                _Change(table, database.dialect, snapshot.tables[table.name], await _rows(connection, table))
                for table in database.tables
            ]
            for write in (_Change.bring_back, _Change.set_right, _Change.take_away):
                for change in changes:
                    for statement, values in write(change):
                        await connection.execute_many(statement, values)


async def _rows(connection: BaseDBAsyncClient, table: Table) -> Rows:
    columns = ", ".join(quoted(column.name) for column in table.columns)
    _, found = await connection.execute_query(f"SELECT {columns} FROM {quoted(table.name)}")  # noqa: S608 - names
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
