"""Metadata that is wrong for some entity, field or caller only."""

from collections.abc import Callable
from typing import Any, cast

from entity_server.faults.seldom.when import by_reader, by_session
from entity_server.faults.spoiling import AnyAnswer, data, with_data
from entity_server.http.services import Answer, Call, Handler

chapter = AnyAnswer()

Facts = dict[str, Any]


def _facts(answer: Answer, **facts: object) -> Answer:
    return with_data(answer, {**data(answer), **facts})


def _field(answer: Answer, name: str, change: Callable[[Facts], Facts]) -> Answer:
    schema = cast("dict[str, Facts]", data(answer)["schema"])
    return _facts(answer, schema={one: change(facts) if one == name else facts for one, facts in schema.items()})


@chapter.on_answer("metadata.shorter-notes", breaks="create.over-max-length", to={"getOrderMetadata"})
def shorter_notes(answer: Answer) -> Answer:
    """An order's notes are told to be ten characters shorter than what is taken."""
    return _field(answer, "notes", lambda facts: {**facts, "maxLength": facts["maxLength"] - 10})


@chapter.on_answer("metadata.longer-names", breaks="metadata.agrees-with-behaviour", to={"getProductMetadata"})
def longer_names(answer: Answer) -> Answer:
    """A product's name is told to be one character longer than what is taken."""
    return _field(answer, "name", lambda facts: {**facts, "maxLength": facts["maxLength"] + 1})


@chapter.on_answer("metadata.longer-companies", breaks="metadata.agrees-with-behaviour", to={"getCustomerMetadata"})
def longer_companies(answer: Answer) -> Answer:
    """The company of a customer, which need not be there, is told to be longer than what is taken."""
    return _field(answer, "company", lambda facts: {**facts, "maxLength": facts["maxLength"] * 2})


@chapter.on_answer("metadata.longer-phones", breaks="metadata.agrees-with-behaviour", to={"getCustomerMetadata"})
def longer_phones(answer: Answer) -> Answer:
    """The phone of a customer is told to be longer than what is taken, which is short."""
    return _field(answer, "phone", lambda facts: {**facts, "maxLength": 255})


@chapter.on_answer("metadata.heavier-products", breaks="metadata.agrees-with-behaviour", to={"getProductMetadata"})
def heavier_products(answer: Answer) -> Answer:
    """A product is told to weigh more at most than what is taken."""
    return _field(answer, "weightKg", lambda facts: {**facts, "maximum": facts["maximum"] * 2})


@chapter.on_answer("metadata.other-currency", breaks="create.applies-defaults", to={"getProductMetadata"})
def other_currency(answer: Answer) -> Answer:
    """Another default is told of a product's currency than what is taken."""
    return _field(answer, "currency", lambda facts: {**facts, "default": facts["values"][-1]})


@chapter.on_answer("metadata.cancelled-untold", breaks="create.outside-enum", to={"getOrderMetadata"})
def cancelled_untold(answer: Answer) -> Answer:
    """The last value of an order's status is not told, and taken."""
    return _field(answer, "status", lambda facts: {**facts, "values": facts["values"][:-1]})


@chapter.on_answer("metadata.partners-told", breaks="metadata.enum-values-are-taken", to={"getCustomerMetadata"})
def partners_told(answer: Answer) -> Answer:
    """Another segment of customers is told than those that are taken."""
    return _field(answer, "segment", lambda facts: {**facts, "values": [*facts["values"], "partner"]})


@chapter.on_answer("metadata.segment-may-be-null", breaks="update.null-clears", to={"getCustomerMetadata"})
def segment_may_be_null(answer: Answer) -> Answer:
    """The segment of a customer is told to be null where nobody set it, and refuses that."""
    return _field(answer, "segment", lambda facts: {**facts, "nullable": True})


@chapter.on_answer("metadata.required-notes", breaks="create.missing-required", to={"getOrderMetadata"})
def required_notes(answer: Answer) -> Answer:
    """An order's notes are told to be required."""
    return _field(answer, "notes", lambda facts: {**facts, "required": True})


@chapter.on_answer("metadata.weight-untold", breaks="metadata.covers-the-record", to={"getProductMetadata"})
def weight_untold(answer: Answer) -> Answer:
    """A product's weight is not told."""
    schema = cast("dict[str, Facts]", data(answer)["schema"])
    return _facts(answer, schema={name: facts for name, facts in schema.items() if name != "weightKg"})


@chapter.on_answer("metadata.optional-customer", breaks="metadata.agrees-with-behaviour", to={"getOrderMetadata"})
def optional_customer(answer: Answer) -> Answer:
    """An order's customer is told to be optional, and is not."""
    return _field(answer, "customerId", lambda facts: {**facts, "required": False})


