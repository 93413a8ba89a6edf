"""A run that only reads looks at records which others change meanwhile, and accuses nobody of that."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Run
from entity_contract import load
from entity_server.variants.variant import Rewrite
from entity_tests.deployments.in_process import URL, deployed

CHECK = "select.no-fields-is-all"


def without(*names: str) -> Rewrite:
    """READ leaves these out, as where somebody emptied them and nulls are left out."""

    def rewritten(response: httpx.Response) -> httpx.Response:
        segments = response.request.url.path.removeprefix("/api/v1/").split("/")
        if response.request.method != "GET" or len(segments) == 1 or not response.is_success:
            return response
        body = json.loads(response.content)
        data = {name: value for name, value in body["data"].items() if name not in names}
        kept = [(name, value) for name, value in response.headers.items() if name != "content-length"]
        return httpx.Response(200, headers=kept, json={**body, "data": data}, request=response.request)

    return rewritten


@pytest.mark.parametrize(
    ("names", "outcome"),
    [
        (("description", "assigneeId"), Outcome.passed),
        (("title", "status", "createdAt"), Outcome.warned),
    ],
)
def test_only_what_no_change_can_take_away_must_be_there(
    names: tuple[str, ...], outcome: Outcome, tmp_path: Path
) -> None:
    run = asyncio.run(ran(tmp_path, without(*names)))

    assert [one.outcome for one in run.results if one.requirement == CHECK] == [outcome]


async def ran(journals: Path, rewrite: Rewrite) -> Run:
    async with deployed(load()) as there:
        settings = Settings(URL, there.given, read_only=True)
        return await there.run(journals, rewrites=[rewrite], settings=settings, only=(CHECK,))
