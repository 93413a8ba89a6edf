"""What a run finds out and arranges before its first check.

It is long because preparation is where each way ends that no check can be blamed for: it is told, and has an exit code.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.settings import Given, Misuse, Sample
from entity_conformance.deployment.spelling import Spelling
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.suite import given
from entity_contract import Entity

from conformance.tests.miniature import BASE, KEY, OTHER, SESSION, TASK_SCHEMA, Miniature, data, problem
from conformance.tests.running import check, creates, passes, results, run


def test_the_keys_that_a_run_needs_have_one_scope_each(journals: Path) -> None:
    deployment = Miniature()
    seen: dict[str, object] = {}

    async def look(api: Api, _: Entity) -> None:
        for name in ("read_key", "write_key", "delete_key", "expired_key"):
            assert api.has(name)
        seen.update({str(key["name"]).split()[-1]: key["scopes"] for key in deployment.keys.values()})

    assert run(deployment, journals, check(look)).verdict.exit_code == 0
    assert seen == {"read_key": ["read"], "write_key": ["write"], "delete_key": ["delete"], "expired_key": ["read"]}


def test_where_every_key_has_to_expire_the_keys_that_a_run_needs_do(journals: Path) -> None:
    def wants_an_expiry(request: httpx.Request) -> httpx.Response | None:
        is_for_ever = (
            request.method == "POST" and request.url.path.endswith("/keys") and b"expiresAt" not in request.content
        )
        return problem(400, "VALIDATION_FAILED", expiresAt="Is required") if is_for_ever else None

    ended = run(Miniature(before=wants_an_expiry), journals, check(passes, needs=frozenset({"read_key", "delete_key"})))

    assert results(ended) == [("create.one", "tasks", Outcome.passed, "It holds.")]


def test_an_expiring_key_was_good_once_and_is_not_when_its_checks_come(journals: Path) -> None:
    async def is_expired(api: Api, _: Entity) -> None:
        reply = await api.list("tasks", credential="expired_key")
        if reply.code != "EXPIRED_KEY":
            raise Violation("the key is good")

    ended = run(Miniature(), journals, check(is_expired, needs=frozenset({"expired_key"})))

    assert ended.verdict.exit_code == 0


class _WithoutDate(Miniature):
    """Its clock is behind, which no answer tells but by what it dates."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        response = super().answer(request)
        del response.headers["Date"]
        return response


def test_a_key_expires_by_the_clock_of_a_deployment_that_sends_no_date(journals: Path) -> None:
    began = datetime.now(UTC) - timedelta(seconds=100)
    deployment = _WithoutDate(now=began)

    async def is_expired(api: Api, _: Entity) -> None:
        reply = await api.list("tasks", credential="expired_key")
        if reply.code != "EXPIRED_KEY":
            raise Violation("the key is good")

    ended = run(deployment, journals, check(is_expired, needs=frozenset({"expired_key"})))

    assert ended.verdict.exit_code == 0
    assert deployment.now - began < timedelta(seconds=10)


def test_where_no_key_ends_so_soon_an_expired_one_is_out_of_scope(journals: Path) -> None:
    def wants_a_day(request: httpx.Request) -> httpx.Response | None:
        is_expiring = b"expiresAt" in request.content and request.url.path.endswith("/keys")
        return problem(400, "VALIDATION_FAILED", expiresAt="Is too early") if is_expiring else None

    ended = run(Miniature(before=wants_a_day), journals, check(passes, needs=frozenset({"expired_key"})))

    reason = "the deployment makes no key that expires within 15 s"
    assert results(ended) == [("create.one", None, Outcome.skipped, reason)]


def test_a_session_of_somebody_else_is_misuse(journals: Path) -> None:
    deployment = Miniature(owners={KEY: "bob", OTHER: "ada"})

    with pytest.raises(Misuse, match="session and API key belong to different users"):
        run(deployment, journals)

    assert deployment.records == {"tasks": {}}


def test_a_record_that_not_even_its_maker_reads_tells_nothing_of_the_session(journals: Path) -> None:
    def late(request: httpx.Request) -> httpx.Response | None:
        return problem(404, "NOT_FOUND") if request.method == "GET" and "/tasks/" in request.url.path else None

    ended = run(Miniature(before=late), journals, check(passes, needs=frozenset({"session"})))

    assert [one.outcome for one in ended.results] == [Outcome.blocked]


