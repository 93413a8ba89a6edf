"""Bad bodies that are taken: for some field, some value, some way of being bad."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from entity_server.domain.problems import UnprocessableEntity, ValidationFailed
from entity_server.domain.projection import Record
from entity_server.domain.sentences import Sentence
from entity_server.faults.spoiling import AnyAnswer, despite, each, with_body_of
from entity_server.http.services import Answer, Call, Handler

chapter = AnyAnswer()

CREATE, UPDATE = frozenset({"create"}), frozenset({"update"})


@chapter.around("create.digits-for-integer", breaks="create.wrong-type", to=CREATE)
async def digits_for_integer(call: Call, handler: Handler) -> Answer:
    """A text of digits is taken for a number."""
    body = await call.body()
    numbers = {field.name for field in call.registered.fields if field.type in ("integer", "number")}

    def read(sent: Record) -> Record:
        return {
            name: int(value) if name in numbers and isinstance(value, str) and value.isdecimal() else value
            for name, value in sent.items()
        }

    return await with_body_of(call, handler, read) if body else await handler(call)


@chapter.around("create.text-for-boolean", breaks="create.wrong-type", to=CREATE)
async def text_for_boolean(call: Call, handler: Handler) -> Answer:
    """Any text is taken for true, and any number."""
    booleans = {field.name for field in call.registered.fields if field.type == "boolean"}

    def read(sent: Record) -> Record:
        return {
            name: bool(value) if name in booleans and isinstance(value, str | int) else value
            for name, value in sent.items()
        }

    return await with_body_of(call, handler, read)


@chapter.around("create.number-for-text", breaks="create.wrong-type", to=CREATE)
async def number_for_text(call: Call, handler: Handler) -> Answer:
    """A number is taken for a text."""
    texts = {field.name for field in call.registered.fields if field.type in ("string", "text")}

    def read(sent: Record) -> Record:
        return {
            name: str(value) if name in texts and isinstance(value, int) and not isinstance(value, bool) else value
            for name, value in sent.items()
        }

    return await with_body_of(call, handler, read)


@chapter.around("update.object-for-text", breaks="update.wrong-type", to=UPDATE)
async def object_for_text(call: Call, handler: Handler) -> Answer:
    """A PATCH takes an array for a text, as JSON."""
    texts = {field.name for field in call.registered.fields if field.type in ("string", "text")}

    def read(sent: Record) -> Record:
        return {
            name: json.dumps(value) if name in texts and isinstance(value, list | dict) else value
            for name, value in sent.items()
        }

    return await with_body_of(call, handler, read)


@chapter.around("create.array-of-one", breaks="create.not-an-object", to=CREATE)
async def array_of_one(call: Call, handler: Handler) -> Answer:
    """A body that is no object is taken for the least that there can be."""
    try:
        return await handler(call)
    except UnprocessableEntity as problem:
        if not any(reason.sentence is Sentence.OBJECT for reason in problem.details.values()):
            raise
        if call.registered.name != "tasks":
            raise

        async def body() -> Mapping[str, object]:
            return {"title": "Untitled"}

        return await handler(replace(call, body=body))


@chapter.around("create.blanks-are-text", breaks="create.blank-required-text", to=CREATE)
async def blanks_are_text(call: Call, handler: Handler) -> Answer:
    """A required text may be made of blanks, but not be empty."""
    return await _blank(call, handler, r"\s+")


async def _blank(call: Call, handler: Handler, pattern: str) -> Answer:
    sent = dict(await call.body())
    blank = {name: value for name, value in sent.items() if isinstance(value, str) and re.fullmatch(pattern, value)}
    if not blank:
        return await handler(call)
    answer = await with_body_of(call, handler, lambda body: body | dict.fromkeys(blank, "was blank"))
    return each(answer, lambda record: record | blank)


@chapter.around("update.unknown-field-echoed", breaks="update.unknown-field", to=UPDATE)
async def unknown_field_echoed(call: Call, handler: Handler) -> Answer:
    """A PATCH takes a field that the entity lacks, and shows it in its answer."""
    known = {field.name for field in call.registered.fields}
    unknown = {name: value for name, value in (await call.body()).items() if name not in known}
    if not unknown or unknown.keys() == (await call.body()).keys():
        return await handler(call)
    answer = await with_body_of(
        call, handler, lambda body: {name: value for name, value in body.items() if name in known}
    )
    return each(answer, lambda record: record | unknown)


@chapter.around("create.empty-text-taken", breaks="create.blank-required-text", to=CREATE)
async def empty_text_taken(call: Call, handler: Handler) -> Answer:
    """A required text may be empty, but not be made of blanks."""
    required = {field.name for field in call.registered.fields if field.required}
    empty = {name: value for name, value in (await call.body()).items() if value == "" and name in required}
    answer = await with_body_of(call, handler, lambda body: body | dict.fromkeys(empty, "was empty"))
    return each(answer, lambda record: record | empty)


@chapter.around("update.spare-parent-unknown", breaks="update.nobodys-foreign-key", to=UPDATE)
async def spare_parent_unknown(call: Call, handler: Handler) -> Answer:
    """A PATCH takes a foreign key that names nobody where it need not name anybody, and clears it."""
    return await _spared(call, handler)


@chapter.around("create.spare-parent-unknown", breaks="create.nobodys-foreign-key", to={"createOrder"})
async def new_spare_parent_unknown(call: Call, handler: Handler) -> Answer:
    """A new order takes a product that does not exist, and has none then; its customer has to exist."""
    return await _spared(call, handler)


@chapter.around("create.author-unknown", breaks="create.nobodys-foreign-key", to={"createComment"})
async def author_unknown(call: Call, handler: Handler) -> Answer:
    """A new comment takes an author whom nobody knows, and has none then."""
    return await _spared(call, handler)


async def _spared(call: Call, handler: Handler) -> Answer:
    """What the handler answers where foreign keys that name nobody, and need not, are null."""
    required = {field.name for field in call.registered.fields if field.required}
    spare = {relation.foreign_key for relation in call.registered.relations} - required

    async def cleared(refused: Call) -> Answer:
        return await with_body_of(
            refused, handler, lambda body: {name: None if name in spare else value for name, value in body.items()}
        )

    return await despite(call, handler, lambda problem: not spare.isdisjoint(problem.details), cleared)


def _leapt(body: Record) -> Record:
    """The body with the first of March for a 29th of February of a common year."""
    return {
        name: f"{value[:4]}-03-01" if isinstance(value, str) and re.fullmatch(r"202[135]-02-29", value) else value
        for name, value in body.items()
    }


@chapter.around("update.leap-day-of-any-year", breaks="update.outside-bounds", to={"updateCustomer"})
async def leap_day_of_any_year(call: Call, handler: Handler) -> Answer:
    """A PATCH of a customer takes a 29th of February of a common year."""
    return await with_body_of(call, handler, _leapt)


@chapter.around("create.leap-day-of-any-year", breaks="create.outside-bounds", to=CREATE)
async def new_leap_day_of_any_year(call: Call, handler: Handler) -> Answer:
    """A new record takes a 29th of February of a common year."""
    return await with_body_of(call, handler, _leapt)


@chapter.around("update.no-least-quantity", breaks="update.outside-bounds", to={"updateOrder"})
async def no_least_quantity(call: Call, handler: Handler) -> Answer:
    """A PATCH of an order takes a quantity below the least, as the least."""

    def read(body: Record) -> Record:
        quantity = body.get("quantity")
        is_below = isinstance(quantity, int) and not isinstance(quantity, bool) and quantity < 1
        return {**body, "quantity": 1} if is_below else body

    return await with_body_of(call, handler, read)


@chapter.around("create.limit-in-quotes", breaks="create.wrong-type", to={"createCustomer"})
async def limit_in_quotes(call: Call, handler: Handler) -> Answer:
    """A customer's credit limit may be a text of digits."""

    def read(body: Record) -> Record:
        limit = body.get("creditLimitCents")
        is_spelled = isinstance(limit, str) and limit.isdecimal()
        return {**body, "creditLimitCents": int(limit)} if isinstance(limit, str) and is_spelled else body

    return await with_body_of(call, handler, read)


@chapter.around(
    "update.refused-products-keep-what-is-right", breaks="update.refused-changes-nothing", to={"updateProduct"}
)
async def refused_products_keep_what_is_right(call: Call, handler: Handler) -> Answer:
    """What is right in a refused PATCH of a product is kept."""
    try:
        return await handler(call)
    except ValidationFailed as refusal:
        right = {name: value for name, value in (await call.body()).items() if name not in refusal.details}
        if right:
            await with_body_of(call, handler, lambda _: right)
        raise
