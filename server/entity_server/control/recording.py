"""The last requests to the API: kept within bounds, shown without secrets, heard of as they come."""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from entity_server.control import redaction
from entity_server.control.verdicts import Wrong
from entity_server.domain.times import wire_time
from entity_server.http.exchange import AT_ONCE, ClientConnection, Delivery, Sent

MOST = 1000
MOST_BYTES = 32 * 1024 * 1024
LARGEST_SHOWN = 64 * 1024
_LONGEST_QUEUE = 10_000  # of a listener that does not read; it is cut off then


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request, and what became of it. Headers are safe to show already; path, query and bodies are not.

    `method` is None for what was no HTTP, `body` where it could not be read, `sent` where the client left before.
    `began` is when it came, in seconds of a clock that is never moved; `delivery` is how it is
    sent; `followed` says that the client had sent more on that connection before it was answered.
    """

    id: int
    time: datetime
    milliseconds: float
    operation_id: str | None
    method: str | None
    path: str
    query: str
    headers: Mapping[str, str]
    credential: tuple[str, str] | None
    body: bytes | None
    sent: Sent | None
    problems: tuple[Wrong, ...]
    rules: tuple[str, ...]
    began: float
    delivery: Delivery = AT_ONCE
    connection: ClientConnection | None = None
    followed: bool = False

    @property
    def size(self) -> int:
        """About how much memory it takes."""
        return (
            1000 + len(self.path) + len(self.query) + len(self.body or b"") + len(self.sent.body if self.sent else b"")
        )


Observer = Callable[[Recorded | None], None]
"""Is told of each request as it is recorded, and of None where all of them are forgotten."""


class Requests:
    """The last requests. Ids grow by one and are never used again, so that a listener can come back."""

    def __init__(self, observer: Observer | None = None) -> None:
        self._observer = observer
        self._kept: deque[Recorded] = deque()
        self._bytes = 0
        self._last = 0
        self._listeners: set[asyncio.Queue[Recorded | None]] = set()
        self.forgotten = 0

    def next_id(self) -> int:
        """The id of the request that is to be added now."""
        self._last += 1
        return self._last

    def add(self, request: Recorded) -> None:
        """Keep a request, tell the listeners, and forget the oldest ones where there are too many."""
        if self._observer is not None:
            self._observer(request)
        self._kept.append(request)
        self._bytes += request.size
        while len(self._kept) > MOST or (self._bytes > MOST_BYTES and len(self._kept) > 1):
            self._bytes -= self._kept.popleft().size
            self.forgotten += 1
        for listener in tuple(self._listeners):
            if listener.qsize() >= _LONGEST_QUEUE:
                self._listeners.discard(listener)
                listener.put_nowait(None)
            else:
                listener.put_nowait(request)

    def clear(self) -> None:
        """Forget them all."""
        if self._observer is not None:
            self._observer(None)
        self._kept.clear()
        self._bytes = self.forgotten = 0

    def last(self, *, since: int = 0, operation_id: str | None = None, limit: int = MOST) -> tuple[Recorded, ...]:
        """The newest so many requests with a greater id, of that operation, oldest first."""
        wanted = [one for one in self._kept if one.id > since and operation_id in (None, one.operation_id)]
        return tuple(wanted[-limit:])

    async def listen(self, *, since: int | None = None, operation_id: str | None = None) -> AsyncGenerator[Recorded]:
        """Requests as they come, after those with a greater id than `since` that are kept. Ends with the server."""
        with self._listening() as queue:
            if since is not None:
                for one in self.last(since=since, operation_id=operation_id):
                    yield one
            while (request := await queue.get()) is not None:
                if operation_id in (None, request.operation_id):
                    yield request

    def end(self) -> None:
        """Tell the listeners that there will be no more."""
        for listener in self._listeners:
            listener.put_nowait(None)

    @contextmanager
    def _listening(self) -> Iterator[asyncio.Queue[Recorded | None]]:
        queue: asyncio.Queue[Recorded | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)


def shown(request: Recorded) -> dict[str, Any]:
    """The request as the control port's document describes it, without secrets."""
    sent = request.sent
    body = request.body
    kind_and_digest = request.credential
    return {
        "id": request.id,
        "time": wire_time(request.time),
        "milliseconds": round(request.milliseconds, 3),
        "operationId": request.operation_id,
        "method": request.method,
        "path": redaction.text(request.path),
        "query": redaction.query(request.query),
        "headers": dict(request.headers),
        "credential": kind_and_digest and {"kind": kind_and_digest[0], "digest": kind_and_digest[1]},
        "body": _shown_body(body),
        "bodyBytes": len(body or b""),
        "bodyDigest": f"sha256:{hashlib.sha256(body).hexdigest()}" if body else None,
        "status": sent and sent.status,
        "answer": sent and {"headers": redaction.headers(sent.headers.items()), "body": _shown_body(sent.body)},
        "verdict": {
            "valid": not request.problems,
            "problems": [
                {"in": one.place, "name": one.name, "code": one.code, "message": one.message}
                for one in request.problems
            ],
        },
        "rules": list(request.rules),
        "preference": sent and sent.headers.get("Preference-Applied"),
    }


def _shown_body(body: bytes | None) -> Any:  # noqa: ANN401 - any JSON value
    if not body or len(body) > LARGEST_SHOWN:
        return None
    try:
        return redaction.json(orjson.loads(body))
    except (orjson.JSONDecodeError, redaction.TooDeep):
        return redaction.text(body.decode(errors="replace"))
