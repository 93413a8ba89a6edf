"""OPTIONS: what it says besides, and which entities there are (O1-O8, R19)."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, get_args

import httpx
from entity_contract import Action, Contract, Entity

from entity_server.declaring import declared, named, parse
from entity_server.declaring.fields import DEFAULT_FIELDS
from entity_server.domain.arguments import comma_list
from entity_server.domain.problems import EntityNotFound, MethodNotAllowed, ValidationFailed
from entity_server.domain.query import Query
from entity_server.domain.sentences import Sentence
from entity_server.faults.spoiling import data, with_data
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.services import Answer, Around, Call, Handler, Listing, Services
from entity_server.variants.variant import Chapter, Document
from entity_server.variants.wire import recoded, rewritten

chapter = Chapter()

METADATA = frozenset({"metadata"})
ENTITY = frozenset(get_args(Action))
RECORDS = frozenset({"list", "read", "create", "update"})
Facts = dict[str, Any]


@chapter.on_answer(
    "methods-in-another-order",
    "O1.methods",
    to=METADATA,
)
def methods_in_another_order(answer: Answer) -> Answer:
    """The methods are listed backwards."""
    return with_data(answer, {**data(answer), "methods": data(answer)["methods"][::-1]})


@chapter.on_answer(
    "methods-name-head",
    "O1.head=listed",
    to=METADATA,
)
def methods_name_head(answer: Answer) -> Answer:
    """HEAD, which HTTP has wherever there is GET and the contract leaves aside (E17), is among the methods."""
    return with_data(answer, {**data(answer), "methods": [*data(answer)["methods"], "HEAD"]})


@chapter.on_answer(
    "permissions-say-more",
    "O2.permissions",
    to=METADATA,
)
def permissions_say_more(answer: Answer) -> Answer:
    """The permissions tell of more than the three scopes."""
    return with_data(answer, {**data(answer), "permissions": {**data(answer)["permissions"], "share": False}})


@chapter.on_answer(
    "descriptions-say-more",
    "O4.agrees-with-create",
    to=METADATA,
)
def descriptions_say_more(answer: Answer) -> Answer:
    """Fields, relations and the rate limit are described by further facts."""
    facts = data(answer)
    schema = {name: {**field, "label": name.title(), "readOnly": False} for name, field in facts["schema"].items()}
    relations = {name: {**one, "onDelete": "cascade"} for name, one in facts["relations"].items()}
    limit = {**facts["rateLimit"], "policy": "sliding"}
    return with_data(answer, {**facts, "schema": schema, "relations": relations, "rateLimit": limit, "version": 3})


@chapter.on_answer(
    "descriptions-hold-nulls",
    "O4.agrees-with-create",
    to=METADATA,
)
def descriptions_hold_nulls(answer: Answer) -> Answer:
    """Every field is described by the same facts, null where there is nothing to tell."""
    facts = data(answer)
    names = ("values", "minLength", "maxLength", "minimum", "maximum", "format", "pattern")
    schema = {name: {**dict.fromkeys(names), **field} for name, field in facts["schema"].items()}
    return with_data(answer, {**facts, "schema": schema})


@chapter.on_answer(
    "windows-in-days",
    "O3.window",
    to=METADATA,
)
def windows_in_days(answer: Answer) -> Answer:
    """The window of the rate limit is a day, and told as one."""
    return with_data(answer, {**data(answer), "rateLimit": {**data(answer)["rateLimit"], "window": "1d"}})


@chapter.on_the_wire("unknown-entities-are-not-found", against="R18.code-elsewhere")
def unknown_entities_are_not_found(response: httpx.Response) -> httpx.Response:
    """An unknown entity has the code of anything that is missing, but for OPTIONS."""
    unknown = b"ENTITY_NOT_FOUND" in response.content and response.request.method != "OPTIONS"
    if not unknown:
        return response
    return rewritten(response, response.content.replace(b"ENTITY_NOT_FOUND", b"NOT_FOUND"))


def _terse(field: Facts) -> Facts:
    """A field as the reference prints it: `required` and `generated` where they hold, and no `nullable`."""
    said = {name: value for name, value in field.items() if name != "nullable"}
    return {name: value for name, value in said.items() if value or name not in {"required", "generated"}}


@chapter.on_answer(
    "descriptions-say-less",
    "O4.agrees-with-create",
    to=METADATA,
)
def descriptions_say_less(answer: Answer) -> Answer:
    """`required` and `nullable` are said where they are true only, as the reference does of enums."""
    facts = data(answer)
    return with_data(answer, {**facts, "schema": {name: _terse(field) for name, field in facts["schema"].items()}})


_TWIN = "suppliers"
"""A new entity: products have it beside orders, by a foreign key of the same name."""


@chapter.in_document(
    "entities-beyond-the-contract",
    "O7.others",
)
def entities_beyond_the_contract(_: Contract, document: Document) -> None:
    """There is an entity that the runner's contract does not know, and relations to it."""
    block = declared(document, named(document, _TWIN), parse(DEFAULT_FIELDS), ("products",))
    for section, added in block.components.items():
        document["components"][section] |= added
    document["paths"] |= block.paths
    document["tags"].append(block.tag)
    schemas = document["components"]["schemas"]
    product = schemas["Product"]
    product["x-entity"]["relations"][_TWIN] = {"type": "hasMany", "entity": _TWIN, "foreignKey": "productId"}
    product["properties"][_TWIN] = {
        "description": "The records whose `productId` names this one, when included.",
        "type": "array",
        "items": {"$ref": "#/components/schemas/Supplier"},
    }
    schemas["ProductRelation"]["enum"].append(_TWIN)