def test_a_session_that_cannot_read_is_still_the_same_users_when_it_lists_the_key(journals: Path) -> None:
    def hide(request: httpx.Request) -> httpx.Response | None:
        reads = request.method == "GET" and "/tasks/" in request.url.path
        return problem(404, "NOT_FOUND") if reads and "cookie" in request.headers else None

    deployment = Miniature(before=hide)
    deployment.keys["key_0"] = {"id": "key_0", "name": "mine", "key": KEY, "expiresAt": None}

    assert run(deployment, journals, check(passes, needs=frozenset({"read_key"}))).verdict.exit_code == 0


def test_without_a_session_what_needs_one_is_out_of_scope(journals: Path) -> None:
    needs = check(passes, "create.two", needs=frozenset({"session"}))

    ended = run(Miniature(), journals, check(passes), needs, given=Given(api_key=KEY))

    assert ended.profile.out_of_scope == (("create.two", "no session was given (--session)"),)
    assert ended.verdict.reason == "conforms, profile api-key: 1 requirement out of scope"
    assert results(ended)[-1] == ("create.two", None, Outcome.skipped, "no session was given (--session)")


def without_write(*, refuses: bool) -> Miniature:
    """A deployment whose metadata says that the key may not write; whether it then refuses is told apart."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method == "OPTIONS" and request.url.path.endswith("/tasks"):
            return httpx.Response(200, json={"success": True, "data": described(write=False)})
        return problem(403, "INVALID_SCOPE") if refuses and request.method == "POST" else None

    return Miniature(before=answer)


def described(*, write: bool) -> dict[str, object]:
    return {"entity": "tasks", "schema": TASK_SCHEMA, "relations": {}, "permissions": {"write": write, "delete": True}}


def test_a_scope_that_the_key_lacks_by_word_and_act_is_out_of_scope(journals: Path) -> None:
    ended = run(without_write(refuses=True), journals, check(creates, scopes=frozenset({"write"})))

    assert [(one.outcome, one.message) for one in ended.results] == [
        (Outcome.skipped, "the API key lacks the scope write")
    ]


def test_a_scope_that_only_metadata_denies_stays_in_scope(journals: Path) -> None:
    ended = run(without_write(refuses=False), journals, check(creates, scopes=frozenset({"write"})))

    assert [one.outcome for one in ended.results] == [Outcome.passed]


def test_a_key_that_was_given_needs_no_session(journals: Path) -> None:
    deployment = Miniature(owners={KEY: "ada", "sk_test_read_only_key": "ada"})

    ended = run(
        deployment,
        journals,
        check(passes, needs=frozenset({"read_key"})),
        given=Given(api_key=KEY, read_key="sk_test_read_only_key"),
    )

    assert ended.results[0].outcome is Outcome.passed


READER = "sk_test_read_only_key"


def permitting(*, acts_on_it: bool) -> Miniature:
    """A deployment that says of every key that it may do all; whether the reader's key then may is told apart."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method == "OPTIONS" and request.url.path.endswith("/tasks"):
            says = {**described(write=True), "permissions": {"read": True, "write": True, "delete": True}}
            return httpx.Response(200, json={"success": True, "data": says})
        is_reader = request.headers.get("authorization") == f"Bearer {READER}"
        return None if acts_on_it or not is_reader or request.method == "GET" else problem(403, "INVALID_SCOPE")

    return Miniature(before=answer, owners={KEY: "ada", READER: "ada"})


def test_a_key_that_is_not_what_its_option_says_is_misuse(journals: Path) -> None:
    with pytest.raises(Misuse, match=r"--read-key: the key has delete and write, by its metadata and by what it can"):
        run(permitting(acts_on_it=True), journals, check(passes), given=Given(api_key=KEY, read_key=READER))


