"""Rules that OPTIONS does not tell: samples are made to fit, or writes are out of scope; nobody is accused."""

import itertools
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import entity_contract as contract
import httpx
import pytest
from entity_conformance.deployment.api import Api, RunContext, Secret
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.deployment.settings import Settings
from entity_conformance.suite import given, untold
from entity_contract import Entity, Field, Scalar

from conformance.tests.miniature import BASE, KEY, Miniature, problem

pytestmark = pytest.mark.anyio

CUSTOMERS = next(one for one in contract.load().entities if one.name == "customers")
TASKS = next(one for one in contract.load().entities if one.name == "tasks")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def deployment() -> Miniature:
    miniature = Miniature()
    miniature.records["customers"] = {}
    return miniature


@pytest.fixture
async def context(deployment: Miniature, tmp_path: Path) -> AsyncIterator[RunContext]:
    opened_context, journal = opened(
        Settings(BASE), tmp_path, contract.load(), run="abcdefghi", transport=deployment.transport
    )
    opened_context.wallet.put("api_key", Secret(KEY))
    async with opened_context.wire:
        yield replace(opened_context, entities=(CUSTOMERS,))
    journal.close()


def refusing(field: str, takes: Callable[[str], bool]) -> Callable[[httpx.Request], httpx.Response | None]:
    """A deployment that refuses a CREATE by the name of a field, unless it takes the value."""
    made = itertools.count(1)

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST":
            return None
        body = json.loads(request.content)
        if field in body and not takes(str(body[field])):
            return problem(400, "VALIDATION_FAILED", **{field: "Is not known", "hint": "See the manual"})
        return httpx.Response(201, json={"success": True, "data": {"id": f"cus_{next(made)}", **body}})

    return refuse


async def test_a_phone_number_that_is_checked_is_sampled_as_one(context: RunContext, deployment: Miniature) -> None:
    deployment.before = refusing("phone", lambda text: re.fullmatch(r"\+\d{8,15}", text) is not None)

    found, notes = await untold.sampled(context)

    body = await given.body(Api(found, "create.longest-text"), found.entities[0])
    assert re.fullmatch(r"\+1415555\d{4}", str(body["phone"]))
    assert notes == ("customers: OPTIONS does not tell every rule of phone; samples of phone were made to fit",)


async def test_an_optional_field_that_takes_no_sample_is_left_out(context: RunContext, deployment: Miniature) -> None:
    deployment.before = refusing("company", lambda _: False)

    found, notes = await untold.sampled(context)

    assert "company" not in await given.body(Api(found, "create.longest-text"), found.entities[0])
    assert notes == (
        "customers: OPTIONS does not tell every rule of company; no sample of company was taken: left out of bodies",
    )


async def test_a_value_of_an_older_record_is_used_where_it_is_still_taken(
    context: RunContext, deployment: Miniature
) -> None:
    for name in ("Refused by now", "Foo", "Refused too", "Bar"):
        deployment.store("customers", {"name": name}, "ada")
    deployment.before = refusing("name", lambda text: text in {"Foo", "Bar"})

    found, _ = await untold.sampled(context)

    samples = next(one.samples for one in found.entities[0].fields if one.name == "name")
    assert sorted(map(str, samples)) == ["Bar", "Foo"]


async def test_a_key_whose_relation_is_not_told_names_a_record_and_is_not_included(
    context: RunContext, deployment: Miniature
) -> None:
    comments = next(one for one in contract.load().entities if one.name == "comments")
    tasks = next(one for one in contract.load().entities if one.name == "tasks")
    bare = replace(comments, relations=())
    deployment.records["comments"] = {}

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if (request.method, request.url.path) != ("POST", "/api/v1/comments"):
            return None
        body = json.loads(request.content)
        is_known = body["taskId"] in deployment.records["tasks"]
        made = httpx.Response(201, json={"success": True, "data": {"id": "cmt_1", **body}})
        return made if is_known else problem(400, "VALIDATION_FAILED", taskId="Is not known")

    deployment.before = refuse

    found, _ = await untold.sampled(replace(context, entities=(tasks, bare)))

    learnt = found.entities[1]
    assert [(one.entity, one.foreign_key) for one in learnt.relations] == [("tasks", "taskId")]
    assert learnt.includable == ()


async def test_an_answer_by_503_teaches_nothing_of_a_field(context: RunContext, deployment: Miniature) -> None:
    rule = refusing("phone", lambda text: re.fullmatch(r"\+\d{8,15}", text) is not None)
    downs = iter([httpx.Response(503)])
    deployment.before = lambda request: (next(downs, None) if request.method == "POST" else None) or rule(request)

    _, notes = await untold.sampled(context)

    assert notes == ("customers: OPTIONS does not tell every rule of phone; samples of phone were made to fit",)


