"""Opening a database for a contract, and making an older one fit.

Both compare first. The server opens what fits; what does not is named with what to do, before anything can go wrong
over it. A migration makes all changes or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from entity_server.store import totals
from entity_server.store.columns import Dialect
from entity_server.store.comparison import Difference, differences
from entity_server.store.failures import StoreUnavailable
from entity_server.store.schema import Connection, inspect, script
from entity_server.store.tables import Table

_SHOWN = 3
_MIGRATE = "run `reference-server migrate --dry-run` to see what can be added, then without --dry-run to add it"
_ELSE = "or name another database"


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration does, a line each, or why it does nothing: what differs and cannot be made right."""

    changes: tuple[str, ...]
    refused: tuple[str, ...]


async def prepare(connection: Connection, dialect: Dialect, tables: Sequence[Table], where: str) -> None:
    """Create what lacks. Raises StoreUnavailable when the database does not fit; `where` names the place."""
    found = await differences(connection, dialect, tables, await inspect(connection, dialect))
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        texts = ", ".join(difference.text for difference in found[:_SHOWN])
        raise StoreUnavailable(
            f"the database {where} was made for another version of the contract: {texts}{more}",
            hint=f"{_MIGRATE}, {_ELSE}",
        )
    known = await totals.triggers(connection, dialect)
    await connection.execute_script(script(tables, dialect, afterwards=totals.script(tables, dialect, known)))


async def plan(connection: Connection, dialect: Dialect, tables: Sequence[Table]) -> tuple[Migration, str]:
    """What a migration does, and its statements: one transaction, none where anything is refused."""
    existing = await inspect(connection, dialect)
    found = await differences(connection, dialect, tables, existing)
    refused = tuple(f"{difference.text}: {difference.refusal}" for difference in found if difference.refusal)
    new = [f"there is no table {table.name}" for table in tables if table.name not in existing.columns]
    known = await _indexes(connection, dialect)
    lacking = [
        f"table {table.name} lacks an index on {', '.join(map(_shown, index))}"
        for table in tables
        for index in (*table.indexes, *((name,) for name in table.unique))
        if table.name in existing.columns and table.short("ix", *index) not in known
    ]
    triggers = await totals.triggers(connection, dialect)
    uncounted = [
        f"table {table.name} lacks kept totals"
        for table in totals.lacking(tables, triggers)
        if table.name in existing.columns
    ]
    differing = (difference.text for difference in found if not difference.refusal)
    changes = (*new, *differing, *dict.fromkeys(lacking), *uncounted)
    statements = [] if refused else [statement for difference in found for statement in _runs(difference, dialect)]
    if refused:
        return Migration(changes, refused), ""
    return Migration(changes, refused), script(tables, dialect, statements, totals.script(tables, dialect, triggers))


def _shown(part: str) -> str:
    """A part of an index as a person reads it: an enum's rank is an expression on its column."""
    return f"{part.split(chr(34))[1]} in declared order" if part.startswith("(") else part


async def _indexes(connection: Connection, dialect: Dialect) -> frozenset[str]:
    statement = (
        "SELECT name FROM sqlite_master WHERE type = 'index'"
        if dialect == "sqlite"
        else "SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema()"
    )
    return frozenset(row["name"] for row in await connection.execute_query_dict(statement))


def _runs(difference: Difference, dialect: Dialect) -> list[str]:
    """A difference's statements, but for constraints, which SQLite cannot drop: there such a change is refused."""
    return [text for text in difference.statements if dialect == "postgres" or "DROP CONSTRAINT" not in text]
