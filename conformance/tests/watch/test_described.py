"""What metadata tells of a field, beside what its values were answered."""

import time
from dataclasses import replace

import pytest
from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History
from entity_conformance.suite.watch.described import (
    agrees_with_behaviour,
    defaults_are_applied,
    described_to_everybody,
    joined_by_fields,
    methods_for_everybody,
    types_for_everybody,
)
from entity_contract import Contract

from conformance.tests.watched import Told, judged, problems

WANTED = "CREATE wants description, which metadata does not say to be required"
_PARTS = ("ba", "kel", "lum", "ori", "tes", "wan")
LONG = " ".join(f"{one}{two}" for one in _PARTS for two in _PARTS)[:199] + "s"
REFUSED = {"success": False, "error": "Invalid", "code": "VALIDATION_FAILED", "details": {"title": "Not so"}}


def wrote(told: Told, title: str, *, taken: bool, method: str = "POST") -> None:
    """A write of a task with a title, and its answer."""
    path, granted = ("tasks", 201) if method == "POST" else ("tasks/tsk_1", 200)
    answer = {"success": True, "data": {"id": "tsk_1", "title": title}} if taken else REFUSED
    told.get(path, answer, status=granted if taken else 400, method=method, body_sent={"title": title})


@pytest.mark.parametrize(
    ("refused", "method", "found"),
    [
        (LONG, "POST", ["title is refused at the maxLength 200 that its metadata tells"]),
        (LONG, "PATCH", []),
        ("9" * 200, "POST", []),
        ("words " * 33 + "so", "POST", []),
        ("words " + "o" * 194, "POST", []),
        ("words " + "abcd" * 48 + "oo", "POST", []),
        (f"{LONG[:-6]} xqztk", "POST", []),
        (LONG.upper(), "POST", []),
    ],
)
def test_a_text_at_its_bound_is_taken_where_the_same_method_took_others_like_it(
    v1: Contract, refused: str, method: str, found: list[str]
) -> None:
    told = Told()
    wrote(told, "some words", taken=True)
    wrote(told, refused, taken=False, method=method)

    assert len(LONG) == 200
    assert [problem for _, problem in problems(agrees_with_behaviour, told.history(v1))] == found


@pytest.mark.parametrize(
    ("others", "found"),
    [(("some words", "7 words"), 1), (("some words", "words"), 0), (("7 WORDS", "WORDS 7"), 0)],
)
def test_a_text_is_like_others_where_one_has_all_its_kinds_of_characters_and_one_no_more(
    v1: Contract, others: tuple[str, ...], found: int
) -> None:
    told = Told()
    for title in others:
        wrote(told, title, taken=True)
    wrote(told, f"{LONG[:-1]}7", taken=False)

    assert len(problems(agrees_with_behaviour, told.history(v1))) == found


@pytest.mark.parametrize(
    ("others", "refused", "found"),
    [
        ([("prd_1", 9999)], ("prd_1", 10000), 1),
        ([("prd_1", 3)], ("prd_1", 10000), 0),
        ([("prd_2", 9999)], ("prd_1", 10000), 0),
        ([("prd_1", 9999), ("prd_2", 10000)], ("prd_1", 10000), 0),
    ],
)
def test_a_number_at_its_bound_may_be_more_than_another_record_has(
    v1: Contract, others: list[tuple[str, int]], refused: tuple[str, int], found: int
) -> None:
    told = Told()
    for product, quantity in (*others, refused):
        is_taken = (product, quantity) != refused
        answer = {"success": True, "data": {"id": "ord_1"}} if is_taken else REFUSED | {"details": {"quantity": "No"}}
        sent = {"productId": product, "quantity": quantity}
        told.get("orders", answer, status=201 if is_taken else 400, method="POST", body_sent=sent)

    assert len(problems(agrees_with_behaviour, told.history(v1))) == found


@pytest.mark.parametrize(("facts", "found"), [({"minimum": 0}, 1), ({}, 0)])
def test_a_bound_that_options_does_not_tell_holds_nobody(v1: Contract, facts: dict[str, object], found: int) -> None:
    schema = {"stock": {"type": "integer", **facts}}
    told = Told().get("products", {"success": True, "data": {"schema": schema}}, method="OPTIONS")
    for stock in (1, 0):
        answer = {"success": True, "data": {"id": "prd_1"}} if stock else REFUSED | {"details": {"stock": "No"}}
        told.get("products", answer, status=201 if stock else 400, method="POST", body_sent={"stock": stock})

    assert len(problems(agrees_with_behaviour, told.history(v1))) == found


