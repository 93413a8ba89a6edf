"""The fields of entities, as a deployment describes and checks them: other shapes, rules told and untold (O4, O7)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from entity_contract import Contract, Entity

from entity_server.demo_records import ADA
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.sentences import Sentence
from entity_server.faults.spoiling import Record, data, each, with_data
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.services import Answer, Around, Call, Handler, Services
from entity_server.variants.metadata import METADATA, RECORDS, Facts
from entity_server.variants.variant import Chapter, Document

chapter = Chapter()

_SUPPLIER = "cus_demo_noor"

OTHER_TYPE = "json"
"""A type of field that the contract does not know."""


@chapter.on_answer("a-field-of-another-type", against="O8.types", to=METADATA)
def a_field_of_another_type(answer: Answer) -> Answer:
    """Every entity has a field of a type that the contract does not know."""
    facts = data(answer)
    return with_data(
        answer, {**facts, "schema": {**facts["schema"], "labels": {"type": OTHER_TYPE, "required": False}}}
    )


@chapter.on_answer("a-field-of-another-type", against="O8.types", to=RECORDS)
def labels_of_records(answer: Answer) -> Answer:
    """The same, in the records."""
    return each(answer, lambda record: {**record, "labels": []})


@chapter.in_document("tasks-have-another-field", "O7.tasks")
def tasks_have_another_field(_: Contract, document: Document) -> None:
    """Tasks have a field more, which a body need not name."""
    schemas = document["components"]["schemas"]
    schemas["Task"]["properties"]["dueDate"] = {"type": ["string", "null"], "format": "date"}
    for body in ("TaskCreate", "TaskUpdate"):
        schemas[body]["properties"]["dueDate"] = {"type": ["string", "null"], "format": "date"}
    schemas["TaskField"]["enum"].append("dueDate")
    schemas["TaskSortField"]["enum"].append("dueDate")


@chapter.in_document("entities-of-another-shape", "O7.others")
def entities_of_another_shape(_: Contract, document: Document) -> None:
    """Customers must name their company, have shorter names, and no day of birth."""
    schemas = document["components"]["schemas"]
    schemas["CustomerCreate"]["required"].append("company")
    schemas["Customer"]["x-entity"]["always"].append("company")
    schemas["Customer"]["properties"]["company"] = {"type": "string"}
    _example(document, "CustomerCreate")["company"] = "Lovelace Ltd"
    schemas["CustomerCreate"]["properties"]["company"] = {"type": "string", "minLength": 1, "maxLength": 60}
    schemas["CustomerUpdate"]["properties"]["company"] = {"type": "string", "minLength": 1, "maxLength": 60}
    for body in ("CustomerCreate", "CustomerUpdate"):
        schemas[body]["properties"]["name"]["maxLength"] = 50
    for shown in ("Customer", "CustomerCreate", "CustomerUpdate"):
        del schemas[shown]["properties"]["birthDate"]
    for named in ("CustomerField", "CustomerSortField"):
        schemas[named]["enum"].remove("birthDate")


def _example(document: Document, body: str) -> dict[str, object]:
    """What a body shows."""
    media = document["components"]["requestBodies"][body]["content"]["application/json"]
    return cast("dict[str, object]", media["example"])


_PATTERNS = {
    "Product": {"sku": {"pattern": "^[A-Z]{2,4}-[0-9]{2,6}$"}},
    "Order": {"reference": {"pattern": "^[0-9]{4}-[0-9]{4,8}$"}},
}
_SHAPES: Mapping[str, Facts] = {
    "website": {"format": "uri"},
    "externalId": {"format": "uuid"},
    "vatNumber": {"pattern": "^(DE|FR)[0-9]{9}$"},
}


@chapter.in_document("fields-with-told-patterns", "O4.tells-more")
def fields_with_told_patterns(_: Contract, document: Document) -> None:
    """Texts have a pattern or a format, which OPTIONS tells: an entity's only required text among them."""
    schemas = document["components"]["schemas"]
    for entity, fields in _PATTERNS.items():
        for body in (f"{entity}Create", f"{entity}Update"):
            for name, facts in fields.items():
                schemas[body]["properties"][name] |= facts
    for shown in ("Customer", "CustomerCreate", "CustomerUpdate"):
        for name, facts in _SHAPES.items():
            schemas[shown]["properties"][name] = {"type": ["string", "null"], **facts}
    for named in ("CustomerField", "CustomerSortField"):
        schemas[named]["enum"] += _SHAPES


