"""What a run may change: what it made, and ids that nobody has."""

import pytest
from entity_conformance.deployment.ownership import Ownership, Unsafe, below, created_in

BASE = "http://127.0.0.1:5173/api/v1"


def owned() -> Ownership:
    return Ownership("abcdefghi")


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
    ownership.saw("tasks", ["tsk_of_another"])
    with pytest.raises(Unsafe, match="which the run did not make"):
        guard(ownership, method, path)


def test_what_the_run_made_may_be_changed_and_so_may_an_id_that_nobody_has() -> None:
    ownership = owned()
    ownership.made("tasks", "tsk_1")
    ownership.made("tasks", "a/b")
    for id_ in ("tsk_1", "a%2Fb", ownership.missing_id, ownership.invented("tsk_nobodys")):
        guard(ownership, "DELETE", f"/tasks/{id_}")


def test_an_invented_id_that_an_answer_showed_is_somebodys() -> None:
    ownership = owned()
    ownership.saw("tasks", [ownership.invented("tsk_2")])
    with pytest.raises(Unsafe):
        guard(ownership, "PATCH", "/tasks/tsk_2")


def test_a_record_that_was_there_before_stays_anothers_whatever_a_creation_answers() -> None:
    ownership = owned()
    ownership.saw("customers", ["cus_old"])
    ownership.creates("customers")
    ownership.saw("customers", ["cus_new"])
    assert (ownership.is_anothers("customers", "cus_old"), ownership.is_anothers("customers", "cus_new")) == (
        True,
        False,
    )


def test_what_is_seen_after_a_creation_has_ended_is_anothers_unless_it_was_made() -> None:
    ownership = owned()
    ownership.creates("tasks")
    ownership.made("tasks", "tsk_1")
    ownership.created("tasks")
    ownership.saw("tasks", ["tsk_1", "tsk_2"])
    assert (ownership.is_anothers("tasks", "tsk_1"), ownership.is_anothers("tasks", "tsk_2")) == (False, True)


def test_own_and_known_ids_are_those_that_are_still_there() -> None:
    ownership = owned()
    ownership.saw("tasks", ["tsk_0"])
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
