"""The socket of the control port: Sanic on one side, the operations on the other.

Every request is asked first where it means to be (`Host`), and then for the token. No answer carries a CORS header, and
a preflight is a request like any other: a web page gets nowhere, even one whose own name leads to this machine.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson
from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler
from sanic.router import Router

from entity_server.control.document import ROOT, ControlDocument
from entity_server.control.hosts import ForeignHost, Hosts
from entity_server.control.operations import Asked, Handler
from entity_server.control.recording import Recorded, Requests, shown
from entity_server.domain import envelope
from entity_server.domain.keys import digest, matches
from entity_server.domain.problems import (
    InternalError,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Problem,
    ServiceUnavailable,
    Unauthorized,
    UnprocessableEntity,
    ValidationFailed,
)
from entity_server.http.operations.answers import JSON
from entity_server.http.services import log

App = Sanic[Any, Any]
Page = Callable[[], Awaitable[tuple[str, bytes]]]
"""A page of another kind on the control port, such as metrics: its media type and its text."""

LARGEST_BODY = 16 * 1024 * 1024
_LINES = "application/x-ndjson"
_EVENTS = "text/event-stream"
_BETWEEN_BEATS = 15.0  # seconds without a request, after which a stream shows that it is alive
_IDLE = 600.0  # seconds that a test's connection may rest between two requests
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Control:
    """What the socket needs: the document, who may come in, and what they can ask for."""

    document: ControlDocument
    hosts: Hosts
    token: str
    handlers: Mapping[str, Handler]
    requests: Requests
    judge_operation: Callable[[str | None], None]
    pages: Mapping[str, Page] = field(default_factory=dict)

    def admit(self, request: Request[Any, Any]) -> None:
        """Raises ValidationFailed, ForeignHost or Unauthorized."""
        self.hosts.judge(request.headers.getall("Host", ()))
        sent = request.headers.getall("Authorization", ())
        scheme, _, token = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
        if scheme.lower() != "bearer" or not matches(digest(token.strip()), digest(self.token)):
            raise Unauthorized(
                "The control port needs Authorization: Bearer TOKEN, with controlToken of the credentials file"
            )

    async def answer(self, request: Request[Any, Any]) -> HTTPResponse | None:
        """The answer; None when it has been streamed. Raises Problem."""
        self.admit(request)
        path = request.path.removeprefix(ROOT)
        if request.method == "GET" and (page := self.pages.get(path)):
            media_type, text = await page()
            return _Response(text, content_type=media_type)
        if not self.handlers:
            raise NotFound(f"This control port is for {', '.join(self.pages)} alone: others serve too")
        operation, values = self.document.find(request.method, request.path)
        query = operation.read_query(request.query_string)
        match operation.id:
            case "readDocument":
                return _Response(self.document.text, content_type="application/yaml")
            case "streamRequests":
                self.judge_operation(query.get("operationId"))
                await self._stream(request, **_listening(request, query))
                return None
            case _:
                asked = Asked(values, query, operation.read_body(request.body))
                answered = await self.handlers[operation.id](asked)
                return _json(answered.status, {"success": True, **answered.members})

    async def _stream(self, request: Request[Any, Any], **wanted: Any) -> None:  # noqa: ANN401 - what `listen` takes
        lines = _LINES in request.headers.get("Accept", "")
        headers = {"Cache-Control": "no-store"}
        response = await request.respond(content_type=_LINES if lines else _EVENTS, headers=headers)
        await response.send(b"\n" if lines else b": the requests to the API\n\n")
        async with aclosing(self.requests.listen(**wanted)) as recorded:
            async for one in _with_beats(recorded):
                await response.send((_line if lines else _event)(one))
        await response.eof()


def create_app(control: Control) -> App:
    """The control port as a Sanic application."""
    config = Config(env_prefix="")  # as for the API: the environment is read by the command line alone
    config.update(
        {
            "TOUCHUP": False,  # there is another application in this process
            "ACCESS_LOG": False,
            "MOTD": False,
            "AUTO_EXTEND": False,
            "REQUEST_MAX_SIZE": LARGEST_BODY,
            "RESPONSE_TIMEOUT": float("inf"),  # a stream has no end
            "KEEP_ALIVE_TIMEOUT": _IDLE,
            "GRACEFUL_SHUTDOWN_TIMEOUT": 3.0,
        }
    )
    app: App = Sanic(
        f"control-port-{next(_numbers)}",
        config=config,
        router=_OneRoute(),
        error_handler=_Failures(),
        configure_logging=False,
    )

    async def handle(request: Request[Any, Any]) -> HTTPResponse | None:
        try:
            return await control.answer(request)
        except Problem as problem:
            return _refusal(problem)

    app.add_route(handle, "/")
    return app


class _OneRoute(Router):
    """Gives every request to the one handler: the document of the control port routes."""

    def get(self, *_: Any, **__: Any) -> Any:  # type: ignore[override]  # noqa: ANN401 - a cached method up there
        route = self.routes[0]
        return route, route.handler, {}


class _Response(HTTPResponse):
    """Sanic's response without the empty Alt-Svc header that it writes when it does not rewrite itself."""

    __slots__ = ()

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """The headers in bytes."""
        self.headers.pop("alt-svc", None)
        return super().processed_headers


