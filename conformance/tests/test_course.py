"""What every run has in common: its time is bounded, short limits are waited out, a defect shows the last exchange."""

import asyncio
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.settings import Given, Settings
from entity_conformance.deployment.target import fill
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.suite import run as suite
from entity_conformance.suite.course import Prepared, Watcher
from entity_conformance.suite.course import run as course
from entity_contract import Entity

from conformance.tests.miniature import BASE, CONTRACT, KEY, Miniature
from conformance.tests.running import LEDGER, TITLE, check, creates, passes, run, violates

ONE = Given(api_key=KEY)
OVER = "the run's time of 2 s is used up (--max-time)"


async def creates_and_waits(api: Api, entity: Entity) -> None:
    await api.create(entity, {"title": TITLE})
    await asyncio.Event().wait()


def test_a_run_whose_time_is_used_up_is_inconclusive_and_cleans_up(journals: Path) -> None:
    deployment = Miniature()

    ended = run(deployment, journals, check(creates_and_waits), given=ONE, max_time=2)

    assert (ended.verdict.exit_code, ended.verdict.reason) == (3, f"inconclusive, profile api-key: {OVER}")
    assert [result.outcome for result in ended.results] == [Outcome.blocked]
    assert deployment.records == {"tasks": {}}
    assert list(journals.iterdir()) == []


def test_what_was_found_until_then_counts(journals: Path) -> None:
    checks = (check(violates), check(creates_and_waits, "create.two"))

    ended = run(Miniature(), journals, *checks, given=ONE, max_time=2)

    assert ended.verdict.exit_code == 1
    assert ended.verdict.reason.endswith(f"(create.one); {OVER}")


