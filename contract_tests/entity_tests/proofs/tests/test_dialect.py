"""A report on a deployment with a dialect of its own names its mistakes, on one screen.

It is long because each dialect is written out as the answers that it changes.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from entity_conformance.deployment.settings import Settings
from entity_conformance.report import console
from entity_conformance.report.terminal import Terminal
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.suite import ledger
from entity_contract import load
from entity_server.variants.variant import Rewrite
from entity_tests.deployments.in_process import URL, GatewayTransport, deployed
from entity_tests.model.command import model
from entity_tests.proofs.tests.dialect import (
    MISTAKES,
    OTHER_READDRESSES,
    OTHER_REWRITES,
    OTHERS,
    READDRESSES,
    REWRITES,
    Mistake,
    body_of,
    changed,
    with_json,
)
from rich.cells import cell_len

SCREEN = 60


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return asyncio.run(tried(tmp_path_factory.mktemp("journals"), rewrites=REWRITES, readdresses=READDRESSES))


async def tried(journals: Path, *entities: str, **others: Any) -> Run:
    async with deployed(load()) as deployment:
        settings = Settings(URL, deployment.given, entities=entities)
        return await deployment.run(journals, settings=settings, **others)


def told(run: Run, width: int) -> list[str]:
    """The report's lines, as a terminal of that width wraps them."""
    lines = console.text(run, ledger.load().requirements, Terminal(width=width)).splitlines()
    return [line[start : start + width] for line in lines for start in range(0, max(cell_len(line), 1), width)]


def unnamed(lines: Sequence[str], mistakes: Sequence[Mistake] = MISTAKES) -> list[str]:
    text = "\n".join(lines)
    return [mistake.summary for mistake in mistakes if re.search(mistake.named, text) is None]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_report_is_one_screen(run: Run, width: int) -> None:
    assert len(told(run, width)) <= SCREEN


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_report_names_ten_of_the_twelve_mistakes(run: Run, width: int) -> None:
    assert len(MISTAKES) == 12
    assert len(unnamed(told(run, width))) <= 2


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Run:
    journals = tmp_path_factory.mktemp("journals")
    return asyncio.run(tried(journals, rewrites=OTHER_REWRITES, readdresses=OTHER_READDRESSES))


@pytest.mark.parametrize("width", [80, 100, 120])
def test_mistakes_that_show_in_values_are_named_by_the_way_in_which_they_are_others(other: Run, width: int) -> None:
    lines = told(other, width)

    assert len(OTHERS) == 12
    assert len(unnamed(lines, OTHERS)) <= 2
    assert len(lines) <= SCREEN


def test_a_deployment_without_them_is_told_none(tmp_path: Path) -> None:
    run = asyncio.run(tried(tmp_path, "tasks"))

    assert {result.outcome for result in run.results} == {Outcome.passed, Outcome.observed, Outcome.skipped}
    assert unnamed(told(run, 120)) == [mistake.summary for mistake in MISTAKES]
    assert unnamed(told(run, 120), OTHERS) == [mistake.summary for mistake in OTHERS]


def test_the_state_machine_names_what_its_requests_meet(tmp_path: Path) -> None:
    """Ten of the twelve at least: nobody is sent without credentials."""
    run = asyncio.run(modelled(tmp_path))
    assert len(unnamed(told(run, 120))) <= 2


async def modelled(journals: Path) -> Run:
    async with deployed(load()) as there:
        transport = GatewayTransport(there.gateway(limit="1000000/hour"), REWRITES, READDRESSES)
        settings = Settings(URL, there.given, max_requests=400)
        return await model(settings, journals=journals, contract=there.contract, transport=transport)


def nested(response: httpx.Response) -> httpx.Response:
    body = body_of(response)
    if "pagination" not in body:
        return response
    return with_json(response, {"success": True, "data": {"items": body["data"], "meta": body["pagination"]}})


def bare(response: httpx.Response) -> httpx.Response:
    """What a list, a record or a description holds, without an envelope."""
    body, path = body_of(response), response.request.url.path
    is_of_entities = not path.endswith("/keys") and "/ai/" not in path and response.request.method != "DELETE"
    if not response.is_success or "data" not in body or not is_of_entities:
        return response
    kept = [(name, value) for name, value in response.headers.items() if name != "content-length"]
    return httpx.Response(response.status_code, headers=kept, json=body["data"], request=response.request)


def arrayed(response: httpx.Response) -> httpx.Response:
    """What holds one record holds it in an array."""
    body, path = body_of(response), response.request.url.path
    is_of_entities = "/keys" not in path and "/ai/" not in path and response.request.method != "OPTIONS"
    is_one = response.is_success and is_of_entities and isinstance(body.get("data"), dict)
    return with_json(response, {**body, "data": [body["data"]]}) if is_one else response


