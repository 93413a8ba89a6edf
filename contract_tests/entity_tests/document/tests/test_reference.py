"""The API reference, in its own words, is in openapi.yaml: each endpoint, parameter, header, status and error code.

The literals here are copied from the reference by hand. Where the contract says more than the reference, that is a
decision (docs/decisions); where it says less, a test here fails.
"""

from typing import Any

import entity_contract as contract
import pytest
from entity_contract import Operation
from entity_contract.references import Json, Object, mapping, sequence, strings

V1 = contract.load()

ENDPOINTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "/v1/{entity}"): ("200", "400", "401", "403", "429"),
    ("POST", "/v1/{entity}"): ("201", "400", "401", "403", "422", "429"),
    ("OPTIONS", "/v1/{entity}"): ("200", "401", "404"),
    ("GET", "/v1/{entity}/{id}"): ("200", "401", "403", "404", "429"),
    ("PATCH", "/v1/{entity}/{id}"): ("200", "400", "401", "403", "404", "422", "429"),
    ("DELETE", "/v1/{entity}/{id}"): ("200", "401", "403", "404", "429"),
    ("GET", "/health"): ("200", "503"),
    ("GET", "/v1/keys"): ("200", "401"),
    ("POST", "/v1/keys"): ("201", "400", "401"),
    ("DELETE", "/v1/keys/{keyId}"): ("200", "401", "404"),
    ("POST", "/v1/ai/generate"): ("200", "400", "401", "402", "429"),
}
ENTITIES = ("tasks", "products", "orders", "customers")
LIST_PARAMETERS: dict[str, dict[str, Any]] = {
    "page": {"type": "integer", "default": 1},
    "limit": {"type": "integer", "default": 20, "maximum": 100},
    "filter": {"type": "string"},
    "search": {"type": "string"},
    "sort": {"type": "string"},
    "order": {"type": "string", "enum": ["asc", "desc"], "default": "asc"},
    "fields": {"type": "array"},
    "include": {"type": "array"},
    "startDate": {"type": "string", "format": "date-time"},
    "endDate": {"type": "string", "format": "date-time"},
}
ERROR_CODES = {
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "VALIDATION_FAILED": 400,
    "RATE_LIMIT_EXCEEDED": 429,
    "INTERNAL_ERROR": 500,
    "ENTITY_NOT_FOUND": 404,
    "INVALID_SCOPE": 403,
    "EXPIRED_KEY": 401,
    "INVALID_FILTER": 400,
    "INVALID_SORT": 400,
    "DATABASE_ERROR": 500,
}
STANDARD_HEADERS = ("X-Request-ID", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
PAGE_HEADERS = ("X-Total-Count", "X-Page", "X-Per-Page", "Link")
TASK_FIELDS: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "required": False, "generated": True},
    "title": {"type": "string", "required": True, "generated": False, "max_length": 200},
    "description": {"type": "string", "required": False, "generated": False},
    "status": {"type": "enum", "values": ("todo", "in_progress", "completed"), "default": "todo"},
    "priority": {"type": "enum", "values": ("low", "medium", "high"), "default": "medium"},
    "assigneeId": {"type": "string", "required": False, "generated": False},
    "createdAt": {"type": "datetime", "required": False, "generated": True},
    "updatedAt": {"type": "datetime", "required": False, "generated": True},
}
TASK_RELATIONS = {
    "assignee": {"type": "belongsTo", "entity": "users", "foreign_key": "assigneeId"},
    "comments": {"type": "hasMany", "entity": "comments", "foreign_key": "taskId"},
}
SCHEMAS: dict[str, tuple[set[str], set[str]]] = {
    "Pagination": ({"page", "limit", "total", "totalPages", "hasNext", "hasPrev"}, set()),
    "ErrorResponse": ({"success", "error", "code"}, {"details"}),
    "TaskResponse": ({"success", "data"}, set()),
    "TaskListResponse": ({"success", "data", "pagination"}, set()),
    "MessageResponse": ({"success", "message"}, set()),
    "HealthStatus": ({"status", "version", "timestamp"}, set()),
    "ApiKey": ({"id", "name", "key", "scopes", "createdAt"}, {"lastUsedAt", "expiresAt"}),
    "ApiKeyCreate": ({"name", "scopes"}, {"expiresAt"}),
    "ApiKeyCreatedResponse": ({"success", "data", "warning"}, set()),
    "GenerateTextRequest": ({"prompt"}, {"maxTokens", "temperature"}),
    "GeneratedText": ({"text", "tokensUsed", "model"}, set()),
    "EntityMetadata": ({"entity", "methods", "schema", "relations", "permissions", "rateLimit"}, set()),
    "EntityPermissions": ({"read", "write", "delete"}, set()),
    "EntityRateLimit": ({"limit", "window"}, set()),
    "RelationMetadata": ({"type", "entity", "foreignKey"}, set()),
}
"""The objects of the reference: what is always there, and what may be."""


def operation(method: str, path: str) -> Operation:
    return next(o for o in V1.operations if (o.method, o.path) == (method, path))


def parameters(method: str, path: str) -> dict[str, Object]:
    """The operation's query parameters by name, each with its schema, references followed."""
    found = (parameter for parameter in operation(method, path).parameters if parameter.location == "query")
    return {parameter.name: V1.target(parameter.schema) for parameter in found}


