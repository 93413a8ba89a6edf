"""A proxy in front of a reference server that speaks HTTP by hand: what no library would send, it can send.

One request of a connection at a time. A behaviour is given each exchange with the server's own answer to it, and tells
what is answered in its place, or writes to the connection itself; the connection is closed after that.
"""

import asyncio
import http.client
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Self
from urllib.parse import urlsplit

Headers = tuple[tuple[str, str], ...]
_FRAMING = frozenset({"content-length", "connection", "transfer-encoding"})
_LARGEST_HEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (without what frames the body) and body of an answer."""

    status: int
    headers: Headers
    body: bytes

    def with_header(self, name: str, value: str) -> Self:
        """The same with one header, in the place of those of that name."""
        return replace(self, headers=(*(one for one in self.headers if one[0].lower() != name.lower()), (name, value)))

    def without_header(self, *names: str) -> Self:
        """The same without the headers of these names (lower case)."""
        return replace(self, headers=tuple(one for one in self.headers if one[0].lower() not in names))

    def head(self, *, framing: str | None = None) -> bytes:
        """Status line and headers as they are sent; `framing` replaces Content-Length and Connection."""
        reason = http.client.responses.get(self.status, "Unknown")
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{name}: {value}" for name, value in self.headers)]
        bodiless = self.status in {204, 304}
        lines.append(framing or ("Connection: keep-alive" if bodiless else f"Content-Length: {len(self.body)}"))
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass(slots=True)
class Exchange:
    """A request, the `number`-th of all, and what the reference server answers.

    `write` sends bytes as they are; `again` has the reference server do the same once more.
    """

    number: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    answer: Answer
    writer: asyncio.StreamWriter = field(repr=False)
    again: Callable[[], Awaitable[Answer]] = field(repr=False)

    async def write(self, content: bytes) -> None:
        """Send bytes, and wait until the connection takes more."""
        self.writer.write(content)
        await self.writer.drain()

    @property
    def path(self) -> str:
        """The path below the API, with a leading slash and without a query."""
        return "/" + urlsplit(self.target).path.partition("/v1/")[2]

    @property
    def names_a_record(self) -> bool:
        """Whether the path goes beyond a collection."""
        return self.path.count("/") > 1


Act = Callable[[Exchange], Awaitable[Answer | None]]
"""What is answered to an exchange; None where it wrote to the connection itself, which is closed then."""


@dataclass(slots=True)
class Proxy:
    """A running proxy. `url` is where it listens; `sent` counts the requests that came."""

    url: str = ""
    sent: int = 0


@asynccontextmanager
async def proxying(
    upstream: str, act: Act, *, tls: ssl.SSLContext | None = None, is_cut: bool = False
) -> AsyncIterator[Proxy]:
    """A proxy to the server at `upstream` that answers as `act` says, until the block ends.

    One that `is_cut` hangs up when TLS begins.
    """
    proxy, numbers, parts = Proxy(), count(1), urlsplit(upstream)
    under_way: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            under_way.add(task)
        try:
            while (asked := await _request(reader)) is not None:
                proxy.sent += 1
                method, target, headers, body = asked
                server = (parts.hostname or "", parts.port or 80)
                again = partial(_forwarded, server, method, target, headers, body)
                said = await act(Exchange(next(numbers), method, target, headers, body, await again(), writer, again))
                if said is None:
                    return
                writer.write(said.head() + (b"" if method == "HEAD" or said.status in {204, 304} else said.body))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # the runner hung up, or the block ended
        finally:
            if task is not None:
                under_way.discard(task)
            with suppress(OSError):
                writer.close()

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    served, spoken = (cut, None) if is_cut else (serve, tls)
    server = await asyncio.start_server(served, "127.0.0.1", 0, limit=_LARGEST_HEAD, ssl=spoken)
    port = server.sockets[0].getsockname()[1]
    proxy.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}{parts.path}"
    try:
        yield proxy
    finally:
        server.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes] | None:
    """The next request of a connection; None when it was closed."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return method, target, headers, await reader.readexactly(int(headers.get("content-length", "0")))


async def _forwarded(
    upstream: tuple[str, int], method: str, target: str, headers: dict[str, str], body: bytes
) -> Answer:
    """What the reference server answers, over a connection of its own."""
    reader, writer = await asyncio.open_connection(*upstream, limit=_LARGEST_HEAD)
    try:
        kept = {name: value for name, value in headers.items() if name not in _FRAMING}
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in kept.items())]
        framed = [*lines, f"Content-Length: {len(body)}", "Connection: close", "", ""]
        writer.write("\r\n".join(framed).encode("latin-1") + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        pairs = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in head[1:]))
        content = await reader.read()
        shown = tuple(pair for pair in pairs if pair[0].lower() not in _FRAMING)
        return Answer(int(head[0].split(" ")[1]), shown, content)
    finally:
        writer.close()
