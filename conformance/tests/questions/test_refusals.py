"""Wrong parameters: every value is wrong by the rulings, and entities take turns with them."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.api import Api, Secret
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.settings import Settings
from entity_conformance.oracle.asking import question_of
from entity_conformance.suite import questions
from entity_conformance.suite.questions import refusals
from entity_contract import Contract

from conformance.tests.miniature import BASE, KEY, OTHER, Miniature, problem

NAMES = ("page", "limit", "startDate", "endDate", "sort", "order")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("name", NAMES)
def test_every_wrong_value_is_wrong_for_every_entity(contract: Contract, name: str) -> None:
    operators = {one.name for one in contract.operators}
    taken = [
        (entity.name, value)
        for entity in contract.entities
        for value in refusals._WRONG[name]
        if value != "0"  # which the oracle leaves to others
        and question_of(entity, [("sort", "createdAt"), (name, value)][name == "sort" :], operators) is not None
    ]

    assert taken == []


async def asked(contract: Contract, folder: Path, refused: str, name: str) -> list[str]:
    """What is asked of other entities where refusals name these parameters alone."""
    deployment, found = Miniature(), list[str]()

    def answered(request: httpx.Request) -> httpx.Response:
        found.append(f"{request.url.path.rpartition('/')[2]}?{request.url.query.decode()}")
        return problem(400, "VALIDATION_FAILED", **dict.fromkeys(refused.split(), "No."))

    deployment.before = answered
    context, journal = opened(Settings(BASE), folder, contract, run="abcdefghi", transport=deployment.transport)
    context.wallet.put("api_key", Secret(KEY))
    async with context.wire:
        first, *_ = contract.entities
        await questions.refused_elsewhere(Api(replace(context, entities=contract.entities), "a check"), first, name)
    journal.close()
    return [one for one in found if not one.startswith(first.name)]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("entity", "value"), [("tasks", "DESC"), ("comments", "descending"), ("products", "Asc"), ("customers", "-1")]
)
async def test_a_thorough_run_asks_each_entity_about_the_next_value_alone_where_one_is_told_at_a_time(
    contract: Contract, tmp_path: Path, entity: str, value: str
) -> None:
    deployment, found = Miniature(), list[dict[str, str]]()

    def answered(request: httpx.Request) -> httpx.Response:
        found.append(dict(request.url.params))
        return problem(400, "VALIDATION_FAILED", **{next(one for one in ("page", *NAMES) if one in found[-1]): "No."})

    deployment.before = answered
    settings = Settings(BASE, thorough=True)
    context, journal = opened(settings, tmp_path, contract, run="abcdefghi", transport=deployment.transport)
    context.wallet.put("api_key", Secret(KEY))
    (of,) = [one for one in contract.entities if one.name == entity]
    async with context.wire:
        api = Api(replace(context, entities=contract.entities), "a check")
        await questions.refused_elsewhere(api, of, "order")
    journal.close()

    assert [one["order"] for one in found if "page" not in one] == [value]
    assert len(found) == 2


@pytest.mark.anyio
async def test_where_one_refusal_does_not_tell_of_all_one_other_entity_is_asked(
    contract: Contract, tmp_path: Path
) -> None:
    every = [await asked(contract, tmp_path, "other", name) for name in (*NAMES, "fields", "include")]

    assert [len(one) for one in every] == [1] * len(every)
    assert len({one.partition("?")[0] for (one,) in every}) > 3
    assert every[5][0].partition("?")[2].startswith("sort=createdAt&order=")


@pytest.mark.anyio
async def test_where_it_does_each_entity_is_asked_about_all_at_once(contract: Contract, tmp_path: Path) -> None:
    found = await asked(contract, tmp_path, "page limit", "limit")

    assert [one.partition("?")[0] for one in found] == [one.name for one in contract.entities[1:]]
    assert all("page=" in one and "sort=" in one for one in found)


@pytest.mark.anyio
async def test_where_each_tells_of_one_parameter_two_other_entities_are_asked_of_some_and_one_of_others(
    contract: Contract, tmp_path: Path
) -> None:
    every = [await asked(contract, tmp_path, "page", name) for name in NAMES]

    assert [len(one) for one in every] == [1, 1, 2, 1, 2, 2]
    assert len({one.partition("?")[2] for one in every[2]}) == 2


@pytest.mark.anyio
async def test_entities_that_are_made_take_turns(contract: Contract, tmp_path: Path) -> None:
    context, journal = opened(Settings(BASE), tmp_path, contract, run="abcdefghi", transport=Miniature().transport)
    tasks, comments, *others = contract.entities
    api = Api(replace(context, entities=contract.entities), "a check")

    assert [questions.in_turn(api, tasks, turn) for turn in (0, 1, 5)] == [tasks, comments, tasks]
    assert questions.in_turn(api, others[-1], 1) == others[-1]  # nobody makes users
    alone = Api(replace(context, entities=(tasks,)), "a check")
    assert questions.in_turn(alone, tasks, 3) == tasks
    journal.close()


@pytest.mark.anyio
async def test_the_first_entity_is_asked_what_most_mistakes_take_and_the_others_go_on(
    contract: Contract, tmp_path: Path
) -> None:
    context, journal = opened(Settings(BASE), tmp_path, contract, run="abcdefghi", transport=Miniature().transport)
    async with context.wire:
        api = Api(replace(context, entities=contract.entities), "a check")
        pages, starts = (
            [refusals.wrong_values(api, entity, name) for entity in contract.entities] for name in ("page", "startDate")
        )
    journal.close()

    assert pages[0] == ("0", "2nd")
    assert starts[0] == ("2025-02-30",)
    assert {*pages[0], *(one[0] for one in pages[1:])} == {*refusals._WRONG["page"]}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("held", "wrong", "askers"),
    [
        (("api_key", "other_api_key"), (), ["other_api_key"]),
        (("api_key", "other_api_key"), ("other_api_key",), ["other_api_key", "api_key"]),
        (("api_key",), (), ["api_key"]),
        (("api_key", "other_api_key", "read_key"), (), ["read_key"]),
    ],
)
async def test_what_anybody_is_refused_another_user_asks_where_no_other_key_reads(
    contract: Contract,
    tmp_path: Path,
    held: tuple[CredentialName, ...],
    wrong: tuple[CredentialName, ...],
    askers: list[CredentialName],
) -> None:
    asked: list[CredentialName] = []

    async def body(api: Api) -> None:
        asked.append(api.asker)
        if api.asker in wrong:
            raise Violation("it is taken")

    context, journal = opened(Settings(BASE), tmp_path, contract, run="abcdefghi", transport=Miniature().transport)
    for name in held:
        context.wallet.put(name, Secret(KEY))
    async with context.wire:
        await questions.by_anybody(body)(Api(replace(context, entities=contract.entities), "a check"))
    journal.close()

    assert asked == askers


@pytest.mark.anyio
async def test_what_is_wrong_for_the_api_key_too_is_wrong(contract: Contract, tmp_path: Path) -> None:
    async def body(_: Api) -> None:
        raise Violation("it is taken")

    context, journal = opened(Settings(BASE), tmp_path, contract, run="abcdefghi", transport=Miniature().transport)
    context.wallet.put("api_key", Secret(KEY))
    context.wallet.put("other_api_key", Secret(KEY))
    with pytest.raises(Violation, match="it is taken"):
        await questions.by_anybody(body)(Api(context, "a check"))
    journal.close()


@pytest.mark.anyio
async def test_what_others_ask_by_the_api_key_another_user_does_not_ask_again(
    contract: Contract, tmp_path: Path
) -> None:
    context, journal = opened(Settings(BASE), tmp_path, contract, run="abcdefghi", transport=Miniature().transport)
    context.wallet.put("api_key", Secret(KEY))
    context.wallet.put("other_api_key", Secret(OTHER))
    first = contract.entities[0]
    async with context.wire:
        api = Api(replace(context, entities=contract.entities), "a check").asking_as("other_api_key")
        (value,) = refusals.wrong_values(api, first, "order")
        await questions.refused_beside_others(api, first, "order", value)
    journal.close()

    assert [one.credential for one in context.replies] == ["api_key"]
