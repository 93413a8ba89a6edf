"""A wrong answer to several conditions is the fault of the one that is wrong alone, or of their being together."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from entity_conformance.deployment.api import Api, Secret
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.settings import Settings
from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.suite import questions
from entity_conformance.suite.questions.filters import filters
from entity_conformance.suite.questions.suspects import Suspects
from entity_contract import Contract, Entity

from conformance.tests.miniature import BASE, KEY, Miniature, shown

pytestmark = pytest.mark.anyio

Change = Callable[[list[Condition]], list[Condition]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def products(contract: Contract) -> Entity:
    (found,) = [one for one in contract.entities if one.name == "products"]
    return found


@pytest.fixture
def deployment() -> Miniature:
    return Miniature(records={"products": {}})


@pytest.fixture
async def api(deployment: Miniature, products: Entity, contract: Contract, tmp_path: Path) -> AsyncIterator[Api]:
    context, journal = opened(Settings(BASE), tmp_path, contract, run="abcdefghi", transport=deployment.transport)
    context.wallet.put("api_key", Secret(KEY))
    async with context.wire:
        yield Api(replace(context, entities=(products,)), "filter.eq [products]")
    journal.close()


def filtering(
    deployment: Miniature, entity: Entity, change: Change
) -> Callable[[httpx.Request], httpx.Response | None]:
    """LIST and CREATE of an entity, whose conditions are changed before they are looked at."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST":
            body = json.loads(request.content)
            made = shown(deployment.store(entity.name, body, "ada"))
            return httpx.Response(201, json={"success": True, "data": made})
        if not request.url.path.endswith(entity.name):
            return None
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        conditions = [
            Condition(name, operator, operand)
            for name, stated in json.loads(query.get("filter", "{}")).items()
            for operator, operand in (stated if isinstance(stated, dict) else {"$eq": stated}).items()
        ]
        records = [shown(one) for one in deployment.records[entity.name].values()]
        whole = [{field.name: one.get(field.name) for field in entity.fields} for one in records]
        question = Question(entity, tuple(change(conditions)))
        found: list[Any] = list(answers.selected(whole, question, DECIDED))
        told = {"page": 1, "limit": 20, "total": len(found)}
        return httpx.Response(200, json={"success": True, "data": found, "pagination": told})

    return answer


async def test_nothing_is_wrong_where_every_condition_counts(api: Api, deployment: Miniature, products: Entity) -> None:
    deployment.before = filtering(deployment, products, lambda conditions: conditions)

    for requirement in ("filter.eq", "filter.integer-equality", "filter.numbers-by-value", "filter.null"):
        await questions.filtered(api, requirement, products)
    await questions.several(api, products, on_one_field=False)
    await questions.several(api, products, on_one_field=True)


async def test_the_third_of_three_conditions_that_is_lost_is_the_fault_of_their_being_together(
    api: Api, deployment: Miniature, products: Entity
) -> None:
    deployment.before = filtering(deployment, products, lambda conditions: conditions[:2])

    await questions.filtered(api, "filter.integer-equality", products)
    with pytest.raises(Violation, match="products: data holds more records"):
        await questions.several(api, products, on_one_field=False)


async def test_a_filter_on_zero_that_is_dropped_is_the_fault_of_its_type_alone(
    api: Api, deployment: Miniature, products: Entity
) -> None:
    deployment.before = filtering(
        deployment, products, lambda conditions: [one for one in conditions if one.operand not in (0, "")]
    )

    with pytest.raises(Violation, match="products"):
        await questions.filtered(api, "filter.number-equality", products)
    await questions.filtered(api, "filter.enum-equality", products)
    await questions.several(api, products, on_one_field=False)


async def test_an_operator_is_not_accused_where_not_even_equality_holds_on_the_field(
    api: Api, deployment: Miniature, products: Entity
) -> None:
    deployment.before = filtering(
        deployment, products, lambda conditions: [one for one in conditions if one.field != "weightKg"]
    )

    await questions.filtered(api, "filter.numbers-by-value", products)
    with pytest.raises(Violation, match="products"):
        await questions.filtered(api, "filter.number-equality", products)


async def test_a_question_is_asked_once(api: Api, deployment: Miniature, products: Entity) -> None:
    deployment.before = filtering(deployment, products, lambda conditions: conditions)

    for _ in range(2):
        await questions.filtered(api, "filter.number-equality", products)

    asked = [one for one in deployment.requests if "filter" in one and "limit=20" in one]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("case", [(Suspects.hold, 24), (lambda *_: False, 44)], ids=["remembered", "forgotten"])
async def test_beside_a_condition_that_is_wrong_alone_the_rest_is_asked_about_together(
    api: Api,
    deployment: Miniature,
    products: Entity,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[Callable[..., bool], int],
) -> None:
    hold, most = case
    monkeypatch.setattr(Suspects, "hold", hold)
    deployment.before = filtering(
        deployment, products, lambda conditions: [one for one in conditions if one.operator != "$ne"]
    )
    with pytest.raises(Violation, match="products"):
        await questions.filtered(api, "filter.ne", products)
    every = {each.requirement for one in await filters(api, products) for each in one.parts}
    deployment.requests.clear()

    for requirement in sorted(every - {"filter.ne", "filter.ne-beside-null"}):
        await questions.filtered(api, requirement, products)
    await questions.several(api, products, on_one_field=False)

    asked = [json.loads(parse_qs(urlsplit(one).query)["filter"][0]) for one in deployment.requests if "filter=" in one]
    alone = [stated for one in asked if len(one) == 2 for name, stated in one.items() if name != "id"]
    assert most / 2 < len(alone) <= most
