"""HTTP/1.1 straight over asyncio: h11 reads and writes it, and connections are kept for the next request.

An httpx transport like any other, without proxies. httpx's own takes eight times the CPU for each request, which was a
sixth of a whole run. It raises what httpx raises, and never gives up by itself: the caller sets the deadline.
"""

import asyncio
import errno
import re
import selectors
import ssl
import time
import warnings
from collections.abc import AsyncIterator
from functools import partial

import h11
import httpx

KEPT_FOR = 1.5
"""Seconds that an idle connection is used again: one that the other end is about to drop would look like a hang-up."""

_LONGEST_HEAD = 100 * 1024
"""Bytes of a status line and headers. What is longer is no HTTP."""
_MOST_UNREAD = 256 * 1024
"""Bytes that may wait to be read: a deployment that sends faster is not listened to meanwhile."""
_NEXT_ADDRESS = 0.25
"""Seconds until the next address of a host is tried beside the one before."""
_REFUSED = {str(errno.ECONNREFUSED)}

_Selector = getattr(selectors, "PollSelector", selectors.DefaultSelector)
"""Asks once and is gone: epoll would cost four calls of the system."""

SECURING = "TLS was not agreed on yet"
"""The note that a cancelled request carries where it was given up before TLS had come about."""

Place = tuple[str, str, int]
"""Scheme, host and port."""


