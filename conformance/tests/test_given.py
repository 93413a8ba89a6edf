"""Arrangement on a small deployment in memory: what is shared, what is a check's own, and what blocks.

It is long because each arrangement is tested where it works and where the deployment stands in its way.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import cast

import entity_contract as contract
import httpx
import pytest
from entity_conformance.deployment.api import Api, RunContext, Secret
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.deployment.settings import Settings
from entity_conformance.suite import given
from entity_conformance.suite.given.askers import reader, remover, writer
from entity_conformance.suite.given.changes import _is_of_state, _Series
from entity_conformance.suite.given.descriptions import _described_at
from entity_conformance.suite.given.groups import other_parents, taken
from entity_conformance.suite.given.limits import spending_of
from entity_conformance.suite.given.nothing import every_operation
from entity_conformance.suite.given.person import another_person
from entity_conformance.suite.given.rows import Row, demand_there, kept
from entity_conformance.suite.given.subsets import lacked
from entity_conformance.suite.turns import by_session
from entity_contract import Action, Contract, Entity, Field, Relation

from conformance.tests.miniature import BASE, KEY, OTHER, SESSION, Miniature, data, problem

pytestmark = pytest.mark.anyio

BARE = Entity(
    name="tags",
    title="Tag",
    id_prefix="tag",
    fields=(Field("code", "string", max_length=5),),
    relations=(),
    searchable=(),
    sortable=(),
    operations=("list", "create", "read"),
    always=("id",),
    record_schema="#/components/schemas/EntityRecord",
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def v1() -> Contract:
    return contract.load()


@pytest.fixture
def tasks(v1: Contract) -> Entity:
    entity = v1.entity("tasks")
    assert entity is not None
    fields = tuple(each for each in entity.fields if each.name in {"id", "title", "description"})
    return replace(entity, fields=fields, always=("id", "title"))


@pytest.fixture
def deployment() -> Miniature:
    return Miniature()


@pytest.fixture
async def context(deployment: Miniature, tasks: Entity, v1: Contract, tmp_path: Path) -> AsyncIterator[RunContext]:
    opened_context, journal = opened(Settings(BASE), tmp_path, v1, run="abcdefghi", transport=deployment.transport)
    opened_context.wallet.put("api_key", Secret(KEY))
    opened_context.wallet.put("session", Secret(SESSION, kind="session"))
    async with opened_context.wire:
        yield replace(opened_context, entities=(tasks,))
    journal.close()


@pytest.fixture
def api(context: RunContext) -> Api:
    return Api(context, "list.total [tasks]")


def answering(path: str, answer: Callable[[], httpx.Response]) -> Callable[[httpx.Request], httpx.Response | None]:
    """A deployment that answers one method and path in its own way (`POST /api/v1/tasks`)."""
    return lambda request: answer() if f"{request.method} {request.url.path}" == path else None


async def test_a_group_is_created_once_and_shared_by_all_checks(
    api: Api, context: RunContext, tasks: Entity, deployment: Miniature
) -> None:
    first = await given.group(api, tasks)
    second = await given.group(Api(context, "list.limit-caps-page [tasks]"), tasks)

    assert first == second
    of_all = ["POST /api/v1/tasks"] * 7 + ["GET /api/v1/tasks"]
    of_one = [f"{method} /api/v1/tasks/tsk_7" for method in ("PATCH", "GET")]
    assert [one.partition("?")[0] for one in deployment.requests] == of_all + of_one


async def test_the_records_of_a_group_differ_in_their_titles_and_hold_borders(api: Api, tasks: Entity) -> None:
    group = await given.group(api, tasks)

    assert len(set(group.values("title"))) == 7
    assert group.alone == {"filter": {"id": {"$in": [record["id"] for record in group.records]}}}
    assert all(word in title for word, title in zip(group.words, group.values("title"), strict=True))
    assert None in group.values("description")
    assert "" in group.values("description")


@pytest.mark.parametrize(
    ("fractions", "soon"),
    [((".123", ".456"), ".458000"), ((".120", ".450"), ".470000"), ((".000", ".000"), "2.000000")],
)
async def test_soon_after_a_group_is_two_units_of_what_times_are_kept_in(
    api: Api, tasks: Entity, fractions: tuple[str, str], soon: str
) -> None:
    found = await given.group(api, tasks)
    created = [f"2025-01-15T10:30:00{fractions[place == 6]}Z" for place in range(7)]
    group = replace(
        found, records=tuple({**one, "createdAt": at} for one, at in zip(found.records, created, strict=True))
    )

    assert group.soon.removesuffix("Z").endswith(soon)


async def test_one_record_of_a_group_was_another_before(api: Api, tasks: Entity) -> None:
    group = await given.group(api, tasks)

    assert group.earlier is not None
    (before, _), id_ = group.earlier, group.earlier[0]["id"]
    (now,) = [one for one in group.records if one["id"] == id_]
    assert now["title"] != before["title"]
    assert now["description"] is None
    assert [one for one in group.listed if one["id"] == id_] == [before]
    assert [record for record, _ in group.when_listed if record["id"] == id_] == [before]
    assert group.longest["id"] != id_


@pytest.mark.parametrize("vice", ["refused", "lost", "not found"])
async def test_a_group_whose_change_came_to_nothing_is_made_anew(
    api: Api, tasks: Entity, deployment: Miniature, vice: str
) -> None:
    def changing(request: httpx.Request) -> httpx.Response | None:
        if vice == "not found":
            return problem(404, "NOT_FOUND") if request.method == "GET" and "/tasks/" in request.url.path else None
        if request.method != "PATCH":
            return None
        if vice == "refused":
            return problem(403, "FORBIDDEN")
        id_ = request.url.path.rpartition("/")[2]
        return data(200, {**deployment.records["tasks"][id_], "id": id_, **json.loads(request.content)})

    deployment.before = changing

    group = await given.group(api, tasks)

    assert group.earlier is None
    assert len(group.records) == 7
    assert {one["id"] for one in group.listed} == {one["id"] for one in group.records}
    assert all(word in title for word, title in zip(group.words, group.values("title"), strict=True))


async def test_a_border_that_is_refused_by_its_name_is_replaced(api: Api, tasks: Entity, deployment: Miniature) -> None:
    def refusing(request: httpx.Request) -> httpx.Response | None:
        is_empty = request.method == "POST" and json.loads(request.content).get("description") == ""
        return problem(400, "VALIDATION_FAILED", description="Is empty") if is_empty else None

    deployment.before = refusing

    group = await given.group(api, tasks)

    assert len(group.records) == 7
    assert "" not in group.values("description")


async def test_a_title_of_letters_alone_is_tried_where_others_are_refused(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    def refusing(request: httpx.Request) -> httpx.Response | None:
        is_odd = request.method == "POST" and re.search("[^A-Za-z ]", json.loads(request.content)["title"])
        return problem(400, "VALIDATION_FAILED", title="Letters and blanks only") if is_odd else None

    deployment.before = refusing

    group = await given.group(api, tasks)

    assert all(word in title for word, title in zip(group.words, group.values("title"), strict=True))


async def test_a_title_is_changed_to_plain_words_where_all_else_is_refused(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    def refusing(request: httpx.Request) -> httpx.Response | None:
        is_marked = request.method == "PATCH" and "conformance-" in request.content.decode()
        return problem(400, "VALIDATION_FAILED", title="Looks like an advertisement") if is_marked else None

    deployment.before = refusing
    titled = replace(tasks, fields=tuple(one for one in tasks.fields if one.name != "description"))

    change = await given.change(api, titled)

    assert str(change.body["title"]).endswith(" plain")
    assert change.reply.status == 200


async def test_what_is_refused_without_a_name_is_made_of_tame_values(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    def refusing(request: httpx.Request) -> httpx.Response | None:
        is_odd = request.method == "POST" and '"it' in json.loads(request.content)["title"]
        return problem(422, "UNPROCESSABLE_ENTITY") if is_odd else None

    deployment.before = refusing

    group = await given.group(api, tasks)

    assert group.values("title")[1].endswith("plain")


async def test_a_record_of_ones_own_is_made_each_time(api: Api, tasks: Entity, deployment: Miniature) -> None:
    first, second = await given.record(api, tasks), await given.record(api, tasks)

    assert first["id"] != second["id"]
    assert first["title"] != second["title"]
    assert len(deployment.records["tasks"]) == 3, "besides the creation that shows that records can be made"


def sampled(entity: Entity, **samples: str) -> Entity:
    """The entity with one known sample of each of these fields."""
    fields = [replace(one, samples=(samples[one.name],)) if one.name in samples else one for one in entity.fields]
    return replace(entity, fields=tuple(fields))


@pytest.mark.parametrize(
    ("body", "is_of_state"), [({"status": "todo"}, True), ({"status": "todo", "title": "x"}, False)]
)
def test_a_state_is_what_an_enum_alone_is_set_to(v1: Contract, body: dict[str, object], is_of_state: bool) -> None:  # noqa: FBT001
    assert _is_of_state(v1.entities[0])(body) is is_of_state


async def test_an_update_changes_a_field_that_has_another_value_and_never_to_null(api: Api, tasks: Entity) -> None:
    changed = given.different(api, sampled(tasks, title="Foo"), {"title": "Foo", "description": "x"})

    assert list(changed) == ["description"]
    assert isinstance(changed["description"], str)


async def test_an_update_is_out_of_scope_where_every_field_has_one_sample_only(api: Api, tasks: Entity) -> None:
    known = {"title": "Foo", "description": "Bar"}

    with pytest.raises(OutOfProfile, match="--sample"):
        given.different(api, sampled(tasks, title="Foo", description="Bar"), known)


def test_the_required_text_stays_itself_where_only_a_sample_of_it_is_taken(tasks: Entity) -> None:
    assert given.required_text(sampled(tasks, title="Foo")) == "title"


def test_a_title_is_out_of_scope_where_only_samples_are_taken(tasks: Entity) -> None:
    with pytest.raises(OutOfProfile, match="title, description takes only samples that are given"):
        given.title(sampled(tasks, title="Foo", description="Bar"))


async def test_a_refused_creation_blocks_and_is_not_tried_again(api: Api, tasks: Entity, deployment: Miniature) -> None:
    deployment.before = answering("POST /api/v1/tasks", lambda: problem(500, "INTERNAL_ERROR"))

    for _ in range(2):
        with pytest.raises(Blocked, match="could not be created"):
            await given.group(api, tasks)

    assert len(deployment.requests) == 2, "with borders, and with tame values"


async def test_a_creation_without_an_id_blocks(api: Api, tasks: Entity, deployment: Miniature) -> None:
    deployment.before = answering("POST /api/v1/tasks", lambda: data(201, {"title": "x"}))

    with pytest.raises(Blocked, match="could not be created"):
        await given.record(api, tasks)


async def test_an_act_is_performed_once_and_not_judged(
    api: Api, context: RunContext, tasks: Entity, deployment: Miniature
) -> None:
    deployment.before = answering("POST /api/v1/tasks", lambda: problem(500, "INTERNAL_ERROR"))
    another = Api(context, "create.gives-an-id [tasks]")

    created = await given.creation(api, tasks)
    again = await given.creation(another, tasks)

    assert created.reply.status == 500
    assert again is created
    assert another.exchanges == [created.reply.exchange]


async def test_a_change_names_each_field_with_another_value_and_lets_time_move_before(
    api: Api, tasks: Entity, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(_: Api, seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(Api, "sleep", sleep)

    change = await given.change(api, tasks)

    assert slept == [2.0]

    assert list(change.body) == ["title", "description"]
    assert change.body["title"] != change.before["title"]
    assert change.reply.record["title"] == change.body["title"]


@pytest.mark.parametrize(("fraction", "unit"), [("", 1.0), (".000", 1.0), (".120", 0.001)])
async def test_time_is_let_pass_in_the_unit_that_a_deployment_keeps(
    api: Api, monkeypatch: pytest.MonkeyPatch, fraction: str, unit: float
) -> None:
    slept: list[float] = []

    async def sleep(_: Api, seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(Api, "sleep", sleep)
    shown = f"2025-01-15T10:30:00{fraction}Z"

    await given.let_age(api, {"createdAt": shown, "updatedAt": shown})

    assert slept == [2 * unit]


async def test_a_record_is_changed_on_field_by_field_and_then_several_at_once(api: Api, tasks: Entity) -> None:
    changes = await given.changes(api, tasks)

    named = [sorted(step.body) for step in changes.steps]
    both = ["description", "title"]
    assert named == [both, ["title"], ["description"], both, ["description"]]
    assert [step.body["description"] for step in changes.steps[3:]] == [None, ""]
    assert changes.read.record["description"] == ""


async def test_a_foreign_key_that_need_not_be_there_is_set_cleared_and_set_again(
    context: RunContext, v1: Contract, deployment: Miniature
) -> None:
    tasks = next(one for one in v1.entities if one.name == "tasks")
    deployment.records["users"] = {
        f"usr_{number}": {"id": f"usr_{number}", "name": "U", "owner": "ada"} for number in (1, 2)
    }
    api = Api(replace(context, entities=(tasks,)), "update.null-clears [tasks]")

    changes = await given.changes(api, tasks)

    named = [step.body["assigneeId"] for step in changes.steps if "assigneeId" in step.body]
    assert [one is None for one in named] == [False, True, False]


def refusing_changes(*refused: str, naming: bool) -> Callable[[httpx.Request], httpx.Response | None]:
    """A deployment that refuses to change these fields as a conflict, which it may say by their names."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        named = [name for name in refused if request.method == "PATCH" and name in json.loads(request.content)]
        if not named:
            return None
        return problem(409, "CONFLICT", **(dict.fromkeys(named, "Not any more") if naming else {}))

    return answer


