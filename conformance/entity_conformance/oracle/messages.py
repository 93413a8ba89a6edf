"""A request of the state machine and the deployment's answer, as plain values. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote, urlencode, urljoin, urlsplit

from entity_contract import Entity

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Reply

Caller = Literal["api_key", "other_api_key"]
"""Who asks: the user of the API key (whose session may stand for it), or another one."""

LONGEST = 1500


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `body` is JSON unless `raw` is given; without `media_type` no Content-Type is sent.

    `link` is the URL to ask in place of path and parameters, which say what it must be like.
    """

    method: str
    path: str
    caller: Caller = "api_key"
    parameters: Sequence[tuple[str, str]] = ()
    body: object = None
    raw: bytes | None = None
    media_type: str | None = "application/json"
    link: str | None = None

    @property
    def target(self) -> str:
        """Path and query, encoded, below `/api/v1`."""
        query = urlencode(self.parameters, quote_via=quote)
        return f"{self.path}?{query}" if query else self.path

    @property
    def content(self) -> bytes | None:
        """The body as it is sent, None without one."""
        if self.raw is None and self.body is not None:
            return json.dumps(self.body, ensure_ascii=False).encode()
        return self.raw

    @property
    def headers(self) -> dict[str, str]:
        """The headers besides credentials."""
        return {"Content-Type": self.media_type} if self.content is not None and self.media_type else {}

    def text(self) -> str:
        """The request for people: decoded, one parameter a line."""
        caller = "" if self.caller == "api_key" else "the other user: "
        query = "".join(f"\n    {name} = {value}" for name, value in self.parameters)
        body = "" if self.body is None else f"\n    body {_cut(json.dumps(self.body, ensure_ascii=False))}"
        raw = "" if self.raw is None else f"\n    body {self.raw[:300]!r} as {self.media_type}"
        return f"{caller}{self.method} {self.path}{query}{body}{raw}"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. `body` is None when it is no JSON object, `links` when the Link header cannot be read.

    `url` is where the request went, `at` the deployment's own time. `exchange` is the id under which the report keeps
    both. `error` says why no answer came; the status is then 0. `flaw` says why parsers disagree about the body.
    """

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None
    links: Mapping[str, str] | None
    url: str
    at: datetime
    exchange: str = ""
    error: str | None = None
    flaw: str | None = None

    @property
    def data(self) -> Any:
        """The member `data` of the body, None without one."""
        return (self.body or {}).get("data")

    @property
    def ids(self) -> list[str]:
        """The ids of the records of a list."""
        data = self.data
        return [str(one.get("id")) for one in data if isinstance(one, dict)] if isinstance(data, list) else []

    def linked(self, relation: str) -> str | None:
        """Where a link leads, resolved against the URL of the request (RFC 8288); None without that link."""
        target = (self.links or {}).get(relation)
        return None if target is None else urljoin(self.url, target)

    def text(self) -> str:
        """The answer for people."""
        if self.error is not None:
            return f"none: {self.error}"
        return f"{self.status} {'' if self.body is None else _cut(json.dumps(self.body, ensure_ascii=False))}"


def answer_of(reply: Reply, at: datetime) -> Answer:
    """An answer, parsed once."""
    try:
        body = reply.body
    except Violation:
        body = None
    try:
        links = reply.links
    except Violation:
        links = None
    return Answer(reply.status, reply.headers, body, links, reply.url, at, reply.exchange, flaw=reply.flaw)


def path(entity: Entity, record_id: str | None = None) -> str:
    """The path of an entity, or of one of its records, below `/api/v1`."""
    return f"/{entity.name}" if record_id is None else f"/{entity.name}/{quote(record_id, safe='', errors='replace')}"


def same_origin(one: str, other: str) -> bool:
    """Whether two URLs have the same scheme, host and port."""
    return urlsplit(one)[:2] == urlsplit(other)[:2]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
