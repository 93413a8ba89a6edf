"""The server without a socket and without a process: a transport for `httpx.Client` and for `httpx.AsyncClient`.

    with in_process() as api:
        client = httpx.Client(transport=api.transport, base_url=api.base_url, headers=api.bearer())

What is left out is the web framework and the network. From the request line inwards all is the real server, on a demo
database in memory. It works in an event loop of its own, in a thread, so that any client can ask it: a synchronous one,
and an asynchronous one on asyncio or trio.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeVar

import anyio.to_thread
import httpx
from entity_contract import load

from entity_server.app import compose, gateway, utc_now
from entity_server.demo import seed
from entity_server.domain.problems import PayloadTooLarge
from entity_server.http.exchange import Received
from entity_server.http.gateway import Gateway
from entity_server.http.httpx_headers import HttpxHeaders
from entity_server.http.operations.answers import JSON
from entity_server.http.serving import LARGEST_BODY
from entity_server.settings import KEY_LIMIT, SESSION_LIMIT, Settings
from entity_server.store import open_store
from entity_server.testing.credentials import named

BASE_URL = (
    "http://v1-api.test/api/v1"  # a name that no resolver knows: a request that takes another transport reaches nobody
)
_MEMORY = "sqlite://:memory:"
_START_SECONDS = 30.0

Value = TypeVar("Value")


async def answered(gateway: Gateway, request: httpx.Request, body: bytes) -> httpx.Response:
    """What the server answers to a request whose body has been read."""

    async def read() -> bytes:
        if len(body) > LARGEST_BODY:
            raise PayloadTooLarge
        return body

    path, _, query = request.url.raw_path.decode().partition("?")
    sent = await gateway.answer(Received(request.method, path, query, HttpxHeaders(request.headers), read))
    date = format_datetime(datetime.now(UTC), usegmt=True)
    headers = {"Content-Type": JSON, "Content-Length": str(len(sent.body)), "Date": date, **sent.headers}
    content = b"" if request.method == "HEAD" else sent.body
    return httpx.Response(sent.status, headers=headers, stream=httpx.ByteStream(content), request=request)


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Every request goes to the gateway, in the loop that is its own."""

    def __init__(self, gateway: Gateway, loop: asyncio.AbstractEventLoop) -> None:
        self._gateway, self._loop = gateway, loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, for a synchronous client."""
        return self._ask(request, request.read()).result()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, for an asynchronous client."""
        asked = self._ask(request, await request.aread())
        return await anyio.to_thread.run_sync(asked.result, abandon_on_cancel=True)

    def _ask(self, request: httpx.Request, body: bytes) -> Future[httpx.Response]:
        return asyncio.run_coroutine_threadsafe(answered(self._gateway, request, body), self._loop)


@dataclass(frozen=True, slots=True)
class InProcess:
    """A server in this process: its transport, and the credentials of its demo users. `base_url` ends in `/api/v1`."""

    transport: InProcessTransport
    base_url: str
    api_key: str = field(repr=False)
    read_key: str = field(repr=False)
    write_key: str = field(repr=False)
    delete_key: str = field(repr=False)
    other_api_key: str = field(repr=False)
    expired_key: str = field(repr=False)
    session_token: str = field(repr=False)

    def bearer(self, key: str | None = None) -> dict[str, str]:
        """The header that sends a key; without one, `api_key`."""
        return {"Authorization": f"Bearer {key or self.api_key}"}


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
    store = await open_store(settings.database, contract)
    try:
        services = compose(contract, store, settings)
        credentials = await seed(store, contract, services.compiled, utc_now())
        yield InProcess(InProcessTransport(gateway(services), loop), BASE_URL, **named(credentials))
    finally:
        await store.close()


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
