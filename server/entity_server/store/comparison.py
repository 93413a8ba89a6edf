"""A database that was made for one version of the contract, compared with another.

What differs is said in a sentence each, with the statements that make it right or the reason why it cannot be. Tables
and indexes that lack are no difference: they are made when the store is opened.

Statements are our own: Tortoise's schema editor takes models, and knows neither the collation of a column here nor
what a new column is filled with.
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from entity_server.store.allowed import accepts
from entity_server.store.columns import SQL_TYPES, Column, Dialect, decoder, encoder
from entity_server.store.schema import (
    Connection,
    Existing,
    defined,
    forgotten,
    recorded,
    references,
    rule,
    rule_id,
    told,
)
from entity_server.store.tables import CASCADE, OWNER, ForeignKey, Table, folded_name, literal, quoted, to_sqlite

_PAGE = 1000  # records that are judged at a time


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs; the statements that make it right, unless there is a reason why it cannot be made right.

    What is `settled` is nobody's concern: every record keeps the contract, of which the database is told. Where
    `remakes` is set, SQLite makes that table anew, after all statements.
    """

    text: str
    statements: tuple[str, ...] = ()
    refusal: str | None = None
    settled: bool = False
    remakes: Table | None = None


async def differences(
    connection: Connection, dialect: Dialect, tables: Sequence[Table], existing: Existing
) -> list[Difference]:
    """All that differs between the tables in the database and those that the contract asks for."""
    comparison = _Comparison(connection, dialect, existing, frozenset(table.name for table in tables))
    return [found for table in tables async for found in comparison.table(table)]