async def test_a_required_field_that_takes_no_sample_puts_writes_out_of_scope(
    context: RunContext, deployment: Miniature
) -> None:
    deployment.before = refusing("name", lambda _: False)

    found, notes = await untold.sampled(context)

    with pytest.raises(OutOfProfile, match="customers cannot be created: no sample fits name"):
        await given.body(Api(found, "create.longest-text"), found.entities[0])
    assert notes == ("customers cannot be created: no sample fits name",)


async def test_a_value_that_options_tells_is_left_to_the_checks(context: RunContext, deployment: Miniature) -> None:
    deployment.before = refusing("newsletter", lambda _: False)

    found, _ = await untold.sampled(context)

    with pytest.raises(Blocked, match="a record could not be created"):
        await given.body(Api(found, "create.longest-text"), found.entities[0])


async def test_of_tasks_the_reference_tells_every_rule(context: RunContext, deployment: Miniature) -> None:
    deployment.before = refusing("title", lambda _: False)
    context = replace(context, entities=(TASKS,))

    assert await untold.sampled(context) == (context, ())
    assert deployment.made == 0


async def test_a_title_of_tasks_that_is_refused_for_a_pattern_that_cannot_be_read_is_out_of_scope(
    context: RunContext, deployment: Miniature
) -> None:
    title = replace(next(one for one in TASKS.fields if one.name == "title"), pattern=r"^\p{Lu}{3}$")
    tasks = replace(TASKS, fields=tuple(title if one.name == "title" else one for one in TASKS.fields))
    deployment.before = refusing("title", lambda _: False)

    found, notes = await untold.sampled(replace(context, entities=(tasks,)))

    with pytest.raises(OutOfProfile, match="tasks cannot be created: no sample fits title"):
        await given.body(Api(found, "create.longest-text"), found.entities[0])
    assert notes == ("tasks cannot be created: no sample fits title",)


async def test_a_pattern_of_which_no_text_can_be_made_is_learnt_from_refusals(
    context: RunContext, deployment: Miniature
) -> None:
    (customers,) = context.entities
    told = r"^(?!x)(?=.*\d)(?=.*[A-Z])(?<=)\d+$"
    phone = replace(next(one for one in customers.fields if one.name == "phone"), pattern=told, required=True)
    fields = tuple(phone if one.name == "phone" else one for one in customers.fields)
    deployment.before = refusing("phone", lambda text: text.isdigit())

    found, _ = await untold.sampled(replace(context, entities=(replace(customers, fields=fields),)))

    (left,) = [one for one in found.entities[0].fields if one.name == "phone"]
    assert (left.pattern, left.format) == (None, "digits")


async def test_samples_that_are_taken_stay(context: RunContext, deployment: Miniature) -> None:
    deployment.before = refusing("phone", lambda _: True)

    assert await untold.sampled(context) == (context, ())


def with_samples(entity: Entity, field: str, *samples: Scalar) -> Entity:
    """The entity with the user's samples of a field."""
    return replace(
        entity, fields=tuple(replace(one, samples=samples) if one.name == field else one for one in entity.fields)
    )


async def test_a_given_sample_is_not_used_where_an_invented_value_is_taken(
    context: RunContext, deployment: Miniature
) -> None:
    deployment.before = refusing("name", lambda _: True)
    given_ones = replace(context, entities=(with_samples(CUSTOMERS, "name", "Foo"),))

    assert await untold.sampled(given_ones) == (
        context,
        ("--sample customers.name is not used: what a run invents is taken too",),
    )


async def test_a_given_sample_stands_in_for_an_invented_value_that_is_refused(
    context: RunContext, deployment: Miniature
) -> None:
    deployment.before = refusing("name", lambda text: text == "Foo")
    given_ones = replace(context, entities=(with_samples(CUSTOMERS, "name", "Foo"),))

    found, notes = await untold.sampled(given_ones)

    assert (await given.body(Api(found, "create.longest-text"), found.entities[0]))["name"] == "Foo"
    assert notes == ("customers: OPTIONS does not tell every rule of name; samples of name were made to fit",)


async def test_a_given_sample_of_tasks_is_tried_too(context: RunContext, deployment: Miniature) -> None:
    deployment.before = refusing("title", lambda text: text == "Foo")
    given_ones = replace(context, entities=(with_samples(TASKS, "title", "Foo"),))

    found, _ = await untold.sampled(given_ones)

    assert (await given.body(Api(found, "create.longest-text"), found.entities[0]))["title"] == "Foo"


async def test_a_given_sample_that_is_refused_blocks_and_accuses_nobody(
    context: RunContext, deployment: Miniature
) -> None:
    deployment.before = refusing("name", lambda _: False)
    given_ones = replace(context, entities=(with_samples(CUSTOMERS, "name", "Foo"),))

    found, notes = await untold.sampled(given_ones)

    with pytest.raises(Blocked, match=r"the deployment refused --sample customers\.name=Foo"):
        await given.body(Api(found, "create.longest-text"), found.entities[0])
    assert notes[0] == "the deployment refused --sample customers.name=Foo: Is not known"


