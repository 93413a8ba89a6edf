import json
from datetime import timedelta
from typing import Any

import pytest
from entity_server.store import Store

from server.tests.example_entities import THINGS
from server.tests.store.given import ANN, BOB, NOW, query, thing, titles

pytestmark = pytest.mark.anyio


async def filtered(store: Store, filter_: dict[str, Any]) -> set[str]:
    return set(await titles(store, filter=json.dumps(filter_)))


async def test_an_empty_list_has_no_records_and_a_total_of_zero(store: Store) -> None:
    listing = await store.records.list(THINGS, query(), ANN)

    assert (listing.records, listing.total) == ((), 0)


async def test_the_newest_come_first_and_ties_by_id(store: Store) -> None:
    await thing(store, "old", now=NOW - timedelta(milliseconds=1))
    await thing(store, "tie b", id="thg_b")
    await thing(store, "tie a", id="thg_a")

    assert await titles(store) == ["tie a", "tie b", "old"]


async def test_total_counts_past_the_page(store: Store) -> None:
    for number in range(5):
        await thing(store, f"{number}")

    listing = await store.records.list(THINGS, query(limit="2", page="2"), ANN)

    assert (len(listing.records), listing.total) == (2, 5)


@pytest.mark.parametrize(("page", "length"), [("3", 1), ("4", 0), ("999", 0)])
async def test_the_total_is_true_on_the_last_page_and_past_the_end(store: Store, page: str, length: int) -> None:
    for number in range(5):
        await thing(store, f"{number}")

    listing = await store.records.list(THINGS, query(limit="2", page=page), ANN)

    assert (len(listing.records), listing.total) == (length, 5)


@pytest.mark.parametrize("arguments", [{}, {"sort": "size"}, {"sort": "count", "order": "desc"}, {"sort": "createdAt"}])
async def test_walking_the_pages_gives_each_record_once(store: Store, arguments: dict[str, str]) -> None:
    for number in range(11):
        await thing(store, f"{number}", count=number % 2 or None, size=("small", "large")[number % 2])

    seen = [title for page in "1234" for title in await titles(store, limit="3", page=page, **arguments)]

    assert sorted(seen, key=int) == [str(number) for number in range(11)]


async def test_another_users_records_are_in_no_list(store: Store) -> None:
    await thing(store, "Ann's")
    await thing(store, "Bob's", owner=BOB)

    listing = await store.records.list(THINGS, query(), ANN)

    assert ([record["title"] for record in listing.records], listing.total) == (["Ann's"], 1)


async def test_everybody_reads_the_directory(store: Store) -> None:
    await store.users.add("Ann", "ann@example.org", now=NOW)
    users = store.users.entity

    listing = await store.records.list(users, query(users), BOB)

    assert [record["name"] for record in listing.records] == ["Ann"]


VALUES: dict[str, tuple[Any, Any]] = {
    "title": ("Apple", "banana"),
    "note": ("a", "b"),
    "count": (-5, 10),
    "weight": (-0.5, 2.25),
    "day": ("2024-12-31", "2025-01-01"),
    "moment": ("2024-12-31T23:59:59.999999Z", "2025-01-01T00:00:00.000Z"),
}


@pytest.mark.parametrize("field", VALUES)
@pytest.mark.parametrize(
    ("operator", "against", "found"),
    [
        ("$eq", 0, {"low"}),
        ("$ne", 0, {"high", "null"}),
        ("$gt", 0, {"high"}),
        ("$gte", 0, {"low", "high"}),
        ("$lt", 1, {"low"}),
        ("$lte", 1, {"low", "high"}),
        ("$in", (0, 1), {"low", "high"}),
        ("$in", (1,), {"high"}),
        ("$nin", (0, 1), {"null"}),
        ("$nin", (1,), {"low", "null"}),
    ],
)
async def test_an_operator_selects_by_value(
    store: Store, field: str, operator: str, against: Any, found: set[str]
) -> None:
    values = VALUES[field]
    for name, value in (("low", values[0]), ("high", values[1]), ("null", None)):
        body: dict[str, Any] = {field: value}
        if field != "title":
            await thing(store, name, **body)
        elif value is not None:
            await thing(store, str(value), note=name)
    wanted = [values[index] for index in against] if isinstance(against, tuple) else values[against]

    listing = await store.records.list(THINGS, query(filter=json.dumps({field: {operator: wanted}})), ANN)

    names = {record["note" if field == "title" else "title"] for record in listing.records}
    assert names == (found - {"null"} if field == "title" else found)


async def test_equality_on_enums_and_booleans(store: Store) -> None:
    await thing(store, "small idle")
    await thing(store, "large active", size="large", active=True)

    assert await filtered(store, {"size": "large", "active": True}) == {"large active"}
    assert await filtered(store, {"size": {"$ne": "large"}, "active": {"$in": [False]}}) == {"small idle"}


async def test_null_is_asked_for_by_name(store: Store) -> None:
    await thing(store, "with", note="a")
    await thing(store, "without")

    assert await filtered(store, {"note": {"$null": True}}) == {"without"}
    assert await filtered(store, {"note": {"$null": False}}) == {"with"}


