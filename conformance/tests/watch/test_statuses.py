"""Statuses of answers, whoever asked."""

import pytest
from entity_conformance.deployment.problems import Violation
from entity_conformance.suite.watch import statuses
from entity_conformance.suite.watch.judgement import Watch
from entity_contract import Contract

from conformance.tests.watched import Told, judged, problems

GRANTS: Watch = statuses.WATCHES[0]
KNOWN: Watch = statuses.WATCHES[1]


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("GET", "tasks?page=2", 206, "200"),
        ("GET", "tasks/tsk_1?include=assignee", 203, "200"),
        ("GET", "tasks", 302, "200"),
        ("POST", "orders", 200, "201"),
        ("PATCH", "products/prd_1", 202, "200"),
        ("DELETE", "tasks/tsk_1", 204, "200"),
        ("OPTIONS", "tasks", 204, "200"),
    ],
)
def test_a_success_has_the_status_that_is_documented(
    v1: Contract, method: str, path: str, status: int, told: str
) -> None:
    history = Told().get(path, method=method, status=status).history(v1)

    assert problems(GRANTS, history) == [("x1", f"the answer is not {told}")]


def test_a_write_that_an_entity_leaves_out_and_grants_is_judged_elsewhere(v1: Contract) -> None:
    told = Told().get("users", method="POST", status=200).get("users/usr_1", method="PATCH", status=204)

    assert judged(GRANTS, told.history(v1)) == []


def test_refusals_and_odd_paths_are_judged_elsewhere(v1: Contract) -> None:
    told = Told().get(status=410).get("tasks/..", status=302).get("nothing", status=302)
    told.get(status=302, credential="none").get(status=302, credential="expired_key").get(status=302, credential="x")

    assert judged(GRANTS, told.history(v1)) == []


@pytest.mark.parametrize("told", [None, "Basic realm=tasks"])
def test_who_is_not_known_is_asked_for_a_token(v1: Contract, told: str | None) -> None:
    asked = Told().get(status=401, WWW_Authenticate="Bearer").get(status=401, method="DELETE", WWW_Authenticate=told)

    assert [exchange for exchange, _ in problems(statuses.challenge, asked.history(v1))] == ["x2"]


def test_the_keys_own_paths_need_not_ask_for_a_token(v1: Contract) -> None:
    assert judged(statuses.challenge, Told().get("keys", status=401).history(v1)) == []


def test_a_key_that_was_taken_is_known_by_every_operation(v1: Contract) -> None:
    told = Told().get().get(status=401, method="DELETE").get("keys", status=401)

    assert problems(KNOWN, told.history(v1)) == [("x2", "the API key is not known, though it was before or is later")]


def test_a_key_that_was_never_taken_is_judged_elsewhere(v1: Contract) -> None:
    told = Told().get().get(status=401, credential="expired_key").get(status=401, credential="read_key")

    assert problems(KNOWN, told.history(v1)) == []


def test_a_bad_key_beside_the_session_may_decide(v1: Contract) -> None:
    told = Told().get(credential="session").get(status=401, credential="session", sent={"Cookie": "a=b"})

    assert problems(KNOWN, told.history(v1)) == []


def test_allow_names_no_method_that_its_path_refuses(v1: Contract) -> None:
    told = Told().get("users/a", method="PATCH", status=405, Allow="GET, PATCH, DELETE")
    told.get("users/a", method="DELETE", status=405, Allow="GET").get("users/b", method="POST", status=405, Allow="GET")
    told.get("tasks/a", method="DELETE").get("tasks/a", method="PUT", status=405, Allow="GET, PATCH, DELETE")
    told.get("users", method="POST", status=405, Allow="GET, POST")
    history = told.history(v1)

    assert problems(statuses.allow, history) == [
        ("x1", "Allow names a method that this path refuses by 405"),
        ("x6", "Allow names a method that this path refuses by 405"),
    ]
    assert [one.problem.expected for one in statuses.allow.judge(history) if isinstance(one.problem, Violation)] == [
        "no DELETE and no PATCH",
        "no POST",
    ]


def test_what_refuses_no_method_of_its_own_is_not_looked_at(v1: Contract) -> None:
    told = Told().get("users/a", method="PATCH", status=405).get("users/a", status=404, Allow="GET")
    told.get("tasks/a", method="POST", status=405, sent={"X-HTTP-Method-Override": "DELETE"}, Allow="GET, POST")
    told.get("tasks/a?_method=DELETE", status=405, Allow="GET")

    assert judged(statuses.allow, told.history(v1)) == []
