"""What the lines of a journal add up to, and whose credentials stood behind them."""

import json
from datetime import UTC, datetime

import pytest
from entity_conformance.deployment.account import Account, Fingerprints, Thing, added_up, moment, unmistakable
from entity_conformance.deployment.credentials import Given

TARGET = "http://127.0.0.1:5173/api/v1"
TITLE = "cetuvilov gibifolef plain"
HEAD: dict[str, object] = {
    "format": "v1-conformance-journal/2",
    "target": TARGET,
    "run": "abcdefghi",
    "salt": "5a",
    "fingerprints": {},
}


def account(*lines: dict[str, object], head: dict[str, object] = HEAD) -> Account:
    added = added_up(json.dumps(line) for line in (head, *lines))
    assert added is not None
    return added


@pytest.mark.parametrize(
    "text", ["2025-06-01T12:00:00.250Z", "2025-06-01t12:00:00.250z", "2025-06-01t14:00:00.25+02:00"]
)
def test_a_moment_is_read_whatever_its_letters(text: str) -> None:
    assert moment(text) == datetime(2025, 6, 1, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize("value", ["2025-06-01T12:00:00", "yesterday", "", None, 5])
def test_what_names_no_moment_is_none(value: object) -> None:
    assert moment(value) is None


def test_a_line_that_was_not_written_whole_is_passed_over() -> None:
    will = {"will": 1, "entity": "tasks", "user": "own", "texts": []}

    added = added_up([json.dumps(HEAD), json.dumps(will), json.dumps({"made": 1, "id": "tsk_1"}), '{"gone": "tsk'])

    assert added is not None
    assert added.outstanding == (Thing("tasks", "tsk_1", "own"),)


def test_a_journal_of_the_first_release_names_credentials_for_users() -> None:
    first = {"format": "v1-conformance-journal/1", "target": TARGET, "run": "abcdefghi", "pid": 1, "host": "h"}

    added = account(
        {"will": 1, "entity": "tasks", "credential": "other", "texts": []},
        {"will": 2, "entity": "tasks", "credential": "key", "texts": []},
        head=first,
    )

    assert added.open == {1: ("tasks", "other"), 2: ("tasks", "own")}
    assert not added.fingerprints.has("own", "anything")


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"format": "another/1"}', "[1]"])
def test_what_is_no_journal_is_none(text: str) -> None:
    assert added_up(text.splitlines()) is None


def test_a_credential_is_known_again_as_its_users() -> None:
    known = Fingerprints.of(Given(api_key="k1-of-ada", session="t1-of-ada", other_api_key="k2-of-bob"), salt="5a")

    assert known.has("own", "k1-of-ada")
    assert known.has("own", "t1-of-ada")
    assert known.has("other", "k2-of-bob")
    assert not known.has("own", "k2-of-bob")
    assert not known.has("other", "k1-of-ada")


def test_a_fingerprint_tells_nothing_of_the_credential_and_is_another_with_another_salt() -> None:
    given = Given(api_key="k1-of-ada")
    one, two = Fingerprints.of(given, salt="5a"), Fingerprints.of(given, salt="5b")

    assert one.digests != two.digests
    assert "k1-of-ada" not in repr(one)


@pytest.mark.parametrize(
    ("record", "is_ours"),
    [
        ({"title": TITLE}, True),
        ({"title": f" {TITLE.upper()}&nbsp;"}, True),
        ({"description": "see conformance-abcdefghi there"}, True),
        ({"title": "conformance-xxxxxxxxx"}, False),
        ({"title": "cetuvilov gibifolef other"}, False),
        ({"title": "2021-07-09T08:30:00Z"}, False),
        ({"title": "high"}, False),
        ({"title": "renovated"}, False),
        ({"title": ""}, False),
        ({"count": 7}, False),
        ({}, False),
    ],
)
def test_only_what_nobody_else_would_write_is_ours(record: dict[str, object], is_ours: bool) -> None:  # noqa: FBT001
    sent = {"title": TITLE, "due": "2021-07-09T08:30:00Z", "priority": "high", "word": "renovated", "empty": "", "n": 7}
    of = account()

    of.will_create(1, "tasks", "own", unmistakable(sent, "conformance-abcdefghi"))

    assert of.is_ours("tasks", record) is is_ours


def test_a_text_of_one_entity_says_nothing_about_another() -> None:
    of = account()
    of.will_create(1, "tasks", "own", (TITLE,))

    assert not of.is_ours("orders", {"title": TITLE})


def test_a_record_shows_whose_credential_sees_it() -> None:
    of = account()
    of.will_create(1, "tasks", "own", ("cetuvilov gibifolef own", "conformance-abcdefghi"))
    of.will_create(2, "tasks", "other", ("cetuvilov gibifolef other", "conformance-abcdefghi"))
    of.made(1, "tsk_1")

    assert of.is_users("tasks", "own", {"id": "tsk_1"})
    assert not of.is_users("tasks", "other", {"id": "tsk_1", "title": "cetuvilov gibifolef other"})
    assert of.is_users("tasks", "other", {"id": "tsk_2", "title": "cetuvilov gibifolef other"})
    assert not of.is_users("tasks", "own", {"id": "tsk_2", "title": "conformance-abcdefghi"})
    assert not of.is_users("tasks", "own", {"id": "tsk_3", "title": "Buy milk"})


def test_the_newest_goes_first() -> None:
    of = account(
        {"will": 1, "entity": "customers", "user": "own", "texts": []},
        {"made": 1, "id": "cus_1"},
        {"will": 2, "entity": "orders", "user": "own", "texts": []},
        {"made": 2, "id": "ord_1"},
    )

    assert [thing.entity for thing in of.outstanding] == ["orders", "customers"]