@dataclass(frozen=True, slots=True)
class _Comparison:
    connection: Connection
    dialect: Dialect
    existing: Existing
    names: frozenset[str]
    """Those of the contract's tables."""

    async def table(self, table: Table) -> AsyncIterator[Difference]:
        """What differs in one table."""
        if table.name in self.existing.columns:
            for differences in (self._columns, self._foreign_keys, self._ownership, self._forgotten):
                async for difference in differences(table):
                    yield difference
        elif taken := self._taken(table.name, self.existing.columns):
            text = f"to SQLite the table {table.name} is {taken}, which is there"
            yield Difference(text, refusal="give the entity another name, or name another database")

    async def _columns(self, table: Table) -> AsyncIterator[Difference]:
        columns = self.existing.columns[table.name]
        changed = []
        for column in table.columns:
            found = columns.get(column.name)
            if found is None:
                yield await self._lacking(table, column)
            elif found != SQL_TYPES[column.kind]:
                text = f"column {column.name} of table {table.name} is {found}, not {SQL_TYPES[column.kind]}"
                yield Difference(text, refusal="the type of a column is not changed")
            elif self._changed(table, column):
                changed.append(column)
        async for difference in self._said(table, changed):
            yield difference

    def _taken(self, name: str, known: Iterable[str]) -> str | None:
        """Which of these SQLite takes for that name: it knows no case."""
        if self.dialect != "sqlite":
            return None
        return next((one for one in known if one != name and to_sqlite(one) == to_sqlite(name)), None)

    async def _ownership(self, table: Table) -> AsyncIterator[Difference]:
        """Records of users in a table whose records are everybody's to see, or of nobody where each sees their own."""
        if OWNER.name not in self.existing.columns[table.name]:
            return
        owned = OWNER in table.columns
        of = f"{quoted(OWNER.name)} IS {'NULL' if owned else 'NOT NULL'}"
        if number := await self._number(f"FROM {quoted(table.name)} WHERE {of}"):
            whose = "of nobody, which nobody" if owned else "of users, which everybody"
            text = f"table {table.name} has {number} records {whose} would see now"
            yield Difference(text, refusal="remove these records first")

    async def _forgotten(self, table: Table) -> AsyncIterator[Difference]:
        """Fields that the contract no longer has: when they come again, what came meanwhile is to be judged by them."""
        known = {column.name for column in table.columns}
        for name in self.existing.columns[table.name]:
            kept = rule_id(table, name)
            if name not in known and kept in self.existing.rules:
                yield Difference("", (forgotten(kept),), settled=True)

    async def _lacking(self, table: Table, column: Column) -> Difference:
        text = f"table {table.name} lacks the column {column.name}"
        if taken := self._taken(column.name, self.existing.columns[table.name]):
            return Difference(f"{text}, and has {taken}", refusal="to SQLite these are one; give it another name")
        if column is OWNER and await self._number(f"FROM {quoted(table.name)}"):
            return Difference(text, refusal="its records would belong to nobody; remove them first")
        if not column.nullable and column.default is None and await self._number(f"FROM {quoted(table.name)}"):
            return Difference(text, refusal="its records would have no value for a field that is always set")
        key = next((key for key in table.foreign_keys if key.column == column.name), None)
        # PostgreSQL gets its foreign keys with the tables.
        refers = f" {references(key.table, key.action)}" if key and self.dialect == "sqlite" else ""
        # The records that there are have it too, and those that an older server makes yet.
        default = "" if column.default is None else f" DEFAULT {_sql(column, self.dialect)}"
        statement = f"ALTER TABLE {quoted(table.name)} ADD COLUMN {defined(column, self.dialect)}{default}{refers}"
        return Difference(text, (statement,))

    def _changed(self, table: Table, column: Column) -> bool:
        """Whether the contract says otherwise of a column's values than is kept of it."""
        return told(column) and self.existing.rules.get(rule_id(table, column.name)) != rule(column)

    async def _said(self, table: Table, changed: Sequence[Column]) -> AsyncIterator[Difference]:
        """What the contract says otherwise of the values of these columns, and whether the records agree."""
        before = {column.name: self._before(table, column) for column in changed}
        judged = [column for column in changed if column.rules and column.rules != before[column.name].get("rules")]
        broken = await self._broken(table, judged)
        for column in changed:
            told_of = [*await self._values(table, column, before[column.name]), *broken.get(column.name, ())]
            for difference in told_of:
                yield difference
            if not told_of:
                yield Difference("", _set(table, column), settled=True)

    def _before(self, table: Table, column: Column) -> dict[str, Any]:
        kept = self.existing.rules.get(rule_id(table, column.name))
        return json.loads(kept) if kept else {}

    async def _values(self, table: Table, column: Column, before: dict[str, Any]) -> list[Difference]:
        return [
            difference
            for difference in (
                await self._values_gone(table, column, before.get("values") or None),
                await self._null_gone(table, column, before.get("nullable")),
                *_wider(table, column, before),
            )
            if difference is not None
        ]

    async def _broken(self, table: Table, columns: Sequence[Column]) -> dict[str, list[Difference]]:
        """The columns, by name, with values that break their rules."""
        if not columns:
            return {}
        accepted = {column.name: (accepts(column.rules), decoder(column.kind, self.dialect)) for column in columns}
        broken: dict[str, list[str]] = {}
        names, mark = ", ".join(map(quoted, ("id", *accepted))), "?" if self.dialect == "sqlite" else "$1"
        page = f"SELECT {names} FROM {quoted(table.name)} WHERE id > {mark} ORDER BY id LIMIT {_PAGE}"  # noqa: S608 - names
        last = ""
        while rows := await self.connection.execute_query_dict(page, [last]):
            last = rows[-1]["id"]
            for row in rows:
                for name, (accept, decode) in accepted.items():
                    value = row[name]
                    if value is not None and not accept(value if decode is None else decode(value)):
                        broken.setdefault(name, []).append(row["id"])
        return {
            name: [
                Difference(
                    f"{name} of table {table.name} may no longer be what it is in {len(ids)} records, such as {ids[0]}",
                    refusal="change these records first",
                )
            ]
            for name, ids in broken.items()
        }

    async def _values_gone(self, table: Table, column: Column, before: list[str] | None) -> Difference | None:
        gone = None if before is None else [value for value in before if value not in column.values]
        if not column.values or gone == []:
            return None
        name, known = quoted(column.name), ", ".join(map(literal, column.values))
        rows = await self.connection.execute_query_dict(
            f"SELECT {name} AS value, count(*) AS number FROM {quoted(table.name)}"  # noqa: S608 - names and literals
            f" WHERE {name} NOT IN ({known}) GROUP BY {name} ORDER BY {name} LIMIT 3"
        )
        what = f"{column.name} of table {table.name} may no longer be"
        if rows:
            used = ", ".join(f"{row['value']} (in {row['number']} records)" for row in rows)
            return Difference(f"{what} {used}", refusal="change these records first")
        return Difference(f"{what} {', '.join(gone)}", _set(table, column)) if gone else None

    async def _null_gone(self, table: Table, column: Column, before: bool | None) -> Difference | None:  # noqa: FBT001
        if column.nullable or before is False:
            return None
        null = f"{quoted(column.name)} IS NULL"
        number = await self._number(f"FROM {quoted(table.name)} WHERE {null}")
        if number and before is None and column.default is not None:
            # Those came while the contract had no such field: it is as new to them as it was to the others.
            text = f"{column.name} of table {table.name} gets its default in {number} records"
            return Difference(text, (self._filled(table, column, null), *_set(table, column)))
        text = f"{column.name} of table {table.name} may no longer be null"
        if number:
            return Difference(f"{text} (it is in {number} records)", refusal="give these records a value first")
        return Difference(text, _set(table, column)) if before else None

    def _filled(self, table: Table, column: Column, condition: str) -> str:
        """The statement that gives a column, and its folded twin, their default."""
        own = (one for one in table.columns if one.name in (column.name, folded_name(column.name)))
        values = ", ".join(f"{quoted(one.name)} = {_sql(one, self.dialect)}" for one in own)
        return f"UPDATE {quoted(table.name)} SET {values} WHERE {condition}"  # noqa: S608 - names and literals

    async def _foreign_keys(self, table: Table) -> AsyncIterator[Difference]:
        """What lacks, or is no longer the contract's.

        PostgreSQL gets what lacks with the tables. SQLite adds and drops no foreign key, but makes the table anew.
        """
        known, columns = self.existing.references.get(table.name, {}), self.existing.columns[table.name]
        wanted = {(key.column, key.table, key.action): key for key in table.foreign_keys if key.column in columns}
        lacking = [key for what, key in wanted.items() if what not in known]
        for key in lacking:
            if number := await self._dangling(table, key):
                text = f"{key.column} of table {table.name} names no record of {key.table} in {number} records"
                yield Difference(text, refusal="change these records first")
            else:
                text = f"table {table.name} lacks the foreign key {key.column} to {key.table}"
                yield self._related(table, f"{text} on delete {key.action.lower()}")
        for (column, target, action), name in known.items():
            # That of a field that is gone is in nobody's way, unless records would go with what nobody knows they name.
            heeded = _has(table, column) or (action == CASCADE and target in self.names)
            if (column, target, action) in wanted or not heeded:
                continue
            text = f"the foreign key {column} of table {table.name} to {target} on delete {action.lower()} is none now"
            yield self._related(table, text, f"ALTER TABLE {quoted(table.name)} DROP CONSTRAINT {quoted(name)}")

    def _related(self, table: Table, text: str, *statements: str) -> Difference:
        """A difference of foreign keys, and PostgreSQL's statements for it."""
        if self.dialect == "sqlite":
            return Difference(text, remakes=table)
        return Difference(text, statements)

    async def _dangling(self, table: Table, key: ForeignKey) -> int:
        """How many records name one that is not there."""
        column = f"{quoted(table.name)}.{quoted(key.column)}"
        there = ""
        if key.table in self.existing.columns:
            there = f" AND NOT EXISTS (SELECT 1 FROM {quoted(key.table)} o WHERE o.id = {column})"  # noqa: S608 - names
        return await self._number(f"FROM {quoted(table.name)} WHERE {column} IS NOT NULL{there}")

    async def _number(self, condition: str) -> int:
        rows = await self.connection.execute_query_dict(f"SELECT count(*) AS number {condition}")
        return int(rows[0]["number"])


