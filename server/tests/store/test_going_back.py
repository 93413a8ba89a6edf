"""Going back to a snapshot on SQLite: what was written since is noted, by whoever wrote it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from entity_server.store import Store, open_store, written

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, query, thing

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite://{tmp_path}/shop.sqlite3", contract_of(THINGS, PARTS, USERS))
    yield store
    await store.close()


async def test_what_another_program_wrote_since_is_gone(shop: Store, tmp_path: Path) -> None:
    car = await thing(shop, "car")
    snapshot = await shop.snapshot()
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as other:
        other.execute("UPDATE entity_things SET title = 'stolen'")
        other.commit()

    await shop.restore(snapshot)

    assert await shop.records.get(THINGS, car["id"], ANN) == car


async def test_going_back_reads_what_was_written_since_and_no_more(shop: Store) -> None:
    for number in range(10):
        await thing(shop, f"thing {number}")
    snapshot = await shop.snapshot()
    said: list[str] = []
    shop._database.connection.plain.set_trace_callback(said.append)  # type: ignore[attr-defined] # the driver's own

    for _ in range(3):
        await thing(shop, "new")
        await shop.restore(snapshot)

    read = [one for one in said if one.startswith("SELECT") and "entity_" in one]
    assert len(read) == 3
    assert all("json_each" in one for one in read)


async def test_notes_that_are_too_many_begin_anew(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, "MOST", 5)
    for number in range(10):
        await thing(shop, f"thing {number}")
    snapshot = await shop.snapshot()

    totals = []
    for _ in range(6):
        await thing(shop, "new")
        await shop.restore(snapshot)
        totals.append((await shop.records.list(THINGS, query(), ANN)).total)

    assert totals == [10] * 6
