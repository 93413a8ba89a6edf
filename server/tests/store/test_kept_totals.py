"""Totals are right whatever became of those who wrote, and in databases that had none."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from entity_server.store import Store, open_store
from entity_server.store.opening import migrate
from entity_server.store.totals import TOTALS

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, BOB, part, thing
from server.tests.store.totals import counted, kept, rows

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = contract_of(THINGS, PARTS, USERS)
WRITERS = """
import asyncio, sys
from entity_server.store import open_store
from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, part, thing

async def write(store):
    while True:
        made = await thing(store)
        await part(store, made)
        await store.records.delete(THINGS, (await thing(store))["id"], ANN)
        print(made["id"], flush=True)

async def main():
    store = await open_store(sys.argv[1], contract_of(THINGS, PARTS, USERS))
    await asyncio.gather(*(write(store) for _ in range(64)))

asyncio.run(main())
"""


async def test_totals_agree_after_64_writers_were_killed(database_url: str) -> None:
    arguments = [sys.executable, "-c", WRITERS, database_url]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: ASYNC220
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(200)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read().split()
    store = await open_store(database_url, CONTRACT)
    async with asyncio.timeout(60):
        while await pending(store):  # noqa: ASYNC110 - PostgreSQL ends what the killed process had begun, or undoes it
            await asyncio.sleep(0.01)
    totals, number = await kept(store), await counted(store)
    await store.close()

    assert totals == number
    assert totals["entity_things", ANN] >= len(told) >= 200


async def pending(store: Store) -> bool:
    """Whether PostgreSQL still works for somebody else."""
    if store._database.dialect == "sqlite":
        return False
    others = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND state <> 'idle'"
    return bool(await rows(store, f"{others} AND pid <> pg_backend_pid() AND query LIKE '%entity_things%'"))


@pytest.mark.parametrize("way", ["open", "migrate"])
async def test_a_database_without_totals_gets_them(database_url: str, way: str) -> None:
    store = await open_store(database_url, CONTRACT)
    made = await thing(store)
    await thing(store, owner=BOB)
    await part(store, made)
    await without_totals(store)
    await store.close()

    if way == "migrate":
        told = (await migrate(database_url, CONTRACT, dry_run=True)).changes
        assert told == tuple(f"table entity_{name} lacks kept totals" for name in ("things", "parts", "users"))
        await migrate(database_url, CONTRACT, dry_run=False)
        assert (await migrate(database_url, CONTRACT, dry_run=True)).changes == ()
    store = await open_store(database_url, CONTRACT)
    await thing(store)
    totals = await kept(store)
    await store.close()

    assert totals == {("entity_things", ANN): 2, ("entity_things", BOB): 1, ("entity_parts", ANN): 1}


async def without_totals(store: Store) -> None:
    """The database as an earlier version of the server left it."""
    if store._database.dialect == "sqlite":
        triggers = await rows(store, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        statements = [f"DROP TRIGGER {row['name']}" for row in triggers]
    else:
        functions = await rows(
            store,
            "SELECT proname AS name FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
        )
        statements = [f"DROP FUNCTION {row['name']} CASCADE" for row in functions if row["name"].startswith("kt_")]
    await store._database.connection.execute_script(";".join((*statements, f"DROP TABLE {TOTALS}")))
