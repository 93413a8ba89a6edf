"""A run from the URL to the verdict, on a deployment in memory with one vice at a time."""

import asyncio
import gc
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance import ledger, suite
from conformance.api import Api, Secret
from conformance.registry import Check, anything
from conformance.settings import Given, Misuse, Settings
from conformance.tests.miniature import BASE, CONTRACT, KEY, OTHER, SESSION, Miniature, data, problem
from conformance.verdict import Blocked, Leftover, Outcome, OutOfProfile, Result, Run, Violation
from contract import Entity

FULL = Given(api_key=KEY, session=SESSION, other_api_key=OTHER)
NONSENSE = "'whatever', the ledger knows this, that"
TITLE = "cetuvilov gibifolef plain"

LEDGER = ledger.parse(
    [
        (
            "requirements/creating.yaml",
            """
chapter: creating
title: CREATE
requirements:
  - {id: create.one, level: must, text: t, source: s, pointer: '#'}
  - {id: create.two, level: should, text: t, source: s, pointer: '#'}
  - {id: create.three, level: choice, text: t, source: s, pointer: '#', choices: [this, that]}
""",
        )
    ]
)


async def passes(api: Api, _: Entity) -> None:
    await api.list("tasks")


async def creates(api: Api, entity: Entity) -> None:
    await api.create(entity, {"title": TITLE})


async def violates(*_: object) -> None:
    raise Violation("it is wrong", expected="right", actual="wrong")


async def is_blocked(*_: object) -> None:
    raise Blocked("it could not be arranged")


async def is_out(*_: object) -> None:
    raise OutOfProfile("it is not there")


async def breaks(*_: object) -> None:
    message = f"the key is {KEY}"
    raise KeyError(message)


async def observes(*_: object) -> str:
    return "that"


async def observes_nonsense(*_: object) -> str:
    return "whatever"


def check(body: Any, requirement: str = "create.one", **declared: Any) -> Check:
    facts: dict[str, Any] = {
        "chapter": "creating",
        "sentence": "It holds.",
        "scopes": frozenset(),
        "needs": frozenset(),
        "after": (),
        "entities": "each",
        "operations": frozenset(),
        "applies": anything,
        "opt_in": False,
        "last": False,
        "requests": 1,
    }
    return Check(requirement=requirement, body=body, **{**facts, **declared})


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    return tmp_path / "journals"


def run(
    deployment: Miniature, journals: Path, *checks: Check, given: Given = FULL, url: str = BASE, **settings: Any
) -> Run:
    async def within_time() -> Run:
        return await suite.run(
            Settings(url, given, **settings),
            journals=journals,
            contract=CONTRACT,
            proofs=checks or (check(passes),),
            ledger=LEDGER,
            transport=deployment.transport,
            sleep=deployment.sleep,
        )

    return asyncio.run(within_time())


def results(of: Run) -> Sequence[tuple[str, str | None, Outcome, str]]:
    return [(result.requirement, result.entity, result.outcome, result.message) for result in of.results]


@pytest.mark.parametrize(
    ("body", "requirement", "outcome", "message", "code"),
    [
        (passes, "create.one", Outcome.passed, "It holds.", 0),
        (observes, "create.three", Outcome.observed, "that", 0),
        (is_out, "create.one", Outcome.skipped, "it is not there", 2),
        (is_blocked, "create.one", Outcome.blocked, "it could not be arranged", 2),
        (violates, "create.two", Outcome.warned, "it is wrong", 0),
        (violates, "create.one", Outcome.failed, "it is wrong", 1),
        (violates, "create.three", Outcome.failed, "it is wrong", 1),
        (
            observes_nonsense,
            "create.three",
            Outcome.broken,
            "the check observed 'whatever', the ledger knows this, that",
            70,
        ),
    ],
)
def test_however_a_check_ends_it_is_one_result_and_one_exit_code(  # noqa: PLR0917  # one line of the table above
    journals: Path, body: Any, requirement: str, outcome: Outcome, message: str, code: int
) -> None:
    ended = run(Miniature(), journals, check(body, requirement))

    assert results(ended) == [(requirement, "tasks", outcome, message)]
    assert ended.verdict.exit_code == code


def test_a_violation_tells_what_was_expected_and_what_came(journals: Path) -> None:
    (result,) = run(Miniature(), journals, check(violates)).results

    assert (result.expected, result.actual) == ("right", "wrong")