@pytest.mark.parametrize(("customer", "found"), [("cus_1", 1), ("cus_2", 0)])
def test_a_text_at_its_bound_may_have_to_fit_another_record(v1: Contract, customer: str, found: int) -> None:
    told = Told()
    for reference, owner in (("some words", customer), (LONG[:40], "cus_1")):
        is_taken = reference != LONG[:40]
        answer = {"success": True, "data": {"id": "ord_1"}} if is_taken else REFUSED | {"details": {"reference": "No"}}
        sent = {"customerId": owner, "reference": reference}
        told.get("orders", answer, status=201 if is_taken else 400, method="POST", body_sent=sent)

    assert len(problems(agrees_with_behaviour, told.history(v1))) == found


@pytest.mark.parametrize(("again", "found"), [("a plain title - and its end.", 0), ("another title - and its end.", 1)])
def test_a_text_that_stays_is_taken_where_it_is_fixed_too(v1: Contract, again: str, found: int) -> None:
    """Whether the longest text is refused for its length, another one that was taken tells."""
    told, first = Told(), "a plain title - and its end."
    made, long = {"success": True, "data": {"id": "tsk_1"}}, f"{'a plain title - ' * 20}"[:199] + "."
    told.get("tasks", made, status=201, method="POST", body_sent={"title": first})
    for title in (again, long):
        answer = REFUSED | {"details": {"title": "No"}} if title == long else made
        told.get(
            "tasks/tsk_1", answer, status=400 if title == long else 200, method="PATCH", body_sent={"title": title}
        )

    assert len(problems(agrees_with_behaviour, told.history(v1))) == found


@pytest.mark.parametrize(("refused", "found"), [("com", 1), ("museum", 0)])
def test_a_text_of_a_form_is_like_others_that_end_alike(v1: Contract, refused: str, found: int) -> None:
    told = Told()
    letters = "abecidofugalemisoruta" * 9
    longest = f"{letters[:60]}@{letters[60:120]}.{letters[5:65]}.{letters[70:130]}"
    long = f"{longest}{letters[: 254 - len(longest) - len(refused) - 1]}.{refused}"
    for email in (f"a{longest[9:]}.com", long):
        answer = {"success": True, "data": {"id": "cus_1"}} if email != long else REFUSED | {"details": {"email": "No"}}
        sent = {"email": email}
        told.get("customers", answer, status=400 if email == long else 201, method="POST", body_sent=sent)

    assert len(long) == 254
    assert len(problems(agrees_with_behaviour, told.history(v1))) == found


def description(told: Told, **description: object) -> Told:
    """OPTIONS tells this of the description of a task."""
    schema = {"title": {"type": "string", "required": True}, "description": {"type": "text", **description}}
    return told.get("tasks", {"success": True, "data": {"schema": schema}}, method="OPTIONS")


def post(told: Told, *, status: int, **sent: str) -> Told:
    """A CREATE that is granted, or is refused for want of a description."""
    refused = {"success": False, "code": "VALIDATION_FAILED", "details": {"description": "is required"}}
    body = {"success": True, "data": {"id": "tsk_1"}} if status == 201 else refused
    return told.get("tasks", body, status=status, method="POST", body_sent=sent)


def demanding(told: Told, v1: Contract) -> History:
    """The run has learnt from a CREATE that tasks demand a description."""
    (tasks,) = [one for one in v1.entities if one.name == "tasks"]
    fields = tuple(replace(one, required=one.required or one.name == "description") for one in tasks.fields)
    return replace(told.history(v1), entities=(replace(tasks, fields=fields),))


def test_a_field_that_is_told_to_be_optional_and_is_demanded_is_found(v1: Contract) -> None:
    told = post(description(Told(), required=False), status=400, title="a")
    post(told, status=201, title="a", description="b")

    assert problems(agrees_with_behaviour, told.history(v1)) == [("x2", WANTED)]


