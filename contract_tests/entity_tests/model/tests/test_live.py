"""What the machine may write to on a deployment of others."""

from pathlib import Path

import httpx
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
