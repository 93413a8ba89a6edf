"""The API behind a control port: each request is recorded, and answered as the rules say.

It stands where the gateway stands otherwise, in front of all that may answer, so that nothing is answered unseen.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic

import orjson
from entity_contract import Contract, Operation

from entity_server.control import redaction
from entity_server.control.recording import Recorded, Requests
from entity_server.control.rules import Decision, Rule, Rules
from entity_server.control.traffic import Traffic
from entity_server.control.verdicts import Judge, Judged, Wrong
from entity_server.domain.problems import Problem, ValidationFailed
from entity_server.domain.times import http_date
from entity_server.http.exchange import AT_ONCE, Answering, Headers, Received, Sent
from entity_server.http.request_ids import HEADER, request_id
from entity_server.http.simulation import documented_answer

Compose = Callable[[tuple[str, ...]], Answering]
"""The API with these faults beside those that it was started with."""

_LONGEST_BODY = 2.0  # seconds for a body that nobody but the recording wants
_MILLISECONDS = 1000


@dataclass(slots=True)
class Answerers:
    """The API as it is, and with the faults of rules: composed when a rule first acts, forgotten on reset.

    A fault may remember what it has seen, so that equal faults share one composition.
    """

    compose: Compose
    _known: dict[tuple[str, ...], Answering] = field(default_factory=dict)

    def wrong_in(self, faults: tuple[str, ...]) -> Answering:
        """The API with these faults."""
        if faults not in self._known:
            self._known[faults] = self.compose(faults)
        return self._known[faults]

    def forget(self) -> None:
        """Let every fault begin anew."""
        self._known.clear()


@dataclass(slots=True)
class _Body:
    """The body of a request, read once: by whoever answers, or afterwards for the recording."""

    received: Received
    raw: bytes | None = None

    async def read(self) -> bytes:
        """The body. Raises what reading it raises."""
        if self.raw is None:
            self.raw = await self.received.read()
        return self.raw

    async def recorded(self) -> bytes | None:
        """The body, None where it cannot be had. A client that asks before it sends is not told to."""
        if self.raw is None and not self.received.headers.getall("Expect", ()):
            try:
                async with asyncio.timeout(_LONGEST_BODY):
                    return await self.read()
            except (Problem, TimeoutError):
                return None
        return self.raw


@dataclass(frozen=True, slots=True)
class Controlled:
    """What answers at the socket of the API."""

    contract: Contract
    clock: Callable[[], datetime]
    judge: Judge
    answerers: Answerers
    rules: Rules
    requests: Requests
    traffic: Traffic

    async def answer(self, received: Received) -> Sent:
        """The answer to a request. Never raises."""
        await self.traffic.opened()
        with self.traffic.working():
            arrived = self._arrived(received)
            asked = arrived.decision.delivery
            sent: Sent | None = None
            try:
                sent = await self._answer(arrived)
                if asked.disturbs or sent.delivery is not None:  # a request may prefer it too
                    pausing = replace(asked, pause=self.traffic.pauses())
                    sent = replace(sent, delivery=(sent.delivery or AT_ONCE).besides(pausing))
            finally:
                await self._record(arrived, sent)
        return sent

    def preflight(self, received: Received) -> Sent:
        """The answer to a browser's question, which is no request of the client and is not recorded."""
        return self.answerers.wrong_in(()).preflight(received)

    def failure(self, problem: Problem, headers: Headers) -> Sent:
        """The answer to what never became a request."""
        sent = self.answerers.wrong_in(()).failure(problem, headers)
        self.requests.add(
            Recorded(
                id=self.requests.next_id(),
                time=self.clock(),
                milliseconds=0.0,
                operation_id=None,
                method=None,
                path="",
                query="",
                headers=redaction.headers(headers.items()),
                credential=None,
                body=None,
                sent=sent,
                problems=(Wrong("message", None, ValidationFailed.code, problem.message),),
                rules=(),
                began=monotonic(),
            )
        )
        return sent

    def _arrived(self, received: Received) -> "_Arrived":
        operation = self.judge.operation(received.method, received.path)
        documented = {response.status for response in operation.responses} if operation else ()
        decision = self.rules.decide(operation.id if operation else None, documented)
        return _Arrived(received, _Body(received), operation, decision, began=monotonic(), time=self.clock())

    async def _answer(self, arrived: "_Arrived") -> Sent:
        decision, received = arrived.decision, replace(arrived.received, read=arrived.body.read)
        if received.noted is not None and decision.rules:
            received.noted.rules = ", ".join(decision.rules)
        if arrived.operation is not None and decision.answer is not None:
            return self._documented(received, arrived.operation, decision.answer)
        return await self.answerers.wrong_in(decision.faults).answer(received)

    def _documented(self, received: Received, operation: Operation, rule: Rule) -> Sent:
        """The contract's example of the rule's status, with the headers that every answer has."""
        assert rule.status is not None
        now = self.clock()
        answer = documented_answer(self.contract, operation, rule.status, now=now, path=received.path)
        known = request_id(received.headers.getall(HEADER, ()))
        if received.noted is not None:
            received.noted.operation, received.noted.request_id = operation.id, known
        headers = {HEADER: known, "Date": http_date(now), **answer.headers, **rule.headers}
        return Sent(answer.status, headers, b"" if answer.body is None else orjson.dumps(answer.body))

    async def _record(self, arrived: "_Arrived", sent: Sent | None) -> None:
        """Keep the request. A client that has left (there is no answer to it) sends no more of its body."""
        received, headers = arrived.received, arrived.received.headers
        raw = arrived.body.raw if sent is None else await arrived.body.recorded()
        delivery = sent.delivery if sent is not None and sent.delivery else AT_ONCE
        self.requests.add(
            Recorded(
                id=self.requests.next_id(),
                time=arrived.time,
                milliseconds=(monotonic() - arrived.began) * _MILLISECONDS
                + delivery.delay_ms
                + (delivery.dribble_ms or 0),
                operation_id=arrived.operation.id if arrived.operation else None,
                method=received.method,
                path=received.path,
                query=received.query,
                headers=redaction.headers(headers.items()),
                credential=redaction.credential(headers.getall("Authorization", ()), headers.getall("Cookie", ())),
                body=raw,
                sent=sent,
                problems=self.judge.problems(Judged(received.method, received.path, received.query, headers, raw)),
                rules=arrived.decision.rules,
                began=arrived.began,
                delivery=delivery,
                connection=received.connection,
                followed=received.connection is not None and bool(received.connection.unread),
            )
        )


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A request, and what is to happen to it."""

    received: Received
    body: _Body
    operation: Operation | None
    decision: Decision
    began: float
    time: datetime