def headers(method: str, path: str, status: int) -> set[str]:
    response = operation(method, path).response(status)
    assert response is not None
    return {header.name for header in response.headers}


def test_the_reference_servers_are_the_document_s() -> None:
    servers = [mapping(server)["url"] for server in sequence(V1.document["servers"])]

    assert servers == ["https://yourdomain.com/api", "http://localhost:5173/api"]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_an_endpoint_is_there_with_its_statuses(method: str, path: str) -> None:
    documented = {str(response.status) for response in operation(method, path).responses}

    assert set(ENDPOINTS[method, path]) <= documented


@pytest.mark.parametrize("entity", ENTITIES)
@pytest.mark.parametrize(("method", "path"), [endpoint for endpoint in ENDPOINTS if "{entity}" in endpoint[1]])
def test_an_available_entity_has_every_dynamic_endpoint(entity: str, method: str, path: str) -> None:
    typed = operation(method, path.replace("{entity}", entity))

    assert set(ENDPOINTS[method, path]) <= {str(response.status) for response in typed.responses}


@pytest.mark.parametrize("path", ["/v1/{entity}", *(f"/v1/{entity}" for entity in ENTITIES)])
@pytest.mark.parametrize("name", LIST_PARAMETERS)
def test_list_takes_the_query_parameter(path: str, name: str) -> None:
    schema = parameters("GET", path)[name]

    assert {key: schema.get(key) for key in LIST_PARAMETERS[name]} == LIST_PARAMETERS[name]


@pytest.mark.parametrize("path", ["/v1/{entity}/{id}", *(f"/v1/{entity}/{{id}}" for entity in ENTITIES)])
def test_read_takes_fields_and_include(path: str) -> None:
    assert list(parameters("GET", path)) == ["fields", "include"]


@pytest.mark.parametrize(("method", "path"), [endpoint for endpoint in ENDPOINTS if endpoint[1] != "/health"])
def test_a_success_carries_the_standard_headers(method: str, path: str) -> None:
    status = int(ENDPOINTS[method, path][0])

    assert set(STANDARD_HEADERS) <= headers(method, path, status)


@pytest.mark.parametrize("path", ["/v1/{entity}", *(f"/v1/{entity}" for entity in ENTITIES)])
def test_a_page_carries_the_pagination_headers(path: str) -> None:
    assert set(PAGE_HEADERS) <= headers("GET", path, 200)


@pytest.mark.parametrize("code", ERROR_CODES)
def test_an_error_code_has_its_status(code: str) -> None:
    assert V1.errors.status(code) == ERROR_CODES[code]


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_object_has_its_members(name: str) -> None:
    schema = V1.target(f"#/components/schemas/{name}")
    required = set(strings(schema["required"]))

    assert (required, set(mapping(schema["properties"])) - required) == SCHEMAS[name]


@pytest.mark.parametrize("name", TASK_FIELDS)
def test_a_task_has_the_field(name: str) -> None:
    task = V1.entity("tasks")
    assert task is not None

    field = task.field(name)

    assert {fact: getattr(field, fact) for fact in TASK_FIELDS[name]} == TASK_FIELDS[name]


def test_a_task_has_no_other_field() -> None:
    task = V1.entity("tasks")
    assert task is not None

    assert [field.name for field in task.fields] == list(TASK_FIELDS)


@pytest.mark.parametrize("name", TASK_RELATIONS)
def test_a_task_has_the_relation(name: str) -> None:
    task = V1.entity("tasks")
    assert task is not None

    relation = task.relation(name)

    assert {fact: getattr(relation, fact) for fact in TASK_RELATIONS[name]} == TASK_RELATIONS[name]


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("prompt", {"type": "string"}),
        ("maxTokens", {"type": "integer", "default": 100}),
        ("temperature", {"type": "number", "minimum": 0, "maximum": 1, "default": 0.7}),
    ],
)
def test_text_generation_takes(name: str, bounds: dict[str, Json]) -> None:
    schema = V1.target(f"#/components/schemas/GenerateTextRequest/properties/{name}")

    assert {key: schema.get(key) for key in bounds} == bounds


def test_health_is_public() -> None:
    assert operation("GET", "/health").credentials == frozenset()


@pytest.mark.parametrize(("method", "path"), [endpoint for endpoint in ENDPOINTS if "/keys" in endpoint[1]])
def test_keys_are_for_sessions_only(method: str, path: str) -> None:
    assert operation(method, path).credentials == {"session"}


@pytest.mark.parametrize(("method", "path"), [endpoint for endpoint in ENDPOINTS if "{entity}" in endpoint[1]])
def test_records_are_for_keys_and_sessions(method: str, path: str) -> None:
    assert operation(method, path).credentials == {"key", "session"}


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/{entity}", "read"),
        ("POST", "/v1/{entity}", "write"),
        ("GET", "/v1/{entity}/{id}", "read"),
        ("PATCH", "/v1/{entity}/{id}", "write"),
        ("DELETE", "/v1/{entity}/{id}", "delete"),
    ],
)
def test_an_operation_on_records_needs_its_scope(method: str, path: str, scope: str) -> None:
    assert operation(method, path).scope == scope
