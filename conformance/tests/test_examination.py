"""`conformance doctor`: what is told of a deployment before a run, and by how few requests.

It is long because each thing that it tells, and each reason to ask no more, has a test of its own.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from entity_conformance.commands import doctor
from entity_conformance.commands.cli import command_line
from entity_conformance.deployment.problems import RequestCount
from entity_conformance.deployment.settings import Given, Misuse, Settings
from entity_conformance.deployment.waiting import started
from entity_conformance.suite import run as suite
from entity_conformance.suite.examination import Examination, Found, examine, lines, verdict

from conformance.tests.miniature import BASE, CONTRACT, KEY, OTHER, SESSION, Miniature, problem

READER = "sk_test_the_read_only_key_of_ada"


def examined(deployment: Miniature, folder: Path, given: Given | None = None, **settings: Any) -> Examination:
    settings = {"url": BASE, "given": given if given is not None else Given(api_key=KEY), **settings}
    return asyncio.run(
        examine(
            Settings(**settings),
            journals=folder,
            contract=CONTRACT,
            transport=deployment.transport,
            sleep=deployment.sleep,
        )
    )


def said(of: Examination, about: str) -> list[tuple[str, str]]:
    return [(one.state, one.said) for one in of.found if one.about == about]


def with_a_record(*users: str) -> Miniature:
    deployment = Miniature()
    deployment.owners[READER] = "ada"
    for user in users:
        deployment.store("tasks", {"title": "There before"}, user)
    return deployment


def test_what_is_looked_at_in_order(tmp_path: Path) -> None:
    found = examined(with_a_record("ada"), tmp_path)

    assert list(dict.fromkeys(one.about for one in found.found)) == [
        "reachable",
        "tls",
        "api",
        "health",
        "clock",
        "api-key",
        "entity",
        "answers",
        "out of scope",
        "run",
    ]
    assert found.exit_code == 0


def listing(answer: dict[str, object]) -> Miniature:
    """A deployment that lists tasks so, whoever asks with a key that is known."""
    deployment = with_a_record("ada")

    def answered(request: httpx.Request) -> httpx.Response | None:
        is_list = request.url.path == "/api/v1/tasks" and request.method == "GET"
        is_known = request.headers.get("authorization", "").removeprefix("Bearer ") in deployment.owners
        return httpx.Response(200, json={"success": True, **answer}) if is_list and is_known else None

    deployment.before = answered
    return deployment


def test_what_the_answers_break_already_is_told(tmp_path: Path) -> None:
    answer = {"data": {"items": [{"id": "tsk_1"}]}, "pagination": {"page": 1, "limit": 20, "total": 1}}
    found = examined(listing(answer), tmp_path)

    ((state, told),) = said(found, "answers")
    assert state == "warning"
    assert told.startswith("those so far break")
    assert "list.returns-envelope" in told
    assert "data.items in place of data" in told
    assert found.exit_code == 0


@pytest.mark.parametrize("pagination", [{}, {"total": None}, {"total": "many"}, {"size": 20}, None, 7])
def test_a_list_that_tells_no_number_of_records_is_looked_at_all_the_same(tmp_path: Path, pagination: object) -> None:
    found = examined(listing({"data": [{"id": "tsk_1"}], "pagination": pagination}), tmp_path)

    assert said(found, "entity")[0] == ("ok", "tasks: list, create, read, update, delete, metadata")
    assert found.exit_code == 0


def test_a_session_unlocks_no_keys_where_there_are_none(tmp_path: Path) -> None:
    deployment = with_a_record("ada")
    given = Given(api_key=KEY, session=SESSION)
    making = examined(deployment, tmp_path, given)

    deployment.before = lambda request: problem(404, "NOT_FOUND") if request.url.path == "/api/v1/keys" else None
    without = examined(deployment, tmp_path, given)

    why = "the deployment makes no API keys: GET /keys answers 404 (--keys-path says where they are)"
    assert why in " ".join(told for _, told in said(without, "out of scope"))
    unlocked = [int(said(one, "session")[0][1].rpartition("unlocks ")[2].split()[0]) for one in (making, without)]
    assert unlocked[1] < unlocked[0]


def test_an_entity_that_nobody_is_told_of_is_named_with_the_nearest(tmp_path: Path) -> None:
    deployment = with_a_record("ada")
    settings = Settings(BASE, entities=("Taks",))
    run = suite.run(settings, journals=tmp_path, contract=CONTRACT, transport=deployment.transport)

    said_of_it = asyncio.run(run).verdict.reason

    assert said_of_it.endswith("has no entity that could be tested of Taks; did you mean tasks?")
    found = examined(deployment, tmp_path, Given(), entities=("Taks",))
    assert said(found, "entity") == [("failed", "there is no entity that could be tested; did you mean tasks?")]
    assert found.exit_code == 4


def test_nothing_but_reads_and_few_of_them_are_sent(tmp_path: Path) -> None:
    deployment = with_a_record("ada", "bob")
    given = Given(api_key=KEY, session=SESSION, other_api_key=OTHER, read_key=READER)

    found = examined(deployment, tmp_path, given)

    assert {one.partition(" ")[0] for one in deployment.requests} <= {"GET", "OPTIONS"}
    assert found.requests.total == len(deployment.requests) <= 5 + 2 * len(CONTRACT.entities) + 2 * 4
    assert list(tmp_path.iterdir()) == []


def test_whose_a_credential_is(tmp_path: Path) -> None:
    given = Given(api_key=KEY, session=SESSION, other_api_key=OTHER)

    found = examined(with_a_record("ada", "bob"), tmp_path, given)

    assert "the same user as the API key" in said(found, "session")[0][1]
    assert "another user than the API key" in said(found, "other-api-key")[0][1]


def test_ids_in_another_spelling_tell_whose_a_credential_is_and_show_who_is_there(tmp_path: Path) -> None:
    deployment = Miniature()
    for user in ("ada", "bob"):
        deployment.store("tasks", {"title": "There before"}, user)

    def respelled(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/api/v1/users":
            return httpx.Response(200, json={"success": True, "data": [{"_id": "usr_1", "name": "Ada"}]})
        if request.url.path != "/api/v1/tasks" or request.method != "GET":
            return None
        user = deployment.owners.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        found = {"_id": f"tsk_{user}", "title": "There before"}
        return None if user is None else httpx.Response(200, json={"success": True, "data": [found]})

    deployment.before = respelled
    found = examined(deployment, tmp_path, Given(api_key=KEY, other_api_key=OTHER))

    assert "another user than the API key" in said(found, "other-api-key")[0][1]
    assert "no users to relate" not in " ".join(told for _, told in said(found, "out of scope"))


def test_that_nothing_shows_whose_it_is_is_said(tmp_path: Path) -> None:
    found = examined(Miniature(), tmp_path, Given(api_key=KEY, session=SESSION))

    assert "nothing shows whose it is" in said(found, "session")[0][1]
    assert found.exit_code == 0


def test_a_session_of_another_user_fits_no_run(tmp_path: Path) -> None:
    found = examined(with_a_record("ada", "bob"), tmp_path, Given(api_key=OTHER, session=SESSION))

    assert "another user than the API key, whose records it does not see" in said(found, "session")[0][1]
    assert found.exit_code == 2


def test_scopes_are_those_of_the_metadata(tmp_path: Path) -> None:
    deployment = with_a_record("ada")

    found = examined(deployment, tmp_path, Given(api_key=KEY, read_key=READER, write_key=KEY))

    assert said(found, "api-key")[0][1].startswith("valid; scopes read, write, delete; no limit is told; unlocks ")
    assert said(found, "read-key")[0][1].startswith("valid; scopes read; the same user as the API key")
    assert said(found, "write-key")[0][0] == "failed"
    assert found.exit_code == 2


def test_what_a_limit_leaves_is_told(tmp_path: Path) -> None:
    deployment = with_a_record("ada")
    limits = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "955", "X-RateLimit-Reset": "1736940600"}
    routed = deployment.answer

    def limited(request: httpx.Request) -> httpx.Response:
        response = routed(request)
        response.headers.update(limits)
        return response

    deployment.answer = limited  # type: ignore[method-assign]

    found = examined(deployment, tmp_path)

    assert "955 of 1,000 requests left, reset in 60 min" in said(found, "api-key")[0][1]


def test_a_key_that_is_refused_is_exit_4_and_the_session_looks_on(tmp_path: Path) -> None:
    found = examined(with_a_record("ada"), tmp_path, Given(api_key="sk_test_unknown", session=SESSION))

    assert said(found, "api-key") == [("failed", 'refused: 401 UNAUTHORIZED, "No."')]
    assert ("ok", "tasks: list, create, read, update, delete, metadata, 1 record") in said(found, "entity")
    assert found.exit_code == 4


@pytest.mark.parametrize(("key", "state", "code"), [(OTHER, "failed", 2), ("sk_test_unknown", "warning", 0)])
def test_a_key_that_is_to_have_expired(key: str, state: str, code: int, tmp_path: Path) -> None:
    found = examined(Miniature(), tmp_path, Given(api_key=KEY, expired_key=key))

    assert (said(found, "expired-key")[0][0], found.exit_code) == (state, code)


def test_what_another_credential_would_bring_in_is_told(tmp_path: Path) -> None:
    told = said(examined(Miniature(), tmp_path), "out of scope")

    assert any(text.startswith("--session would bring in ") for _, text in told)
    assert any(text.endswith(": no session was given (--session)") for _, text in told)
    assert all(text.split()[0] not in {"--api-key", "0"} for _, text in told)


def test_without_credentials_that_is_told(tmp_path: Path) -> None:
    found = examined(Miniature(), tmp_path, Given())

    assert said(found, "credentials") == [
        ("warning", "none was given: only what needs none could be tested (--api-key)")
    ]
    assert found.exit_code == 0


def test_what_is_not_there_is_exit_4(tmp_path: Path) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        message = "refused"
        raise httpx.ConnectError(message) from ConnectionRefusedError()

    found = examined(Miniature(before=refuse), tmp_path)

    assert [(one.about, one.exit_code) for one in found.found] == [("reachable", 4)]
    assert found.found[0].said.endswith("the connection was refused; give it time to start (--wait)")


def test_another_api_is_exit_4(tmp_path: Path) -> None:
    def page(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text="<html>Shop</html>", headers={"Content-Type": "text/html"})

    found = examined(Miniature(before=page), tmp_path)

    assert (found.found[-1].about, found.found[-1].state, found.exit_code) == ("api", "failed", 4)


def test_an_entity_that_is_not_there_is_exit_2(tmp_path: Path) -> None:
    found = examined(Miniature(), tmp_path, entities=("tsks",))

    assert said(found, "entity") == [("failed", "--entity tsks: there is no such entity; did you mean tasks?")]
    assert found.exit_code == 2


def test_too_few_requests_left_is_exit_3(tmp_path: Path) -> None:
    deployment = with_a_record("ada")
    routed, left = deployment.answer, [40]

    def limited(request: httpx.Request) -> httpx.Response:
        response = routed(request)
        left[0] -= 1
        limits = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": str(left[0]), "X-RateLimit-Reset": "1736940600"}
        response.headers.update(limits)
        return response

    deployment.answer = limited  # type: ignore[method-assign]

    found = examined(deployment, tmp_path)

    assert found.exit_code == 3
    assert "MUSTs left out: does not fit the limit of the API key" in said(found, "run")[0][1]


def limiting(left: int) -> Miniature:
    """A deployment that lets so many requests by each key through in an hour; 429 is what it answers to others."""
    deployment = with_a_record("ada")
    routed, sent = deployment.answer, Counter[str]()

    def limited(request: httpx.Request) -> httpx.Response:
        key = request.headers.get("authorization", "")
        sent[key] += 1
        rest = left - sent[key]
        response = routed(request) if rest >= 0 else problem(429, "RATE_LIMITED")
        limits = {"X-RateLimit-Limit": str(left), "X-RateLimit-Remaining": str(max(rest, 0))}
        response.headers.update({**limits, "X-RateLimit-Reset": "1736940600"})
        return response

    deployment.answer = limited  # type: ignore[method-assign]
    return deployment


def test_what_a_small_limit_leaves_no_room_for_is_not_asked(tmp_path: Path) -> None:
    found = examined(deployment := limiting(8), tmp_path)

    assert found.exit_code == 3
    warned = [told for state, told in said(found, "entity") if state == "warning"]
    assert warned == ["not looked at, since hardly a request is left of the limit: customers, orders, users"]
    assert sum(one.partition(" ")[2] != "/api/health" for one in deployment.requests) <= 7
    assert "no users" not in " ".join(told for _, told in said(found, "out of scope"))


@pytest.mark.parametrize("left", [0, 1, 2, 3])
def test_a_limit_that_is_used_up_is_exit_3_and_no_word_of_waiting(left: int, tmp_path: Path) -> None:
    found = examined(limiting(left), tmp_path, max_wait=5.0)

    assert found.exit_code == 3
    assert "--max-wait" not in verdict(found)
    assert "none of those that were given is valid" not in " ".join(lines(found))


def test_an_api_that_refuses_everything_by_its_limit_is_reachable(tmp_path: Path) -> None:
    deployment = with_a_record("ada")
    deployment.before = lambda _: problem(429, "RATE_LIMITED")

    found = examined(deployment, tmp_path)

    assert said(found, "reachable") == [("ok", "GET /api/health answered 429")]
    assert said(found, "limit")[0][0] == "failed"
    assert found.exit_code == 3


def test_a_selection_of_nothing_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"--only lst: no such requirement or chapter"):
        examined(Miniature(), tmp_path, only=("lst",))


def test_secrets_are_not_told(tmp_path: Path) -> None:
    def echoes(request: httpx.Request) -> httpx.Response | None:
        return problem(401, "UNAUTHORIZED", key=KEY) if "/keys" in str(request.url) else None

    deployment = Miniature(before=echoes)
    deployment.records["tasks"] = {}

    found = examined(deployment, tmp_path, Given(api_key=KEY, session=SESSION))

    assert not any(secret in one.said for one in found.found for secret in (KEY, SESSION))


@pytest.mark.parametrize(("codes", "weightiest"), [((), 0), ((0, 3), 3), ((3, 2), 2), ((2, 4, 3), 4)])
def test_the_weightiest_code_counts(codes: tuple[int, ...], weightiest: int) -> None:
    found = tuple(Found("a", "failed", "so", code) for code in codes)

    assert Examination(BASE, found, RequestCount(0, 0, 0, 0)).exit_code == weightiest


def test_an_examination_in_lines() -> None:
    found = (Found("tls", "ok", "verified"), Found("api-key", "failed", "refused", 4))
    examination = Examination(BASE, found, RequestCount(1, 1, 0, 0))

    assert list(lines(examination)) == ["ok       tls      verified", "failed   api-key  refused"]
    assert verdict(examination) == "a run could not work: api-key: refused (1 request, exit 4)"


def test_the_command_tells_it_and_returns_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("CONFORMANCE_STATE_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    async def told(settings: Settings, **_: object) -> Examination:
        assert settings.url == BASE
        return Examination(BASE, (Found("api", "ok", "there"),), RequestCount(1, 1, 0, 0))

    monkeypatch.setattr(doctor, "examine", told)

    assert command_line(["doctor", BASE]) == 0
    assert capsys.readouterr().out == (
        f"Looking at {BASE}\nok       api  there\na run could work (1 request, exit 0)\n"
    )


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def waited(before: Callable[[httpx.Request], httpx.Response | None], folder: Path, wait: float) -> tuple[bool, float]:
    clock, deployment = Clock(), Miniature(before=before)
    settings = Settings(BASE, wait=wait)
    work = started(
        settings, journals=folder, contract=CONTRACT, transport=deployment.transport, sleep=clock.sleep, clock=clock
    )
    return asyncio.run(work), clock.now


def test_a_deployment_that_is_there_is_not_waited_for(tmp_path: Path) -> None:
    assert waited(lambda _: None, tmp_path, 30) == (True, 0)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, text="starting"),
        httpx.Response(500, json={"status": "unhealthy"}),
        httpx.Response(404, text="default backend"),
    ],
)
def test_a_gateway_in_front_of_it_is_not_taken_for_it(answer: httpx.Response, tmp_path: Path) -> None:
    answers = [answer, answer, answer]

    is_there, seconds = waited(lambda _: answers.pop() if answers else None, tmp_path, 30)

    assert is_there
    assert 0 < seconds <= 3


def test_what_does_not_start_is_not_waited_for_any_longer(tmp_path: Path) -> None:
    is_there, seconds = waited(lambda _: httpx.Response(502), tmp_path, 7)

    assert not is_there
    assert 6 <= seconds <= 7