def nulled(response: httpx.Response) -> httpx.Response:
    """A list that holds nothing is null."""
    body = body_of(response)
    return with_json(response, {**body, "data": None}) if "pagination" in body and body["data"] == [] else response


_SHOWN_TIME = re.compile(r'"(\d{4}-\d\d-\d\dT[\d:.]+Z)"')


def timed_by_objects(response: httpx.Response) -> httpx.Response:
    """Times are objects with seconds and nanoseconds, as some stores have them."""

    def told(found: re.Match[str]) -> str:
        moment = datetime.fromisoformat(found[1])
        return json.dumps({"_seconds": int(moment.timestamp()), "_nanoseconds": moment.microsecond * 1000})

    if not response.is_success or "/health" in response.request.url.path or "/ai/" in response.request.url.path:
        return response
    return with_json(response, json.loads(_SHOWN_TIME.sub(told, response.text))) if response.content else response


def absent(method: str, status: int) -> Rewrite:
    def change(response: httpx.Response) -> httpx.Response:
        code = "NOT_FOUND" if status == 404 else "INTERNAL_ERROR" if status == 500 else "METHOD_NOT_ALLOWED"
        said = {"success": False, "error": "There is no such operation.", "code": code}
        is_of_entities = "/keys" not in response.request.url.path and response.status_code != 401
        there = response.request.method == method and is_of_entities
        return with_json(changed(response, status=status), said) if there else response

    return change


def by_200(response: httpx.Response) -> httpx.Response:
    is_creation = (response.request.method, response.status_code) == ("POST", 201)
    is_of_entities = not response.request.url.path.endswith("/keys")
    return changed(response, status=200) if is_creation and is_of_entities else response


def test_a_creation_that_is_answered_by_200_hinders_nothing_but_its_own_form(tmp_path: Path) -> None:
    found = asyncio.run(tried(tmp_path, "tasks", rewrites=[by_200]))

    wrong = {Outcome.failed, Outcome.broken, Outcome.warned}
    assert {one.requirement for one in found.results if one.outcome in wrong} == {"create.returns-record"}
    blocked = {one.requirement for one in found.results if one.outcome is Outcome.blocked}
    assert blocked == {"create.follows-contract"}


_PAGE = re.compile(r"(?<=[?&])page=(\d+)")


def told_from_0(response: httpx.Response) -> httpx.Response:
    body = body_of(response)
    numbers = body.get("pagination")
    if not isinstance(numbers, dict):
        return response
    link = _PAGE.sub(lambda found: f"page={int(found[1]) - 1}", response.headers.get("Link", ""))
    told = changed(response, X_Page=str(numbers["page"] - 1), Link=link)
    return with_json(told, {**body, "pagination": {**numbers, "page": numbers["page"] - 1}})


def asked_from_0(request: httpx.Request) -> httpx.Request:
    """The request with the page that a deployment means which counts from 0."""
    url = _PAGE.sub(lambda found: f"page={int(found[1]) + 1}", str(request.url))
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream)


def test_pages_that_are_counted_from_0_are_one_finding(tmp_path: Path) -> None:
    found = asyncio.run(tried(tmp_path, "tasks", rewrites=[told_from_0], readdresses=[asked_from_0]))

    other = {one.requirement for one in found.results} - {"list.page-defaults-to-1"}
    ended = {one.outcome for one in found.results if one.requirement in other}
    assert ended <= {Outcome.passed, Outcome.observed, Outcome.skipped}
    (told_once,) = [one for one in found.results if one.requirement not in other]
    assert (told_once.outcome, told_once.message) == (Outcome.failed, "pages are counted from 0")


SPRING = {"page": "number", "limit": "size", "total": "totalElements", "hasNext": "last", "hasPrev": "first"}
"""Members of `pagination` as a framework has them, the last two the other way round."""
UNREAD = {"page": "p", "limit": "size", "total": "totalElements", "hasNext": "more", "hasPrev": "less"}


def paged_as(names: Mapping[str, str]) -> Rewrite:
    """`pagination` with other names."""

    def change(response: httpx.Response) -> httpx.Response:
        body = body_of(response)
        numbers = body.get("pagination")
        if not isinstance(numbers, dict):
            return response
        turned = {"last", "first"}
        told = {names.get(name, name): value for name, value in numbers.items()}
        told = {name: not value if name in turned else value for name, value in told.items()}
        return with_json(response, {**body, "pagination": told})

    return change


