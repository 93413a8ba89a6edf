"""A request's way through the server, in the order in which it may be refused (A1).

    401  who is it?            429  how often?           404  is there such a path, such an entity?
    405  with this method?     403  may it?              404  is there such a record?       (the handler)
    400, 413, 422  is what it says well said?            (the handler asks for the body when it is ready)

No Sanic here: `serving` hands in a `Received` and sends the `Sent` that comes out. Whatever happens in between, what
comes out is an answer as the contract describes one, or a logged 500.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from entity_contract import Operation

from entity_server.domain.limits import Allowance
from entity_server.domain.problems import (
    EntityNotFound,
    InternalError,
    InvalidScope,
    MethodNotAllowed,
    NotFound,
    Problem,
    RateLimitExceeded,
    ServiceUnavailable,
)
from entity_server.domain.times import http_date
from entity_server.http import rate_limits
from entity_server.http.authentication import authenticate
from entity_server.http.bodies import decoded
from entity_server.http.compiled import Violation
from entity_server.http.decoding import arguments
from entity_server.http.exchange import Headers, Incoming, Received, Sent
from entity_server.http.failures import answer_to, problem_of
from entity_server.http.handlers import handlers
from entity_server.http.protocol import JSON, JudgedAnswer, JudgedRequest
from entity_server.http.request_ids import HEADER, request_id
from entity_server.http.routes import BASE_PATH, Route, Routes
from entity_server.http.services import Answer, Around, Call, Caller, Handler, Outgoing, Services, log


@dataclass(slots=True)
class _Progress:
    """How far a request came: what its answer is judged by, and what every answer to it must carry."""

    request_id: str
    now: datetime
    request: JudgedRequest | None = None
    allowance: Allowance | None = None
    call: Call | None = None


@dataclass(slots=True)
class Gateway:
    """The server between the socket and the handlers.

    `incoming`, `around` and `outgoing` are what faults do; with `lenient`, as there are any, an answer that violates
    the contract is logged and sent, instead of a 500.
    """

    services: Services
    incoming: tuple[Incoming, ...] = ()
    around: tuple[Around, ...] = ()
    outgoing: tuple[Outgoing, ...] = ()
    lenient: bool = False
    _routes: Routes = field(init=False)
    _handlers: Mapping[str, Handler] = field(init=False)

    def __post_init__(self) -> None:
        self._routes = Routes(self.services.contract.operations)
        served = handlers(self.services)
        for around in self.around:
            served = {name: _wrapped(around, handler) for name, handler in served.items()}
        self._handlers = served

    async def answer(self, received: Received) -> Sent:
        """The answer to a request. Never raises."""
        progress = self._begin(received.headers)
        try:
            answer = await self._answer(received, progress)
        except Problem as problem:
            _log(problem, progress)
            answer = self._refusal(problem, progress)
        except Exception:  # noqa: BLE001 - the last place where a fault of ours can become an answer
            log.exception("request %s: a fault in the server", progress.request_id)
            answer = self._refusal(InternalError(), progress)
        try:
            return self._judged(answer, progress)
        except Exception:  # noqa: BLE001 - as above: an answer that cannot even be judged or written
            log.exception("request %s: the answer cannot be written", progress.request_id)
            return _written(_with_common_headers(self._refusal(InternalError(), progress), progress))

    def failure(self, problem: Problem, headers: Headers) -> Sent:
        """The answer to what never became a request: bytes that are no HTTP, or too many of them."""
        progress = self._begin(headers)
        return _written(_with_common_headers(self._refusal(problem, progress), progress))

    def _begin(self, headers: Headers) -> _Progress:
        return _Progress(request_id=request_id(headers.getall(HEADER, ())), now=self.services.clock())

    async def _answer(self, received: Received, progress: _Progress) -> Answer:
        for refuse in self.incoming:
            refuse(received)
        route = self._routes.find(received.path)
        inside = received.path.startswith(BASE_PATH + "/")
        operation = route.operations.get(received.method) if route else None
        if operation is not None and route is not None:
            progress.request = JudgedRequest(operation, arguments(received.query), path_values=route.values)
        if _is_preflight(received) and route is not None:
            return Answer(204, None, {"Allow": ", ".join(route.allow)})
        caller = None
        if inside and (route is None or not route.public):
            caller = await self._caller(received, route, progress)
        if route is None:
            raise NotFound
        if route.generic:
            raise EntityNotFound
        if operation is None or progress.request is None:
            raise MethodNotAllowed(route.allow)
        return await self._handled(received, progress, progress.request, caller)

    async def _caller(self, received: Received, route: Route | None, progress: _Progress) -> Caller:
        operations = route.operations.values() if route else self.services.contract.operations
        caller = await authenticate(
            self.services,
            authorization=received.headers.getall("Authorization", ()),
            cookies=received.headers.getall("Cookie", ()),
            accepts=frozenset().union(*(operation.credentials for operation in operations)),
            now=progress.now,
        )
        progress.allowance = rate_limits.take(self.services, caller, progress.now)
        if progress.allowance.retry_after is not None:
            raise RateLimitExceeded(progress.allowance.retry_after)
        return caller

    async def _handled(
        self, received: Received, progress: _Progress, request: JudgedRequest, caller: Caller | None
    ) -> Answer:
        operation = request.operation
        if caller is not None and not self.services.allows(caller, operation):
            raise _missing_scope(operation)
        if operation.body is None:
            self._refuse(request)

        async def body() -> Mapping[str, object]:
            content_type = "".join(received.headers.getall("Content-Type", ())[:1])
            request.value = decoded(await received.read(), content_type)
            self._refuse(request)
            return request.value

        progress.call = Call(
            operation=operation,
            entity=self.services.contract.entity(operation.entity) if operation.entity else None,
            values=request.path_values,
            path=received.path,
            arguments=request.arguments,
            caller=caller,
            now=progress.now,
            body=body,
        )
        return await self._handlers[operation.id](progress.call)

    def _refuse(self, request: JudgedRequest) -> None:
        refusal = self.services.validation.refusal(request) if self.services.validation else None
        if refusal is not None:
            raise problem_of(refusal)

    def _refusal(self, problem: Problem, progress: _Progress) -> Answer:
        return answer_to(problem, errors=self.services.contract.errors, request_id=progress.request_id)

    def _judged(self, answer: Answer, progress: _Progress) -> Sent:
        """The answer as it leaves, or a 500 when it is not what the contract says."""
        answer = _with_common_headers(answer, progress)
        violations = self._violations(answer, progress)
        if violations:
            self._report(violations, answer, progress)
            if not self.lenient:
                answer = _with_common_headers(self._refusal(InternalError(), progress), progress)
        for change in self.outgoing:
            answer = change(progress.call, answer)
        return _written(answer)

    def _violations(self, answer: Answer, progress: _Progress) -> tuple[Violation, ...]:
        if self.services.validation is None or answer.body is None:
            return ()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        judged = JudgedAnswer(answer.status, answer.body, {**headers, "content-type": JSON})
        if progress.request is not None:
            return self.services.validation.violations(progress.request, judged)
        return self.services.validation.error_violations(judged, of_a_caller=progress.allowance is not None)

    @staticmethod
    def _report(violations: Sequence[Violation], answer: Answer, progress: _Progress) -> None:
        log.error(
            "request %s: the answer %d to %s breaks the contract: %s",
            progress.request_id,
            answer.status,
            progress.request.operation.id if progress.request else "an unknown operation",
            "; ".join(f"{violation.where} {violation.message}" for violation in violations),
        )


def _log(problem: Problem, progress: _Progress) -> None:
    """A fault of ours with its cause. An outage befalls every request, so that a line each must do for it."""
    match problem:
        case ServiceUnavailable():
            cause = " ".join(str(problem.__cause__ or "no reason given").split())
            log.error("request %s: %s: %s", progress.request_id, problem.code, cause)
        case InternalError():
            log.error("request %s: %s", progress.request_id, problem.code, exc_info=problem.__cause__)


def _wrapped(around: Around, handler: Handler) -> Handler:
    return lambda call: around(call, handler)


def _written(answer: Answer) -> Sent:
    return Sent(answer.status, answer.headers, b"" if answer.body is None else orjson.dumps(answer.body))


def _with_common_headers(answer: Answer, progress: _Progress) -> Answer:
    headers = {HEADER: progress.request_id, "Date": http_date(progress.now), **answer.headers}
    if progress.allowance is not None:
        headers |= rate_limits.headers(progress.allowance)
    return Answer(answer.status, answer.body, headers)


def _missing_scope(operation: Operation) -> Problem:
    return InvalidScope(f"The API key lacks the scope {operation.scope}")


def _is_preflight(received: Received) -> bool:
    """A browser's question before a request (O6): it is not the OPTIONS operation, and carries no credentials."""
    return received.method == "OPTIONS" and bool(
        received.headers.getall("Origin", ()) and received.headers.getall("Access-Control-Request-Method", ())
    )
