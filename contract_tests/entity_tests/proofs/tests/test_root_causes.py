"""One fault, one accusation: what has one cause is told as one cause, under few requirements, by both rooms."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.causes import causes
from entity_conformance.report.verdict import Outcome, Run
from entity_contract import load
from entity_server.faults import chosen
from entity_server.variants.variant import Rewrite
from entity_tests.deployments.in_process import URL, GatewayTransport, deployed
from entity_tests.model.command import model
from entity_tests.properties import command as properties

FEW = 2
"""Requirements that one fault may fail."""


@dataclass(frozen=True, slots=True)
class Some:
    """How much of the property tests is run."""

    requests: int
    only: tuple[str, ...] = ()


ALL = Some(150)
SOME = Some(100, ("*Task*", "*Comment*"))
"""Operations of two entities: what they share is one cause, and more entities cost more requests."""


def with_json(response: httpx.Response, body: object) -> httpx.Response:
    kept = [(name, value) for name, value in response.headers.items() if name != "content-length"]
    return httpx.Response(response.status_code, headers=kept, json=body, request=response.request)


def gateway(status: int) -> Rewrite:
    """Whatever stands in front answers OPTIONS itself."""

    def change(response: httpx.Response) -> httpx.Response:
        named = {name: response.headers[name] for name in ("X-Request-ID",) if name in response.headers}
        answer = httpx.Response(status, headers=named, request=response.request)
        return answer if response.request.method == "OPTIONS" else response

    return change


def whole_numbers() -> Rewrite:
    """The id of what is created is told as a number, everywhere; those of the records that were there are not."""
    made: set[str] = set()

    def changed(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: 17 if name == "id" and str(one) in made else changed(one) for name, one in value.items()}
        return [changed(one) for one in value] if isinstance(value, list) else value

    def change(response: httpx.Response) -> httpx.Response:
        if not response.content:
            return response
        body = json.loads(response.content)
        if response.request.method == "POST" and response.is_success and isinstance(body["data"].get("id"), str):
            made.add(body["data"]["id"])
        return with_json(response, changed(body))

    return change


def unexplained(response: httpx.Response) -> httpx.Response:
    """Errors are words of some proxy."""
    if response.status_code < 400:
        return response
    kept = [(name, value) for name, value in response.headers.items() if not name.startswith("content-")]
    return httpx.Response(response.status_code, headers=kept, text="error", request=response.request)


def crashing(response: httpx.Response) -> httpx.Response:
    """No record can be changed."""
    if response.request.method != "PATCH":
        return response
    return httpx.Response(500, html="<h1>Oops</h1>", request=response.request)


async def tried(
    room: str,
    journals: Path,
    *rewrites: Rewrite,
    faults: tuple[str, ...] = (),
    requests: int,
    only: tuple[str, ...] = (),
) -> Run:
    contract = load()
    async with deployed(contract) as there:
        keys = {one: secret.value for one in ("api_key", "session") if (secret := there.given.get(one))}
        transport = GatewayTransport(there.gateway(chosen(faults)), rewrites)
        settings = Settings(URL, Given(**keys), max_requests=requests, only=only)
        run = model if room == "model" else properties.run
        return await run(settings, journals=journals, contract=contract, transport=transport)


def accused(run: Run) -> set[str]:
    return {one.requirement for one in run.results if one.outcome in (Outcome.failed, Outcome.warned)}


@pytest.mark.parametrize(
    ("change", "requirement", "title", "some"),
    [
        (gateway(204), "properties.envelope", "OPTIONS answers 204 without a body", SOME),
        pytest.param(
            *(gateway(200), "properties.envelope", "OPTIONS answers 200 without a body", SOME), marks=pytest.mark.soak
        ),
        (whole_numbers(), "properties.response-schema-conformance", "data.id", ALL),
        pytest.param(unexplained, "properties.envelope", "with text/plain", SOME, marks=pytest.mark.soak),
        (crashing, "properties.not-a-server-error", "PATCH /{entity}/{id} answers 500", SOME),
    ],
)
def test_the_property_tests_name_one_cause(
    tmp_path: Path, change: Rewrite, requirement: str, title: str, some: Some
) -> None:
    run = asyncio.run(tried("properties", tmp_path, change, requests=some.requests, only=some.only))
    assert [title in cause.title for cause in causes(run)] == [True], [cause.title for cause in causes(run)]
    assert requirement in accused(run)
    assert len(accused(run)) <= FEW


@pytest.mark.parametrize(
    ("change", "requirement", "title"),
    [
        (gateway(204), "metadata.describes-entity", "OPTIONS answers 204 without a body"),
        (whole_numbers(), "model.create", "data.id"),
        (unexplained, "model.every-answer", "with text/plain"),
        (crashing, "model.every-answer", "PATCH /{entity}/{id} answers 500"),
    ],
)
def test_the_state_machine_names_one_cause(tmp_path: Path, change: Rewrite, requirement: str, title: str) -> None:
    run = asyncio.run(tried("model", tmp_path, change, requests=120))
    assert [title in cause.title for cause in causes(run)] == [True], [cause.title for cause in causes(run)]
    assert requirement in accused(run)
    assert len(accused(run)) <= FEW


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        ("search.ignored", "search="),
        pytest.param("filter.ignored", "filter=", marks=pytest.mark.soak),
        pytest.param("filter.ne-means-eq", "filter=", marks=pytest.mark.soak),
        pytest.param("select.fields-ignored-on-list", "fields=", marks=pytest.mark.soak),
        ("list.data-is-an-object", "data.records in place of data"),
        ("metadata.another-type", ""),
    ],
)
def test_the_state_machine_goes_on_past_a_difference(tmp_path: Path, fault: str, title: str) -> None:
    """It meets each once, and what does not hang on it is tested until the budget is used up."""
    run = asyncio.run(tried("model", tmp_path, faults=(fault,), requests=220))
    assert [title in cause.title for cause in causes(run)] == [True] * bool(title), [one.title for one in causes(run)]
    assert run.requests.total > 200
    assert "defect" not in run.verdict.reason
