"""One exchange, as far as a client is judged by it. No credential is in it, only what tells two of them apart."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Page:
    """What a list's answer said of itself: which page it is, of how many, and whether there is another."""

    number: int
    of: int
    has_next: bool


def at_once() -> float | None:
    """When a connection was closed of which nothing is known: it is taken for one that held a single request."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    `operation` is None for a request to no operation; `credential` tells keys apart and is None where none was sent.
    `keys_in_query` names the parameters that carried an API key. `body` is the JSON that was sent, None without any;
    equal bodies have an equal `body_digest`.
    `received` and `answered` are seconds of a clock that is never moved, `at` is the time of the answer by the server's
    own clock, which may be. `status` is None and `delivered` false where no whole answer reached the client;
    `disturbed` says that the answer was cut, or held back, on purpose.
    `connection` tells connections apart; `connected` is when it was opened, and `closed` tells when it was closed, None
    while it is open; `followed` says that the client had sent more on it before it was answered.
    """

    id: str
    operation: str | None
    method: str
    path: str
    query: str
    received: float
    answered: float
    at: float
    status: int | None
    credential: str | None = None
    keys_in_query: tuple[str, ...] = ()
    body: Any = None
    body_digest: str | None = None
    retry_after: int | None = None
    page: Page | None = None
    delivered: bool = True
    disturbed: bool = False
    connection: Hashable = None
    connected: float | None = None
    closed: Callable[[], float | None] = at_once
    followed: bool = False
