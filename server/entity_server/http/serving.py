"""Sanic on one side, the gateway on the other.

Sanic reads HTTP; it routes nothing, since its router would answer for unknown paths and methods before anybody asked
who is calling. Every request is taken with its body still unread; the paths of the documentation go to `docs`, all
others to the gateway. An answer leaves as the bytes that it is, or, where the application is asked without a socket, as
a response of Sanic's.
"""

import asyncio
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import count
from time import perf_counter
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler
from sanic.http.http1 import Http
from sanic.router import Router

from entity_server.domain.problems import (
    InternalError,
    PayloadTooLarge,
    Problem,
    ServiceUnavailable,
    ValidationFailed,
)
from entity_server.http import liveness
from entity_server.http.access_log import AccessLog
from entity_server.http.connection import Exchange, ReceivedRequest
from entity_server.http.contents import content
from entity_server.http.cors import Cors, is_preflight
from entity_server.http.delivering import deliver
from entity_server.http.docs import Docs
from entity_server.http.docs.origin import origin
from entity_server.http.exchange import Answering, Noted, Received, Sent
from entity_server.http.operations.answers import JSON
from entity_server.http.request_ids import APPLIED, HEADER
from entity_server.http.services import log

App = Sanic[Any, Any]

LARGEST_BODY = 1024 * 1024
"""What the contract documents with its 413."""

_LARGEST_DRAIN = 8 * LARGEST_BODY  # how much of a refused body is read away before the connection is closed instead
_LONGEST_BODY = 30.0  # seconds for a body that is wanted to arrive
_LONGEST_DRAIN = 2.0  # ... for one that is not
_numbers = count(1)


class _OneRoute(Router):
    """Gives every request to the one handler, whatever its path and method."""

    def get(self, *_: Any, **__: Any) -> Any:  # type: ignore[override]  # noqa: ANN401 - a cached method up there
        route = self.routes[0]
        return route, route.handler, {}


class _Failures(ErrorHandler):
    """Answers what Sanic refuses by itself: bytes that are no HTTP, headers without end, a request that never ends."""

    def __init__(self, gateway: Answering, cors: Cors | None, access_log: AccessLog | None) -> None:
        super().__init__()
        self._gateway = gateway
        self._cors = cors
        self._access_log = access_log

    def response(self, request: Request[Any, Any], exception: BaseException) -> HTTPResponse:
        sent = self._gateway.failure(_problem(exception), request.headers)
        if self._access_log is not None and not isinstance(exception, asyncio.CancelledError):  # that one was told
            noted = Noted()
            _note(noted, sent)
            self._access_log.tell(noted, seconds=0.0)
        return _response(sent if self._cors is None else _with(sent, self._cors.headers(request.headers)))


def create_sanic(
    gateway: Answering,
    docs: Docs,
    *,
    cors: Cors | None = None,
    access_log: AccessLog | None = None,
    alone: bool = False,
) -> App:
    """The gateway, and the documentation beside it, as a Sanic application.

    Of an application that is `alone` in its process Sanic leaves the signals that nobody listens to out of its own
    methods; another one's cost an empty call each (see `connection`).
    """
    config = Config(env_prefix="")  # the environment is read by entity_server.commands alone
    config.update(
        {
            # Sanic rewrites its own methods, once a process: a second application that did it again would not start.
            "TOUCHUP": alone and not getattr(Http, "__touched__", False),
            "ACCESS_LOG": False,
            "MOTD": False,
            "AUTO_EXTEND": False,
            "REQUEST_MAX_SIZE": _LARGEST_DRAIN,
            "GRACEFUL_SHUTDOWN_TIMEOUT": 3.0,
        }
    )
    app: App = Sanic(
        f"reference-server-{next(_numbers)}",  # Sanic wants a name of its own for every application in a process
        config=config,
        router=_OneRoute(),
        error_handler=_Failures(gateway, cors, access_log),
        request_class=ReceivedRequest,
        configure_logging=False,
    )

    front = _Front(gateway, docs, cors, access_log)

    async def handle(request: Request[Any, Any]) -> HTTPResponse | None:
        """Answer it by a response of Sanic's."""
        sent = await front.answered(request)
        response = _response(sent)
        return response if sent.delivery is None else await deliver(request, response, sent.delivery)

    app.add_route(handle, "/", stream=True)
    app.ctx.at_socket = front.at_socket
    return app


