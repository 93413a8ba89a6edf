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
        sent = whole[: len(whole) // 2] if delivery.cut else whole
        pause = (delivery.dribble_ms or 0) / _PIECES / _MILLISECONDS
        for piece in in_pieces(sent) if pause else iter((sent,)):
            await response.send(piece)
            await delivery.pause(pause)
    if not delivery.cut:
        return None if whole else response
    assert request.transport is not None
    request.transport.close()
    await asyncio.Event().wait()  # until this task is cancelled, as the connection is closed
    return None


def in_pieces(body: bytes) -> Iterator[bytes]:
    """The body in so many pieces, as equal as can be."""
    size = -(-len(body) // _PIECES)
    return (body[start : start + size] for start in range(0, len(body), size))
