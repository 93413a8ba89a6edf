"""What the machine may write to on a deployment of others."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from entity_conformance.oracle.messages import Request
from entity_tests.model.live import Live
from entity_tests.properties.sender import Sender
from entity_tests.properties.tests.in_memory import Deployment, answered, made

NOT_FOUND = answered(404, {"success": False, "error": "Not found", "code": "NOT_FOUND"})
NOTHING = answered(200, {"success": True, "data": []})


def test_what_went_with_its_parent_is_not_written_to(tmp_path: Path) -> None:
    def work(sender: Sender) -> int:
        live = Live(sender._blocking, ())  # as the worker thread of a run has it
        live.send(Request("POST", "/tasks", "api_key", body={"title": "plain"}))
        return live.send(Request("DELETE", "/tasks/tsk_1", "api_key")).status

    def missing(_: httpx.Request) -> httpx.Response:
        return NOT_FOUND

    deployment = Deployment(tmp_path, made("tsk_1"), missing, NOTHING, missing, missing)

    assert deployment.does(work) == 404
    written = [request.url.path for request in deployment.requests if request.method == "DELETE"]
    assert written == [f"/api/v1/tasks/conformance-{deployment.context.run}-missing"]


def test_a_list_waits_once_after_a_write_until_it_shows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("entity_tests.model.live.time.sleep", waited.append)

    def work(sender: Sender) -> list[float]:
        blocking = sender._blocking
        blocking.context = replace(blocking.context, settle=0.5)
        live = Live(blocking, ())
        live.send(Request("GET", "/tasks", "api_key"))
        live.send(Request("POST", "/tasks", "api_key", body={"title": "plain"}))
        live.send(Request("GET", "/tasks/tsk_1", "api_key"))
        assert waited == []
        live.send(Request("GET", "/tasks", "api_key"))
        live.send(Request("GET", "/tasks", "api_key"))
        return waited

    assert Deployment(tmp_path, NOTHING, made("tsk_1"), NOTHING, NOTHING, NOTHING).does(work) == [0.5]
