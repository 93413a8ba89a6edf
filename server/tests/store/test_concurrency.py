import asyncio
from collections import Counter
from typing import Any

import pytest
from entity_server.domain.problems import ValidationFailed
from entity_server.store import Store

from server.tests.example_entities import PARTS, THINGS
from server.tests.store.given import ANN, NOW, part, query, thing

pytestmark = pytest.mark.anyio


async def test_no_update_is_lost_and_each_moves_updated_at(store: Store) -> None:
    created = await thing(store)
    changes: list[dict[str, Any]] = [
        {"title": "x"},
        {"note": "x"},
        {"count": 1},
        {"weight": 1.0},
        {"active": True},
        {"day": "2025-01-01"},
    ]

    answers = await asyncio.gather(
        *(store.records.update(THINGS, created["id"], change, ANN, NOW) for change in changes)
    )

    final = await store.records.get(THINGS, created["id"], ANN)
    assert final is not None
    assert {name: final[name] for change in changes for name in change} == {
        name: value for change in changes for name, value in change.items()
    }
    assert max(Counter(answer["updatedAt"] for answer in answers if answer).values()) == 1


async def test_two_hundred_changes_of_one_record_at_once_are_all_made(store: Store) -> None:
    await thing(store, id="thg_1")

    answers = await asyncio.gather(
        *(store.records.update(THINGS, "thg_1", {"count": number}, ANN, NOW) for number in range(200))
    )

    assert sorted(answer["count"] for answer in answers if answer) == list(range(200))
    assert len({answer["updatedAt"] for answer in answers if answer}) == 200


async def test_a_record_is_deleted_once(store: Store) -> None:
    created = await thing(store)

    answers = await asyncio.gather(*(store.records.delete(THINGS, created["id"], ANN) for _ in range(5)))

    assert sorted(answers) == [False, False, False, False, True]


async def test_credits_are_spent_once(store: Store) -> None:
    await store.credits.grant(ANN, 10)

    paid = await asyncio.gather(*(store.credits.spend(ANN, 3) for _ in range(8)))

    assert (paid.count(True), await store.credits.balance(ANN)) == (3, 1)


async def test_a_first_grant_by_many_at_once_counts_them_all(store: Store) -> None:
    await asyncio.gather(*(store.credits.grant(ANN, 1) for _ in range(6)))

    assert await store.credits.balance(ANN) == 6


async def test_no_part_outlives_its_thing(store: Store) -> None:
    created = await thing(store)

    await asyncio.gather(
        store.records.delete(THINGS, created["id"], ANN),
        *(part(store, created, f"{number}") for number in range(8)),
        return_exceptions=True,
    )

    assert (await store.records.list(PARTS, query(PARTS), ANN)).total == 0


async def test_a_part_is_refused_or_kept_and_nothing_else(store: Store) -> None:
    created = await thing(store)

    answers = await asyncio.gather(
        store.records.delete(THINGS, created["id"], ANN),
        *(part(store, created, f"{number}") for number in range(8)),
        return_exceptions=True,
    )

    assert all(isinstance(answer, bool | dict | ValidationFailed) for answer in answers)


async def test_a_cancelled_request_leaves_the_store_usable(store: Store) -> None:
    for _ in range(20):
        task = asyncio.create_task(store.records.list(THINGS, query(), ANN))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert (await store.records.list(THINGS, query(), ANN)).total == 0
