"""What the judge accepts, what it reports under which requirement, and which readings an answer leaves.

It is long because every operation has answers of its own that it judges.
"""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from entity_conformance.deployment.reply import Headers
from entity_conformance.oracle.answers import Page
from entity_conformance.oracle.messages import Answer, Request
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED, EVERY, chosen
from entity_conformance.oracle.records import Model, Record
from entity_contract import Contract, Entity
from entity_tests.model.judging import Difference, Judge
from entity_tests.model.places import misplaced

HEADERS = (
    ("X-Request-ID", "r"),
    ("X-RateLimit-Limit", "10"),
    ("X-RateLimit-Remaining", "9"),
    ("X-RateLimit-Reset", "1"),
    ("X-Page", "1"),
    ("X-Per-Page", "20"),
)
URL = "http://x/api/v1/tasks"
NOW = datetime(2025, 3, 1, 10, 0, 9, tzinfo=UTC)


def task(number: int, **fields: object) -> Record:
    at = f"2025-03-01T10:00:{number:02}.000Z"
    return {
        "id": f"tsk_{number}", "title": f"title {number}", "description": None, "status": "todo", "priority": "medium",
        "assigneeId": None, "createdAt": at, "updatedAt": at, **fields,
    }  # fmt: skip


@pytest.fixture
def model(contract: Contract) -> Model:
    model = Model(contract.entities, contract.operators)
    for one in (task(1, priority="low"), task(2, priority="medium"), task(3, priority="high")):
        model.create(model.entity("tasks"), "api_key", one)
    return model


@pytest.fixture
def tasks(model: Model) -> Entity:
    return model.entity("tasks")


def answer(body: object, status: int = 200, *headers: tuple[str, str]) -> Answer:
    return Answer(status, Headers((*HEADERS, *headers)), json.loads(json.dumps(body)), {}, URL, NOW)


def page(model: Model, *numbers: int, **changes: Any) -> Answer:
    """A page of these tasks as a server would answer it, but for some changes."""
    entity = model.entity("tasks")
    records = [dict(model.find(entity, f"tsk_{number}", "api_key") or {}) for number in numbers]
    total = len(numbers)
    stated = {"page": 1, "limit": 20, "total": total, "totalPages": min(total, 1), "hasNext": False, "hasPrev": False}
    body = {"success": True, "data": records, "pagination": stated, **changes}
    return answer(body, 200, ("X-Total-Count", str(total)))


def test_the_decided_answer_is_accepted(model: Model, tasks: Entity) -> None:
    judge = Judge(model, exact=True)
    assert judge.listing(Question(tasks), "api_key", page(model, 3, 2, 1), (DECIDED,)) == (DECIDED,)
    assert judge.judged["model.select", "tasks"] > 0


@pytest.mark.parametrize(
    ("numbers", "changes", "requirement", "wrong"),
    [
        (
            (1, 2, 3), {}, "model.select",
            "data is in another order: must be [tsk_3, tsk_2, tsk_1], and is [tsk_1, tsk_2, tsk_3]",
        ),
        ((3, 2), {}, "model.page", "pagination.total differs: must be 3, and is 2"),
        ((3, 2, 1), {"pagination": None}, "model.page", "pagination is missing"),
        ((3, 2, 1), {"success": False}, "model.every-answer", "success is not true"),
        ((3, 2, 1), {"data": {}}, "model.select", "data is not an array"),
    ],
)  # fmt: skip
def test_a_difference_names_its_requirement_and_what_must_hold(
    model: Model, numbers: tuple[int, ...], changes: dict[str, object], requirement: str, wrong: str
) -> None:
    judge = Judge(model, exact=True)
    question = Question(model.entity("tasks"))
    with pytest.raises(Difference) as raised:
        judge.listing(question, "api_key", page(model, *numbers, **changes), (DECIDED,))
    assert (raised.value.requirement, raised.value.entity) == (requirement, "tasks")
    assert wrong in str(raised.value)
    assert "asked:    GET /tasks\n" in str(raised.value)
    assert judge.differences == [raised.value]


def test_a_number_is_no_boolean(model: Model, tasks: Entity) -> None:
    found = page(model, 3, 2, 1)
    assert found.body is not None
    found.body["pagination"]["hasNext"] = 0
    with pytest.raises(Difference, match=r"pagination\.hasNext differs: must be false, and is 0"):
        Judge(model, exact=True).listing(Question(tasks), "api_key", found, (DECIDED,))


