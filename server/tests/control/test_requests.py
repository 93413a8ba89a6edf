"""What was asked, what the server thinks of it, and the same as a stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server.tests.control.controlled_server import ControlledServer

pytestmark = pytest.mark.anyio

JSON = {"Content-Type": "application/json"}


async def recorded(server: ControlledServer) -> dict[str, Any]:
    (only,) = await server.requests()
    return only


def problems(request: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    return [(one["in"], one["name"], one["code"]) for one in request["verdict"]["problems"]]


async def test_a_request_is_recorded_with_its_answer(server: ControlledServer) -> None:
    answer = await server.ask("POST", "/tasks", json={"title": "New"}, headers={"X-Request-ID": "abc"})

    request = await recorded(server)
    assert (request["operationId"], request["method"], request["path"]) == ("createTask", "POST", "/api/v1/tasks")
    assert request["body"] == {"title": "New"}
    assert request["bodyBytes"] == len(answer.request.content)
    assert request["headers"]["x-request-id"] == "abc"
    assert (request["status"], request["answer"]["body"]) == (201, answer.json())
    assert request["answer"]["headers"]["x-ratelimit-limit"] == "1000"
    assert request["verdict"] == {"valid": True, "problems": []}
    assert (request["rules"], request["preference"]) == ([], None)


async def test_the_rules_that_acted_are_named(server: ControlledServer) -> None:
    rule = await server.control("POST", "/rules", {"status": 503, "times": 1}, status=201)
    for _ in range(2):
        await server.ask("GET", "/tasks")

    assert [request["rules"] for request in await server.requests()] == [[rule["id"]], []]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/tasks?limit=0", None, [("query", "limit", "VALIDATION_FAILED")]),
        ("GET", "/tasks?filter=nonsense", None, [("query", "filter", "INVALID_FILTER")]),
        ("GET", "/tasks?sort=colour", None, [("query", "sort", "INVALID_SORT")]),
        ("GET", "/tasks?limt=5", None, [("query", "limt", "VALIDATION_FAILED")]),
        ("POST", "/tasks", {}, [("body", "title", "VALIDATION_FAILED")]),
        ("POST", "/tasks", {"title": "x", "color": 1}, [("body", "color", "VALIDATION_FAILED")]),
        ("POST", "/tasks", [], [("body", "body", "UNPROCESSABLE_ENTITY")]),
        ("PUT", "/tasks", None, [("method", None, "METHOD_NOT_ALLOWED")]),
        ("GET", "/nothing", None, [("path", None, "ENTITY_NOT_FOUND")]),
        ("GET", "/ai/nothing/there", None, [("path", None, "NOT_FOUND")]),
    ],
)
async def test_a_request_that_the_contract_does_not_describe_is_told_as_such(
    server: ControlledServer, method: str, path: str, body: object, expected: list[tuple[str, str, str]]
) -> None:
    await server.ask(method, path, json=body)

    request = await recorded(server)
    assert request["verdict"]["valid"] is False
    assert problems(request) == expected


@pytest.mark.parametrize("key", ["expiredKey", "sk_live_" + "0" * 40])
async def test_how_a_request_was_answered_does_not_matter(server: ControlledServer, key: str) -> None:
    answer = await server.ask("GET", "/tasks/tsk_unknown", key=key)

    assert answer.status_code == 401
    assert (await recorded(server))["verdict"]["valid"] is True


async def test_a_request_that_met_a_rule_is_judged_too(server: ControlledServer) -> None:
    await server.control("POST", "/rules", {"status": 503}, status=201)

    await server.ask("POST", "/tasks", json={"titel": "x"})

    assert sorted(problems(await recorded(server))) == [
        ("body", "titel", "VALIDATION_FAILED"),
        ("body", "title", "VALIDATION_FAILED"),
    ]


async def test_a_request_without_a_credential_is_told_as_such(server: ControlledServer) -> None:
    await server.api.get("/api/v1/tasks")

    assert problems(await recorded(server)) == [("credential", None, "UNAUTHORIZED")]


async def test_a_key_does_not_open_the_page_of_keys(server: ControlledServer) -> None:
    await server.ask("GET", "/keys")

    request = await recorded(server)
    assert problems(request) == [("credential", None, "UNAUTHORIZED")]
    assert "needs a session" in request["verdict"]["problems"][0]["message"]


async def test_health_needs_no_credential(server: ControlledServer) -> None:
    await server.api.get("/api/health")

    request = await recorded(server)
    assert (request["operationId"], request["credential"], request["verdict"]["valid"]) == ("getHealth", None, True)


async def test_what_is_no_http_is_recorded_too(server: ControlledServer) -> None:
    reader, writer = await asyncio.open_connection(server.api.base_url.host, server.api.base_url.port)
    writer.write(b"nonsense\r\n\r\n")
    answer = await reader.read(100)
    writer.close()

    assert answer.startswith(b"HTTP/1.1 400")
    request = await recorded(server)
    assert (request["method"], request["operationId"], request["status"]) == (None, None, 400)
    assert problems(request) == [("message", None, "VALIDATION_FAILED")]


async def test_no_secret_is_shown_wherever_it_stands(server: ControlledServer) -> None:
    key, session = server.credentials["apiKey"], server.credentials["sessionToken"]
    await server.ask(
        "POST",
        f"/tasks/{key}?api_key={key}&token={session}",
        json={"title": key, "password": session},
        headers={
            "Cookie": f"better-auth.session_token={session}; other={session}",
            "X-Api-Key": session,
            "Referer": f"http://page/?token={session}",
        },
    )
    cookie = {"Cookie": f"better-auth.session_token={session}"}
    made = await server.api.post("/api/v1/keys", headers=cookie, json={"name": "New", "scopes": ["read"]})

    shown = json.dumps(await server.requests())
    assert made.status_code == 201
    for secret in (key, session, made.json()["data"]["key"]):
        assert secret not in shown


async def test_equal_secrets_have_equal_digests(server: ControlledServer) -> None:
    for key in ("apiKey", "readKey", "apiKey"):
        await server.ask("GET", "/tasks", key=key)

    first, second, third = (request["credential"] for request in await server.requests())
    assert first == third != second
    assert first["kind"] == "key"


async def test_a_body_that_nobody_read_is_recorded_all_the_same(server: ControlledServer) -> None:
    await server.ask("POST", "/tasks", key="sk_live_" + "0" * 40, json={"title": "New"})

    assert (await recorded(server))["body"] == {"title": "New"}


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"not json", "not json"),
        (b'{"a": ' * 300 + b"1" + b"}" * 300, '{"a": ' * 300 + "1" + "}" * 300),
        (b'"' + b"x" * 70_000 + b'"', None),
        (b"\xff", "\ufffd"),
    ],
)
async def test_a_body_is_shown_as_well_as_may_be(server: ControlledServer, content: bytes, shown: str | None) -> None:
    await server.ask("POST", "/tasks", content=content, headers=JSON)

    request = await recorded(server)
    assert (request["body"], request["bodyBytes"]) == (shown, len(content))


async def test_only_what_was_asked_for_is_listed(server: ControlledServer) -> None:
    for path in ("/tasks", "/products", "/tasks", "/tasks"):
        await server.ask("GET", path)
    ids = [request["id"] for request in await server.requests()]

    behind = await server.control("GET", f"/requests?since={ids[0]}&operationId=listTasks")
    newest = await server.control("GET", "/requests?limit=1")

    assert [request["id"] for request in behind] == ids[2:]
    assert [request["id"] for request in newest] == ids[3:]


async def test_ids_go_on_after_a_reset(server: ControlledServer) -> None:
    await server.ask("GET", "/tasks")
    before = (await recorded(server))["id"]
    await server.control("POST", "/reset")
    await server.ask("GET", "/tasks")

    assert (await recorded(server))["id"] == before + 1


async def test_requests_are_forgotten_when_that_is_asked_for(server: ControlledServer) -> None:
    await server.ask("GET", "/tasks")

    await server.control("DELETE", "/requests")

    assert await server.requests() == []


async def events(stream: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The requests in server-sent events."""
    async for line in stream.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def test_requests_are_streamed_as_they_come(server: ControlledServer) -> None:
    await server.ask("GET", "/products")
    async with server.port.stream("GET", "/control/v1/requests/stream?operationId=listTasks") as stream:
        await server.ask("GET", "/products")
        await server.ask("GET", "/tasks")
        first = await anext(events(stream))

    assert stream.headers["Content-Type"] == "text/event-stream"
    assert first["operationId"] == "listTasks"
    assert first == (await server.requests())[-1]


async def test_requests_are_streamed_as_lines_where_those_are_asked_for(server: ControlledServer) -> None:
    lines = {"Accept": "application/x-ndjson"}
    async with server.port.stream("GET", "/control/v1/requests/stream", headers=lines) as stream:
        await server.ask("GET", "/tasks")
        received = [json.loads(line) async for line in first_lines(stream, 1)]

    assert stream.headers["Content-Type"] == "application/x-ndjson"
    assert received == await server.requests()


async def first_lines(stream: httpx.Response, count: int) -> AsyncIterator[str]:
    """The first lines that say something."""
    async for line in stream.aiter_lines():
        if line:
            yield line
            count -= 1
            if not count:
                return


@pytest.mark.parametrize("again", [{"params": {"since": 0}}, {"headers": {"Last-Event-ID": "0"}}])
async def test_a_stream_begins_behind_what_the_client_has_seen(server: ControlledServer, again: dict[str, Any]) -> None:
    await server.ask("GET", "/tasks")

    async with server.port.stream("GET", "/control/v1/requests/stream", **again) as stream:
        first = await anext(events(stream))

    assert [first] == await server.requests()
