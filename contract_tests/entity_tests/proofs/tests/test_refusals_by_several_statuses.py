"""A deployment that refuses by 400 here and by 422 there, and names what no body named, is judged and ends no run."""

import asyncio
import itertools
import json
from pathlib import Path

import httpx
from entity_conformance.report.verdict import Outcome, Run
from entity_contract import load
from entity_server.variants.variant import Rewrite
from entity_tests.deployments.in_process import deployed

CHECKS = ("create.malformed-json", "update.unknown-field", "update.generated-fields")


def by_turns() -> Rewrite:
    """Every second refusal of a body is a 422 about its `body`."""
    numbers = itertools.count()

    def rewritten(response: httpx.Response) -> httpx.Response:
        is_of_a_body = response.request.method in {"POST", "PATCH"} and response.status_code == 400
        if not is_of_a_body or next(numbers) % 2:
            return response
        kept = [(name, value) for name, value in response.headers.items() if name != "content-length"]
        told = {**json.loads(response.content), "details": {"body": "Must be right"}}
        return httpx.Response(422, headers=kept, json=told, request=response.request)

    return rewritten


def test_it_is_no_defect_of_the_suite(tmp_path: Path) -> None:
    run = asyncio.run(ran(tmp_path))

    assert [one.message for one in run.results if one.outcome is Outcome.broken] == []
    assert {one.outcome for one in run.results if one.requirement == CHECKS[0]} == {Outcome.observed}


async def ran(journals: Path) -> Run:
    async with deployed(load()) as there:
        return await there.run(journals, rewrites=[by_turns()], only=CHECKS)
