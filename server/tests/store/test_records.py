from datetime import timedelta
from typing import Any

import pytest
from entity_server.domain.changes import changes
from entity_server.store import Store

from server.tests.example_entities import THINGS
from server.tests.store.given import ANN, BOB, NOW, thing, titles

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(seconds=5)
FULL: dict[str, Any] = {
    "title": " Ünïcödé \U0001f600 e\u0301\t\r\n'\"\\;--",
    "note": "",
    "size": "large",
    "count": 2**63 - 1,
    "weight": 0.1,
    "active": True,
    "day": "2024-02-29",
    "moment": "2025-01-01T00:00:00.123456Z",
}
UNSTORABLE = ["a\0b", "\ud800", ""]


async def test_what_was_written_is_what_is_read(store: Store) -> None:
    created = await thing(store, **FULL)

    read = await store.records.get(THINGS, created["id"], ANN)

    assert read == created
    assert read == FULL | {
        "id": created["id"],
        "userId": None,
        "createdAt": "2025-01-15T10:30:00.000Z",
        "updatedAt": "2025-01-15T10:30:00.000Z",
    }
    assert {name: type(value) for name, value in read.items()} == {name: type(value) for name, value in created.items()}


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00.000Z",
        "1969-12-31T23:59:59.999999Z",
        "2024-02-29T12:00:00.500Z",
        "9999-12-31T23:59:59.999999Z",
    ],
)
async def test_every_instant_is_read_as_it_was_written(store: Store, moment: str) -> None:
    created = await thing(store, moment=moment)

    read = await store.records.get(THINGS, created["id"], ANN)

    assert read is not None
    assert read["moment"] == moment


async def test_unset_fields_are_null(store: Store) -> None:
    created = await thing(store)

    read = await store.records.get(THINGS, created["id"], ANN)

    assert read is not None
    assert [name for name, value in read.items() if value is None] == [
        "note",
        "count",
        "weight",
        "day",
        "moment",
        "userId",
    ]


async def test_another_users_record_is_not_there(store: Store) -> None:
    created = await thing(store)

    assert await store.records.get(THINGS, created["id"], BOB) is None
    assert await store.records.exists(THINGS, created["id"], BOB) is False
    assert await store.records.update(THINGS, created["id"], {"title": "Bob's"}, BOB, LATER) is None
    assert await store.records.delete(THINGS, created["id"], BOB) is False
    assert await store.records.get(THINGS, created["id"], ANN) == created


@pytest.mark.parametrize("id_", [*UNSTORABLE, "thg_nobody", "%", "' OR 1=1 --", "x" * 100_000])
async def test_an_id_that_is_nobodys_finds_nothing(store: Store, id_: str) -> None:
    await thing(store)

    assert await store.records.get(THINGS, id_, ANN) is None
    assert await store.records.exists(THINGS, id_, ANN) is False
    assert await store.records.update(THINGS, id_, {"title": "x"}, ANN, LATER) is None
    assert await store.records.delete(THINGS, id_, ANN) is False


async def test_an_update_touches_what_it_names_and_updated_at(store: Store) -> None:
    created = await thing(store, **FULL)

    updated = await store.records.update(THINGS, created["id"], changes({"size": "small"}), ANN, LATER)

    assert updated == created | {"size": "small", "updatedAt": "2025-01-15T10:30:05.000Z"}
    assert await store.records.get(THINGS, created["id"], ANN) == updated


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("note", None),
        ("count", None),
        ("weight", None),
        ("day", None),
        ("moment", None),
        ("weight", 7.0),
        ("active", False),
    ],
)
async def test_every_type_can_be_changed(store: Store, name: str, value: Any) -> None:
    created = await thing(store, **FULL)

    updated = await store.records.update(THINGS, created["id"], {name: value}, ANN, LATER)

    read = await store.records.get(THINGS, created["id"], ANN)
    assert read is not None
    assert (read[name], type(read[name])) == (value, type(value))
    assert repr(updated) == repr(read)  # 7.0 is equal to 7, and written otherwise


async def test_an_update_that_changes_nothing_moves_the_time_alone(store: Store) -> None:
    created = await thing(store)

    updated = await store.records.update(THINGS, created["id"], {"title": created["title"]}, ANN, LATER)

    assert updated == created | {"updatedAt": "2025-01-15T10:30:05.000Z"}


async def test_updated_at_moves_even_when_the_clock_stands_or_goes_back(store: Store) -> None:
    created = await thing(store)

    first = await store.records.update(THINGS, created["id"], {"title": "1"}, ANN, NOW)
    second = await store.records.update(THINGS, created["id"], {"title": "2"}, ANN, NOW - timedelta(days=1))

    assert first is not None
    assert second is not None
    assert (first["updatedAt"], second["updatedAt"]) == ("2025-01-15T10:30:00.001Z", "2025-01-15T10:30:00.002Z")


async def test_an_updated_text_is_found_by_its_new_words_only(store: Store) -> None:
    created = await thing(store, "Erstens")
    await store.records.update(THINGS, created["id"], {"title": "Zweitens"}, ANN, LATER)

    assert await titles(store, search="zweitens") == ["Zweitens"]
    assert await titles(store, search="erstens") == []


async def test_a_deleted_record_is_gone(store: Store) -> None:
    created = await thing(store)

    assert await store.records.delete(THINGS, created["id"], ANN) is True
    assert await store.records.get(THINGS, created["id"], ANN) is None
    assert await store.records.delete(THINGS, created["id"], ANN) is False
