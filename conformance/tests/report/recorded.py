"""Runs put together finding by finding, each with an exchange of its own."""

from collections.abc import Sequence

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.causes import Cause, causes
from entity_conformance.report.verdict import Outcome, Profile, Result, Run, Vocabulary

from conformance.tests.report.samples import BASE, exchange, run

WORDS = Vocabulary(("VALIDATION_FAILED", "NOT_FOUND"), ("X-Request-ID", "X-RateLimit-Limit", "X-RateLimit-Reset"))

ENVELOPE = '{"success":true,"data":[]}'


class Recorded:
    """A run in the making."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.exchanges: list[Exchange] = []

    def saw(
        self,
        requirement: str,
        message: str,
        *,
        asked: str = "GET /tasks",
        came: int = 200,
        body: str | None = ENVELOPE,
        entity: str | None = "tasks",
        outcome: Outcome = Outcome.failed,
        expected: str | None = None,
        actual: str | None = None,
        headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),),
    ) -> "Recorded":
        method, _, path = asked.partition(" ")
        id_ = f"x{len(self.exchanges) + 1}"
        self.exchanges.append(
            exchange(
                id_, method=method, url=BASE + path, status=came, response_body=body, response_headers=headers,
                request_headers=(),
            )
        )  # fmt: skip
        self.results.append(Result(requirement, "listing", "must", entity, outcome, message, expected, actual, (id_,)))
        return self

    def passed(self, asked: str, times: int = 1) -> "Recorded":
        for _ in range(times):
            self.saw("list.passes", "It holds.", asked=asked, outcome=Outcome.passed)
        return self

    def status(self, requirement: str, wanted: str, came: int, **others: object) -> "Recorded":
        return self.saw(requirement, f"the answer is not {wanted}", came=came, **others)  # type: ignore[arg-type]

    @property
    def run(self) -> Run:
        profile = Profile("full", ("key",), (), ("tasks", "orders", "users"))
        return run(*self.results, exchanges=tuple(self.exchanges), profile=profile, vocabulary=WORDS)

    @property
    def causes(self) -> Sequence[Cause]:
        return causes(self.run)

    @property
    def titles(self) -> list[str]:
        return [cause.title for cause in self.causes]
