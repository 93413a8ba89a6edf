"""What runs in the loop's own thread, and what does not: SQLite alone."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from entity_server.store import Store, open_store
from entity_server.store.at_once import AtOnce

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, NOW, query, thing

pytestmark = pytest.mark.anyio

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT count(*) FROM n"
PLACES = ["file", "memory"]


@pytest.fixture(params=PLACES)
async def sqlite_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    place = f"{tmp_path}/store.sqlite3" if request.param == "file" else ":memory:"
    store = await open_store(f"sqlite://{place}", contract_of(THINGS, PARTS, USERS))
    yield store
    await store.close()


def test_a_statement_that_takes_long_is_given_up() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        assert AtOnce(connection).briefly(ENDLESS, ()) is None


def test_a_point_read_is_never_given_up() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        at_once = AtOnce(connection)
        at_once.briefly(ENDLESS, ())

        assert at_once.run(ENDLESS, ()) == [(100_000,)]


def test_a_short_statement_that_runs_often_is_not_given_up() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        at_once = AtOnce(connection)

        assert {at_once.briefly("SELECT 1", ()) is None for _ in range(30_000)} == {False}


def test_a_statement_that_was_given_up_is_passed_over_for_a_while() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE rows (i)")
        connection.executemany("INSERT INTO rows VALUES (?)", [(i,) for i in range(20_000)])
        at_once = AtOnce(connection)
        count = "SELECT count(*) FROM rows WHERE i + 1 > 0"
        at_once.briefly(count, ())
        connection.execute("DELETE FROM rows")

        assert [at_once.briefly(count, ()) for _ in range(21)] == [None] * 20 + [[(0,)]]


def test_a_locked_file_is_not_waited_for(tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None)) as other,
        closing(sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None, timeout=0)) as connection,
    ):
        other.execute("CREATE TABLE t (i)")
        other.execute("BEGIN EXCLUSIVE")

        assert AtOnce(connection).run("INSERT INTO t VALUES (1)", ()) is None


def test_what_is_wrong_is_raised() -> None:
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(sqlite3.OperationalError):
        AtOnce(connection).briefly("SELECT nothing", ())


async def test_a_write_whose_client_has_gone_keeps_the_connection_until_it_is_done(tmp_path: Path) -> None:
    store = await open_store(f"sqlite://{tmp_path}/store.sqlite3", contract_of(THINGS, PARTS, USERS))
    with closing(sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        gone = asyncio.create_task(thing(store, id="thg_1"))
        await asyncio.sleep(0.05)
        gone.cancel()
        later = asyncio.create_task(thing(store, id="thg_2"))
        for _ in range(20):  # the loop goes on while a thread waits for the lock
            await asyncio.sleep(0.001)
        assert not later.done()
        other.execute("COMMIT")
        await later

    found = await store.records.list(THINGS, query(), ANN)
    assert {record["id"] for record in found.records} == {"thg_1", "thg_2"}
    await store.close()


async def test_many_writes_are_all_kept(sqlite_store: Store) -> None:
    """More than go without a turn of the thread, which writes the log back, among deletions, which it makes."""

    async def made(number: int) -> None:
        await thing(sqlite_store, id=f"thg_{number}")
        if number % 3 == 0:
            assert await sqlite_store.records.delete(THINGS, f"thg_{number}", ANN)

    await asyncio.gather(*map(made, range(1100)))

    assert (await sqlite_store.records.list(THINGS, query(), ANN)).total == 733


async def test_a_list_beside_long_ones_is_answered(sqlite_store: Store) -> None:
    for number in range(3):
        await thing(sqlite_store, id=f"thg_{number}")

    lists = await asyncio.gather(*(sqlite_store.records.list(THINGS, query(), ANN) for _ in range(50)))

    assert {found.total for found in lists} == {3}
    assert threading.active_count() < 10


async def test_a_key_that_was_used_is_written_beside_writes(sqlite_store: Store) -> None:
    await sqlite_store.keys.touch("key_1", NOW)

    await asyncio.gather(sqlite_store.keys.write_uses(), *(thing(sqlite_store, id=f"thg_{n}") for n in range(20)))

    assert (await sqlite_store.records.list(THINGS, query(), ANN)).total == 20
