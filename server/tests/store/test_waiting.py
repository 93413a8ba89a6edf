"""What waits for what: nothing reads behind a write, and nobody waits for ever."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from entity_server.domain.keys import Key, digest
from entity_server.domain.problems import ServiceUnavailable
from entity_server.store import Store, open_store, postgres, resting, sqlite, turns
from entity_server.store.at_once import AtOnce
from entity_server.store.resting import PointReads

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, NOW, query, thing

pytestmark = pytest.mark.anyio

AT_ONCE = 4.5  # seconds; SQLite waits five for a lock
SECRET = digest("sk_live_secret")


@pytest.fixture
async def store_in_file(tmp_path: Path) -> AsyncIterator[Store]:
    """A store in `store.sqlite3`, with one key and one thing."""
    store = await open_store(f"sqlite://{tmp_path}/store.sqlite3", contract_of(THINGS, PARTS, USERS))
    await store.keys.add(Key("key_1", ANN, "CI", ("read",), "sk_live_abc123...", NOW), SECRET)
    await thing(store, id="thg_1")
    yield store
    await store.close()


async def test_another_programs_lock_stalls_no_read(store_in_file: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        write = asyncio.create_task(thing(store_in_file, "later"))
        await store_in_file.keys.touch("key_1", NOW)
        started = time.monotonic()
        await store_in_file.keys.find(SECRET)
        await store_in_file.records.get(THINGS, "thg_1", ANN)
        total = (await store_in_file.records.list(THINGS, query(), ANN)).total
        await store_in_file.ping()
        took = time.monotonic() - started
        other.execute("COMMIT")

    await write
    assert total == 1
    assert took < AT_ONCE


async def test_what_waited_for_its_turn_too_long_is_told_so(
    store_in_file: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.05)
    with closing(sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        first = asyncio.create_task(thing(store_in_file, "first"))
        await asyncio.sleep(0)
        with pytest.raises(ServiceUnavailable):
            await thing(store_in_file, "second")
        other.execute("COMMIT")

    await first


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_searches_that_wait_hold_up_no_other_lists(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.05)
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    await thing(store)
    address, _, schema = database_url.partition("&schema=")
    other = await asyncpg.connect(address)
    async with other.transaction():
        await other.execute(f"LOCK TABLE {schema}.entity_parts IN ACCESS EXCLUSIVE MODE")
        searches = [asyncio.create_task(store.records.list(PARTS, query(PARTS, search="x"), ANN)) for _ in range(12)]
        done, _ = await asyncio.wait(searches, return_when=asyncio.FIRST_COMPLETED)
        total = (await store.records.list(THINGS, query(), ANN)).total
    answers = await asyncio.gather(*searches, return_exceptions=True)
    await other.close()
    await store.close()

    assert isinstance(done.pop().exception(), ServiceUnavailable)
    assert total == 1
    assert [type(answer).__name__ for answer in answers].count("Listing") == 2


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize(("reads", "at_once"), [(1, 2), (2, 1)])
async def test_beside_point_reads_there_is_one_search_at_a_time(
    database_url: str, monkeypatch: pytest.MonkeyPatch, reads: int, at_once: int
) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(resting, "_DENSE", 60.0)
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    monkeypatch.setattr(store._database.reading, "_point_reads", PointReads())  # how it was made counts for nothing
    for _ in range(reads):
        await store.records.get(THINGS, "thg_1", ANN)
    address, _, schema = database_url.partition("&schema=")
    other = await asyncpg.connect(address)
    async with other.transaction():
        await other.execute(f"LOCK TABLE {schema}.entity_parts IN ACCESS EXCLUSIVE MODE")
        searches = [asyncio.create_task(store.records.list(PARTS, query(PARTS, search="x"), ANN)) for _ in range(4)]
        await asyncio.wait(searches, return_when=asyncio.FIRST_COMPLETED)
    answers = await asyncio.gather(*searches, return_exceptions=True)
    await other.close()
    await store.close()

    assert [type(answer).__name__ for answer in answers].count("Listing") == at_once


@pytest.mark.parametrize(("reads", "rested"), [(1, False), (2, True)])
async def test_beside_point_reads_there_is_a_rest_between_searches(
    database_url: str, monkeypatch: pytest.MonkeyPatch, reads: int, *, rested: bool
) -> None:
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    monkeypatch.setattr(resting, "_DENSE", 60.0)
    monkeypatch.setattr(store._database.reading, "_point_reads", PointReads())
    monkeypatch.setattr(AtOnce, "briefly", lambda *_: None)  # as if each took long
    for module in (sqlite, postgres):
        monkeypatch.setattr(module, "rest", lambda *_: 0.15)
    for _ in range(reads):
        await store.records.get(THINGS, "thg_1", ANN)
    started = time.monotonic()
    for _ in range(2):
        await store.records.list(THINGS, query(search="x"), ANN)
    took = time.monotonic() - started
    await store.close()

    assert (took >= 0.15) == rested


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_pool_whose_connections_all_wait_refuses_writes_and_lists_but_not_point_reads(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.05)
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    await thing(store, id="thg_1")
    address, _, schema = database_url.partition("&schema=")
    other = await asyncpg.connect(address)
    async with other.transaction():
        await other.execute(f"LOCK TABLE {schema}.entity_parts IN ACCESS EXCLUSIVE MODE")
        lists = [asyncio.create_task(store.records.list(PARTS, query(PARTS), ANN)) for _ in range(20)]
        done, _ = await asyncio.wait(lists, return_when=asyncio.FIRST_COMPLETED)
        read = await store.records.get(THINGS, "thg_1", ANN)
    answers = await asyncio.gather(*lists, return_exceptions=True)
    await other.close()
    await store.close()

    assert isinstance(done.pop().exception(), ServiceUnavailable)
    assert read is not None
    assert {type(answer).__name__ for answer in answers} == {"ServiceUnavailable", "Listing"}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_lists_that_wait_leave_a_turn_for_writes(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.05)
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    address, _, schema = database_url.partition("&schema=")
    other = await asyncpg.connect(address)
    async with other.transaction():
        await other.execute(f"LOCK TABLE {schema}.entity_parts IN ACCESS EXCLUSIVE MODE")
        lists = [asyncio.create_task(store.records.list(PARTS, query(PARTS), ANN)) for _ in range(20)]
        await asyncio.wait(lists, return_when=asyncio.FIRST_COMPLETED)
        written = [await thing(store, number) for number in ("first", "second")]
    answers = await asyncio.gather(*lists, return_exceptions=True)
    await other.close()
    await store.close()

    assert len(written) == 2
    assert [type(answer).__name__ for answer in answers].count("Listing") == 6, "its own four, and two of three"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_point_reads_take_what_others_leave_free_but_for_one_of_each(database_url: str) -> None:
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    reading = store._database.reading
    reads = [asyncio.create_task(reading.point("SELECT pg_sleep(60)", ())) for _ in range(12)]
    async with asyncio.timeout(30):
        while store._database.pool[0] < 7:  # noqa: ASYNC110 - the database answers when it likes
            await asyncio.sleep(0.01)
    written, listed = await thing(store), await store.records.list(PARTS, query(PARTS), ANN)
    for one in reads:
        one.cancel()
    await asyncio.gather(*reads, return_exceptions=True)
    await store.close()

    assert (written["title"], listed.total) == ("A thing", 0)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("mode", ["ACCESS EXCLUSIVE", "SHARE"])
async def test_a_table_that_is_locked_keeps_its_own_requests_waiting_and_those_alone(
    database_url: str, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(postgres, "_LOCK_TIMEOUT", "SET lock_timeout = 2000")
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    await store.keys.add(Key("key_1", ANN, "CI", ("read",), "sk_live_abc123...", NOW), SECRET)
    address, _, schema = database_url.partition("&schema=")
    other = await asyncpg.connect(address)
    async with other.transaction():
        await other.execute(f"LOCK TABLE {schema}.entity_things IN {mode} MODE")
        asked: list[asyncio.Task[Any]] = [asyncio.create_task(thing(store)) for _ in range(12)]
        asked += [asyncio.create_task(store.records.list(THINGS, query(), ANN)) for _ in range(12)]
        asked += [asyncio.create_task(store.records.get(THINGS, "thg_1", ANN)) for _ in range(12)]
        await asyncio.sleep(0.5)
        started = time.monotonic()
        key = await store.keys.find(SECRET)
        await store.ping()
        took = time.monotonic() - started
        answers = await asyncio.gather(*asked, return_exceptions=True)
    written = await thing(store)
    await other.close()
    await store.close()

    waited = answers if mode == "ACCESS EXCLUSIVE" else answers[:12]
    assert {type(answer) for answer in waited} == {ServiceUnavailable}
    assert (key is not None, took < 1, written["title"]) == (True, True, "A thing")
