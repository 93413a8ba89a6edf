"""The API in front of which a request may say how it is to be answered: `Prefer: code=429`, `fault=ID`, `delay=MS`.

It acts on one request, before anybody asks who sends it, and the answer names in `Preference-Applied` what it did.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from entity_contract import Contract, Operation

from entity_server.domain.problems import Problem
from entity_server.http.exchange import AT_ONCE, Headers, Received, Sent
from entity_server.http.fault import UnknownFault
from entity_server.http.gateway import Gateway
from entity_server.http.request_ids import APPLIED
from entity_server.http.request_ids import HEADER as REQUEST_ID
from entity_server.http.services import Answer, log
from entity_server.http.simulation.documented import Undocumented, documented_answer
from entity_server.http.simulation.preferences import HEADER, Preferences, preferences, refused


@dataclass(slots=True)
class Simulated:
    """What stands before the gateway. `wrong_in` makes another one, with one more fault; raises UnknownFault."""

    contract: Contract
    gateway: Gateway
    wrong_in: Callable[[str], Gateway]
    _known: dict[str, Gateway] = field(default_factory=dict)  # a fault may remember what it has seen

    async def answer(self, received: Received) -> Sent:
        """The answer to a request. Never raises."""
        sent = received.headers.getall(HEADER, ())
        if not sent:
            return await self.gateway.answer(received)
        try:
            asked = preferences(sent)
            answer = await self._answer(received, asked)
        except Problem as problem:
            return self.gateway.failure(problem, received.headers)
        if not asked.applied:
            return answer
        applied = ", ".join(asked.applied)
        log.warning("request %s: answered as it prefers: %s", answer.headers.get(REQUEST_ID, "-"), applied)
        delivery = None if asked.delivery == AT_ONCE else asked.delivery
        return replace(answer, headers={**answer.headers, APPLIED: applied}, delivery=delivery)

    def preflight(self, received: Received) -> Sent:
        """The answer to a browser's question, which prefers nothing."""
        return self.gateway.preflight(received)

    def failure(self, problem: Problem, headers: Headers) -> Sent:
        """The answer to what never became a request."""
        return self.gateway.failure(problem, headers)

    async def _answer(self, received: Received, asked: Preferences) -> Sent:
        gateway = self.gateway if asked.fault is None else self._wrong_in(asked.fault)
        if asked.status is None:
            return await gateway.answer(received)
        sent = gateway.documented(received, partial(self._documented, asked.status, received.path))
        if sent is None:
            raise refused(f"there is no operation here, so that code={asked.status} is documented for none")
        return sent

    def _documented(self, status: int, path: str, operation: Operation, now: datetime) -> Answer:
        try:
            return documented_answer(self.contract, operation, status, now=now, path=path)
        except Undocumented as error:
            raise refused(str(error)) from None

    def _wrong_in(self, fault: str) -> Gateway:
        if fault not in self._known:
            try:
                self._known[fault] = self.wrong_in(fault)
            except UnknownFault as error:
                raise refused(str(error)) from None
        return self._known[fault]