def test_it_is_found_where_the_run_has_learnt_that_it_is_required(v1: Contract) -> None:
    told = post(description(Told(), required=False), status=400, title="a")

    assert problems(agrees_with_behaviour, demanding(told, v1)) == [("x2", WANTED)]


def test_what_is_not_told_may_be_learnt(v1: Contract) -> None:
    told = post(description(Told()), status=400, title="a")

    assert problems(agrees_with_behaviour, demanding(told, v1)) == []


def test_what_some_bodies_do_without_is_demanded_by_a_rule_of_another_field(v1: Contract) -> None:
    told = post(post(description(Told(), required=False), status=400, title="a"), status=201, title="b")

    assert problems(agrees_with_behaviour, demanding(told, v1)) == []


@pytest.mark.parametrize(("others", "found"), [(["assigneeId"], 0), (["priority"], 0), ([], 1)])
def test_that_one_of_several_is_needed_is_a_rule_of_its_own(v1: Contract, others: list[str], found: int) -> None:
    details = dict.fromkeys(["description", *others], "one of them is required")
    refused = {"success": False, "code": "VALIDATION_FAILED", "details": details}
    told = description(Told(), required=False)
    told.get("tasks", refused, status=400, method="POST", body_sent={"title": "a", "priority": "low"})
    sent = {"title": "a", "description": "b", "priority": "low"}
    told.get("tasks", {"success": True, "data": {"id": "tsk_1"}}, status=201, method="POST", body_sent=sent)

    assert len(problems(agrees_with_behaviour, told.history(v1))) == found


@pytest.mark.parametrize(("sent", "found"), [({"status": "todo"}, 0), ({}, 0), ({"title": "Write"}, 1)])
def test_what_a_body_leaves_out_has_its_default_whatever_else_it_names(
    v1: Contract, sent: dict[str, object], found: int
) -> None:
    shown = {
        "id": "tsk_1",
        "title": "Write",
        "status": "completed" if "title" in sent else "todo",
        "priority": "medium",
    }
    told = Told().get("tasks", {"success": True, "data": shown}, status=201, method="POST", body_sent=sent)

    assert [problem for _, problem in problems(defaults_are_applied, told.history(v1))] == [
        "data.status is not the default"
    ] * found


def test_a_default_that_is_not_shown_is_not_missed(v1: Contract) -> None:
    told = Told().get("tasks", {"success": True, "data": {"id": "tsk_1"}}, status=201, method="POST", body_sent={})

    assert judged(defaults_are_applied, told.history(v1)) == []


def described_to(told: Told, methods: list[str], **types: str) -> Told:
    """OPTIONS tells a caller these methods, and these types."""
    schema = {name: {"type": type_} for name, type_ in types.items()}
    return told.get("tasks", {"success": True, "data": {"methods": methods, "schema": schema}}, method="OPTIONS")


def test_every_caller_is_told_the_same_methods(v1: Contract) -> None:
    told = described_to(Told(), ["GET", "POST"])
    described_to(described_to(told, ["POST", "GET"]), ["GET"])

    assert problems(methods_for_everybody, told.history(v1)) == [
        ("x3", "data.methods is another one than x1 told another caller")
    ]


def test_every_caller_is_told_the_same_of_what_both_are_told(v1: Contract) -> None:
    told = described_to(Told(), [], title="string", status="enum")
    described_to(described_to(told, [], title="string"), [], title="text", status="enum")

    assert problems(types_for_everybody, told.history(v1)) == [
        ("x3", "data.schema is another one than x1 told another caller")
    ]


def test_only_what_is_another_one_is_shown(v1: Contract) -> None:
    told = described_to(described_to(Told(), [], title="string", status="enum"), [], title="text", status="enum")

    found = [one.problem for one in types_for_everybody.judge(told.history(v1)) if isinstance(one.problem, Violation)]
    assert [(one.expected, one.actual) for one in found] == [('{"title.type": "string"}', '{"title.type": "text"}')]


def test_many_descriptions_of_many_fields_are_compared_in_time(v1: Contract) -> None:
    told, fields = Told(), {f"field{number}": "string" for number in range(4_000)}
    for _ in range(60):
        described_to(told, ["GET"], **fields)
    began = time.process_time()

    for watch in (types_for_everybody, described_to_everybody, agrees_with_behaviour):
        assert problems(watch, told.history(v1)) == []
    assert time.process_time() - began < 2