class _Front:
    """What takes every request, and hands it to who answers."""

    def __init__(self, gateway: Answering, docs: Docs, cors: Cors | None, access_log: AccessLog | None) -> None:
        self._gateway = gateway
        self._docs = docs
        self._cors = cors
        self._access_log = access_log
        self.answered = self._sent if access_log is None else self._told_of

    async def at_socket(self, request: Request[Any, Any]) -> None:
        """Answer it by bytes: see `connection`."""
        stream: Any = request.stream
        if stream.request_body:
            stream.request_max_size = math.inf  # `_read` and `_leave` know how much they take
        sent = await self.answered(request)
        if sent.delivery is None:
            await stream.send_whole(sent)
            return
        stream.protocol.write_waiting()
        if (response := await deliver(request, _response(sent), sent.delivery)) is not None:
            await (await request.respond(response)).send(end_stream=True)

    async def _sent(self, request: Request[Any, Any], noted: Noted | None = None) -> Sent:
        """What is sent to whoever asked. The rest of a body that nobody wanted is dealt with."""
        path, headers, stream = request.path, request.headers, request.stream
        client = getattr(request.conn_info.ctx, "client", None) if request.conn_info else None
        received = Received(request.method, path, request.query_string, headers, partial(_read, request), noted, client)
        if self._cors is not None and is_preflight(request.method, headers):
            sent = self._gateway.preflight(received)
        elif not _names_its_host(request):
            sent = self._gateway.failure(ValidationFailed("The request must name its host, once"), headers)
        elif self._docs.serves(path):
            sent = self._docs.answer(received, _origin(request))
        elif path == liveness.PATH:
            sent = liveness.alive(received, self._docs.clock())
        else:
            sent = await self._gateway.answer(received)
        if noted is not None:
            _note(noted, sent)
        if stream is not None and stream.request_body:
            await _leave(request)
        return sent if self._cors is None else _told(sent, self._cors, request)

    async def _told_of(self, request: Request[Any, Any]) -> Sent:
        """The same, told of in the log, whatever becomes of it."""
        assert self._access_log is not None
        noted, begun = Noted(request.method, request.path), perf_counter()
        try:
            return await self._sent(request, noted)
        finally:
            self._access_log.tell(noted, seconds=perf_counter() - begun)


class _Response(HTTPResponse):
    """Sanic's response without the empty Alt-Svc header that it writes when it does not rewrite itself."""

    __slots__ = ()

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """The headers in bytes."""
        self.headers.pop("alt-svc", None)
        return super().processed_headers


def _response(sent: Sent) -> HTTPResponse:
    response = _Response(sent.body, status=sent.status, content_type=JSON)
    response.headers.update(sent.headers)
    return response


def _told(sent: Sent, cors: Cors, request: Request[Any, Any]) -> Sent:
    """The answer with what a browser is told about the origins that may call."""
    told = cors.headers(request.headers)
    if is_preflight(request.method, request.headers):
        told = {**told, **cors.preflight(request.headers)}
    return _with(sent, told)


def _with(sent: Sent, told: Mapping[str, str]) -> Sent:
    return replace(sent, headers={**sent.headers, **told})


def _note(noted: Noted, sent: Sent) -> None:
    noted.status = sent.status
    noted.request_id = sent.headers.get(HEADER)
    noted.preference = sent.headers.get(APPLIED)


def _names_its_host(request: Request[Any, Any]) -> bool:
    """Whether there is one `Host`: HTTP/1.1 asks for it, HTTP/1.0 does not know it (RFC 9112)."""
    named = request.hosts if isinstance(request, ReceivedRequest) else len(request.headers.getall("host", ()))
    return named == 1 or (named == 0 and request.version == "1.0")


def _origin(request: Request[Any, Any]) -> str:
    """Where the client reached the server; what a proxy says of it counts if Sanic is configured to believe it."""
    bound = request.conn_info.server if request.conn_info else ""
    return origin(request.scheme, request.host, bound=bound)


async def _read(request: Request[Any, Any]) -> bytes:
    """The whole body.

    Raises PayloadTooLarge as soon as it is known to be, ValidationFailed for bad framing and for one that never comes,
    UnprocessableEntity for a content coding that is not taken.
    """
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > LARGEST_BODY:
        raise PayloadTooLarge
    stream: Any = request.stream
    coding = request.headers.get("content-encoding")
    if isinstance(stream, Exchange) and (whole := stream.body_at_hand()) is not None:
        return whole if coding is None else content(whole, coding, largest=LARGEST_BODY)
    body = bytearray()
    try:
        async with asyncio.timeout(_LONGEST_BODY):
            while stream.request_body:
                body += await stream.read() or b""
                if len(body) > LARGEST_BODY:
                    raise PayloadTooLarge
    except TimeoutError:
        _abandon(stream)
        raise ValidationFailed("The body did not arrive in time") from None
    except SanicException:
        raise ValidationFailed("The body is not well framed") from None
    return bytes(body) if coding is None else content(bytes(body), coding, largest=LARGEST_BODY)


async def _leave(request: Request[Any, Any]) -> None:
    """Deal with a body that nobody wanted: read a small one away, so that the connection can be used again.

    A client that asks before it sends (`Expect: 100-continue`) is not asked for it, and connects anew.
    """
    stream: Any = request.stream
    length = request.headers.get("content-length", "")
    if stream.request_body and getattr(stream, "expecting_continue", False):
        stream.expecting_continue = False
        _abandon(stream)
    elif length.isdigit() and int(length) <= LARGEST_BODY:
        try:
            async with asyncio.timeout(_LONGEST_DRAIN):
                while stream.request_body:
                    await stream.read()
        except TimeoutError:
            _abandon(stream)


def _abandon(stream: Any) -> None:  # noqa: ANN401 - Sanic's, of either protocol
    """Read no more of this body, and close the connection behind the answer."""
    stream.request_body, stream.keep_alive = None, False


def _problem(exception: BaseException) -> Problem:
    match exception:
        case asyncio.CancelledError():
            return ServiceUnavailable()  # to nobody: the client is gone
        case SanicException(status_code=503):
            return ServiceUnavailable()
        case SanicException(status_code=status) if 400 <= status < 500:
            return ValidationFailed(f"The request cannot be read: {exception}")
        case _:
            log.error("a request failed outside of its handler", exc_info=exception)
            return InternalError()