def test_a_deployment_that_is_too_slow_to_begin_with_is_inconclusive(journals: Path) -> None:
    class Hangs(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError(request)

    ended = asyncio.run(
        suite.run(Settings(BASE, ONE, max_time=2), journals=journals, contract=CONTRACT, transport=Hangs())
    )

    assert ended.verdict.exit_code == 3
    assert ended.profile.name == "api-key"  # what was given, though no answer came
    assert OVER in ended.verdict.reason


class Limited:
    """So many requests a window of so many seconds, told in the headers."""

    def __init__(self, limit: int, window: int) -> None:
        self.deployment = Miniature(before=self.answer)
        self.limit, self.window, self.left, self.resets = limit, window, limit, 0
        self._is_asked = False

    def answer(self, request: httpx.Request) -> httpx.Response | None:
        if self._is_asked or "authorization" not in request.headers:
            return None
        now = int(self.deployment.now.timestamp())
        if now >= self.resets:
            self.left, self.resets = self.limit, now + self.window
        if self.left == 0:
            return httpx.Response(429, headers={"Retry-After": str(self.resets - now)})
        self.left -= 1
        self._is_asked = True
        answer = self.deployment.answer(request)
        self._is_asked = False
        told = {"Limit": self.limit, "Remaining": self.left, "Reset": self.resets}
        answer.headers.update({f"X-RateLimit-{name}": str(value) for name, value in told.items()})
        return answer


async def makes_forty(api: Api, entity: Entity) -> None:
    for _ in range(40):
        await api.create(entity, {"title": TITLE})


class Hears(Watcher):
    def __init__(self) -> None:
        self.waited: list[str] = []

    def waits(self, seconds: float, why: str) -> None:
        self.waited.append(f"{seconds:.0f} s: {why}")


def test_a_short_window_is_waited_out_and_told(journals: Path) -> None:
    limited, hears = Limited(15, 10), Hears()

    ended = run(limited.deployment, journals, check(makes_forty), given=ONE, watcher=hears)

    assert (ended.verdict.exit_code, ended.leftovers) == (0, ())
    assert limited.deployment.records == {"tasks": {}}
    assert hears.waited[0] == "10 s: the rate limit is 15 per 10 s"
    assert "; the rate limit is 15 per 10 s, and " in ended.verdict.reason


def test_a_long_one_blocks_and_the_verdict_names_it(journals: Path) -> None:
    limited = Limited(50, 3600)

    ended = run(limited.deployment, journals, check(makes_forty), given=ONE)

    assert (ended.verdict.exit_code, ended.leftovers) == (2, ())
    assert "raise --max-wait (300 s): the rate limit is 50 per 3600 s, used up for longer" in ended.verdict.reason
    assert limited.deployment.records == {"tasks": {}}


def test_a_single_429_is_not_the_end(journals: Path) -> None:
    refusals = [httpx.Response(429, headers={"Retry-After": "3600", "X-RateLimit-Remaining": "900"})]
    deployment = Miniature(before=lambda _: refusals.pop() if refusals and deployment.made else None)

    ended = run(deployment, journals, check(makes_forty), check(passes, "create.two"), given=ONE)

    assert ended.verdict.exit_code == 0


def test_what_is_arranged_together_is_stopped_before_cleaning_up(journals: Path) -> None:
    deployment = Miniature()

    async def stopped() -> None:
        stop = asyncio.Event()

        async def prepare(context: RunContext) -> Prepared:
            api, tasks = Api(context, "x"), CONTRACT.entity("tasks")
            assert tasks is not None
            fill(api, ONE)

            async def make() -> None:
                for _ in range(200):
                    await api.create(tasks, {"title": TITLE})
                    stop.set()

            await api.once("many", make)
            raise AssertionError("it was not stopped")

        await course(
            Settings(BASE, ONE),
            prepare,
            journals=journals,
            contract=CONTRACT,
            stop=stop,
            transport=deployment.transport,
            sleep=deployment.sleep,
        )

    asyncio.run(stopped())

    assert 0 < deployment.made < 50
    assert deployment.records == {"tasks": {}}


def test_a_defect_shows_what_was_asked_last(journals: Path) -> None:
    async def prepare(context: object) -> Prepared:
        await Api(context, "x").list("tasks", limit=7, credential="none")  # type: ignore[arg-type]
        raise KeyError("odd")

    ended = asyncio.run(
        course(Settings(BASE, ONE), prepare, journals=journals, contract=CONTRACT, transport=Miniature().transport)
    )

    assert ended.verdict.exit_code == 70
    assert ended.verdict.reason.endswith(f"; the last exchange was GET {BASE}/tasks?limit=7 → 401 (x1)")


def test_a_limit_that_outlasts_the_run_is_inconclusive_and_names_the_time(journals: Path) -> None:
    limited = Limited(50, 1800)

    ended = run(limited.deployment, journals, check(makes_forty), given=ONE, max_wait=3600.0, max_time=900.0)

    assert (ended.verdict.exit_code, ended.leftovers) == (3, ())
    assert "the run's time of 900 s ends before the rate limit resets (--max-time)" in ended.verdict.reason
    assert "raise --max-time: the rate limit is 50 per 1800 s" in ended.results[0].message
    assert limited.deployment.records == {"tasks": {}}


def test_a_signal_while_cleaning_up_waits_for_a_limit_ends_the_wait(journals: Path) -> None:
    stop = asyncio.Event()

    def refuse(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(429, headers={"Retry-After": "3500"}) if request.method == "DELETE" else None

    class Signals(Watcher):
        def waits(self, seconds: float, why: str) -> None:  # noqa: ARG002
            if seconds > 100:
                stop.set()

    async def sleep(seconds: float) -> None:
        await (asyncio.Event().wait() if seconds > 100 else asyncio.sleep(0))

    async def ends() -> Run:
        asked = suite.run(
            Settings(BASE, ONE, max_wait=3600.0, max_time=7200.0),
            journals=journals,
            contract=CONTRACT,
            proofs=(check(creates),),
            ledger=LEDGER,
            watcher=Signals(),
            stop=stop,
            transport=Miniature(before=refuse).transport,
            sleep=sleep,
        )
        return await asyncio.wait_for(asked, 60)

    ended = asyncio.run(ends())

    assert ended.verdict.exit_code == 130
    assert [one.id for one in ended.leftovers] == ["tsk_1"]
    assert "used up for longer than cleaning up waits (30 s)" in ended.leftovers[0].reason


@pytest.mark.parametrize(
    ("silent", "told"),
    [
        ("/api/v1/comments", f"GET {BASE}/comments got no answer: the connection was refused"),
        ("/", f"cannot reach {BASE}: the connection was refused"),
    ],
)
def test_where_others_were_answered_the_request_that_was_not_is_named(journals: Path, silent: str, told: str) -> None:
    def before(request: httpx.Request) -> None:
        if request.url.path.startswith(silent):
            raise httpx.ConnectError("refused") from ConnectionRefusedError()

    async def prepare(context: object) -> Prepared:
        for entity in ("tasks", "comments"):
            await Api(context, "x").list(entity, credential="none")  # type: ignore[arg-type]
        raise AssertionError("both were answered")

    deployment = Miniature(before=before)
    settings = Settings(BASE, ONE)

    ended = asyncio.run(course(settings, prepare, journals=journals, contract=CONTRACT, transport=deployment.transport))

    assert (ended.verdict.exit_code, ended.verdict.reason) == (4, f"could not test: {told}")


def test_a_deployment_whose_answers_are_too_large_to_begin_with_is_at_fault(
    journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entity_conformance.deployment.wire.LARGEST_RUN", 1)

    async def prepare(context: object) -> Prepared:
        for _ in range(2):
            await Api(context, "x").list("tasks", credential="none")  # type: ignore[arg-type]
        raise AssertionError("both were answered")

    ended = asyncio.run(
        course(Settings(BASE, ONE), prepare, journals=journals, contract=CONTRACT, transport=Miniature().transport)
    )

    assert ended.verdict.exit_code == 4
    assert ended.verdict.reason.startswith("could not test: the answers of this run take more than")