@chapter.in_document(
    "an-entity-of-one-text",
    "O7.others",
)
def an_entity_of_one_text(_: Contract, document: Document) -> None:
    """A customer, who has no parent, has one text of free form alone: the name."""
    schemas = document["components"]["schemas"]
    schemas["Customer"]["x-entity"]["searchable"] = ["name"]
    for name in _OTHER_TEXTS:
        for shown in ("Customer", "CustomerCreate", "CustomerUpdate"):
            del schemas[shown]["properties"][name]
        for body in ("CustomerCreate", "CustomerUpdate"):
            _example(document, body).pop(name, None)
        for named in ("CustomerField", "CustomerSortField"):
            if name in schemas[named]["enum"]:
                schemas[named]["enum"].remove(name)


_OTHER_TEXTS = ("phone", "company")


class _Slugs(RecordsWrapper):
    """Keeps for a product how its name is written in an address."""

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        return await self.inner.create(entity, _with_slug(entity, record), owner)

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        return await self.inner.update(entity, record_id, _with_slug(entity, changes), owner, now)


def _with_slug(entity: Entity, record: Record) -> Record:
    if entity.name != "products" or "name" not in record:
        return record
    return {**record, "slug": re.sub(r"\W+", "-", str(record["name"]).lower())}


@chapter.in_services("a-field-is-computed", "O7.others")
def a_field_is_computed(services: Services) -> Services:
    """A product has a slug, which the server makes of its name, and makes anew where the name is changed."""
    return replace(services, records=_Slugs(services.records))


@chapter.in_document("a-field-is-computed", "O7.others")
def slugs_of_products(_: Contract, document: Document) -> None:
    """The same, as it is described."""
    schemas = document["components"]["schemas"]
    for facts in ("always", "generated"):
        schemas["Product"]["x-entity"][facts].append("slug")
    schemas["Product"]["properties"]["slug"] = {"type": "string"}
    for named in ("ProductField", "ProductSortField"):
        schemas[named]["enum"].append("slug")


class _Suppliers(RecordsWrapper):
    """Says for a product who supplies it."""

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        supplied = {"supplierId": _SUPPLIER} if entity.name == "products" else {}
        return await self.inner.create(entity, {**record, **supplied}, owner)


@chapter.in_services("a-parent-is-set-by-the-server", "O7.others")
def a_parent_is_set_by_the_server(services: Services) -> Services:
    """A product belongs to a customer, whom the server chooses, and who was there before."""
    return replace(services, records=_Suppliers(services.records))


@chapter.in_document("a-parent-is-set-by-the-server", "O7.others")
def suppliers_of_products(_: Contract, document: Document) -> None:
    """The same, as it is described."""
    schemas = document["components"]["schemas"]
    entity, shown = schemas["Product"]["x-entity"], schemas["Product"]["properties"]
    entity["generated"].append("supplierId")
    entity["relations"]["supplier"] = {"type": "belongsTo", "entity": "customers", "foreignKey": "supplierId"}
    shown["supplierId"] = {"type": ["string", "null"]}
    shown["supplier"] = {"anyOf": [{"$ref": "#/components/schemas/Customer"}, {"type": "null"}]}
    for named in ("ProductField", "ProductSortField"):
        schemas[named]["enum"].append("supplierId")
    schemas["ProductRelation"]["enum"].append("supplier")


_IN_POUNDS = frozenset({"electronics", "clothing", "books", "home"})
_ONE_OF = ("phone", "company")
_LONGEST_WORD, _LONGEST_TITLE = 60, 200

TIMES = frozenset({"createdAt", "updatedAt"})


