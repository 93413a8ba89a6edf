"""What the deployment is asked to change: only what the run made, and the journal hears of it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest
from entity_conformance.deployment.api import Api, Reply, Secret
from entity_conformance.deployment.outgoing import Bounds
from entity_conformance.deployment.ownership import Unsafe
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation

from conformance.tests.scene import Scene

Came = TypeVar("Came")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_run_that_only_reads_sends_no_write(method: str) -> None:
    scene = Scene(is_read_only=True)

    with pytest.raises(OutOfProfile, match="this run only reads"):
        scene.does(lambda api: api.request(method, "/tasks/tsk_1"))

    assert scene.requests == []


def test_a_creation_is_in_the_journal_before_it_is_sent() -> None:
    scene = Scene()
    told_before: list[int] = []

    def answered(request: httpx.Request) -> httpx.Response:
        told_before.append(len(scene.journal.told))
        return scene._answered(request)

    scene.context.wire._transport = httpx.MockTransport(answered)
    scene.does(lambda api: api.create("tasks", {"title": "t"}))

    assert told_before == [1]
    assert scene.journal.told == [("will", "tasks", {"title": "t"}, "own"), ("made", 1, "tsk_1")]


@pytest.mark.parametrize(
    ("status", "content", "told"),
    [
        (201, '{"success": true, "data": {"id": "tsk_1"}}', ("made", 1, "tsk_1")),
        (400, '{"success": false}', ("nothing", 1)),
        (404, "<html>", ("nothing", 1)),
        (500, "<html>", None),
        (201, "<html>", None),
        (200, '{"success": true, "data": []}', None),
    ],
)
def test_the_journal_hears_how_a_creation_ended(status: int, content: str, told: tuple[object, ...] | None) -> None:
    scene = Scene(httpx.Response(status, text=content))

    scene.does(lambda api: api.create("tasks", {}))

    assert scene.journal.told[1:] == ([] if told is None else [told])


def test_a_creation_that_the_budget_did_not_allow_is_none() -> None:
    scene = Scene(bounds=Bounds(max_requests=1))
    scene.does(lambda api: api.list("tasks"))

    with pytest.raises(Blocked, match="budget"):
        scene.does(lambda api: api.create("tasks", {}))

    assert scene.journal.told == [("will", "tasks", {}, "own"), ("unsent", 1)]


@pytest.mark.parametrize(
    ("act", "entity", "owner"),
    [
        (lambda api: api.create("orders", {}), "orders", "own"),
        (lambda api: api.create("tasks", {}, credential="session"), "tasks", "own"),
        (lambda api: api.create("tasks", {}, credential=Secret("mine")), "tasks", "own"),
        (lambda api: api.create_key({}), "keys", "own"),
        (lambda api: api.request("POST", "/api/v1/tasks", content="{"), "tasks", "own"),
    ],
)
def test_the_journal_hears_whose_it_is(act: Callable[[Api], Awaitable[Reply]], entity: str, owner: str) -> None:
    scene = Scene()

    scene.does(act)

    assert (scene.journal.told[0][1], scene.journal.told[0][3]) == (entity, owner)


@pytest.mark.parametrize(
    "act",
    [
        lambda api: api.generate({}),
        lambda api: api.request("POST", "/tasks/tsk_1", json={}),
        lambda api: api.update("tasks", "tsk_1", {}),
    ],
)
def test_what_creates_nothing_is_not_in_the_journal(act: Callable[[Api], Awaitable[Reply]]) -> None:
    scene = Scene()

    scene.does(act)

    assert scene.journal.told == []


@pytest.mark.parametrize(
    ("status", "told"), [(200, [("gone", "tasks", "a b")]), (204, [("gone", "tasks", "a b")]), (404, [])]
)
def test_the_journal_hears_of_a_deletion(status: int, told: list[object]) -> None:
    scene = Scene(httpx.Response(status))

    scene.does(lambda api: api.delete("tasks", "a b"))

    assert scene.journal.told == told


@pytest.mark.parametrize(
    "act",
    [
        lambda api: api.update("tasks", "tsk_of_somebody", {}),
        lambda api: api.delete("tasks", "tsk_of_somebody", credential="none"),
        lambda api: api.request("PUT", "/tasks", json={}),
        lambda api: api.request("DELETE", "/tasks"),
        lambda api: api.request("POST", "/api/health", json={}),
        lambda api: api.delete("users", "tsk_1"),
    ],
)
def test_no_request_may_change_what_the_run_did_not_make(act: Callable[[Api], Awaitable[Reply]]) -> None:
    scene = Scene()

    with pytest.raises(Unsafe):
        scene.does(act)

    assert scene.requests == []


def test_what_ought_to_be_refused_goes_at_an_id_that_nobody_has() -> None:
    scene = Scene(httpx.Response(404, json={"success": False, "error": "Not found", "code": "NOT_FOUND"}))

    for _ in range(2):
        scene.does(lambda api: api.delete("tasks", api.invented("tsk_nobody")))

    assert [request.method for request in scene.requests] == ["GET", "DELETE", "DELETE"]
    assert {request.url.path for request in scene.requests} == {"/api/v1/tasks/tsk_nobody"}


def test_an_id_at_which_a_record_shows_is_somebodys() -> None:
    scene = Scene(httpx.Response(200, json={"success": True, "data": {"id": "tsk_old", "title": "somebody's"}}))

    with pytest.raises(Blocked, match="READ shows a record there"):
        scene.does(lambda api: api.update("tasks", api.invented("tsk_nobody"), {"title": "x"}))

    assert [request.method for request in scene.requests] == ["GET"]


@pytest.mark.parametrize("id_", ["../keys", "a?b", "x" * 300])
def test_an_odd_id_that_a_creation_answers_blocks_and_is_never_asked(id_: str) -> None:
    scene = Scene(httpx.Response(201, json={"success": True, "data": {"id": id_, "title": "conformance-abcdefghi"}}))
    scene.does(lambda api: api.create("tasks", {"title": "conformance-abcdefghi"}))

    with pytest.raises(Blocked, match="is not written to"):
        scene.does(lambda api: api.delete("tasks", id_))

    assert [request.method for request in scene.requests] == ["POST"]


@pytest.mark.parametrize("act", ["PATCH", "DELETE"])
def test_what_a_creation_answers_is_read_before_it_is_written_to(act: str) -> None:
    scene = Scene(httpx.Response(201, json={"success": True, "data": {"id": "tsk_old", "title": "somebody's"}}))
    scene.does(lambda api: api.create("tasks", {"title": "conformance-abcdefghi", "status": "todo"}))
    scene.answer = httpx.Response(200, json={"success": True, "data": {"id": "tsk_old", "title": "somebody's"}})

    with pytest.raises(Blocked, match="neither READ nor LIST shows what its creation wrote"):
        scene.does(lambda api: api.request(act, "/tasks/tsk_old", json={}))

    assert [request.method for request in scene.requests] == ["POST", "GET", "GET"]


def test_what_is_shown_as_it_was_written_is_written_to_and_read_once() -> None:
    record = {"id": "tsk_new", "title": "conformance-abcdefghi"}
    scene = Scene(httpx.Response(200, json={"success": True, "data": record}))
    scene.does(lambda api: api.create("tasks", {"title": "conformance-abcdefghi"}))

    for _ in range(2):
        scene.does(lambda api: api.update("tasks", "tsk_new", {}))

    assert [request.method for request in scene.requests] == ["POST", "GET", "PATCH", "PATCH"]


@pytest.mark.parametrize("id_", [7, None, {"value": "key_1"}])
def test_an_id_that_is_no_text_is_the_deployments_fault_and_is_not_sent(id_: Any) -> None:
    scene = Scene()

    with pytest.raises(Violation, match="an id is not a text"):
        scene.does(lambda api: api.revoke_key(id_))

    assert scene.requests == []
