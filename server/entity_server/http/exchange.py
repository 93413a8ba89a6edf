"""What comes in and what goes out, without Sanic: a request as it arrived, an answer as it leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from entity_server.domain.per_request import per_request
from entity_server.domain.problems import Problem


class Headers(Protocol):
    """Request headers, by name in any case."""

    def getall(self, key: str, default: Sequence[str]) -> Sequence[str]:
        """Every value that was sent under that name."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Every header, in the order in which they were sent."""


@dataclass(slots=True)
class Noted:
    """What is noted of a request for the access log, as it becomes known. `identity` is `key:ID` or `user:ID`.

    `rules` are those of a control port that acted, by their ids.
    """

    method: str | None = None
    path: str | None = None
    operation: str | None = None
    identity: str | None = None
    user: str | None = None
    status: int | None = None
    request_id: str | None = None
    preference: str | None = None
    rules: str | None = None


@dataclass(slots=True, eq=False)
class ClientConnection:
    """A client's connection: when it was opened, by a clock that is never moved, and what came that nobody has read.

    `closed` is when either side closed it, None while it is open.
    """

    opened: float
    unread: bytearray
    closed: float | None = None


@per_request(frozen=True, slots=True)
class Received:
    """A request as it arrived. `path` is still percent-encoded; `read` gives the body, or raises PayloadTooLarge.

    `noted` is there where somebody wants to hear of it, `connection` where it came by one.
    """

    method: str
    path: str
    query: str
    headers: Headers
    read: Callable[[], Awaitable[bytes]]
    noted: Noted | None = None
    connection: ClientConnection | None = None


Incoming = Callable[[Received], Received | None]
"""What may happen to a request before anybody looks at it: a fault, which refuses it or puts another in its place."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer is sent where a test asks for it: held back, in pieces over some time, cut off in its middle.

    `pause` waits for so many seconds between two pieces.
    """

    delay_ms: int = 0
    dribble_ms: int | None = None
    cut: bool = False
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    @property
    def disturbs(self) -> bool:
        """Whether the answer comes otherwise than at once and whole."""
        return self.delay_ms > 0 or self.dribble_ms is not None or self.cut

    def besides(self, other: "Delivery") -> "Delivery":
        """Both: times add up. The pauses are those of the other one."""
        dribbles = [one.dribble_ms for one in (self, other) if one.dribble_ms is not None]
        return Delivery(
            delay_ms=self.delay_ms + other.delay_ms,
            dribble_ms=sum(dribbles) if dribbles else None,
            cut=self.cut or other.cut,
            pause=other.pause,
        )


AT_ONCE = Delivery()


@per_request(frozen=True, slots=True)
class Sent:
    """An answer as it leaves: bytes. Without a `delivery` it is sent at once, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    delivery: Delivery | None = None


class Answering(Protocol):
    """What stands behind a socket: the gateway, or what is put in front of it."""

    async def answer(self, received: Received) -> Sent:
        """The answer to a request. Never raises."""

    def preflight(self, received: Received) -> Sent:
        """The answer to a browser's question before a request, where other origins may call."""

    def failure(self, problem: Problem, headers: Headers) -> Sent:
        """The answer to what never became a request: bytes that are no HTTP, or too many of them."""
