"""A deployment that is right, and chooses otherwise than the reference server wherever the rulings leave a choice.

It stands in front of a served reference server and rewrites what passes: a `limit` above 100 is clamped (L2), unknown
members are dropped (R4), a PATCH of nothing changes nothing (R6), a field that is not set is left out (R11), times are
printed to the second (R13), a parent with children is kept (R17), other media types answer 415 and wrong JSON types 422
(R1, R3), a start after the end is an empty page (L19), answers hold members of its own (E2), 405 has a code of its own
(E1), who is not known is told no limits (E6), there is no text generator (E10), and no customers.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from entity_contract import Contract, Entity
from entity_tests.deployments.serving import Served
from entity_tests.properties.filters import moment

ABSENT = "customers"
_MILLISECONDS = re.compile(r"(\d{2}:\d{2}:\d{2})\.\d{3}Z")
_OWN = {"traceId": "0af7651916cd43dd"}
_LIMITS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `path` is below the root server, without its query."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def members(self) -> dict[str, Any] | None:
        """The body's members; None when it is no JSON object."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Told:
    """An answer; `body` is None where it is no JSON object."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any] | None


class Choosing:
    """The choices, in front of one served reference server."""

    def __init__(self, served: Served, contract: Contract) -> None:
        parts = urlsplit(served.root)
        self._address = (parts.hostname or "", parts.port or 80)
        self._prefix = parts.path
        self._entities = {entity.name: entity for entity in contract.entities}

    def answer(self, asked: Asked) -> Told:
        """What the deployment answers."""
        segments = asked.path.removeprefix("/v1/").split("/")
        entity = self._entities.get(segments[0])
        if asked.path == "/v1/ai/generate" and asked.method == "POST":
            return self._refused(asked, 404, "NOT_FOUND")
        if segments[0] == ABSENT:
            return self._refused(asked, 404, "ENTITY_NOT_FOUND")
        if entity is not None and asked.method == "DELETE" and len(segments) == 2 and self._has_children(asked, entity):
            return self._refused(asked, 409, "CONFLICT")
        return self._after(asked, self._forwarded(_before(asked, entity)))

    def _refused(self, asked: Asked, status: int, code: str) -> Told:
        """A refusal with the headers that any answer has; who is not known is refused as everybody is."""
        told = self._forwarded(replace(asked, method="OPTIONS", path="/v1/tasks", query={}, body=b""))
        if told.status != 200:
            return self._after(asked, told)
        return Told(status, told.headers, {"success": False, "error": "It is not so here", "code": code})

    def _has_children(self, asked: Asked, entity: Entity) -> bool:
        names = [relation.name for relation in entity.relations if relation.type == "hasMany"]
        told = self._forwarded(replace(asked, method="GET", query={"include": [",".join(names)]}, body=b""))
        data = (told.body or {}).get("data")
        return told.status == 200 and isinstance(data, dict) and any(data.get(name) for name in names)

    def _after(self, asked: Asked, told: Told) -> Told:
        headers, body = dict(told.headers), told.body
        if body is None or asked.path == "/health":
            return told
        if told.status == 401:
            headers = {name: value for name, value in headers.items() if name.lower() not in _LIMITS}
        status = told.status
        if status == 405:
            body = {**body, "code": "HTTP_405"}
        elif status == 422:
            status, body = 415, {**body, "code": "UNSUPPORTED_MEDIA_TYPE"}
        elif status == 400 and _holds_a_wrong_type(asked):
            status, body = 422, {**body, "code": "UNPROCESSABLE_ENTITY"}
        elif status < 300:
            body = _without_nulls(body)
        text = _MILLISECONDS.sub(r"\1Z", json.dumps({**body, **_OWN}))
        return Told(status, headers, json.loads(text))

    def _forwarded(self, asked: Asked) -> Told:
        connection = HTTPConnection(*self._address, timeout=30)
        try:
            query = f"?{urlencode(asked.query, doseq=True)}" if asked.query else ""
            connection.request(
                asked.method, f"{self._prefix}{asked.path}{query}", asked.body or None, dict(asked.headers)
            )
            response = connection.getresponse()
            content = response.read()
            headers = {name: value for name, value in response.getheaders() if name.lower() != "content-length"}
        finally:
            connection.close()
        try:
            body = json.loads(content)
        except ValueError:
            body = None
        return Told(response.status, headers, body)


def _before(asked: Asked, entity: Entity | None) -> Asked:
    """The request as the reference server takes it."""
    query = {**asked.query}
    limit = query.get("limit", [""])[0]
    if limit.isdecimal() and int(limit) > 100:
        query["limit"] = ["100"]
    start, end = (moment(query.get(name, [None])[0]) for name in ("startDate", "endDate"))
    if start is not None and end is not None and start.date() > end.date():
        del query["endDate"]
        query["search"] = ["xqzjwvkpy"]
    members = asked.members
    if entity is None or members is None:
        return replace(asked, query=query)
    if asked.method == "PATCH" and not members:
        return replace(asked, query=query, method="GET", body=b"")
    known = {field.name for field in entity.fields if not field.generated}
    kept = {name: value for name, value in members.items() if name in known}
    if asked.method == "PATCH" and not kept:
        return replace(asked, query=query, method="GET", body=b"")
    return replace(asked, query=query, body=json.dumps(kept).encode() if kept != members else asked.body)


def _holds_a_wrong_type(asked: Asked) -> bool:
    """Whether a member is a list or an object, which no field of a record is."""
    is_record = asked.path.startswith("/v1/") and not asked.path.startswith(("/v1/keys", "/v1/ai"))
    return is_record and any(isinstance(value, list | dict) for value in (asked.members or {}).values())


def _without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    data = body.get("data")
    if isinstance(data, list):
        return {**body, "data": [_set_fields(one) for one in data]}
    return {**body, "data": _set_fields(data)} if isinstance(data, dict) else body


def _set_fields(record: dict[str, Any]) -> dict[str, Any]:
    if "key" in record or "schema" in record or "scopes" in record:
        return record
    return {name: value for name, value in record.items() if value is not None} | {"_links": {}}


@contextmanager
def choosing(served: Served, contract: Contract) -> Iterator[str]:
    """The root URL of the deployment, until the block ends."""
    deployment = Choosing(served, contract)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            passed_on = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ("host", "content-length", "connection", "transfer-encoding")
            }
            asked = Asked(
                method=self.command,
                path=parts.path.removeprefix("/api"),
                query=parse_qs(parts.query, keep_blank_values=True),
                headers=passed_on,
                body=self.rfile.read(length),
            )
            told = deployment.answer(asked)
            content = b"" if told.body is None else json.dumps(told.body).encode()
            self.send_response(told.status)
            for name, value in told.headers.items():
                if name.lower() not in ("connection", "keep-alive", "server", "date"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = do_OPTIONS = do_PUT = do_TRACE = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's names
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
