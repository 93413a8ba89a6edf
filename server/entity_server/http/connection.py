"""HTTP/1.1 where Sanic lets an application choose: its settings, and the methods that may be overridden.

Sanic's parser is left as it is. What it does not take (trailers, a transfer coding other than chunked) it refuses, and
what it takes otherwise than a proxy in front of it may is refused here: where two disagree on how long a request is,
the rest of one becomes another that nobody sent (RFC 9112, 11.2).

An application whose `ctx` has an `at_socket` gets its requests right behind the parser, and writes its answers by
`Exchange.send_whole`. Sanic's own way there and back (a router, middleware, signals, headers in a multidict) would cost
more than all that this server does for a read.
"""

import asyncio
import re
from dataclasses import dataclass
from time import monotonic
from typing import Any

from httptools import HttpParserInvalidURLError, parse_url
from sanic import Request
from sanic.compat import Header
from sanic.exceptions import BadRequest, RequestCancelled
from sanic.http import Http, Stage
from sanic.http.http1 import HTTP_CONTINUE
from sanic.server import HttpProtocol

from entity_server.http.exchange import ClientConnection, Sent
from entity_server.http.heads import BODILESS, head
from entity_server.http.outbox import Outbox

LARGEST_HEAD = 64 * 1024
"""A request line and its headers: so much that the longest query reaches the words of its own bounds."""

_MADE_UP = "NONE"  # the method of the request that Sanic makes up
_EMPTY_LINE = b"\r\n"
_NO_NAME = re.compile(rb"\r\n(?![!#$%&'*+.^_`|~0-9A-Za-z-]+:)")
_CHUNK = re.compile(rb"\r\n[0-9A-Fa-f]+[ \t]*(?:;[^\r\n]*)?\r\n")
_LONGEST_CHUNK_LINE = 64  # Sanic's own bound