async def test_of_two_given_samples_the_refused_one_is_left_out(context: RunContext, deployment: Miniature) -> None:
    deployment.before = refusing("name", lambda text: text == "Foo")
    given_ones = replace(context, entities=(with_samples(CUSTOMERS, "name", "Foo", "Bar"),))

    found, notes = await untold.sampled(given_ones)

    assert {field.name: field.samples for field in found.entities[0].fields if field.samples} == {"name": ("Foo",)}
    assert notes[0] == "the deployment refused --sample customers.name=Bar: Is not known"


async def test_a_given_sample_is_tried_where_the_refusal_names_no_field(
    context: RunContext, deployment: Miniature
) -> None:
    made = itertools.count(1)

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST":
            return None
        body = json.loads(request.content)
        if body["name"] != "Foo":
            return problem(400, "VALIDATION_FAILED")
        return httpx.Response(201, json={"success": True, "data": {"id": f"cus_{next(made)}", **body}})

    deployment.before = refuse
    given_ones = replace(context, entities=(with_samples(CUSTOMERS, "name", "Foo"),))

    found, _ = await untold.sampled(given_ones)

    assert (await given.body(Api(found, "create.longest-text"), found.entities[0]))["name"] == "Foo"


async def test_a_given_sample_that_is_taken_only_once_blocks(context: RunContext, deployment: Miniature) -> None:
    taken: list[str] = []

    def is_new(text: str) -> bool:
        taken.append(text)
        return text == "Foo" and taken.count(text) == 1

    deployment.before = refusing("name", is_new)
    given_ones = replace(context, entities=(with_samples(CUSTOMERS, "name", "Foo"),))

    found, _ = await untold.sampled(given_ones)

    with pytest.raises(Blocked, match="the deployment refused --sample"):
        await given.body(Api(found, "create.longest-text"), found.entities[0])


async def test_a_value_of_an_enum_that_is_refused_is_replaced(context: RunContext, deployment: Miniature) -> None:
    deployment.before = refusing("tier", lambda text: text == "gold")
    tier = Field("tier", "enum", values=("bronze", "silver", "gold"), required=True)
    customers = replace(CUSTOMERS, fields=(*CUSTOMERS.fields, tier))

    found, notes = await untold.sampled(replace(context, entities=(customers,)))

    body = await given.body(Api(found, "create.longest-text"), found.entities[0])
    assert body["tier"] == "gold"
    assert notes == ("customers: OPTIONS does not tell every rule of tier; samples of tier were made to fit",)


async def test_a_refused_value_of_an_enum_is_tried_beside_every_value_of_the_others(
    context: RunContext, deployment: Miniature
) -> None:
    units: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response | None:
        body = json.loads(request.content or "{}")
        units.extend([body["unit"]] if body.get("tier") == "bronze" else [])
        return refusing("tier", lambda text: text == "gold")(request)

    deployment.before = refuse
    tier = Field("tier", "enum", values=("gold", "bronze"), required=True)
    unit = Field("unit", "enum", values=("kg", "m", "h"), required=True)
    told = tuple(one for one in CUSTOMERS.fields if one.type not in {"enum", "boolean"})
    customers = replace(CUSTOMERS, fields=(*told, tier, unit))

    await untold.sampled(replace(context, entities=(customers,)))

    assert Counter(units) == {"h": 2, "kg": 2, "m": 2}  # with all that a body may name, and with the least


async def test_each_value_of_an_enum_that_is_refused_is_tried_beside_the_others(
    context: RunContext, deployment: Miniature
) -> None:
    sent: set[tuple[str, bool]] = set()

    def refuse(request: httpx.Request) -> httpx.Response | None:
        body = json.loads(request.content or "{}")
        sent.update([(body["tier"], body["open"])] if "tier" in body else [])
        return refusing("tier", lambda text: text == "gold")(request)

    deployment.before = refuse
    tier = Field("tier", "enum", values=("gold", "silver", "bronze"), required=True)
    told = tuple(one for one in CUSTOMERS.fields if one.type not in {"enum", "boolean"})
    customers = replace(CUSTOMERS, fields=(*told, tier, Field("open", "boolean", required=True)))

    await untold.sampled(replace(context, entities=(customers,)))

    assert {(value, is_open) for value in ("silver", "bronze") for is_open in (True, False)} <= sent


async def test_a_boolean_that_is_refused_takes_its_other_value(context: RunContext, deployment: Miniature) -> None:
    deployment.before = refusing("archived", lambda text: text == "False")
    archived = Field("archived", "boolean", default=False)
    customers = replace(CUSTOMERS, fields=(*CUSTOMERS.fields, archived))

    found, _ = await untold.sampled(replace(context, entities=(customers,)))

    bodies = [await given.body(Api(found, f"check.{number}"), found.entities[0]) for number in range(3)]
    assert not any(body.get("archived") for body in bodies)