def other_key(*, may: tuple[str, ...], says: bool = True) -> Miniature:
    """A deployment whose second user's key has these scopes alone, and whose OPTIONS tells them or nothing."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.headers.get("authorization") != f"Bearer {OTHER}":
            return None
        if request.method == "OPTIONS":
            permissions = {name: name in may for name in ("read", "write", "delete")} if says else {}
            return data(200, {**described(write=True), "permissions": permissions})
        needs = {"GET": "read", "POST": "write", "DELETE": "delete"}.get(request.method)
        return problem(403, "INVALID_SCOPE") if needs not in {None, *may} else None

    return Miniature(before=answer)


@pytest.mark.parametrize(
    ("deployment", "lacks"),
    [
        (other_key(may=("read",)), "delete and write"),
        (other_key(may=("read", "write")), "delete"),
        (other_key(may=("write",)), "delete and read"),
        (other_key(may=("delete",), says=False), "read and write"),
        (other_key(may=("read",), says=False), "delete and write"),
    ],
)
def test_another_users_key_without_all_scopes_is_misuse(journals: Path, deployment: Miniature, lacks: str) -> None:
    with pytest.raises(Misuse, match=rf"^--other-api-key: the key lacks {lacks}; "):
        run(deployment, journals, check(passes))

    assert (deployment.keys, deployment.records) == ({}, {"tasks": {}})


OWN_SECOND = "sk_test_second_key_of_ada_1"


@pytest.mark.parametrize("url", [BASE, "https://shop.example.com/api/v1"])
def test_a_second_key_of_the_same_user_is_no_other_users(journals: Path, url: str) -> None:
    deployment = Miniature(owners={KEY: "ada", OWN_SECOND: "ada"})
    deployment.store("tasks", {"title": "a"}, "ada")
    given = Given(api_key=KEY, session=SESSION, other_api_key=OWN_SECOND)
    deployment.before = lists(OWN_SECOND[:18] + "...")

    with pytest.raises(Misuse, match=r"^--other-api-key: the key is of the session's own user"):
        run(deployment, journals, check(passes), given=given, url=url)

    assert list(deployment.records["tasks"]) == ["tsk_1"]


def lists(*shown: str) -> Callable[[httpx.Request], httpx.Response | None]:
    """A list of keys in which these are shown."""
    keys = [{"id": f"key_{number}", "name": "a key", "key": key} for number, key in enumerate(shown)]
    return lambda request: data(200, keys) if request.method == "GET" and request.url.path.endswith("/keys") else None


@pytest.mark.parametrize(
    "shown", ["sk_test_the_ke...", "sk_test_the_key_of_bob...", "...", "sk_test_the_key_of_ada..."]
)
def test_another_users_key_is_not_taken_for_ones_own_by_its_mask_alone(journals: Path, shown: str) -> None:
    ended = run(Miniature(before=lists(shown)), journals, check(passes))

    assert ended.results[0].outcome is Outcome.passed


@pytest.mark.parametrize("shown", ["sk_test_the_ke...", "sk_test_the_key_of..."])
def test_that_another_user_sees_the_records_is_for_a_check_to_judge(journals: Path, shown: str) -> None:
    deployment = Miniature(before=lists(shown), owners={KEY: "ada", OTHER: "ada"})

    assert run(deployment, journals, check(passes)).results[0].outcome is Outcome.passed


def test_a_scope_that_only_metadata_grants_is_for_a_check_to_judge(journals: Path) -> None:
    ended = run(permitting(acts_on_it=False), journals, check(passes), given=Given(api_key=KEY, read_key=READER))

    assert ended.results[0].outcome is Outcome.passed


def test_keys_that_could_not_be_made_block(journals: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response | None:
        return (
            problem(500, "INTERNAL_ERROR") if request.url.path.endswith("/keys") and request.method == "POST" else None
        )

    ended = run(
        Miniature(before=refuse), journals, check(passes), check(passes, "create.two", needs=frozenset({"read_key"}))
    )

    assert ended.results[1].outcome is Outcome.blocked
    assert "the session could not make a read-only key" in ended.results[1].message


@pytest.mark.parametrize("given", [Given(session=SESSION), Given(session=SESSION, read_key="sk_test_read_only_key")])
def test_a_session_makes_the_api_key_that_was_not_given_and_revokes_it(journals: Path, given: Given) -> None:
    deployment = Miniature(owners={"sk_test_read_only_key": "ada"})
    used: list[str] = []

    async def look(api: Api, entity: Entity) -> None:
        used.append(str(api.context.wallet.get("api_key")))
        await api.create(entity, {"title": "cetuvilov gibifolef plain"})

    ended = run(deployment, journals, check(look, scopes=frozenset({"read", "write"})), given=given)

    assert [one.outcome for one in ended.results] == [Outcome.passed]
    assert len(used) == 1
    assert (deployment.keys, deployment.records) == ({}, {"tasks": {}})
    assert ended.profile.name == "api-key + session"


def test_where_no_keys_are_made_a_session_has_none(journals: Path) -> None:
    deployment = Miniature(before=lambda request: problem(404, "NOT_FOUND") if request.method == "POST" else None)

    ended = run(deployment, journals, check(creates, scopes=frozenset({"write"})), given=Given(session=SESSION))

    assert dict(ended.profile.out_of_scope) == {"create.one": "no API key was given (--api-key)"}


def test_a_run_that_only_reads_makes_no_key(journals: Path) -> None:
    deployment = Miniature()

    run(deployment, journals, given=Given(session=SESSION), url="https://shop.example.com")

    assert not [line for line in deployment.requests if line.startswith("POST")]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_where_no_keys_are_made_what_needs_one_is_out_of_scope(journals: Path, status: int) -> None:
    def refuse(request: httpx.Request) -> httpx.Response | None:
        makes = request.url.path.endswith("/keys") and request.method == "POST"
        return problem(status, "NOT_FOUND") if makes else None

    needs = [
        check(passes, f"create.{name}", needs=frozenset({need}))
        for name, need in (("two", "read_key"), ("three", "keys"))
    ]
    ended = run(Miniature(before=refuse), journals, check(passes), *needs)

    why = f"the deployment makes no API keys: POST /keys answers {status} (--keys-path says where they are)"
    assert dict(ended.profile.out_of_scope) == {
        "create.two": f"{why}, and no --read-key was given",
        "create.three": why,
    }
    assert ended.verdict.exit_code == 0


def test_where_no_keys_are_made_the_path_that_was_asked_is_named(journals: Path) -> None:
    needs = check(passes, "create.two", needs=frozenset({"keys"}))

    ended = run(Miniature(), journals, check(passes), needs, spelling=Spelling("/auth/keys"))

    why = "the deployment makes no API keys: POST /auth/keys answers 404 (--keys-path says where they are)"
    assert dict(ended.profile.out_of_scope) == {"create.two": why}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(200, html="<html>Shop</html>"), "no v1 entity API at http://127.0.0.1:5173/api/v1: GET tasks"),
        (httpx.Response(200, json={"data": "x"}), "no v1 entity API at"),
        (httpx.Response(200, json=[]), "no v1 entity API at"),
        (
            httpx.Response(200, json={"success": True, "data": {"tasks": 3}}),
            "answered 200, application/json without the e",
        ),
        (httpx.Response(404, json={"success": False, "error": "x", "code": "NOT_FOUND"}), "answered 404 NOT_FOUND"),
        (
            httpx.Response(400, json={"success": False, "errors": []}),
            'request: 400, application/json without a code, "{',
        ),
        (httpx.Response(404, text="Not Found"), "no v1 entity API at"),
        (httpx.Response(302, headers={"Location": "/login"}), "it redirects to /login"),
        (httpx.Response(401, json={"success": False, "code": "UNAUTHORIZED"}), "the API key was refused"),
        (httpx.Response(403, json={"success": False, "code": "INVALID_SCOPE"}), "the API key was refused"),
        (
            httpx.Response(429, json={}, headers={"Retry-After": "900"}),
            "does not let the run begin: raise --max-wait (300 s): there is a rate limit",
        ),
    ],
)
def test_what_cannot_be_tested_is_told_and_exits_4(journals: Path, answer: httpx.Response, said: str) -> None:
    def same(_: httpx.Request) -> httpx.Response:
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    ended = run(Miniature(before=same), journals)

    assert (ended.verdict.name, ended.verdict.exit_code) == ("could-not-test", 4)
    assert said in ended.verdict.reason
    assert ended.results == ()


@pytest.mark.parametrize(("lacks", "is_known"), [((), True), (("title",), False), (("createdAt",), False)])
def test_records_of_the_entity_tell_the_api_in_any_envelope(
    journals: Path,
    lacks: tuple[str, ...],
    is_known: bool,  # noqa: FBT001
) -> None:
    """Its health check may be elsewhere: what every task always has, another API does not show by chance."""
    task = dict.fromkeys(("id", "title", "status", "priority", "createdAt", "updatedAt"), "x")
    listed = {"count": 1, "results": [{name: value for name, value in task.items() if name not in lacks}]}

    def answered(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/api/health":
            return httpx.Response(301, headers={"Location": "/api/health/"})
        is_list = (request.method, request.url.path) == ("GET", "/api/v1/tasks")
        return httpx.Response(200, json=listed) if is_list else None

    assert (run(Miniature(before=answered), journals).verdict.exit_code != 4) is is_known


ASKS = "give what it asks for with every request (--header 'Name: value')"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/v1/tasks", "(/api/v1 was added to the URL that was given); did you mean {}/api/v1?"),
        ("/shop/api/v1/tasks/tsk_1", "(/api/v1 was added to the URL that was given); did you mean {}/shop/api/v1?"),
        ("/api/v2/", "(/api/v1 was added to the URL that was given); did you mean {}/api/v1?"),
        ("/apis", "(/api/v1 was added to the URL that was given); did you mean {}/api/v1?"),
        ("/shop/api", "(/api/v1 was added to the URL that was given); did you mean {}/api/v1?"),
        ("/shop/api/v1", 'answered 404 NOT_FOUND, "No."; did you mean {}/api/v1?'),
        ("", f'answered 404 NOT_FOUND, "No."; correct the URL, or {ASKS}'),
    ],
)
def test_a_url_that_is_too_long_is_told_with_a_shorter_one(journals: Path, path: str, said: str) -> None:
    ended = run(Miniature(before=lambda _: problem(404, "NOT_FOUND")), journals, url=f"http://127.0.0.1:5173{path}")

    assert ended.verdict.exit_code == 4
    assert said.replace("{}", "http://127.0.0.1:5173") in ended.verdict.reason


TEAM = {"error": "Include X-Team-Id", "code": "TEAM"}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, {"success": False, **TEAM}, '400 TEAM, "Include X-Team-Id"; ' + ASKS),
        (412, {"message": "Include X-Team-Id"}, f'412, application/json without a code, "Include X-Team-Id"; {ASKS}'),
        (421, "Include X-Team-Id", f'421, text/plain; charset=utf-8, "Include X-Team-Id"; {ASKS}'),
        (401, TEAM, '401 TEAM, "Include X-Team-Id"; give one with all scopes'),
        (403, TEAM, f"give one with all scopes (--api-key), or {ASKS}"),
        (404, TEAM, f'404 TEAM, "Include X-Team-Id"; correct the URL, or {ASKS}'),
    ],
)  # fmt: skip
def test_what_every_request_is_refused_for_is_told_in_the_deployments_words(
    journals: Path, status: int, body: object, said: str
) -> None:
    def same(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=body) if isinstance(body, str) else httpx.Response(status, json=body)

    ended = run(Miniature(before=same), journals)

    assert ended.verdict.exit_code == 4
    assert said in ended.verdict.reason


def test_an_entity_that_cannot_be_read_refuses_no_other_requests(journals: Path) -> None:
    deployment = Miniature(before=lambda request: problem(405, "METHOD_NOT_ALLOWED") if _reads_tasks(request) else None)

    ended = run(deployment, journals)

    assert "refuses every request" not in ended.verdict.reason
    assert any(request.startswith("POST /api/v1/tasks") for request in deployment.requests)


def _reads_tasks(request: httpx.Request) -> bool:
    return request.method == "GET" and request.url.path.startswith("/api/v1/tasks")


def test_a_deployment_that_refuses_a_session_so_is_told_too(journals: Path) -> None:
    def refuses(request: httpx.Request) -> httpx.Response | None:
        return problem(400, "TEAM") if "cookie" in request.headers else None

    ended = run(Miniature(before=refuses), journals, given=Given(session=SESSION))

    assert "refuses every request: 400 TEAM" in ended.verdict.reason


def test_a_list_alone_that_is_refused_is_a_finding(journals: Path) -> None:
    def refuses(request: httpx.Request) -> httpx.Response | None:
        is_list = request.method == "GET" and request.url.path.endswith("/tasks")
        return problem(400, "VALIDATION_FAILED") if is_list else None

    ended = run(Miniature(before=refuses), journals, check(creates), given=Given(api_key=KEY))

    assert [one.outcome for one in ended.results] == [Outcome.passed]


def test_what_a_refusal_echoes_is_redacted(journals: Path) -> None:
    def echoes(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"error": f"bad {request.headers['authorization']}", "code": "BAD"})

    ended = run(Miniature(before=echoes), journals, given=Given(api_key=KEY))

    assert '400 BAD, "bad Bearer $CONFORMANCE_API_KEY"' in ended.verdict.reason


@pytest.mark.parametrize("schema", [None, {"entity": "products", "schema": TASK_SCHEMA}])
def test_an_entity_whose_list_is_not_found_is_absent_whatever_options_says(journals: Path, schema: object) -> None:
    def answer(request: httpx.Request) -> httpx.Response | None:
        is_about = request.method == "OPTIONS" and request.url.path.endswith("/products")
        return httpx.Response(200, json={"success": True, "data": schema}) if is_about else None

    ended = run(Miniature(before=answer), journals)

    assert ended.profile.entities == ("tasks",)
    assert "not there: comments, products, customers, orders, users (LIST answers 404)" in ended.profile.notes


def test_an_entity_that_was_not_asked_for_is_not_said_to_be_missing(journals: Path) -> None:
    ended = run(Miniature(), journals, entities=("tasks",))

    assert not [note for note in ended.profile.notes if note.startswith("not there")]


def test_an_entity_that_is_listed_is_there_whatever_options_says(journals: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response | None:
        return problem(404, "NOT_FOUND") if request.method == "OPTIONS" else None

    deployment = Miniature(before=answer)
    deployment.records["products"] = {}
    ended = run(deployment, journals, given=Given(api_key=KEY))

    assert ended.profile.entities == ("tasks", "products")
    assert "products: OPTIONS answers 404, the contract's schema is used" in ended.profile.notes


@pytest.mark.parametrize(("refuses", "left"), [("list", {"read"}), ("read", {"list"})])
def test_of_an_entity_that_refuses_list_or_read_the_other_is_asked(
    journals: Path, refuses: str, left: set[str]
) -> None:
    described = {"entity": "products", "methods": ["GET", "POST", "OPTIONS"], "schema": TASK_SCHEMA}

    def answer(request: httpx.Request) -> httpx.Response | None:
        path = request.url.path.partition("/products")
        if not path[1] or request.method not in {"GET", "OPTIONS"}:
            return None
        if request.method == "OPTIONS":
            return httpx.Response(200, json={"success": True, "data": described})
        is_refused = bool(path[2]) is (refuses == "read")
        return problem(405, "METHOD_NOT_ALLOWED") if is_refused else None

    deployment = Miniature(before=answer)
    deployment.records["products"] = {}
    ended = run(deployment, journals, given=Given(api_key=KEY))

    assert f"products: {refuses.upper()} answers 405, and is left out" in ended.profile.notes
    asked = {one.requirement for one in ended.results if one.entity == "products"}
    assert not {"list.returns-envelope", "read.returns-record"} & asked - {
        {"list": "list.returns-envelope", "read": "read.returns-record"}[one] for one in left
    }


def test_of_an_entity_of_the_deployments_own_read_is_tried_whatever_else_it_has(journals: Path) -> None:
    described = {"entity": "poles", "methods": ["GET", "POST", "PATCH", "DELETE", "OPTIONS"], "schema": TASK_SCHEMA}

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method == "OPTIONS" and request.url.path.endswith("/poles"):
            return httpx.Response(200, json={"success": True, "data": described})
        is_read = request.method == "GET" and "/poles/" in request.url.path
        return problem(405, "METHOD_NOT_ALLOWED") if is_read else None

    deployment = Miniature(before=answer, records={"tasks": {}, "poles": {}})

    assert "poles: READ answers 405, and is left out" in run(deployment, journals, entities=("poles",)).profile.notes


def unlisted(journals: Path, *names: str) -> Run:
    """A run of those entities where products cannot be listed."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        path = request.url.path
        if request.method == "OPTIONS" and path.endswith(names):
            described = {
                "entity": path.rpartition("/")[2],
                "methods": ["GET", "POST", "OPTIONS"],
                "schema": TASK_SCHEMA,
            }
            return httpx.Response(200, json={"success": True, "data": described})
        is_list = request.method == "GET" and path.endswith("/products")
        return problem(405, "METHOD_NOT_ALLOWED") if is_list else None

    deployment = Miniature(before=answer, records={"tasks": {}, **{name: {} for name in names}})
    return run(deployment, journals, check(passes, needs=frozenset({"expired_key"})), entities=names)