def test_a_number_that_the_page_does_not_tell_is_missing_and_not_null(model: Model, tasks: Entity) -> None:
    found = page(model, 3, 2, 1)
    assert found.body is not None
    del found.body["pagination"]["limit"]
    with pytest.raises(Difference, match=r"pagination\.limit differs: must be 20, and is missing"):
        Judge(model, exact=True).listing(Question(tasks), "api_key", found, (DECIDED,))


def test_the_reference_server_shows_an_unset_field_as_null(model: Model, tasks: Entity) -> None:
    found = page(model, 3, 2, 1)
    del found.data[0]["description"]
    with pytest.raises(Difference, match=r"data\[0\]: 'description' is a required property, and is null"):
        Judge(model, exact=True).listing(Question(tasks), "api_key", found, (DECIDED,))


def test_another_deployment_may_leave_out_an_unset_field(model: Model, tasks: Entity) -> None:
    found = page(model, 3, 2, 1)
    del found.data[0]["description"]
    judge = Judge(model, exact=False)
    judge.listing(Question(tasks), "api_key", found, EVERY)
    assert judge.differences == []


def test_another_deployment_may_show_members_of_its_own(model: Model, tasks: Entity) -> None:
    found = page(model, 3, 2, 1)
    found.data[0]["_meta"] = {"etag": "1"}
    judge = Judge(model, exact=False)
    judge.listing(Question(tasks), "api_key", found, EVERY)
    assert judge.differences == []


def test_another_deployment_may_show_a_relation_that_was_not_asked_for(model: Model, tasks: Entity) -> None:
    found = page(model, 3, 2, 1)
    found.data[0]["assignee"] = None
    judge = Judge(model, exact=False)
    judge.listing(Question(tasks), "api_key", found, EVERY)
    assert judge.differences == []


def test_a_field_that_was_not_asked_for_must_not_be_shown(model: Model, tasks: Entity) -> None:
    question = Question(tasks, fields=("id", "title"))
    judge = Judge(model, exact=False)
    judge.listing(question, "api_key", page(model, 3, 2, 1), EVERY)
    (wrong,) = judge.differences
    assert (wrong.requirement, wrong.summary) == ("model.project", "data has other fields")
    assert "data[0] must not have `description`" in wrong.wrong


def test_alphabetical_enums_are_a_choice_to_keep_to(model: Model, tasks: Entity) -> None:
    judge = Judge(model, exact=False)
    question = Question(tasks, sort="priority")
    left = judge.listing(question, "api_key", page(model, 3, 1, 2), EVERY)
    assert chosen(left)["enums"] == "alphabetical"
    assert judge.listing(question, "api_key", page(model, 1, 2, 3), left) == left
    assert [one.requirement for one in judge.differences] == ["model.select"]


def test_an_order_of_its_own_is_a_choice_where_nothing_is_sorted(model: Model, tasks: Entity) -> None:
    left = Judge(model, exact=False).listing(Question(tasks), "api_key", page(model, 2, 3, 1), EVERY)
    assert chosen(left)["default_order"] == "any"


def test_a_difference_is_noted_and_the_sequence_goes_on(model: Model, tasks: Entity) -> None:
    question = Question(tasks, conditions=(Condition("title", "$contains", "2"),))
    judge = Judge(model, exact=False)
    assert judge.listing(question, "api_key", page(model, 3), EVERY) == EVERY
    assert [one.requirement for one in judge.differences] == ["model.select-more"]


@pytest.mark.parametrize(
    ("condition", "level"),
    [
        (Condition("priority", "$eq", "low", bare=True), "must"),
        (Condition("priority", "$eq", "low"), "should"),
        (Condition("title", "$eq", "title 1", bare=True), "must"),
        (Condition("title", "$eq", "TITLE 1", bare=True), "should"),
        (Condition("createdAt", "$eq", "2025-03-01T10:00:01.000Z", bare=True), "should"),
    ],
)
def test_equality_is_a_must_where_no_collation_decides(
    model: Model, tasks: Entity, condition: Condition, level: str
) -> None:
    judge = Judge(model, exact=False)
    question = Question(tasks, conditions=(condition,))
    judge.listing(question, "api_key", page(model, 3), EVERY)
    assert [one.requirement for one in judge.differences] == ["model.select" + ("" if level == "must" else "-more")]