async def test_a_moment_is_compared_as_an_instant(store: Store) -> None:
    await thing(store, "a", moment="2025-01-01T12:00:00+02:00")

    assert await filtered(store, {"moment": "2025-01-01T05:00:00-05:00"}) == {"a"}
    assert await filtered(store, {"moment": {"$gt": "2025-01-01T09:59:59.999999Z"}}) == {"a"}
    assert await filtered(store, {"moment": {"$gt": "2025-01-01T10:00:00Z"}}) == set()


@pytest.mark.parametrize(
    ("operator", "text", "matches"),
    [
        ("$contains", "50%", True),
        ("$contains", "0%_o", True),
        ("$contains", "0_O", False),
        ("$contains", "0x", False),
        ("$contains", "%", True),
        ("$contains", "\\", True),
        ("$contains", "*", True),
        ("$contains", "5%o", False),
        ("$contains", "", True),
        ("$startsWith", "SAVE ", True),
        ("$startsWith", "50%", False),
        ("$startsWith", "_ave", False),
        ("$endsWith", "strasse*", True),
        ("$endsWith", "STRASSE*", True),
        ("$endsWith", "straße*", True),
        ("$endsWith", "%", False),
    ],
)
async def test_text_operators_are_literal_and_ignore_case(
    store: Store, operator: str, text: str, *, matches: bool
) -> None:
    await thing(store, "Save 50%_Off \\ in der Straße*")

    assert bool(await filtered(store, {"title": {operator: text}})) == matches


@pytest.mark.parametrize(
    ("stored", "asked"), [("ÉTÉ", "été"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("Привет", "ПРИВЕТ"), ("\u0131", "\u0131")]
)
async def test_case_is_ignored_in_every_script(store: Store, stored: str, asked: str) -> None:
    await thing(store, stored)

    assert await filtered(store, {"title": {"$contains": asked}}) == {stored}
    assert await titles(store, search=asked) == [stored]


@pytest.mark.parametrize("operator", ["$eq", "$contains", "$startsWith", "$endsWith"])
@pytest.mark.parametrize("letter", ["\ufffd", "\ufffe", "\uffff", "\U0001fffe"])
async def test_the_last_characters_of_a_plane_are_not_one_another(store: Store, operator: str, letter: str) -> None:
    for stored in ("\ufffd", "\ufffe", "\uffff", "\U0001fffe"):
        await thing(store, stored)

    assert await filtered(store, {"title": {operator: letter}}) == {letter}


@pytest.mark.parametrize("operator", ["$startsWith", "$endsWith"])
@pytest.mark.parametrize(("text", "matches"), [("", True), ("ab", True), ("abab", False), ("\U0001f600ab", False)])
async def test_an_end_is_as_long_as_what_is_asked_for(store: Store, operator: str, text: str, *, matches: bool) -> None:
    await thing(store, "ab")

    assert bool(await filtered(store, {"title": {operator: text}})) == matches


async def test_equality_minds_case(store: Store) -> None:
    await thing(store, "Apple")

    assert await filtered(store, {"title": "apple"}) == set()


async def test_every_word_is_in_some_searchable_field(store: Store) -> None:
    await thing(store, "Quixotic", note="vermilion")
    await thing(store, "Quixotic")
    await thing(store, "other", note="100% quixotic_vermilion")

    assert set(await titles(store, search="quixotic VERMIL")) == {"Quixotic", "other"}
    assert await titles(store, search="0% xotic_v") == ["other"]
    assert await titles(store, search="quixotic small") == []


async def test_the_borders_of_a_date_range_are_inside(store: Store) -> None:
    for hours in (-1, 0, 1):
        await thing(store, f"{hours}", now=NOW + timedelta(hours=hours))

    assert await titles(store, startDate="2025-01-15T10:30:00Z", endDate="2025-01-15T11:30:00Z") == ["1", "0"]
    assert await titles(store, startDate="2025-01-15T10:30:00.001Z") == ["1"]
    assert await titles(store, startDate="2025-01-15", endDate="2025-01-15") == ["1", "0", "-1"]
    assert await titles(store, startDate="2025-01-16") == []


async def test_all_parts_of_a_query_hold_together(store: Store) -> None:
    await thing(store, "red apple", count=1)
    await thing(store, "red pear", count=2)
    await thing(store, "red plum", count=3)
    await thing(store, "green plum", count=4)

    listing = await store.records.list(
        THINGS,
        query(
            search="red", filter='{"count": {"$gt": 1}}', sort="count", order="desc", limit="1", startDate="2025-01-15"
        ),
        ANN,
    )

    assert ([record["title"] for record in listing.records], listing.total) == (["red plum"], 2)


async def test_a_list_reads_only_the_fields_that_it_shows(store: Store) -> None:
    await thing(store, "A", id="thg_1")

    listing = await store.records.list(THINGS, query(fields="title"), ANN)

    assert listing.records == ({"id": "thg_1", "title": "A"},)


async def test_the_most_that_a_query_can_ask_is_answered(store: Store) -> None:
    words = " ".join(f"word{number}" for number in range(100))
    many = {"title": {"$in": [f"{number}" for number in range(1000)], "$contains": "%" * 5000}}

    assert await titles(store, search=words, filter=json.dumps(many)) == []
