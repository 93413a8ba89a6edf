"""What the contract lets sort by has an index, and no index refuses a record."""

import random

import pytest
from entity_server.store import open_store

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, query, thing

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", THINGS.sortable)
async def test_a_sorted_page_is_read_from_an_index(field: str, *, descending: bool) -> None:
    store = await open_store("sqlite://:memory:", contract_of(THINGS, PARTS, USERS))
    kept = store.records._kept["things"]
    statement = kept.statements.page(kept.every, (), field, descending)
    plan = await store._database.reading.point(f"EXPLAIN QUERY PLAN {statement}", [ANN, 20, 0])
    await store.close()

    assert "USE TEMP B-TREE FOR ORDER BY" not in [step[-1] for step in plan]


async def test_a_text_of_the_greatest_length_is_kept(database_url: str) -> None:
    letters = random.Random(1).choices([chr(number) for number in range(0x10000, 0x11000)], k=200)
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    created = await thing(store, "".join(letters), note="".join(letters) * 50)
    listed = (await store.records.list(THINGS, query(), ANN)).records
    await store.close()

    assert listed == (created,)
