"""What a run may change: what it made, and ids that nobody has."""

from datetime import UTC, datetime
from typing import Any

import pytest
from entity_conformance.deployment.ownership import Claim, Ownership, Unsafe, below, created_in, written

BASE = "http://127.0.0.1:5173/api/v1"


def owned() -> Ownership:
    return Ownership("abcdefghi")


def records(*ids: str) -> list[dict[str, object]]:
    return [{"id": id_} for id_ in ids]


def guard(of: Ownership, method: str, path: str) -> None:
    of.guard(method, BASE + path, BASE)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/tasks/tsk_of_another"),
        ("PATCH", "/tasks/tsk_of_another"),
        ("POST", "/tasks/tsk_of_another"),
        ("PUT", "/tasks"),
        ("DELETE", "/tasks"),
        ("DELETE", "/tasks/"),
        ("POST", "/tasks/a/b"),
        ("DELETE", "/tasks/conformance-abcdefghi%2F..%2Ftsk_of_another"),
        ("DELETE", "/tasks/%2E%2E"),
    ],
)
def test_what_the_run_did_not_make_is_never_changed(method: str, path: str) -> None:
    ownership = owned()
    ownership.saw("tasks", records("tsk_of_another"))
    with pytest.raises(Unsafe, match="which the run did not make"):
        guard(ownership, method, path)


def test_what_the_run_made_may_be_changed_and_so_may_an_id_that_nobody_has() -> None:
    ownership = owned()
    ownership.made("tasks", "tsk_1")
    ownership.made("tasks", "a b")
    for id_ in ("tsk_1", "a%20b", ownership.missing_id, ownership.invented("tsk_nobodys")):
        guard(ownership, "DELETE", f"/tasks/{id_}")


def test_an_id_that_the_creation_of_something_else_was_answered_is_doubtful() -> None:
    ownership = owned()
    ownership.answered("customers", "cus_1")
    ownership.made("customers", "cus_1")

    assert ownership.is_doubtful("comments", "cus_1")
    assert not ownership.is_doubtful("customers", "cus_1")
    assert not ownership.is_doubtful("comments", "cmt_1")


def test_what_the_run_needs_is_not_changed_before_cleaning_up() -> None:
    ownership = owned()
    ownership.made("keys", "key_1")
    ownership.keeps("keys", "key_1")

    assert ownership.own("keys") == ()
    with pytest.raises(Unsafe):
        guard(ownership, "DELETE", "/keys/key_1")


def test_an_invented_id_that_an_answer_showed_is_somebodys() -> None:
    ownership = owned()
    ownership.saw("tasks", records(ownership.invented("tsk_2")))
    with pytest.raises(Unsafe):
        guard(ownership, "PATCH", "/tasks/tsk_2")


def test_a_record_that_was_there_before_stays_anothers_whatever_a_creation_answers() -> None:
    ownership = owned()
    ownership.saw("customers", records("cus_old"))
    ownership.creates("customers")
    ownership.saw("customers", records("cus_new"))
    assert (ownership.is_anothers("customers", "cus_old"), ownership.is_anothers("customers", "cus_new")) == (
        True,
        False,
    )


def test_what_a_creation_made_of_another_body_is_nobody_elses_however_often_it_is_seen() -> None:
    ownership = owned()
    ownership.made("tasks", "tsk_1", Claim("own", lambda _: False, None))
    (record,) = records("tsk_1")
    ownership.disproved("tasks", record)
    ownership.saw("tasks", [record])

    assert not ownership.is_anothers("tasks", "tsk_1")


def test_what_shows_again_is_the_runs_own_and_no_id_that_nobody_has() -> None:
    ownership = owned()
    ownership.made("tasks", "tsk_1")
    ownership.gone("tasks", "tsk_1")
    assert ownership.is_invented("tasks", "tsk_1")

    assert ownership.is_back("tasks", "tsk_1")
    assert not ownership.is_invented("tasks", "tsk_1")
    assert not ownership.is_back("tasks", "tsk_of_another")


def test_what_is_seen_after_a_creation_has_ended_is_anothers_unless_it_was_made() -> None:
    ownership = owned()
    ownership.creates("tasks")
    ownership.made("tasks", "tsk_1")
    ownership.created("tasks")
    ownership.saw("tasks", records("tsk_1", "tsk_2"))
    assert (ownership.is_anothers("tasks", "tsk_1"), ownership.is_anothers("tasks", "tsk_2")) == (False, True)


def test_own_and_known_ids_are_those_that_are_still_there() -> None:
    ownership = owned()
    ownership.saw("tasks", records("tsk_0"))
    ownership.made("tasks", "tsk_1")
    ownership.made("tasks", "tsk_2")
    ownership.gone("tasks", "tsk_1")
    assert ownership.own("tasks") == ("tsk_2",)
    assert ownership.known("tasks") == {"tsk_0", "tsk_2"}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/api/v1/tasks",
        "https://127.0.0.1:5173/api/v1/tasks",
        "http://127.0.0.1:5173@example.com/api/v1/tasks",
    ],
)
def test_no_other_place_is_asked(url: str) -> None:
    with pytest.raises(Unsafe, match="another place"):
        owned().guard("GET", url, BASE)


