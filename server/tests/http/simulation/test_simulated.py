"""`--simulate`: one request is answered as it prefers, and the next one as ever."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import httpx
import pytest
from entity_contract import Contract
from entity_server.app import compose, create_app, served, simulated
from entity_server.http.operations import CompiledContract
from entity_server.running import listening
from entity_server.store import Store

from server.tests.http.served_api import ROOMY, ServedApi, opened

pytestmark = pytest.mark.anyio
SIMULATING = replace(ROOMY, simulate=True)


@pytest.fixture
async def simulating(
    contract: Contract, compiled: CompiledContract, store: Store, credentials: Mapping[str, str]
) -> AsyncIterator[ServedApi]:
    async with opened(contract, store, credentials, SIMULATING, compiled=compiled) as api:
        yield api


@pytest.fixture
async def at_a_socket(
    contract: Contract, compiled: CompiledContract, store: Store, credentials: Mapping[str, str]
) -> AsyncIterator[httpx.AsyncClient]:
    key = {"Authorization": f"Bearer {credentials['key']}"}
    with listening("127.0.0.1", 0) as sock:
        services = compose(contract, store, SIMULATING, compiled=compiled)
        app = create_app(services, answering=simulated(services))
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        async with served(app, sock), httpx.AsyncClient(headers=key, base_url=url) as client:
            yield client


@pytest.mark.parametrize("credential", ["key", None])
async def test_a_documented_status_is_answered_whoever_asks(simulating: ServedApi, credential: str | None) -> None:
    headers = {"Prefer": "code=429", "X-Request-ID": "mine"}
    answer = await simulating.send("GET", "/tasks", credential=credential, headers=headers)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1800")
    assert answer.json() == {"success": False, "error": "Too many requests", "code": "RATE_LIMIT_EXCEEDED"}
    assert answer.headers["Preference-Applied"] == "code=429"
    assert (answer.headers["X-Request-ID"], "Date" in answer.headers) == ("mine", True)


async def test_every_documented_status_of_every_operation_is_answered(
    simulating: ServedApi, contract: Contract
) -> None:
    asked = [(one, response.status) for one in contract.operations for response in one.responses]

    answers = {
        (operation.id, status): (
            await simulating.send(
                operation.method, "/api" + operation.path, credential=None, headers={"Prefer": f"code={status}"}
            )
        ).status_code
        for operation, status in asked
    }

    assert {(operation, status) for (operation, status), told in answers.items() if told != status} == set()


async def test_a_status_changes_no_record(simulating: ServedApi) -> None:
    record = await simulating.created("/tasks", title="Stays")
    prefer = {"Prefer": "code=200"}

    await simulating.send("DELETE", f"/tasks/{record}", headers=prefer)
    await simulating.send("PATCH", f"/tasks/{record}", headers=prefer, json={"title": "Changed"})
    kept = await simulating.send("GET", f"/tasks/{record}")

    assert kept.json()["data"]["title"] == "Stays"


@pytest.mark.parametrize(
    ("method", "path", "prefer", "told"),
    [
        ("GET", "/tasks", "code=418", "Prefer: listTasks documents no 418; it documents 200, 400, 401, 403, 404, 405,"),
        ("DELETE", "/tasks/x", "code=400", "Prefer: deleteTask documents no 400; it documents 200, 401, 403,"),
        ("PUT", "/tasks", "code=405", "Prefer: there is no operation here, so that code=405 is documented for none"),
        ("GET", "/a/b/c/d", "code=404", "Prefer: there is no operation here"),
        ("GET", "/tasks", "fault=list.total-of-by-one", "did you mean list.total-off-by-one"),
        ("GET", "/tasks", "delay=soon", "Prefer: delay must be a number of milliseconds from 0 to 30000"),
    ],
)
async def test_what_cannot_be_had_is_told_with_what_can(
    simulating: ServedApi, method: str, path: str, prefer: str, told: str
) -> None:
    answer = await simulating.send(method, path, headers={"Prefer": prefer})

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
    assert told in answer.json()["error"]
    assert "Preference-Applied" not in answer.headers


async def test_a_fault_acts_on_that_request_alone(simulating: ServedApi) -> None:
    await simulating.created("/tasks", title="One")
    plain = await simulating.send("GET", "/tasks")

    wrong = await simulating.send("GET", "/tasks", headers={"Prefer": "fault=list.total-off-by-one"})
    again = await simulating.send("GET", "/tasks")

    total = plain.json()["pagination"]["total"]
    assert wrong.headers["Preference-Applied"] == "fault=list.total-off-by-one"
    assert (wrong.json()["pagination"]["total"], again.json()["pagination"]["total"]) == (total + 1, total)


async def test_a_fault_acts_on_a_documented_answer_too(simulating: ServedApi) -> None:
    answer = await simulating.send("GET", "/tasks", headers={"Prefer": "code=405, fault=errors.no-allow"})

    assert (answer.status_code, "Allow" in answer.headers) == (405, False)
    assert answer.headers["Preference-Applied"] == "code=405, fault=errors.no-allow"


async def test_a_preference_that_nobody_knows_changes_nothing(simulating: ServedApi) -> None:
    answer = await simulating.send("GET", "/tasks", headers={"Prefer": "respond-async, wait=10"})

    assert (answer.status_code, "Preference-Applied" in answer.headers) == (200, False)


async def test_what_was_preferred_can_be_told_from_the_log(
    simulating: ServedApi, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await simulating.send("GET", "/tasks", headers={"Prefer": "code=500", "X-Request-ID": "mine"})

    assert caplog.messages == ["request mine: answered as it prefers: code=500"]


async def test_without_the_option_nothing_is_preferred(api: ServedApi) -> None:
    answer = await api.send("GET", "/tasks", headers={"Prefer": "code=429"})

    assert (answer.status_code, "Preference-Applied" in answer.headers) == (200, False)


async def test_an_answer_is_held_back(at_a_socket: httpx.AsyncClient) -> None:
    begun = time.monotonic()

    answer = await at_a_socket.get("/api/health", headers={"Prefer": "delay=300"})

    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "delay=300")
    assert time.monotonic() - begun >= 0.3


async def test_an_answer_dribbles(at_a_socket: httpx.AsyncClient) -> None:
    pieces: list[bytes] = []

    async with at_a_socket.stream("GET", "/api/v1/tasks", headers={"Prefer": "code=200, dribble=300"}) as answer:
        pieces += [piece async for piece in answer.aiter_raw()]
    after = await at_a_socket.get("/api/health")

    assert len(pieces) > 5
    assert json.loads(b"".join(pieces))["success"] is True
    assert answer.headers["Content-Length"] == str(len(b"".join(pieces)))
    assert after.status_code == 200


@pytest.mark.parametrize("also", ["", ", dribble=50", ", code=503"])
async def test_an_answer_is_cut_off(
    at_a_socket: httpx.AsyncClient, also: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection without sending complete"):
        await at_a_socket.get("/api/v1/tasks", headers={"Prefer": "cut" + also})

    after = await at_a_socket.get("/api/health")

    assert after.status_code == 200
    assert [line for line in caplog.messages if "as it prefers" not in line] == []


async def test_an_answer_without_a_body_is_cut_off_before_it_begins(at_a_socket: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="Server disconnected without sending a response"):
        await at_a_socket.head("/api/health", headers={"Prefer": "cut"})


async def test_the_record_of_an_answer_that_is_cut_off_is_made(at_a_socket: httpx.AsyncClient) -> None:
    title = "Made, and not told"
    with pytest.raises(httpx.RemoteProtocolError):
        await at_a_socket.post("/api/v1/tasks", json={"title": title}, headers={"Prefer": "cut"})

    found = await at_a_socket.get("/api/v1/tasks", params={"filter": json.dumps({"title": title})})

    assert found.json()["pagination"]["total"] == 1


async def test_a_client_that_does_not_wait_for_a_delay_disturbs_nobody(
    at_a_socket: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await at_a_socket.get("/api/health", headers={"Prefer": "delay=30000"}, timeout=httpx.Timeout(60, read=0.5))
    await asyncio.sleep(0)

    after = await at_a_socket.get("/api/health")

    assert after.status_code == 200
    assert [line for line in caplog.messages if "as it prefers" not in line] == []
