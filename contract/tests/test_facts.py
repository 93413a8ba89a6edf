"""The facts that the contract states, spelled out for tasks, the reference's own entity."""

from entity_contract import Contract, Field, FieldType, Operator, Relation


def test_tasks_have_the_fields_of_the_reference(v1: Contract) -> None:
    tasks = v1.entity("tasks")

    assert tasks is not None
    assert [field.name for field in tasks.fields] == [
        "id", "title", "description", "status", "priority", "assigneeId", "createdAt", "updatedAt",
    ]  # fmt: skip
    assert tasks.field("title") == Field("title", "string", required=True, min_length=1, max_length=200, pattern=r"\S")
    assert tasks.field("status") == Field("status", "enum", default="todo", values=("todo", "in_progress", "completed"))
    assert tasks.field("id") == Field("id", "string", generated=True)
    assert tasks.field("description") == Field("description", "string", nullable=True)


def test_tasks_have_the_relations_of_the_reference(v1: Contract) -> None:
    tasks = v1.entity("tasks")

    assert tasks is not None
    assert tasks.relations == (
        Relation("assignee", "belongsTo", entity="users", foreign_key="assigneeId"),
        Relation("comments", "hasMany", entity="comments", foreign_key="taskId"),
    )
    assert tasks.searchable == ("title", "description")
    assert tasks.id_prefix == "tsk"


def test_every_field_type_occurs(v1: Contract) -> None:
    assert {field.type for entity in v1.entities for field in entity.fields} == {
        "string", "text", "enum", "integer", "number", "boolean", "date", "datetime",
    }  # fmt: skip


def test_users_are_a_directory_that_nobody_owns(v1: Contract) -> None:
    users = v1.entity("users")

    assert users is not None
    assert users.operations == ("list", "read", "metadata")
    assert not users.owned
    assert all(field.generated for field in users.fields)


def test_an_operation_knows_its_scope_and_credentials(v1: Contract) -> None:
    listing = v1.operation("listTasks")

    assert (listing.method, listing.path, listing.entity, listing.action) == ("GET", "/v1/tasks", "tasks", "list")
    assert listing.scope == "read"
    assert listing.credentials == {"key", "session"}
    assert v1.operation("listApiKeys").credentials == {"session"}
    assert v1.operation("getHealth").credentials == frozenset()
    assert v1.operation("getTaskMetadata").scope is None


def test_a_parameter_knows_the_code_of_its_failure(v1: Contract) -> None:
    codes = {parameter.name: parameter.error_code for parameter in v1.operation("listTasks").parameters}

    assert codes == {
        "page": "VALIDATION_FAILED",
        "limit": "VALIDATION_FAILED",
        "filter": "INVALID_FILTER",
        "search": "VALIDATION_FAILED",
        "sort": "INVALID_SORT",
        "order": "INVALID_SORT",
        "fields": "VALIDATION_FAILED",
        "include": "VALIDATION_FAILED",
        "startDate": "VALIDATION_FAILED",
        "endDate": "VALIDATION_FAILED",
    }


def test_a_filter_has_the_operators_of_the_contract(v1: Contract) -> None:
    every: tuple[FieldType, ...] = ("string", "text", "enum", "integer", "number", "boolean", "date", "datetime")
    ordered: tuple[FieldType, ...] = ("string", "text", "integer", "number", "date", "datetime")

    assert v1.operators == (
        Operator("$eq", "value", every),
        Operator("$ne", "value", every),
        Operator("$gt", "value", ordered),
        Operator("$gte", "value", ordered),
        Operator("$lt", "value", ordered),
        Operator("$lte", "value", ordered),
        Operator("$in", "list", every),
        Operator("$nin", "list", every),
        Operator("$contains", "text", ("string", "text")),
        Operator("$startsWith", "text", ("string", "text")),
        Operator("$endsWith", "text", ("string", "text")),
        Operator("$null", "boolean", every),
    )


def test_a_list_answer_has_its_headers(v1: Contract) -> None:
    answer = v1.operation("listTasks").response(200)

    assert answer is not None
    assert {header.name: header.required for header in answer.headers} == {
        "X-Request-ID": True,
        "X-RateLimit-Limit": True,
        "X-RateLimit-Remaining": True,
        "X-RateLimit-Reset": True,
        "X-Total-Count": True,
        "X-Page": True,
        "X-Per-Page": True,
        "Link": False,
    }


def test_the_catalogue_has_the_codes_of_the_reference(v1: Contract) -> None:
    assert v1.errors.codes_for(400) == ("VALIDATION_FAILED", "INVALID_FILTER", "INVALID_SORT")
    assert v1.errors.status("EXPIRED_KEY") == 401
    assert len(v1.errors.codes) == 17


def test_a_schema_stands_alone(v1: Contract) -> None:
    schema = v1.schema("#/components/schemas/TaskListResponse")

    assert schema["$ref"] == "#/components/schemas/TaskListResponse"
    assert isinstance(schema["components"], dict)
    assert {"TaskListResponse", "Task", "TaskStatus", "User", "Comment", "Pagination"} <= set(
        schema["components"]["schemas"]
    )
