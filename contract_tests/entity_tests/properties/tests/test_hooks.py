"""What is kept of schemathesis' failures."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests
from entity_contract import Contract
from entity_tests.properties import hooks
from entity_tests.properties.adapter import KEY, Adapter, sending_through
from entity_tests.properties.findings import Findings
from entity_tests.properties.generation import Hooks
from entity_tests.properties.records import LiveRecords
from entity_tests.properties.sender import Sender
from entity_tests.properties.tests.in_memory import BASE, Deployment, answered, made
from schemathesis import HookContext, Response
from schemathesis.openapi.checks import EnsureResourceAvailability

NOT_THERE = EnsureResourceAvailability(
    operation="DELETE /v1/tasks/{id}",
    message="The resource is not there",
    created_with="POST /v1/tasks",
    not_available_with="DELETE /v1/tasks/tsk_1",
)
LISTED = answered(200, {"success": True, "data": [{"id": "tsk_1", "title": "plain"}]})


@pytest.mark.parametrize(("listed", "is_judged"), [((), False), ((LISTED,), True)])
def test_an_id_that_nobody_has_is_no_resource_that_was_just_made(
    contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: tuple[Any, ...], *, is_judged: bool
) -> None:
    """A record that no answer shows is not written to: the request goes at a made-up id, and its 404 accuses nobody."""
    reached: list[object] = []

    def is_told_already(*of: object) -> bool:
        reached.append(of)
        return True

    monkeypatch.setattr(hooks, "is_told_already", is_told_already)

    def work(sender: Sender) -> bool:
        adapter = Adapter(sender)
        sender.ask("POST", "/tasks", json={"title": "plain"})
        with sending_through(adapter):
            answer = requests.delete(f"{BASE}/tasks/tsk_1", headers={"Authorization": f"Bearer {KEY}"}, timeout=5)
        live = hooks.LiveHooks(contract, adapter, LiveRecords(contract, sender, (), 0), Findings(), seed=0)
        operation = SimpleNamespace(definition=SimpleNamespace(raw={"operationId": "deleteTask"}))
        case = cast("Any", SimpleNamespace(operation=operation))
        live.filter_failure(HookContext(), NOT_THERE, case, Response.from_requests(answer, verify=False))
        return bool(reached)

    assert Deployment(tmp_path, made("tsk_1"), *listed).does(work) is is_judged


@pytest.mark.parametrize("lacks", [(), ("users",)])
def test_where_no_parent_is_there_a_foreign_key_of_the_document_becomes_one_that_nobody_has(
    contract: Contract, tmp_path: Path, lacks: tuple[str, ...]
) -> None:
    """It may be somebody's, or not: whoever refuses it, as whoever takes it, would be accused."""

    def work(sender: Sender) -> set[object]:
        records = LiveRecords(contract, sender, (), 0)
        entities = tuple(one for one in contract.entities if one.name not in lacks)
        live = Hooks(replace(contract, entities=entities), records, seed=0)
        operation = SimpleNamespace(definition=SimpleNamespace(raw={"operationId": "createTask"}))
        keys = set[object]()
        for _ in range(30):
            body = {"title": "plain", "assigneeId": "usr_xyz789"}
            case = SimpleNamespace(operation=operation, method="POST", path_parameters={}, body=body, meta=None)
            live.before_call(HookContext(operation=cast("Any", operation)), cast("Any", case), {})
            keys.add(case.body["assigneeId"])
        return keys - {records.missing_id}

    assert Deployment(tmp_path).does(work) == set()
