"""HTTP/1.1 where Sanic lets an application choose: its settings, and the methods that may be overridden.

Sanic's parser is left as it is. What it does not take (trailers, a transfer coding other than chunked) it refuses.

An application whose `ctx` has an `at_socket` gets its requests right behind the parser, and writes its answers by
`Exchange.send_whole`. Sanic's own way there and back (a router, middleware, signals, headers in a multidict) would cost
more than all that this server does for a read.
"""

from time import monotonic
from typing import Any

from sanic import Request
from sanic.compat import Header
from sanic.exceptions import BadRequest
from sanic.http import Http, Stage
from sanic.server import HttpProtocol

from entity_server.http.exchange import ClientConnection, Sent
from entity_server.http.heads import BODILESS, head

LARGEST_HEAD = 64 * 1024
"""A request line and its headers: so much that the longest query reaches the words of its own bounds."""

_MADE_UP = "NONE"  # the method of the request that Sanic makes up
_EMPTY_LINE = b"\r\n"


class ReceivedRequest(Request[Any, Any]):
    """Sanic's request. The one that Sanic makes up to answer what is no request must not fail over the URL again."""

    def __init__(self, url_bytes: bytes, headers: Header, version: str, method: str, *rest: Any, **more: Any) -> None:  # noqa: ANN401
        coding = headers.getone("transfer-encoding", None)
        if coding is not None:  # "All transfer-coding names are case-insensitive" (RFC 9112)
            if coding.strip().lower() != "chunked":
                raise BadRequest("The only transfer coding that is taken is chunked")
            headers["transfer-encoding"] = "chunked"
        super().__init__(b"*" if method == _MADE_UP else url_bytes, headers, version, method, *rest, **more)


async def _nobody(*_: object, **__: object) -> None:
    """Where Sanic tells of a signal: nobody listens to any."""


class Exchange(Http):
    """One connection's requests, one after the other, and their answers."""

    HEADER_MAX_SIZE = LARGEST_HEAD

    def __init__(self, protocol: HttpProtocol) -> None:
        super().__init__(protocol)  # type: ignore[no-untyped-call]
        self.dispatch = _nobody  # type: ignore[assignment] # asked for its await alone

    async def send_whole(self, sent: Sent) -> None:
        """Send an answer at once, and be ready for the next request. Its body is left out where HTTP has none."""
        top = head(sent, keep_alive=self.keep_alive)
        await self._send(top if self.head_only or sent.status in BODILESS else top + sent.body)
        self.stage = Stage.IDLE

    def init_for_request(self) -> None:
        """Begin anew. "A server SHOULD ignore at least one empty line received prior to the request-line"."""
        super().init_for_request()  # type: ignore[no-untyped-call]
        while self.recv_buffer[:2] == _EMPTY_LINE:
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
    __slots__ = ("_ended", "_waiting")

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Sanic's own
        super().__init__(**options)
        self._ended = self._waiting = False
        self.request_handler = getattr(self.app.ctx, "at_socket", self.request_handler)

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - asyncio's or uvloop's
        """Note when it was opened."""
        super().connection_made(transport)  # type: ignore[no-untyped-call]
        if self.conn_info is not None:
            self.conn_info.ctx.client = ClientConnection(monotonic(), self.recv_buffer)

    def data_received(self, data: bytes) -> None:
        """Take what was sent, without empty lines between requests."""
        if data[:1] == b"\r" and not self.recv_buffer and (self.http is None or self.http.stage is Stage.IDLE):
            while data[:2] == _EMPTY_LINE:
                data = data[2:]
            if not data:
                return
        super().data_received(data)

    def eof_received(self) -> bool:
        """Close the connection where more was awaited; else answer first. TLS knows no half-closed connection."""
        self._ended = True
        assert self.transport is not None
        over_tls = self.transport.get_extra_info("sslcontext") is not None
        return not over_tls and not (self._waiting and not self._data_received.is_set())

    async def receive_more(self) -> None:
        """Wait for more. Of who has said all there is none."""
        if self._ended:
            self.close()
        self._waiting = True
        await super().receive_more()  # type: ignore[no-untyped-call]
        self._waiting = False
