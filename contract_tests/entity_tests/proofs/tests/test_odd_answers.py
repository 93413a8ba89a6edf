"""What a deployment answers is never believed: odd answers are findings or refusals, and never break a run."""

import asyncio
import json
from collections.abc import Callable, Iterable
from itertools import cycle
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Run
from entity_contract import Contract, Entity
from entity_tests.model.command import model
from entity_tests.properties import command as properties

URL = "http://127.0.0.1:5173"
GIVEN = Given(api_key="sk_live_0123456789abcdefghijklmnopqrstuv", session="a-session-token-that-nobody-knows")
PAGE = {"page": 1, "limit": 20, "total": 0, "totalPages": 0, "hasNext": False, "hasPrev": False}
EMPTY = {"success": True, "data": [], "pagination": PAGE}
HUGE = 10**400

ODD = {
    "an empty page": json.dumps(EMPTY),
    "no body": "",
    "HTML": "<html>Welcome</html>",
    "an array": "[1, null]",
    "a number": "5",
    "null": "null",
    "null as data": '{"success": true, "data": null}',
    "no data": '{"success": true}',
    "a text as data": '{"success": true, "data": "x"}',
    "a number as data": '{"success": true, "data": 5, "pagination": "x"}',
    "an array as id": '{"success": true, "data": {"id": []}}',
    "a null as id": '{"success": true, "data": {"id": null, "title": null}}',
    "half a character as id": '{"success": true, "data": {"id": "\\ud800"}}',
    "dots as id": '{"success": true, "data": {"id": ".."}}',
    "nulls in a list": '{"success": true, "data": [null, {"id": 5}, []], "pagination": null}',
    "numbers beyond floats": json.dumps({**EMPTY, "pagination": {**PAGE, "total": HUGE, "totalPages": HUGE}}),
    "an odd record": json.dumps({
        "success": True,
        "data": {"id": "a", "priority": [], "price": HUGE, "createdAt": 5, "updatedAt": "0001-01-01T00:00:00+23:00"},
    }),
    "odd members": '{"success": 1, "data": {}, "error": [], "code": {}, "details": [null]}',
}  # fmt: skip
ODD_HEADERS = {"Date": "Mon, 01 Jan 0001 00:00:00 -0000", "X-RateLimit-Limit": "9" * 5000, "X-RateLimit-Reset": "soon"}


def metadata(entity: Entity) -> dict[str, object]:
    """What OPTIONS rightly tells of an entity."""
    fields: dict[str, dict[str, object]] = {}
    for one in entity.fields:
        facts: dict[str, object] = {"type": one.type, "required": one.required, "generated": one.generated}
        facts |= {"values": list(one.values)} if one.values else {}
        facts |= {"maxLength": one.max_length} if one.max_length is not None else {}
        fields[one.name] = facts
    methods = ["GET", "OPTIONS", *(["POST", "PATCH", "DELETE"] if entity.owned else [])]
    return {"success": True, "data": {"entity": entity.name, "methods": methods, "schema": fields, "relations": {}}}


Answer = Callable[[httpx.Request], httpx.Response]


def odd(contract: Contract, bodies: Iterable[str], *, always: bool = False) -> Answer:
    """A deployment that answers so in turn: always, or but for the OPTIONS and lists that a run begins with."""
    endless = cycle(bodies)

    def answer(request: httpx.Request) -> httpx.Response:
        entity = contract.entity(request.url.path.rpartition("/")[2])
        if not always and entity is not None and request.method == "OPTIONS":
            return httpx.Response(200, json=metadata(entity))
        if not always and entity is not None and request.url.params.get("limit") in ("1", "3", "100"):
            return httpx.Response(200, json=EMPTY)
        headers = {**ODD_HEADERS, "Content-Type": "application/json"}
        return httpx.Response(
            200 if always or request.method != "POST" else 201, headers=headers, content=next(endless)
        )

    return answer


def ask(command: str, contract: Contract, journals: Path, answer: Answer, requests: int) -> Run:
    transport = httpx.MockTransport(answer)
    settings = Settings(URL, GIVEN, max_requests=requests, entities=("tasks",))
    if command == "model":
        return asyncio.run(model(settings, journals=journals, contract=contract, transport=transport))
    return asyncio.run(properties.run(settings, journals=journals, contract=contract, transport=transport))


def broken(ended: Run) -> list[str]:
    return [one.message for one in ended.results if one.outcome is Outcome.broken]


@pytest.mark.parametrize("shape", ODD)
def test_the_model_takes_an_odd_answer_for_a_difference(contract: Contract, tmp_path: Path, shape: str) -> None:
    ended = ask("model", contract, tmp_path, odd(contract, [ODD[shape]]), 40)
    assert broken(ended) == []
    assert ended.verdict.exit_code in (1, 4), ended.verdict


def test_the_checks_of_generated_requests_break_on_no_odd_answer(contract: Contract, tmp_path: Path) -> None:
    ended = ask("properties", contract, tmp_path, odd(contract, ODD.values()), 200)
    assert broken(ended) == []
    assert ended.verdict.exit_code in (1, 4), ended.verdict


@pytest.mark.parametrize("command", [pytest.param("properties", marks=pytest.mark.soak), "model"])
def test_a_deployment_that_answers_everything_alike_breaks_nothing(
    contract: Contract, tmp_path: Path, command: str
) -> None:
    ended = ask(command, contract, tmp_path, odd(contract, [ODD["an empty page"]], always=True), 80)
    assert broken(ended) == []
    assert ended.verdict.exit_code in (1, 4), ended.verdict