@pytest.mark.parametrize("names", [SPRING, UNREAD], ids=["known", "unknown"])
def test_pages_from_0_are_recognised_by_what_they_show_whatever_tells_their_number(
    names: Mapping[str, str], tmp_path: Path
) -> None:
    found = asyncio.run(tried(tmp_path, "tasks", rewrites=[told_from_0, paged_as(names)], readdresses=[asked_from_0]))

    failed = {one.requirement for one in found.results if one.outcome in {Outcome.failed, Outcome.broken}}
    assert failed == {"list.page-defaults-to-1", "list.returns-envelope"}
    blocked = {one.message for one in found.results if one.outcome is Outcome.blocked}
    assert all(one.startswith("pagination.") for one in blocked)
    assert not blocked or names is UNREAD


ABSENT = (absent("PATCH", 404), absent("PATCH", 500))


def changing_nothing(request: httpx.Request) -> httpx.Request:
    """The request, an update as one of a record that is not there."""
    if request.method != "PATCH":
        return request
    url = request.url.copy_with(path=f"{request.url.path}x")
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream)


@pytest.mark.parametrize(
    ("rewrite", "broken"),
    [
        pytest.param(nested, {"list.returns-envelope"}, marks=pytest.mark.soak),
        (
            bare,
            {
                "list.returns-envelope",
                "create.returns-record",
                "read.returns-record",
                "update.returns-record",
                "metadata.describes-entity",
            },
        ),
        pytest.param(ABSENT[0], {"update.returns-record"}, marks=pytest.mark.soak),
        (ABSENT[1], {"update.returns-record", "errors.internal-error"}),
        (absent("OPTIONS", 405), {"metadata.describes-entity"}),
        (arrayed, {"create.returns-record", "read.returns-record", "update.returns-record"}),
        (nulled, {"list.returns-envelope"}),
        (timed_by_objects, {"read.times-are-rfc3339"}),
    ],
    ids=["data.items", "no envelope", "PATCH 404", "PATCH 500", "OPTIONS 405", "data[0]", "null", "times as objects"],
)
def test_one_mistake_of_that_size_accuses_its_own_requirements(
    rewrite: Rewrite, broken: set[str], tmp_path: Path
) -> None:
    found = asyncio.run(
        tried(tmp_path, "tasks", rewrites=[rewrite], readdresses=[changing_nothing] if rewrite in ABSENT else [])
    )

    assert {one.requirement for one in found.results if one.outcome in {Outcome.failed, Outcome.broken}} == broken


def granted(response: httpx.Response) -> httpx.Response:
    """A refusal of what is asked of entities by 200, as of a deployment whose bodies alone tell."""
    is_of_entities = not response.request.url.path.endswith("/keys")
    return changed(response, status=200) if response.status_code == 400 and is_of_entities else response


def within_error(response: httpx.Response) -> httpx.Response:
    """A refusal whose `error` holds everything."""
    body = body_of(response)
    if response.status_code < 400 or not isinstance(body.get("error"), str):
        return response
    held = {"message" if name == "error" else name: value for name, value in body.items() if name != "success"}
    return with_json(response, {"success": False, "error": held})


def uncoded(response: httpx.Response) -> httpx.Response:
    """A refusal as a framework writes it, without a code."""
    if response.status_code < 400 or response.request.method == "HEAD":
        return response
    return with_json(response, {"status": response.status_code, "message": "No."})


def forbidding(response: httpx.Response) -> httpx.Response:
    """Whoever is not known is forbidden what was asked for."""
    return changed(response, status=403) if response.status_code == 401 else response


def unlimited(response: httpx.Response) -> httpx.Response:
    return changed(response, X_RateLimit_Limit="", X_RateLimit_Remaining="", X_RateLimit_Reset="")


def undescribed(response: httpx.Response) -> httpx.Response:
    """OPTIONS with `Allow` and nothing else."""
    if response.request.method != "OPTIONS" or not response.is_success:
        return response
    kept = [(name, value) for name, value in response.headers.items() if not name.startswith("content-")]
    return httpx.Response(200, headers=kept, request=response.request)


_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#x27;"})


def escaped(response: httpx.Response) -> httpx.Response:
    """Texts as they would stand in a page."""

    def told(value: object) -> object:
        match value:
            case str():
                return value.translate(_ESCAPED)
            case list():
                return [told(one) for one in value]
            case dict():
                return {name: told(one) for name, one in value.items()}
            case _:
                return value

    body = body_of(response)
    is_of_records = response.is_success and response.request.method != "OPTIONS" and "data" in body
    return with_json(response, {**body, "data": told(body["data"])}) if is_of_records else response


