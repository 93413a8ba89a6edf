"""A request's way through the server, stage by stage, to its answer.

No Sanic here: `serving` hands in a `Received` and sends the `Sent` that comes out. Whatever happens in between, what
comes out is an answer as the contract describes one, or a logged 500.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

import orjson
from entity_contract import Operation

from entity_server.domain.problems import InternalError, Problem, ServiceUnavailable
from entity_server.domain.times import http_date
from entity_server.http import stages
from entity_server.http.cors import is_preflight
from entity_server.http.exchange import Headers, Incoming, Noted, Received, Sent
from entity_server.http.failures import answer_to
from entity_server.http.handlers import handlers
from entity_server.http.operations import Violation
from entity_server.http.operations.answers import JSON
from entity_server.http.request_ids import HEADER, request_id
from entity_server.http.routes import Route, Routes, UnknownPath
from entity_server.http.services import Answer, Around, Caller, Handler, Outgoing, Services, log
from entity_server.http.stages import Arrived, Counted, Identified, Located, Offered, Permitted, Stage


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
        stage: Stage = self._arrived(received)
        noted = received.noted
        try:
            for change in self.incoming:
                received = change(received) or received
                stage = self._arrived(received)
            reached = await self._next(stage)
            while not isinstance(reached, Answer):
                stage = reached
                reached = await self._next(stage)
            answer = reached
        except Problem as problem:
            _log(problem, stages.arrived_of(stage))
            answer = self._refusal(problem, stage)
        except Exception:  # noqa: BLE001 - the last place where a fault of ours can become an answer
            log.exception("request %s: a fault in the server", stages.arrived_of(stage).request_id)
            answer = self._refusal(InternalError(), stage)
        if noted is not None:
            _note(noted, stage)
        try:
            return self._judged(answer, stage)
        except Exception:  # noqa: BLE001 - as above: an answer that cannot even be judged or written
            log.exception("request %s: the answer cannot be written", stages.arrived_of(stage).request_id)
            return _written(_complete(self._refusal(InternalError(), stage), stage))

    def failure(self, problem: Problem, headers: Headers) -> Sent:
        """The answer to what never became a request: bytes that are no HTTP, or too many of them."""
        known = request_id(headers.getall(HEADER, ()))
        answer = answer_to(problem, errors=self.services.contract.errors, request_id=known)
        return _written(_with_headers(answer, known, self.services.clock(), {}))

    def preflight(self, received: Received) -> Sent:
        """The answer to a browser's question before a request, whatever the path: the browser shows no other answer."""
        arrived = self._arrived(received)
        return _written(_complete(_preflight(arrived), arrived))

    def documented(self, received: Received, answer_of: Callable[[Operation, datetime], Answer]) -> Sent | None:
        """An answer that the contract documents for the operation that a request asks for; None where there is none.

        Nothing is done for it, and nobody is asked who sends the request.
        """
        arrived = self._arrived(received)
        operation = _operation(arrived)
        if operation is None:
            return None
        if received.noted is not None:
            _note(received.noted, arrived)
        return self._sent(_complete(answer_of(operation, arrived.now), arrived), arrived)

    def _arrived(self, received: Received) -> Arrived:
        known = request_id(received.headers.getall(HEADER, ()))
        return Arrived(received, known, self.services.clock(), self._routes.find(received.path))

    async def _next(self, stage: Stage) -> Stage | Answer:  # noqa: PLR0911 - one for each row
        """The table in `stages`, row by row. Raises the problem that a row refuses with."""
        match stage:
            case Arrived(place=Route()) if is_preflight(stage.received.method, stage.received.headers):
                return _preflight(stage)
            case Arrived():  # 401
                return await stages.identified(self.services, stage)
            case Identified():  # 429
                return await stages.counted(self.services, stage)
            case Counted():  # 404: the path, the entity
                return stages.located(stage)
            case Located():  # 405
                return stages.offered(stage)
            case Offered():  # 403
                return stages.permitted(self.services, stage)
            case Permitted(call=call):  # 404: the record; 400, 413, 422
                return await self._handlers[call.operation.id](call)
            case _:
                assert_never(stage)

    def _refusal(self, problem: Problem, stage: Stage) -> Answer:
        known = stages.arrived_of(stage).request_id
        return answer_to(problem, errors=self.services.contract.errors, request_id=known)

    def _judged(self, answer: Answer, stage: Stage) -> Sent:
        """The answer as it leaves, or a 500 when it is not what the contract says."""
        answer = _complete(answer, stage)
        violations = self._violations(answer, stage)
        if violations:
            _report(violations, answer, stage)
            if not self.lenient:
                answer = _complete(self._refusal(InternalError(), stage), stage)
        return self._sent(answer, stage)

    def _sent(self, answer: Answer, stage: Stage) -> Sent:
        call = stage.call if isinstance(stage, Permitted) else None
        for change in self.outgoing:
            answer = change(call, answer)
        return _written(answer)

    def _violations(self, answer: Answer, stage: Stage) -> tuple[Violation, ...]:
        if answer.body is None:
            return ()
        compiled = self.services.compiled
        headers = {name.lower(): value for name, value in answer.headers.items()} | {"content-type": JSON}
        operation = _operation(stage)
        if operation is None:
            of_a_caller = isinstance(stages.caller_of(stage), Caller)
            return compiled.error_violations(answer.status, answer.body, headers, of_a_caller=of_a_caller)
        projected = isinstance(stage, Permitted) and any(stage.call.arguments.get("fields", ()))
        judge = compiled.operations[operation.id]
        return judge.violations(answer.status, answer.body, headers, projected=projected)


def _note(noted: Noted, stage: Stage) -> None:
    operation, caller = _operation(stage), stages.caller_of(stage)
    noted.operation = operation.id if operation else None
    if isinstance(caller, Caller):
        noted.identity, noted.user = caller.identity, caller.user_id


def _operation(stage: Stage) -> Operation | None:
    """The operation whose answers an answer is one of, whether it came to that or not; None for an unknown one."""
    arrived = stages.arrived_of(stage)
    match arrived.place:
        case Route() as route:
            return route.operation(arrived.received.method)
        case UnknownPath():
            return None


def _report(violations: Sequence[Violation], answer: Answer, stage: Stage) -> None:
    operation = _operation(stage)
    log.error(
        "request %s: the answer %d to %s breaks the contract: %s",
        stages.arrived_of(stage).request_id,
        answer.status,
        operation.id if operation else "an unknown operation",
        "; ".join(f"{violation.where} {violation.message}" for violation in violations),
    )


def _log(problem: Problem, arrived: Arrived) -> None:
    """A fault of ours with its cause. An outage befalls every request, so that a line each must do for it."""
    match problem:
        case ServiceUnavailable():
            cause = " ".join(str(problem.__cause__ or "no reason given").split())
            log.error("request %s: %s: %s", arrived.request_id, problem.code, cause)
        case InternalError():
            log.error("request %s: %s", arrived.request_id, problem.code, exc_info=problem.__cause__)


def _wrapped(around: Around, handler: Handler) -> Handler:
    return lambda call: around(call, handler)


def _written(answer: Answer) -> Sent:
    return Sent(answer.status, answer.headers, b"" if answer.body is None else orjson.dumps(answer.body))


def _complete(answer: Answer, stage: Stage) -> Answer:
    """The answer with the headers that every answer carries at that stage."""
    arrived = stages.arrived_of(stage)
    return _with_headers(answer, arrived.request_id, arrived.now, stages.limits_of(stage))


def _with_headers(answer: Answer, known: str, now: datetime, limits: Mapping[str, str]) -> Answer:
    return Answer(answer.status, answer.body, {HEADER: known, "Date": http_date(now), **answer.headers, **limits})


def _preflight(arrived: Arrived) -> Answer:
    allow = arrived.place.allow if isinstance(arrived.place, Route) else ()
    return Answer(204, None, {"Allow": ", ".join(allow)} if allow else {})
