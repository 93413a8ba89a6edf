"""The contract's examples as answers, for tests that want no server."""

from collections.abc import Iterator

import httpx
import pytest
import respx
from entity_contract import load
from entity_server.http.simulation import Undocumented
from entity_server.testing import example_response, example_router

BASE = "https://api.example.org/api/v1"


@pytest.fixture
def router() -> Iterator[respx.MockRouter]:
    with example_router(BASE) as router:
        yield router


@pytest.mark.parametrize(
    ("method", "path", "operation", "status"),
    [
        ("GET", "/v1/tasks", "listTasks", 200),
        ("GET", "/v1/tasks?page=2&search=a%2Fb", "listTasks", 200),
        ("POST", "/v1/tasks", "createTask", 201),
        ("GET", "/v1/tasks/tsk_1", "getTask", 200),
        ("DELETE", "/v1/tasks/tsk_1", "deleteTask", 200),
        ("GET", "/v1/gadgets", "listRecords", 200),
        ("GET", "/v1/gadgets/gad_1?fields=id", "getRecord", 200),
        ("GET", "/v1/keys", "listApiKeys", 200),
        ("DELETE", "/v1/keys/key_1", "revokeApiKey", 200),
        ("GET", "/health", "getHealth", 200),
    ],
)
def test_each_operation_answers_with_its_example(
    router: respx.MockRouter, method: str, path: str, operation: str, status: int
) -> None:
    answer = httpx.request(method, BASE.removesuffix("/v1") + path)

    assert answer.status_code == status
    assert [route.name for route in router.routes if route.called] == [operation]


def test_every_operation_has_a_route_of_its_name(router: respx.MockRouter) -> None:
    assert {route.name for route in router.routes} == {operation.id for operation in load().operations}


def test_a_reserved_path_is_no_entity(router: respx.MockRouter) -> None:
    with pytest.raises(respx.models.AllMockedAssertionError):
        httpx.get(f"{BASE}/keys/key_1")

    assert [route.name for route in router.routes if route.called] == []


def test_an_answer_echoes_the_request_id(router: respx.MockRouter) -> None:
    answer = httpx.get(f"{BASE}/tasks", headers={"X-Request-ID": "mine"})

    assert (router["listTasks"].call_count, answer.headers["X-Request-ID"]) == (1, "mine")


def test_a_route_can_be_told_to_answer_otherwise(router: respx.MockRouter) -> None:
    router["listTasks"].mock(return_value=example_response("listTasks", 429))

    answer = httpx.get(f"{BASE}/tasks")

    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (
        429,
        "RATE_LIMIT_EXCEEDED",
        "1800",
    )


def test_an_operation_that_there_is_not_is_named_with_those_near() -> None:
    with pytest.raises(ValueError, match="no operation 'listTask'; did you mean listTasks"):
        example_response("listTask")


def test_a_status_that_is_not_documented_is_told_with_those_that_are() -> None:
    with pytest.raises(Undocumented, match="listTasks documents no 418; it documents 200, 400"):
        example_response("listTasks", 418)


def test_a_base_url_without_its_version_is_refused() -> None:
    with pytest.raises(ValueError, match="does not end in /v1"):
        example_router("https://api.example.org/api")
