"""Faults planted in openapi.yaml, one document each, and the rule that must catch it.

Knowledge only, no judgement. A fault is an edit of an excerpt of the real document, so that what the linters
see is the document as it would look after a slip of the pen. A place is written as its keys, separated by blanks; a
`$ref` on the way is followed, so that a place is found wherever the document keeps what stands there. It is long
because it is one table, a fault a row.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from entity_contract.references import Object, at, references, tokens

KEPT_PATHS = ("/v1/tasks", "/v1/tasks/{id}", "/health")
SCHEMAS = "#/components/schemas/"
REMOVED = object()
"""Stands for the value of a key that a fault takes away."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault: which rule of which linter catches it, and the edits (place to new value) that make it.

    `project` stands for the project's own rules (style_rules.py).
    """

    name: str
    linter: Literal["redocly", "spectral", "project"]
    rule: str
    edits: Mapping[str, Any]


def excerpt(document: Object) -> dict[str, Any]:
    """The document with a few paths and the components that they use: all shapes, a third of the size."""
    small: dict[str, Any] = json.loads(json.dumps(document))  # nothing is shared, as aliases would be
    small["paths"] = {path: small["paths"][path] for path in KEPT_PATHS}
    used = set(_used(small, (pointer for _, pointer in references(small["paths"]))))
    for kind in ("schemas", "parameters", "responses", "headers", "requestBodies"):
        components = small["components"].get(kind, {})
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
            node = node[int(token)] if isinstance(node, list) else _followed(spoilt, node).setdefault(token, {})
        node = node if isinstance(node, list) else _followed(spoilt, node)
        if value is REMOVED:
            del node[key]
        elif isinstance(node, list):
            node.append(value)
        else:
            node[key] = value
    return spoilt


def _followed(document: dict[str, Any], node: Any) -> Any:
    while not str(node.get("$ref", SCHEMAS)).startswith(SCHEMAS):  # what stands beside a schema's $ref is said of it
        node = at(document, node["$ref"])
    return node


LIST = "paths /v1/tasks get"
CREATE = "paths /v1/tasks post"
READ = "paths /v1/tasks/{id} get"
TASK = "components schemas Task properties"
BODY = "content application/json"
STRING = {"type": "string"}


def _spectral(name: str, rule: str, edits: Mapping[str, Any]) -> Planted:
    return Planted(name, "spectral", rule, edits)


def _project(name: str, rule: str, edits: Mapping[str, Any]) -> Planted:
    return Planted(name, "project", rule, edits)


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
        "an answer without example", "shape-body-example", {f"components responses Deleted {BODY} example": REMOVED}
    ),
    _spectral("a record without example", "shape-body-example", {"components schemas Task examples": REMOVED}),
    _spectral("a body without example", "shape-body-example", {"components schemas TaskCreate examples": []}),
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
        {f"components responses Deleted {BODY} example message": 7},
    ),
    _redocly(
        "a record's example of another shape",
        "no-invalid-schema-examples",
        {"components schemas Task examples 0 id": 7},
    ),
    _redocly(
        "a body's example of another shape",
        "no-invalid-schema-examples",
        {"components schemas TaskCreate examples 0 status": "done"},
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
    _redocly("a parameter without a name in braces", "path-declaration-must-exist", {"paths /v1/tasks/{}": {}}),
    _redocly("a bare parameter", "parameter-description", {"components parameters Limit description": REMOVED}),
    _redocly("a bare operation", "operation-description", {f"{LIST} description": REMOVED}),
    _redocly("an operation under two tags", "operation-singular-tag", {f"{LIST} tags": ["Tasks", "Users"]}),
    _redocly("a schema's example of another type", "no-invalid-schema-examples", {f"{TASK} title examples": [7]}),
    _redocly(
        "a body in another media type",
        "request-mime-type",
        {f"{CREATE} requestBody content text/plain": {"schema": {"$ref": "#/components/schemas/TaskCreate"}}},
    ),
    _redocly(
        "two lower bounds",
        "no-mixed-number-range-constraints",
        {"components parameters Limit schema exclusiveMinimum": 0},
    ),
    _redocly("the same value again", "no-duplicated-enum-values", {"components schemas TaskStatus enum -": "todo"}),
    _redocly(
        "an example of value and address",
        "spec-example-values",
        {f"{READ} responses 404 {BODY} examples It": {"value": {}, "externalValue": "https://example.com/it.json"}},
    ),
    _redocly("nullable without a type", "nullable-type-sibling", {f"{TASK} title": {"nullable": True}}),
    _redocly("a path that two templates match", "no-ambiguous-paths", {"paths /v1/{thing}/mine": {}}),
    _redocly(
        "a union of one",
        "no-illogical-composition-keywords",
        {f"{TASK} title": {"oneOf": [STRING]}},
    ),
    _redocly(
        "an array without a style",
        "array-parameter-serialization",
        {f"{LIST} parameters -": _QUERY | {"schema": {"type": "array", "items": STRING}, "example": ["red"]}},
    ),
    _redocly("a tag twice", "no-duplicated-tag-names", {"tags -": {"name": "Tasks", "description": "Again."}}),
    _redocly("markup in a description", "no-unsafe-markdown", {f"{LIST} description": "<script>alert(1)</script>"}),
    _redocly(
        "a boolean parameter without its verb",
        "boolean-parameter-prefixes",
        {f"{LIST} parameters -": _QUERY | {"schema": {"type": "boolean"}, "example": True}},
    ),
    _redocly(
        "a component's name with a blank",
        "spec-components-invalid-map-name",
        {"components schemas": {"Big~Task": STRING}},
    ),
    _redocly(
        "a $ref where none may stand",
        "spec-strict-refs",
        {f"{LIST} responses": {"$ref": "#/paths/~1v1~1tasks~1{id}/get/responses"}},
    ),
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

ANSWER = f"{READ} responses 200"
_LINK = {"operationId": "getTask", "parameters": {"id": "$response.body#/data/id"}}

RULES: tuple[Planted, ...] = (
    _project(
        "example and examples",
        "examples_stand_in_one_place",
        {f"{READ} responses 404 {BODY} example": {"success": False, "error": "No.", "code": "NOT_FOUND"}},
    ),
    _project("a misspelt format", "formats_are_known", {f"{TASK} createdAt format": "datetime"}),
    _project("a length of an integer", "keywords_fit_their_type", {"components parameters Limit schema maxLength": 3}),
    _project("a minimum of a text", "keywords_fit_their_type", {f"{TASK} title minimum": 1}),
    _project(
        "a link from no field",
        "links_take_what_the_answer_shows",
        {f"{ANSWER} links It": _LINK | {"parameters": {"id": "$response.body#/data/taskId"}}},
    ),
    _project("a component that nobody uses", "components_are_used", {"components schemas Spare": STRING}),
    _project("a tag that nobody uses", "tags_are_used", {"tags -": {"name": "Spare", "description": "Spare."}}),
    _project("no summary of its own", "operations_are_described", {f"{LIST} summary": REMOVED}),
    _project("a blank description", "operations_are_described", {f"{LIST} description": " "}),
    _project("tags of two", "operations_are_described", {f"{LIST} tags": ["Tasks", "Users"]}),
    _project("a 409 that never comes", "refusals_are_those_that_come", {f"{CREATE} responses 409": _NOT_FOUND}),
    _project("an answer that shows nothing", "answers_have_examples", {"components schemas Task examples": REMOVED}),
    _project("a code that is not shown", "answers_have_examples", {f"{READ} responses 404 {BODY} examples": {}}),
    _project("another status's answer", "answers_have_examples", {f"{LIST} responses 403": _NOT_FOUND}),
    _project(
        "a page that does not add up",
        "pages_add_up",
        {"components schemas Pagination examples 0 totalPages": 99},
    ),
    _project(
        "fields in another order",
        "names_stand_in_the_order_of_the_record",
        {"components schemas TaskRelation enum": ["comments", "assignee"]},
    ),
    _project("a body that shows nothing", "bodies_have_examples", {"components schemas TaskCreate examples": REMOVED}),
    _project(
        "an envelope that its parts do not fill",
        "made_examples_are_valid",
        {"components schemas TaskListResponse minProperties": 4},
    ),
)
"""Breaches of the style of openapi.yaml, which no linter knows."""
