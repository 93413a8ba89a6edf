"""A run's own records are found among others' by whichever narrowing the deployment honours."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from entity_conformance.deployment.api import Api, Secret
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Blocked
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.deployment.settings import Settings
from entity_conformance.suite import given
from entity_conformance.suite.given.narrowing import is_all
from entity_contract import Entity

from conformance.tests.miniature import BASE, CONTRACT, KEY, Miniature, data, problem, shown

pytestmark = pytest.mark.anyio

TASKS = next(
    replace(one, fields=tuple(field for field in one.fields if field.name in {"id", "title", "description"}))
    for one in CONTRACT.entities
    if one.name == "tasks"
)
WITHOUT_A_SECOND_TEXT = replace(TASKS, fields=tuple(one for one in TASKS.fields if one.name != "description"))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def deployment() -> Miniature:
    miniature = Miniature()
    for number in range(30):
        miniature.store("tasks", {"title": f"Somebody's {number}", "description": "old"}, "ada")
    return miniature


@pytest.fixture
async def api(deployment: Miniature, tmp_path: Path) -> AsyncIterator[Api]:
    context, journal = opened(Settings(BASE), tmp_path, CONTRACT, run="abcdefghi", transport=deployment.transport)
    context.wallet.put("api_key", Secret(KEY))
    async with context.wire:
        yield Api(replace(context, entities=(TASKS,)), "list.total [tasks]")
    journal.close()


def honouring(deployment: Miniature, *parameters: str) -> Callable[[httpx.Request], httpx.Response | None]:
    """LIST with these query parameters; any other is ignored."""

    def selects(query: dict[str, str], record: dict[str, Any]) -> bool:
        conditions = json.loads(query.get("filter", "{}")) if "filter" in parameters else {}
        by_value = all(
            record.get(name) in value["$in"] if isinstance(value, dict) else record.get(name) == value
            for name, value in conditions.items()
            if isinstance(value, str) or "ids" in parameters
        )
        known = not any(isinstance(value, dict) for value in conditions.values()) or "ids" in parameters
        searched = "search" not in parameters or query.get("search", "") in record["title"]
        start, end = query.get("startDate", ""), query.get("endDate", "9")
        return by_value and known and searched and ("dates" not in parameters or start <= record["createdAt"] <= end)

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method != "GET" or not request.url.path.endswith("/tasks"):
            return None
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        found = [shown(one) for one in reversed(deployment.records["tasks"].values()) if selects(query, shown(one))]
        page, limit = int(query.get("page", "1")), int(query.get("limit", "20"))
        told = {"page": page, "limit": limit, "total": len(found)}
        cut = found[(page - 1) * limit : page * limit]
        return httpx.Response(200, json={"success": True, "data": cut, "pagination": told})

    return answer


def refusing_a_second_page(record: Mapping[str, Any]) -> Callable[[httpx.Request], httpx.Response | None]:
    """LIST with one page that holds the record; any other page is past the end, and refused."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        is_first = parse_qs(request.url.query.decode()).get("page") == ["1"]
        return data(200, [record]) if is_first else problem(400, "VALIDATION_FAILED")

    return answer


@pytest.mark.parametrize(
    ("entity", "honoured", "by"),
    [
        (TASKS, ("filter", "ids"), "filter"),
        (TASKS, ("filter", "search"), "search"),
        (WITHOUT_A_SECOND_TEXT, ("filter", "ids"), "filter"),
        (WITHOUT_A_SECOND_TEXT, ("filter", "search"), "search"),
    ],
)
async def test_a_group_is_narrowed_to_by_what_is_honoured(
    api: Api, deployment: Miniature, entity: Entity, honoured: tuple[str, ...], by: str
) -> None:
    deployment.before = honouring(deployment, *honoured)

    group = await given.group(api, entity)

    assert list(group.alone) == [by]
    assert list(await given.listed(api, group)) == list(reversed(group.records))


async def test_where_nothing_is_honoured_the_pages_are_walked(api: Api, deployment: Miniature) -> None:
    deployment.before = honouring(deployment)
    group = await given.group(api, TASKS)
    for number in range(150):
        deployment.store("tasks", {"title": f"Another's {number}"}, "ada")

    found = await given.listed(api, group)

    assert list(found) == list(reversed(group.records))
    with pytest.raises(Blocked, match="neither filter, search nor dates"):
        _ = group.alone


async def test_where_dates_alone_are_honoured_a_group_is_made_while_nobody_else_makes_any(
    api: Api, deployment: Miniature, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = honouring(deployment, "dates")

    def a_second_later(request: httpx.Request) -> httpx.Response | None:
        deployment.now += timedelta(seconds=request.method == "POST")
        return listing(request)

    async def sleep(_: Api, seconds: float) -> None:
        await asyncio.sleep(seconds and 0)

    async def others() -> None:
        for _ in range(60):
            await api.create(TASKS, {"title": "Somebody's", "description": "meanwhile"})

    deployment.before = a_second_later
    monkeypatch.setattr(Api, "sleep", sleep)

    group, _ = await asyncio.gather(given.group(api, TASKS), others())

    assert list(group.alone) == ["startDate", "endDate"]
    assert list(await given.listed(api, group)) == list(reversed(group.records))
    assert all(group.word in one["title"].split() for one in group.records)


async def test_a_walk_ends_where_a_page_past_the_end_is_refused(api: Api, deployment: Miniature) -> None:
    deployment.before = honouring(deployment)
    group = await given.group(api, TASKS)
    deployment.before = refusing_a_second_page(group.records[0])

    found = await given.listed(api, group)

    assert list(found) == [group.records[0]]


async def test_what_is_not_among_the_first_pages_blocks(api: Api, deployment: Miniature) -> None:
    deployment.before = honouring(deployment)
    group = await given.group(api, TASKS)
    for number in range(1_000):
        deployment.store("tasks", {"title": f"Another's {number}"}, "ada")

    with pytest.raises(Blocked, match="not among the first 1,000"):
        await given.listed(api, group)


async def test_conditions_are_added_to_those_that_select_the_group(api: Api, deployment: Miniature) -> None:
    deployment.before = honouring(deployment, "filter")
    group = await given.group(api, TASKS)

    found = await given.listed(api, group, filter={"title": group.values("title")[1]})

    assert list(found) == [group.records[1]]


async def test_a_record_like_the_own_one_is_found_too(api: Api, deployment: Miniature) -> None:
    deployment.before = honouring(deployment, "search")
    own = await given.single(api, TASKS)
    alike = deployment.store("tasks", {"title": own.records[0]["title"]}, "ada")

    found = await given.listed(api, own)

    assert {one["id"] for one in found} == {own.records[0]["id"], alike["id"]}


@pytest.mark.parametrize(
    ("pagination", "header", "is_whole"),
    [({"limit": 100}, None, True), ({"limit": 2}, None, False), ({}, "2", False), ({}, "no number", True)],
)
def test_a_page_that_holds_as_many_as_it_may_may_not_be_all(
    pagination: Mapping[str, object], header: str | None, *, is_whole: bool
) -> None:
    body = {"success": True, "data": [{"id": "tsk_1"}, {"id": "tsk_2"}], "pagination": pagination}
    headers = Headers([] if header is None else [("X-Per-Page", header)])
    reply = Reply("x1", "GET", f"{BASE}/tasks", "api_key", 200, headers, json.dumps(body).encode())

    assert is_all(reply, 100) is is_whole
