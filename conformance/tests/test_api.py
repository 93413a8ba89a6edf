"""The deployment in the reference's words: what is sent, what is told to the journal, what is shared."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import httpx
import pytest
from entity_conformance.deployment.api import Api, Credential, Reply, Secret
from entity_conformance.deployment.context import Shared
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation

from conformance.tests.miniature import BASE, CONTRACT
from conformance.tests.scene import Scene

Came = TypeVar("Came")

ROOT = BASE.removesuffix("/api/v1")


@pytest.mark.parametrize(
    ("act", "line"),
    [
        (lambda api: api.list("tasks"), f"GET {BASE}/tasks"),
        (lambda api: api.list(CONTRACT.entities[0], page=2), f"GET {BASE}/tasks?page=2"),
        (lambda api: api.list("tasks", fields=("id", "title")), f"GET {BASE}/tasks?fields=id,title"),
        (lambda api: api.list("tasks", search="a b&c", sort=None), f"GET {BASE}/tasks?search=a%20b%26c"),
        (lambda api: api.list("tasks", filter={"a": True}), f"GET {BASE}/tasks?filter=%7B%22a%22%3A%20true%7D"),
        (lambda api: api.list("tasks", flag=True), f"GET {BASE}/tasks?flag=true"),
        (lambda api: api.list("tasks", params=[("page", "1"), ("page", "2")]), f"GET {BASE}/tasks?page=1&page=2"),
        (lambda api: api.read("tasks", "a/b c", include=["x"]), f"GET {BASE}/tasks/a%2Fb%20c?include=x"),
        (lambda api: api.create("tasks", {}), f"POST {BASE}/tasks"),
        (lambda api: api.update("tasks", "tsk_1", {}), f"PATCH {BASE}/tasks/tsk_1"),
        (lambda api: api.delete("tasks", "tsk_1"), f"DELETE {BASE}/tasks/tsk_1"),
        (lambda api: api.metadata("tasks"), f"OPTIONS {BASE}/tasks"),
        (lambda api: api.list_keys(), f"GET {BASE}/keys"),
        (lambda api: api.create_key({}), f"POST {BASE}/keys"),
        (lambda api: api.revoke_key("key_1"), f"DELETE {BASE}/keys/key_1"),
        (lambda api: api.generate({}), f"POST {BASE}/ai/generate"),
        (lambda api: api.health(), f"GET {ROOT}/api/health"),
        (lambda api: api.request("PUT", "/api/v1/tasks/tsk_1"), f"PUT {BASE}/tasks/tsk_1"),
    ],
)
def test_an_operation_is_a_request(act: Callable[[Api], Awaitable[Reply]], line: str) -> None:
    scene = Scene()

    scene.does(act)

    assert scene.line == line


def test_a_body_is_json_of_its_media_type() -> None:
    scene = Scene()

    scene.does(lambda api: api.create("tasks", {"title": "Grüße"}))

    assert scene.requests[0].headers["content-type"] == "application/json"
    assert scene.requests[0].content == '{"title": "Grüße"}'.encode()


def test_no_two_requests_have_the_same_id_whoever_sends_them() -> None:
    scene = Scene()
    other = Api(scene.context, scene.api.check)

    for _ in range(20):
        scene.does(lambda api: api.read("tasks", "tsk_1"))
        scene.does(lambda _: other.read("tasks", "tsk_1"))

    ids = [given for one in scene.requests if (given := one.headers.get("x-request-id")) is not None]
    assert len(ids) > 10
    assert len(ids) == len({*ids})


def test_half_of_a_surrogate_pair_is_sent_escaped() -> None:
    scene = Scene()

    scene.does(lambda api: api.create("tasks", {"title": "\ud800"}))
    scene.does(lambda api: api.list("tasks", search="\ud800"))

    assert scene.requests[0].content == b'{"title": "\\ud800"}'
    assert str(scene.requests[1].url).endswith("?search=%3F")


def test_null_is_a_body_too() -> None:
    scene = Scene()

    scene.does(lambda api: api.create("tasks", None))

    assert scene.requests[0].content == b"null"


def test_raw_content_is_sent_as_it_is() -> None:
    scene = Scene()

    scene.does(lambda api: api.request("POST", "/tasks", content=b"\xff", headers={"Content-Type": "text/plain"}))

    assert scene.requests[0].content == b"\xff"
    assert scene.requests[0].headers["content-type"] == "text/plain"


def test_a_request_without_a_body_has_no_media_type() -> None:
    scene = Scene()

    scene.does(lambda api: api.list("tasks"))

    assert "content-type" not in scene.requests[0].headers


@pytest.mark.parametrize(
    ("credential", "authorization", "cookie"),
    [
        ("api_key", "Bearer the-key", None),
        ("session", None, "better-auth.session_token=the-token="),
        ("none", None, None),
        (Secret("mine"), "Bearer mine", None),
        (Secret("t", "session", "sid"), None, "sid=t"),
        (("api_key", "session"), "Bearer the-key", "better-auth.session_token=the-token="),
        ((Secret("mine"), "session"), "Bearer mine", "better-auth.session_token=the-token="),
    ],
)
def test_a_credential_is_a_header(credential: Credential, authorization: str | None, cookie: str | None) -> None:
    scene = Scene()

    scene.does(lambda api: api.list("tasks", credential=credential))

    assert scene.requests[0].headers.get("authorization") == authorization
    assert scene.requests[0].headers.get("cookie") == cookie


@pytest.mark.parametrize(
    ("path", "credential", "counted"),
    [
        ("/tasks", "api_key", (1, 0, 0)),
        ("/tasks", "session", (0, 1, 0)),
        ("/tasks", "none", (0, 0, 1)),
        ("/tasks", ("api_key", "session"), (1, 0, 0)),
        ("/keys", ("api_key", "session"), (0, 1, 0)),
    ],
)
def test_a_request_counts_for_the_credential_that_decides(
    path: str, credential: Credential, counted: tuple[int, int, int]
) -> None:
    scene = Scene()

    scene.does(lambda api: api.request("GET", path, credential=credential))

    by = scene.context.wire.counted
    assert (by.key, by.session, by.none) == counted


def test_evidence_names_the_credential_and_the_check() -> None:
    scene = Scene()

    scene.does(lambda api: api.list("tasks", credential=("api_key", Secret("t", "session"))))

    (exchange,) = scene.context.wire.log.exchanges()
    assert (exchange.credential, exchange.check) == ("api_key+made session", "a check")
    assert scene.api.exchanges == [exchange.id]


@pytest.mark.parametrize(
    ("name", "error"), [("other_api_key", OutOfProfile), ("read_key", Blocked), ("delete_key", OutOfProfile)]
)
def test_a_credential_that_is_missing_says_why(name: Any, error: type[Exception]) -> None:
    scene = Scene()

    with pytest.raises(error):
        scene.does(lambda api: api.list("tasks", credential=name))

    assert scene.requests == []


def test_no_answer_leaves_the_creation_open_and_is_evidence() -> None:
    def drop(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone")

    scene = Scene()
    scene.context.wire._transport = httpx.MockTransport(drop)

    with pytest.raises(NoAnswer):
        scene.does(lambda api: api.create("tasks", {}))

    assert [line[0] for line in scene.journal.told] == ["will"]
    assert scene.api.exchanges == ["x1"]


@pytest.mark.parametrize(("title", "told"), [("conformance-abcdefghi", ["will", "late"]), ("a", ["will"])])
def test_a_creation_that_was_too_slow_may_be_under_way_still_and_is_seen_by_its_text(
    title: str, told: list[str]
) -> None:
    def stall(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow")

    scene = Scene()
    scene.context.wire._transport = httpx.MockTransport(stall)

    with pytest.raises(NoAnswer):
        scene.does(lambda api: api.create("tasks", {"title": title}))

    assert [line[0] for line in scene.journal.told] == told


def test_a_creation_that_was_never_sent_made_nothing() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    scene = Scene()
    scene.context.wire._transport = httpx.MockTransport(refuse)

    with pytest.raises(NoAnswer):
        scene.does(lambda api: api.create("tasks", {}))

    assert [line[0] for line in scene.journal.told] == ["will", "unsent"]


def test_what_is_shared_is_made_once_and_is_everybodys_evidence() -> None:
    scene = Scene()
    first, second = Api(scene.context, "first"), Api(scene.context, "second")

    async def both() -> list[str]:
        async def make() -> str:
            return (await first.list("tasks")).exchange

        return list(await asyncio.gather(*(api.once("records", make) for api in (first, second))))

    assert asyncio.run(both()) == ["x1", "x1"]
    assert first.exchanges == second.exchanges == ["x1"]


def test_evidence_does_not_grow_by_what_stands_on_the_same() -> None:
    scene = Scene()
    asker = Api(scene.context, "asker")

    async def records() -> str:
        return (await asker.list("tasks")).exchange

    async def standing_on(depth: int) -> str:
        below = records if depth == 0 else partial(standing_on, depth - 1)
        told = [await asker.once(depth, below) for _ in range(4)]
        return told[-1]

    asyncio.run(standing_on(5))
    told = [one.evidence for one in scene.context.shared._arranged.values()]
    assert told == [("x1",)] * 6


def test_what_could_not_be_arranged_blocks_everybody() -> None:
    shared, calls = Shared(), []

    async def make() -> None:
        calls.append(1)
        raise Violation("the answer is not 201")

    async def twice() -> None:
        for _ in range(2):
            with pytest.raises(Blocked, match="what it stands on could not be arranged: the answer is not 201"):
                await shared.once("records", make, evidence=[])

    asyncio.run(twice())

    assert len(calls) == 1


def test_one_that_gives_up_waiting_does_not_spoil_it_for_others() -> None:
    shared = Shared()

    async def scenario() -> str:
        ready = asyncio.Event()

        async def make() -> str:
            await ready.wait()
            return "made"

        first = asyncio.ensure_future(shared.once("records", make, evidence=[]))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(shared.once("records", make, evidence=[]))
        await asyncio.sleep(0)
        first.cancel()
        ready.set()
        return await second

    assert asyncio.run(scenario()) == "made"


def test_the_run_remembers_every_answer() -> None:
    scene = Scene()

    scene.does(lambda api: api.list("tasks"))

    assert [reply.exchange for reply in Api(scene.context, "another").seen] == ["x1"]
    assert json.loads(scene.api.seen[0].text) == {"success": True, "data": {"id": "tsk_1"}}


def test_a_time_that_a_filter_refuses_as_records_show_it_is_named_as_the_contract_has_it() -> None:
    count, text = 1_767_323_045, "2026-01-02T03:04:05Z"
    records = httpx.Response(200, json={"success": True, "data": [{"id": "tsk_1", "createdAt": count}]})
    refused = httpx.Response(400, json={"success": False, "error": "x", "code": "INVALID_FILTER"})

    class Refusing(Scene):
        def _answered(self, request: httpx.Request) -> httpx.Response:
            super()._answered(request)
            return refused if str(count) in request.url.params.get("filter", "") else records

    async def asks(api: Api) -> None:
        tasks = CONTRACT.entities[0]
        api.context.dialect.learn(tasks, await api.list(tasks))
        await api.list(tasks, limit=2)  # which tells how the time is written
        await api.list(tasks, filter={"createdAt": text})
        await api.list(tasks, filter={"createdAt": text}, page=2)

    scene = Refusing()
    scene.does(asks)

    told = [one.url.params["filter"] for one in scene.requests if "filter" in one.url.params]
    assert told == [f'{{"createdAt": {count}}}', *[f'{{"createdAt": "{text}"}}'] * 2]


@pytest.mark.parametrize(("shown", "later"), [([{"id": "tsk_1"}], "createdAt"), ([], "created_at")])
def test_a_name_that_is_refused_is_the_deployments_where_the_other_selects_nothing(
    shown: list[dict[str, str]], later: str
) -> None:
    record = {"id": "tsk_1", "created_at": "2026-01-02T03:04:05Z"}

    class Refusing(Scene):
        def _answered(self, request: httpx.Request) -> httpx.Response:
            super()._answered(request)
            asked = request.url.params.get("sort")
            if asked == "created_at":
                return httpx.Response(400, json={"success": False, "error": "x", "code": "INVALID_SORT"})
            return httpx.Response(200, json={"success": True, "data": [record] if asked is None else shown})

    async def asks(api: Api) -> None:
        tasks = CONTRACT.entities[0]
        api.context.dialect.learn(tasks, await api.list(tasks))
        api.context.dialect.describes("tasks", {"schema": {name: {} for name in record}})
        await api.list(tasks, sort="createdAt")
        await api.list(tasks, sort="createdAt", page=2)

    scene = Refusing()
    scene.does(asks)

    assert [one.url.params.get("sort") for one in scene.requests][:3] == [None, "created_at", "createdAt"]
    assert scene.requests[3].url.params["sort"] == later


@pytest.mark.parametrize(("status", "waited"), [(201, [0.5]), (400, [])])
def test_a_new_key_has_the_time_that_a_deployment_needs_to_know_it(
    monkeypatch: pytest.MonkeyPatch, status: int, waited: list[float]
) -> None:
    slept: list[float] = []

    async def sleep(_: Api, seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(Api, "sleep", sleep)
    scene = Scene(httpx.Response(status, json={"success": True, "data": {"id": "key_1"}}), settle=0.5)

    scene.does(lambda api: api.create_key({"name": "a"}))

    assert slept == waited
