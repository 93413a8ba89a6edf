"""The access log: a line for each request, without secrets."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from entity_contract import Contract
from entity_server.app import compose, create_app, served, simulated
from entity_server.http.access_log import AccessLog, line
from entity_server.http.exchange import Noted
from entity_server.http.operations import CompiledContract
from entity_server.running import listening
from entity_server.store import Store

from server.tests.http.served_api import ROOMY, START

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Logged:
    """A client, and the lines that its requests have left."""

    client: httpx.AsyncClient
    lines: list[str] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, line: str) -> None:
        self.lines.append(line)
        self.told.set()

    def last(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.lines[-1])
        return said


@pytest.fixture
async def logged(contract: Contract, compiled: CompiledContract, store: Store) -> AsyncIterator[Logged]:
    with listening("127.0.0.1", 0) as sock:
        services = compose(contract, store, ROOMY, compiled=compiled)
        logged = Logged(httpx.AsyncClient(base_url=f"http://127.0.0.1:{sock.getsockname()[1]}"))
        log = AccessLog("json", logged.write, lambda: START)
        app = create_app(services, answering=simulated(services), access_log=log)
        async with served(app, sock), logged.client:
            yield logged


async def test_a_request_is_a_line(logged: Logged, credentials: Mapping[str, str], store: Store) -> None:
    key = {"Authorization": f"Bearer {credentials['key']}", "X-Request-ID": "mine"}
    (key_id,) = [one.id for one in await store.keys.list("usr_owner") if one.name == "key"]

    await logged.client.get("/api/v1/tasks?limit=1", headers=key)

    said = logged.last()
    assert said.pop("ms") > 0
    assert said == {
        "time": "2025-06-01T12:00:00.000Z",
        "requestId": "mine",
        "method": "GET",
        "path": "/api/v1/tasks",
        "operation": "listTasks",
        "status": 200,
        "key": key_id,
        "user": "usr_owner",
        "preference": None,
    }


async def test_a_session_is_told_by_its_user(logged: Logged, credentials: Mapping[str, str]) -> None:
    logged.client.cookies.set("better-auth.session_token", credentials["session"])

    await logged.client.get("/api/v1/keys")

    said = logged.last()
    assert (said["operation"], said["status"], said["key"], said["user"]) == ("listApiKeys", 200, None, "usr_owner")


@pytest.mark.parametrize(
    ("method", "path", "operation", "status"),
    [
        ("GET", "/api/v1/tasks", "listTasks", 401),
        ("GET", "/api/v1/nothing/at/all", None, 401),
        ("HEAD", "/api/health", "getHealth", 200),
        ("GET", "/docs", None, 200),
    ],
)
async def test_every_answer_is_told(logged: Logged, method: str, path: str, operation: str | None, status: int) -> None:
    await logged.client.request(method, path)

    said = logged.last()
    assert (said["method"], said["path"], said["operation"], said["status"]) == (method, path, operation, status)


async def test_what_is_no_request_is_told(logged: Logged) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", logged.client.base_url.port)
    writer.write(b"what is this\r\n\r\n")
    await asyncio.wait_for(reader.read(), 60)
    writer.close()

    said = logged.last()
    assert (said["status"], said["method"], said["path"]) == (400, None, None)


@pytest.mark.parametrize("preference", ["code=503", "cut", "fault=list.total-off-by-one"])
async def test_what_was_preferred_is_told(logged: Logged, preference: str) -> None:
    try:
        await logged.client.get("/api/health", headers={"Prefer": preference})
    except httpx.RemoteProtocolError:
        assert preference == "cut"

    assert (logged.last()["preference"], logged.last()["operation"]) == (preference, "getHealth")


async def test_an_answer_that_is_cut_off_before_it_begins_is_told_once(logged: Logged) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await logged.client.head("/api/health", headers={"Prefer": "cut"})
    await logged.client.get("/livez")

    assert [json.loads(one)["path"] for one in logged.lines] == ["/api/health", "/livez"]


async def test_a_client_that_does_not_wait_is_told_once(logged: Logged) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await logged.client.get("/api/health", headers={"Prefer": "delay=2000"}, timeout=httpx.Timeout(60, read=0.5))
    await asyncio.wait_for(logged.told.wait(), 60)
    await logged.client.get("/livez")

    assert [json.loads(one)["path"] for one in logged.lines] == ["/api/health", "/livez"]


async def test_no_secret_gets_into_a_line(logged: Logged, credentials: Mapping[str, str]) -> None:
    key = credentials["key"]
    headers = {"Authorization": f"Bearer {key}", "X-Request-ID": key, "Cookie": f"better-auth.session_token={key}"}

    await logged.client.get(f"/api/v1/tasks/{key}?key={key}", headers=headers)

    assert (len(logged.lines), key[10:] in logged.lines[0]) == (1, False)


def test_a_line_cannot_be_broken_by_what_was_sent() -> None:
    noted = Noted("GET", "/a\x1b[2J\r\nb", status=404, request_id="mine")

    told = line("console", noted, now=START, seconds=0.0125)

    assert told == "2025-06-01T12:00:00.000Z 404 GET /a\\x1b[2J\\r\\nb - 12.5ms by - request mine"