async def test_a_record_that_cannot_be_read_is_changed_all_the_same(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    poles = replace(tasks, name="poles", operations=("list", "create", "update"))
    api.context = replace(api.context, entities=(poles,))
    deployment.records["poles"] = {}
    deployment.before = lambda request: (
        problem(405, "METHOD_NOT_ALLOWED") if request.method == "GET" and "/poles/" in request.url.path else None
    )

    assert (await given.change(api, poles)).reply.status == 200


async def test_what_a_conflict_refuses_by_name_is_left_out_of_an_update(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    deployment.before = refusing_changes("description", naming=True)

    change = await given.change(api, tasks)

    assert (list(change.body), change.reply.status) == (["title"], 200)


async def test_an_entity_whose_record_takes_no_change_in_its_state_is_out_of_scope(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    deployment.before = refusing_changes("title", "description", naming=False)
    deployment.records["projects"] = {}

    assert (await given.change(api, tasks)).reply.status == 409  # of tasks the reference tells every rule
    with pytest.raises(OutOfProfile, match="no change is taken"):
        await given.change(api, replace(tasks, name="projects"))


async def test_a_record_that_takes_no_change_is_not_judged_by_how_it_refuses_wrong_ones(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    deployment.before = refusing_changes("title", "description", naming=False)
    deployment.records["projects"] = {}

    with pytest.raises(Blocked, match="no change is taken"):  # which `update.returns-record` judges
        await given.patched(api, tasks, {"title": 7})
    with pytest.raises(OutOfProfile, match="no change is taken"):
        await given.patched(api, replace(tasks, name="projects"), {"title": 7})


async def test_a_record_that_is_gone_says_nothing_of_wrong_changes(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    def losing(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PATCH":
            deployment.records["tasks"].clear()
        return None

    deployment.before = losing

    with pytest.raises(Blocked, match="not found any more"):
        await given.patched(api, tasks, {"title": 7})


async def test_a_wrong_change_of_a_record_that_is_there_is_judged_though_it_is_not_found(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    deployment.before = lambda request: problem(404, "NOT_FOUND") if request.method == "PATCH" else None

    assert (await given.patched(api, tasks, {"title": 7})).status == 404


async def test_a_conflict_that_a_valid_change_does_not_meet_is_judged(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    def answer(request: httpx.Request) -> httpx.Response | None:
        is_wrong = request.method == "PATCH" and json.loads(request.content)["title"] == 7
        return problem(409, "CONFLICT") if is_wrong else None

    deployment.before = answer
    deployment.records["projects"] = {}

    assert (await given.patched(api, replace(tasks, name="projects"), {"title": 7})).status == 409


async def test_a_wrong_change_that_meets_another_change_is_sent_again(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    conflicts = [problem(409, "CONFLICT")]
    deployment.before = lambda request: (
        (conflicts.pop() if conflicts else problem(400, "VALIDATION_FAILED")) if request.method == "PATCH" else None
    )

    assert (await given.patched(api, tasks, {"title": 7})).status == 400


async def test_a_wrong_change_is_sent_alone_where_what_is_right_in_it_is_taken(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    def answer(request: httpx.Request) -> httpx.Response | None:
        sent = json.loads(request.content) if request.method == "PATCH" else {}
        if isinstance(sent.get("title"), str):
            return problem(409, "CONFLICT", title="Is taken")
        return problem(400, "VALIDATION_FAILED", conformanceUnknown="Is unknown") if sent else None

    deployment.before = answer

    replies = await given.meddled(api, tasks, "update")

    assert {one.status for one in replies.values()} == {400}


@pytest.mark.parametrize(
    ("maximum", "written"), [(10, ('"weight": 1e999', '"weight": NaN')), (None, ("", '"title": NaN'))]
)
async def test_odd_numbers_are_written_in_a_field_that_tells_a_maximum(
    api: Api, tasks: Entity, deployment: Miniature, maximum: float | None, written: tuple[str, str]
) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        sent.append(request.content.decode())
        return problem(400, "VALIDATION_FAILED") if "1e999" in sent[-1] or "NaN" in sent[-1] else None

    deployment.before = answer
    heavy = replace(tasks, fields=(*tasks.fields, Field("weight", "integer", maximum=maximum)))
    other = replace(heavy, name="others")
    api.context = replace(api.context, entities=(heavy, other))

    assert len(await given.endless(api, heavy)) == bool(written[0])
    assert not sent or written[0] in sent[-1]
    assert await given.endless(api, other) == ()

    await given.without_a_number(api, heavy)
    assert written[1] in sent[-1]


async def test_a_literal_is_written_in_a_field_of_any_name(api: Api, tasks: Entity, deployment: Miniature) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        sent.append(request.content.decode())
        return problem(400, "VALIDATION_FAILED") if "NaN" in sent[-1] else None

    deployment.before = answer
    weighty = replace(tasks, fields=(*tasks.fields, Field('größe "x"', "integer", maximum=10)))
    api.context = replace(api.context, entities=(weighty,))

    await given.without_a_number(api, weighty)

    assert r'"größe \"x\"": NaN' in sent[-1]


async def test_moments_of_records_without_one_are_out_of_scope() -> None:
    with pytest.raises(OutOfProfile, match="records have no createdAt"):
        given.times([{"id": "tsk_1"}])
    with pytest.raises(Blocked, match="no RFC 3339 time"):
        given.times([{"id": "tsk_1", "createdAt": 7}])


async def test_an_entity_that_takes_no_more_records_is_out_of_scope(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    deployment.before = lambda request: problem(409, "CONFLICT") if request.method == "POST" else None
    deployment.records["projects"] = {}

    with pytest.raises(Blocked, match="could not be created"):
        await given.records(api, tasks)
    with pytest.raises(OutOfProfile, match="projects: no more records are taken"):
        await given.records(api, replace(tasks, name="projects"))


@pytest.mark.parametrize(("status", "aside"), [(404, "PUT"), (400, "PUT"), (405, "HEAD"), (501, "HEAD")])
async def test_a_method_that_the_contract_leaves_aside_is_there_where_it_is_not_refused_as_such(
    api: Api, tasks: Entity, deployment: Miniature, status: int, aside: str
) -> None:
    deployment.before = lambda request: problem(status, "X") if request.method == "PUT" else None

    assert await given.methods_aside(api, tasks, ["GET", "HEAD"]) == {"HEAD"}
    assert await given.methods_aside(api, tasks, ["GET", "PUT"]) == {"HEAD", aside}
    assert [one for one in deployment.requests if one.startswith("PUT")] == [
        f"PUT /api/v1/tasks/{await given.absent_id(api, tasks)}"
    ]


@pytest.mark.parametrize(("status", "by_a_reader"), [(405, [405]), (400, [])])
async def test_a_reader_is_refused_a_method_where_nobody_has_it(
    api: Api, tasks: Entity, deployment: Miniature, status: int, by_a_reader: list[int]
) -> None:
    deployment.before = lambda request: problem(status, "X") if request.method == "PUT" else None
    api.context.wallet.put("read_key", Secret(KEY))

    reply, others = await given.refused_puts(api, tasks)

    assert (reply.status, [one.status for one in others]) == (status, by_a_reader)


async def test_what_goes_along_with_a_parent_is_deleted_before_it(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    """Two entities name one another, one of them by a key that it must have."""
    teams = replace(tasks, name="teams", relations=(Relation("head", "belongsTo", "members", "headId"),))
    team = Field("teamId", "string", required=True)
    members = replace(
        tasks,
        name="members",
        fields=(*tasks.fields, team),
        relations=(Relation("team", "belongsTo", "teams", "teamId"),),
    )
    deployment.records |= {"teams": {}, "members": {}}
    both = Api(replace(api.context, entities=(teams, members)), "a check")
    both.context.wallet.put("delete_key", Secret(KEY))

    assert (await given.target_deleted(both, teams)).status == 200
    assert (await given.target_deleted(both, members)).status == 200
    deleted = [one.split("/")[3] for one in deployment.requests if one.startswith("DELETE")]
    assert deleted == ["members", "teams"]


async def test_a_removal_is_of_a_record_that_was_there(api: Api, tasks: Entity, deployment: Miniature) -> None:
    removal = await given.removal(api, tasks)

    assert removal.reply.status == 200
    assert removal.record["id"] not in deployment.records["tasks"]


async def test_deletions_at_once_are_of_another_record_where_one_was_answered_by_503(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    unavailable = [problem(503, "SERVICE_UNAVAILABLE")]
    deployment.before = lambda request: unavailable.pop() if request.method == "DELETE" and unavailable else None

    *deleted, read = await given.deletions(api, tasks)

    ids = [line.rpartition("/")[2] for line in deployment.requests if line.startswith("DELETE ")]
    assert (len(ids), ids[0], ids[2]) == (4, ids[1], ids[3])
    assert ids[0] != ids[2]
    assert ([one.status for one in deleted], read.status) == ([200, 404], 404)


@pytest.mark.parametrize(("keys", "asked"), [((), ["tasks"]), (("write_key", "delete_key"), ["tasks", "notes"])])
async def test_what_was_deleted_is_asked_about_everywhere_where_keys_of_the_runs_own_ask(
    api: Api, tasks: Entity, deployment: Miniature, keys: tuple[CredentialName, ...], asked: list[str]
) -> None:
    deployment.records["notes"] = {}
    for name in keys:
        api.context.wallet.put(name, Secret(KEY))
    both = Api(replace(api.context, entities=(tasks, replace(tasks, name="notes"))), api.check)

    updated = await given.updates_of_the_deleted(both, tasks)
    deleted = await given.deletions_of_the_deleted(both, tasks)

    assert {name: reply.status for name, reply in updated.items()} == dict.fromkeys(asked, 404)
    assert [(reply.method, reply.status) for reply in deleted] == [("DELETE", 404)] * len(asked)


async def test_a_deletion_that_meets_an_update_and_is_refused_for_it_is_sent_again(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    api.context.wallet.put("write_key", Secret(KEY))
    conflicts = [problem(409, "CONFLICT")]
    deployment.before = lambda request: conflicts.pop() if request.method == "DELETE" and conflicts else None

    *deleted, read = await given.deletions(api, tasks)

    sent = [line for line in deployment.requests if line.startswith(("PATCH ", "DELETE "))]
    assert [line.partition(" ")[0] for line in sent] == ["PATCH", *["DELETE"] * 3]
    assert len({line.rpartition("/")[2] for line in sent}) == 1
    assert ([one.status for one in deleted], read.status) == ([404, 200], 404)


async def test_an_id_of_nobody_is_none_of_the_records(api: Api, tasks: Entity, deployment: Miniature) -> None:
    assert await given.absent_id(api, tasks) not in deployment.records["tasks"]


async def test_an_entity_without_a_text_is_out_of_profile(api: Api) -> None:
    with pytest.raises(OutOfProfile, match="no free text"):
        await given.group(api, BARE)


def test_the_field_that_is_shown_is_the_title_or_another_that_is_always_there(tasks: Entity) -> None:
    assert given.shown_field(tasks) == "title"
    assert given.shown_field(replace(BARE, always=("id", "createdAt", "name"))) == "name"
    with pytest.raises(OutOfProfile, match="every record shows"):
        given.shown_field(BARE)


async def test_a_parent_that_the_run_does_not_have_is_out_of_profile(api: Api, tasks: Entity) -> None:
    relation = Relation("parcel", "belongsTo", "parcels", "parcelId")
    fields = (*tasks.fields, Field("parcelId", "string", required=True))
    child = replace(tasks, fields=fields, relations=(relation,))

    with pytest.raises(OutOfProfile, match="parcels"):
        await given.record(api, child)


async def test_without_a_directory_nobody_is_out_of_profile(api: Api) -> None:
    with pytest.raises(OutOfProfile, match="directory"):
        await given.person(api)


@pytest.mark.parametrize(("held", "wanted"), [(None, "usr_3"), ("usr_2", "usr_2"), ("usr_4", "usr_3")])
async def test_somebody_is_active_and_where_that_is_known_named_by_a_record(
    context: RunContext, v1: Contract, deployment: Miniature, held: str | None, wanted: str
) -> None:
    tasks = next(one for one in v1.entities if one.name == "tasks")
    deployment.records["users"] = {
        f"usr_{number}": {"id": f"usr_{number}", "name": "U", "active": number != 4, "owner": "ada"}
        for number in range(1, 5)
    }
    deployment.store("tasks", {"title": "There before", "assigneeId": held}, "ada")
    api = Api(replace(context, entities=(tasks,)), "list.total [tasks]")
    for name in ("users", "tasks"):
        await api.list(name, limit=100)

    assert (await given.person(api))["id"] == wanted


async def test_who_can_be_named_by_no_record_is_not_the_one(
    context: RunContext, v1: Contract, deployment: Miniature
) -> None:
    tasks = next(one for one in v1.entities if one.name == "tasks")
    deployment.records["users"] = {
        f"usr_{number}": {"id": f"usr_{number}", "name": "U", "owner": "ada"} for number in (1, 2)
    }

    def refused(request: httpx.Request) -> httpx.Response | None:
        is_named = request.method == "POST" and b"usr_2" in request.content
        return problem(400, "VALIDATION_FAILED", assigneeId="Left us") if is_named else None

    deployment.before = refused
    api = Api(replace(context, entities=(tasks,)), "list.total [tasks]")
    await api.list("users", limit=100)

    assert (await given.assigned(api, tasks))["assigneeId"] == "usr_1"
    assert (await given.assigned_child(api, tasks)).parent["id"] == "usr_1"


async def test_somebody_who_is_renamed_is_listed_and_read_anew(
    context: RunContext, v1: Contract, deployment: Miniature
) -> None:
    entities = tuple(one for one in v1.entities if one.name in {"tasks", "users"})
    somebody: dict[str, object] = {"id": "usr_1", "name": "Ada", "owner": "ada"}
    deployment.records["users"] = {"usr_1": somebody}
    api = Api(replace(context, entities=entities), "read.directory-record")
    await given.person(api)
    somebody["name"] = "Ada Lindqvist"

    known, reply = await given.directory_read(api)

    assert known["name"] == reply.record["name"] == "Ada Lindqvist"


@pytest.mark.parametrize(
    ("offered", "granted"), [((), ["POST", "PATCH"]), (("create",), ["PATCH"]), (("update",), ["POST"])]
)
async def test_writes_that_the_directory_leaves_out_and_grants_are_told(
    context: RunContext, v1: Contract, deployment: Miniature, offered: tuple[Action, ...], granted: list[str]
) -> None:
    (users,) = (one for one in v1.entities if one.name == "users")
    users = replace(users, operations=(*users.operations, *offered))
    done = {"success": True, "data": {"id": "usr_9", "name": "Nobody"}}
    deployment.before = lambda request: httpx.Response(200, json=done) if request.method in {"POST", "PATCH"} else None
    api = Api(replace(context, entities=(users,)), "errors.directory-takes-no-writes")

    assert [reply.method for reply in await given.granted_by_the_directory(api)] == granted


async def test_a_directory_that_tells_all_writes_leaves_none_out(context: RunContext, v1: Contract) -> None:
    (users,) = (one for one in v1.entities if one.name == "users")
    users = replace(users, operations=(*users.operations, "create", "update"))

    with pytest.raises(OutOfProfile, match="OPTIONS of users tells that they can be written"):
        await given.granted_by_the_directory(Api(replace(context, entities=(users,)), "errors.x"))


async def test_children_that_a_deployment_made_itself_are_no_strangers(api: Api) -> None:
    api.context.owned.made("comments", "cmt_1")
    shown = [
        {"id": "cmt_1", "taskId": "tsk_1"},
        {"id": "cmt_2", "taskId": "tsk_1"},
        {"id": "cmt_3"},
        {"id": "cmt_4", "taskId": "tsk_2"},
        "no record",
    ]

    own = given.own_children(api, "comments", "taskId", {"id": "tsk_1"}, shown)

    assert own == [shown[0], *shown[3:]]


@pytest.mark.parametrize(("ids", "other"), [(["usr_1", "usr_2", "usr_3"], "usr_2"), (["usr_1"], "usr_1")])
async def test_somebody_else_of_the_directory_is_the_next_likeliest(
    api: Api, deployment: Miniature, ids: list[str], other: str
) -> None:
    deployment.before = answering("GET /api/v1/users", lambda: data(200, [{"id": one} for one in ids]))
    await api.list("users", limit=100)

    assert (await given.person(api))["id"] == "usr_1"
    assert (await another_person(api))["id"] == other


async def test_every_operation_of_an_unknown_entity_is_tried(api: Api, deployment: Miniature) -> None:
    replies = await every_operation(api)

    assert [reply.method for reply in replies.values()] == ["GET", "POST", "GET", "PATCH", "DELETE", "OPTIONS"]
    assert [reply.code for reply in replies.values()] == ["ENTITY_NOT_FOUND"] * 6
    assert len(deployment.requests) == 6  # that nobody has the id is read before it is written to


@pytest.mark.parametrize("status", [204, 405])
async def test_what_a_gateway_answers_to_every_options_says_nothing_of_an_unknown_entity(
    api: Api, tasks: Entity, deployment: Miniature, status: int
) -> None:
    deployment.before = lambda request: httpx.Response(status) if request.method == "OPTIONS" else None
    await api.metadata(tasks)

    with pytest.raises(Blocked, match=f"OPTIONS answers {status} whatever the entity"):
        await given.metadata_of_nothing(api)

    assert "OPTIONS" not in [reply.method for reply in await given.answers_of_nothing(api)]


async def test_metadata_of_an_unknown_entity_is_judged_where_a_known_one_has_some(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    deployment.before = lambda request: httpx.Response(204) if "unknown" in request.url.path else None
    await api.metadata(tasks)

    assert (await given.metadata_of_nothing(api)).status == 204
    assert "OPTIONS" in [reply.method for reply in await given.answers_of_nothing(api)]


@pytest.mark.parametrize(("key", "method"), [("read_key", "GET"), ("write_key", "PATCH"), ("delete_key", "DELETE")])
async def test_a_key_that_was_turned_away_is_not_asked_with_where_any_would_do(
    api: Api, tasks: Entity, deployment: Miniature, key: CredentialName, method: str
) -> None:
    api.context.wallet.put(key, Secret(KEY))
    who = {"GET": reader, "PATCH": writer, "DELETE": remover}[method]
    assert who(api) == key

    deployment.before = lambda _: problem(403, "INVALID_SCOPE")
    await api.request("POST", "/keys", json={"name": 1}, credential=key)
    assert who(api) == key

    await api.request(method, f"/{tasks.name}/{api.invented('nobody')}", credential=key)
    assert who(api) == "api_key"


@pytest.mark.parametrize(("turned_away", "judged"), [((), 5), (("PATCH",), 4), (("POST", "PATCH", "DELETE"), 2)])
async def test_writes_of_an_unknown_entity_count_where_a_key_may_write(
    api: Api, deployment: Miniature, turned_away: tuple[str, ...], judged: int
) -> None:
    forbidden = problem(403, "INVALID_SCOPE")
    deployment.before = lambda request: forbidden if request.method in turned_away else None

    assert len(await given.operations_of_nothing(api)) == judged


async def test_every_operation_by_nobody_has_nothing_wrong_but_that(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    own = await given.target(api, tasks)
    deployment.requests.clear()

    await given.strangers(api, tasks)

    # the only entity, so that every operation is its own
    record = f"/api/v1/tasks/{own['id']}"
    nobody = "%7B%22id%22%3A%20%22conformanceUnknown%22%7D"
    listed = f"GET /api/v1/tasks?filter={nobody}&limit=1"  # others ask for it otherwise
    assert deployment.requests == [
        listed, "POST /api/v1/tasks", f"GET {record}", f"PATCH {record}", f"DELETE {record}",
        "OPTIONS /api/v1/tasks",
    ]  # fmt: skip


async def test_nobody_writes_to_a_record_of_what_nobody_can_make(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    operations = tuple(one for one in tasks.operations if one not in {"create", "delete"})
    settings = replace(tasks, name="settings", operations=operations)
    deployment.records["settings"] = {}

    await given.strangers(Api(replace(api.context, entities=(settings,)), "a check"), settings)

    assert {one.partition(" ")[0] for one in deployment.requests} == {"GET", "OPTIONS"}


async def test_a_bad_credential_meets_every_operation(api: Api, deployment: Miniature) -> None:
    replies = await given.turned_away(api, given.UNKNOWN, place=1)

    assert [reply.method for reply in replies] == ["GET", "POST", "GET", "PATCH", "DELETE", "OPTIONS"]
    assert {reply.status for reply in replies} == {401}
    assert len(deployment.records["tasks"]) == 1  # the one at which all is refused


async def test_an_expired_key_that_is_let_in_is_tried_later(
    context: RunContext, deployment: Miniature, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in = iter([data(200, [])])
    is_bad = {"authorization": "Bearer sk_test_expired"}
    deployment.before = lambda request: next(let_in, None) if is_bad.items() <= request.headers.items() else None
    context.wallet.put("expired_key", Secret("sk_test_expired"))
    api = Api(replace(context, expires_at=deployment.now), "auth.expired-key")
    monkeypatch.setattr(context.wire, "sleep", deployment.sleep)
    began = deployment.now

    assert {reply.status for reply in await given.expired_turned_away(api)} == {401}
    assert timedelta(seconds=4) < deployment.now - began <= timedelta(seconds=5)


async def test_what_holds_no_secret_meets_two_operations(api: Api) -> None:
    replies = await given.turned_away(api, given.UNKNOWN, place=0, actions=given.actions_of(given.UNKNOWN))

    assert [reply.method for reply in replies] == ["GET", "PATCH"]


async def test_who_is_sent_to_another_page_is_turned_away(api: Api, deployment: Miniature) -> None:
    away = httpx.Response(302, headers={"Location": "/login"})
    deployment.before = lambda request: None if "authorization" in request.headers else away

    assert {reply.status for reply in await given.turned_away(api, "none", place=0)} == {302}


async def test_what_is_open_to_everybody_leaves_the_other_operations_to_be_judged(
    api: Api, deployment: Miniature
) -> None:
    deployment.before = lambda request: httpx.Response(204) if request.method == "OPTIONS" else None

    replies = await given.turned_away(api, given.UNKNOWN, place=0)

    assert "OPTIONS" not in {reply.method for reply in replies}
    assert len(replies) == len(given.identity.ACTIONS) - 1
    assert {reply.status for reply in replies} == {401}


async def test_an_options_that_describes_nothing_to_anybody_is_not_asked_of_strangers(
    api: Api, deployment: Miniature
) -> None:
    asked = [reply.method for one in api.entities for reply in await given.strangers(api, one)]
    deployment.before = lambda request: httpx.Response(204) if request.method == "OPTIONS" else None
    again = Api(replace(api.context, shared=type(api.context.shared)()), "again")
    left = [reply.method for one in again.entities for reply in await given.strangers(again, one)]

    assert [one for one in asked if one != "OPTIONS"] == left
    assert "OPTIONS" in asked


async def test_a_bad_credential_says_nothing_where_nobody_is_asked(api: Api, deployment: Miniature) -> None:
    deployment.before = lambda request: data(200, []) if request.method == "GET" else None

    with pytest.raises(Blocked, match="list of tasks is open to everybody"):
        await given.turned_away(api, given.UNKNOWN, place=0, actions=("list",))


@pytest.mark.parametrize(
    ("display", "is_shown"), [("sk_live_other_1...", True), ("sk_live_...", False), ("sk_live_own_12...", False)]
)
def test_a_masked_key_is_told_from_ones_own(display: str, is_shown: bool) -> None:  # noqa: FBT001
    listed = [{"key": display}]

    assert given.shows_key(listed, "sk_live_other_1234567890", own="sk_live_own_1234567890") is is_shown


async def test_what_ought_to_be_refused_and_was_not_leaves_the_others_a_record(api: Api, tasks: Entity) -> None:
    own = await given.target(api, tasks)
    deleted = await api.delete(tasks, own["id"])

    reply = await given.perform(api, tasks, "update", "none")
    instead = await given.target(api, tasks)

    assert instead["id"] != own["id"]
    assert reply.url.endswith(f"/{instead['id']}")
    assert (await given.target(api, tasks)) == instead
    with pytest.raises(Blocked, match="that had to be refused took this record away"):
        await given.seen_again(api, tasks, deleted)


async def test_where_every_record_is_taken_away_no_more_are_made(api: Api, tasks: Entity) -> None:
    own, taken = await given.target(api, tasks), 0
    with suppress(Blocked):
        for taken in range(20):  # noqa: B007  # how often one was
            api.context.owned.deleted("tasks", own["id"])
            own = await given.target(api, tasks)

    assert 1 < taken < 19


async def test_a_parent_that_the_run_did_not_make_is_none_that_it_lost(api: Api, tasks: Entity) -> None:
    inbox = Relation("inbox", "belongsTo", "inboxes", "inboxId")
    fields = (*tasks.fields, Field("inboxId", "string", default="inb_1"))
    related = replace(tasks, fields=fields, relations=(*tasks.relations, inbox))

    demand_there(api, related, {**await given.record(api, tasks), "inboxId": "inb_1"})


async def test_nothing_is_made_in_the_place_of_a_record_that_was_never_shown_to_be_the_runs(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    doubtful = {"id": "tsk_99"}

    assert await kept(api, tasks, doubtful) is doubtful
    assert deployment.requests == []


async def test_another_user_tries_to_delete_only_what_cannot_be_read(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    api.context.wallet.put("other_api_key", Secret(OTHER))

    isolated = await given.tried_by_another(api, tasks)

    assert [(reply.method, reply.status) for reply in isolated] == [("GET", 404), ("PATCH", 404), ("DELETE", 404)]
    assert len(deployment.records["tasks"]) == 1


async def test_who_shares_records_with_another_user_does_not_have_them_deleted(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    deployment.owners[OTHER] = "ada"
    api.context.wallet.put("other_api_key", Secret(OTHER))

    shared = await given.tried_by_another(api, tasks)

    assert [(reply.method, reply.status) for reply in shared] == [("GET", 200), ("PATCH", 200)]


@pytest.mark.parametrize(
    ("value", "held", "milder"), [(0.125, 0, 0.12), (0.125, 0.12, None), (0.5, 0, None), (0.004, 0, None), (3, 0, None)]
)
async def test_a_number_that_is_refused_becomes_rounder(
    api: Api, value: float, held: float, milder: float | None
) -> None:
    part = replace(BARE, fields=(Field("part", "number", minimum=0.01, maximum=1),))

    assert _Series(api, part, "rat_1", {"part": held})._milder("part", value) == milder


async def test_a_field_that_is_fixed_leaves_the_others_to_be_changed(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    notes = replace(tasks, name="notes")
    deployment.records["notes"] = {}
    both = Api(replace(api.context, entities=(tasks, notes)), "a check")
    own = {entity.name: await given.record(both, entity) for entity in both.entities}
    fixed = problem(400, "VALIDATION_FAILED", title="is fixed")
    deployment.before = lambda request: fixed if request.method == "PATCH" and b"title" in request.content else None

    replies = [await given.changed(both, one, own[one.name], "api_key") for one in both.entities]

    assert [reply.status for reply in replies] == [400, 200]  # of the reference's own entity nothing is fixed


async def test_a_parent_that_takes_one_child_is_followed_by_new_ones(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    fields = (*tasks.fields, Field("taskId", "string", required=True))
    notes = replace(tasks, name="notes", fields=fields, relations=(Relation("task", "belongsTo", "tasks", "taskId"),))
    deployment.records["notes"] = {}
    both = Api(replace(api.context, entities=(tasks, notes)), "a check")
    taken = set[str]()

    def once(request: httpx.Request) -> httpx.Response | None:
        parent = json.loads(request.content or b"{}").get("taskId") if request.method == "POST" else None
        refused = problem(400, "VALIDATION_FAILED", taskId="has one") if parent in taken else None
        taken.update({parent} if parent is not None else set())
        return refused

    deployment.before = once
    made = [await given.record(both, notes) for _ in range(3)]
    own = await given.record(both, tasks)
    await given.record(both, notes, taskId=own["id"])

    with pytest.raises(OutOfProfile, match="no record with such taskId"):
        await given.record(both, notes, taskId=own["id"])
    assert len({one["taskId"] for one in made}) == 3
    assert (await given.parents(both, notes))["taskId"] not in taken


async def test_a_parent_and_its_own_parent_agree(api: Api, tasks: Entity, deployment: Miniature) -> None:
    keys = {name: Field(f"{name}Id", "string", required=True) for name in ("house", "room")}
    to = {name: Relation(name, "belongsTo", f"{name}s", f"{name}Id") for name in keys}
    houses = replace(tasks, name="houses")
    rooms = replace(tasks, name="rooms", fields=(*tasks.fields, keys["house"]), relations=(to["house"],))
    sensors = replace(tasks, name="sensors", fields=(*tasks.fields, *keys.values()), relations=(*to.values(),))
    deployment.records |= {"houses": {}, "rooms": {}, "sensors": {}}
    of_rooms = deployment.records["rooms"]

    def checked(request: httpx.Request) -> httpx.Response | None:
        body = json.loads(request.content or b"{}") if request.method == "POST" else {}
        room = of_rooms.get(str(body.get("roomId")))
        is_elsewhere = room is not None and room["houseId"] != body["houseId"]
        return problem(400, "VALIDATION_FAILED", roomId="is in another house") if is_elsewhere else None

    deployment.before = checked
    all_three = Api(replace(api.context, entities=(houses, rooms, sensors)), "a check")

    group = await given.group(all_three, sensors)
    moved = await other_parents(all_three, sensors)

    assert len({one["houseId"] for one in group.records}) > 1 or len({one["roomId"] for one in group.records}) > 1
    assert of_rooms[moved["roomId"]]["houseId"] == moved["houseId"]
    assert len(deployment.records["sensors"]) == len(group.records)


@pytest.fixture
def notes(tasks: Entity, deployment: Miniature) -> Entity:
    deployment.records["notes"] = {}
    return replace(tasks, name="notes", fields=(*tasks.fields, Field("paid", "boolean", nullable=True)))


def refusing_paid(request: httpx.Request) -> httpx.Response | None:
    body = json.loads(request.content or b"{}")
    return problem(400, "VALIDATION_FAILED", card="is needed") if body.get("paid") else None


async def test_what_a_rule_of_several_fields_refuses_is_made_like_what_was_taken(
    api: Api, notes: Entity, deployment: Miniature
) -> None:
    deployment.before = refusing_paid
    both = Api(replace(api.context, entities=(notes,)), "a check")
    refused = await both.create(notes, {"title": "first", "paid": True})
    with pytest.raises(Blocked, match="a record could not be created"):
        given.made(both, refused)

    made = await taken(both, notes, {"title": "plain", "paid": True})

    assert made.reply.is_granted
    assert (made.body["title"], bool(made.body.get("paid"))) == ("plain", False)
    with pytest.raises(OutOfProfile, match="a rule about card that is not told"):
        given.made(both, refused)


async def test_a_state_that_takes_no_children_is_left_for_a_plain_parent(
    api: Api, notes: Entity, deployment: Miniature
) -> None:
    keyed = (*notes.fields, Field("noteId", "string", required=True))
    relation = Relation("note", "belongsTo", "notes", "noteId")
    lines = replace(notes, name="lines", fields=keyed, relations=(relation,))
    deployment.records["lines"] = {}

    def closed(request: httpx.Request) -> httpx.Response | None:
        parent = deployment.records["notes"].get(json.loads(request.content or b"{}").get("noteId"), {})
        return problem(409, "CONFLICT") if request.method == "POST" and parent.get("description") else None

    deployment.before = closed
    both = Api(replace(api.context, entities=(notes, lines)), "a check")

    assert (await given.creation(both, lines)).reply.is_granted
    assert (await taken(both, lines, await given.body(both, lines))).reply.is_granted


async def test_a_record_whose_every_field_is_fixed_puts_updates_out_of_scope(
    api: Api, notes: Entity, deployment: Miniature
) -> None:
    def fixed(request: httpx.Request) -> httpx.Response | None:
        named = dict.fromkeys(json.loads(request.content or b"{}"), "is fixed")
        return problem(400, "VALIDATION_FAILED", **named) if request.method == "PATCH" else None

    deployment.before = fixed

    with pytest.raises(OutOfProfile, match="no change of title is taken"):
        await given.change(Api(replace(api.context, entities=(notes,)), "a check"), notes)


async def test_a_parent_that_nobody_can_delete_is_not_parted_with(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    parents = replace(tasks, operations=tuple(one for one in tasks.operations if one != "delete"))
    fields = (*tasks.fields, Field("taskId", "string", required=True))
    notes = replace(tasks, name="notes", fields=fields, relations=(Relation("task", "belongsTo", "tasks", "taskId"),))
    deployment.records["notes"] = {}

    with pytest.raises(OutOfProfile, match="no such parent"):
        await given.parting(Api(replace(api.context, entities=(parents, notes)), "a check"), notes, is_required=True)

    assert not any(one.startswith("DELETE") for one in deployment.requests)


async def test_nobody_is_refused_the_parents_that_both_users_see(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    both, notes = _beside_another_user(api, tasks, deployment)
    shown = await api.list(tasks, limit=1)
    hidden = replace(shown, status=404)
    for entity, reply in ((tasks, shown), (notes, hidden)):
        await both.once(("read by another", entity.name), partial(_known, reply))

    assert await given.naming_others(both, notes) == ()


def _beside_another_user(api: Api, tasks: Entity, deployment: Miniature) -> tuple[Api, Entity]:
    """Who asks where there is another user too, and notes, which may name a task."""
    fields, relation = (*tasks.fields, Field("taskId", "string")), Relation("task", "belongsTo", "tasks", "taskId")
    notes = replace(tasks, name="notes", fields=fields, relations=(relation,))
    deployment.records["notes"] = {}
    both = Api(replace(api.context, entities=(tasks, notes)), "a check")
    both.context.wallet.put("other_api_key", Secret(OTHER))
    return both, notes


async def _known(reply: Reply) -> Reply:
    return reply


async def test_whose_parents_are_hidden_neither_user_names_the_others(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    both, notes = _beside_another_user(api, tasks, deployment)
    hidden = replace(await api.list(tasks, limit=1), status=404)
    for entity in (tasks, notes):
        await both.once(("read by another", entity.name), partial(_known, hidden))

    replies = await given.naming_others(both, notes)

    assert [(reply.method, reply.credential == "other_api_key") for reply in replies] == [
        ("PATCH", False),
        ("POST", True),
    ]


async def test_a_session_takes_turns_over_the_other_entities(api: Api, tasks: Entity) -> None:
    others = [replace(tasks, name=name) for name in ("notes", "carts", "teams")]
    unmade = replace(tasks, name="people", operations=("list", "read", "metadata"))
    some = Api(replace(api.context, entities=(tasks, *others, unmade)), "a check")
    alone = Api(replace(api.context, entities=(tasks,)), "a check")

    assert {by_session(some, tasks, turn, "metadata").name for turn in (1, 2, 3)} == {"notes", "carts", "teams"}
    assert by_session(alone, tasks, 1, "update") is tasks


async def test_keys_that_may_not_do_everything_are_told_of_other_entities_by_turns(api: Api, tasks: Entity) -> None:
    others = [replace(tasks, name=name) for name in ("notes", "carts", "teams")]
    met = set()
    for seed in range(3):
        some = Api(replace(api.context, entities=(tasks, *others), seed=seed), "a check")
        at = {scope: _described_at(some, tasks, scope).name for scope in ("read", "write", "delete")}
        assert at["read"] == "tasks"
        assert at["write"] != at["delete"]
        met |= {at["write"], at["delete"]}

    assert met == {"notes", "carts", "teams"}


async def test_a_creation_that_names_what_was_there_gives_no_record(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    own = await given.record(api, tasks)
    there = {**own, "id": "tsk_of_another"}
    api.context.owned.saw("tasks", [there])
    deployment.before = lambda request: data(201, there) if request.method == "POST" else None

    with pytest.raises(Blocked, match="the id tsk_of_another of a record that was there before"):
        await given.record(api, tasks)
    assert "tsk_of_another" not in api.context.owned.own("tasks")


async def test_what_comes_near_to_a_key_meets_every_operation(api: Api) -> None:
    for miss in given.near_keys(api):
        assert set(given.actions_of(miss)) == set(given.identity.ACTIONS)


async def test_of_an_entity_whose_records_are_not_made_lists_alone_are_tried_without_their_scope(
    api: Api, tasks: Entity
) -> None:
    unmade = replace(tasks, name="projects", operations=("list", "read", "update", "delete"))

    assert {action for _, action in lacked(api, tasks, 0)} == {"list", "read", "create", "update", "delete"}
    assert {action for place in range(6) for _, action in lacked(api, unmade, place)} == {"list"}


async def test_a_row_of_reads_has_eleven(api: Api, tasks: Entity) -> None:
    row = await given.reads_in_a_row(api)

    assert len(row.replies) == 11
    assert [reply.status for reply in row.of(tasks)] == [200, 200]
    assert row.is_alone


async def test_a_row_of_one_entity_asks_what_others_judge(api: Api, tasks: Entity) -> None:
    odd = await given.aside(api, tasks, "odd length")

    row = await given.reads_in_a_row(api)
    assert odd.status == 404
    assert odd in row.replies


async def test_what_is_odd_of_an_id_stands_behind_that_of_a_record(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    known = (await given.creation(api, tasks)).reply.id

    odd: tuple[given.Aside, ...] = ("odd characters", "odd length")
    for name in odd:
        assert (await given.aside(api, tasks, name)).status == 404
    assert all(one.startswith(f"GET /api/v1/tasks/{known}") for one in deployment.requests[-2:])


async def test_what_any_key_may_read_is_read_once(api: Api, tasks: Entity, deployment: Miniature) -> None:
    first = await given.aside(api, tasks, "unknowns")

    assert await given.aside(api, tasks, "unknowns") is first
    assert len([one for one in deployment.requests if one.startswith("GET /api/v1/tasks?")]) == 1


async def test_an_answer_that_came_before_is_asked_for_once(api: Api, tasks: Entity, deployment: Miniature) -> None:
    first = await api.description(tasks)

    assert await api.description(tasks) is first
    assert deployment.requests.count("OPTIONS /api/v1/tasks") == 1


async def test_what_is_not_described_is_tried_with_a_value_that_its_field_takes(api: Api, tasks: Entity) -> None:
    found = given.undescribed(api, tasks, {"id": "t", "status": "todo", "_links": {}}, {"id": {"type": "string"}})

    assert found == {"status": "in_progress", "_links": "conformance-abcdefghi"}


class Clock:
    """Health that tells another time every so many seconds, and what was slept."""

    def __init__(
        self, deployment: Miniature, monkeypatch: pytest.MonkeyPatch, context: RunContext, *, step: int
    ) -> None:
        self.slept: list[float] = []
        began = deployment.now

        async def sleep(seconds: float) -> None:
            self.slept.append(round(seconds, 1))
            await deployment.sleep(seconds)

        def told(request: httpx.Request) -> httpx.Response | None:
            passed = int((deployment.now - began).total_seconds())
            text = f"{began + timedelta(seconds=passed - passed % step):%Y-%m-%dT%H:%M:%SZ}"
            is_it = request.url.path == "/api/health"
            return httpx.Response(200, json={"status": "healthy", "timestamp": text}) if is_it else None

        deployment.before = told
        monkeypatch.setattr(context.wire, "sleep", sleep)


@pytest.mark.parametrize(("step", "slept"), [(1, [1.1]), (4, [1.1, 6.1]), (10**6, [1.1, 6.1])])
async def test_a_health_that_tells_the_first_time_again_is_asked_later(
    api: Api, deployment: Miniature, monkeypatch: pytest.MonkeyPatch, step: int, slept: list[float]
) -> None:
    clock = Clock(deployment, monkeypatch, api.context, step=step)

    reply = await given.health_later(api)

    assert clock.slept == slept
    assert (reply.body["timestamp"] == (await given.health(api)).body["timestamp"]) is (step > 100)


async def test_a_health_that_goes_on_is_asked_twice(api: Api, deployment: Miniature) -> None:
    await given.health(api)
    deployment.now += timedelta(seconds=1)

    await given.health_later(api)

    assert deployment.requests.count("GET /api/health") == 2


async def test_a_page_that_says_where_it_is_from_is_a_stranger_like_another(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    came: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        came.append(request.headers.get("Origin"))
        return data(200, {}) if came[-1] and len(came) < 3 else problem(403 if came[-1] else 401, "FORBIDDEN")

    deployment.before = answer
    other = replace(tasks, name="notes")

    assert (await given.stranger(api, tasks, "metadata")).status == 401
    assert (await given.stranger(api, other, "metadata")).status == 200
    assert (await given.stranger(api, replace(tasks, name="pages"), "metadata")).status == 401
    assert came == [None, "http://127.0.0.1:5173", "http://127.0.0.1:5173", None]


async def test_a_key_is_made_by_the_session_with_its_expiry(api: Api, deployment: Miniature) -> None:
    created = await given.key_creation(api, "lasting", expires_in=timedelta(days=1))

    assert created.reply.status == 201
    assert [key["expiresAt"] for key in deployment.keys.values()] == [created.body["expiresAt"]]
    assert str(created.body["expiresAt"]).endswith("-07:00")


@pytest.mark.parametrize("status", [400, 422])
async def test_a_key_whose_expiry_of_null_is_refused_is_made_without_one(
    api: Api, deployment: Miniature, status: int
) -> None:
    deployment.before = lambda request: (
        problem(status, "VALIDATION_FAILED", expiresAt="Must be text")
        if b'"expiresAt": null' in request.content
        else None
    )

    created = await given.key_to_revoke(api)

    assert created.reply.status == 201
    assert "expiresAt" not in created.body


async def test_the_key_that_is_revoked_has_the_name_of_another(api: Api) -> None:
    revoked, lasting = await given.key_to_revoke(api), await given.lasting_key(api)

    assert (revoked.reply.status, lasting.reply.status) == (201, 201)
    assert revoked.body["name"] == lasting.body["name"]


@pytest.mark.parametrize("status", [400, 409, 422])
async def test_it_has_its_own_where_no_two_keys_may_have_one(api: Api, deployment: Miniature, status: int) -> None:
    def unique(request: httpx.Request) -> httpx.Response | None:
        known = [key["name"] for key in deployment.keys.values()]
        is_known = request.method == "POST" and json.loads(request.content).get("name") in known
        return problem(status, "VALIDATION_FAILED", name="Is taken") if is_known else None

    deployment.before = unique
    revoked, lasting = await given.key_to_revoke(api), await given.lasting_key(api)

    assert (revoked.reply.status, lasting.reply.status) == (201, 201)
    assert revoked.body["name"] != lasting.body["name"]


async def test_a_listing_has_a_used_and_an_unused_key(api: Api) -> None:
    listing = await given.key_list(api)

    assert {listing.used["id"], listing.unused["id"]} < {key["id"] for key in listing.reply.records}


async def test_a_revoked_key_is_gone(api: Api, deployment: Miniature) -> None:
    revocation = await given.key_revocation(api)

    assert revocation.reply.status == 200
    assert revocation.record["id"] not in deployment.keys


async def test_a_key_is_used_before_it_is_revoked(api: Api) -> None:
    used = await given.use_before_revocation(api)

    await given.key_revocation(api)

    assert used.status == 200
    assert await given.use_before_revocation(api) is used
    assert (await given.key_to_revoke(api)).body["expiresAt"] is None


async def test_a_key_is_revoked_after_others_have_tried_to(api: Api) -> None:
    revocation = await given.key_revocation(api)

    tried = await given.revocations_without_session(api)
    assert [reply.url.rpartition("/")[2] for reply in tried] == [revocation.record["id"]] * 3
    assert [reply.status for reply in tried] == [401, 401, 401]


def limited(*told: tuple[int, int]) -> Callable[[httpx.Request], httpx.Response]:
    """Lists that tell what remains and when the window ends, one after the other; metadata tells an hour."""
    left = iter(told)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "OPTIONS":
            return data(200, {"rateLimit": {"limit": 100, "window": "1h"}})
        remaining, reset = next(left)
        limits = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": str(remaining), "X-RateLimit-Reset": str(reset)}
        return httpx.Response(200, json={"success": True, "data": []}, headers=limits)

    return answer


async def test_what_requests_spend_is_told_by_the_headers(api: Api, tasks: Entity, deployment: Miniature) -> None:
    await given.key_list(api)
    deployment.before = limited(*((left, 1) for left in range(100, 0, -1)))

    spending = await given.requests_in_a_row(api, tasks)

    assert (spending.spent, spending.refill, spending.highest_rise) == (10, 0, -1)
    assert (spending.least, spending.most) == (8, 10)


@pytest.mark.parametrize(
    ("told", "spent", "least", "most"),
    [
        ([(200, 9), (404, 9), (200, 8), (200, 7)], 2, 1, 3),
        ([(200, 9), (404, None), (200, 8), (200, 7)], 2, 1, 3),
        ([(200, 9), (404, 8), (200, 8), (200, 7)], 2, 2, 3),
        ([(200, 9), (404, 9), (200, 9), (200, 9)], 0, 1, 3),
    ],
)
def test_a_refusal_counts_where_one_is_seen_to_lower_what_remains(
    told: list[tuple[int, int | None]], spent: int, least: int, most: int
) -> None:
    limits = [("X-RateLimit-Limit", "10"), ("X-RateLimit-Reset", "1")]
    replies = tuple(
        Reply(
            f"x{place}",
            "GET",
            "",
            "read_key",
            status,
            Headers([*limits, ("X-RateLimit-Remaining", str(left))] if left is not None else []),
            b"",
        )
        for place, (status, left) in enumerate(told)
    )

    found = spending_of(Row({}, {}, replies, 0.0, is_alone=True), 3600, again=0)

    assert (found.spent, found.least, found.most) == (spent, least, most)


async def test_where_no_key_can_be_made_the_runs_own_is_counted(api: Api, tasks: Entity, deployment: Miniature) -> None:
    counts = limited(*((left, 1) for left in range(100, 0, -3)))
    deployment.before = lambda request: (
        problem(404, "NOT_FOUND") if request.url.path.endswith("/keys") else counts(request)
    )

    spending = await given.requests_in_a_row(api, tasks)

    # others may send something with that key, so that it may fall by more
    assert (spending.spent, spending.most) == (30, 100)


async def test_an_entity_whose_records_are_only_listed_has_no_read_to_judge(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    listed = replace(tasks, operations=("list", "read", "metadata"))
    deployment.before = lambda request: (
        problem(405, "METHOD_NOT_ALLOWED") if request.url.path.count("/") > 3 else data(200, [{"id": "tsk_a"}])
    )
    await api.list(listed, limit=1)

    with pytest.raises(OutOfProfile, match="none is read by itself"):
        await given.read_of_nobody(api, listed)


async def test_a_read_of_nobody_that_is_no_method_is_judged_where_records_are_read(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    listed = replace(tasks, operations=("list", "read", "metadata"))
    deployment.before = lambda request: (
        data(200, [{"id": "tsk_a"}])
        if request.url.path.count("/") == 3
        else data(200, {"id": "tsk_a"})
        if request.url.path.endswith("tsk_a")
        else problem(405, "METHOD_NOT_ALLOWED")
    )
    await api.list(listed, limit=1)

    assert (await given.read_of_nobody(api, listed)).status == 405


async def test_a_record_of_which_its_creation_shows_the_id_alone_is_read(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    def bare(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST":
            return None
        stored = deployment.store("tasks", json.loads(request.content), "ada")
        return data(201, {"id": stored["id"]})

    deployment.before = bare
    stated = replace(tasks, always=("id", "title", "createdAt"))

    own = await given.record(api, stated)
    group = await given.group(api, stated)

    assert own["createdAt"] == deployment.records["tasks"][own["id"]]["createdAt"]
    assert all(one["title"] for one in group.records)


async def test_a_value_that_an_untold_rule_refuses_is_replaced_by_one_that_was_taken(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    notes = replace(tasks, name="notes", fields=(*tasks.fields, Field("price", "number", required=True)))
    deployment.records["notes"] = {}
    prices: list[float] = []

    def of_two_decimals(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST":
            return None
        prices.append(json.loads(request.content)["price"])
        is_first = len(deployment.records["notes"]) == 0 or prices[-1] == prices[0]
        return None if is_first else problem(400, "VALIDATION_FAILED", price="has too many decimals")

    deployment.before = of_two_decimals
    await given.creation(api, notes)

    found = await given.group(api, notes)

    assert {one["price"] for one in found.records} == {prices[0]}


async def test_what_a_refusal_asks_for_besides_is_given(api: Api, tasks: Entity, deployment: Miniature) -> None:
    grouped = replace(tasks, fields=(*tasks.fields, Field("owner", "string"), Field("high", "boolean")))

    def high_wants_an_owner(request: httpx.Request) -> httpx.Response | None:
        sent = json.loads(request.content or b"{}") if request.method == "POST" else {}
        is_owned = not sent.get("high") or sent.get("owner")
        return None if is_owned else problem(400, "VALIDATION_FAILED", owner="a high one needs an owner")

    deployment.before = high_wants_an_owner
    without = {name: value for name, value in (await given.body(api, grouped, high=True)).items() if name != "owner"}

    made = await taken(api, grouped, without)

    assert made.reply.status == 201
    assert made.body["owner"]
    assert made.body["high"] is True


async def test_what_asks_for_more_than_is_known_is_left_out_but_for_texts(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    grouped = replace(tasks, fields=(*tasks.fields, Field("owner", "string", pattern="\\Z."), Field("high", "boolean")))

    def high_is_never_taken(request: httpx.Request) -> httpx.Response | None:
        sent = json.loads(request.content or b"{}") if request.method == "POST" else {}
        return problem(400, "VALIDATION_FAILED", owner="is wanted") if sent.get("high") else None

    deployment.before = high_is_never_taken

    made = await taken(api, grouped, {"title": "plain", "high": True})

    assert (made.reply.status, dict(made.body)) == (201, {"title": "plain"})


async def test_of_two_creations_with_one_title_that_must_be_unique_one_gets_another(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    def is_in_use(request: httpx.Request) -> httpx.Response | None:
        sent = json.loads(request.content or b"{}") if request.method == "POST" else {}
        titles = {one["title"] for one in deployment.records["tasks"].values()}
        return problem(400, "VALIDATION_FAILED", title="is in use") if sent.get("title") in titles else None

    deployment.before = is_in_use

    born = await given.births(api, tasks)

    assert len(born.granted) == len(born.creations) == len({one["title"] for one in born.granted})


async def test_what_another_key_loses_is_judged_by_the_other_users(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    left = iter(range(100, 0, -1))
    told = {"X-RateLimit-Limit": "100", "X-RateLimit-Reset": "1"}
    api.context.wallet.put("other_api_key", Secret(OTHER))
    deployment.before = lambda _: httpx.Response(
        200, json={}, headers={**told, "X-RateLimit-Remaining": str(next(left))}
    )

    spent, most = await given.spent_meanwhile(api, tasks)

    assert (spent, most) == (11, 6)  # its own request, and five of ten that the others sent


async def test_what_remains_of_another_limit_is_not_what_another_key_loses(
    api: Api, tasks: Entity, deployment: Miniature
) -> None:
    def limited_by_method(request: httpx.Request) -> httpx.Response:
        most = "100" if request.method in {"GET", "OPTIONS"} else "50"
        told = {"X-RateLimit-Limit": most, "X-RateLimit-Remaining": most, "X-RateLimit-Reset": "1"}
        return httpx.Response(200, json={}, headers=told)

    api.context.wallet.put("other_api_key", Secret(OTHER))
    deployment.before = limited_by_method
    await api.metadata(tasks, credential="other_api_key")
    for _ in range(10):
        await api.list(tasks)
    await api.create(tasks, {"title": "a"}, credential="other_api_key")

    spent, _ = await given.spent_meanwhile(api, tasks)

    assert spent == 0


async def test_a_new_window_is_measured_again(api: Api, tasks: Entity, deployment: Miniature) -> None:
    await given.key_list(api)
    deployment.before = limited((3, 1), (2, 1), (1, 1), *((left, 2) for left in range(100, 0, -1)))

    spending = await given.requests_in_a_row(api, tasks)

    assert (spending.spent, spending.highest_rise, spending.is_across_windows) == (10, -1, False)


async def test_a_limit_is_exhausted_when_429_comes(api: Api, tasks: Entity, deployment: Miniature) -> None:
    answers = iter([data(200, []), data(200, []), problem(429, "RATE_LIMIT_EXCEEDED")])
    secret = await given.key(api, "exhausted")
    deployment.before = lambda _: next(answers)

    reply = await given.exhausted(api, tasks)

    assert secret.value.startswith("sk_test_")
    assert reply.code == "RATE_LIMIT_EXCEEDED"


async def test_text_is_generated_once(api: Api, deployment: Miniature) -> None:
    deployment.before = answering("POST /api/v1/ai/generate", lambda: data(200, {"text": "Hello"}))

    assert await given.generation(api) is await given.generation(api)
    assert deployment.requests == ["POST /api/v1/ai/generate"]


async def test_text_is_generated_at_another_temperature_where_the_least_is_refused(
    api: Api, deployment: Miniature
) -> None:
    answers = iter([problem(400, "VALIDATION_FAILED", temperature="above 0"), data(200, {"text": "Hello"})])
    deployment.before = answering("POST /api/v1/ai/generate", lambda: next(answers))

    assert [(await given.generation(api)).status, (await given.coldest(api)).status] == [200, 400]


async def test_spent_credits_are_out_of_profile(api: Api, deployment: Miniature) -> None:
    refused = problem(402, "INSUFFICIENT_CREDITS")
    deployment.before = answering("POST /api/v1/ai/generate", lambda: refused)

    with pytest.raises(OutOfProfile, match="credits"):
        await given.generation(api)


async def test_credits_are_spent_until_a_refusal(api: Api, deployment: Miniature) -> None:
    answers = iter([data(200, {"text": "Hello"}), problem(402, "INSUFFICIENT_CREDITS")])
    deployment.before = answering("POST /api/v1/ai/generate", lambda: next(answers))

    assert (await given.generations_until_refused(api)).status == 402


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ('{"total": "3"}', 'pagination.total is "3", not a whole number'),
        ('{"total": 1e400}', "pagination.total is Infinity, not a whole number"),
        ("{}", "pagination.total is missing"),
        ('{"total": true}', "pagination.total is true, not a whole number"),
        ('{"total": null}', "pagination.total is null, not a whole number"),
        ("[]", "a list tells no pagination: pagination is not an object"),
    ],
)
def test_a_member_of_the_pagination_that_is_no_number_blocks_what_builds_on_it(told: str, why: str) -> None:
    reply = Reply("x1", "GET", BASE, "api_key", 200, Headers(()), f'{{"data": [], "pagination": {told}}}'.encode())

    with pytest.raises(Blocked) as caught:
        given.pagination(reply, "total")

    assert str(caught.value) == why


def test_a_member_of_the_pagination_is_a_number_or_a_flag() -> None:
    body = b'{"data": [], "pagination": {"total": 3.0, "hasNext": false}}'
    reply = Reply("x1", "GET", BASE, "api_key", 200, Headers(()), body)

    assert (given.pagination(reply, "total"), given.pagination(reply, "hasNext")) == (3, False)


async def test_the_oldest_of_a_group_is_so_by_its_time(api: Api, tasks: Entity) -> None:
    found = await given.group(api, tasks)
    times = [f"2025-01-15T10:30:0{second}.000Z" for second in (3, 1, 4, 1, 5, 9, 2)]
    moved = tuple({**one, "createdAt": time} for one, time in zip(found.records, times, strict=True))

    of = replace(found, records=moved)

    assert [of.oldest["createdAt"], of.newest["createdAt"]] == [min(times), max(times)]
    assert of.before == "2025-01-15T10:29:01.000000Z"
    assert of.later == "2025-01-15T10:31:09.000000Z"


async def test_what_cannot_be_listed_has_no_group(api: Api, tasks: Entity) -> None:
    with pytest.raises(OutOfProfile, match="tasks lists no records"):
        await given.group(api, replace(tasks, operations=("create", "read")))


@pytest.mark.parametrize(("status", "aside"), [(400, {"HEAD", "POST"}), (405, {"HEAD"})])
async def test_a_creation_that_the_run_leaves_aside_is_there_where_it_is_not_refused_as_such(
    api: Api, tasks: Entity, deployment: Miniature, status: int, aside: set[str]
) -> None:
    deployment.before = lambda request: problem(status, "X") if request.method == "POST" else None
    of = replace(tasks, operations=("list", "read"))

    assert await given.methods_aside(api, of, ["GET", "POST"]) == aside


async def test_a_list_is_asked_for_right_before_and_after_changes_and_nobody_deletes_meanwhile(
    context: RunContext, v1: Contract, deployment: Miniature
) -> None:
    known = cast("Entity", v1.entity("tasks"))
    fields = tuple(one for one in known.fields if one.name in {"id", "title", "description", "status", "priority"})
    tasks = replace(known, fields=fields, relations=(), always=("id", "title"))
    api, is_changed = Api(replace(context, entities=(tasks,)), "situations.read-after-write [tasks]"), asyncio.Event()
    other = await given.record(api, tasks)
    await given.group(api, tasks)
    deployment.requests.clear()

    def noticing(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PATCH":
            is_changed.set()
        return None

    deployment.before = noticing

    async def deletes() -> None:
        await is_changed.wait()
        await api.delete(tasks, other["id"])

    await asyncio.gather(given.rush(api, tasks), deletes())

    methods = [one.partition(" ")[0] for one in deployment.requests]
    before, after = methods.index("PATCH") - 1, methods.index("DELETE") - 1
    assert deployment.requests[before] == deployment.requests[after]
    assert set(methods[before + 1 : after - 1]) == {"PATCH"}
