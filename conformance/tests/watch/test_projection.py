"""Records by the fields that were asked for, in lists and by themselves."""

import pytest
from entity_conformance.suite.watch import projection
from entity_contract import Contract

from conformance.tests.lists import listed, task
from conformance.tests.watched import Told, problems

(WATCH,) = projection.WATCHES


def read(told: Told, query: str, **record: object) -> Told:
    return told.get(f"tasks/tsk_1?{query}", {"success": True, "data": record})


def test_a_list_with_other_fields_is_found(v1: Contract) -> None:
    told = listed(Told(), "fields=title", task())

    assert [exchange for exchange, _ in problems(WATCH, told.history(v1))] == ["x1"]


def test_a_list_with_the_fields_asked_for_is_not(v1: Contract) -> None:
    told = listed(Told(), "fields=title", {"id": "tsk_1", "title": "Write"})

    assert problems(WATCH, told.history(v1)) == []


@pytest.mark.parametrize(
    "record",
    [
        {"id": "tsk_1", "title": "Write", "status": "todo", "createdAt": "2025-01-10T10:30:00.000Z"},
        {"id": "tsk_1", "status": "todo"},
    ],
    ids=["one more", "one is missing"],
)
def test_a_record_with_other_fields_is_found(v1: Contract, record: dict[str, object]) -> None:
    told = read(Told().get("tasks/tsk_1", {"success": True, "data": task()}), "fields=id,title,status", **record)

    (found,) = WATCH.judge(told.history(v1))

    assert found.requirement == "select.fields-on-read"
    assert found.entity == "tasks"
    assert found.problem is not None


def test_what_a_whole_record_lacks_too_is_not_missed(v1: Contract) -> None:
    whole = {name: value for name, value in task().items() if name != "title"}
    told = read(Told().get("tasks/tsk_1", {"success": True, "data": whole}), "fields=id,title", id="tsk_1")

    assert problems(WATCH, told.history(v1)) == []


def test_what_a_record_may_leave_out_is_not_missed(v1: Contract) -> None:
    told = read(Told(), "fields=id,title,description", id="tsk_1", title="Write")

    assert problems(WATCH, told.history(v1)) == []


def test_a_list_that_leaves_out_what_whole_records_show_as_null_is_found(v1: Contract) -> None:
    told = listed(listed(Told(), "page=1", task()), "fields=id,description", {"id": "tsk_1"})

    assert [exchange for exchange, _ in problems(WATCH, told.history(v1))] == ["x2"]


def test_a_list_may_lack_what_must_be_there_where_some_whole_record_lacks_it(v1: Contract) -> None:
    whole = {name: value for name, value in task().items() if name != "status"}
    told = listed(Told(), "fields=id,status", {"id": "tsk_1"})

    assert [exchange for exchange, _ in problems(WATCH, told.history(v1))] == ["x1"]
    assert problems(WATCH, listed(told, "page=1", whole).history(v1)) == []


def test_a_list_may_leave_out_what_some_whole_record_leaves_out(v1: Contract) -> None:
    unset = {name: value for name, value in task(2).items() if name != "description"}
    told = listed(listed(Told(), "page=1", task(), unset), "fields=id,description", {"id": "tsk_1"})

    assert problems(WATCH, told.history(v1)) == []


@pytest.mark.parametrize(
    "query", ["fields=title", "fields=id,unknown", "fields=id&fields=title", "fields=id&include=x"]
)
def test_questions_with_checks_of_their_own_are_passed_over(v1: Contract, query: str) -> None:
    told = read(Told(), query, **task())

    assert problems(WATCH, told.history(v1)) == []


def test_fields_beside_a_parent_are_judged_and_the_parent_is_wanted(v1: Contract) -> None:
    query = "fields=id,assigneeId&include=assignee"
    alone = {"id": "tsk_1", "assigneeId": "usr_1"}
    whole = read(Told(), query, **alone, assignee={"id": "usr_1"})
    lost, more = read(Told(), query, **alone), read(Told(), query, **alone, assignee={"id": "usr_1"}, title="x")

    assert problems(WATCH, whole.history(v1)) == []
    assert [found for _, found in problems(WATCH, lost.history(v1))] == ["data.assignee is not there"]
    assert [found for _, found in problems(WATCH, more.history(v1))] == ["data has other fields"]