def test_our_own_exception_is_our_defect_told_with_its_place_and_no_secret(journals: Path) -> None:
    ended = run(Miniature(), journals, check(breaks))

    assert ended.results[0].outcome is Outcome.broken
    assert ended.results[0].message.startswith("KeyError: 'the key is $CONFORMANCE_API_KEY' (tests/test_suite.py:")
    assert ended.verdict.exit_code == 70


def test_a_strict_run_fails_a_should(journals: Path) -> None:
    ended = run(Miniature(), journals, check(violates, "create.two"), strict=True)

    assert ended.results[0].outcome is Outcome.failed
    assert ended.verdict.exit_code == 1


def test_the_choice_of_the_deployment_is_recorded(journals: Path) -> None:
    assert run(Miniature(), journals, check(observes, "create.three")).choices == (("create.three", "that"),)


@pytest.mark.parametrize(("body", "said"), [(violates, "failed"), (is_blocked, "was blocked"), (breaks, "broke")])
def test_what_stands_on_a_check_that_did_not_hold_is_blocked(journals: Path, body: Any, said: str) -> None:
    ended = run(Miniature(), journals, check(body), check(passes, "create.two", after=("create.one",)))

    assert ended.results[1].message == f"it stands on create.one [tasks], which {said}"
    assert ended.results[1].outcome is Outcome.blocked


@pytest.mark.parametrize("body", [passes, is_out])
def test_what_stands_on_anything_else_is_made(journals: Path, body: Any) -> None:
    ended = run(Miniature(), journals, check(body), check(passes, "create.two", after=("create.one",)))

    assert ended.results[1].outcome is Outcome.passed


def test_what_was_made_is_gone_in_the_end(journals: Path) -> None:
    deployment = Miniature()

    ended = run(deployment, journals, check(creates, scopes=frozenset({"write"})))

    assert ended.verdict.exit_code == 0
    assert deployment.records == {"tasks": {}}
    assert deployment.keys == {}
    assert list(journals.iterdir()) == []


def test_other_peoples_records_stay(journals: Path) -> None:
    deployment = Miniature()
    kept = deployment.store("tasks", {"title": "Buy milk"}, "ada")

    run(deployment, journals, check(creates))

    assert list(deployment.records["tasks"]) == [kept["id"]]


def test_the_keys_that_a_run_needs_have_one_scope_each(journals: Path) -> None:
    deployment = Miniature()
    seen: dict[str, object] = {}

    async def look(api: Api, _: Entity) -> None:
        for name in ("read", "write", "delete", "expiring"):
            assert api.has(name)
        seen.update({str(key["name"]).split()[-1]: key["scopes"] for key in deployment.keys.values()})

    assert run(deployment, journals, check(look)).verdict.exit_code == 0
    assert seen == {"read": ["read"], "write": ["write"], "delete": ["delete"], "expiring": ["read"]}


def test_an_expiring_key_was_good_once_and_is_not_when_its_checks_come(journals: Path) -> None:
    async def is_expired(api: Api, _: Entity) -> None:
        reply = await api.list("tasks", credential="expiring")
        if reply.code != "EXPIRED_KEY":
            raise Violation("the key is good")

    ended = run(Miniature(), journals, check(is_expired, needs=frozenset({"expiring"})))

    assert ended.verdict.exit_code == 0


def test_a_session_of_somebody_else_is_misuse(journals: Path) -> None:
    deployment = Miniature(owners={KEY: "bob", OTHER: "ada"})

    with pytest.raises(Misuse, match="session and API key belong to different users"):
        run(deployment, journals)

    assert deployment.records == {"tasks": {}}


def test_a_session_that_cannot_read_is_still_the_same_users_when_it_lists_the_key(journals: Path) -> None:
    def hide(request: httpx.Request) -> httpx.Response | None:
        reads = request.method == "GET" and "/tasks/" in request.url.path
        return problem(404, "NOT_FOUND") if reads and "cookie" in request.headers else None

    deployment = Miniature(before=hide)
    deployment.keys["key_0"] = {"id": "key_0", "name": "mine", "key": KEY, "expiresAt": None}

    assert run(deployment, journals, check(passes, needs=frozenset({"read"}))).verdict.exit_code == 0


def test_without_a_session_what_needs_one_is_out_of_scope(journals: Path) -> None:
    needs = check(passes, "create.two", needs=frozenset({"session"}))

    ended = run(Miniature(), journals, check(passes), needs, given=Given(api_key=KEY))

    assert ended.profile.out_of_scope == (("create.two", "no session was given (--session)"),)
    assert ended.verdict.reason == "conforms, profile api-key: 1 requirement out of scope"
    assert results(ended)[-1] == ("create.two", None, Outcome.skipped, "no session was given (--session)")


