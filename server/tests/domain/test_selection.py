from datetime import UTC, datetime

import pytest
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.selection import Selection, parse_selection

from server.tests.example_entities import THINGS


def selection(**arguments: str) -> Selection:
    return parse_selection(THINGS, {name: [value] for name, value in arguments.items()})


def refused(**arguments: str) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as refusal:
        selection(**arguments)
    assert refusal.value.code == "VALIDATION_FAILED"
    return dict(refusal.value.details)


def test_nothing_asked_for_selects_everything() -> None:
    assert selection() == Selection()


def test_search_is_words_without_case() -> None:
    assert selection(search=" Große  WORLD\tworld\n").words == ("grosse", "world")


@pytest.mark.parametrize("text", ["", "   ", "\t\u2003"])
def test_a_blank_search_searches_nothing(text: str) -> None:
    assert selection(search=text).words == ()


@pytest.mark.parametrize("text", ["a\0b", "\udc80"])
def test_a_search_for_what_cannot_be_stored_is_refused(text: str) -> None:
    assert set(refused(search=text)) == {"search"}


def test_a_search_has_at_most_a_hundred_words() -> None:
    assert set(refused(search=" ".join(f"word{n}" for n in range(101)))) == {"search"}


def test_a_search_has_at_most_five_thousand_characters() -> None:
    assert set(refused(search="a" * 5001)) == {"search"}


def test_a_search_given_twice_is_refused() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse_selection(THINGS, {"search": ["a", "b"]})

    assert refusal.value.details == {"search": "Must be given once"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-15", datetime(2025, 1, 15, tzinfo=UTC)),
        ("2025-01-15T10:30:00Z", datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        ("2025-01-15t10:30:00z", datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        ("2025-01-15T10:30:00", datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        ("2025-01-15T10:30:00.5+01:00", datetime(2025, 1, 15, 9, 30, 0, 500_000, tzinfo=UTC)),
        ("2025-01-15T10:30:00.000000+0000", datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        ("2025-01-15T10:30:00.123456789Z", datetime(2025, 1, 15, 10, 30, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_a_border_is_a_date_or_a_date_time(text: str, expected: datetime) -> None:
    assert selection(startDate=text).created_from == expected


def test_an_end_date_covers_its_whole_day() -> None:
    assert selection(endDate="2025-01-15").created_until == datetime(2025, 1, 15, 23, 59, 59, 999_999, tzinfo=UTC)


def test_one_day_is_a_range() -> None:
    day = selection(startDate="2025-01-15", endDate="2025-01-15")

    assert day.created_from is not None
    assert day.created_until is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2025",
        "2025-1-5",
        "2025-02-30",
        "20250115",
        "2025-W03-3",
        "0000-01-01",
        "2025-01-15 10:30:00Z",
        "2025-01-15T10:30Z",
        "2025-01-15T25:00:00Z",
        "2025-01-15T10:30:00+25:00",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        "2025-01-15T10:30:00Z\n",
        "٢٠٢٥-01-15",
        "1736899200",
    ],
)
@pytest.mark.parametrize("name", ["startDate", "endDate"])
def test_anything_else_is_refused(name: str, text: str) -> None:
    assert set(refused(**{name: text})) == {name}


def test_a_start_after_the_end_is_refused() -> None:
    assert set(refused(startDate="2025-01-16", endDate="2025-01-15")) == {"startDate"}