def test_reading_is_always_safe() -> None:
    for method in ("GET", "HEAD", "OPTIONS", "TRACE"):
        guard(owned(), method, "/tasks/tsk_of_another")


def test_a_creation_is_a_post_to_a_collection() -> None:
    assert created_in("POST", f"{BASE}/tasks?limit=1", BASE) == "tasks"
    assert created_in("POST", f"{BASE}/ai/generate", BASE) is None
    assert created_in("GET", f"{BASE}/tasks", BASE) is None
    assert below(f"{BASE}/tasks/a%2Fb", BASE) == ("tasks", "a/b")


MARK = "conformance-abcdefghi"
SINCE = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


def test_what_a_creation_answered_is_not_written_to_before_it_is_shown() -> None:
    ownership = owned()
    ownership.made("tasks", "tsk_1", Claim("own", written({"title": MARK}, MARK, SINCE)))

    with pytest.raises(Unsafe):
        guard(ownership, "DELETE", "/tasks/tsk_1")
    ownership.saw("tasks", [{"id": "tsk_1", "title": "Somebody's"}])
    with pytest.raises(Unsafe):
        guard(ownership, "DELETE", "/tasks/tsk_1")
    ownership.saw("tasks", [{"id": "tsk_1", "title": MARK}])
    guard(ownership, "DELETE", "/tasks/tsk_1")


@pytest.mark.parametrize(("created", "is_anothers"), [("2025-01-15T10:29:59Z", True), ("2025-01-15T10:30:00Z", False)])
def test_what_stands_there_instead_is_anothers_where_it_is_older_than_the_creation(
    created: str,
    is_anothers: bool,  # noqa: FBT001  # what is expected
) -> None:
    ownership = owned()
    ownership.made("tasks", "tsk_1", Claim("own", lambda _: False, SINCE))

    ownership.disproved("tasks", {"id": "tsk_1", "createdAt": created})

    assert ownership.is_anothers("tasks", "tsk_1") is is_anothers
    assert (ownership.is_doubtful("tasks", "tsk_1"), ownership.may_change("tasks", "tsk_1")) == (True, False)


@pytest.mark.parametrize(
    ("body", "record", "shows"),
    [
        ({"title": MARK, "status": "todo"}, {"title": f" {MARK.upper()} ", "status": "done"}, True),
        ({"title": MARK, "status": "todo"}, {"title": "Another", "status": "todo"}, False),
        ({"title": f'{MARK} <b>"it\'s"</b>'}, {"title": f"{MARK} &lt;b&gt;&quot;it&#x27;s&quot;&lt;/b&gt;"}, True),
        ({"title": f"{MARK} <b>one</b>"}, {"title": f"{MARK} &lt;b&gt;two&lt;/b&gt;"}, False),
        ({"title": f"{MARK} caf\u00e9"}, {"title": f"{MARK} cafe\u0301"}, True),
        ({"count": 3, "kind": "a"}, {"count": 3.0, "kind": "a"}, True),
        ({"count": 3, "kind": "a"}, {"count": 4, "kind": "a"}, False),
        ({"at": "2025-01-15T10:30:00Z", "kind": "a"}, {"at": "2025-01-15T11:30:00+01:00", "kind": "a"}, True),
        ({"unknown": "x"}, {"createdAt": "2025-01-15T10:30:01Z"}, True),
        ({"unknown": "x"}, {"createdAt": "2025-01-14T10:30:01Z"}, False),
        ([], {}, False),
    ],
)
def test_a_record_is_what_was_written_by_its_texts_or_else_by_all_its_values(
    body: object,
    record: dict[str, Any],
    shows: bool,  # noqa: FBT001  # what is expected
) -> None:
    assert written(body, MARK, SINCE)(record) is shows


@pytest.mark.parametrize(
    "id_",
    ["", " ", ".", "..", "../keys", "a/b", "a?b", "a#b", "a%2Fb", "a\\b", "a\nb", "a\u2028b", "a\uff0fb", "x" * 10_000],
)
def test_an_id_that_is_no_plain_segment_is_never_written_to(id_: str) -> None:
    ownership = owned()
    ownership.made("tasks", id_)

    assert not ownership.may_change("tasks", id_)


def test_what_shows_again_after_its_deletion_was_confirmed_is_known_to_have_been_deleted() -> None:
    owned = Ownership("mark")
    owned.made("tasks", "tsk_1")
    owned.deleted("tasks", "tsk_1")

    assert owned.is_back("tasks", "tsk_1")
    assert owned.own("tasks") == ("tsk_1",)
    assert owned.was_deleted("tasks", "tsk_1")
