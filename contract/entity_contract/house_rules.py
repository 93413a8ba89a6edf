"""The project's own rules for openapi.yaml: document to problems, each a sentence that names the place.

They hold what a hand-maintained document drifts away from: every entity is whole, every answer is described, every
`x-` key is known. What a linter of OpenAPI can say (linting/) is left to it. An empty result is a good document.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from entity_contract.entities import ACTIONS, Action, field_type, resolved
from entity_contract.operations import ACTIONS_BY_METHOD, METHODS
from entity_contract.operators import FIELD_TYPES, OPERAND_KINDS, filter_parameter
from entity_contract.references import (
    Json,
    Object,
    at,
    escaped,
    mapping,
    pointer,
    sequence,
    strings,
    target,
)

EXTENSIONS: Mapping[str, str] = {
    "x-entity": "a response schema in components/schemas",
    "x-type": "a property that is long text (the only value is `text`)",
    "x-error-code": "a parameter",
    "x-operators": "the filter parameter",
    "x-statuses": "the ErrorCode schema",
}
"""Every extension that the document may use, and where."""

ENTITY_FACTS = frozenset({"name", "idPrefix", "operations", "searchable", "always", "relations"})
LIST_PARAMETERS = (
    "page", "limit", "filter", "search", "sort", "order", "fields", "include", "startDate", "endDate",
)  # fmt: skip
READ_PARAMETERS = ("fields", "include")
EVERYWHERE = ("401", "404", "405", "429", "500", "503")
"""The errors that every operation under /v1 documents besides its own (decision E15)."""


def problems(document: Object) -> tuple[str, ...]:
    """Every broken rule, in the document's order."""
    return (
        *_extensions(document, "#"),
        *_catalogue(document),
        *_operators(document),
        *_operations(document),
        *_entities(document),
    )


