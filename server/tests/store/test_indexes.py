"""What the contract lets sort by has an index, and no index refuses a record."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from entity_server.domain.ordering import Ordering
from entity_server.store import open_store, records

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, query, thing

pytestmark = pytest.mark.anyio

INSTANTS = {"createdAt", "updatedAt"}


def sorts_more_than_a_page(plan: Sequence[Sequence[Any]]) -> bool:
    """Whether a step of SQLite's plan sorts whatever an owner has: the named parts are cut to a page before."""
    of_a_page = {step[1] for step in plan if step[-1] in ("SCAN deep", "SCAN nulls", "SCAN others")}
    return any(step[-1] == "USE TEMP B-TREE FOR ORDER BY" and step[1] not in of_a_page for step in plan)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", THINGS.sortable)
async def test_a_sorted_page_is_read_from_an_index(field: str, *, descending: bool) -> None:
    store = await open_store("sqlite://:memory:", contract_of(THINGS, PARTS, USERS))
    kept = store.records._kept["things"]
    statement = kept.statements.page(kept.every, (), field, descending)
    plan = await store._database.reading.point(f"EXPLAIN QUERY PLAN {statement}", [ANN, 20, 0])
    await store.close()

    assert not sorts_more_than_a_page(plan)


@pytest.mark.parametrize("field", [name for name in THINGS.sortable if name not in INSTANTS])
async def test_records_with_the_same_value_are_not_sorted(field: str) -> None:
    store = await open_store("sqlite://:memory:", contract_of(THINGS, PARTS, USERS))
    kept = store.records._kept["things"]
    statement = kept.statements.page(kept.every, (), field, True)  # noqa: FBT003 - a cache's key
    plan = await store._database.reading.point(f"EXPLAIN QUERY PLAN {statement}", [ANN, 20, 0])
    await store.close()

    assert "TEMP B-TREE" not in " ".join(step[-1] for step in plan)


async def test_records_with_a_value_of_an_enum_are_counted_in_an_index() -> None:
    store = await open_store("sqlite://:memory:", contract_of(THINGS, PARTS, USERS))
    statement = store.records._kept["things"].statements.count((("$in", "size", 2),))
    plan = await store._database.reading.point(f"EXPLAIN QUERY PLAN {statement}", ["small", "large", ANN])
    await store.close()

    assert "($owner=? AND <expr>=?)" in " ".join(step[-1] for step in plan)


async def test_pages_by_an_enum_know_their_total(database_url: str) -> None:
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    for number in range(9):
        await thing(store, size=("small", "large", "middling")[number % 3])
    asked = ('{"size": "large"}', '{"size": {"$in": ["small", "large"]}}', '{"size": {"$ne": "large"}}')
    found = [await store.records.list(THINGS, query(filter=text, limit="1"), ANN) for text in asked]
    past = [await store.records.list(THINGS, query(filter=text, page="99"), ANN) for text in asked]
    await store.close()

    assert [listing.total for listing in found] == [listing.total for listing in past] == [3, 6, 6]


FORCED = {
    "sqlite": "SELECT 1",
    "postgres": "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off",
}
FIELDS = {field.name: field for field in THINGS.fields}
NOTE = FIELDS["note"]
SORTED_BY_NOTES = contract_of(replace(THINGS, sortable=(*THINGS.sortable, "note")), PARTS, USERS)


@pytest.mark.parametrize("descending", [False, True])
async def test_a_page_that_is_sorted_by_long_text_is_read_from_an_index(database_url: str, *, descending: bool) -> None:
    store = await open_store(database_url, SORTED_BY_NOTES)
    await store._database.connection.execute_script(FORCED[store._database.dialect])
    kept = store.records._kept["things"]
    statement = kept.statements.page(kept.every, (), "note", descending)
    form = "EXPLAIN QUERY PLAN" if store._database.dialect == "sqlite" else "EXPLAIN"
    plan = await store._database.reading.point(f"{form} {statement}", [ANN, 20, 0])
    await store.close()

    if store._database.dialect == "sqlite":
        assert not sorts_more_than_a_page(plan)
    else:
        steps = " ".join(str(step[-1]) for step in plan)
        assert "Incremental Sort" in steps
        assert "(note IS NULL)" not in steps  # the index has the first characters


async def test_long_texts_are_sorted_by_all_of_their_characters(database_url: str) -> None:
    alike = "\U00010348" * 700
    notes = [None, f"{alike}b", "a", f"{alike}a", alike, "\U00010348" * 499, f"{alike}{'c' * 9000}"]
    store = await open_store(database_url, SORTED_BY_NOTES)
    for number, note in enumerate(notes):
        await thing(store, note=note, id=f"thg_{number}")
    asked = [replace(query(), ordering=Ordering(NOTE, descending)) for descending in (False, True)]
    found = [[record["id"][-1] for record in (await store.records.list(THINGS, one, ANN)).records] for one in asked]
    await store.close()

    assert found == [list("2543160"), list("0613452")]


@pytest.mark.parametrize("sort", ["", "title", "size", "note"])
async def test_pages_far_behind_are_like_the_others(
    database_url: str, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    store = await open_store(database_url, SORTED_BY_NOTES)
    for number in range(9):
        await thing(store, f"A thing {number % 4}", note="ab"[number % 2], size="large" if number % 3 else "small")
    by = {"sort": sort} if sort else {}
    pages = [
        query(replace(THINGS, sortable=("title", "size", "note")), page=str(page), limit="2", **by)
        for page in range(1, 7)
    ]
    near = [await store.records.list(THINGS, page, ANN) for page in pages]
    monkeypatch.setattr(records, "_DEEP", 0)
    far = [await store.records.list(THINGS, page, ANN) for page in pages]
    await store.close()

    assert far == near
    assert sum(len(listing.records) for listing in far) == 9


@pytest.mark.parametrize("filtered", [{}, {"filter": '{"size": "small"}'}])
@pytest.mark.parametrize("field", ["count", "userId", "note"])
async def test_pages_go_over_from_nulls_to_values(database_url: str, field: str, filtered: dict[str, str]) -> None:
    values: list[Any] = [None, 3, None, 1, None, 3, 2, None, 1, None]
    store = await open_store(database_url, contract_of(replace(THINGS, relations=()), replace(USERS, relations=())))
    for number, value in enumerate(values):
        text = value if field == "count" or value is None else f"usr_{value}"
        body: dict[str, Any] = {"id": f"thg_{number}", field: text}
        await thing(store, **body)
    pages = [
        await store.records.list(
            THINGS,
            replace(
                query(page=str(page), limit=str(limit), **filtered), ordering=Ordering(FIELDS[field], descending=True)
            ),
            ANN,
        )
        for limit in (1, 3, 4, 5, 20)
        for page in range(1, 12)
    ]
    await store.close()

    found = [[record["id"][-1] for record in listing.records] for listing in pages]
    order = list("0247915638")
    assert found == [order[limit * page : limit * (page + 1)] for limit in (1, 3, 4, 5, 20) for page in range(11)]
    assert {listing.total for listing in pages} == {10}


async def test_a_text_of_the_greatest_length_is_kept(database_url: str) -> None:
    letters = random.Random(1).choices([chr(number) for number in range(0x10000, 0x11000)], k=200)
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    created = await thing(store, "".join(letters), note="".join(letters) * 50)
    listed = (await store.records.list(THINGS, query(), ANN)).records
    await store.close()

    assert listed == (created,)