def _wider(table: Table, column: Column, before: dict[str, Any]) -> Iterator[Difference]:
    """What the contract allows now, and did not."""
    if not before:
        return
    values = before["values"]
    if values and (new := [value for value in column.values if value not in values]):
        yield Difference(f"{column.name} of table {table.name} may also be {', '.join(new)}", _set(table, column))
    if [value for value in values if value in column.values] != [value for value in column.values if value in values]:
        yield Difference(f"the values of {column.name} of table {table.name} have another order", _set(table, column))
    if column.nullable and not before["nullable"]:
        yield Difference(f"{column.name} of table {table.name} may be null now", _set(table, column))


def _has(table: Table, column: str) -> bool:
    return any(one.name == column for one in table.columns)


def _set(table: Table, column: Column) -> tuple[str, ...]:
    """What is kept of a column, as the contract has it now."""
    return forgotten(rule_id(table, column.name)), recorded(table, column)


def _sql(column: Column, dialect: Dialect) -> str:
    """A column's default as SQL has it."""
    encode = encoder(column.kind, dialect)
    value = column.default if encode is None else encode(column.default)
    match value:
        case bool():
            return str(value).upper()
        case int() | float():
            return repr(value)
        case date():
            return literal(value.isoformat())
        case _:
            return literal(str(value))
