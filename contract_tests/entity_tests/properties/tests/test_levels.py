"""The table of levels: what fails on a live deployment, what is warned of, and what is a choice.

It is long because each row of the table is tried from both of its sides.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest
from entity_contract import Contract
from entity_tests.properties import envelope
from entity_tests.properties.judged import Judged
from entity_tests.properties.levels import Breach, accepted, answered, refused
from entity_tests.properties.refusals import Sent
from entity_tests.properties.wrongs import Wrongs
from schemathesis.core.failures import Failure, ServerError
from schemathesis.openapi.checks import (
    AllowHeaderMismatch,
    JsonSchemaError,
    MissingHeaders,
    UndefinedStatusCode,
    UnsupportedMethodResponse,
)

PAGE = {"success": True, "data": [], "pagination": {"limit": 100}}
TASK = {"id": "tsk_1", "title": "x", "createdAt": "2026-01-01T00:00:00Z"}


def sent(contract: Contract, operation_id: str, body: object = None, **query: str) -> Sent:
    operation = contract.operation(operation_id)
    return Sent(
        operation=operation.id,
        action=operation.action,
        generic="{entity}" in operation.path,
        entity=contract.entity(operation.entity or "tasks"),
        operators=contract.operators,
        query={name: tuple(text.split("|")) for name, text in query.items()},
        body=body,
        living={"users": frozenset({"usr_1"}), "products": frozenset({"prd_1"})},
        now=datetime(2026, 1, 1, tzinfo=UTC),
        valid=lambda _pointer, _value: True,
    )


def judged(contract: Contract, request: Sent, status: int, answer: Mapping[str, object], negated: str = "") -> Judged:
    operation = contract.operation(request.operation)
    wrong = Wrongs(contract).of(request, {negated})
    return Judged(request, operation.method, status, answer, wrong)


@pytest.mark.parametrize(
    ("level", "name", "text", "others"),
    [
        ("choice", "limit", "101", {}),
        ("must", "limit", "0", {}),
        ("must", "limit", "many", {}),
        ("must", "page", "0", {}),
        ("choice", "page", "2147483648", {}),
        ("choice", "page", "1|1", {}),
        ("choice", "sort", "title,status", {}),
        ("must", "sort", "nothing", {}),
        ("must", "order", "up", {"sort": "title"}),
        ("choice", "order", "up", {}),
        ("must", "filter", "{", {}),
        ("must", "filter", '{"nothing": 1}', {}),
        ("should", "filter", '{"status": "lost"}', {}),
        ("must", "startDate", "soon", {}),
        ("choice", "startDate", "2025-01-01", {}),
        ("should", "startDate", "", {}),
        ("must", "sort", "", {}),
        ("should", "filter", '{"$eq": 1}', {}),
        ("should", "filter", "{}|{}", {}),
        ("should", "fields", "nothing", {}),
        ("should", "include", "nothing", {}),
        ("choice", "unheard", "of", {}),
    ],
)
def test_an_accepted_parameter_is_judged(
    contract: Contract, level: str, name: str, text: str, others: dict[str, str]
) -> None:
    request = sent(contract, "listTasks", **{name: text}, **others)
    assert accepted(judged(contract, request, 200, PAGE, name)).level == level


def test_a_limit_above_100_may_be_clamped_to_a_number_of_either_spelling(contract: Contract) -> None:
    page = {"success": True, "data": [TASK], "pagination": {"limit": 100.0}}
    assert accepted(judged(contract, sent(contract, "listTasks", limit="101"), 200, page, "limit")).level == "choice"


@pytest.mark.parametrize(("level", "details"), [("choice", None), ("must", [])])
def test_details_that_are_null_are_none(contract: Contract, level: str, details: object) -> None:
    failure = violating({"properties": {"details": {"type": "object"}}}, {"details": details})
    assert answered(failure, judged(contract, sent(contract, "getTask"), 404, {})).level == level

    (operation,) = (one for one in contract.operations if one.id == "getTask")
    body = {"success": False, "error": "Not here", "code": "NOT_FOUND", "details": details}
    assert (envelope.problem(404, body, operation) is None) is (level == "choice")


def test_a_limit_above_100_that_is_not_clamped_fails(contract: Contract) -> None:
    whole = {"success": True, "data": [TASK] * 101, "pagination": {"limit": 101}}
    assert accepted(judged(contract, sent(contract, "listTasks", limit="101"), 200, whole, "limit")).level == "must"


@pytest.mark.parametrize(
    ("level", "operation", "body"),
    [
        ("choice", "createTask", {"title": "x", "unheard": "of"}),
        ("must", "createTask", {"title": "x", "status": "lost"}),
        ("must", "createTask", {"title": "x" * 201}),
        ("must", "createTask", {}),
        ("must", "createTask", {"title": 5}),
        ("must", "createTask", []),
        ("must", "createTask", None),
        ("should", "createTask", {"title": ""}),
        ("should", "createTask", {"title": None}),
        ("must", "createTask", {"title": "x", "unheard": "of", "status": "lost"}),
        ("choice", "updateTask", {}),
        ("should", "updateTask", {"status": None}),
        ("must", "createApiKey", {"scopes": ["read"]}),
        ("must", "createApiKey", {"name": "x", "scopes": ["all"]}),
        ("should", "createApiKey", {"name": "x"}),
        ("should", "createApiKey", {"name": "x", "scopes": []}),
        ("must", "generateText", {"prompt": "x", "temperature": 2}),
        ("choice", "generateText", {"prompt": "x", "maxTokens": 5000}),
        ("must", "generateText", {"maxTokens": 8}),
    ],
)
def test_an_accepted_body_is_judged(contract: Contract, level: str, operation: str, body: object) -> None:
    answer = {"success": True, "data": TASK}
    assert accepted(judged(contract, sent(contract, operation, body), 201, answer)).level == level


def test_an_unknown_member_that_is_shown_fails(contract: Contract) -> None:
    answer = {"success": True, "data": {**TASK, "unheard": "of"}}
    request = sent(contract, "createTask", {"title": "x", "unheard": "of"})
    assert accepted(judged(contract, request, 201, answer)).level == "must"


def test_a_generated_field_may_be_ignored_and_not_honoured(contract: Contract) -> None:
    request = sent(contract, "createTask", {"title": "x", "id": "mine"})
    assert accepted(judged(contract, request, 201, {"success": True, "data": TASK})).level == "choice"
    honoured = {"success": True, "data": {**TASK, "id": "mine"}}
    assert accepted(judged(contract, request, 201, honoured)).level == "must"


@pytest.mark.parametrize(
    ("level", "operation", "answer", "body"),
    [
        (None, "createTask", (400, "VALIDATION_FAILED"), {"title": "x", "assigneeId": "usr_nobody"}),
        ("should", "createTask", (422, "UNPROCESSABLE_ENTITY"), {"title": "x", "assigneeId": "usr_nobody"}),
        ("must", "createTask", (400, "VALIDATION_FAILED"), {"title": "x"}),
        ("choice", "createTask", (409, "CONFLICT"), {"title": "x"}),
        ("choice", "createTask", (429, "RATE_LIMIT_EXCEEDED"), {"title": "x"}),
        ("choice", "deleteTask", (409, "CONFLICT"), None),
        ("choice", "deleteTask", (400, "VALIDATION_FAILED"), None),
        ("must", "deleteTask", (403, "FORBIDDEN"), None),
        ("choice", "generateText", (404, "NOT_FOUND"), {"prompt": "x"}),
        ("choice", "generateText", (501, "NOT_IMPLEMENTED"), {"prompt": "x"}),
        ("choice", "generateText", (402, "INSUFFICIENT_CREDITS"), {"prompt": "x"}),
        ("must", "generateText", (400, "VALIDATION_FAILED"), {"prompt": "x"}),
    ],
)
def test_a_refusal_of_valid_data_is_judged(
    contract: Contract, level: str | None, operation: str, answer: tuple[int, str], body: object
) -> None:
    status, code = answer
    request = sent(contract, operation, body)
    judgement = refused(judged(contract, request, status, {"success": False, "code": code}))
    assert (None if judgement is None else judgement.level) == level


def undocumented(status: int) -> Failure:
    return UndefinedStatusCode(
        operation="", status_code=status, defined_status_codes=[], allowed_status_codes=[], message=""
    )


def missing(*names: str) -> Failure:
    return MissingHeaders(operation="", missing_headers=list(names), message="")


def unsupported() -> Failure:
    return UnsupportedMethodResponse(
        operation="", method="TRACE", status_code=404, failure_reason="wrong_status", message=""
    )


@pytest.mark.parametrize(
    ("level", "operation", "status", "failure"),
    [
        ("choice", "createTask", 415, undocumented(415)),
        ("choice", "deleteTask", 409, undocumented(409)),
        ("should", "getTask", 400, undocumented(400)),
        ("should", "listTasks", 414, undocumented(414)),
        ("must", "createTask", 200, undocumented(200)),
        ("must", "listTasks", 418, undocumented(418)),
        ("should", "listTasks", 401, missing("WWW-Authenticate")),
        ("must", "listTasks", 200, missing("X-Request-ID")),
        ("must", "listTasks", 401, missing("WWW-Authenticate", "X-Request-ID")),
        ("should", "listTasks", 404, unsupported()),
        ("choice", "generateText", 404, unsupported()),
        ("must", "listTasks", 500, ServerError(operation="", status_code=500)),
        ("should", "listTasks", 200, Breach("", "x", "x", ruling="E3.other-method")),
        ("must", "listTasks", 200, Breach("", "x", "x", ruling="E2.envelope")),
    ],
)
def test_anything_else_is_judged(contract: Contract, level: str, operation: str, status: int, failure: Failure) -> None:
    request: Any = sent(contract, operation)
    assert answered(failure, judged(contract, request, status, {})).level == level


@pytest.mark.parametrize(
    ("level", "status", "query"),
    [
        ("should", 400, {"page": "7"}),
        ("must", 400, {"page": "1"}),
        ("should", 400, {"filter": '{"title": {"$contains": "x"}}'}),
        ("must", 400, {"filter": '{"title": "x"}'}),
    ],
)
def test_a_list_that_is_refused_is_judged_by_its_query(
    contract: Contract, level: str, status: int, query: dict[str, str]
) -> None:
    judgement = refused(judged(contract, sent(contract, "listTasks", **query), status, {"success": False}))
    assert judgement is not None
    assert judgement.level == level


def violating(schema: Any, value: Any) -> Failure:
    error = next(jsonschema_rs.validator_for(schema).iter_errors(value))
    return JsonSchemaError(operation="", exc=error, root_schema=schema)


TEXT = {"type": "string"}
USER = {"anyOf": [{"properties": {"email": TEXT}, "type": "object"}, {"type": "null"}]}
USERS = {"properties": {"data": {"properties": {"email": TEXT, "title": TEXT, "assignee": USER}}}}


@pytest.mark.parametrize(
    ("level", "operation", "data"),
    [
        ("choice", "getUser", {"email": None}),
        ("choice", "getTask", {"assignee": {"email": None}}),
        ("must", "getTask", {"assignee": {"email": None, "name": None}}),
        ("must", "getTask", {"assignee": {"email": 5}}),
        ("must", "getTask", {"title": None}),
        ("must", "getUser", {"email": 5}),
    ],
)
def test_another_entity_may_hold_null_where_its_description_says_so(
    contract: Contract, level: str, operation: str, data: object
) -> None:
    users = contract.entity("users")
    assert users is not None
    emails = tuple(replace(one, generated=False, nullable=one.name == "email") for one in users.fields)
    users = replace(users, fields=emails)
    request = sent(contract, operation)
    own = users if request.entity is not None and request.entity.name == "users" else request.entity
    request = replace(request, entity=own, entities={"users": users}, valid=_has_a_name)

    assert answered(violating(USERS, {"data": data}), judged(contract, request, 200, {})).level == level


def _has_a_name(pointer: str, value: object) -> bool:
    assert pointer == "#/components/schemas/User"
    return isinstance(value, dict) and "name" not in value


RECORDS = {"properties": {"data": {"items": {"required": ["id", "title"]}}}}
TITLES = {"properties": {"data": {"properties": {"title": {"minLength": 1, "maxLength": 3}, "id": {"minLength": 1}}}}}
RELATIONS = {
    "properties": {"data": {"properties": {"relations": {"additionalProperties": {"required": ["foreignKey"]}}}}}
}
METHODS = {"properties": {"data": {"properties": {"methods": {"items": {"enum": ["GET"]}}}}}}

DESCRIBED = {
    "properties": {
        "data": {
            "properties": {
                "schema": {
                    "additionalProperties": {"properties": {"type": {"type": "string"}, "minimum": {"type": "number"}}}
                }
            }
        }
    }
}


def told(**facts: object) -> dict[str, object]:
    """Metadata with one field."""
    return {"data": {"schema": {"day": facts}}}


@pytest.mark.parametrize(
    ("level", "operation", "failure", "query"),
    [
        ("choice", "listTasks", violating(RECORDS, {"data": [{"title": "x"}]}), {"fields": "title"}),
        ("must", "listTasks", violating(RECORDS, {"data": [{"title": "x"}]}), {"fields": "id,title"}),
        ("must", "listTasks", violating(RECORDS, {"data": [{"title": "x"}]}), {}),
        ("must", "listTasks", violating(RECORDS, {"data": [{"id": "x"}]}), {"fields": "status"}),
        ("should", "getTask", violating(TITLES, {"data": {"title": ""}}), {}),
        ("must", "getTask", violating(TITLES, {"data": {"title": "long"}}), {}),
        ("must", "getTask", violating(TITLES, {"data": {"id": ""}}), {}),
        ("choice", "getTaskMetadata", violating(METHODS, {"data": {"methods": ["HEAD"]}}), {}),
        ("should", "getTaskMetadata", violating(METHODS, {"data": {"methods": ["PUT"]}}), {}),
        ("must", "getTaskMetadata", violating(METHODS, {"data": {"methods": ["BREW"]}}), {}),
        ("choice", "getTaskMetadata", violating(DESCRIBED, told(type="date", minimum=None)), {}),
        ("choice", "getTaskMetadata", violating(DESCRIBED, told(type="date", minimum="2020-01-01")), {}),
        ("should", "getTaskMetadata", violating(DESCRIBED, told(type="date", minimum=True)), {}),
        ("should", "getTaskMetadata", violating(DESCRIBED, told(type=None)), {}),
    ],
)
def test_an_answer_against_its_schema_is_judged_by_what_was_asked(
    contract: Contract, level: str, operation: str, failure: Failure, query: dict[str, str]
) -> None:
    assert answered(failure, judged(contract, sent(contract, operation, **query), 200, {})).level == level


@pytest.mark.parametrize(
    ("level", "body", "named"),
    [
        ("should", {"description": None, "status": "todo"}, ["description"]),
        ("must", {"description": "x", "assigneeId": None}, ["description"]),
        ("must", {"description": "x", "assigneeId": None}, ["description", "assigneeId"]),
        ("must", {"description": None}, []),
    ],
)
def test_a_null_that_is_refused_by_name_is_judged_as_what_clears(
    contract: Contract, level: str, body: dict[str, object], named: list[str]
) -> None:
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": dict.fromkeys(named, "Not so")}
    judgement = refused(judged(contract, sent(contract, "updateTask", body), 400, answer))
    assert judgement is not None
    assert judgement.level == level


@pytest.mark.parametrize(("level", "title"), [("should", "short"), ("must", "long enough, it is")])
def test_each_value_that_is_refused_by_name_has_its_own_reason(contract: Contract, level: str, title: str) -> None:
    tasks = contract.entity("tasks")
    assert tasks is not None
    told = replace(tasks, fields=tuple(replace(f, min_length=12) if f.name == "title" else f for f in tasks.fields))
    request = replace(sent(contract, "updateTask", {"title": title, "description": None}), entity=told)
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": {"title": "Too short", "description": "Null"}}
    judgement = refused(judged(contract, request, 400, answer))
    assert judgement is not None
    assert judgement.level == level


@pytest.mark.parametrize(
    ("level", "operation", "body", "name"),
    [
        ("choice", "createTask", {"title": "two\x07bells"}, "title"),
        ("choice", "createTask", {"title": "\U0001f514"}, "title"),
        ("choice", "createTask", {"title": " ends"}, "title"),
        ("choice", "createTask", {"title": "<b>"}, "title"),
        ("choice", "createTask", {"title": "e\u0301"}, "title"),
        ("must", "createTask", {"title": "plain"}, "title"),
        ("must", "createTask", {"title": "caf\u00e9"}, "title"),
        ("choice", "createTask", {"title": "plain", "assigneeId": "usr_1"}, "assigneeId"),
        ("choice", "createTask", {"title": "plain", "priority": "high"}, "assigneeId"),
        ("choice", "createTask", {"title": "plain", "priority": "high", "description": None}, "description"),
        ("must", "createTask", {"title": "plain", "priority": "high"}, "priority"),
        ("must", "createTask", {"title": "plain"}, "status"),
        ("choice", "updateTask", {"status": "todo"}, "status"),
        ("choice", "createOrder", {"currency": "GBP", "productId": "prd_1"}, "currency"),
        ("must", "createProduct", {"currency": "GBP"}, "currency"),
    ],
)
def test_what_a_rule_that_is_not_told_may_be_about_is_refused_by_its_name(
    contract: Contract, level: str, operation: str, body: dict[str, object], name: str
) -> None:
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": {name: "Not so"}}
    judgement = refused(judged(contract, sent(contract, operation, body), 400, answer))
    assert judgement is not None
    assert judgement.level == level


def test_a_key_to_what_the_deployment_lacks_may_be_refused(contract: Contract) -> None:
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": {"assigneeId": "Names nobody"}}
    request = sent(contract, "createTask", {"title": "plain", "assigneeId": "x"})
    assert request.entity is not None
    lacking = replace(request, entity=replace(request.entity, relations=()), living={})
    found = [refused(judged(contract, lacking, 400, answer))]
    assert {getattr(one, "level", None) for one in found} <= {"choice", None}


def test_a_title_that_is_in_use_may_be_refused(contract: Contract) -> None:
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": {"title": "Is in use"}}
    found = judged(contract, sent(contract, "createTask", {"title": "plain"}), 400, answer)
    assert getattr(refused(replace(found, in_use=frozenset({"title"}))), "level", None) == "choice"


@pytest.mark.parametrize(
    ("level", "code", "details", "given"),
    [
        ("should", "VALIDATION_FAILED", {"page": "At most 9"}, {"filter": '{"nothing": 1}', "page": "10"}),
        ("should", "VALIDATION_FAILED", {}, {"filter": '{"nothing": 1}', "page": "10"}),
        ("should", "VALIDATION_FAILED", {"search": "At least 3"}, {"filter": '{"nothing": 1}', "search": "ab"}),
        ("should", "INVALID_FILTER", {"filter": "No"}, {"filter": '{"title": {"$ne": "x"}}', "startDate": "soon"}),
        ("must", "VALIDATION_FAILED", {"filter": "No"}, {"filter": '{"nothing": 1}', "page": "10"}),
        ("must", "VALIDATION_FAILED", {"page": "No"}, {"filter": '{"nothing": 1}', "page": "1"}),
        ("must", "INVALID_FILTER", {"startDate": "No"}, {"filter": '{"title": {"$ne": "x"}}', "startDate": "soon"}),
    ],
)
def test_of_two_causes_of_a_refusal_either_may_be_told(
    contract: Contract, level: str, code: str, details: dict[str, str], given: dict[str, str]
) -> None:
    answer = {"success": False, "code": code, "details": details}
    found = replace(judged(contract, sent(contract, "listTasks", **given), 400, answer), code=code)
    judgement = refused(found)
    assert (judgement.level if judgement else None) == level


@pytest.mark.parametrize(
    ("level", "operation", "details", "given"),
    [
        ("should", "listTasks", {"search": "At least 3"}, {"search": "plain ab"}),
        ("should", "listTasks", {}, {"search": "ab"}),
        ("must", "listTasks", {"search": "No"}, {"search": "plain"}),
        ("must", "listTasks", {"limit": "No"}, {"search": "ab"}),
    ],
)
def test_a_word_that_no_index_holds_may_be_refused(
    contract: Contract, level: str, operation: str, details: dict[str, str], given: dict[str, str]
) -> None:
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": details}
    judgement = refused(judged(contract, sent(contract, operation, **given), 400, answer))
    assert (judgement.level if judgement else None) == level


@pytest.mark.parametrize(
    ("level", "details", "body"),
    [
        ("choice", {"prompt": "Too long"}, {"prompt": "x" * 101}),
        ("choice", {"maxTokens": "Too many"}, {"prompt": "x", "maxTokens": 101}),
        ("must", {"prompt": "No"}, {"prompt": "x", "maxTokens": 101}),
        ("must", {"temperature": "No"}, {"prompt": "x" * 101}),
        ("must", {}, {"prompt": "x" * 101}),
    ],
)
def test_a_deployment_has_its_own_bounds_of_a_generation(
    contract: Contract, level: str, details: dict[str, str], body: dict[str, object]
) -> None:
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": details}
    judgement = refused(judged(contract, sent(contract, "generateText", body), 400, answer))
    assert judgement is not None
    assert judgement.level == level


@pytest.mark.parametrize(
    ("level", "named", "expires"),
    [
        ("should", ["expiresAt"], "2099-01-01T00:00:00Z"),
        ("must", ["expiresAt"], None),
        ("must", ["expiresAt", "name"], "2099-01-01T00:00:00Z"),
        ("must", [], "2099-01-01T00:00:00Z"),
    ],
)
def test_a_deployment_says_how_long_a_key_may_live(
    contract: Contract, level: str, named: list[str], expires: str | None
) -> None:
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": dict.fromkeys(named, "No")}
    body = {"name": "x", "scopes": ["read"], "expiresAt": expires}
    judgement = refused(judged(contract, sent(contract, "createApiKey", body), 400, answer))
    assert judgement is not None
    assert judgement.level == level


def test_a_value_below_a_bound_that_the_deployment_tells_may_be_refused(contract: Contract) -> None:
    tasks = contract.entity("tasks")
    assert tasks is not None
    told = replace(tasks, fields=tuple(replace(f, min_length=12) if f.name == "title" else f for f in tasks.fields))
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": {"title": "Must have at least 12 characters"}}
    levels = [
        getattr(refused(judged(contract, replace(request, entity=told), 400, answer)), "level", None)
        for request in (sent(contract, "createTask", {"title": text}) for text in ("short", "long enough, it is"))
    ]
    assert levels == ["choice", "must"]


def test_a_value_that_a_told_pattern_does_not_describe_may_be_refused(contract: Contract) -> None:
    tasks = contract.entity("tasks")
    assert tasks is not None
    pattern = "^[A-Z]{2}-[0-9]{4}$"
    told = replace(tasks, fields=tuple(replace(f, pattern=pattern) if f.name == "title" else f for f in tasks.fields))
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": {"title": f"must match {pattern}"}}
    levels = [
        getattr(refused(judged(contract, replace(request, entity=told), 400, answer)), "level", None)
        for request in (sent(contract, "createTask", {"title": text}) for text in ("Write the report", "AB-1234"))
    ]
    assert levels == ["choice", "must"]


@pytest.mark.parametrize(("level", "relations"), [("should", True), ("choice", False)])
def test_an_empty_text_is_taken_where_it_could_name_no_record(
    contract: Contract, level: str, *, relations: bool
) -> None:
    tasks = contract.entity("tasks")
    assert tasks is not None
    told = replace(tasks, relations=tasks.relations if relations else ())
    request = replace(sent(contract, "createTask", {"title": "x", "assigneeId": ""}), entity=told)
    assert accepted(judged(contract, request, 201, {"success": True, "data": TASK})).level == level


@pytest.mark.parametrize(("level", "type_"), [("should", "manyToMany"), ("must", "hasMany")])
def test_a_relation_of_another_type_needs_no_foreign_key(contract: Contract, level: str, type_: str) -> None:
    described = {"success": True, "data": {"relations": {"watchers": {"type": type_, "entity": "users"}}}}
    failure = violating(RELATIONS, described)
    assert answered(failure, judged(contract, sent(contract, "getTaskMetadata"), 200, described)).level == level


@pytest.mark.parametrize(("value", "level"), [("", "choice"), ("   ", "choice"), ("Plain", "must")])
def test_a_text_of_tasks_that_need_not_be_there_may_not_be_blank(contract: Contract, value: str, level: str) -> None:
    request = sent(contract, "createTask", {"title": "x", "description": value})
    answer = {"success": False, "code": "VALIDATION_FAILED", "details": {"description": "Send null instead"}}

    assert getattr(refused(judged(contract, request, 400, answer)), "level", None) == level


@pytest.mark.parametrize(
    ("missing", "undocumented", "level"),
    [(["POST"], [], "choice"), (["GET"], [], "should"), (["POST"], ["PUT"], "should"), (["PATCH"], [], "should")],
)
def test_allow_lists_what_an_entity_has(
    contract: Contract, missing: list[str], undocumented: list[str], level: str
) -> None:
    request = replace(sent(contract, "getEntityMetadata"), entity=contract.entity("users"))
    failure = AllowHeaderMismatch(
        operation="", message="", allow_header="", missing_methods=missing, undocumented_methods=undocumented
    )

    assert answered(failure, judged(contract, request, 200, {"success": True})).level == level