def test_who_may_write_a_field_hangs_on_the_caller(v1: Contract) -> None:
    told = Told()
    for is_read_only in (False, True):
        schema = {"title": {"type": "string", "readOnly": is_read_only}}
        told.get("tasks", {"success": True, "data": {"schema": schema}}, method="OPTIONS")

    assert problems(types_for_everybody, told.history(v1)) == []


@pytest.mark.parametrize(("key", "wrong"), [("assigneeId", 0), ("description", 1)])
def test_whom_a_foreign_key_names_by_default_hangs_on_the_caller(v1: Contract, key: str, wrong: int) -> None:
    told = Told()
    for who in ("usr_1", "usr_2"):
        schema = {key: {"type": "string", "default": who}}
        relations = {"assignee": {"type": "belongsTo", "entity": "users", "foreignKey": "assigneeId"}}
        data = {"schema": schema, "relations": relations}
        told.get("tasks", {"success": True, "data": data}, method="OPTIONS")

    assert len(problems(types_for_everybody, told.history(v1))) == wrong


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"entity": "task", "relations": {}}, "data.entity is another one than was asked for"),
        ({"entity": "tasks"}, None),
        (
            {"entity": "tasks", "relations": {"comments": {"type": "hasMany"}}},
            "data.relations is another one than x1 told another caller",
        ),
        ({"entity": "tasks", "relations": {"assignee": {"type": "belongsTo"}}}, None),
    ],
)
def test_an_entity_is_described_alike_at_all_times(v1: Contract, data: dict[str, object], message: str | None) -> None:
    told = Told()
    for one in ({"entity": "tasks", "relations": {"comments": {"type": "belongsTo"}}}, data):
        told.get("tasks", {"success": True, "data": one}, method="OPTIONS")

    assert [problem for _, problem in problems(described_to_everybody, told.history(v1))] == [message] * bool(message)


ORDERS: dict[str, object] = {"productId": {"type": "string"}, "id": {"type": "string"}}


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"type": "hasMany", "entity": "orders", "foreignKey": "productId"}, 0),
        ({"type": "hasMany", "entity": "orders", "foreignKey": "product_id"}, 1),
        ({"type": "belongsTo", "entity": "orders", "foreignKey": "productId"}, 1),
        ({"type": "belongsTo", "entity": "orders", "foreignKey": "sku"}, 0),
        ({"type": "hasMany", "entity": "labels", "foreignKey": "product_id"}, 0),
        ({"type": "manyToMany", "entity": "orders", "foreignKey": "product_id"}, 0),
        ({"type": "hasMany", "entity": "orders"}, 0),
    ],
)
def test_a_relation_is_told_with_a_field_of_who_belongs(v1: Contract, told: dict[str, object], found: int) -> None:
    products = {"schema": {"sku": {"type": "string"}}, "relations": {"orders": told}}
    answers = Told().get("products", {"success": True, "data": products}, method="OPTIONS")
    answers.get("orders", {"success": True, "data": {"schema": ORDERS, "relations": {}}}, method="OPTIONS")

    assert [exchange for exchange, _ in problems(joined_by_fields, answers.history(v1))] == ["x1"] * found


@pytest.mark.parametrize(("taken", "found"), [(False, 1), (True, 0)])
def test_what_is_told_as_settable_is_not_refused_by_its_name_alone(v1: Contract, taken: bool, found: int) -> None:  # noqa: FBT001
    (tasks,) = (one for one in v1.entities if one.name == "tasks")
    settable = tuple(replace(one, generated=False) if one.name == "updatedAt" else one for one in tasks.fields)
    entities = tuple(replace(one, fields=settable) if one.name == "tasks" else one for one in v1.entities)
    told, sent = Told(), {"updatedAt": "2021-07-09T08:30:00Z"}
    told.get("tasks", REFUSED | {"details": {"updatedAt": "No"}}, status=400, method="POST", body_sent=sent)
    if taken:
        told.get("tasks", {"success": True, "data": {"id": "tsk_1"}}, status=201, method="POST", body_sent=sent)
    history = replace(told.history(v1), entities=entities)

    assert len(problems(agrees_with_behaviour, history)) == found
