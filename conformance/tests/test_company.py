"""A listed value of an enum that a deployment refuses: it is tried in every way once, and another stands for it."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import entity_contract as contract
import httpx
import pytest
from entity_conformance.deployment.api import Api, RunContext, Secret
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.settings import Settings
from entity_conformance.suite import given
from entity_contract import Field

from conformance.tests.miniature import BASE, KEY, Miniature, problem

pytestmark = pytest.mark.anyio

Sent = list[tuple[str, dict[str, object]]]

(TASKS,) = (one for one in contract.load().entities if one.name == "tasks")
OWN = tuple(one for one in TASKS.fields if one.name in {"id", "title", "description"})
STATES, SEALED = Field("state", "enum", values=("new", "open", "shut"), required=True), Field("sealed", "boolean")
NOTES = replace(TASKS, name="notes", fields=(*OWN, STATES, SEALED), relations=(), always=("id", "title"))
PLAIN = replace(TASKS, fields=(*OWN, STATES), relations=(), always=("id", "title"))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def deployment() -> Miniature:
    return Miniature(records={"tasks": {}, "notes": {}})


@pytest.fixture
async def context(deployment: Miniature, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunContext]:
    opened_context, journal = opened(
        Settings(BASE), tmp_path, contract.load(), run="abcdefghi", transport=deployment.transport
    )
    opened_context.wallet.put("api_key", Secret(KEY))
    monkeypatch.setattr(opened_context.wire, "sleep", deployment.sleep)
    async with opened_context.wire:
        yield replace(opened_context, entities=(NOTES, PLAIN))
    journal.close()


def refusing(deployment: Miniature, value: str, *methods: str) -> Sent:
    """Have the deployment refuse a state by the name of its field; what was written with that value."""
    sent: Sent = []

    def refuse(request: httpx.Request) -> httpx.Response | None:
        body = json.loads(request.content or "{}")
        if body.get("state") != value:
            return None
        sent.append((request.method, body))
        return problem(400, "VALIDATION_FAILED", state="is none") if request.method in methods else None

    deployment.before = refuse
    return sent


@pytest.mark.parametrize("value", STATES.values)
async def test_a_value_that_a_group_is_refused_for_is_tried_beside_all_others_and_after_them(
    context: RunContext, deployment: Miniature, value: str
) -> None:
    api, sent = Api(context, "list.total [notes]"), refusing(deployment, value, "POST", "PATCH")

    group = await given.group(api, NOTES)

    created = [body for method, body in sent if method == "POST"]
    assert {body.get("sealed") for body in created} >= {True, False}
    assert any("description" not in body for body in created)
    assert len([body for method, body in sent if method == "PATCH"]) >= 2  # from both of the other values
    assert not any(group.word in str(body["title"]) for body in created[len(created) - 1 :])
    assert {*group.values("state")} == {*STATES.values} - {value}


async def test_a_value_is_tried_so_once(context: RunContext, deployment: Miniature) -> None:
    api, sent = Api(context, "list.total [notes]"), refusing(deployment, "shut", "POST", "PATCH")
    await given.group(api, NOTES)
    before = len(sent)

    await given.record(api, NOTES, state="shut")

    assert len(sent) == before + 1


async def test_a_value_that_only_an_update_sets_is_led_to(context: RunContext, deployment: Miniature) -> None:
    api, sent = Api(context, "list.total [notes]"), refusing(deployment, "shut", "POST")

    await given.group(api, NOTES)

    assert [method for method, _ in sent].count("PATCH") == 1


async def test_a_value_that_an_update_refuses_and_no_creation_named_is_created(
    context: RunContext, deployment: Miniature
) -> None:
    api, sent = Api(context, "update.returns-record [notes]"), refusing(deployment, "shut", "PATCH")

    await given.change(api, NOTES)

    assert [method for method, _ in sent] == ["PATCH", "POST"]


@pytest.mark.parametrize("value", STATES.values)
async def test_another_value_stands_for_one_of_tasks(context: RunContext, deployment: Miniature, value: str) -> None:
    api, sent = Api(context, "list.total [tasks]"), refusing(deployment, value, "POST", "PATCH")
    await given.creation(api, PLAIN)
    group = await given.group(api, PLAIN)
    known, before = await given.record(api, PLAIN), len(sent)

    bodies = [await given.body(api, PLAIN) for _ in range(3)]

    assert {*group.values("state"), known["state"]} == {*STATES.values} - {value}
    assert all(body["state"] != value for body in bodies)
    assert len(sent) == before