def test_a_key_that_was_given_needs_no_session(journals: Path) -> None:
    deployment = Miniature(owners={KEY: "ada", "sk_test_read_only_key": "ada"})

    ended = run(
        deployment,
        journals,
        check(passes, needs=frozenset({"read"})),
        given=Given(api_key=KEY, read_key="sk_test_read_only_key"),
    )

    assert ended.results[0].outcome is Outcome.passed


def test_keys_that_could_not_be_made_block(journals: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response | None:
        return (
            problem(500, "INTERNAL_ERROR") if request.url.path.endswith("/keys") and request.method == "POST" else None
        )

    ended = run(
        Miniature(before=refuse), journals, check(passes), check(passes, "create.two", needs=frozenset({"read"}))
    )

    assert ended.results[1].outcome is Outcome.blocked
    assert "the session could not make a read-only key" in ended.results[1].message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(200, html="<html>Shop</html>"), "no v1 entity API at http://127.0.0.1:5173/api/v1: GET tasks"),
        (httpx.Response(200, json={"data": "x"}), "no v1 entity API at"),
        (httpx.Response(200, json=[]), "no v1 entity API at"),
        (httpx.Response(404, text="Not Found"), "no v1 entity API at"),
        (httpx.Response(302, headers={"Location": "/login"}), "it redirects to /login"),
        (httpx.Response(401, json={"success": False, "code": "UNAUTHORIZED"}), "the API key was refused"),
        (httpx.Response(403, json={"success": False, "code": "INVALID_SCOPE"}), "the API key was refused"),
        (httpx.Response(429, json={}, headers={"Retry-After": "900"}), "does not let the run begin: the rate limit"),
    ],
)
def test_what_cannot_be_tested_is_told_and_exits_4(journals: Path, answer: httpx.Response, said: str) -> None:
    def same(_: httpx.Request) -> httpx.Response:
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    ended = run(Miniature(before=same), journals)

    assert (ended.verdict.name, ended.verdict.exit_code) == ("could-not-test", 4)
    assert said in ended.verdict.reason
    assert ended.results == ()


def test_a_list_that_is_malformed_is_a_finding_where_the_health_check_is_right(journals: Path) -> None:
    def spoil(request: httpx.Request) -> httpx.Response | None:
        lists = request.method == "GET" and request.url.path.endswith("/tasks")
        return httpx.Response(200, json={"items": []}) if lists else None

    async def lists(api: Api, _: Entity) -> None:
        assert isinstance((await api.list("tasks")).records, tuple)

    ended = run(Miniature(before=spoil), journals, check(lists), given=Given(api_key=KEY))

    assert ended.verdict.exit_code == 1


@pytest.mark.parametrize(
    ("given", "option"),
    [(Given(KEY, SESSION, None, "bad-key-0001"), "--other-api-key"), (Given(KEY, "bad-token"), "--session")],
)
def test_a_credential_that_is_refused_exits_4(journals: Path, given: Given, option: str) -> None:
    ended = run(Miniature(), journals, given=given)

    assert ended.verdict.exit_code == 4
    assert f"the credential of {option} was refused" in ended.verdict.reason


def test_over_https_the_cookies_other_name_is_tried(journals: Path) -> None:
    def secure(request: httpx.Request) -> httpx.Response | None:
        cookie = request.headers.get("cookie", "")
        return problem(401, "UNAUTHORIZED") if cookie and not cookie.startswith("__Secure-") else None

    ended = run(Miniature(before=secure), journals, given=Given(KEY, SESSION), url="https://localhost/api/v1")

    assert ended.verdict.exit_code == 0
    assert "session" in ended.profile.credentials


def test_a_deployment_that_goes_away_is_not_accused(journals: Path) -> None:
    deployment = Miniature()

    async def takes_it_down(api: Api, _: Entity) -> None:
        def drop(_: httpx.Request) -> httpx.Response | None:
            raise httpx.ConnectError("gone")

        deployment.before = drop
        await api.list("tasks")

    ended = run(
        deployment, journals, check(takes_it_down), check(passes, "create.two"), given=Given(api_key=KEY), concurrency=1
    )

    assert [result.outcome for result in ended.results] == [Outcome.blocked, Outcome.blocked]
    assert ended.verdict.exit_code == 4
    assert ended.verdict.reason.startswith("could not test: the deployment stopped answering")