@pytest.mark.parametrize(
    ("rewrite", "broken", "hidden"),
    [
        (granted, {"errors.code-fits-status"}, set()),
        pytest.param(within_error, {"errors.envelope"}, set(), marks=pytest.mark.soak),
        (uncoded, {"errors.envelope"}, {"create.missing-required", "auth.expired-key", "errors.unknown-path"}),
        pytest.param(
            forbidding,
            {"auth.missing-credentials", "auth.expired-key", "errors.code-fits-status"},
            set(),
            marks=pytest.mark.soak,
        ),
        (unlimited, {"limits.limit-header"}, {"limits.remaining-header", "limits.headers-on-refusals"}),
        (undescribed, {"metadata.describes-entity"}, {"metadata.permissions-of-a-key"}),
        (escaped, {"update.is-stored", "create.keeps-every-character"}, set()),
    ],
    ids=["refused by 200", "within error", "no code", "403 for 401", "no limits", "no description", "escaped"],
)
def test_a_mistake_of_every_answer_accuses_its_own_and_passes_nothing_that_it_hides(
    rewrite: Rewrite, broken: set[str], hidden: set[str], tmp_path: Path
) -> None:
    found = asyncio.run(tried(tmp_path, "tasks", rewrites=[rewrite]))

    wrong = {Outcome.failed, Outcome.broken, Outcome.warned}
    assert {one.requirement for one in found.results if one.outcome in wrong} == broken
    assert hidden <= {one.requirement for one in found.results if one.outcome is Outcome.blocked}


def test_a_refusal_without_a_code_holds_by_its_status_and_says_so(tmp_path: Path) -> None:
    found = asyncio.run(tried(tmp_path, "tasks", rewrites=[uncoded]))

    told = {one.requirement: (one.outcome, one.message) for one in found.results}
    for requirement in ("read.unknown-id", "auth.missing-credentials"):
        assert told[requirement][0] is Outcome.passed
        assert told[requirement][1].endswith("the refusal has no code, which errors.envelope judges.")


def missing(response: httpx.Response) -> httpx.Response:
    """Whatever is not there is told by another code."""
    if response.status_code != 404 or response.request.method == "HEAD":
        return response
    return with_json(response, response.json() | {"code": "MISSING"})


def test_another_code_for_all_that_is_not_there_is_one_mistake_and_hides_nothing(tmp_path: Path) -> None:
    found = asyncio.run(tried(tmp_path, "tasks", rewrites=[missing]))

    wrong = {one.requirement for one in found.results if one.outcome in {Outcome.failed, Outcome.broken}}
    assert wrong == {"read.unknown-id"}
    assert [one.requirement for one in found.results if one.outcome in {Outcome.warned, Outcome.blocked}] == []


def selecting_nothing(request: httpx.Request) -> httpx.Request:
    """The request as of a deployment that looks at neither `filter` nor `search`."""
    asked = request.url.params.multi_items()
    kept = [(name, value) for name, value in asked if name not in {"filter", "search"}]
    url = request.url if len(kept) == len(asked) else request.url.copy_with(params=kept)
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream)


@pytest.mark.soak
def test_where_neither_filter_nor_search_selects_those_alone_are_not_judged(tmp_path: Path) -> None:
    """The run's own records are found by the times of their creation."""
    found = asyncio.run(tried(tmp_path, "tasks", readdresses=[selecting_nothing]))

    wrong, blocked = (
        {one.requirement for one in found.results if one.outcome is outcome}
        for outcome in (Outcome.failed, Outcome.blocked)
    )
    about_both = {"auth.filters-hide-others", "list.all-parameters-combine"}
    assert {one.partition(".")[0] for one in wrong | (blocked - about_both)} == {"filter", "search"}


def naming_no_field(request: httpx.Request) -> httpx.Request:
    """The request, an update as one that is refused whatever it names."""
    if request.method != "PATCH":
        return request
    kept = {name: value for name, value in request.headers.items() if name not in {"content-length", "content-type"}}
    return httpx.Request(request.method, request.url, headers=kept, json={"conformanceNoField": 1})


def locked(response: httpx.Response) -> httpx.Response:
    """The answer of a deployment whose records take no change."""
    if (response.request.method, response.status_code) != ("PATCH", 400):
        return response
    return with_json(changed(response, status=409), {"success": False, "error": "It is locked.", "code": "CONFLICT"})


@pytest.mark.soak
def test_where_no_record_takes_a_change_how_wrong_ones_are_refused_is_not_judged(tmp_path: Path) -> None:
    """Of tasks the reference says that they can be changed."""
    found = asyncio.run(tried(tmp_path, "tasks", "comments", rewrites=[locked], readdresses=[naming_no_field]))

    wrong = {Outcome.failed, Outcome.broken, Outcome.warned}
    judged = {(one.requirement, one.entity) for one in found.results if one.outcome in wrong}
    assert judged == {("update.returns-record", "tasks")}