def test_where_nothing_is_listed_a_key_that_expires_is_used_by_the_metadata(journals: Path) -> None:
    assert unlisted(journals, "products").results[0].outcome is Outcome.passed


def test_an_entity_that_cannot_be_listed_does_not_come_first(journals: Path) -> None:
    assert unlisted(journals, "products", "customers").profile.entities == ("customers", "products")


def test_a_list_that_is_malformed_is_a_finding_where_the_health_check_is_right(journals: Path) -> None:
    def spoil(request: httpx.Request) -> httpx.Response | None:
        lists = request.method == "GET" and request.url.path.endswith("/tasks")
        return httpx.Response(200, json={"data": "x"}) if lists else None

    async def lists(api: Api, _: Entity) -> None:
        assert isinstance((await api.list("tasks")).records, tuple)

    ended = run(Miniature(before=spoil), journals, check(lists), given=Given(api_key=KEY))

    assert ended.verdict.exit_code == 1


@pytest.mark.parametrize(
    ("given", "option"),
    [
        (Given(api_key=KEY, session=SESSION, other_api_key="bad-key-0001"), "--other-api-key"),
        (Given(api_key=KEY, session="bad-token"), "--session"),
    ],
)
def test_a_credential_that_is_refused_exits_4(journals: Path, given: Given, option: str) -> None:
    ended = run(Miniature(), journals, given=given)

    assert ended.verdict.exit_code == 4
    assert f"the credential of {option} was refused" in ended.verdict.reason