def _extensions(node: Json, place: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, child in node.items():
            if key in ("example", "examples", "default"):
                continue
            if key.startswith("x-") and key not in EXTENSIONS and "/headers" not in place:
                yield f"{place}: unknown extension {key} (known: {', '.join(EXTENSIONS)})"
            yield from _extensions(child, f"{place}/{escaped(key)}")
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for index, child in enumerate(node):
            yield from _extensions(child, f"{place}/{index}")


def _catalogue(document: Object) -> Iterator[str]:
    place = "#/components/schemas/ErrorCode"
    code = mapping(mapping(mapping(document.get("components")).get("schemas")).get("ErrorCode"))
    if set(strings(code.get("enum"))) != set(mapping(code.get("x-statuses"))) or not code:
        yield f"{place}: x-statuses names a status for each code of the enum, and no other"


def _operators(document: Object) -> Iterator[str]:
    place = filter_parameter(document)
    if place is None:
        return
    parameter = target(document, place)[1]
    stated = mapping(parameter.get("x-operators"))
    if not stated:
        yield f"{place}: x-operators names the operators of a filter"
    for name, described in stated.items():
        where, facts = f"{place}/x-operators/{escaped(name)}", mapping(described)
        if not re.fullmatch(r"\$[a-z][A-Za-z]*", name):
            yield f"{where}: an operator is written as $ and letters"
        for key in facts.keys() - {"operand", "types"}:
            yield f"{where}: unknown key {key} (known: operand, types)"
        if facts.get("operand") not in OPERAND_KINDS:
            yield f"{where}: operand is one of {', '.join(OPERAND_KINDS)}"
        if "types" in facts and (not strings(facts["types"]) or set(strings(facts["types"])) - {*FIELD_TYPES}):
            yield f"{where}: types are some of {', '.join(FIELD_TYPES)} (leave it out for all of them)"


def _operations(document: Object) -> Iterator[str]:
    seen: set[str] = set()
    for path, item in mapping(document.get("paths")).items():
        for method, facts in mapping(item).items():
            if method not in METHODS:
                continue
            operation = mapping(facts)
            place = pointer("paths", path, method)
            name = str(operation.get("operationId", ""))
            if not name or name in seen:
                yield f"{place}: every operation has an operationId of its own"
            seen.add(name)
            yield from _answers(document, place, operation, under_v1=path.startswith("/v1/"))
            if "security" not in operation:
                yield f"{place}: every operation says which credentials it takes (security; [] when it is public)"


def _answers(document: Object, place: str, operation: Object, *, under_v1: bool) -> Iterator[str]:
    responses = mapping(operation.get("responses"))
    for status in EVERYWHERE if under_v1 else ():
        if status not in responses:
            yield f"{place}/responses: documents {status} (every operation under /v1 does)"
    for status in responses:
        where = f"{place}/responses/{status}"
        if not status.isdigit():
            yield f"{where}: statuses are listed one by one"
            continue
        answer = target(document, where)[1]
        schema = mapping(mapping(mapping(answer.get("content")).get("application/json")).get("schema"))
        if "$ref" not in schema:
            yield f"{where}: answers a named schema as application/json"
        if "X-Request-ID" not in mapping(answer.get("headers")):
            yield f"{where}: documents the header X-Request-ID"


def _entities(document: Object) -> Iterator[str]:
    schemas = mapping(mapping(document.get("components")).get("schemas"))
    names = {str(mapping(mapping(schema).get("x-entity")).get("name")) for schema in schemas.values()} - {"None"}
    for title, schema in schemas.items():
        facts = mapping(mapping(schema).get("x-entity"))
        if facts:
            yield from _facts(document, pointer("components", "schemas", title), facts, names)
            yield from _paths(document, title, facts)
    for path in mapping(document.get("paths")):
        if "{entity}" in path:
            yield from _generic(document, pointer("paths", path), names)


def _generic(document: Object, place: str, names: set[str]) -> Iterator[str]:
    """What reads the examples of a generic path must not land on the typed paths of an entity."""
    for index in range(len(sequence(mapping(at(document, place)).get("parameters")))):
        where, parameter = target(document, f"{place}/parameters/{index}")
        if parameter.get("name") == "entity" and parameter.get("example") in names:
            yield f"{where}/example: {parameter['example']} has paths of its own; name an entity that has none"


def _facts(document: Object, place: str, facts: Object, names: set[str]) -> Iterator[str]:
    schema = mapping(at(document, place))
    properties = mapping(schema.get("properties"))
    for key in facts.keys() - ENTITY_FACTS:
        yield f"{place}/x-entity: unknown key {key} (known: {', '.join(sorted(ENTITY_FACTS))})"
    for key in ("name", "idPrefix"):
        if not isinstance(facts.get(key), str):
            yield f"{place}/x-entity: {key} is a text"
    for action in strings(facts.get("operations")):
        if action not in ACTIONS:
            yield f"{place}/x-entity/operations: {action} is none of {', '.join(ACTIONS)}"
    for key in ("searchable", "always"):
        for name in strings(facts.get(key)):
            if name not in properties:
                yield f"{place}/x-entity/{key}: {name} is no property of the schema"
    if strings(schema.get("required")) != ("id",):
        yield f"{place}: requires id and nothing else, since `fields` can leave out the rest"
    yield from _fields(document, place, facts, properties)
    yield from _relations(place, facts, properties, names)


def _fields(document: Object, place: str, facts: Object, properties: Object) -> Iterator[str]:
    for name in (each for each in properties if each not in mapping(facts.get("relations"))):
        try:
            field_type(resolved(document, mapping(properties[name])))
        except ValueError:
            yield f"{place}/properties/{escaped(name)}: is a text, number, integer, boolean, enum, date or date-time"


def _relations(place: str, facts: Object, properties: Object, names: set[str]) -> Iterator[str]:
    for name, relation in mapping(facts.get("relations")).items():
        described = mapping(relation)
        where = f"{place}/x-entity/relations/{escaped(name)}"
        if described.get("entity") not in names:
            yield f"{where}: {described.get('entity')} is no entity"
        if described.get("type") not in ("belongsTo", "hasMany"):
            yield f"{where}: type is belongsTo or hasMany"
        elif described["type"] == "belongsTo" and described.get("foreignKey") not in properties:
            yield f"{where}: {described.get('foreignKey')} is no property of the schema"
        if name not in properties:
            yield f"{where}: the schema has a property {name} that shows the relation"


def _paths(document: Object, title: str, facts: Object) -> Iterator[str]:
    name = str(facts.get("name"))
    allowed: tuple[Action, ...] = tuple(a for a in ACTIONS if a in (strings(facts.get("operations")) or ACTIONS))
    schemas = mapping(mapping(document.get("components")).get("schemas"))
    for action, suffix in (("create", "Create"), ("update", "Update")):
        if action in allowed and f"{title}{suffix}" not in schemas:
            yield f"#/components/schemas: {title}{suffix} is the body that {action} takes"
    for (method, one), action in ACTIONS_BY_METHOD.items():
        path = f"/v1/{name}/{{id}}" if one else f"/v1/{name}"
        place = pointer("paths", path, method)
        declared = method in mapping(mapping(document.get("paths")).get(path))
        if declared != (action in allowed):
            wanted = "declares" if action in allowed else "does not declare"
            yield f"{place}: {name} {wanted} its operation {action} (x-entity.operations)"
        elif declared and action in ("list", "read"):
            yield from _query(document, title, place, LIST_PARAMETERS if action == "list" else READ_PARAMETERS)


def _query(document: Object, title: str, place: str, expected: tuple[str, ...]) -> Iterator[str]:
    listed = sequence(mapping(at(document, place)).get("parameters"))
    found = {}
    for index in range(len(listed)):
        where, parameter = target(document, f"{place}/parameters/{index}")
        found[str(parameter.get("name"))] = where
    if tuple(found) != expected:
        yield f"{place}: takes the parameters {', '.join(expected)}, in this order"
        return
    schema = mapping(at(document, pointer("components", "schemas", title)))
    relations = tuple(mapping(mapping(schema["x-entity"]).get("relations")))
    fields = tuple(key for key in mapping(schema.get("properties")) if key not in relations)
    for name, values in (("fields", fields), ("include", relations)):
        items = target(document, f"{found[name]}/schema/items")[1]
        if strings(items.get("enum")) != values:
            yield f"{found[name]}: lists {', '.join(values)}, as {title} does"
