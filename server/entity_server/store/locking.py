"""A lock in a PostgreSQL, which holds for as long as a block lasts, and ends with the process however that ends.

Each schema has one. One server has it alone, or several share it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from entity_server.store.failures import driver_errors
from entity_server.store.opening import read

if TYPE_CHECKING:
    from entity_server.store.postgres import Pool

_LOCK = 0x64656D6F
_TRIES, _BETWEEN_TRIES = 30, 0.1  # seconds: PostgreSQL hears a little later of a server that was killed


@asynccontextmanager
async def locked(url: str, *, shared: bool) -> AsyncIterator[bool]:
    """Whether this block has the lock of the PostgreSQL at `url`: alone, or with others that share it.

    True where PostgreSQL cannot be asked, too: whoever opens the store there is told why. Raises StoreUnavailable for a
    URL that cannot be read.
    """
    dialect, settings = read(url)
    if dialect != "postgres":
        yield True
        return
    from entity_server.store.postgres import Pool  # noqa: PLC0415 - a server on SQLite need not load it

    client = Pool(
        connection_name="lock", **{**settings, "minsize": 0, "maxsize": 1}
    )  # a connection of its own, which a lock belongs to
    try:
        yield await _taken(client, shared=shared)
    finally:
        with suppress(*driver_errors("postgres").every):
            await client.hang_up()


async def _taken(client: "Pool", *, shared: bool) -> bool:
    function = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
    statement = f"SELECT {function}({_LOCK}, hashtext(coalesce(current_schema(), '')))"
    with suppress(*driver_errors("postgres").every):
        connection = await client.take(client.writes)
        for _ in range(_TRIES):
            if await connection.fetchval(statement):
                return True
            await asyncio.sleep(_BETWEEN_TRIES)
        return False
    return True
