"""What a test expects of its client's requests, and what it is told when that is not so."""

from typing import Any

import pytest
from entity_server.testing.calls import Expected, Problem, Request, problem_of

RECORDED: dict[str, Any] = {
    "id": 1,
    "time": "2026-01-31T10:30:00.000Z",
    "operationId": "createTask",
    "method": "POST",
    "path": "/api/v1/tasks",
    "query": "dry=&page=2",
    "headers": {"authorization": "Bearer sha256:00"},
    "body": {"title": "Buy milk", "status": "todo"},
    "status": 201,
    "answer": {"headers": {}, "body": {"success": True}},
    "verdict": {"valid": True, "problems": []},
    "rules": ["rule_1"],
}
REQUEST = Request.of(RECORDED)


def expected(
    *,
    operation: str = "createTask",
    times: int | None = None,
    status: int | None = None,
    valid: bool | None = None,
    body: dict[str, Any] | None = None,
    query: dict[str, Any] | None = None,
    path: str | None = None,
) -> Expected:
    return Expected(operation, times, status, valid, body or {}, query or {}, path)


def test_a_request_has_what_was_recorded() -> None:
    assert (REQUEST.operation, REQUEST.query, REQUEST.answer) == (
        "createTask",
        {"dry": "", "page": "2"},
        {"success": True},
    )
    assert (REQUEST.body, REQUEST.status, REQUEST.rules) == ({"title": "Buy milk", "status": "todo"}, 201, ("rule_1",))


def test_a_verdict_has_its_problems() -> None:
    problem = {"in": "query", "name": "dry", "code": "VALIDATION_FAILED", "message": "no such parameter"}
    request = Request.of({**RECORDED, "verdict": {"valid": False, "problems": [problem]}})

    assert (request.valid, request.problems) == (
        False,
        (Problem("query", "dry", "VALIDATION_FAILED", "no such parameter"),),
    )


@pytest.mark.parametrize(
    "said",
    [
        expected(),
        expected(status=201, valid=True, path="/tasks"),
        expected(body={"title": "Buy milk"}),
        expected(query={"page": 2}),
        expected(path="/api/v1/tasks"),
    ],
)
def test_a_request_fits_what_is_said_of_it(said: Expected) -> None:
    assert said.fits(REQUEST)


@pytest.mark.parametrize(
    "said",
    [
        expected(operation="listTasks"),
        expected(status=200),
        expected(valid=False),
        expected(body={"title": "Buy bread"}),
        expected(body={"priority": "high"}),
        expected(query={"page": 3}),
        expected(query={"limit": 1}),
        expected(path="/products"),
    ],
)
def test_a_request_does_not_fit_what_is_otherwise(said: Expected) -> None:
    assert not said.fits(REQUEST)


@pytest.mark.parametrize(("times", "found"), [(None, 1), (None, 3), (1, 1), (0, 0), (2, 2)])
def test_as_many_as_expected_is_no_problem(times: int | None, found: int) -> None:
    assert problem_of(expected(times=times), [REQUEST] * found, [REQUEST] * found) is None


@pytest.mark.parametrize(("times", "found"), [(None, 0), (1, 0), (1, 2), (0, 1), (2, 1)])
def test_more_or_fewer_than_expected_is_a_problem(times: int | None, found: int) -> None:
    assert problem_of(expected(times=times), [REQUEST] * found, [REQUEST] * found) is not None


def test_a_problem_shows_what_was_asked_instead() -> None:
    assert problem_of(expected(times=2, body={"title": "Buy milk"}), [REQUEST], [REQUEST]) == (
        "expected createTask 2 times with body {'title': 'Buy milk'}; there were 1 such requests\n"
        "the server was asked:\n"
        '  createTask: POST /api/v1/tasks?dry=&page=2 {"title": "Buy milk", "status": "todo"}, answered 201'
    )


def test_a_problem_says_when_nothing_was_asked() -> None:
    assert problem_of(expected(), [], []) == (
        "expected createTask at least once; there were 0 such requests\nthe server was asked nothing"
    )