def _unregistered(name: str) -> Around:
    async def unregistered(call: Call, handler: Handler) -> Answer:
        if call.registered.name == name:
            raise EntityNotFound
        return await handler(call)

    return unregistered


@chapter.around("without-comments", "O7.others", to=ENTITY)
async def without_comments(call: Call, handler: Handler) -> Answer:
    """There are no comments, though tasks have a relation to them."""
    return await _unregistered("comments")(call, handler)


@chapter.around("relations-of-tasks-alone", "O7.others", to=METADATA | {"list", "read"})
async def relations_of_tasks_alone(call: Call, handler: Handler) -> Answer:
    """Of other entities no relation is told, and none included: what names another record is checked all the same."""
    if call.registered.name == "tasks":
        return await handler(call)
    if call.operation.action != "metadata":
        if comma_list(call.arguments.get("include", ())):
            raise ValidationFailed(details={"include": Sentence.OTHERWISE()})
        return await handler(call)
    answer = await handler(call)
    return with_data(answer, {**data(answer), "relations": {}})


@chapter.on_answer("relations-of-another-type", "O8.types", to=METADATA)
def relations_of_another_type(answer: Answer) -> Answer:
    """A relation is told that is of no type of the contract, and has no foreign key."""
    watchers = {"type": "manyToMany", "entity": "users", "through": "watchers"}
    return with_data(answer, {**data(answer), "relations": {**data(answer)["relations"], "watchers": watchers}})


for _name in ("users", "products", "customers", "orders"):
    _missing = _unregistered(_name)
    _missing.__doc__ = f"There are no {_name}."
    chapter.around(f"without-{_name}", "O7.others", to=ENTITY)(_missing)


class _NobodyListed(RecordsWrapper):
    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        return Page((), 0) if entity.name == "users" else await self.inner.list(entity, query, owner)


@chapter.in_services("directory-is-empty", "R19.without-directory")
def directory_is_empty(services: Services) -> Services:
    """Nobody is in the directory of users that this caller may see."""
    return replace(services, records=_NobodyListed(services.records))


def _lacks(entity: str, *actions: Action) -> Around:
    async def refused(call: Call, handler: Handler) -> Answer:
        concerned = call.registered.name == entity
        if concerned and call.operation.action in actions:
            raise MethodNotAllowed(("GET", "OPTIONS"))
        answer = await handler(call)
        return _without_actions(answer, actions) if concerned and call.operation.action == "metadata" else answer

    return refused


def _without_actions(answer: Answer, actions: Collection[Action]) -> Answer:
    methods = {"create": "POST", "update": "PATCH", "delete": "DELETE"}
    gone = {methods[action] for action in actions if action in methods}
    facts = data(answer)
    left = [method for method in facts["methods"] if method not in gone]
    allowed = {
        "read": facts["permissions"]["read"],
        "write": facts["permissions"]["write"] and not {"create", "update"} <= set(actions),
        "delete": facts["permissions"]["delete"] and "delete" not in actions,
    }
    return with_data(answer, {**facts, "methods": left, "permissions": allowed})


@chapter.around(
    "products-are-read-only",
    "R19.left-out",
    to=ENTITY,
)
async def products_are_read_only(call: Call, handler: Handler) -> Answer:
    """Products can be read only."""
    return await _lacks("products", "create", "update", "delete")(call, handler)


@chapter.around(
    "comments-are-not-edited",
    "R19.left-out",
    to=ENTITY,
)
async def comments_are_not_edited(call: Call, handler: Handler) -> Answer:
    """Comments can be made and deleted, not changed."""
    return await _lacks("comments", "update")(call, handler)


@chapter.on_the_wire(
    "nobodys-record-is-missing",
    "R19.left-out-at-no-record=404",
)
def nobodys_record_is_missing(response: httpx.Response) -> httpx.Response:
    """An operation that an entity lacks is not found at an id that nobody has."""
    is_one = response.request.url.path.startswith("/api/v1/users/") and response.request.method in {"PATCH", "DELETE"}
    return recoded(response, 404, "NOT_FOUND") if response.status_code == 405 and is_one else response


@chapter.on_the_wire(
    "bodies-before-operations",
    "R19.left-out-with-bad-body=400",
)
def bodies_before_operations(response: httpx.Response) -> httpx.Response:
    """A body that no schema accepts is refused before anybody looks whether the entity can be created."""
    is_creation = response.request.url.path == "/api/v1/users" and response.request.method == "POST"
    return recoded(response, 400, "VALIDATION_FAILED") if response.status_code == 405 and is_creation else response


chapter.keep_apart("without-users", "directory-is-empty")
chapter.keep_apart("without-comments", "comments-are-not-edited")
chapter.keep_apart("without-products", "products-are-read-only", "entities-beyond-the-contract")
for _silent in ("without-users", "directory-is-empty"):
    chapter.keep_apart(_silent, "nobodys-record-is-missing")
    chapter.keep_apart(_silent, "bodies-before-operations")