def among_others(model: Model, *numbers: int, **changes: Any) -> list[str]:
    """What is said of a page that holds these tasks and one of somebody else's."""
    judge, found = Judge(model, exact=False), page(model, *numbers)
    found.data.append(task(7))
    found.body["pagination"] |= {"total": len(found.data), **changes}  # type: ignore[index]
    judge.listing(Question(model.entity("tasks"), limit=100, is_alone=False), "api_key", found, EVERY)
    return [one.summary for one in judge.differences if one.requirement == "model.select"]


def test_others_records_are_passed_over_where_nothing_narrows_a_list(model: Model) -> None:
    assert among_others(model, 3, 2, 1) == []
    assert among_others(model, 3, 2) == ["data holds fewer records"]
    assert among_others(model, 3, 2, total=300) == []


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((3, 2, 2, 1), "data holds a record twice"),
        ((3, 2, 2), "data is in another order"),
        ((3, 2, 1, 4), "data holds more records"),
        ((3, 2), "data holds fewer records"),
    ],
)
def test_a_record_that_comes_twice_is_not_one_more(numbers: tuple[int, ...], said: str) -> None:
    groups = [(task(number),) for number in (3, 2, 1)]

    (wrong,) = misplaced(Page(1, 20, 3), groups, [task(number) for number in numbers])

    assert wrong.partition(":")[0] == said


def test_which_text_is_larger_is_open_and_which_number_is_not(model: Model, tasks: Entity) -> None:
    judge = Judge(model, exact=False)
    larger = Question(tasks, conditions=(Condition("title", "$gt", "TITLE 2"),))
    assert judge.listing(larger, "api_key", page(model, 1), EVERY) == EVERY
    assert judge.differences == []
    later = Question(tasks, conditions=(Condition("createdAt", "$gt", "2025-02-01T00:00:00Z"),))
    judge.listing(later, "api_key", page(model, 1), EVERY)
    assert [one.requirement for one in judge.differences] == ["model.select-more"]


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("tsk_2", []),
        ("title Medium", []),
        ("title q", ["model.select-more"]),
        ("tsk_2 nowhere", ["model.select-more"]),
    ],
)
def test_whether_a_search_looks_at_more_than_it_must_is_open(
    model: Model, tasks: Entity, search: str, said: list[str]
) -> None:
    """A deployment may search ids and enums too."""
    judge = Judge(model, exact=False)
    for shown in (page(model), page(model, 2)):
        judge.listing(Question(tasks, search=search), "api_key", shown, EVERY)
    assert [one.requirement for one in judge.differences] == said


def test_a_difference_under_a_requirement_that_was_left_out_is_passed_over(model: Model, tasks: Entity) -> None:
    judge = Judge(model, exact=True, selected=frozenset({"model.create"}))
    judge.listing(Question(tasks), "api_key", page(model, 1, 2, 3), (DECIDED,))
    assert judge.differences == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_is_a_difference_whatever_was_asked(model: Model, status: int) -> None:
    request = Request("PATCH", "/tasks/tsk_1", body={"nosuchfield": 1})
    judge = Judge(model, exact=False)
    judge.refusal("model.refuse-more", request, answer({"success": False}, status), (400,), "VALIDATION_FAILED", ())
    found = [(one.requirement, one.summary) for one in judge.differences]
    assert found == [("model.every-answer", "the status must be below 500")]


def test_a_whole_number_may_be_spelt_as_a_float(model: Model, tasks: Entity) -> None:
    stated = {"page": 1.0, "limit": 20.0, "total": 3.0, "totalPages": 1.0, "hasNext": False, "hasPrev": False}
    judge = Judge(model, exact=False)
    judge.listing(Question(tasks), "api_key", page(model, 3, 2, 1, pagination=stated), EVERY)
    assert judge.differences == []


def created(model: Model, judge: Judge, **changes: object) -> Record | None:
    entity = model.entity("tasks")
    record = task(9, **changes)
    draft = {name: value for name, value in task(9).items() if name not in ("id", "createdAt", "updatedAt")}
    request = Request("POST", "/tasks", body={"title": "title 9"})
    found = answer({"success": True, "data": record}, 201)
    return judge.created(request, found, draft, entity, NOW)