def test_over_https_the_cookies_other_name_is_tried(journals: Path) -> None:
    def secure(request: httpx.Request) -> httpx.Response | None:
        cookie = request.headers.get("cookie", "")
        return problem(401, "UNAUTHORIZED") if cookie and not cookie.startswith("__Secure-") else None

    ended = run(
        Miniature(before=secure), journals, given=Given(api_key=KEY, session=SESSION), url="https://localhost/api/v1"
    )

    assert ended.verdict.exit_code == 0
    assert "session" in ended.profile.credentials


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


def test_what_others_write_meanwhile_makes_no_other_user_of_a_session(journals: Path) -> None:
    deployment = Miniature()

    def write(_: httpx.Request) -> None:
        deployment.store("tasks", {"title": "somebody else's"}, "ada")

    deployment.before = write
    ended = run(deployment, journals, url="https://shop.example.com")

    assert ended.verdict.exit_code == 0


def test_a_session_of_somebody_else_is_found_without_writing_too(journals: Path) -> None:
    deployment = Miniature(owners={KEY: "bob", OTHER: "ada"})
    deployment.store("tasks", {"title": "bob's"}, "bob")

    with pytest.raises(Misuse, match="session and API key belong to different users"):
        run(deployment, journals, url="https://shop.example.com")


