"""Faults planted in openapi.yaml, one document each, and the linter's rule that must catch it.

Charter: knowledge only, no judgement. A fault is an edit of an excerpt of the real document, so that what the linters
see is the document as it would look after a slip of the pen. A place is written as its keys, separated by blanks.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contract.references import Object, references, tokens

KEPT_PATHS = ("/v1/tasks", "/v1/tasks/{id}", "/health")
REMOVED = object()
"""Stands for the value of a key that a fault takes away."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault: which rule of which linter catches it, and the edits (place to new value) that make it."""

    name: str
    linter: Literal["redocly", "spectral"]
    rule: str
    edits: Mapping[str, Any]


def excerpt(document: Object) -> dict[str, Any]:
    """The document with a few paths and the components that they use: all shapes, a third of the size."""
    small: dict[str, Any] = json.loads(json.dumps(document))  # nothing is shared, as aliases would be
    small["paths"] = {path: small["paths"][path] for path in KEPT_PATHS}
    used = set(_used(small, (pointer for _, pointer in references(small["paths"]))))
    for kind in ("schemas", "parameters", "responses", "headers", "requestBodies"):
        components = small["components"][kind]
        small["components"][kind] = {name: component for name, component in components.items() if (kind, name) in used}
    return small


def _used(document: Mapping[str, Any], pointers: Iterable[str]) -> set[tuple[str, str]]:
    used: set[tuple[str, str]] = set()
    left = list(pointers)
    while left:
        _, kind, name, *_ = tokens(left.pop())
        if (kind, name) not in used:
            used.add((kind, name))
            left.extend(pointer for _, pointer in references(document["components"][kind][name]))
    return used


def spoiled(document: Mapping[str, Any], fault: Planted) -> dict[str, Any]:
    """A copy of the document with the fault in it."""
    spoilt: dict[str, Any] = json.loads(json.dumps(document))
    for place, value in fault.edits.items():
        *above, key = place.split()
        node: Any = spoilt
        for token in above:
            node = node[int(token)] if isinstance(node, list) else node.setdefault(token, {})
        if value is REMOVED:
            del node[key]
        elif isinstance(node, list):
            node.append(value)
        else:
            node[key] = value
    return spoilt


LIST = "paths /v1/tasks get"
CREATE = "paths /v1/tasks post"
READ = "paths /v1/tasks/{id} get"
TASK = "components schemas Task properties"
BODY = "content application/json"
STRING = {"type": "string"}


def _spectral(name: str, rule: str, edits: Mapping[str, Any]) -> Planted:
    return Planted(name, "spectral", rule, edits)


def _redocly(name: str, rule: str, edits: Mapping[str, Any]) -> Planted:
    return Planted(name, "redocly", rule, edits)


_SERVERS = [{"url": "https://yourdomain.com"}]
_DELETED = {"$ref": "#/components/responses/Deleted"}
_NOT_FOUND = {"$ref": "#/components/responses/NotFound"}
_QUERY = {"name": "colour", "in": "query", "description": "A colour.", "schema": STRING, "example": "red"}

