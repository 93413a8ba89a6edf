"""An answer on its way to an httpx client in this process: held back, in pieces, cut off, as a socket brings it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

import anyio.to_thread
import httpx

from entity_server.http.delivering import in_pieces, pause_between
from entity_server.http.exchange import AT_ONCE, Delivery, Sent

_MILLISECONDS = 1000

Value = TypeVar("Value")


def waited(work: "Future[Value]", request: httpx.Request) -> Value:
    """What the work gives. Raises httpx.ReadTimeout where the client that sent the request waits no longer."""
    seconds: float | None = request.extensions.get("timeout", {}).get("read")
    try:
        return work.result(seconds)
    except TimeoutError:
        if work.done():
            raise
        work.cancel()
        raise httpx.ReadTimeout("The read operation timed out", request=request) from None


async def waited_for(work: "Future[Value]", request: httpx.Request) -> Value:
    """The same, for an asynchronous client."""
    return await anyio.to_thread.run_sync(waited, work, request, abandon_on_cancel=True)


async def held_back(sent: Sent) -> Sent:
    """The answer, when it is to be sent."""
    if sent.delivery is not None and sent.delivery.delay_ms:
        await sent.delivery.pause(sent.delivery.delay_ms / _MILLISECONDS)
    return sent


def body_of(sent: Sent, request: httpx.Request, loop: asyncio.AbstractEventLoop) -> httpx.SyncByteStream:
    """The body as it comes. Raises httpx.RemoteProtocolError where the answer is cut off before it begins."""
    whole = b"" if request.method == "HEAD" else sent.body
    delivery = sent.delivery or AT_ONCE
    if delivery.cut and not whole:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    return _Body(whole, delivery, request, loop) if delivery.disturbs else httpx.ByteStream(whole)


@dataclass(frozen=True, slots=True)
class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    whole: bytes
    delivery: Delivery
    request: httpx.Request
    loop: asyncio.AbstractEventLoop

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces():
            yield piece
            waited(self._pause(), self.request)
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces():
            yield piece
            await waited_for(self._pause(), self.request)
        self._end()

    def _pieces(self) -> Iterator[bytes]:
        return in_pieces(self.whole, self.delivery)

    def _pause(self) -> "Future[None]":
        return asyncio.run_coroutine_threadsafe(_paused(self.delivery), self.loop)

    def _end(self) -> None:
        if self.delivery.cut:
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body", request=self.request
            )


async def _paused(delivery: Delivery) -> None:
    await delivery.pause(pause_between(delivery))
