"""PostgreSQL: connections are kept from one statement to the next, and what that must not spoil."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg  # type: ignore[import-untyped]
import pytest
from entity_server.domain.problems import ServiceUnavailable
from entity_server.store import Store, keys, open_store, postgres
from entity_server.store.postgres import Pool

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, NOW, query, thing

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]

WHO = "SELECT pg_backend_pid() AS pid"


@pytest.fixture
async def kept(database_url: str) -> AsyncIterator[Store]:
    """A store with one thing, and a schema of its own."""
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    await thing(store, id="thg_1")
    yield store
    await store.close()


def client(store: Store) -> Pool:
    """What lends connections."""
    pool = store._database.connection
    assert isinstance(pool, Pool)
    return pool


async def until_connected(pool: Pool, number: int) -> None:
    """Wait until the driver has noticed that no more connections than that are left."""
    assert pool._pool is not None
    async with asyncio.timeout(60):
        while pool._pool.get_size() > number:  # noqa: ASYNC110 - another process ends them
            await asyncio.sleep(0.01)


async def test_one_after_the_other_are_asked_over_one_connection(kept: Store) -> None:
    asked = [await client(kept).execute_query_dict(WHO) for _ in range(5)]
    assert len({one[0]["pid"] for one in asked}) == 1


async def test_connections_that_ended_meanwhile_are_replaced(kept: Store, database_url: str) -> None:
    pool = client(kept)
    kept_now = {one[0]["pid"] for one in await asyncio.gather(*(pool.execute_query_dict(WHO) for _ in range(3)))}
    administrator = await asyncpg.connect(database_url.partition("&schema=")[0])
    for pid in kept_now:
        await administrator.execute("SELECT pg_terminate_backend($1)", pid)
    await administrator.close()
    await until_connected(pool, 0)

    found = [await kept.records.get(THINGS, "thg_1", ANN) for _ in range(5)]

    assert [one is not None for one in found] == [True] * 5


async def test_a_snapshot_is_taken_while_all_are_kept(kept: Store) -> None:
    lists = [kept.records.list(THINGS, query(), ANN) for _ in range(20)]
    await asyncio.gather(*lists, *(thing(kept) for _ in range(20)), *(kept.ping() for _ in range(20)))

    async with asyncio.timeout(60):
        snapshot = await kept.snapshot()
        await kept.restore(snapshot)

    assert (await kept.records.list(THINGS, query(), ANN)).total == 21


async def test_a_statement_that_was_given_up_spoils_no_other(kept: Store) -> None:
    pool = client(kept)
    waiting = [asyncio.create_task(pool.execute_query_dict("SELECT pg_sleep(60)")) for _ in range(3)]
    await asyncio.sleep(0.1)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)

    answers = [await pool.execute_query_dict(WHO) for _ in range(6)]
    async with asyncio.timeout(60):
        while pool.use[0]:  # noqa: ASYNC110 - what was given up ends when PostgreSQL says so
            await asyncio.sleep(0.01)

    assert all(answers)


@asynccontextmanager
async def hanging(store: Store) -> AsyncIterator[int]:
    """Connections of the store behind which PostgreSQL answers nothing, and how many."""
    asked = await asyncio.gather(*(client(store).execute_query_dict(WHO) for _ in range(10)))
    processes = {one[0]["pid"] for one in asked}
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield len(processes)
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


async def test_who_meets_a_database_that_hangs_is_told_within_the_bound(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client(kept), "longest_point", 0.2)
    monkeypatch.setattr(postgres, "_LONGEST_END", 0.5)
    async with hanging(kept) as number:
        begun = time.monotonic()
        reads = (kept.records.get(THINGS, "thg_1", ANN) for _ in range(number))
        told = await asyncio.gather(*reads, return_exceptions=True)
        took = time.monotonic() - begun
        async with asyncio.timeout(30):
            found = await kept.records.get(THINGS, "thg_1", ANN)

    assert {type(one) for one in told} == {ServiceUnavailable}
    assert took < 5
    assert found is not None


async def test_a_store_whose_database_hangs_is_closed_all_the_same(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_LONGEST_END", 0.5)
    monkeypatch.setattr(keys, "_LONGEST_LAST", 0.5)
    await kept.keys.touch("key_1", NOW)
    async with hanging(kept):
        begun = time.monotonic()
        await kept.close()
        took = time.monotonic() - begun

    assert took < 5


async def test_a_connection_that_is_kept_is_not_in_use(kept: Store) -> None:
    await asyncio.gather(*(kept.ping() for _ in range(20)))
    assert kept.pool == (0, 10)
