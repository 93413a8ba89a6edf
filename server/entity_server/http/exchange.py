"""What comes in and what goes out, without Sanic: a request as it arrived, an answer as it leaves."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Headers(Protocol):
    """Request headers, by name in any case."""

    def getall(self, key: str, default: Sequence[str]) -> Sequence[str]:
        """Every value that was sent under that name."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived. `path` is still percent-encoded; `read` gives the body, or raises PayloadTooLarge."""

    method: str
    path: str
    query: str
    headers: Headers
    read: Callable[[], Awaitable[bytes]]


Incoming = Callable[[Received], Received | None]
"""What may happen to a request before anybody looks at it: a fault, which refuses it or puts another in its place."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer as it leaves: bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes
