"""What is measured: answers as a whole, and what reads, judges and counts on the way."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from time import perf_counter
from typing import Any

from entity_contract import Credential

from entity_server.domain.arguments import Arguments
from entity_server.domain.limits import Allowance, RateLimit
from entity_server.domain.problems import Problem
from entity_server.http.exchange import Answering, Headers, Received, Sent
from entity_server.http.operations import CompiledContract, CompiledOperation, Violation
from entity_server.http.operations.bodies import CompiledBody
from entity_server.http.operations.queries import CompiledQuery, Values
from entity_server.http.routes import Route, Routes
from entity_server.http.services import Limiter, Services
from entity_server.metrics.meters import Meters

UNKNOWN = "none"
"""The operation of a request that is none of the contract's."""

_Observe = Callable[[float], None]


class Measured:
    """What answers, its answers counted and timed."""

    def __init__(self, answering: Answering, services: Services, meters: Meters) -> None:
        self._answering = answering
        self._routes = Routes(services.contract.operations)
        self._meters = meters

    async def answer(self, received: Received) -> Sent:
        """The answer to a request. Never raises."""
        begun = perf_counter()
        sent = await self._answering.answer(received)
        place = self._routes.find(received.path)
        method = "GET" if received.method == "HEAD" else received.method  # which it is, without a body
        operation = place.operations.get(method) if isinstance(place, Route) else None
        self._count(operation.id if operation else UNKNOWN, sent, perf_counter() - begun)
        return sent

    def preflight(self, received: Received) -> Sent:
        """The answer to a browser's question, which is no request of the API."""
        return self._answering.preflight(received)

    def failure(self, problem: Problem, headers: Headers) -> Sent:
        """The answer to what never became a request."""
        sent = self._answering.failure(problem, headers)
        self._count(UNKNOWN, sent, 0.0)
        return sent

    def _count(self, operation: str, sent: Sent, seconds: float) -> None:
        self._meters.requests.labels(operation, str(sent.status)).inc()
        self._meters.seconds.labels(operation).observe(seconds)
        self._meters.look()


def measured(services: Services, meters: Meters) -> Services:
    """The services, with what reads, judges and counts timed and counted."""
    observe = meters.validation_seconds
    compiled = services.compiled
    operations = {
        name: _MeasuredOperation(
            operation=one.operation,
            query=_of(_MeasuredQuery, one.query, observe=observe.labels("query").observe),
            body=one.body and _of(_MeasuredBody, one.body, observe=observe.labels("body").observe),
            answers=one.answers,
            observe=observe.labels("answer").observe,
            count=meters.violations.labels(name).inc,
        )
        for name, one in compiled.operations.items()
    }
    errors = _of(
        _MeasuredContract,
        compiled,
        observe=observe.labels("answer").observe,
        count=meters.violations.labels(UNKNOWN).inc,
    )
    limiters: Mapping[Credential, Limiter] = {
        credential: _MeasuredLimiter(limiter, meters.limits_hit.labels(credential).inc)
        for credential, limiter in services.limiters.items()
    }
    return replace(services, compiled=replace(errors, operations=operations), limiters=limiters)


def _of(kind: Any, plain: Any, **more: Any) -> Any:  # noqa: ANN401 - a frozen value, as a value of a kind with more
    return kind(**{field.name: getattr(plain, field.name) for field in fields(plain)}, **more)


@dataclass(frozen=True, slots=True)
class _MeasuredQuery(CompiledQuery):
    observe: _Observe

    def read(self, arguments: Arguments) -> Values:
        begun = perf_counter()
        try:
            return CompiledQuery.read(self, arguments)
        finally:
            self.observe(perf_counter() - begun)


@dataclass(frozen=True, slots=True)
class _MeasuredBody(CompiledBody):
    observe: _Observe

    def read(self, members: Mapping[str, object]) -> dict[str, object]:
        begun = perf_counter()
        try:
            return CompiledBody.read(self, members)
        finally:
            self.observe(perf_counter() - begun)


@dataclass(frozen=True, slots=True)
class _MeasuredOperation(CompiledOperation):
    observe: _Observe
    count: _Observe

    def violations(
        self, status: int, body: object, headers: Mapping[str, str], *, projected: bool
    ) -> tuple[Violation, ...]:
        begun = perf_counter()
        found = CompiledOperation.violations(self, status, body, headers, projected=projected)
        self.observe(perf_counter() - begun)
        self.count(len(found))
        return found


@dataclass(frozen=True, slots=True)
class _MeasuredContract(CompiledContract):
    observe: _Observe
    count: _Observe

    def error_violations(
        self, status: int, body: object, headers: Mapping[str, str], *, of_a_caller: bool
    ) -> tuple[Violation, ...]:
        begun = perf_counter()
        found = CompiledContract.error_violations(self, status, body, headers, of_a_caller=of_a_caller)
        self.observe(perf_counter() - begun)
        self.count(len(found))
        return found


class _MeasuredLimiter:
    """A limiter that tells when it refuses."""

    def __init__(self, limiter: Limiter, count: Callable[[], None]) -> None:
        self.limit: RateLimit = limiter.limit
        self._limiter = limiter
        self._count = count

    def take(self, identity: str, now: datetime) -> Allowance | Awaitable[Allowance]:
        """Count one request of this caller."""
        taken = self._limiter.take(identity, now)
        return self._told(taken) if isinstance(taken, Allowance) else self._awaited(taken)

    async def _awaited(self, taken: Awaitable[Allowance]) -> Allowance:
        return self._told(await taken)

    def _told(self, allowance: Allowance) -> Allowance:
        if allowance.retry_after is not None:
            self._count()
        return allowance
