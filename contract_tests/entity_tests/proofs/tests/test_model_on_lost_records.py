"""The state machine where records are not to be seen: that is a finding, and ends no run."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Run
from entity_contract import load
from entity_server.variants.variant import Rewrite
from entity_tests.deployments.in_process import URL, GatewayTransport, deployed
from entity_tests.model.command import model


def lists_nothing(response: httpx.Response) -> httpx.Response:
    """No list holds a record, and each counts them all the same."""
    return told(response, {"data": []}) if "pagination" in response.text and response.is_success else response


def forgets(response: httpx.Response) -> httpx.Response:
    """No record is found by its id."""
    segments = response.request.url.path.removeprefix("/api/v1/").split("/")
    if response.request.method != "GET" or len(segments) == 1:
        return response
    return told(response, {"success": False, "error": "Not found", "code": "NOT_FOUND"}, status=404)


def told(response: httpx.Response, members: dict[str, object], *, status: int = 0) -> httpx.Response:
    kept = [(name, value) for name, value in response.headers.items() if name != "content-length"]
    body = {**json.loads(response.content), **members} if not status else members
    return httpx.Response(status or response.status_code, headers=kept, json=body, request=response.request)


@pytest.mark.parametrize(("rewrite", "requirement"), [(lists_nothing, "model.select"), (forgets, "model.read")])
def test_records_that_are_not_shown_are_found(rewrite: Rewrite, requirement: str, tmp_path: Path) -> None:
    run = asyncio.run(modelled(tmp_path, rewrite))

    assert requirement in {one.requirement for one in run.results if one.outcome is Outcome.failed}
    assert run.verdict.exit_code == 1


async def modelled(journals: Path, rewrite: Rewrite) -> Run:
    async with deployed(load()) as there:
        transport = GatewayTransport(there.gateway(limit="1000000/hour"), [rewrite])
        settings = Settings(URL, there.given, max_requests=250)
        return await model(settings, journals=journals, contract=there.contract, transport=transport)
