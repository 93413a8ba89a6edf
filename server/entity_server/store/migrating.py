"""Opening a database for a contract, and making an older one fit.

Both compare first. The server opens what fits; what does not is named with what to do, before anything can go wrong
over it. A migration makes all changes or none.

Each compares and changes in one transaction, beside which nobody else does: of two that come at once, the second finds
nothing to do. A start that finds nothing to do locks no table of PostgreSQL, so that nobody waits who is served by one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from entity_server.store import text_index, totals
from entity_server.store.columns import Dialect
from entity_server.store.comparison import differences
from entity_server.store.failures import StoreUnavailable
from entity_server.store.schema import Connection, Existing, inspect, remade, script
from entity_server.store.tables import Table

_SHOWN = 3
_MIGRATE = "run `reference-server migrate --dry-run` to see what can be added, then without --dry-run to add it"
_ELSE = "or name another database"
_INDEX = re.compile(r"ix_[0-9a-f]{24}")  # as `Table.short` names it


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration does, a line each, or why it does nothing: what differs and cannot be made right."""

    changes: tuple[str, ...]
    refused: tuple[str, ...]


async def prepare(
    connection: Connection, dialect: Dialect, tables: Sequence[Table], where: str, *, index_texts: bool | None = None
) -> str | None:
    """Create what lacks. Raises StoreUnavailable when the database does not fit; `where` names the place.

    `index_texts` is whether there is to be a text index: None leaves it as it is. What comes back is why there is none.
    """
    existing = await inspect(connection, dialect)
    every = await differences(connection, dialect, tables, existing)
    found = [difference for difference in every if not difference.settled]
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        texts = ", ".join(difference.text for difference in found[:_SHOWN])
        raise StoreUnavailable(
            f"the database {where} was made for another version of the contract: {texts}{more}",
            hint=f"{_MIGRATE}, {_ELSE}",
        )
    triggers = await totals.triggers(connection, dialect)
    afterwards, refusal = totals.script(tables, dialect, triggers), None
    unindexed: list[str] = []
    if index_texts is not None:
        unindexed, refusal = await _text_index(connection, dialect, tables, wanted=index_texts)
    lacking = await _lacking(connection, dialect, tables, existing, triggers)
    if every or unindexed or lacking:
        settled = [statement for difference in every for statement in difference.statements]
        settled += lacking.undone
        await connection.execute(script(tables, dialect, settled, [*afterwards, *unindexed]))
    return refusal


async def _text_index(
    connection: Connection, dialect: Dialect, tables: Sequence[Table], *, wanted: bool
) -> tuple[list[str], str | None]:
    """The statements that make the text index, or drop it, and why there can be none."""
    there = await text_index.existing(connection, dialect, wanted=wanted)
    if not wanted or there.refusal:
        return text_index.dropped(there, dialect), there.refusal if wanted else None
    statements = text_index.script(tables, dialect, there)
    if dialect == "sqlite":
        statements += await text_index.unsound(connection, tables, there)
    return statements, None


async def plan(
    connection: Connection, dialect: Dialect, tables: Sequence[Table], *, index_texts: bool = False
) -> tuple[Migration, list[str]]:
    """What a migration does, and its statements, none where anything is refused.

    `index_texts` asks for the text index; without it, it is left as it is.
    """
    existing = await inspect(connection, dialect)
    found = await differences(connection, dialect, tables, existing)
    refused = tuple(f"{difference.text}: {difference.refusal}" for difference in found if difference.refusal)
    triggers = await totals.triggers(connection, dialect)
    lacking = await _lacking(connection, dialect, tables, existing, triggers)
    there = await text_index.existing(connection, dialect, wanted=index_texts)
    anew = {table.name: table for table in (difference.remakes for difference in found) if table is not None}
    triggers -= {totals.trigger_name(table) for table in anew.values()}
    unindexed, afterwards = [], totals.script(tables, dialect, triggers)
    afterwards += [statement for table in anew.values() for statement in text_index.again(table, there)]
    if index_texts:
        unindexed = [
            f"table {table.name} lacks a text index on {', '.join(table.texts).replace('$folded', '')}"
            for table in text_index.lacking(tables, there)
        ]
        if there.refusal:
            refused = (*refused, *(f"{text}: {there.refusal}" for text in unindexed))
            unindexed = []
        else:
            afterwards += text_index.script(tables, dialect, there)
    differing = (difference.text for difference in found if not difference.refusal and not difference.settled)
    changes = (*lacking.tables, *differing, *lacking.others, *unindexed)
    if refused or not (found or changes):
        return Migration(changes, refused), []
    statements = [statement for difference in found for statement in difference.statements]
    statements += lacking.undone
    statements += [statement for table in anew.values() for statement in remade(table, existing.columns[table.name])]
    return Migration(changes, refused), script(tables, dialect, statements, afterwards)


@dataclass(frozen=True, slots=True)
class _Lacking:
    """What is made where it lacks, a line each: tables, and what belongs to those that are there.

    `undone` are the statements that take away indexes which the contract asks for no longer. On PostgreSQL one may keep
    out a text that is longer than it could be then, and each costs every write.
    """

    tables: tuple[str, ...]
    others: tuple[str, ...]
    undone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.tables or self.others)


async def _lacking(
    connection: Connection, dialect: Dialect, tables: Sequence[Table], existing: Existing, triggers: frozenset[str]
) -> _Lacking:
    known = await _indexes(connection, dialect)
    there = [table for table in tables if table.name in existing.columns]
    indexes = [
        f"table {table.name} lacks an index on {', '.join(map(_shown, index))}"
        for table in there
        for index in (*table.indexes, *map(_alone, table.unique))
        if table.short("ix", *index) not in known
    ]
    wanted = {table.short("ix", *index) for table in tables for index in (*table.indexes, *map(_alone, table.unique))}
    names = {table.name for table in there}
    stale = {name: of for name, of in known.items() if of in names and _INDEX.fullmatch(name) and name not in wanted}
    needless = [f"table {of} has an index that the contract asks for no longer" for of in stale.values()]
    uncounted = [f"table {table.name} lacks kept totals" for table in totals.lacking(there, triggers)]
    new = (f"there is no table {table.name}" for table in tables if table.name not in existing.columns)
    others = (*dict.fromkeys(indexes), *dict.fromkeys(needless), *uncounted)
    return _Lacking(tuple(new), others, tuple(f"DROP INDEX IF EXISTS {name}" for name in stale))


def _alone(name: str) -> tuple[str]:
    return (name,)


def _shown(part: str) -> str:
    """A part of an index as a person reads it: an enum's rank is an expression on its column."""
    return f"{part.split(chr(34))[1]} in declared order" if part.startswith("(") else part.replace(" START", "")


async def _indexes(connection: Connection, dialect: Dialect) -> dict[str, str]:
    """The tables of all indexes, by the names of these."""
    statement = (
        "SELECT name, tbl_name AS of FROM sqlite_master WHERE type = 'index'"
        if dialect == "sqlite"
        else "SELECT indexname AS name, tablename AS of FROM pg_indexes WHERE schemaname = current_schema()"
    )
    return {row["name"]: row["of"] for row in await connection.execute_query_dict(statement)}
