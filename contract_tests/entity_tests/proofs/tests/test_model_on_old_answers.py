"""The state machine where an answer tells what was, or what will not be kept: that answer is at fault, and no other."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Run
from entity_contract import load
from entity_server.variants.variant import Rewrite
from entity_tests.deployments.in_process import URL, GatewayTransport, deployed
from entity_tests.model.command import model


def cached() -> Rewrite:
    """READ shows a record as it was when it was read first."""
    known: dict[str, bytes] = {}

    def rewrite(response: httpx.Response) -> httpx.Response:
        is_read = response.request.method == "GET" and _segments(response) == 2 and response.is_success
        if not is_read:
            return response
        body = json.loads(known.setdefault(str(response.request.url), response.content))
        return _told(response, response.status_code, body)

    return rewrite


def late() -> Rewrite:
    """READ of a whole record does not find it when it is asked first."""
    known: set[str] = set()

    def rewrite(response: httpx.Response) -> httpx.Response:
        is_read = response.request.method == "GET" and _segments(response) == 2 and response.is_success
        if not is_read or response.request.url.query or response.request.url.path in known:
            return response
        known.add(response.request.url.path)
        return _told(response, 404, {"success": False, "error": "Not found", "code": "NOT_FOUND"})

    return rewrite


def in_capitals(method: str) -> Callable[[], Rewrite]:
    """The answer to a write shows a title in capitals, which are not kept."""

    def made() -> Rewrite:
        def rewrite(response: httpx.Response) -> httpx.Response:
            if response.request.method != method or not response.is_success:
                return response
            body = json.loads(response.content)
            return _told(
                response,
                response.status_code,
                {**body, "data": {**body["data"], "title": body["data"]["title"].upper()}},
            )

        return rewrite

    return made


@pytest.mark.parametrize(
    ("rewrite", "requirement"),
    [
        (cached, "model.read"),
        (late, "model.read"),
        (in_capitals("PATCH"), "model.update"),
        (in_capitals("POST"), "model.create"),
    ],
)
def test_only_the_answer_that_is_wrong_is_accused(
    rewrite: Callable[[], Rewrite], requirement: str, tmp_path: Path
) -> None:
    run = asyncio.run(modelled(tmp_path, rewrite()))

    assert {one.requirement for one in run.results if one.outcome is Outcome.failed} == {requirement}
    assert run.verdict.exit_code == 1


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entity_tests.model.live.LATE", 0.0)


async def modelled(journals: Path, rewrite: Rewrite) -> Run:
    async with deployed(load()) as there:
        transport = GatewayTransport(there.gateway(limit="1000000/hour"), [rewrite])
        settings = Settings(URL, there.given, max_requests=250, entities=("tasks",))
        return await model(settings, journals=journals, contract=there.contract, transport=transport)


def _segments(response: httpx.Response) -> int:
    return len(response.request.url.path.removeprefix("/api/v1/").split("/"))


def _told(response: httpx.Response, status: int, body: object) -> httpx.Response:
    kept = [(name, value) for name, value in response.headers.items() if name != "content-length"]
    return httpx.Response(status, headers=kept, json=body, request=response.request)
