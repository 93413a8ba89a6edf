"""One test for each rule: an edit of openapi.yaml, and the words that it must be told in."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from entity_contract import Contract
from entity_contract.changes.change import addition, breaking
from entity_contract.changes.comparison import changes

Document = dict[str, Any]
Edit = Callable[[Document], object]


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def field(document: Document, name: str, key: str) -> Document:
    found: Document = schema(document, name)["properties"][key]
    return found


def operation(document: Document, path: str, method: str) -> Document:
    found: Document = document["paths"][path][method]
    return found


def parameter(document: Document, name: str) -> Document:
    found: Document = document["components"]["parameters"][name]
    return found


def operators(document: Document) -> Document:
    found: Document = parameter(document, "Filter")["x-operators"]
    return found


def renamed_path_parameter(document: Document) -> None:
    paths, parameters = document["paths"], document["components"]["parameters"]
    paths["/v1/tasks/{taskId}"] = paths.pop(TASK)
    paths["/v1/tasks/{taskId}"]["parameters"] = [{**parameters["RecordId"], "name": "taskId"}]


def renamed_schema(document: Document, name: str, other: str) -> None:
    schemas = document["components"]["schemas"]
    schemas[other] = schemas.pop(name)
    _point(document, f"#/components/schemas/{name}", f"#/components/schemas/{other}")


def _point(node: Any, old: str, new: str) -> None:
    """Every `$ref` to the old place leads to the new one."""
    for key, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if child == old and key == "$ref":
            node[key] = new
        else:
            _point(child, old, new)


TASKS, TASK = "/v1/tasks", "/v1/tasks/{id}"
BREAKING: dict[str, Edit] = {
    "DELETE /v1/tasks/{id}: the operation is gone": lambda d: d["paths"][TASK].pop("delete"),
    "GET /v1/tasks: generated as findTasks, was listTasks": lambda d: operation(d, TASKS, "get").update(
        operationId="findTasks"
    ),
    "GET /v1/tasks: generated under Work, was under Tasks": lambda d: operation(d, TASKS, "get").update(tags=["Work"]),
    "GET /v1/tasks: needs the scope write of apiKey": lambda d: operation(d, TASKS, "get").update(
        security=[{"apiKey": ["read", "write"]}, {"session": []}]
    ),
    "GET /v1/tasks: no longer takes session": lambda d: operation(d, TASKS, "get").update(
        security=[{"apiKey": ["read"]}]
    ),
    "GET /health: needs apiKey, was public": lambda d: operation(d, "/health", "get").update(security=[{"apiKey": []}]),
    "security session: name is sid, was better-auth.session_token": lambda d: d["components"]["securitySchemes"][
        "session"
    ].update(name="sid"),
    "security apiKey: the scheme is gone": lambda d: d["components"]["securitySchemes"].pop("apiKey"),
    "GET /v1/tasks: takes session only together with apiKey": lambda d: operation(d, TASKS, "get").update(
        security=[{"apiKey": ["read"], "session": []}]
    ),
    "servers: clients use http://localhost:5173/api unless told otherwise, used https://yourdomain.com/api": (
        lambda d: d["servers"].reverse()
    ),
    "servers: https://yourdomain.com/api is gone": lambda d: d["servers"].pop(0),
    "GET /v1/tasks ?search: the query parameter is gone": lambda d: parameter(d, "Search").update(name="q"),
    "GET /v1/tasks ?q: a new query parameter that must be sent": lambda d: parameter(d, "Search").update(
        name="q", required=True
    ),
    "GET /v1/tasks ?search: must be sent now, was optional": lambda d: parameter(d, "Search").update(required=True),
    "GET /v1/tasks/{id} ?id: is taskId in generated clients; the path is the same": renamed_path_parameter,
    "GET /v1/tasks: its parameters come in another order: generated methods take them by position": (
        lambda d: operation(d, TASKS, "get")["parameters"].reverse()
    ),
    "GET /v1/tasks/{id}: its parameters come in another order: generated methods take them by position": (
        lambda d: operation(d, TASK, "get")["parameters"].insert(
            0, {"name": "colour", "in": "query", "schema": {"type": "string"}}
        )
    ),
    "GET /v1/tasks ?fields: style is pipeDelimited, was form": lambda d: parameter(d, "TaskFields").update(
        style="pipeDelimited"
    ),
    "GET /v1/tasks ?fields: explode is True, was False": lambda d: parameter(d, "TaskFields").update(explode=True),
    "GET /v1/tasks ?filter: its failure is VALIDATION_FAILED, was INVALID_FILTER": lambda d: parameter(d, "Filter").pop(
        "x-error-code"
    ),
    "GET /v1/tasks ?limit: maximum is 50, was 100": lambda d: parameter(d, "Limit")["schema"].update(maximum=50),
    "GET /v1/tasks ?limit: left out, it means 10; meant 20": lambda d: parameter(d, "Limit")["schema"].update(
        default=10
    ),
    "TaskSortField: no longer takes title": lambda d: schema(d, "TaskSortField")["enum"].remove("title"),
    "GET /health: needs a body now": lambda d: operation(d, "/health", "get").update(
        requestBody={"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    ),
    "POST /v1/tasks: takes no body any more": lambda d: operation(d, TASKS, "post").pop("requestBody"),
    "POST /v1/tasks: takes no application/json any more": lambda d: d["components"]["requestBodies"]["TaskCreate"][
        "content"
    ].update({"text/json": d["components"]["requestBodies"]["TaskCreate"]["content"].pop("application/json")}),
    "TaskCreate.description: the field is gone": lambda d: schema(d, "TaskCreate")["properties"].pop("description"),
    "TaskCreate.cost: a new field that must be sent": lambda d: (
        schema(d, "TaskCreate")["properties"].update(cost={"type": "integer"}),
        schema(d, "TaskCreate")["required"].append("cost"),
    ),
    "TaskCreate.status: must be sent now, was optional": lambda d: schema(d, "TaskCreate")["required"].append("status"),
    "CustomerCreate: its required fields come as email, name: generated constructors take them by position": (
        lambda d: schema(d, "CustomerCreate").update(
            properties=dict(sorted(schema(d, "CustomerCreate")["properties"].items()))
        )
    ),
    "TaskCreate.status: left out, it means completed; meant todo": lambda d: field(d, "TaskCreate", "status").update(
        default="completed"
    ),
    "TaskCreate.status: is TaskPriority in generated clients, was TaskStatus": lambda d: field(
        d, "TaskCreate", "status"
    ).update({"$ref": "#/components/schemas/TaskPriority"}),
    "TaskCreate.description: takes string, was null or string": lambda d: field(d, "TaskCreate", "description").update(
        type="string"
    ),
    "TaskCreate.title: maxLength is 100, was 200": lambda d: field(d, "TaskCreate", "title").update(maxLength=100),
    "TaskCreate.title: minLength is 2, was 1": lambda d: field(d, "TaskCreate", "title").update(minLength=2),
    "TaskCreate.description: maxLength is 9, was not limited": lambda d: field(d, "TaskCreate", "description").update(
        maxLength=9
    ),
    "TaskCreate.title: pattern is ^T, was \\S": lambda d: field(d, "TaskCreate", "title").update(pattern="^T"),
    "CustomerCreate.email: its format is free, was email": lambda d: field(d, "CustomerCreate", "email").pop("format"),
    "GenerateTextRequest.maxTokens: multipleOf is 8, was nothing": lambda d: field(
        d, "GenerateTextRequest", "maxTokens"
    ).update(multipleOf=8),
    "GenerateTextRequest.temperature: minimum is 0.5, was 0": lambda d: field(
        d, "GenerateTextRequest", "temperature"
    ).update(minimum=0.5),
    "ApiKeyCreate.scopes: uniqueItems is true, was nothing": lambda d: field(d, "ApiKeyCreate", "scopes").update(
        uniqueItems=True
    ),
    "ApiKeyCreate.scopes: maxItems is 2, was not limited": lambda d: field(d, "ApiKeyCreate", "scopes").update(
        maxItems=2
    ),
    "TaskCreate.title: takes only Work, took anything": lambda d: field(d, "TaskCreate", "title").update(const="Work"),
    "TaskCreate.title: frobnicate is 1, was nothing": lambda d: field(d, "TaskCreate", "title").update(frobnicate=1),
    "EntityRecordCreate: takes only some values in fields that it does not know, took any before": lambda d: schema(
        d, "EntityRecordCreate"
    ).update(additionalProperties={"type": "string"}),
    "EntityRecordCreate: refuses fields that it does not know, took them before": lambda d: schema(
        d, "EntityRecordCreate"
    ).update(additionalProperties=False),
    "CustomerCreate.name: takes only Ada, took anything": lambda d: field(d, "CustomerCreate", "name").update(
        enum=["Ada"]
    ),
    "Task.priority: the field is gone": lambda d: schema(d, "Task")["properties"].pop("priority"),
    "Task.title: may be null or string, was string": lambda d: field(d, "Task", "title").update(
        type=["string", "null"]
    ),
    "Task.title: its format is email, was free": lambda d: field(d, "Task", "title").update(format="email"),
    "Task.createdAt: its format is free, was date-time": lambda d: field(d, "Task", "createdAt").pop("format"),
    "Task.id: may be integer, was string": lambda d: field(d, "Task", "id").update(type="integer"),
    "Task.assignee: may be array or null, was null or object": lambda d: schema(d, "Task")["properties"].update(
        assignee={"type": ["array", "null"], "items": {"type": "string"}}
    ),
    "Task.assignee: is a type without a name in generated clients, was User": lambda d: schema(d, "Task")[
        "properties"
    ].update(assignee={"type": ["object", "null"]}),
    "Order.customer: is User in generated clients, was Customer": lambda d: schema(d, "Order")["properties"].update(
        customer={"anyOf": [{"$ref": "#/components/schemas/User"}, {"type": "null"}]}
    ),
    "Task.createdAt: its format is date, was date-time": lambda d: field(d, "Task", "createdAt").update(format="date"),
    "Task.comments: may be array or null, was array": lambda d: schema(d, "Task")["properties"].update(
        comments={"anyOf": [field(d, "Task", "comments"), {"type": "null"}]}
    ),
    "Task.priority: may be absent now, was in every record": lambda d: schema(d, "Task")["x-entity"]["always"].remove(
        "priority"
    ),
    "Task.description: is not searched any more": lambda d: schema(d, "Task")["x-entity"]["searchable"].remove(
        "description"
    ),
    "Pagination.total: may be absent now, was always there": lambda d: schema(d, "Pagination")["required"].remove(
        "total"
    ),
    "TaskStatus: may be blocked too, which older generated clients refuse": lambda d: schema(d, "TaskStatus")[
        "enum"
    ].append("blocked"),
    "HealthState: is never unhealthy any more: generated clients lose the name": lambda d: schema(d, "HealthState")[
        "enum"
    ].remove("unhealthy"),
    "TaskResponse.data: may be null now": lambda d: schema(d, "TaskResponse")["properties"].update(
        data={"anyOf": [{"$ref": "#/components/schemas/Task"}, {"type": "null"}]}
    ),
    "Pagination.page: minimum is not limited, was 1": lambda d: field(d, "Pagination", "page").pop("minimum"),
    'TaskResponse.success: not is nothing, was {"const": false}': lambda d: field(d, "TaskResponse", "success").pop(
        "not"
    ),
    "ErrorResponse.details: may hold any value in fields that clients do not know, held only some before": (
        lambda d: field(d, "ErrorResponse", "details").pop("additionalProperties")
    ),
    "HealthState: may be anything, was one of healthy, unhealthy": lambda d: schema(d, "HealthState").pop("enum"),
    "ErrorCode: may be TEAPOT too, which older generated clients refuse": lambda d: schema(d, "ErrorCode")[
        "enum"
    ].append("TEAPOT"),
    "GET /v1/tasks ?filter: the operator $in is gone": lambda d: operators(d).pop("$in"),
    "GET /v1/tasks ?filter: $in takes a text, took a list": lambda d: operators(d)["$in"].update(operand="text"),
    "GET /v1/tasks ?filter: $gt is no longer for fields of the type text, date": lambda d: operators(d)["$gt"].update(
        types=["string", "integer", "number", "datetime"]
    ),
    "GET /v1/tasks ?filter: $eq is no longer for fields of the type enum": lambda d: operators(d)["$eq"].update(
        types=["string", "text", "integer", "number", "boolean", "date", "datetime"]
    ),
    "ErrorCode: NOT_FOUND has the status 410, had 404": lambda d: schema(d, "ErrorCode")["x-statuses"].update(
        NOT_FOUND=410
    ),
    "TaskStatus: the schema is gone or has another name: generated clients lose the type": lambda d: renamed_schema(
        d, "TaskStatus", "TaskState"
    ),
    "TaskField: the schema is gone or has another name: generated clients lose the type": lambda d: (
        d["components"]["schemas"].pop("TaskField"),
        parameter(d, "TaskFields").update(schema={"type": "array", "items": {"type": "string"}}),
    ),
    "POST /v1/tasks: does not answer 201 any more": lambda d: operation(d, TASKS, "post")["responses"].pop("201"),
    "POST /v1/tasks: may answer 202": lambda d: operation(d, TASKS, "post")["responses"].update(
        {"202": {"$ref": "#/components/responses/Task"}}
    ),
    "GET /v1/tasks 200: the header X-Total-Count is gone": lambda d: d["components"]["responses"]["TaskPage"][
        "headers"
    ].pop("X-Total-Count"),
    "GET /v1/tasks 200: the header X-Page may be absent now": lambda d: d["components"]["headers"]["XPage"].update(
        required=False
    ),
    "GET /v1/tasks: may answer 410, and 403 no more": lambda d: operation(d, TASKS, "get")["responses"].update(
        {"410": operation(d, TASKS, "get")["responses"].pop("403")}
    ),
    "header X-Page: its format is int64, was int32": lambda d: d["components"]["headers"]["XPage"]["schema"].update(
        format="int64"
    ),
    "GET /v1/tasks 200: is no application/json any more": lambda d: d["components"]["responses"]["TaskPage"].update(
        content={}
    ),
}
HARMLESS: dict[str, Edit] = {
    "OPTIONS /health: a new operation": lambda d: d["paths"]["/health"].update(
        options={**operation(d, "/health", "get"), "operationId": "optionsHealth"}
    ),
    "GET /v1/tasks ?colour: a new query parameter": lambda d: operation(d, TASKS, "get")["parameters"].append(
        {"name": "colour", "in": "query", "schema": {"type": "string"}}
    ),
    "TaskCreate.colour: a new field": lambda d: schema(d, "TaskCreate")["properties"].update(colour={"type": "string"}),
    "Task.colour: a new field": lambda d: schema(d, "Task")["properties"].update(colour={"type": "string"}),
    "TaskSortField: takes colour too": lambda d: schema(d, "TaskSortField")["enum"].append("colour"),
    "GET /v1/tasks: does not answer 403 any more": lambda d: operation(d, TASKS, "get")["responses"].pop("403"),
    "GET /health: takes a body": lambda d: operation(d, "/health", "get").update(
        requestBody={"content": {"application/json": {"schema": {"type": "object"}}}}
    ),
    "GET /v1/tasks: may answer 410": lambda d: operation(d, TASKS, "get")["responses"].update(
        {"410": {"$ref": "#/components/responses/NotFound"}}
    ),
}
SILENT: dict[str, Edit] = {
    "a longer title is taken": lambda d: field(d, "TaskCreate", "title").update(maxLength=300),
    "a null is taken": lambda d: field(d, "TaskUpdate", "title").update(type=["string", "null"]),
    "a null no longer comes": lambda d: field(d, "Task", "description").update(type="string"),
    "an integer became a number in a request": lambda d: field(d, "GenerateTextRequest", "maxTokens").update(
        type="number", format="int32"
    ),
    "words changed": lambda d: schema(d, "Task").update(description="Work."),
    "a null no longer comes in place of a record": lambda d: schema(d, "Order")["properties"].update(
        customer={"$ref": "#/components/schemas/Customer"}
    ),
    "what is the default of OpenAPI is spelled out": lambda d: (
        parameter(d, "Search").update(style="form", explode=True, required=False),
        field(d, "TaskCreate", "description").update(minLength=0),
    ),
    "what was written in place has a name": lambda d: (
        d["components"]["schemas"].update(Title=field(d, "Task", "title")),
        schema(d, "Task")["properties"].update(title={"$ref": "#/components/schemas/Title"}),
    ),
    "what had a place of its own is written in place": lambda d: operation(d, TASKS, "post").update(
        requestBody=d["components"]["requestBodies"].pop("TaskCreate")
    ),
    "a scope less is needed": lambda d: operation(d, TASKS, "get").update(security=[{"apiKey": []}, {"session": []}]),
    "nobody need say who he is": lambda d: operation(d, TASKS, "get").update(security=[]),
    "a parameter need not be sent": lambda d: parameter(d, "RecordId").update(required=False),
    "a pattern is dropped": lambda d: field(d, "TaskCreate", "title").pop("pattern"),
    "a smaller number is taken": lambda d: parameter(d, "Limit")["schema"].pop("minimum"),
    "fewer numbers come": lambda d: field(d, "Pagination", "page").update(minimum=2, maximum=9),
    "unknown fields are taken": lambda d: schema(d, "TaskCreate").update(additionalProperties=True),
    "another server may be chosen": lambda d: d["servers"].append({"url": "https://example.com/api"}),
    "another header comes": lambda d: d["components"]["responses"]["TaskPage"]["headers"].update(
        {"X-Colour": {"schema": {"type": "string"}}}
    ),
    "a field is always there": lambda d: schema(d, "ErrorResponse")["required"].append("details"),
}


def test_a_document_does_not_differ_from_itself(v1: Contract, document: Document) -> None:
    assert changes(v1.document, document) == ()


@pytest.mark.parametrize("sentence", BREAKING)
def test_a_breaking_change_is_told_in_words(v1: Contract, document: Document, sentence: str) -> None:
    BREAKING[sentence](document)

    found = {change.sentence for change in changes(v1.document, document) if change.breaking}

    assert sentence in found


@pytest.mark.parametrize("sentence", HARMLESS)
def test_an_addition_is_told_and_breaks_nothing(v1: Contract, document: Document, sentence: str) -> None:
    HARMLESS[sentence](document)

    found = changes(v1.document, document)

    assert sentence in {change.sentence for change in found}
    assert not [change for change in found if change.breaking]


@pytest.mark.parametrize("what", SILENT)
def test_what_no_client_can_notice_is_not_told(v1: Contract, document: Document, what: str) -> None:
    SILENT[what](document)

    assert changes(v1.document, document) == ()


def test_an_entity_more_breaks_nothing(v1: Contract, document: Document) -> None:
    schemas, paths = document["components"]["schemas"], document["paths"]
    schemas["Supplier"] = schema(document, "Customer")
    paths["/v1/suppliers"] = {"get": {**operation(document, "/v1/customers", "get"), "operationId": "listSuppliers"}}

    assert changes(v1.document, document) == (addition("GET /v1/suppliers", "a new operation"),)


def test_what_stands_beside_a_reference_is_told_at_each_place(v1: Contract, document: Document) -> None:
    for name in ("TaskCreate", "TaskUpdate"):
        field(document, name, "priority")["default"] = "low"

    assert changes(v1.document, document) == (
        breaking("TaskCreate.priority", "left out, it means low; meant medium"),
        breaking("TaskUpdate.priority", "left out, it means low; meant nothing"),
    )


def test_a_field_of_an_included_record_is_told_under_its_schema_alone(v1: Contract, document: Document) -> None:
    schema(document, "User")["properties"].pop("email")

    found = {change.sentence for change in changes(v1.document, document) if "email" in change.where}

    assert found == {"User.email: the field is gone"}


def test_a_new_operator_breaks_nothing(v1: Contract, document: Document) -> None:
    operators(document)["$like"] = {"operand": "text"}

    assert addition("GET /v1/tasks ?filter", "a new operator $like") in changes(v1.document, document)
    assert not any(change.breaking for change in changes(v1.document, document))


def test_operators_that_are_stated_for_the_first_time_are_no_change(v1: Contract, document: Document) -> None:
    del parameter(document, "Filter")["x-operators"]

    assert changes(document, v1.document) == ()


def test_records_that_name_each_other_are_compared_once(document: Document) -> None:
    manager = {"anyOf": [{"$ref": "#/components/schemas/User"}, {"type": "null"}]}
    schema(document, "User")["properties"]["manager"] = manager
    later = json.loads(json.dumps(document))
    schema(later, "User")["properties"].pop("manager")

    assert changes(document, later) == (breaking("User.manager", "the field is gone"),)


def test_the_security_of_the_document_is_that_of_an_operation_without_its_own() -> None:
    operations = {"/things": {"get": {"operationId": "listThings", "responses": {}}}}
    before: Document = {"paths": operations, "security": [{}]}
    after: Document = {"paths": operations, "security": [{"apiKey": []}]}

    assert changes(before, after) == (breaking("GET /things", "needs apiKey, was public"),)
    assert changes(after, before) == ()
