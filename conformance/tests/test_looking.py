"""The last look at what a run made, where others write more than a page holds."""

from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.api import Api, Secret
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.settings import Settings
from entity_conformance.suite import looking
from entity_contract import Entity

from conformance.tests.miniature import BASE, CONTRACT, KEY, SESSION, Miniature
from conformance.tests.running import check, run


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


LOOK = "GET /api/v1/tasks?sort="


def looks(deployment: Miniature) -> list[str]:
    """The pages of the look; cleaning up, which comes next, begins with page 1."""
    lists = [one.rpartition("limit=100")[2] for one in deployment.requests if one.startswith(LOOK)]
    return list(takewhile(lambda page: page != "&page=1", lists))


@pytest.mark.parametrize(
    ("others", "pages"), [(0, [""]), (150, ["", "&page=2"]), (900, ["", "&page=2", "&page=3", "&page=4"])]
)
def test_a_record_that_others_have_pushed_from_the_first_page_is_looked_for(
    journals: Path, others: int, pages: list[str]
) -> None:
    deployment = Miniature()

    async def writes(api: Api, entity: Entity) -> None:
        await api.create(entity, {"title": f"One of {api.run}"})
        for number in range(others):
            deployment.store("tasks", {"title": f"Another {number}"}, "ada")

    assert run(deployment, journals, check(writes)).verdict.exit_code == 0
    assert looks(deployment) == pages


@pytest.mark.anyio
@pytest.mark.parametrize(("total", "is_telling"), [(60, True), (100, False)])
async def test_where_a_page_holds_all_each_other_entity_is_listed_in_an_order_that_tells_more(
    tmp_path: Path, total: int, *, is_telling: bool
) -> None:
    page = {"page": 1, "limit": 1, "total": total, "totalPages": total, "hasNext": True, "hasPrev": False}
    answer = {"success": True, "data": [], "pagination": page}
    deployment = Miniature(before=lambda _: httpx.Response(200, json=answer))
    context, journal = opened(Settings(BASE), tmp_path, CONTRACT, run="abcdefghi", transport=deployment.transport)
    context.wallet.put("api_key", Secret(KEY))
    async with context.wire:
        api = Api(replace(context, entities=CONTRACT.entities), "a check")
        for entity in CONTRACT.entities:
            await api.list(entity, limit=1)
        found = {entity.name: looking._telling(api, entity) for entity in CONTRACT.entities}
    journal.close()

    told = {"products": ("active", "desc"), "customers": ("phone", "desc"), "orders": ("gift", "asc")}
    assert {name: order for name, order in found.items() if order} == (told if is_telling else {})


@pytest.mark.anyio
@pytest.mark.parametrize(("seed", "name"), [(0, "comments"), (1, "customers"), (2, "comments")])
async def test_which_entity_a_session_lists_at_the_end_is_another_with_another_seed(
    tmp_path: Path, seed: int, name: str
) -> None:
    deployment = Miniature()
    settings = Settings(BASE, seed=seed)
    context, journal = opened(settings, tmp_path, CONTRACT, run="abcdefghi", transport=deployment.transport)
    context.wallet.put("api_key", Secret(KEY))
    context.wallet.put("session", Secret(SESSION, kind="session"))
    three = tuple(one for one in CONTRACT.entities if one.name in {"tasks", "comments", "customers"})
    entities = sorted(three, key=lambda one: ["tasks", "comments", "customers"].index(one.name))
    async with context.wire:
        for entity in entities:
            context.owned.made(entity.name, f"{entity.name}_1")
        await looking._look_at_all(replace(context, entities=tuple(entities)))
    journal.close()

    by_session = [one.path[0] for one in context.asked if one.request.credential == "session"]
    assert set(by_session) == {name}