def test_a_new_record_is_taken_over_with_its_id_and_times(model: Model) -> None:
    assert created(model, Judge(model, exact=False)) == task(9)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"id": "tsk_1"}, "`id` must be one that no other record has"),
        ({"id": 9}, "data.id: it must be a text"),
        ({"title": "title"}, 'data.title differs: must be "title 9", and is "title"'),
        ({"status": "done"}, 'data.status differs: must be "todo", and is "done"'),
        ({"createdAt": "2025-03-01 10:00:09"}, "`createdAt` must be an RFC 3339 date-time with an offset"),
        ({"createdAt": "2025-03-01T11:00:09Z"}, "`createdAt` must be about 2025-03-01T10:00:09"),
        ({"updatedAt": "2025-03-01T10:00:08Z"}, "`updatedAt` must not be before `createdAt`"),
    ],
)
def test_a_new_record_that_differs_is_reported(model: Model, changes: dict[str, object], wrong: str) -> None:
    judge = Judge(model, exact=False)
    created(model, judge, **changes)
    assert {one.requirement for one in judge.differences} == {"model.create"}
    assert wrong in str(judge.differences[-1])


def test_a_new_record_may_have_the_id_of_another_entitys(model: Model) -> None:
    model.create(model.entity("customers"), "api_key", {"id": "tsk_9"})
    judge = Judge(model, exact=False)
    assert created(model, judge) == task(9)
    assert judge.differences == []


@pytest.mark.parametrize(("first", "last"), [(".123456", ".123"), (".123456789", ".123456789")])
def test_the_times_of_a_record_may_have_units_of_their_own(model: Model, first: str, last: str) -> None:
    judge = Judge(model, exact=False)
    created(model, judge, createdAt=f"2025-03-01T10:00:09{first}Z", updatedAt=f"2025-03-01T10:00:09{last}Z")
    assert judge.differences == []


def test_a_moment_may_be_spelt_in_lower_case(model: Model) -> None:
    at = "2025-03-01t10:00:09z"
    assert (created(model, Judge(model, exact=False), createdAt=at, updatedAt=at) or {})["createdAt"] == at


def test_an_update_must_not_turn_back_the_time(model: Model, tasks: Entity) -> None:
    before = task(2)
    request = Request("PATCH", "/tasks/tsk_2", body={"title": "other"})
    record = {**before, "title": "other", "updatedAt": "2025-03-01T10:00:01.000Z"}
    judge = Judge(model, exact=False)
    judge.updated(request, answer({"success": True, "data": record}), before, tasks, NOW)
    assert re.search("`updatedAt` must not go back", str(judge.differences[0]))


def test_an_update_must_touch_what_it_names_alone(model: Model, tasks: Entity) -> None:
    before = task(2)
    request = Request("PATCH", "/tasks/tsk_2", body={"title": "other"})
    record = {**before, "title": "other", "priority": "low"}
    judge = Judge(model, exact=False)
    judge.updated(request, answer({"success": True, "data": record}), before, tasks, NOW)
    assert re.search(r"data\.priority differs: must be", str(judge.differences[0]))


def test_what_the_answer_to_an_update_leaves_out_is_kept_as_it_was(model: Model, tasks: Entity) -> None:
    before = task(2)
    request = Request("PATCH", "/tasks/tsk_2", body={"title": "other"})
    judge = Judge(model, exact=False)
    shown = {"id": "tsk_2", "title": "other", "updatedAt": before["updatedAt"]}
    kept = judge.updated(request, answer({"success": True, "data": shown}), before, tasks, NOW)
    assert {one.requirement for one in judge.differences} == {"model.update"}
    assert kept == {**before, "title": "other"}


def linked(target: str, model: Model) -> Answer:
    """The first of two pages, with a link to the second one."""
    found = page(model, 3)
    assert found.body is not None
    found.body["pagination"].update({"limit": 1, "total": 3, "totalPages": 3, "hasNext": True})
    headers = Headers((*HEADERS[:5], ("X-Per-Page", "1"), ("X-Total-Count", "3")))
    return replace(found, headers=headers, links={"next": target})


