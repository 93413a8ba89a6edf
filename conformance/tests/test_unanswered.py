"""A write without an answer: what stands on it is made anew, and nobody is accused of being slow."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.settings import Given
from entity_conformance.report.verdict import Outcome
from entity_conformance.suite import expect, given
from entity_contract import Entity

from conformance.tests.miniature import KEY, Answer, Miniature
from conformance.tests.running import FULL, TITLE, check, creates, passes, run


def failing_once(request_holds: bytes, how: httpx.Response | Exception, *, times: int = 1) -> Answer:
    """A deployment that does not answer the first POSTs whose body holds this."""
    left = [how] * times

    def fail(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST" or request_holds not in request.content or not left:
            return None
        failure = left.pop()
        if isinstance(failure, Exception):
            raise failure
        return httpx.Response(failure.status_code)

    return fail


UNANSWERED = [httpx.Response(503), httpx.ReadError("gone"), httpx.ReadTimeout("slow")]


@pytest.mark.parametrize("how", UNANSWERED)
def test_what_is_arranged_together_is_made_anew_where_a_write_of_it_was_not_answered(
    journals: Path, how: httpx.Response | Exception
) -> None:
    titles: list[object] = []

    async def stands_on_a_creation(api: Api, entity: Entity) -> None:
        created = given.made(api, (await given.creation(api, entity)).reply)
        titles.append(created["title"])

    deployment = Miniature()
    unanswered = failing_once(b'"description"', how)
    asked: list[str] = []

    def noted(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and b'"description"' in request.content:
            asked.append(json.loads(request.content)["title"])
        return unanswered(request)

    deployment.before = noted
    both = check(stands_on_a_creation), check(stands_on_a_creation, "create.two")
    ended = run(deployment, journals, *both, given=Given(api_key=KEY))

    lost, made = asked[-2:]
    assert [result.outcome for result in ended.results] == [Outcome.passed, Outcome.passed]
    assert (titles, lost == made) == ([made, made], False)
    assert deployment.records == {"tasks": {}}


@pytest.mark.parametrize("how", UNANSWERED)
def test_a_key_is_made_anew_where_its_creation_was_not_answered(
    journals: Path, how: httpx.Response | Exception
) -> None:
    deployment = Miniature(before=failing_once(b" read_key", how))

    ended = run(deployment, journals, check(passes, needs=frozenset({"read_key"})), given=FULL)

    assert ended.results[0].outcome is Outcome.passed


def test_of_acts_side_by_side_each_is_done_once_more_for_its_own_writes_alone(journals: Path) -> None:
    done: list[str] = []

    async def side_by_side(api: Api, entity: Entity) -> None:
        lost = asyncio.Event()

        async def losing() -> None:
            done.append(api.fresh("losing"))
            await api.create(entity, {"title": "lost"})
            lost.set()

        async def waiting() -> None:
            done.append(api.fresh("waiting"))
            await lost.wait()

        await asyncio.gather(api.answered(losing), api.answered(waiting))

    deployment = Miniature(before=failing_once(b"lost", httpx.Response(503)))
    ended = run(deployment, journals, check(side_by_side), given=Given(api_key=KEY))

    assert ended.results[0].outcome is Outcome.passed
    assert done == ["losing", "waiting", "losing 1"]


def test_what_is_not_answered_again_and_again_is_not_tried_for_ever(journals: Path) -> None:
    deployment = Miniature(before=failing_once(TITLE.encode(), httpx.Response(503), times=100))
    checks = [check(creates, name) for name in ("create.one", "create.two", "create.three")] * 10

    run(deployment, journals, *checks, given=Given(api_key=KEY), concurrency=1)

    assert sum(line == "POST /api/v1/tasks" for line in deployment.requests) < 45


async def posts_a_number(api: Api, entity: Entity) -> None:
    reply = await api.create(entity, {"title": 7})
    expect.status(reply, 400)


@pytest.mark.parametrize(
    ("holds", "how", "said"),
    [
        (b"", httpx.ReadTimeout("slow"), "no whole answer within 10 s (raise --timeout)"),
        (b"", httpx.ReadError("gone"), "the connection was closed before the whole answer came"),
        (b"7", httpx.ReadTimeout("slow"), "no whole answer within 10 s (raise --timeout)"),
    ],
)
def test_a_deployment_that_answers_no_post_breaks_no_requirement_about_bodies(
    journals: Path, holds: bytes, how: Exception, said: str
) -> None:
    deployment = Miniature(before=failing_once(holds, how, times=1000))

    ended = run(deployment, journals, check(posts_a_number), given=Given(api_key=KEY))

    assert (ended.results[0].outcome, ended.results[0].message) == (Outcome.blocked, said)
    assert ended.verdict.exit_code == 2  # nothing was tested


def test_a_request_that_costs_money_is_not_asked_twice_and_accuses_nobody(journals: Path) -> None:
    async def generates(api: Api, _: Entity) -> None:
        await api.generate({"prompt": "Say one word."})

    deployment = Miniature(before=failing_once(b"Say", httpx.ReadError("gone"), times=2))
    ended = run(deployment, journals, check(generates), given=Given(api_key=KEY))

    assert ended.results[0].outcome is Outcome.blocked
    assert sum(line == "POST /api/v1/ai/generate" for line in deployment.requests) == 2  # that of the preparation too


def test_a_request_that_costs_money_is_asked_once_more_where_nothing_was_done(journals: Path) -> None:
    async def generates(api: Api, _: Entity) -> None:
        expect.status(await api.generate({"prompt": "Say one word."}), 404)

    deployment = Miniature(before=failing_once(b"Say", httpx.Response(503)))
    ended = run(deployment, journals, check(generates), given=Given(api_key=KEY))

    assert ended.results[0].outcome is Outcome.passed
    assert sum(line == "POST /api/v1/ai/generate" for line in deployment.requests) == 3  # that of the preparation too


def test_a_deployment_that_hangs_up_on_one_body_twice_breaks_its_requirement(journals: Path) -> None:
    deployment = Miniature(before=failing_once(b"7", httpx.ReadError("gone"), times=2))

    ended = run(deployment, journals, check(posts_a_number), given=Given(api_key=KEY))

    assert ended.results[0].outcome is Outcome.failed
