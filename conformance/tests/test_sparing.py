"""A session that has few requests left: what keys can judge is judged, and no key is made that it cannot revoke."""

from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.account import KEYS, Account
from entity_conformance.deployment.settings import Given
from entity_conformance.deployment.tidy import PAGES, cost
from entity_conformance.report.verdict import Outcome

from conformance.tests.miniature import SESSION, Miniature, problem
from conformance.tests.running import check, passes, results, run

NEEDS_KEY = check(passes, needs=frozenset({"write_key"}))


@dataclass
class Limited(Miniature):
    """Its session's user may send `left` more requests in this hour; where it is not `honest` it says so always."""

    left: int = 100
    honest: bool = True
    window: int = 3600

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        self.left = 100 if seconds > self.window / 2 else self.left

    def answer(self, request: httpx.Request) -> httpx.Response:
        if "cookie" not in request.headers or "authorization" in request.headers:
            return super().answer(request)
        if self.honest and self.left == 0:
            self.before = lambda _: problem(429, "RATE_LIMIT_EXCEEDED")
        self.left -= int(self.honest and self.left > 0)
        response = super().answer(request)
        self.before = lambda _: None
        limits = {
            "X-RateLimit-Limit": "100",
            "X-RateLimit-Remaining": str(self.left),
            "X-RateLimit-Reset": str(int(self.now.timestamp()) + self.window),
        }
        response.headers.update(limits)
        return response


def made(deployment: Miniature) -> list[str]:
    return [one for one in deployment.requests if one.startswith("POST") and one.endswith(f"/{KEYS}")]


@pytest.mark.parametrize("left", range(1, 9))
def test_a_session_that_is_nearly_spent_makes_no_key_and_the_api_key_goes_on(journals: Path, left: int) -> None:
    deployment = Limited(left=left)

    ended = run(deployment, journals, check(passes, "create.two"), NEEDS_KEY)

    said = f"does not fit the limit of the session ({left - 1} of 100 left, for 60 min 0 s)"
    assert results(ended) == [
        ("create.two", "tasks", Outcome.passed, "It holds."),
        ("create.one", None, Outcome.skipped, f"left out: {said}, and no --write-key was given"),
    ]
    assert ended.verdict.exit_code == 3
    assert ended.verdict.reason.startswith(f"inconclusive, profile full: 1 MUST left out: {said}")
    assert made(deployment) == []
    assert ended.leftovers == ()


def test_a_plan_leaves_no_key_either(journals: Path) -> None:
    deployment = Limited(left=3)

    ended = run(deployment, journals, plan=True)

    assert (ended.verdict.exit_code, ended.leftovers, made(deployment)) == (0, (), [])


@pytest.mark.parametrize("deployment", [Limited(left=40), Limited(left=3, window=60), Limited(left=2, honest=False)])
def test_a_session_that_can_pay_for_its_keys_makes_them(journals: Path, deployment: Limited) -> None:
    """As one does whose limit resets soon, or is told without ever falling."""
    ended = run(deployment, journals, check(passes, "create.two"), NEEDS_KEY)

    assert [one.outcome for one in ended.results] == [Outcome.passed, Outcome.passed]
    assert len(made(deployment)) == 4
    assert deployment.keys == {}


def test_a_session_alone_is_not_spared(journals: Path) -> None:
    ended = run(Limited(left=90), journals, check(passes), given=Given(session=SESSION))

    assert ended.verdict.exit_code == 0


def test_what_is_kept_for_looking_for_keys_is_less_than_for_records() -> None:
    account = Account("", "")
    for collection in (KEYS, "tasks"):
        account.tried[collection, "own"] = 1
        account.texts[collection, "own"] = set()

    assert (cost(account, "session"), cost(account, "api_key")) == (2, PAGES)