SHAPES: tuple[Planted, ...] = (
    _spectral("servers of a path", "shape-root-servers", {"paths /health servers": _SERVERS}),
    _spectral("servers of an operation", "shape-root-servers", {f"{LIST} servers": _SERVERS}),
    _spectral("a webhook", "shape-no-webhooks", {"webhooks": {"created": {"post": {"operationId": "createHook"}}}}),
    _spectral("a path item as component", "shape-no-path-item-components", {"components pathItems Any": {}}),
    _spectral("a bearerFormat", "shape-plain-bearer", {"components securitySchemes apiKey bearerFormat": "key"}),
    _spectral("a noun before the verb", "shape-operation-id", {f"{LIST} operationId": "tasksList"}),
    _spectral("an operationId in snake case", "shape-operation-id", {f"{CREATE} operationId": "create_task"}),
    _spectral("another method's verb", "shape-operation-id", {f"{CREATE} operationId": "getNewTask"}),
    _spectral(
        "metadata by another name", "shape-operation-id", {"paths /v1/tasks options operationId": "getTaskFacts"}
    ),
    _spectral("two tags", "shape-one-tag", {f"{LIST} tags": ["Tasks", "Users"]}),
    _spectral("no tag", "shape-one-tag", {f"{LIST} tags": REMOVED}),
    _spectral("no summary", "shape-described", {f"{LIST} summary": REMOVED}),
    _spectral("a summary with a full stop", "shape-described", {f"{LIST} summary": "List tasks."}),
    _spectral("no description", "shape-described", {f"{LIST} description": REMOVED}),
    _spectral("a bare schema", "shape-described-components", {"components schemas Task description": REMOVED}),
    _spectral("a bare header", "shape-described-components", {"components headers Link description": REMOVED}),
    _spectral("a range of statuses", "shape-listed-statuses", {f"{LIST} responses 4XX": _NOT_FOUND}),
    _spectral("a default answer", "shape-listed-statuses", {f"{LIST} responses default": _NOT_FOUND}),
    _spectral("two successful answers", "shape-one-success", {f"{CREATE} responses 202": _DELETED}),
    _spectral("no successful answer", "shape-one-success", {f"{LIST} responses 200": REMOVED}),
    _spectral(
        "a GET with a body",
        "shape-no-unexpected-body",
        {f"{LIST} requestBody": {"$ref": "#/components/requestBodies/TaskCreate"}},
    ),
    _spectral(
        "an inline answer",
        "shape-named-body",
        {f"components responses Deleted {BODY} schema": {"type": "object", "description": "Gone."}},
    ),
    _spectral(
        "an inline body",
        "shape-named-body",
        {f"components requestBodies TaskCreate {BODY} schema": {"type": "object", "description": "New."}},
    ),
    _spectral(
        "an answer without example", "shape-body-example", {f"components responses Task {BODY} example": REMOVED}
    ),
    _spectral("an error without example", "shape-body-example", {f"components responses NotFound {BODY} examples": {}}),
    _spectral("a parameter without example", "shape-example", {"components parameters Limit example": REMOVED}),
    _spectral("a header without example", "shape-example", {"components headers Allow example": REMOVED}),
    _spectral(
        "a header parameter",
        "shape-parameter-place",
        {f"{LIST} parameters -": _QUERY | {"name": "X-Request-ID", "in": "header"}},
    ),
    _spectral(
        "a parameter with content",
        "shape-parameter-wire",
        {
            "components parameters Filter schema": REMOVED,
            "components parameters Filter content": {"application/json": {"schema": {"type": "object"}}},
        },
    ),
    _spectral("deepObject", "shape-parameter-wire", {"components parameters Filter style": "deepObject"}),
    _spectral("an exploded array", "shape-array-parameter", {"components parameters TaskFields explode": True}),
    _spectral("any text as filter", "shape-refusable-parameter", {"components parameters Filter schema": STRING}),
    _spectral(
        "a boolean const",
        "shape-plain-boolean",
        {"components schemas TaskResponse properties success": {"type": "boolean", "const": True}},
    ),
    _spectral("a boolean enum", "shape-plain-boolean", {f"{TASK} done": {"type": "boolean", "enum": [True]}}),
    _spectral("two types", "shape-one-type", {f"{TASK} title": {"type": ["string", "integer"]}}),
    _spectral("null before the type", "shape-one-type", {f"{TASK} title": {"type": ["null", "string"]}}),
    _spectral("oneOf", "shape-no-unions", {f"{TASK} title": {"oneOf": [STRING, {"type": "integer"}]}}),
    _spectral(
        "an envelope by allOf",
        "shape-no-unions",
        {"components schemas TaskResponse allOf": [{"$ref": "#/components/schemas/MessageResponse"}]},
    ),
    _spectral(
        "an open enum",
        "shape-or-null",
        {f"{TASK} status": {"anyOf": [{"$ref": "#/components/schemas/TaskStatus"}, STRING]}},
    ),
    _spectral("an inline enum", "shape-named-enum", {f"{TASK} colour": STRING | {"enum": ["red", "blue"]}}),
    _spectral(
        "an inline enum of a parameter",
        "shape-named-enum",
        {"components parameters Search schema": STRING | {"enum": ["documentation"]}},
    ),
    _spectral(
        "a schema named as a builtin",
        "shape-schema-name",
        {
            "components schemas Error": STRING | {"description": "A problem."},
            f"{TASK} problem": {"$ref": "#/components/schemas/Error"},
        },
    ),
    _spectral("a schema in snake case", "shape-schema-name", {"components schemas new_task": STRING}),
    _spectral("an open body", "shape-closed-body", {"components schemas TaskCreate additionalProperties": REMOVED}),
    _spectral("a closed answer", "shape-open-answer", {"components schemas Task additionalProperties": False}),
    _spectral("readOnly", "shape-one-direction", {f"{TASK} id readOnly": True}),
    _spectral(
        "a default on update",
        "shape-update-without-defaults",
        {"components schemas TaskUpdate properties status default": "todo"},
    ),
    _spectral("an unknown extension", "shape-known-extension", {f"{TASK} title x-colour": "red"}),
)
"""Breaches of the shape rules (linting/shapes.yaml): legal OpenAPI that makes bad clients."""

