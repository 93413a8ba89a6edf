"""What is judged on every answer: what failed, what was unavailable, what was refused too early."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.settings import Given, Settings
from entity_conformance.report.verdict import Outcome, Profile, Result, Run
from entity_conformance.suite import course
from entity_conformance.suite.course import Found, Prepared
from entity_conformance.suite.passive import found_by, watched_by
from entity_conformance.suite.watch import OF_THE_LIMITS, OF_THE_WIRE

from conformance.tests.miniature import BASE, CONTRACT, KEY, SESSION, START, Miniature, problem

Finding = Callable[[RunContext, Settings], Awaitable[tuple[Result, ...]]]


def asked(
    journals: Path, answer: Callable[[int], httpx.Response | None], finding: Finding = found_by, **settings: object
) -> tuple[Run, Miniature]:
    """A run that lists tasks five times, as a command of its own kind; `answer` may stand in for each of them."""
    times = iter(range(1, 100))
    deployment = Miniature(before=lambda _: answer(next(times)))
    chosen = Settings(BASE, Given(api_key=KEY), **settings)  # type: ignore[arg-type]

    async def prepare(context: object) -> Prepared:
        api = Api(context, "another command")  # type: ignore[arg-type]

        async def work(_: asyncio.Event) -> Found:
            for _time in range(5):
                await api.list("tasks", credential="none", headers={"Authorization": f"Bearer {KEY}"})
            return Found(await finding(api.context, chosen))

        return Prepared(api.context, Profile("x", (), (), ()), work)

    ended = asyncio.run(
        course.run(
            chosen,
            prepare,
            journals=journals,
            contract=CONTRACT,
            transport=deployment.transport,
            sleep=deployment.sleep,
        )
    )
    return ended, deployment


def only(run: Run) -> Result:
    (result,) = run.results
    return result


def test_where_all_is_well_nothing_is_said(journals: Path) -> None:
    assert asked(journals, lambda _: None)[0].results == ()


@pytest.mark.parametrize("status", [500, 502, 504])
def test_every_failure_of_the_server_fails_whoever_asked(journals: Path, status: int) -> None:
    run, _ = asked(journals, lambda time: problem(status, "INTERNAL_ERROR") if time in {2, 4} else None)

    assert (only(run).requirement, only(run).outcome) == ("errors.internal-error", Outcome.failed)
    assert only(run).message == f"the server failed: GET /tasks → {status} (2 times)"
    assert {one.status for one in run.exchanges if one.id in only(run).exchanges} == {status}
    assert run.verdict.exit_code == 1


def test_a_503_in_the_envelope_is_listed_and_asked_once_more(journals: Path) -> None:
    run, deployment = asked(journals, lambda time: problem(503, "SERVICE_UNAVAILABLE") if time == 2 else None)

    assert (only(run).requirement, only(run).outcome) == ("errors.unavailable", Outcome.observed)
    assert only(run).message == "GET /tasks → 503"
    assert len(deployment.requests) == 6


def test_a_503_without_the_envelope_fails(journals: Path) -> None:
    run, _ = asked(journals, lambda time: httpx.Response(503, html="<h1>down</h1>") if time == 2 else None)

    assert (only(run).requirement, only(run).outcome) == ("errors.unavailable", Outcome.failed)


def test_a_503_waits_as_long_as_it_says(journals: Path) -> None:
    down = {"Retry-After": "7"}
    run, deployment = asked(journals, lambda time: httpx.Response(503, json={}, headers=down) if time == 2 else None)

    assert run.requests.total == 6
    assert (deployment.now - Miniature().now).total_seconds() == 7


@pytest.mark.parametrize("remaining", ["1", "900"])
def test_a_429_with_requests_left_fails(journals: Path, remaining: str) -> None:
    early = httpx.Response(429, headers={"X-RateLimit-Remaining": remaining, "Retry-After": "3600"})
    run, _ = asked(journals, lambda time: early if time == 2 else None)

    assert (only(run).requirement, only(run).outcome) == ("limits.refused-when-spent", Outcome.failed)
    assert only(run).message == "a request was refused while others remain: GET /tasks → 429"


def test_a_429_that_says_nothing_remains_is_in_order(journals: Path) -> None:
    spent = httpx.Response(429, headers={"X-RateLimit-Remaining": "0", "Retry-After": "3"})

    assert asked(journals, lambda time: spent if time == 2 else None)[0].results == ()


def test_a_429_without_a_word_is_judged_by_the_answer_before_it(journals: Path) -> None:
    def counts(time: int) -> httpx.Response:
        told = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": str(999 - time)}
        page = {"success": True, "data": [], "pagination": {}}
        return httpx.Response(429) if time == 4 else httpx.Response(200, json=page, headers=told)

    assert only(asked(journals, counts)[0]).requirement == "limits.refused-when-spent"


def test_who_asks_for_some_requirements_is_told_of_those_alone(journals: Path) -> None:
    run, _ = asked(journals, lambda time: problem(500, "X") if time == 2 else None, only=("model.read",))

    assert run.results == ()


def test_an_entity_that_options_does_not_describe_is_one_finding(journals: Path) -> None:
    described = CONTRACT.entity("tasks")
    assert described is not None

    async def prepare(context: object) -> Prepared:
        api = Api(context, "another command")  # type: ignore[arg-type]
        api.context.wallet.put("api_key", next(secret for _, secret in Given(api_key=KEY)))

        async def work(_: asyncio.Event) -> Found:
            await api.metadata("tasks")
            sent = api.context.wire.counted.total
            found = await found_by(api.context, Settings(BASE), undescribed=(described,))
            assert api.context.wire.counted.total == sent
            return Found(found)

        return Prepared(api.context, Profile("x", (), (), ()), work)

    gateway = Miniature(before=lambda request: httpx.Response(204) if request.method == "OPTIONS" else None)
    run = asyncio.run(
        course.run(Settings(BASE), prepare, journals=journals, contract=CONTRACT, transport=gateway.transport)
    )

    assert [(one.requirement, one.entity, one.outcome) for one in run.results] == [
        ("metadata.describes-entity", "tasks", Outcome.failed)
    ]


@pytest.mark.parametrize(
    ("reset", "found"),
    [
        (str(int(START.timestamp()) + 60), []),
        (str(int(START.timestamp() * 1000)), ["limits.reset-header"]),
        (str(int(START.timestamp()) - 60), ["limits.reset-header"]),
        ("9999999999", ["limits.reset-header"]),
        ("soon", ["limits.reset-header"]),
        (None, ["limits.reset-header"]),
    ],
)
def test_a_reset_that_is_no_moment_to_come_is_found_whoever_asked(
    journals: Path, reset: str | None, found: list[str]
) -> None:
    headers = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "9"} | (
        {"X-RateLimit-Reset": reset} if reset else {}
    )
    page = {"success": True, "data": [], "pagination": {}}

    async def prepare(context: object) -> Prepared:
        api = Api(context, "another command")  # type: ignore[arg-type]
        api.context.wallet.put("api_key", next(secret for _, secret in Given(api_key=KEY)))
        prepared = replace(api.context, entities=CONTRACT.entities)

        async def work(_: asyncio.Event) -> Found:
            await api.list("tasks")
            return Found(await watched_by(prepared, Settings(BASE), among=OF_THE_LIMITS))

        return Prepared(prepared, Profile("x", (), (), ()), work)

    deployment = Miniature(before=lambda _: httpx.Response(200, json=page, headers=headers))
    run = asyncio.run(
        course.run(Settings(BASE), prepare, journals=journals, contract=CONTRACT, transport=deployment.transport)
    )

    assert [one.requirement for one in run.results] == found


@pytest.mark.parametrize("answers", [(404,), (401, 501), (405, 404)])
def test_a_deployment_that_makes_no_keys_is_one_finding(journals: Path, answers: tuple[int, ...]) -> None:
    assert [(one.requirement, one.outcome) for one in made_keys(journals, answers).results] == [
        ("keys.created-key-is-shown", Outcome.failed)
    ]


@pytest.mark.parametrize("answers", [(404, 201), (400,), (401,), ()])
def test_one_that_makes_a_key_or_refuses_it_for_another_reason_is_none(
    journals: Path, answers: tuple[int, ...]
) -> None:
    assert made_keys(journals, answers).results == ()


def made_keys(journals: Path, answers: tuple[int, ...]) -> Run:
    """A run that asks for a key as often as there are answers."""

    async def prepare(context: object) -> Prepared:
        api = Api(context, "another command")  # type: ignore[arg-type]
        api.context.wallet.put("session", next(secret for _, secret in Given(session=SESSION)))

        async def work(_: asyncio.Event) -> Found:
            for _answer in answers:
                await api.create_key({"name": api.run, "scopes": ["read"]})
            return Found(await found_by(api.context, Settings(BASE)))

        return Prepared(api.context, Profile("x", (), (), ()), work)

    given = iter(answers)
    deployment = Miniature(
        before=lambda request: (
            None if request.method != "POST" or (status := next(given)) == 201 else problem(status, "NOT_FOUND")
        )
    )
    return asyncio.run(
        course.run(Settings(BASE), prepare, journals=journals, contract=CONTRACT, transport=deployment.transport)
    )


@pytest.mark.parametrize(
    ("content_type", "found"), [("text/html", {"errors.answers-are-json"}), ("application/json", set())]
)
def test_what_another_command_was_answered_is_watched_on_the_wire(
    journals: Path, content_type: str, found: set[str]
) -> None:
    body = b'{"success": false, "error": "There is no such task", "code": "NOT_FOUND"}'
    answer = httpx.Response(404, headers={"content-type": content_type, "x-request-id": "1"}, content=body)

    run, _ = asked(journals, lambda time: answer if time == 2 else None, partial(watched_by, among=OF_THE_WIRE))

    assert {one.requirement for one in run.results if one.outcome is Outcome.failed} == found