@pytest.mark.parametrize(
    "target",
    [
        "?limit=1&page=2",
        "/api/v1/tasks?page=2&limit=1",
        "/api/v1/%74asks?page=2&limit=1",
        f"{URL}?limit=1&page=2",
        "https://other/gw/tasks?page=2&limit=1",
    ],
)
def test_a_link_is_compared_by_its_parsed_target(model: Model, tasks: Entity, target: str) -> None:
    question = Question(tasks, limit=1)
    found = linked(target, model)
    judge = Judge(model, exact=False)
    judge.listing(question, "api_key", found, EVERY)
    assert judge.differences == []


@pytest.mark.parametrize("target", ["?page=2", "?limit=1&page=3", "/v1/tasks?limit=1&page=2", "?limit=1&page=2&page=2"])
def test_a_link_that_leads_elsewhere_is_reported(model: Model, tasks: Entity, target: str) -> None:
    question = Question(tasks, limit=1)
    judge = Judge(model, exact=False)
    judge.listing(question, "api_key", linked(target, model), EVERY)
    assert [one.summary for one in judge.differences] == ["Link must lead to the next page of the same question"]


def test_another_deployment_may_print_times_in_seconds(model: Model, tasks: Entity) -> None:
    found = page(model, 3, 2, 1)
    found.data[0]["updatedAt"] = "2025-03-01T10:00:03Z"
    judge = Judge(model, exact=False)
    judge.listing(Question(tasks), "api_key", found, EVERY)
    assert judge.differences == []


@pytest.mark.parametrize("status", [200, 404])
def test_a_page_past_the_end_is_a_should_whatever_comes(model: Model, tasks: Entity, status: int) -> None:
    judge = Judge(model, exact=False)
    found = replace(page(model, 3, 2, 1), status=status)
    if status == 404:
        found = answer({"success": False, "error": "no such page"}, 404)
    assert judge.listing(Question(tasks, page=2), "api_key", found, EVERY) == EVERY
    assert {warning.requirement for warning in judge.differences} == {"model.page-past-end"}


def test_a_body_that_parsers_read_differently_is_a_difference(model: Model, tasks: Entity) -> None:
    judge = Judge(model, exact=False)
    told = replace(page(model, 3, 2, 1), flaw="an object has the member `id` twice")
    judge.listing(Question(tasks), "api_key", told, (DECIDED,))
    found = [(one.requirement, one.summary) for one in judge.differences]
    wrong = "the body must be JSON that everybody reads alike: an object has the member `id` twice"
    assert found == [("model.every-answer", wrong)]


def with_a_child(model: Model, child: Record, *, doubtful: bool = False) -> list[str]:
    """What is wrong with a task that shows a comment which the model does not know."""
    judge = Judge(model, exact=False)
    if doubtful:
        judge.doubtful.add("comments")
    tasks, shown = model.entity("tasks"), {**task(1, priority="low"), "comments": [child]}
    request = Request("GET", "/tasks/tsk_1", "api_key", [("include", "comments")])
    expected = {**task(1, priority="low"), "comments": []}

    judge.shown(request, answer({"success": True, "data": shown}), expected, tasks, Question(tasks))

    return [line for one in judge.differences for line in one.wrong]


def test_a_child_whose_creation_was_not_answered_may_be_there(model: Model) -> None:
    child = {"id": "cmt_1", "taskId": "tsk_9"}

    assert with_a_child(model, child, doubtful=True) == []
    assert with_a_child(model, child) == ["data.comments must hold [] in any order, and holds [cmt_1]"]


@pytest.mark.parametrize("child", [{"id": "cmt_1"}, {"id": "cmt_1", "taskId": "tsk_1"}])
def test_a_child_that_the_deployment_made_may_be_there(model: Model, child: Record) -> None:
    assert with_a_child(model, child) == []


@pytest.mark.parametrize(("repeated", "found"), [(True, []), (False, ["model.select"])])
def test_a_deployment_that_reads_one_of_repeated_keys_need_not_show_ids(
    model: Model, tasks: Entity, *, repeated: bool, found: list[str]
) -> None:
    judge = Judge(model, exact=False)
    shown = {"data": [{"title": f"title {number}"} for number in (3, 2, 1)]}

    judge.listing(
        Question(tasks, fields=("id", "title"), repeated=repeated), "api_key", page(model, 3, 2, 1, **shown), (DECIDED,)
    )

    assert [one.requirement for one in judge.differences if one.requirement == "model.select"] == found
