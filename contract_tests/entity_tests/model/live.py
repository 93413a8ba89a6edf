"""A deployment on the network, as the machine needs it. Others may work there at the same time."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from entity_conformance.deployment import sending
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.blocking import Blocking, Stopped
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.outgoing import Outgoing
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.problems import Blocked, OverBudget, Unshown, Violation
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.oracle.messages import Answer, Caller, Request, answer_of
from entity_conformance.oracle.records import Record
from entity_conformance.suite.given import narrowing
from entity_contract import Entity

from entity_tests.model.deployment import TICK, Aside, Ended

NAME = "model"
"""The check that the report names beside each exchange."""

LATE = 1.0
"""Seconds in which an answer that came out of a cache, or from a copy that lags behind, has become the right one."""


class Live:
    """A deployment that is asked through the event loop of the run.

    Budget, rate limits, journal, redaction and the rule about what may be changed are the run's.
    """

    exact = False
    callers: tuple[Caller, ...] = ("api_key",)

    def __init__(self, blocking: Blocking, directory: tuple[Record, ...]) -> None:
        self.directory = directory
        self.mark: str | None = mark(blocking.context.run)
        self.aside = Aside()
        self._blocking = blocking
        self._api = Api(blocking.context, NAME)
        self._is_settled = True
        self._ended: Ended | None = None

    def send(self, request: Request, *, pause: timedelta = TICK) -> Answer:  # noqa: ARG002 - its clock cannot be moved
        """The answer to a request. A list waits until the deployment has had the time that it needs to index."""
        self._is_settled = self._is_settled and request.method == "GET"
        is_list = request.method == "GET" and request.path.count("/") == 1
        if not self._is_settled and is_list:
            time.sleep(self._blocking.context.settle)
            self._is_settled = True
        outgoing = self._api.outgoing(
            request.method,
            request.path,
            params=request.parameters,
            content=request.content,
            credential=self._blocking.context.wallet.main if request.caller == "api_key" else request.caller,
            headers=request.headers,
        )
        return self._sent(outgoing if request.link is None else replace(outgoing, url=request.link))

    def rest(self) -> None:
        """What comes late has had its time afterwards."""
        time.sleep(max(LATE, self._blocking.context.settle))

    def invent(self, record_id: str) -> None:
        """From now on requests may name this id."""
        self._blocking.context.owned.invented(record_id)

    def is_vacant(self, entity: Entity, record_id: str) -> bool:
        """As whoever sends a write there looks: it is looked at once."""
        try:
            return self._blocking.wait_for(
                sending.is_vacant(self._blocking.context, entity.name, record_id, check=NAME)
            )
        except (Blocked, Violation, Stopped):
            return True  # what is sent next meets that again

    def narrowing(self, entity: Entity, records: Sequence[Record]) -> str:
        """As `run` finds its own records."""
        work = narrowing.owned(self._api, entity, records, {}, self.mark or "")
        try:
            return next(iter(self._blocking.wait_for(work).query), "")
        except (Blocked, Violation, NoAnswer):
            return ""

    def _sent(self, request: Outgoing) -> Answer:
        """The answer, or why there was none. Raises Ended when the deployment does not even answer its health check."""
        evidence: list[str] = []
        try:
            return self._asked(request, evidence)
        except NoAnswer as problem:
            try:
                answer = self._asked(self._api.outgoing("GET", "/api/health", credential="none"), [])
            except NoAnswer:
                raise self._end(f"the deployment stopped answering: {problem.message}", "lost") from None
            exchange = evidence[-1] if evidence else ""
            return Answer(0, Headers(()), None, None, request.url, answer.at, exchange, problem.message)

    def _asked(self, request: Outgoing, evidence: list[str]) -> Answer:
        if self._ended is not None:
            raise self._ended
        try:
            reply = self._reply(request, evidence)
        except Blocked as blocked:
            raise self._end(blocked.reason, "budget" if isinstance(blocked, OverBudget) else "limit") from None
        except Stopped:
            raise self._end("the run was interrupted", "stop") from None
        return answer_of(reply, self._blocking.context.wire.now())

    def _reply(self, request: Outgoing, evidence: list[str]) -> Reply:
        """The answer. What is not there any more (it went with its parent) is not written to: an id of nobody's is."""
        context = self._blocking.context
        try:
            return self._blocking.send(request, check=NAME, evidence=evidence)
        except Unshown:
            thing = below(request.url, context.base)
            seen = [
                one.status for one in context.replies if (one.method, below(one.url, context.base)) == ("GET", thing)
            ]
            if len(thing) != 2 or seen[-1:] != [404]:
                raise
            context.owned.gone(*thing)
            url = f"{context.base}/{thing[0]}/{context.owned.missing_id}"
            return self._blocking.send(replace(request, url=url), check=NAME, evidence=evidence)

    def _end(self, reason: str, by: Literal["budget", "limit", "stop", "lost"]) -> Ended:
        self._ended = Ended(reason, by)
        return self._ended