@pytest.mark.parametrize("blank", [False, 0])
def test_a_blank_value_that_an_own_record_holds_is_missed(v1: Contract, blank: object) -> None:
    name = "active" if blank is False else "stock"
    product = {"id": "prd_1", "name": "Pen", "sku": "P", "priceCents": 5, name: blank}
    whole = {"success": True, "data": product}
    asked = f"products/prd_1?fields=id,name,{name}"

    for shown, wrong in (({"id": "prd_1", "name": "Pen"}, 1), ({"id": "prd_1", "name": "Pen", name: blank}, 0)):
        told = Told().get("products", whole, status=201, method="POST", body_sent=product)
        told = told.get("products/prd_1", whole)
        told = told.get(asked, {"success": True, "data": shown})
        assert len(problems(WATCH, told.history(v1))) == wrong


@pytest.mark.parametrize(("parent", "is_told"), [({}, True), ([], True), (None, False), ({"id": "usr_1"}, False)])
def test_where_the_foreign_key_holds_nothing_null_is_included(v1: Contract, parent: object, *, is_told: bool) -> None:
    told = read(Told(), "include=assignee", **task(assignee=parent))
    message = "assignee of tsk_1 is not null, though assigneeId is"

    assert problems(WATCH, told.history(v1)) == ([("x1", message)] if is_told else [])


@pytest.mark.parametrize(("owner", "is_told"), [("usr_2", True), (None, True), ("usr_1", False)])
def test_each_own_child_that_is_included_names_its_parent(v1: Contract, owner: str | None, *, is_told: bool) -> None:
    own = task(assigneeId=owner)
    person = {"id": "usr_1", "name": "Ada", "tasks": [own]}
    sent = {"title": "Write", "assigneeId": owner}
    told = Told().get("tasks", {"success": True, "data": own}, status=201, method="POST", body_sent=sent)
    told.get("users/usr_1?include=tasks", {"success": True, "data": person})
    message = "tasks of usr_1 holds a record whose assigneeId is another"

    assert problems(WATCH, told.history(v1)) == ([("x2", message)] if is_told else [])


def test_of_others_who_may_write_meanwhile_no_child_is_judged(v1: Contract) -> None:
    person = {"id": "usr_1", "name": "Ada", "tasks": [task(assigneeId="usr_2")]}

    assert problems(WATCH, Told().get("users/usr_1?include=tasks", {"data": person}).history(v1)) == []


@pytest.mark.parametrize(("shown", "is_told"), [("usr_2", True), ("usr_1", False)])
def test_whoever_is_included_is_whom_the_foreign_key_names(v1: Contract, shown: str, *, is_told: bool) -> None:
    told = read(Told(), "include=assignee", **task(assigneeId="usr_1", assignee={"id": shown}))
    message = "assignee of tsk_1 is not the one that assigneeId names"

    assert problems(WATCH, told.history(v1)) == ([("x1", message)] if is_told else [])


@pytest.mark.parametrize(
    ("query", "record", "found"),
    [
        ("include=assignee", task(assigneeId="usr_1"), "select.include-on-list"),
        ("include=assignee,comments", task(assigneeId="usr_1", comments=[]), "select.include-several"),
        ("include=assignee&fields=assigneeId", {"id": "tsk_1", "assigneeId": "usr_1"}, "select.include-beside-fields"),
        ("include=assignee", task(assigneeId=None), None),
        ("include=assignee", task(assigneeId=""), None),
        ("include=assignee&fields=assigneeId", {"id": "tsk_1", "assigneeId": ""}, None),
        ("include=assignee", task(assigneeId="usr_1", assignee={"id": "usr_1"}), None),
        ("include=comments", task(), None),
        ("include=assignee&include=comments", task(assigneeId="usr_1"), None),
        ("include=assignee,nobody", task(assigneeId="usr_1"), None),
    ],
)
def test_each_parent_that_is_asked_for_stands_in_every_record_that_names_one(
    v1: Contract, query: str, record: dict[str, object], found: str | None
) -> None:
    told = listed(Told(), query, record)

    wrong = [one.requirement for one in WATCH.judge(told.history(v1)) if one.problem is not None]
    assert wrong == ([found] if found else [])
