"""A server in this process with a control port, both at sockets, for tests: one a module, reset before each test.

What the control port answers is held against its document, whatever a test asks.
"""

import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema_rs
import yaml
from entity_contract import Contract
from entity_contract.parsing import FAST_LOADER
from entity_contract.references import pointer, target
from entity_server.app import compose, create_app, gateway, served, utc_now
from entity_server.control.clock import Clock
from entity_server.control.document import ROOT, control_document
from entity_server.control.opening import control_port
from entity_server.demo import seed
from entity_server.demo_records import ADA
from entity_server.faults import chosen
from entity_server.http.exchange import Answering
from entity_server.http.operations import CompiledContract
from entity_server.settings import Settings
from entity_server.store import Store


@dataclass(frozen=True, slots=True)
class ControlledServer:
    """The API, its control port, and the demo's credentials."""

    api: httpx.AsyncClient
    port: httpx.AsyncClient
    credentials: Mapping[str, str]
    token: str

    async def control(self, method: str, path: str, body: object = None, *, status: int = 200) -> Any:
        """The data of an answer of the control port, which has that status and is as its document says."""
        answer = await self.port.request(method, ROOT + path, json=body)
        told = answer.json()
        assert answer.status_code == status, told
        _check(method, path.partition("?")[0], status, told)
        return told.get("data", told)

    async def refusal(self, method: str, path: str, body: object = None, *, status: int = 400) -> Any:
        """The whole answer of the control port to what it refuses."""
        return await self.control(method, path, body, status=status)

    async def ask(self, method: str, path: str, *, key: str = "apiKey", **request: Any) -> httpx.Response:
        """The API's answer to a request of the demo's first user, or of whom the key is."""
        secret = self.credentials.get(key, key)
        headers = {"Authorization": f"Bearer {secret}", **request.pop("headers", {})}
        return await self.api.request(method, f"/api/v1{path}", headers=headers, **request)

    async def titles(self, **query: str) -> list[str]:
        """The titles of the tasks of the demo's first user, newest first."""
        answer = await self.ask("GET", "/tasks", params=query)
        assert answer.status_code == 200, answer.text
        return [task["title"] for task in answer.json()["data"]]

    async def requests(self) -> list[dict[str, Any]]:
        """What was recorded."""
        found: list[dict[str, Any]] = await self.control("GET", "/requests")
        return found


@asynccontextmanager
async def running(contract: Contract, compiled: CompiledContract, store: Store) -> AsyncIterator[ControlledServer]:
    """The server of the demo over an open store."""
    services = compose(contract, store, Settings(), clock=Clock(utc_now), compiled=compiled)

    def answering(faults: tuple[str, ...]) -> Answering:
        return gateway(services, chosen(faults))

    port = control_port(store, services, answering, host="127.0.0.1", first_owner=ADA)
    credentials = await seed(store, contract, compiled, services.clock())
    await port.state.settle()
    with listening() as api_socket, listening() as control_socket:
        async with (
            served(create_app(services, answering=port.controlled), api_socket),
            served(port.app, control_socket),
            httpx.AsyncClient(base_url=url(api_socket)) as api,
            httpx.AsyncClient(
                base_url=url(control_socket), headers={"Authorization": f"Bearer {port.token}"}
            ) as client,
        ):
            yield ControlledServer(api, client, credentials, port.token)
            port.state.end()


async def milliseconds_of_a_reset(server: ControlledServer, clock: Callable[[], float], *, resets: int = 20) -> float:
    """What a reset takes after a test that made, changed and deleted something: the shortest, beside other work."""
    taken = []
    for _ in range(resets):
        await server.ask("POST", "/tasks", json={"title": "New"})
        await server.ask("PATCH", "/tasks/tsk_demo_returns", json={"title": "Changed"})
        await server.ask("DELETE", "/tasks/tsk_demo_checkout")
        began = clock()
        await server.control("POST", "/reset")
        taken.append((clock() - began) * 1000)
    return min(taken)


def listening() -> socket.socket:
    """A listening socket on a free port."""
    sock = socket.create_server(("127.0.0.1", 0))
    sock.settimeout(0)
    return sock


def url(sock: socket.socket) -> str:
    """Where the socket is."""
    return f"http://127.0.0.1:{sock.getsockname()[1]}"


def _check(method: str, path: str, status: int, told: object) -> None:
    """The answer is one that the document describes."""
    schema = "#/components/schemas/ErrorAnswer"
    if status < 300:
        operation, _ = control_document().find(method, ROOT + path)
        schema = f"{_ANSWERS[operation.id]}/responses/{status}"
        schema = f"{target(_DOCUMENT, schema)[0]}/content/application~1json/schema"
    reference = {"$ref": f"urn:control{quote(schema, safe='#/~')}"}
    validator = jsonschema_rs.validator_for(reference, registry=_REGISTRY, validate_formats=True)
    assert not [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(told)]


_DOCUMENT: dict[str, Any] = yaml.load(control_document().text, Loader=FAST_LOADER)
_REGISTRY = jsonschema_rs.Registry([("urn:control", _DOCUMENT)])
_ANSWERS = {
    operation["operationId"]: pointer("paths", path, method)
    for path, item in _DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
}
