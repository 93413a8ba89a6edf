"""Writes that arrive together are one transaction, and each stands for itself: SQLite alone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from entity_server.domain.problems import DatabaseError, ServiceUnavailable, ValidationFailed
from entity_server.store import Store, open_store
from entity_server.store.sqlite import Writer

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, NOW, part, query, thing

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store_in_file(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite://{tmp_path}/store.sqlite3", contract_of(THINGS, PARTS, USERS))
    yield store
    await store.close()


def writer(store: Store) -> sqlite3.Connection:
    return cast("Writer", store._database.connection).plain


async def kept(store: Store) -> set[str]:
    return {record["id"] for record in (await store.records.list(THINGS, query(), ANN)).records}


async def test_writes_at_once_are_one_transaction(store_in_file: Store) -> None:
    for number in range(3):  # the first ones of a server go to a thread
        await thing(store_in_file, id=f"first_{number}")
    statements: list[str] = []
    writer(store_in_file).set_trace_callback(statements.append)

    await asyncio.gather(*(thing(store_in_file, id=f"thg_{number}") for number in range(8)))

    assert [one for one in statements if one.startswith(("BEGIN", "COMMIT"))] == ["BEGIN IMMEDIATE", "COMMIT"]
    assert len(await kept(store_in_file)) == 11


async def test_a_write_is_answered_once_others_can_see_it(store_in_file: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as other:

        async def made(number: int) -> int:
            await thing(store_in_file, id=f"thg_{number}")
            (found,) = other.execute("SELECT count(*) FROM entity_things WHERE id = ?", (f"thg_{number}",)).fetchone()
            return int(found)

        assert await asyncio.gather(*map(made, range(8))) == [1] * 8


async def test_what_is_refused_leaves_nothing_and_the_others_are_kept(store_in_file: Store) -> None:
    answers = await asyncio.gather(
        thing(store_in_file, id="thg_1"),
        thing(store_in_file, id="thg_1"),
        part(store_in_file, {"id": "thg_nobody"}),
        thing(store_in_file, id="thg_2"),
        store_in_file.records.update(THINGS, "thg_1", {"userId": "usr_nobody"}, ANN, NOW),
        store_in_file.records.update(THINGS, "thg_2", {"title": "changed"}, ANN, NOW),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers] == [dict, DatabaseError, ValidationFailed, dict, ValidationFailed, dict]
    assert await kept(store_in_file) == {"thg_1", "thg_2"}
    assert (await store_in_file.records.list(PARTS, query(PARTS), ANN)).total == 0
    assert (await store_in_file.records.list(THINGS, query(), ANN)).total == 2


async def test_one_that_the_disk_has_no_room_for_takes_no_other_with_it(store_in_file: Store) -> None:
    await thing(store_in_file, id="thg_1")
    (pages,) = writer(store_in_file).execute("PRAGMA page_count").fetchone()
    writer(store_in_file).execute(f"PRAGMA max_page_count = {pages + 5}")

    answers = await asyncio.gather(
        thing(store_in_file, id="thg_2"),
        thing(store_in_file, note="x" * 1_000_000),
        thing(store_in_file, id="thg_3"),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers] == [dict, ServiceUnavailable, dict]
    assert await kept(store_in_file) == {"thg_1", "thg_2", "thg_3"}


async def test_what_another_program_locks_out_is_written_when_it_lets_go(store_in_file: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writes = [asyncio.create_task(thing(store_in_file, id=f"thg_{number}")) for number in range(3)]
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not any(write.done() for write in writes)
        other.execute("COMMIT")
        await asyncio.gather(*writes)

    assert await kept(store_in_file) == {"thg_0", "thg_1", "thg_2"}


async def test_a_write_whose_client_goes_does_not_hold_up_the_others(store_in_file: Store) -> None:
    writes: list[asyncio.Task[dict[str, Any]]] = [
        asyncio.create_task(thing(store_in_file, id=f"thg_{number}")) for number in range(3)
    ]
    await asyncio.sleep(0)  # each has asked, and none is written
    writes[1].cancel()
    answers = await asyncio.gather(*writes, return_exceptions=True)

    assert [type(answer) for answer in answers] == [dict, asyncio.CancelledError, dict]
    assert await kept(store_in_file) == {"thg_0", "thg_2"}


async def test_writes_beside_deletions_and_noted_keys_are_all_made(store_in_file: Store) -> None:
    await asyncio.gather(*(thing(store_in_file, id=f"thg_{number}") for number in range(10)))
    await store_in_file.keys.touch("key_1", NOW)

    deleted = await asyncio.gather(
        *(store_in_file.records.delete(THINGS, f"thg_{number}", ANN) for number in range(10)),
        *(thing(store_in_file, id=f"thg_{number}") for number in range(10, 20)),
        store_in_file.keys.write_uses(),
    )

    assert deleted[:10] == [True] * 10
    assert await kept(store_in_file) == {f"thg_{number}" for number in range(10, 20)}
