"""A request's way through the server, stage by stage, to its answer.

No Sanic here: `serving` hands in a `Received` and sends the `Sent` that comes out. Whatever happens in between, what
comes out is an answer as the contract describes one, or a logged 500.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from entity_contract import Entity, Operation

from entity_server.domain.problems import InternalError, Problem, ServiceUnavailable
from entity_server.domain.times import http_date
from entity_server.http.cors import is_preflight
from entity_server.http.exchange import Headers, Incoming, Noted, Received, Sent
from entity_server.http.failures import answer_to
from entity_server.http.handlers import handlers
from entity_server.http.operations import Violation
from entity_server.http.operations.answers import JSON
from entity_server.http.request_ids import HEADER, request_id
from entity_server.http.routes import Route, Routes
from entity_server.http.services import Answer, Around, Caller, Handler, Outgoing, Services, log
from entity_server.http.stages import NO_LIMITS, Progress, permitted


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
    _entities: Mapping[str, Entity | None] = field(init=False)

    def __post_init__(self) -> None:
        contract = self.services.contract
        self._routes = Routes(contract.operations)
        self._entities = {one.id: contract.entity(one.entity) if one.entity else None for one in contract.operations}
        served = handlers(self.services)
        for around in self.around:
            served = {name: _wrapped(around, handler) for name, handler in served.items()}
        self._handlers = served

    async def answer(self, received: Received) -> Sent:
        """The answer to a request. Never raises."""
        progress = self._arrived(received)
        noted = received.noted
        try:
            for change in self.incoming:
                received = change(received) or received
                progress = self._arrived(received)
            if received.method == "OPTIONS" and _asks_before(progress):
                answer = _preflight(progress)
            else:
                call = await permitted(self.services, progress, self._entities)
                answer = await self._handlers[call.operation.id](call)
        except Problem as problem:
            _log(problem, progress)
            answer = self._refusal(problem, progress)
        except Exception:  # noqa: BLE001 - the last place where a fault of ours can become an answer
            log.exception("request %s: a fault in the server", progress.request_id)
            answer = self._refusal(InternalError(), progress)
        if noted is not None:
            _note(noted, progress)
        try:
            return self._judged(answer, progress)
        except Exception:  # noqa: BLE001 - as above: an answer that cannot even be judged or written
            log.exception("request %s: the answer cannot be written", progress.request_id)
            return _written(_complete(self._refusal(InternalError(), progress), progress))

    def failure(self, problem: Problem, headers: Headers) -> Sent:
        """The answer to what never became a request: bytes that are no HTTP, or too many of them."""
        known = request_id(headers.getall(HEADER, ()))
        answer = answer_to(problem, errors=self.services.contract.errors, request_id=known)
        told = {HEADER: known, "Date": http_date(self.services.clock()), **answer.headers}
        return _written(Answer(answer.status, answer.body, told))

    def preflight(self, received: Received) -> Sent:
        """The answer to a browser's question before a request, whatever the path: the browser shows no other answer."""
        progress = self._arrived(received)
        return _written(_complete(_preflight(progress), progress))

    def documented(self, received: Received, answer_of: Callable[[Operation, datetime], Answer]) -> Sent | None:
        """An answer that the contract documents for the operation that a request asks for; None where there is none.

        Nothing is done for it, and nobody is asked who sends the request.
        """
        progress = self._arrived(received)
        if progress.operation is None:
            return None
        if received.noted is not None:
            _note(received.noted, progress)
        return self._sent(_complete(answer_of(progress.operation, progress.now), progress), progress)

    def _arrived(self, received: Received) -> Progress:
        known = request_id(received.headers.getall(HEADER, ()))
        place = self._routes.find(received.path)
        operation = place.operation(received.method) if isinstance(place, Route) else None
        return Progress(received, known, self.services.clock(), place, operation, NO_LIMITS)

    def _refusal(self, problem: Problem, progress: Progress) -> Answer:
        return answer_to(problem, errors=self.services.contract.errors, request_id=progress.request_id)

    def _judged(self, answer: Answer, progress: Progress) -> Sent:
        """The answer as it leaves, or a 500 when it is not what the contract says."""
        answer = _complete(answer, progress)
        violations = () if answer.body is None else self._violations(answer, progress)
        if violations:
            _report(violations, answer, progress)
            if not self.lenient:
                answer = _complete(self._refusal(InternalError(), progress), progress)
        return self._sent(answer, progress) if self.outgoing else _written(answer)

    def _sent(self, answer: Answer, progress: Progress) -> Sent:
        for change in self.outgoing:
            answer = change(progress.call, answer)
        return _written(answer)

    def _violations(self, answer: Answer, progress: Progress) -> tuple[Violation, ...]:
        compiled, operation, call = self.services.compiled, progress.operation, progress.call
        headers = {**answer.headers, "content-type": JSON}
        if operation is None:
            of_a_caller = isinstance(progress.caller, Caller)
            return compiled.error_violations(answer.status, answer.body, headers, of_a_caller=of_a_caller)
        projected = call is not None and "fields" in call.arguments and any(call.arguments["fields"])
        judge = compiled.operations[operation.id]
        return judge.violations(answer.status, answer.body, headers, projected=projected)


def _note(noted: Noted, progress: Progress) -> None:
    operation, caller = progress.operation, progress.caller
    noted.operation = operation.id if operation else None
    if isinstance(caller, Caller):
        noted.identity, noted.user = caller.identity, caller.user_id


def _report(violations: Sequence[Violation], answer: Answer, progress: Progress) -> None:
    operation = progress.operation
    log.error(
        "request %s: the answer %d to %s breaks the contract: %s",
        progress.request_id,
        answer.status,
        operation.id if operation else "an unknown operation",
        "; ".join(f"{violation.where} {violation.message}" for violation in violations),
    )


def _log(problem: Problem, progress: Progress) -> None:
    """A fault of ours with its cause. An outage befalls every request, so that a line each must do for it."""
    match problem:
        case ServiceUnavailable():
            cause = problem.__cause__
            reason = "no reason given" if cause is None else " ".join(str(cause).split()) or type(cause).__name__
            log.error("request %s: %s: %s", progress.request_id, problem.code, reason)
        case InternalError():
            log.error("request %s: %s", progress.request_id, problem.code, exc_info=problem.__cause__)


def _wrapped(around: Around, handler: Handler) -> Handler:
    return lambda call: around(call, handler)


def _written(answer: Answer) -> Sent:
    return Sent(answer.status, answer.headers, b"" if answer.body is None else orjson.dumps(answer.body))


def _complete(answer: Answer, progress: Progress) -> Answer:
    """The answer with the headers that every answer carries at that stage."""
    headers = {HEADER: progress.request_id, "Date": http_date(progress.now), **answer.headers, **progress.limits}
    return Answer(answer.status, answer.body, headers)


def _asks_before(progress: Progress) -> bool:
    """Whether it is a browser's question before a request, on a known path."""
    received = progress.received
    return isinstance(progress.place, Route) and is_preflight(received.method, received.headers)


def _preflight(progress: Progress) -> Answer:
    allow = progress.place.allow if isinstance(progress.place, Route) else ()
    return Answer(204, None, {"Allow": ", ".join(allow)} if allow else {})