def test_a_request_without_an_answer_is_a_violation_where_the_rest_answers(journals: Path) -> None:
    def drop(request: httpx.Request) -> httpx.Response | None:
        if b"poison" in request.url.query:
            raise httpx.ReadError("gone")
        return None

    async def poisons(api: Api, _: Entity) -> None:
        await api.list("tasks", search="poison")

    ended = run(Miniature(before=drop), journals, check(poisons))

    assert ended.results[0].outcome is Outcome.failed
    assert ended.results[0].message == "the connection was closed before the whole answer came"
    assert len(ended.results[0].exchanges) == 2


def test_a_run_within_no_budget_tests_nothing(journals: Path) -> None:
    ended = run(Miniature(), journals, max_requests=1, given=Given(api_key=KEY))

    assert ended.verdict.exit_code == 2
    assert "the budget of 1 requests is used up" in ended.verdict.reason
    assert ended.requests.total == 1


def test_a_budget_that_ends_is_inconclusive_and_still_cleans_up(journals: Path) -> None:
    deployment = Miniature()

    async def creates_many(api: Api, entity: Entity) -> None:
        for _ in range(50):
            await api.create(entity, {"title": TITLE})

    ended = run(
        deployment,
        journals,
        check(passes),
        check(creates_many, after=(), requirement="create.one"),
        given=Given(api_key=KEY),
        max_requests=40,
        concurrency=1,
    )

    assert ended.verdict.exit_code == 3
    assert ended.requests.total <= 40
    assert deployment.records == {"tasks": {}}


def test_a_host_elsewhere_is_not_written_to(journals: Path) -> None:
    deployment = Miniature()

    ended = run(
        deployment,
        journals,
        check(passes),
        check(creates, "create.two", scopes=frozenset({"write"})),
        url="https://shop.example.com",
    )

    assert {line.split()[0] for line in deployment.requests} == {"GET", "OPTIONS"}
    assert ended.profile.name == "full, read-only"
    assert [result.outcome for result in ended.results] == [Outcome.passed, Outcome.skipped]


def test_a_host_elsewhere_is_written_to_when_that_is_allowed(journals: Path) -> None:
    ended = run(
        Miniature(),
        journals,
        check(creates, scopes=frozenset({"write"})),
        url="https://shop.example.com",
        allow_writes=True,
    )

    assert ended.results[0].outcome is Outcome.passed


def test_what_cannot_be_deleted_is_left_over_and_exits_5(journals: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response | None:
        return problem(500, "INTERNAL_ERROR") if request.method == "DELETE" else None

    ended = run(Miniature(before=refuse), journals, check(creates), given=Given(api_key=KEY))

    assert ended.leftovers == (Leftover("record", "tasks", "tsk_1", "DELETE answered 500"),)
    assert ended.verdict.exit_code == 5
    assert len(list(journals.iterdir())) == 1


def test_what_a_refused_creation_made_all_the_same_is_found_and_deleted(journals: Path) -> None:
    deployment = Miniature()

    def store_and_refuse(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and request.url.path.endswith("/tasks"):
            deployment.store("tasks", json.loads(request.content), "ada")
            return problem(500, "INTERNAL_ERROR")
        return None

    deployment.before = store_and_refuse
    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY))

    assert deployment.records == {"tasks": {}}
    assert ended.leftovers == ()


def test_what_a_deletion_only_pretended_to_delete_is_left_over(journals: Path) -> None:
    def pretend(request: httpx.Request) -> httpx.Response | None:
        return data(200, None) if request.method == "DELETE" else None

    ended = run(Miniature(before=pretend), journals, check(creates), given=Given(api_key=KEY))

    assert ended.verdict.exit_code == 5


def test_an_interrupted_run_cleans_up_and_exits_130(journals: Path, caplog: pytest.LogCaptureFixture) -> None:
    deployment = Miniature()

    async def stopped() -> Run:
        stop = asyncio.Event()

        async def creates_and_waits(api: Api, entity: Entity) -> None:
            await api.create(entity, {"title": TITLE})
            stop.set()
            await asyncio.Event().wait()

        return await suite.run(
            Settings(BASE, Given(api_key=KEY)),
            journals=journals,
            contract=CONTRACT,
            proofs=(check(creates_and_waits), check(passes, "create.two", after=("create.one",))),
            ledger=LEDGER,
            stop=stop,
            transport=deployment.transport,
        )

    ended = asyncio.run(stopped())
    gc.collect()

    assert ended.verdict.exit_code == 130
    assert [result.message for result in ended.results] == ["the run was interrupted"] * 2
    assert caplog.records == []  # asyncio complains in the log about what nobody waited for
    assert deployment.records == {"tasks": {}}