FAULTS: tuple[Planted, ...] = (
    _redocly("a $ref to nowhere", "no-unresolved-refs", {f"{LIST} parameters -": {"$ref": "#/components/none"}}),
    _redocly("two operations of one id", "operation-operationId-unique", {f"{CREATE} operationId": "listTasks"}),
    _redocly("an undeclared path parameter", "path-parameters-defined", {"paths /v1/tasks/{id} parameters": []}),
    _redocly(
        "a path parameter of no path",
        "path-parameters-defined",
        {"paths /health parameters": [{"$ref": "#/components/parameters/RecordId"}]},
    ),
    _redocly("no error answer", "operation-4xx-response", {"paths /health get responses 405": REMOVED}),
    _redocly("an undeclared tag", "operation-tag-defined", {f"{LIST} tags": ["Chores"]}),
    _redocly("a tag without description", "tag-description", {"tags 0 description": REMOVED}),
    _redocly("an unused component", "no-unused-components", {"components schemas Spare": STRING}),
    _redocly("an unknown security scheme", "security-defined", {f"{LIST} security": [{"token": []}]}),
    _redocly("a misspelt keyword", "struct", {f"{TASK} title": STRING | {"maxLenght": 200}}),
    _redocly("nullable of OpenAPI 3.0", "struct", {f"{TASK} title": STRING | {"nullable": True}}),
    _redocly("no title", "struct", {"info title": REMOVED}),
    _redocly("a response without description", "struct", {"components responses Task description": REMOVED}),
    _redocly(
        "a query parameter twice", "operation-parameters-unique", {f"{LIST} parameters -": _QUERY | {"name": "page"}}
    ),
    _redocly("a trailing slash", "no-path-trailing-slash", {"paths /v1/tasks/": {}}),
    _redocly("a query in a path", "path-not-include-query", {"paths /v1/tasks?page=1": {}}),
    _redocly("two paths that match alike", "no-identical-paths", {"paths /v1/tasks/{taskId}": {}}),
    _redocly(
        "a server with a trailing slash", "no-server-trailing-slash", {"servers 0 url": "https://yourdomain.com/"}
    ),
    _redocly(
        "an answer in another media type",
        "response-mime-type",
        {
            "components responses Deleted content text/html": {
                "schema": {"$ref": "#/components/schemas/MessageResponse"}
            }
        },
    ),
    _redocly(
        "an answer without X-Request-ID",
        "response-contains-header",
        {"components responses Task headers X-Request-ID": REMOVED},
    ),
    _redocly(
        "an answer's example of another shape",
        "no-invalid-media-type-examples",
        {f"components responses Task {BODY} example data id": 7},
    ),
    _redocly(
        "a body's example of another shape",
        "no-invalid-media-type-examples",
        {f"components requestBodies TaskCreate {BODY} example status": "done"},
    ),
    _redocly(
        "a parameter's example out of bounds",
        "no-invalid-parameter-examples",
        {"components parameters Limit example": 101},
    ),
    _redocly("an enum of another type", "no-enum-type-mismatch", {"components schemas TaskStatus enum -": 1}),
    _redocly(
        "a required property that is none",
        "no-required-schema-properties-undefined",
        {"components schemas TaskCreate required -": "colour"},
    ),
    _redocly("items of a string", "no-schema-type-mismatch", {f"{TASK} title items": STRING}),
    _redocly("a verb in a path", "no-http-verbs-in-paths", {"paths /v1/tasks/delete": {}}),
    _redocly("a path in camel case", "paths-kebab-case", {"paths /v1/bigTasks": {}}),
    _redocly("methods out of order", "path-http-verbs-order", {"paths /v1/tasks patch": {"responses": {}}}),
    _spectral("an enum value twice", "duplicated-entry-in-enum", {"components schemas TaskStatus enum -": "todo"}),
    _spectral(
        "a default out of bounds", "oas3-valid-schema-example", {"components parameters Limit schema default": 0}
    ),
    _spectral("an array of anything", "array-items", {f"{TASK} tags": {"type": "array"}}),
    _spectral(
        "a script in a description",
        "no-script-tags-in-markdown",
        {f"{LIST} description": "Lists <script>alert(1)</script>"},
    ),
    _spectral("no version", "oas3-schema", {"info version": REMOVED}),
)
"""Slips that make the document wrong, whoever reads it."""