def test_a_host_elsewhere_is_written_to_when_that_is_allowed(journals: Path) -> None:
    ended = run(
        Miniature(),
        journals,
        check(creates, scopes=frozenset({"write"})),
        url="https://shop.example.com",
        allow_writes=True,
    )

    assert ended.results[0].outcome is Outcome.passed


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
    with pytest.raises(Misuse, match="--entity notes: there is no such entity"):
        run(Miniature(), journals, entities=("notes",))


@pytest.mark.parametrize(("others", "expected"), [((), []), (("comments",), ["comments"])])
def test_a_relation_to_what_is_not_there_is_not_expected_where_one_entity_was_named(
    journals: Path, others: tuple[str, ...], expected: list[str]
) -> None:
    found: list[str] = []

    async def notes(_: Api, entity: Entity) -> None:
        found.extend(one.name for one in entity.relations)

    run(Miniature(records={"tasks": {}, **{name: {} for name in others}}), journals, check(notes), entities=("tasks",))

    assert found == expected


def test_text_generation_that_is_not_there_is_out_of_scope(journals: Path) -> None:
    ended = run(Miniature(), journals, check(passes), check(passes, "create.two", needs=frozenset({"ai"})))

    assert ended.profile.out_of_scope == (("create.two", "the deployment has no text generation"),)


