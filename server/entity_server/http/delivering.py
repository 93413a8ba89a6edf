"""Sending an answer otherwise than at once and whole: held back, in pieces, cut off. Only where a test asks for it."""

import asyncio
from collections.abc import Iterator
from typing import Any

from sanic import HTTPResponse, Request

from entity_server.http.exchange import Delivery

_PIECES = 20
_MILLISECONDS = 1000


async def deliver(request: Request[Any, Any], response: HTTPResponse, delivery: Delivery) -> HTTPResponse | None:
    """Send the answer in that way. What is returned is still to be sent, as it is."""
    if delivery.delay_ms:
        await delivery.pause(delivery.delay_ms / _MILLISECONDS)
    body = response.body or b""
    whole_at_once = delivery.dribble_ms is None and not delivery.cut
    if whole_at_once or request.app.asgi:  # who asks in the same process has no connection to watch
        return response
    whole = body if request.method != "HEAD" else b""
    if whole:
        response.headers["content-length"] = str(len(whole))
        response.body = None
        await request.respond(response)
        for piece in in_pieces(whole, delivery):
            await response.send(piece)
            await delivery.pause(pause_between(delivery))
    if not delivery.cut:
        return None if whole else response
    assert request.transport is not None
    request.transport.close()
    await asyncio.Event().wait()  # until this task is cancelled, as the connection is closed
    return None


def in_pieces(body: bytes, delivery: Delivery) -> Iterator[bytes]:
    """The pieces in which a body is sent, as equal as can be; of one that is cut off the first half."""
    sent = body[: len(body) // 2] if delivery.cut else body
    size = max(1, -(-len(sent) // _PIECES) if pause_between(delivery) else len(sent))
    return (sent[start : start + size] for start in range(0, len(sent), size))


def pause_between(delivery: Delivery) -> float:
    """Seconds between two pieces."""
    return (delivery.dribble_ms or 0) / _PIECES / _MILLISECONDS
