"""The server without a socket and without a process: a transport for `httpx.Client` and for `httpx.AsyncClient`.

    with in_process() as api:
        client = httpx.Client(transport=api.transport, base_url=api.base_url, headers=api.bearer())

What is left out is the web framework and the network. From the request line inwards all is the real server, on a demo
database in memory, and what a control port does to a server is done to this one. It works in an event loop of its own,
in a thread, so that any client can ask it: a synchronous one, and an asynchronous one on asyncio or trio.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import orjson
from entity_contract import load

from entity_server.app import compose, gateway, utc_now
from entity_server.control.clock import Clock
from entity_server.control.opening import Controls, controls
from entity_server.demo import seed
from entity_server.demo_records import ADA
from entity_server.domain import envelope
from entity_server.domain.problems import PayloadTooLarge, Problem
from entity_server.faults import chosen
from entity_server.http.contents import content
from entity_server.http.exchange import Answering, Received, Sent
from entity_server.http.httpx_headers import HttpxHeaders
from entity_server.http.operations.answers import JSON
from entity_server.http.serving import LARGEST_BODY
from entity_server.settings import KEY_LIMIT, SESSION_LIMIT, Settings
from entity_server.store import open_store
from entity_server.testing.control_client import ControlClient
from entity_server.testing.delivery import body_of, held_back, waited, waited_for
from entity_server.testing.stand_in import StandIn

BASE_URL = (
    "http://v1-api.test/api/v1"  # a name that no resolver knows: a request that takes another transport reaches nobody
)
_MEMORY = "sqlite://:memory:"
_START_SECONDS = 30.0

Value = TypeVar("Value")


async def answered(answering: Answering, request: httpx.Request, body: bytes) -> httpx.Response:
    """What the server answers to a request whose body has been read, at once and whole."""
    sent = await _sent(answering, request, body)
    return _response(request, sent, httpx.ByteStream(b"" if request.method == "HEAD" else sent.body))


async def _sent(answering: Answering, request: httpx.Request, body: bytes) -> Sent:
    async def read() -> bytes:
        if len(body) > LARGEST_BODY:
            raise PayloadTooLarge
        return content(body, request.headers.get("Content-Encoding", ""), largest=LARGEST_BODY)

    path, _, query = request.url.raw_path.decode().partition("?")
    return await answering.answer(Received(request.method, path, query, HttpxHeaders(request.headers), read))


def _response(request: httpx.Request, sent: Sent, body: httpx.SyncByteStream | httpx.AsyncByteStream) -> httpx.Response:
    date = format_datetime(datetime.now(UTC), usegmt=True)
    headers = {"Content-Type": JSON, "Content-Length": str(len(sent.body)), "Date": date, **sent.headers}
    return httpx.Response(sent.status, headers=headers, stream=body, request=request)


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Every request goes to the server, in the loop that is its own. The client's read timeout holds."""

    def __init__(self, answering: Answering, loop: asyncio.AbstractEventLoop) -> None:
        self._answering, self._loop = answering, loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, for a synchronous client."""
        return self._begun(request, waited(self._asked(request, request.read()), request))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, for an asynchronous client."""
        return self._begun(request, await waited_for(self._asked(request, await request.aread()), request))

    def _asked(self, request: httpx.Request, body: bytes) -> "Future[Sent]":
        async def ask() -> Sent:
            return await held_back(await _sent(self._answering, request, body))

        return asyncio.run_coroutine_threadsafe(ask(), self._loop)

    def _begun(self, request: httpx.Request, sent: Sent) -> httpx.Response:
        return _response(request, sent, body_of(sent, request, self._loop))


class InProcess(StandIn):
    """A server in this process, which clients ask by its `transport`."""

    def __init__(self, written: Mapping[str, str], control: Controls, loop: asyncio.AbstractEventLoop) -> None:
        def send(method: str, path: str, body: object) -> Mapping[str, Any]:
            return _complete(_performed(control, method, path, body), loop)

        operations = tuple(control.controlled.contract.operations)
        super().__init__({"baseUrl": BASE_URL, **written}, ControlClient(send), lambda: [one.id for one in operations])
        self.transport = InProcessTransport(control.controlled, loop)


@contextmanager
def in_process(
    *, contract: Path | None = None, key_limit: str = KEY_LIMIT, session_limit: str = SESSION_LIMIT
) -> Iterator[InProcess]:
    """A demo server in this process, until the block ends. One at a time: the store's library knows one database.

    Raises ContractError for a contract that cannot be used, ValueError for a limit that is none.
    """
    settings = Settings(
        database=_MEMORY, contract=contract, demo=True, key_limit=key_limit, session_limit=session_limit
    )
    with _loop() as loop:
        opened = _opened(settings, loop)
        api = _complete(opened.__aenter__(), loop)
        try:
            yield api
        finally:
            _complete(opened.__aexit__(None, None, None), loop)


@asynccontextmanager
async def _opened(settings: Settings, loop: asyncio.AbstractEventLoop) -> AsyncIterator[InProcess]:
    contract = load(settings.contract)
    store = await open_store(settings.database, contract, text_index=settings.text_index)
    try:
        services = compose(contract, store, settings, clock=Clock(utc_now))
        control = controls(store, services, lambda faults: gateway(services, chosen(faults)), first_owner=ADA)
        credentials = await seed(store, contract, services.compiled, services.clock())
        await control.state.settle()
        yield InProcess(credentials, control, loop)
        control.state.end()
    finally:
        await store.close()


async def _performed(control: Controls, method: str, path: str, body: object) -> Mapping[str, Any]:
    """The envelope that a control port would answer with."""
    try:
        answered = await control.answer(method, path, b"" if body is None else json.dumps(body).encode())
    except Problem as problem:
        return envelope.problem(problem)
    told: Mapping[str, Any] = orjson.loads(orjson.dumps({"success": True, **answered.members}))
    return told


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="v1-api", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _complete(work: Coroutine[Any, Any, Value], loop: asyncio.AbstractEventLoop) -> Value:
    return asyncio.run_coroutine_threadsafe(work, loop).result(_START_SECONDS)
