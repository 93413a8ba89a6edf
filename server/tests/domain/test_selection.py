from datetime import UTC, date, datetime

import pytest
from entity_server.domain.selection import first_moment, last_moment, searched
from entity_server.domain.sentences import Refused

NOON = datetime(2025, 1, 15, 12, tzinfo=UTC)


def test_search_is_words_without_case_each_once() -> None:
    assert searched(" Große  WORLD\tworld\n") == ("grosse", "world")


@pytest.mark.parametrize("text", ["", "   ", "\t\u2003"])
def test_a_blank_search_searches_nothing(text: str) -> None:
    assert searched(text) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\0b", "Must not contain the character U+0000"),
        ("\udc80", "Must be valid Unicode, without lone surrogates"),
        (" ".join(f"word{n}" for n in range(101)), "Must have at most 100 words"),
        ("a" * 5001, "Must have words of at most 5000 characters"),
    ],
)
def test_a_search_that_no_database_does_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        searched(text)

    assert refusal.value.reason == reason


def test_a_moment_is_a_border_by_itself() -> None:
    assert (first_moment(NOON), last_moment(NOON)) == (NOON, NOON)


def test_a_day_begins_with_its_first_moment() -> None:
    assert first_moment(date(2025, 1, 15)) == datetime(2025, 1, 15, tzinfo=UTC)


def test_a_day_ends_with_its_last_moment() -> None:
    assert last_moment(date(2025, 1, 15)) == datetime(2025, 1, 15, 23, 59, 59, 999_999, tzinfo=UTC)