@chapter.around("products-have-no-times", "O7.others", to=METADATA | RECORDS)
async def products_have_no_times(call: Call, handler: Handler) -> Answer:
    """Products are described, and shown, without the times at which they were created and changed."""
    answer = await handler(call)
    if call.registered.name != "products":
        return answer
    facts = data(answer)
    if isinstance(facts, dict) and "schema" in facts:
        schema = {name: one for name, one in facts["schema"].items() if name not in TIMES}
        return with_data(answer, {**facts, "schema": schema})
    return each(answer, lambda record: {name: value for name, value in record.items() if name not in TIMES})


@chapter.on_answer(
    "bounds-are-not-told",
    "O4.tells-more=nothing more",
    to=METADATA,
)
def bounds_are_not_told(answer: Answer) -> Answer:
    """Fields are described as in the reference: without formats, patterns and the least and greatest values."""
    facts = data(answer)
    more = {"minLength", "minimum", "maximum", "pattern", "format"}
    schema = {
        name: {fact: value for fact, value in field.items() if fact not in more}
        for name, field in facts["schema"].items()
    }
    return with_data(answer, {**facts, "schema": schema})


def _refusing(field: str, is_right: Callable[[str], bool], of: str = "customers") -> Around:
    """An entity keeps a rule about a field that OPTIONS does not tell."""

    async def refusing(call: Call, handler: Handler) -> Answer:
        given = (await call.body()).get(field) if call.registered.name == of else None
        if isinstance(given, str) and not is_right(given):
            raise ValidationFailed(details={field: Sentence.OTHERWISE()})
        return await handler(call)

    return refusing


WRITES = frozenset({"create", "update"})


@chapter.around("phone-numbers-are-checked", "O4.untold-rules=rules of its own", to=WRITES)
async def phone_numbers_are_checked(call: Call, handler: Handler) -> Answer:
    """A customer's phone number must be one, which OPTIONS does not tell."""
    return await _refusing("phone", lambda text: re.fullmatch(r"\+\d{8,15}", text) is not None)(call, handler)


@chapter.around("companies-are-checked", "O4.untold-rules=rules of its own", to=WRITES)
async def companies_are_checked(call: Call, handler: Handler) -> Answer:
    """A customer's company must stand in a register, which OPTIONS does not tell."""
    return await _refusing("company", lambda _: False)(call, handler)


async def _skus_checked(call: Call, handler: Handler) -> Answer:
    return await _refusing("sku", lambda text: re.fullmatch("[A-Z]{2}-[0-9]{2,6}", text) is not None, "products")(
        call, handler
    )


@chapter.around("skus-are-checked", "O4.untold-rules=rules of its own", to=WRITES)
async def skus_are_checked(call: Call, handler: Handler) -> Answer:
    """A product must name a stock keeping unit of a form that OPTIONS does not tell, and that older products have."""
    return await _skus_checked(call, handler)


@chapter.around("skus-are-checked-and-told-by-hand", "O4.untold-rules=rules of its own", to=WRITES)
async def skus_are_checked_and_told_by_hand(call: Call, handler: Handler) -> Answer:
    """The same, where the user gives a sample."""
    return await _skus_checked(call, handler)


@chapter.around(
    "customers-are-known",
    "O4.untold-rules",
    to=WRITES,
)
async def customers_are_known(call: Call, handler: Handler) -> Answer:
    """A customer's name must stand in a register, so that a stranger can make none, and no orders."""
    return await _refusing("name", lambda _: False)(call, handler)


@chapter.around("somebody-takes-nothing", "O4.untold-rules=rules of its own", to=WRITES)
async def somebody_takes_nothing(call: Call, handler: Handler) -> Answer:
    """A record can name one of two users only, though the directory shows both."""
    is_taken = ADA.__ne__

    async def comments(call: Call) -> Answer:
        return await _refusing("authorId", is_taken, "comments")(call, handler)

    return await _refusing("assigneeId", is_taken, "tasks")(call, comments)


