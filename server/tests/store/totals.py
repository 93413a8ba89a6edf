"""What is kept of totals, and what count(*) says."""

from collections.abc import Mapping
from typing import Any

from entity_server.store import Store
from entity_server.store.totals import TOTALS

Totals = Mapping[tuple[str, str], int]


async def rows(store: Store, statement: str) -> list[dict[str, Any]]:
    """What a statement finds."""
    return await store._database.connection.execute_query_dict(statement)


async def kept(store: Store) -> Totals:
    """The totals that are kept, by table and owner."""
    found = await rows(store, f'SELECT "table", owner, sum(number) AS number FROM {TOTALS} GROUP BY "table", owner')
    return {(row["table"], row["owner"]): int(row["number"]) for row in found if row["number"]}


async def counted(store: Store) -> Totals:
    """The same, counted."""
    things = await rows(store, 'SELECT "$owner" AS owner, count(*) AS number FROM entity_things GROUP BY "$owner"')
    parts = await rows(store, 'SELECT "$owner" AS owner, count(*) AS number FROM entity_parts GROUP BY "$owner"')
    users = await rows(store, "SELECT '' AS owner, count(*) AS number FROM entity_users HAVING count(*) > 0")
    by_table = {"entity_things": things, "entity_parts": parts, "entity_users": users}
    return {(table, row["owner"]): row["number"] for table, found in by_table.items() for row in found}