def test_text_generation_is_not_asked_for_when_it_is_skipped(journals: Path) -> None:
    deployment = Miniature()

    run(deployment, journals, skip_ai=True)

    assert not any("/ai/" in line for line in deployment.requests)


def taking(sku: str) -> Miniature:
    """A deployment whose tasks need a `sku` that must be this."""
    described = TASK_SCHEMA | {"sku": {"type": "string", "required": True}}

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method == "OPTIONS":
            return data(200, {"entity": "tasks", "schema": described, "relations": {}})
        is_wrong = request.method == "POST" and "/tasks" in request.url.path and sku not in request.content.decode()
        return problem(400, "VALIDATION_FAILED", sku="must be in stock") if is_wrong else None

    return Miniature(before=answer)


def test_a_field_whose_rule_is_not_told_takes_the_users_sample(journals: Path) -> None:
    bodies: list[dict[str, object]] = []

    async def makes(api: Api, entity: Entity) -> None:
        bodies.append(await given.body(api, entity))
        await api.create(entity, bodies[0])

    samples = (Sample("tasks", "sku", "AB-12"),)
    ended = run(taking("AB-12"), journals, check(makes), given=Given(api_key=KEY), samples=samples)

    assert ended.results[0].outcome is Outcome.passed
    assert bodies[0]["sku"] == "AB-12"


