from typing import Any

import pytest
from entity_server.store import Store

from server.tests.store.given import thing, titles

pytestmark = pytest.mark.anyio


async def in_order(store: Store, field: str, values: list[Any]) -> None:
    """Assert that these values sort as they stand, both ways."""
    for number in (2, 0, 3, 1, 4):
        if number < len(values):
            await thing(store, f"{number}", **{field: values[number]})
    expected = [f"{number}" for number in range(len(values))]
    assert await titles(store, sort=field) == expected
    assert await titles(store, sort=field, order="desc") == expected[::-1]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("count", [-(2**63), -1, 0, 9, 10]),
        ("weight", [-1.5, 0.0, 0.1, 9.5, 10.0]),
        ("active", [False, True]),
        ("day", ["0001-01-01", "1999-12-31", "2000-01-01", "9999-12-31"]),
        (
            "moment",
            [
                "0001-01-01T00:00:00Z",
                "2000-01-01T00:00:00Z",
                "2000-01-01T00:00:00.000001Z",
                "9999-12-31T23:59:59.999999Z",
            ],
        ),
        ("size", ["small", "middling", "large"]),
    ],
)
async def test_values_sort_as_their_type_does(store: Store, field: str, values: list[Any]) -> None:
    await in_order(store, field, values)


@pytest.mark.parametrize("field", ["count", "weight", "day", "moment"])
async def test_nulls_are_last_ascending_and_first_descending(store: Store, field: str) -> None:
    value: Any = {"count": -1, "weight": -1.0, "day": "0001-01-01", "moment": "0001-01-01T00:00:00Z"}[field]
    await thing(store, "null")
    await thing(store, "value", **{field: value})

    assert await titles(store, sort=field) == ["value", "null"]
    assert await titles(store, sort=field, order="desc") == ["null", "value"]


async def test_text_sorts_by_code_point(store: Store) -> None:
    ordered = [
        "!",
        "A b",
        "AB",
        "Z",
        "_",
        "a",
        "ab",
        "z",
        "Ä",
        "é",
        "Ω",
        "中",
        "\ufb01",
        "\ufffd",
        "\ufffe",
        "\uffff",
        "\U0001f600",
    ]
    for title in reversed(ordered):
        await thing(store, title)

    assert ordered == sorted(ordered)
    assert await titles(store, sort="title") == ordered
    assert await titles(store, sort="title", order="desc") == ordered[::-1]


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_ties_are_broken_by_ascending_id(store: Store, order: str) -> None:
    for letter in "cab":
        await thing(store, letter, id=f"thg_{letter}")

    assert await titles(store, sort="size", order=order) == ["a", "b", "c"]


async def test_ids_sort_both_ways(store: Store) -> None:
    for letter in "cab":
        await thing(store, letter, id=f"thg_{letter}")

    assert await titles(store, sort="id", order="desc") == ["c", "b", "a"]
