"""A deployment on the network, as the machine needs it. Others may work there at the same time."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.blocking import Blocking, Stopped
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.problems import Blocked
from entity_conformance.deployment.reply import Headers
from entity_conformance.deployment.wire import NoAnswer, Outgoing

from entity_tests.model.messages import Answer, Caller, Request, answer_of
from entity_tests.model.operations import TICK, Ended
from entity_tests.model.records import Record

NAME = "model"
"""The check that the report names beside each exchange."""


class Live:
    """A deployment that is asked through the event loop of the run.

    Budget, rate limits, journal, redaction and the rule about what may be changed are the run's.
    """

    exact = False
    callers: tuple[Caller, ...] = ("api_key",)

    def __init__(self, blocking: Blocking, directory: tuple[Record, ...]) -> None:
        self.directory = directory
        self.mark: str | None = mark(blocking.context.run)
        self.narrowed: set[str] = set()
        self._blocking = blocking
        self._api = Api(blocking.context, NAME)
        self._ended: Ended | None = None

    def send(self, request: Request, *, pause: timedelta = TICK) -> Answer:  # noqa: ARG002 - its clock cannot be moved
        """The answer to a request."""
        return self._sent(
            self._api.outgoing(
                request.method,
                request.path,
                params=request.parameters,
                content=request.content,
                credential=request.caller,
                headers=request.headers,
            )
        )

    def follow(self, url: str, caller: Caller) -> Answer:
        """The answer to a GET of that URL as it stands."""
        request = self._api.outgoing("GET", "/", credential=caller)
        return self._sent(Outgoing("GET", url, request.headers, None, request.credential, request.kind))

    def pause(self, step: timedelta) -> None:
        """Nothing: its clock cannot be moved."""

    def invent(self, record_id: str) -> None:
        """From now on requests may name this id."""
        self._blocking.context.owned.invented(record_id)

    def settle(self) -> None:
        """Wait for as long as the deployment was said to need."""
        time.sleep(self._blocking.context.settle)

    def now(self, answer: Answer) -> datetime:
        """Its time by the `Date` header, our own without one."""
        try:
            read = parsedate_to_datetime(answer.headers.get("Date", ""))
        except ValueError:
            return datetime.now(UTC)
        return read if read.tzinfo else read.replace(tzinfo=UTC)

    def _sent(self, request: Outgoing) -> Answer:
        if self._ended is not None:
            raise self._ended
        evidence: list[str] = []
        try:
            return answer_of(self._blocking.send(request, check=NAME, evidence=evidence))
        except NoAnswer as problem:
            self._check_health(problem)
            return Answer(0, Headers(()), None, None, request.url, evidence[-1] if evidence else "", problem.message)
        except Blocked as blocked:
            self._ended = Ended(blocked.reason)
        except Stopped:
            self._ended = Ended("the run was interrupted")
        raise self._ended

    def _check_health(self, problem: NoAnswer) -> None:
        """After a request without an answer: the deployment answers its health check. Raises Ended when it does not."""
        try:
            self._blocking.send(self._api.outgoing("GET", "/api/health", credential="none"), check=NAME, evidence=[])
        except NoAnswer:
            self._ended = Ended(f"the deployment stopped answering: {problem.message}", is_lost=True)
        except Blocked as blocked:
            self._ended = Ended(blocked.reason)
        except Stopped:
            self._ended = Ended("the run was interrupted")
        if self._ended is not None:
            raise self._ended
