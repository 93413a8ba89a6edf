"""Kept totals are what count(*) says: after many writers at once, cascades, and whatever else changes rows."""

import asyncio

import pytest
from entity_server.store import Store
from entity_server.store.totals import TOTALS

from server.tests.example_entities import THINGS
from server.tests.store.given import ANN, BOB, part, query, thing
from server.tests.store.totals import counted, kept, rows

pytestmark = pytest.mark.anyio


async def test_totals_agree_after_64_writers(store: Store) -> None:
    async def write(number: int) -> None:
        owner = ANN if number % 3 else BOB
        for turn in range(4):
            made = await thing(store, owner=owner)
            await part(store, made, owner=owner)
            if turn % 2:
                await store.records.delete(THINGS, made["id"], owner)

    await asyncio.gather(*(write(number) for number in range(64)))

    assert await kept(store) == await counted(store)
    assert (await kept(store))["entity_parts", BOB] == 44


async def test_cascades_are_counted(store: Store) -> None:
    for owner in (ANN, BOB):
        made = await thing(store, owner=owner)
        for _ in range(3):
            await part(store, made, owner=owner)

    await store.records.delete(THINGS, made["id"], BOB)

    assert await kept(store) == {("entity_things", ANN): 1, ("entity_parts", ANN): 3}


async def test_records_that_change_hands_are_counted(store: Store) -> None:
    made = await thing(store)
    await thing(store)
    await rows(store, f"UPDATE entity_things SET \"$owner\" = '{BOB}' WHERE id = '{made['id']}'")

    assert await kept(store) == {("entity_things", ANN): 1, ("entity_things", BOB): 1}


async def test_going_back_to_a_snapshot_is_counted(store: Store) -> None:
    first = await thing(store)
    await part(store, first)
    snapshot = await store.snapshot()
    await store.records.delete(THINGS, first["id"], ANN)
    await thing(store, owner=BOB)

    await store.restore(snapshot)

    assert await kept(store) == {("entity_things", ANN): 1, ("entity_parts", ANN): 1}


async def test_a_list_without_a_filter_counts_no_rows(store: Store) -> None:
    for _ in range(3):
        await thing(store)
    await rows(store, f"DELETE FROM {TOTALS}")
    await rows(store, f"INSERT INTO {TOTALS} (\"table\", owner, number) VALUES ('entity_things', '{ANN}', 77777)")

    whole, past_the_end, filtered = [
        await store.records.list(THINGS, query(**arguments), ANN)
        for arguments in ({"limit": "2"}, {"page": "9"}, {"limit": "2", "filter": '{"size": "small"}'})
    ]

    assert whole.total == past_the_end.total == 77777
    assert filtered.total == 3