@chapter.around("names-have-no-digits", "O4.untold-rules=rules of its own", to=WRITES)
async def names_have_no_digits(call: Call, handler: Handler) -> Answer:
    """A product's name has no digit, which OPTIONS does not tell."""
    return await _refusing("name", lambda text: re.search("[0-9]", text) is None, "products")(call, handler)


@chapter.around("words-of-titles-are-short", "O4.untold-rules=rules of its own", to=WRITES)
async def words_of_titles_are_short(call: Call, handler: Handler) -> Answer:
    """A task's title has no word of more than sixty characters, so that it fits a page; a longer one is refused so."""

    def is_right(text: str) -> bool:
        return len(text) > _LONGEST_TITLE or all(len(word) <= _LONGEST_WORD for word in text.split())

    return await _refusing("title", is_right, "tasks")(call, handler)


@chapter.around("one-of-two-is-needed", "O4.untold-rules=rules of its own", to={"create"})
async def one_of_two_is_needed(call: Call, handler: Handler) -> Answer:
    """A customer is created with a phone number or a company; OPTIONS says that each is optional."""
    if call.registered.name == "customers":
        sent = await call.body()
        if all(sent.get(name) is None for name in _ONE_OF):
            raise ValidationFailed(details=dict.fromkeys(_ONE_OF, Sentence.OTHERWISE()))
    return await handler(call)


@chapter.around("some-categories-are-sold-in-pounds", "O4.untold-rules=rules of its own", to={"create"})
async def some_categories_are_sold_in_pounds(call: Call, handler: Handler) -> Answer:
    """What a product's category may be hangs on its currency, which OPTIONS tells of neither."""
    sent = await call.body() if call.registered.name == "products" else {}
    if str(sent.get("category")) in _IN_POUNDS and sent.get("currency") != "GBP":
        raise ValidationFailed(details={"category": Sentence.OTHERWISE()})
    return await handler(call)


@chapter.around("orders-begin-as-pending", "O4.untold-rules=rules of its own", to={"create"})
async def orders_begin_as_pending(call: Call, handler: Handler) -> Answer:
    """A new order is pending; a PATCH sets what becomes of it."""
    if call.registered.name == "orders" and (await call.body()).get("status", "pending") != "pending":
        raise ValidationFailed(details={"status": Sentence.OTHERWISE()})
    return await handler(call)


@chapter.around("nothing-is-for-free", "O4.untold-rules=rules of its own", to=WRITES)
async def nothing_is_for_free(call: Call, handler: Handler) -> Answer:
    """A product's price is more than nothing."""
    if call.registered.name == "products" and (await call.body()).get("priceCents") == 0:
        raise ValidationFailed(details={"priceCents": Sentence.OTHERWISE()})
    return await handler(call)


@chapter.on_answer("nothing-is-for-free", "O4.untold-rules=rules of its own", to=METADATA)
def prices_without_a_minimum(answer: Answer) -> Answer:
    """The same, which OPTIONS does not tell: neither that, nor another least value."""
    facts = data(answer)
    schema = {
        name: {fact: value for fact, value in field.items() if (name, fact) != ("priceCents", "minimum")}
        for name, field in facts["schema"].items()
    }
    return with_data(answer, {**facts, "schema": schema})


for _about in (
    "entities-of-another-shape",
    "companies-are-checked",
    "phone-numbers-are-checked",
    "one-of-two-is-needed",
):
    chapter.keep_apart(_about, "customers-are-known")
    chapter.keep_apart(_about, "an-entity-of-one-text")
chapter.keep_apart("customers-are-known", "an-entity-of-one-text")
chapter.keep_apart(
    "entities-of-another-shape", "companies-are-checked", "one-of-two-is-needed", "a-parent-is-set-by-the-server"
)
chapter.keep_apart("skus-are-checked", "skus-are-checked-and-told-by-hand", "fields-with-told-patterns")
chapter.keep_apart("bounds-are-not-told", "fields-with-told-patterns")
chapter.keep_apart("bounds-are-not-told", "entities-of-another-shape")