class ReceivedRequest(Request[Any, Any]):
    """Sanic's request. The one that Sanic makes up to answer what is no request must not fail over the URL again.

    `hosts` is how often it names its host.
    """

    def __init__(self, url_bytes: bytes, headers: Header, version: str, method: str, *rest: Any, **more: Any) -> None:  # noqa: ANN401
        if _is_bad(more.get("head", b"")):
            raise BadRequest("A header line is not well formed")
        coding, length = headers.getone("transfer-encoding", None), headers.getone("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise BadRequest("Bad content-length")
        if coding is not None and version == "1.0":  # whose readers know of no coding
            raise BadRequest("HTTP/1.0 has no transfer coding")
        if coding is not None:  # "All transfer-coding names are case-insensitive" (RFC 9112)
            if coding.strip().lower() != "chunked":
                raise BadRequest("The only transfer coding that is taken is chunked")
            headers["transfer-encoding"] = "chunked"
        super().__init__(b"*" if method == _MADE_UP else url_bytes, headers, version, method, *rest, **more)
        self.hosts = len(headers.getall("host", ()))

    def again(self, url: bytes, method: str, head: bytes) -> bool:
        """Be the next request, with the same headers, once this one is answered. False where it is no URL."""
        try:
            self._parsed_url = parse_url(url)
        except HttpParserInvalidURLError:
            return False
        self.raw_url, self.method, self.head = url, method, head
        self.responded, self._ctx = False, None
        return True


@dataclass(frozen=True, slots=True)
class _HeaderLines:
    """The header lines of a request, what they say, and the request with Sanic's reading. `length` is a body's.

    `lines` begin with the end of the request line, and `block` ends with the empty line.
    """

    lines: bytes
    block: bytes
    request: "ReceivedRequest"
    keep_alive: bool
    length: int | None


def _is_bad(head: bytes) -> bool:
    """Whether a line begins with no name and its colon, or ends otherwise than all others, or there is a NUL."""
    lines = head.count(_EMPTY_LINE)
    return _NO_NAME.search(head) is not None or not lines == head.count(b"\r") == head.count(b"\n") or b"\x00" in head


async def _nobody(*_: object, **__: object) -> None:
    """Where Sanic tells of a signal: nobody listens to any."""


class Exchange(Http):
    """One connection's requests, one after the other, and their answers."""

    HEADER_MAX_SIZE = LARGEST_HEAD
    __slots__ = ("_known",)
    protocol: "Connection"
    request_body: Any  # None, True or "chunked", whatever Sanic's annotation says

    def __init__(self, protocol: HttpProtocol) -> None:
        super().__init__(protocol)  # type: ignore[no-untyped-call]
        self.dispatch = _nobody  # type: ignore[assignment] # asked for its await alone
        self._known: _HeaderLines | None = None

    async def http1_request_header(self) -> None:
        """Take the head of a request. A client sends the same header lines again and again: those are parsed once."""
        if self._known is not None and self._as_before(self._known):
            return
        await super().http1_request_header()  # type: ignore[no-untyped-call]
        request = self.request
        plain = self.request_body in (None, True) and not self.expecting_continue and not self.upgrade_websocket
        if plain and request.version == "1.1" and isinstance(request, ReceivedRequest):
            lines = request.head[len(request.head.partition(_EMPTY_LINE)[0]) :]
            length = self.request_bytes if self.request_body else None
            self._known = _HeaderLines(lines, lines + _EMPTY_LINE * 2, request, self.keep_alive, length)
        else:
            self._known = None

    def _as_before(self, known: _HeaderLines) -> bool:
        """Take the head of a request whose header lines are these, to the byte; False where they are not."""
        buffer = self.recv_buffer
        start = buffer.find(_EMPTY_LINE)
        end = start + len(known.lines)
        if not 0 < start <= end < LARGEST_HEAD or not buffer.startswith(known.block, start):
            return False
        line = bytes(buffer[:start])
        parts = line.split(b" ")
        if len(parts) != 3 or parts[2] != b"HTTP/1.1" or not line.isascii():
            return False
        request, url, method = known.request, parts[1], parts[0].decode()
        if not request.again(url, method, line + known.lines):
            return False
        self.url, self.keep_alive, self.head_only = url.decode(), known.keep_alive, method.upper() == "HEAD"
        self.request_body = None if known.length is None else True
        self.request_bytes = self.request_bytes_left = known.length or 0
        del buffer[: end + 4]
        self.request, request.stream = request, self
        self.protocol.state["requests_count"] += 1
        return True

    def body_at_hand(self) -> bytes | None:
        """The whole body, where it has come with its head; None where it is still to be read."""
        length, buffer = self.request_bytes_left or 0, self.recv_buffer
        if self.request_body is not True or self.expecting_continue or len(buffer) < length:
            return None
        body = bytes(buffer[:length])
        del buffer[:length]
        self.request_bytes_left, self.request_body = 0, None
        return body

    async def read(self) -> bytes | None:
        """Some bytes of the body. Sanic looks for the size of a chunk alone, and not at what is around it."""
        if self.request_body == "chunked" and not self.request_bytes_left:
            if self.expecting_continue:
                self.expecting_continue = False
                await self._send(HTTP_CONTINUE)
            buffer = self.recv_buffer
            while buffer.find(_EMPTY_LINE, 3) < 0 and len(buffer) <= _LONGEST_CHUNK_LINE:
                await self._receive_more()
            if not _CHUNK.match(buffer):
                self.keep_alive = False
                raise BadRequest("Bad chunked encoding")
        return await super().read()

    async def send_whole(self, sent: Sent) -> None:
        """Send an answer at once, and be ready for the next request. Its body is left out where HTTP has none."""
        top = head(sent, keep_alive=self.keep_alive)
        whole = top if self.head_only or sent.status in BODILESS else top + sent.body
        if not self.protocol.write_with_others(whole):
            await self._send(whole)
        self.stage = Stage.IDLE

    def init_for_request(self) -> None:
        """Begin anew. "A server SHOULD ignore at least one empty line received prior to the request-line"."""
        super().init_for_request()  # type: ignore[no-untyped-call]
        while self.recv_buffer and self.recv_buffer[:2] == _EMPTY_LINE:
            del self.recv_buffer[:2]

    def create_empty_request(self) -> None:
        """Make up a request for what is none, with those headers of it that the answer depends on."""
        head = bytes(self.recv_buffer).partition(_EMPTY_LINE * 2)[0]
        super().create_empty_request()
        for line in head.split(_EMPTY_LINE)[1:]:
            name, _, value = line.partition(b":")
            if name.lower() in (b"origin", b"x-request-id"):
                self.request.headers.add(name.decode(), value.strip().decode(errors="replace"))


class Connection(HttpProtocol):
    """A connection. A client that has said all and still reads (a half-closed connection) is answered."""

    HTTP_CLASS = Exchange
    __slots__ = ("_arrival", "_ended", "_largest_buffer", "_outbox", "_paused")

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Sanic's own
        super().__init__(**options)
        self._ended = self._paused = False
        self._arrival: asyncio.Future[None] | None = None
        self._largest_buffer: int = self.app.config.REQUEST_BUFFER_SIZE
        self._outbox: Outbox = vars(self.app.ctx).setdefault("outbox", Outbox())
        self.request_handler = getattr(self.app.ctx, "at_socket", self.request_handler)

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - asyncio's or uvloop's
        """Note when it was opened."""
        super().connection_made(transport)  # type: ignore[no-untyped-call]
        if self.conn_info is not None:
            self.conn_info.ctx.client = ClientConnection(monotonic(), self.recv_buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note when it was closed."""
        self._note_closed()
        super().connection_lost(exc)  # type: ignore[no-untyped-call]

    def close(self, timeout: float | None = None) -> None:
        """Close it from here, once all has been written."""
        self._note_closed()
        self.write_waiting()
        super().close(timeout)

    def _note_closed(self) -> None:
        client = getattr(self.conn_info.ctx, "client", None) if self.conn_info is not None else None
        if client is not None and client.closed is None:
            client.closed = monotonic()

    def data_received(self, data: bytes) -> None:
        """Take what was sent, without empty lines between requests."""
        if data[:1] == b"\r" and not self.recv_buffer and (self.http is None or self.http.stage is Stage.IDLE):
            while data[:2] == _EMPTY_LINE:
                data = data[2:]
            if not data:
                return
        self._time = monotonic()
        self.recv_buffer += data
        if len(self.recv_buffer) >= self._largest_buffer and self.transport is not None:
            self.transport.pause_reading()
            self._paused = True
        arrival = self._arrival
        if arrival is not None and not arrival.done():
            arrival.set_result(None)
            self._outbox.heard()

    @property
    def _awaits(self) -> bool:
        """Whether more is awaited, and none has come."""
        return self._arrival is not None and not self._arrival.done()

    async def send(self, data: bytes) -> None:
        """Write, once the client has read enough of what it was sent. Raises RequestCancelled where it is gone."""
        self.write_waiting()
        if not self._can_write.is_set():
            await self._can_write.wait()
        assert self.transport is not None
        if self.transport.is_closing():
            raise RequestCancelled
        self.transport.write(data)
        self._time = monotonic()

    def write_waiting(self) -> None:
        """Write what waits for others: before the connection is closed or written to otherwise."""
        self._outbox.empty()

    def write_with_others(self, data: bytes) -> bool:
        """Write it as soon as others who were heard by now have written. False where it must be waited for."""
        transport = self.transport
        if transport is None or transport.is_closing() or not self._can_write.is_set():
            return False
        self._outbox.write(transport, data)
        self._time = monotonic()
        return True

    def eof_received(self) -> bool:
        """Close the connection where more was awaited; else answer first. TLS knows no half-closed connection."""
        self._ended = True
        self.write_waiting()
        self._note_closed()
        assert self.transport is not None
        over_tls = self.transport.get_extra_info("sslcontext") is not None
        return not over_tls and not self._awaits

    async def receive_more(self) -> None:
        """Wait for more. Of who has said all there is none."""
        if self._ended:
            self.close()
        if self._paused:
            assert self.transport is not None
            self.transport.resume_reading()
            self._paused = False
        arrival = self._arrival = self.loop.create_future()
        try:
            await arrival
        finally:
            if arrival.done() and not arrival.cancelled():
                self._outbox.awoken()