def test_a_run_that_is_cancelled_cleans_up(journals: Path) -> None:
    deployment = Miniature()

    async def cancelled() -> None:
        began = asyncio.Event()

        async def creates_and_waits(api: Api, entity: Entity) -> None:
            await api.create(entity, {"title": TITLE})
            began.set()
            await asyncio.Event().wait()

        task = asyncio.ensure_future(
            suite.run(
                Settings(BASE, Given(api_key=KEY)),
                journals=journals,
                contract=CONTRACT,
                proofs=(check(creates_and_waits),),
                ledger=LEDGER,
                transport=deployment.transport,
            )
        )
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())

    assert deployment.records == {"tasks": {}}


def test_a_defect_outside_of_any_check_exits_70_and_cleans_up(journals: Path) -> None:
    class Clumsy(suite.Unwatched):
        def finished(self, result: Result) -> None:
            raise ZeroDivisionError(result.requirement)

    deployment = Miniature()

    async def watched() -> Run:
        return await suite.run(
            Settings(BASE, Given(api_key=KEY)),
            journals=journals,
            contract=CONTRACT,
            proofs=(check(creates),),
            ledger=LEDGER,
            watcher=Clumsy(),
            transport=deployment.transport,
        )

    ended = asyncio.run(watched())

    assert ended.verdict.exit_code == 70
    assert "ZeroDivisionError" in ended.verdict.reason
    assert deployment.records == {"tasks": {}}


def test_no_exchange_and_no_result_holds_a_secret(journals: Path) -> None:
    made: list[str] = []

    async def quotes_a_key(api: Api, _: Entity) -> None:
        key = (await api.create_key({"name": "mine", "scopes": ["read"]})).record["key"]
        made.append(key)
        await api.list("tasks", credential=Secret(key))
        raise Violation(f"it shows {key}", expected=KEY, actual=SESSION)

    ended = run(Miniature(), journals, check(quotes_a_key), headers=(("X-Gate", "open-sesame"),))

    assert not any(secret in repr(ended) for secret in (KEY, OTHER, SESSION, "open-sesame", *made))
    assert ended.results[0].expected == "$CONFORMANCE_API_KEY"


def test_entities_are_those_that_the_deployment_answers_to(journals: Path) -> None:
    deployment = Miniature(records={"tasks": {}, "orders": {}})

    ended = run(deployment, journals, check(passes))

    assert ended.profile.entities == ("tasks", "orders")


def test_an_entity_of_the_deployments_own_can_be_added(journals: Path) -> None:
    deployment = Miniature(records={"tasks": {}, "notes": {}})

    ended = run(deployment, journals, check(creates), entities=("notes",))

    assert results(ended) == [("create.one", "notes", Outcome.passed, "It holds.")]
    assert ended.profile.name == "full, selected"


def test_an_entity_that_is_not_there_is_misuse(journals: Path) -> None:
    with pytest.raises(Misuse, match="--entity notes: the deployment has no such entity"):
        run(Miniature(), journals, entities=("notes",))


def test_an_unknown_requirement_is_misuse_before_anything_is_sent(journals: Path) -> None:
    deployment = Miniature()

    with pytest.raises(Misuse, match=r"did you mean create\.one\?"):
        run(deployment, journals, only=("create.on",))

    assert deployment.requests == []


def test_a_run_tells_when_how_and_against_what(journals: Path) -> None:
    ended = run(Miniature(), journals, seed=7)

    assert (ended.target, ended.seed, ended.contract_sha256) == (BASE, 7, CONTRACT.sha256)
    assert ended.started_at.endswith("Z")
    assert ended.requests.total == len(ended.exchanges)


def test_text_generation_that_is_not_there_is_out_of_scope(journals: Path) -> None:
    ended = run(Miniature(), journals, check(passes), check(passes, "create.two", needs=frozenset({"ai"})))

    assert ended.profile.out_of_scope == (("create.two", "the deployment has no text generation"),)


def test_text_generation_is_not_asked_for_when_it_is_skipped(journals: Path) -> None:
    deployment = Miniature()

    run(deployment, journals, skip_ai=True)

    assert not any("/ai/" in line for line in deployment.requests)


def test_every_chapter_has_checks_and_every_check_its_sentence() -> None:
    assert {check.chapter for check in suite.checks()} == set(ledger.CHAPTERS)
    assert all(check.sentence.endswith(".") for check in suite.checks())
