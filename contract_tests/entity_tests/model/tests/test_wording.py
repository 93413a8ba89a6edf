"""What had to come is told as that, and what came beside it."""

import pytest
from entity_tests.model.wording import told


@pytest.mark.parametrize(
    ("wrong", "expected", "actual"),
    [
        (
            "pagination.hasNext differs: must be false, and is true",
            "pagination.hasNext false",
            "pagination.hasNext true",
        ),
        ("code is missing: must be NOT_FOUND", "code NOT_FOUND", None),
        ("code is none of the allowed values: must be NOT_FOUND, and is GONE", "code NOT_FOUND", "code GONE"),
        ("success is not true: must be true, and is false", "success true", "success false"),
        ("data holds more records: must be [a], and is [a, b]", "data [a]", "data [a, b]"),
        ("data.orders must hold [] in any order, and holds [a]", "data.orders [] in any order", "data.orders [a]"),
        ("data.id: it must be a text", "data.id: a text", None),
        ("data: 'id' is a required property, and is \"a\"", 'data.id "a"', "no id"),
        ("X-Page, X-Per-Page are missing", "X-Page, X-Per-Page", "no X-Page, no X-Per-Page"),
        ("the status must be 404", "status 404", None),
        ("data is not an array", "data: an array", None),
        ("Link must name a next page", "Link must name a next page", None),
    ],
)
def test_a_difference_tells_what_had_to_come_and_what_came(wrong: str, expected: str, actual: str | None) -> None:
    assert told(wrong) == (expected, actual)
