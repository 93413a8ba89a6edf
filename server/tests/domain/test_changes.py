from datetime import UTC, date, datetime

from entity_server.domain.changes import changes, creation

from server.tests.example_entities import THINGS

NOW = datetime(2025, 1, 15, 10, 30, 0, 123_456, tzinfo=UTC)


def test_a_record_has_every_field_with_defaults_and_nulls() -> None:
    assert creation(THINGS, {"title": "A"}, id="thg_1", now=NOW) == {
        "id": "thg_1",
        "title": "A",
        "note": None,
        "size": "small",
        "count": None,
        "weight": None,
        "active": False,
        "day": None,
        "moment": None,
        "userId": None,
        "createdAt": "2025-01-15T10:30:00.123Z",
        "updatedAt": "2025-01-15T10:30:00.123Z",
    }


def test_what_was_given_wins_over_a_default() -> None:
    assert creation(THINGS, {"title": "A", "size": "large", "active": True}, id="thg_1", now=NOW)["size"] == "large"


def test_changes_are_what_was_named() -> None:
    assert changes({"size": "large", "note": None, "count": -1}) == {"size": "large", "note": None, "count": -1}


def test_dates_and_moments_are_kept_in_wire_form() -> None:
    values = {"day": date(2024, 2, 29), "moment": datetime(2025, 1, 1, 12, 0, 0, 123_456, tzinfo=UTC)}

    assert changes(values) == {"day": "2024-02-29", "moment": "2025-01-01T12:00:00.123456Z"}