@chapter.around("metadata.limit-of-keys-for-sessions", breaks="metadata.rate-limit", to={"getTaskMetadata"})
async def limit_of_keys_for_sessions(call: Call, handler: Handler) -> Answer:
    """A session is told the limit of keys."""
    answer = await handler(call)
    return _facts(answer, rateLimit={"limit": 1000, "window": "1h"}) if by_session(call) else answer


@chapter.around("metadata.window-of-sessions-in-words", breaks="metadata.window", to={"getTaskMetadata"})
async def window_of_sessions_in_words(call: Call, handler: Handler) -> Answer:
    """A session is told its window in words."""
    answer = await handler(call)
    limit = data(answer)["rateLimit"]
    return _facts(answer, rateLimit={**limit, "window": "one hour"}) if by_session(call) else answer


@chapter.around("metadata.shorter-window-of-sessions", breaks="metadata.window", to={"getTaskMetadata"})
async def shorter_window_of_sessions(call: Call, handler: Handler) -> Answer:
    """A session is told a quarter of an hour, and its limit is one of an hour."""
    answer = await handler(call)
    limit = data(answer)["rateLimit"]
    return _facts(answer, rateLimit={**limit, "window": "15m"}) if by_session(call) else answer


@chapter.around("metadata.permissions-of-others-turned-round", breaks="metadata.permissions-of-a-key", to={"metadata"})
async def permissions_of_others_turned_round(call: Call, handler: Handler) -> Answer:
    """Of customers and orders a key that may not do everything is told the contrary of what it may."""
    answer = await handler(call)
    if call.registered.name not in {"customers", "orders"} or len(call.known_caller.scopes) > 1:
        return answer
    permissions = cast("dict[str, bool]", data(answer)["permissions"])
    return _facts(answer, permissions={name: not is_there for name, is_there in permissions.items()})


@chapter.around("metadata.methods-of-the-caller", breaks="metadata.methods", to={"getTaskMetadata"})
async def methods_of_the_caller(call: Call, handler: Handler) -> Answer:
    """A key that only reads is told the methods alone that it may use."""
    answer = await handler(call)
    return _facts(answer, methods=["GET"]) if by_reader(call) else answer


@chapter.around("metadata.types-for-readers", breaks="metadata.types", to={"getTaskMetadata"})
async def types_for_readers(call: Call, handler: Handler) -> Answer:
    """A key that only reads is told that descriptions are numbers."""
    answer = await handler(call)
    return _field(answer, "description", lambda facts: {**facts, "type": "integer"}) if by_reader(call) else answer


@chapter.around("metadata.named-in-the-singular-later", breaks="metadata.describes-entity", to={"metadata"})
async def named_in_the_singular_later(call: Call, handler: Handler) -> Answer:
    """To a key that may not do everything an entity is named in the singular."""
    answer = await handler(call)
    return _facts(answer, entity=call.registered.name[:-1]) if len(call.known_caller.scopes) == 1 else answer


@chapter.around("metadata.fewer-values-for-some", breaks="metadata.types", to={"metadata"})
async def fewer_values_for_some(call: Call, handler: Handler) -> Answer:
    """A key that may not do everything is told enums without their last value."""
    answer = await handler(call)
    for field in call.registered.fields if len(call.known_caller.scopes) == 1 else ():
        if field.type == "enum":
            answer = _field(answer, field.name, lambda facts: {**facts, "values": facts["values"][:-1]})
    return answer


@chapter.on_answer("metadata.key-named-as-its-column", breaks="metadata.describes-entity", to={"getProductMetadata"})
def key_named_as_its_column(answer: Answer) -> Answer:
    """The foreign key of a product's orders is told by the name that it has in the database."""
    relations = cast("dict[str, Facts]", data(answer)["relations"])
    return _facts(answer, relations={**relations, "orders": {**relations["orders"], "foreignKey": "product_id"}})


@chapter.on_answer("metadata.many-told-as-one", breaks="metadata.describes-entity", to={"getCustomerMetadata"})
def many_told_as_one(answer: Answer) -> Answer:
    """A customer is told to belong to its orders."""
    relations = cast("dict[str, Facts]", data(answer)["relations"])
    return _facts(answer, relations={**relations, "orders": {**relations["orders"], "type": "belongsTo"}})


@chapter.on_answer(
    "metadata.change-told-as-settable", breaks="metadata.agrees-with-behaviour", to={"getCommentMetadata"}
)
def change_told_as_settable(answer: Answer) -> Answer:
    """When a comment was changed is told as a field like others, and no body may name it."""
    return _field(
        answer, "updatedAt", lambda facts: {name: value for name, value in facts.items() if name != "generated"}
    )
