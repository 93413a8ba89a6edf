"""Whom the machine talks to: a deployment as two callers see it, over HTTP.

Charter: sends and receives, counts, and keeps the clock where the deployment has one that can be moved. What an answer
should say is not known here. Keys stay in the clients.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NoReturn
from urllib.parse import quote

import httpx
from entity_contract import Entity, Operator

from entity_tests.model.question import readable
from entity_tests.model.records import Record

Caller = Literal["one", "other"]
TICK = timedelta(milliseconds=1)


class Spent(Exception):  # noqa: N818 - named for what happened
    """The run may send no more requests; the message says why."""


class Unusable(Exception):  # noqa: N818 - the deployment's answer, not an error of the machine
    """Nothing can be compared there; the message is one line, `code` the run's exit code."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `body` is JSON unless `raw` says otherwise; `media_type` None sends none."""

    method: str
    path: str
    caller: Caller = "one"
    parameters: Sequence[tuple[str, str]] = ()
    body: object = None
    raw: bytes | None = None
    media_type: str | None = "application/json"

    def text(self) -> str:
        """The request as a person reads it, without credentials."""
        who = "" if self.caller == "one" else "the other user: "
        sent = "" if self.body is None else f"\n    body {json.dumps(self.body, ensure_ascii=False)[:1500]}"
        raw = "" if self.raw is None else f"\n    body {self.raw[:300]!r} as {self.media_type}"
        query = readable(self.parameters)
        return f"{who}{self.method} {self.path}{query}{sent}{raw}"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `body` is None when it is no JSON object; `sent` is where it came from, `at` its own `Date`."""

    status: int
    headers: httpx.Headers
    body: Mapping[str, Any] | None
    links: Mapping[str, str]
    sent: httpx.URL
    at: datetime | None = None

    def text(self) -> str:
        """The answer as a person reads it."""
        return f"{self.status} {json.dumps(self.body, ensure_ascii=False)[:1500] if self.body is not None else ''}"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = datetime(2025, 2, 27, 22, 59, 58, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Deployment:
    """A deployment. `exact` when it holds nothing but what the machine writes, and decides every point as ruled.

    `operators` are those of the contract's filter, `directory` are the users that records may name. `budget` is how
    many requests may still be sent, None for any number; `held_back` of them are kept for deletions, which are sent
    while `cleaning`. `stopped` is why no more were sent, `left` are the paths of what could not be deleted.
    """

    clients: Mapping[Caller, httpx.Client] = field(repr=False)
    operators: tuple[Operator, ...]
    directory: tuple[Record, ...]
    exact: bool
    clock: Clock | None = None
    budget: int | None = None
    sent: int = 0
    cleaning: bool = False
    held_back: int = 0
    stopped: str | None = None
    left: list[str] = field(default_factory=list)
    close: Callable[[], None] = lambda: None

    @property
    def callers(self) -> tuple[Caller, ...]:
        """Who can ask: the other user too, where there are credentials."""
        return tuple(self.clients)

    def send(self, request: Request, *, tick: timedelta = TICK) -> Reply:
        """The answer to a request, after moving the clock. Raises Spent when the budget is."""
        if self.clock is not None:
            self.clock.now += tick
        self._take()
        client = self.clients[request.caller]
        content = request.raw
        if content is None and request.body is not None:
            content = json.dumps(request.body, ensure_ascii=False).encode()
        headers = {"Content-Type": request.media_type} if content is not None and request.media_type else {}
        url = client.base_url.copy_with(raw_path=client.base_url.raw_path.rstrip(b"/") + request.path.encode())
        answer = client.request(
            request.method,
            url.copy_merge_params(list(request.parameters)) if request.parameters else url,
            content=content,
            headers=headers,
        )
        self._heed(answer)
        return _reply(answer)

    def follow(self, target: str, reply: Reply, caller: Caller) -> Reply:
        """The answer to a link of another answer."""
        if self.clock is not None:
            self.clock.now += TICK
        self._take()
        answer = self.clients[caller].get(reply.sent.join(target))
        self._heed(answer)
        return _reply(answer)

    def _take(self) -> None:
        if self.budget is not None:
            if not self.cleaning and self.budget <= self.held_back:
                self._stop("the budget of requests, or the deployment's rate limit, is spent")
            self.budget -= 1
        self.sent += 1

    def _heed(self, answer: httpx.Response) -> None:
        if self.budget is None:
            return
        if answer.status_code == 429 and not self.cleaning:
            self._stop("the deployment's rate limit is reached")
        left = answer.headers.get("X-RateLimit-Remaining", "")
        if left.isdecimal():
            self.budget = min(self.budget, int(left))

    def _stop(self, reason: str) -> NoReturn:
        self.stopped = reason
        raise Spent(reason)


def path(entity: Entity, record_id: str | None = None) -> str:
    """The path of an entity, or of one of its records, below the API's."""
    return f"/{entity.name}" if record_id is None else f"/{entity.name}/{quote(record_id, safe='')}"


def _reply(answer: httpx.Response) -> Reply:
    try:
        body = answer.json()
    except ValueError:
        body = None
    links = {str(name): str(link.get("url", "")) for name, link in answer.links.items()}
    try:
        at = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        at = None
    return Reply(answer.status_code, answer.headers, body if isinstance(body, dict) else None, links, answer.url, at)