class Direct(httpx.AsyncBaseTransport):
    """Connections to any origin, at most so many at a time. `trust` are the certificates that TLS takes."""

    def __init__(self, *, trust: ssl.SSLContext | bool, most: int) -> None:
        self._trust = trust
        self._free = asyncio.Semaphore(most)
        self._idle: dict[Place, list[_Connection]] = {}
        self._hanging_up: set[Place] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, with its body still to be read, and to be closed by whoever has it."""
        url = request.url
        place = url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)
        await self._free.acquire()
        kept: _Connection | None = None
        connection: _Connection | None = None
        try:
            kept = self._kept(place)
            connection = kept or await self._opened(place)
            connection.send(request)
            head = await connection.head()
        except BaseException as error:
            if kept is not None and isinstance(error, httpx.TransportError):
                self._hanging_up.add(place)  # it says that it keeps connections, and does not
            self._ended(place, connection)
            raise
        body = _Body(connection, partial(self._ended, place, connection))
        return httpx.Response(head.status_code, headers=head.headers.raw_items(), stream=body, request=request)

    async def tls_spoken(self, host: str, port: int, *, within: float, is_old: bool = False) -> str | None:
        """The version of TLS that the port agrees on in so many seconds, with any certificate; None where on none.

        What `is_old` is a version that no run takes. Nothing else is said to the port.
        """
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if is_old:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")
        try:
            async with asyncio.timeout(within):
                transport, _ = await asyncio.get_running_loop().create_connection(_Connection, host, port, ssl=context)
        except (OSError, UnicodeError):
            return None
        version = transport.get_extra_info("ssl_object").version()
        transport.abort()
        return str(version)

    async def aclose(self) -> None:
        """Close what is idle."""
        while self._idle:
            for connection in self._idle.popitem()[1]:
                connection.close()

    def _kept(self, place: Place) -> "_Connection | None":
        """The connection that was used last, unless the other end closed it meanwhile."""
        idle = self._idle.get(place, [])
        while idle:
            connection = idle.pop()
            if connection.is_usable and place not in self._hanging_up:
                return connection
            connection.close()
        return None

    async def _opened(self, place: Place) -> "_Connection":
        scheme, host, port = place
        if scheme not in {"http", "https"}:
            raise httpx.UnsupportedProtocol(f"{scheme} is neither http nor https")
        loop, trust = asyncio.get_running_loop(), self._trust if scheme == "https" else None
        made: list[_Connection] = []

        def reached() -> _Connection:
            made.append(_Connection())
            return made[-1]

        try:
            _, connection = await loop.create_connection(
                reached, host, port, ssl=trust, happy_eyeballs_delay=_NEXT_ADDRESS
            )
        except asyncio.CancelledError as given_up:
            if trust and made:
                given_up.add_note(SECURING)
            raise
        except (ConnectionResetError, ConnectionAbortedError) as error:
            raise httpx.ConnectError("hung up") from (ssl.SSLError(1, "the other end hung up") if trust else error)
        except (OSError, UnicodeError) as error:
            if set(re.findall(r"\[Errno (\d+)\]", str(error))) == _REFUSED:  # by every address, in one text
                raise httpx.ConnectError(str(error)) from ConnectionRefusedError()
            raise httpx.ConnectError(str(error)) from error
        return connection

    def _ended(self, place: Place, connection: "_Connection | None") -> None:
        """An exchange is over: its connection is kept where both ends are done with it."""
        self._free.release()
        if connection is None:
            return
        if connection.rests():
            self._idle.setdefault(place, []).append(connection)
        else:
            connection.close()


class _Body(httpx.AsyncByteStream):
    """The body of one answer."""

    def __init__(self, connection: "_Connection", ended: "partial[None]") -> None:
        self._connection = connection
        self._ended: partial[None] | None = ended

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self._connection.event(), h11.Data):
            yield bytes(event.data)

    async def aclose(self) -> None:
        ended, self._ended = self._ended, None
        if ended is not None:
            ended()


class _Connection(asyncio.Protocol):
    """One connection, with one exchange at a time."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self._transport: asyncio.Transport | None = None
        self._came = asyncio.Event()
        self._lost: Exception | None = None
        self._is_closed = False
        self._idle_since: float | None = None
        self._unread = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._idle_since is not None:
            self.close()  # nobody asked for that: it would be taken for the answer to the next request
            return
        self._http.receive_data(data)
        self._unread += len(data)
        if self._unread > _MOST_UNREAD and self._transport is not None:
            self._transport.pause_reading()
        self._came.set()

    def eof_received(self) -> None:
        self._is_closed = True
        self._came.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._lost, self._is_closed = self._lost or error, True
        self._came.set()

    @property
    def is_usable(self) -> bool:
        """Whether it can take another request: idle for a moment only, and nothing came since, be it the end."""
        if self._is_closed or self._transport is None or self._idle_since is None:
            return False
        if time.monotonic() - self._idle_since > KEPT_FOR:
            return False
        with _Selector() as unread:
            unread.register(self._transport.get_extra_info("socket"), selectors.EVENT_READ)
            return not unread.select(0)

    def send(self, request: httpx.Request) -> None:
        """Write a whole request."""
        assert self._transport is not None
        self._idle_since = None
        try:
            head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
            parts = (head, *([h11.Data(request.content)] if request.content else []), h11.EndOfMessage())
            sent = [self._http.send(part) for part in parts]
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        self._transport.write(b"".join(part for part in sent if part))

    async def head(self) -> h11.Response | h11.InformationalResponse:
        """The status line and the headers of the answer. What goes before it (1xx) is passed over."""
        while True:
            event = await self.event()
            if isinstance(event, h11.Response):
                return event
            if isinstance(event, h11.InformationalResponse) and event.status_code == 101:
                return event

    async def event(self) -> object:
        """What comes next, in h11's words."""
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                raise httpx.RemoteProtocolError(str(error)) from error
            if event is not h11.NEED_DATA:
                return event
            if self._lost is not None:
                raise httpx.ReadError(str(self._lost)) from self._lost
            if not self._is_closed:
                self._reads_on()
                self._came.clear()
                await self._came.wait()
            elif self._http.their_state is h11.SEND_RESPONSE:
                raise httpx.RemoteProtocolError("the server disconnected without sending a response")
            else:
                self._http.receive_data(b"")  # the end of a body that has no other

    def _reads_on(self) -> None:
        """Everything that came was read: more may come."""
        if self._unread > _MOST_UNREAD and self._transport is not None:
            self._transport.resume_reading()
        self._unread = 0

    def rests(self) -> bool:
        """Whether both ends are done with the exchange, and the next request can go the same way."""
        states = {self._http.our_state, self._http.their_state}
        if self._is_closed or states != {h11.DONE} or self._http.trailing_data[0]:
            return False
        self._http.start_next_cycle()
        self._idle_since = time.monotonic()
        return True

    def close(self) -> None:
        """Drop it, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()
