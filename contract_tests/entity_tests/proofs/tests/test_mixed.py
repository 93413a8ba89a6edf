"""The run of mixed requests: every kind is drawn, what is wrong is found, and memory is asked for."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import psutil
import pytest
from entity_contract import Contract
from entity_tests.deployments.serving import Served, serving
from entity_tests.proofs.mixed import UNLIMITED, Judge, Seen, missed, run
from entity_tests.proofs.mixed_requests import Asked, Client

KEYS = {"apiKey": "sk_live_1", "readKey": "sk_live_2"}


def answered(served: Served, contract: Contract, requests: int) -> Seen:
    """That many requests to it; whose memory is asked for does not matter."""
    return asyncio.run(run(served, contract, requests, 1, psutil.Process()))


def test_a_right_server_answers_each_as_is_due(folder: Path, contract: Contract) -> None:
    with serving(folder, *UNLIMITED) as served:
        seen = answered(served, contract, 1500)
    assert seen.wrong == []
    assert set(seen.statuses) == {200, 201, 400, 401, 403, 404, 405}


@pytest.mark.parametrize(
    ("fault", "told"),
    [("list.per-page-header-missing", "200 without the headers x-per-page"), ("auth.forbidden", "403 instead of 401")],
)
def test_a_wrong_server_is_found(folder: Path, contract: Contract, fault: str, told: str) -> None:
    with serving(folder, *UNLIMITED, "--fault", fault) as served:
        seen = answered(served, contract, 1500)
    assert seen.wrong
    assert all(told in line for line in seen.wrong)


def test_every_operation_of_an_entity_is_drawn(contract: Contract) -> None:
    client, drawn = Client(contract, KEYS, random.Random(1)), Counter[str]()
    for number in range(5000):
        asked = client.next()
        client.happened(asked, {"data": {"id": f"id_{number}"}})
        drawn[asked.operation.id if asked.operation else "none"] += 1
    owned = {entity.name for entity in contract.entities if entity.owned}
    assert {one.id for one in contract.operations if one.entity in owned} <= drawn.keys()
    assert max(len(ids) for ids in client.own.values()) <= 61


def test_growth_above_the_bound_is_missed() -> None:
    seen = Seen(Counter({200: 20_000}), memory={10_000: 100, 20_000: 131})
    assert missed(seen) == ["the memory is 1.31 times that at 10000 requests, 1.3 at most wanted"]


def test_a_run_too_short_to_tell_is_missed() -> None:
    assert missed(Seen(Counter({200: 10}), memory={10: 1})) == [
        "fewer than 10000 answers came: nothing is known of the memory"
    ]


def test_an_answer_of_5xx_is_missed() -> None:
    seen = Seen(Counter({200: 20_000, 503: 2}), memory={10_000: 100, 20_002: 100})
    assert missed(seen) == ["2 answers of 5xx"]


def test_an_answer_that_is_not_as_the_document_says_is_wrong(contract: Contract) -> None:
    operation = contract.operation("getTask")
    response = operation.response(200)
    assert response is not None
    judge, asked = Judge(contract), Asked("GET", "/tasks/1", 200, operation)
    headers = {one.name.lower(): "1" for one in response.headers}
    assert judge.wrong(asked, 200, headers, {"success": True, "data": {"id": "1", "title": "x"}}) is None
    assert judge.wrong(asked, 500, headers, {}) == "500 instead of 200: {}"
    assert judge.wrong(asked, 200, {}, {}) == "200 without the headers " + ", ".join(headers)
    told = judge.wrong(asked, 200, headers, {"success": True, "data": {"id": 1}})
    assert told is not None
    assert told.startswith("200: 1 is not of type")