def test_a_sample_that_the_deployment_refuses_blocks_and_is_named(journals: Path) -> None:
    async def makes(api: Api, entity: Entity) -> None:
        await api.create(entity, await given.body(api, entity))

    samples = (Sample("tasks", "sku", "XX-1"),)
    ended = run(taking("AB-12"), journals, check(makes), given=Given(api_key=KEY), samples=samples)

    assert ended.results[0].outcome is Outcome.blocked
    assert "the deployment refused --sample tasks.sku=XX-1" in ended.results[0].message
    assert "the deployment refused --sample tasks.sku=XX-1: must be in stock" in ended.profile.notes


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Sample("tasks", "titel", "x"), "--sample tasks.titel: the deployment has no such field; the nearest is"),
        (Sample("taks", "title", "x"), "--sample taks.title: the deployment has no such field; the nearest is"),
        (Sample("tasks", "weight", "heavy"), "--sample tasks.weight: 'heavy' is no number"),
        (Sample("tasks", "weight", "true"), "--sample tasks.weight: 'true' is no number"),
        (Sample("tasks", "weight", "-1"), "--sample tasks.weight=-1: less than 0"),
        (Sample("tasks", "colour", "banana"), "--sample tasks.colour=banana: none of red, green"),
        (Sample("tasks", "id", "foo"), "--sample tasks.id: the server sets it, and no body may name it"),
    ],
)  # fmt: skip
def test_a_sample_of_what_is_not_there_is_wrong_usage(journals: Path, wanted: Sample, said: str) -> None:
    colour = {"type": "enum", "required": True, "values": ["red", "green"]}
    described = TASK_SCHEMA | {"weight": {"type": "number", "required": True, "minimum": 0}, "colour": colour}
    metadata = data(200, {"entity": "tasks", "schema": described, "relations": {}})
    deployment = Miniature(before=lambda request: metadata if request.method == "OPTIONS" else None)

    with pytest.raises(Misuse, match=re.escape(said)):
        run(deployment, journals, given=Given(api_key=KEY), samples=(wanted,))