class _Failures(ErrorHandler):
    """Answers what Sanic refuses by itself, and what goes wrong here."""

    def response(self, request: Request[Any, Any], exception: BaseException) -> HTTPResponse:  # noqa: ARG002 - Sanic's
        return _refusal(_problem(exception))


def _problem(exception: BaseException) -> Problem:
    match exception:
        case asyncio.CancelledError() | SanicException(status_code=503):
            return ServiceUnavailable()
        case SanicException(status_code=413):
            return PayloadTooLarge(f"The request body is larger than {LARGEST_BODY} bytes")
        case SanicException(status_code=status) if 400 <= status < 500:
            return ValidationFailed(f"The request cannot be read: {exception}")
        case _:
            log.error("the control port failed", exc_info=exception)
            return InternalError()


def _refusal(problem: Problem) -> HTTPResponse:
    if isinstance(problem, InternalError) and problem.__cause__ is not None:
        log.error("the control port: %s", problem.code, exc_info=problem.__cause__)
    headers: dict[str, str] = {}
    status = 500
    match problem:
        case Unauthorized():
            status, headers = 401, {"WWW-Authenticate": "Bearer"}
        case ForeignHost():
            status = 403
        case NotFound():
            status = 404
        case MethodNotAllowed():
            status, headers = 405, {"Allow": ", ".join(problem.allow)}
        case PayloadTooLarge():
            status = 413
        case ValidationFailed() | UnprocessableEntity():
            status = 400
        case ServiceUnavailable():
            status = 503
    return _json(status, envelope.problem(problem), headers)


def _json(status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> HTTPResponse:
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return _Response(orjson.dumps(body), status=status, headers=sent, content_type=JSON)


def _listening(request: Request[Any, Any], query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where a stream begins: behind the last request that the client has seen, or with what comes from now on."""
    seen = request.headers.get("Last-Event-ID", "")
    since = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 16 else query.get("since")
    return {"since": since, "operation_id": query.get("operationId")}


async def _with_beats(recorded: AsyncIterator[Recorded]) -> AsyncGenerator[Recorded | None]:
    """The requests, and None whenever there has been none for a while."""
    while True:
        upcoming = asyncio.ensure_future(anext(recorded, None))
        try:
            while not (await asyncio.wait({upcoming}, timeout=_BETWEEN_BEATS))[0]:
                yield None
        finally:
            if not upcoming.done():
                upcoming.cancel()
        if (one := upcoming.result()) is None:
            return
        yield one


def _line(one: Recorded | None) -> bytes:
    return b"\n" if one is None else orjson.dumps(shown(one)) + b"\n"


def _event(one: Recorded | None) -> bytes:
    return (
        b": nothing yet\n\n"
        if one is None
        else b"event: request\nid: %d\ndata: %s\n\n" % (one.id, orjson.dumps(shown(one)))
    )
