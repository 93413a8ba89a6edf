"""Bodies that are taken, refused or kept wrongly: at one entity, for one field, or for some value only."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import parse_qsl

from entity_server.domain.problems import InternalError, ValidationFailed
from entity_server.domain.projection import Record
from entity_server.domain.sentences import Sentence
from entity_server.faults.spoiling import AnyAnswer, each, header, requested, with_body_of
from entity_server.http.exchange import Received
from entity_server.http.services import Answer, Call, Handler

chapter = AnyAnswer()

_FEW = 100
_DEEP = 1_000
_NO_BREAK = "\u00a0"


@chapter.around("create.hard-blanks-are-text", breaks="create.blank-required-text", to={"createTask"})
async def hard_blanks_are_text(call: Call, handler: Handler) -> Answer:
    """A title of blanks is refused, but not where some of them are no-break spaces."""

    def taken(body: Record) -> Record:
        title = body.get("title")
        return {**body, "title": "was blank"} if isinstance(title, str) and _is_hard(title) else dict(body)

    return await with_body_of(call, handler, taken)


def _is_hard(text: str) -> bool:
    return text.isspace() and _NO_BREAK in text


@chapter.around("create.titles-trimmed", breaks="create.keeps-every-character", to={"createTask"})
async def titles_trimmed(call: Call, handler: Handler) -> Answer:
    """The title of a new task loses the white space at its ends, and no other text does."""

    def trimmed(body: Record) -> Record:
        title = body.get("title")
        return {**body, "title": title.strip()} if isinstance(title, str) else dict(body)

    return await with_body_of(call, handler, trimmed)


async def _shown(call: Call, handler: Handler, names: Iterable[str]) -> Answer:
    """What the handler answers to a body without these members, and the record with them as they were sent."""
    sent = await call.body()
    chosen = {name: sent[name] for name in names if name in sent}
    if not chosen or chosen.keys() == sent.keys():
        return await handler(call)

    def left(body: Record) -> Record:
        return {name: value for name, value in body.items() if name not in chosen}

    answer = await with_body_of(call, handler, left)
    return each(answer, lambda record: {**record, **chosen})


@chapter.around("create.unknown-field-of-a-customer", breaks="create.unknown-field", to={"createCustomer"})
async def unknown_field_of_a_customer(call: Call, handler: Handler) -> Answer:
    """A new customer is answered with the fields of the body that a customer does not have."""
    known = {field.name for field in call.registered.fields}
    return await _shown(call, handler, (await call.body()).keys() - known)


@chapter.around("create.comments-choose-their-id", breaks="create.generated-fields", to={"createComment"})
async def comments_choose_their_id(call: Call, handler: Handler) -> Answer:
    """A new comment is answered with the id that its body names."""
    return await _shown(call, handler, ["id"])


@chapter.around("update.unknown-field-of-a-product", breaks="update.unknown-field", to={"updateProduct"})
async def unknown_field_of_a_product(call: Call, handler: Handler) -> Answer:
    """A PATCH of a product is answered with the fields of the body that a product does not have."""
    known = {field.name for field in call.registered.fields}
    return await _shown(call, handler, (await call.body()).keys() - known)


@chapter.around("update.orders-choose-their-times", breaks="update.generated-fields", to={"updateOrder"})
async def orders_choose_their_times(call: Call, handler: Handler) -> Answer:
    """A PATCH of an order is answered with the time of creation that it names."""
    return await _shown(call, handler, ["createdAt"])


@chapter.around("update.products-choose-their-last-change", breaks="update.generated-fields", to={"updateProduct"})
async def products_choose_their_last_change(call: Call, handler: Handler) -> Answer:
    """A PATCH of a product is answered with the time of change that it names; other generated fields are refused."""
    return await _shown(call, handler, ["updatedAt"])


@chapter.around("create.short-companies", breaks="metadata.agrees-with-behaviour", to={"createCustomer"})
async def short_companies(call: Call, handler: Handler) -> Answer:
    """The company of a new customer may have fewer characters than is told; a PATCH takes as many."""
    if len(str((await call.body()).get("company"))) > _FEW:
        raise ValidationFailed(details={"company": Sentence.LONGEST(characters=_FEW)})
    return await handler(call)


def _read_otherwise(received: Received, change: Callable[[bytes], bytes]) -> Received:
    async def read() -> bytes:
        return change(await received.read())

    return replace(received, read=read)


@chapter.on_request("create.no-number-taken", breaks="create.malformed-json")
def no_number_taken(received: Received) -> Received | None:
    """NaN in a new record is read as JSON, and kept as nothing."""
    if received.method != "POST":
        return None
    return _read_otherwise(received, lambda raw: re.sub(rb":\s*NaN\b", b": null", raw))


@chapter.on_request("create.endless-number-fails", breaks="create.outside-bounds")
def endless_number_fails(received: Received) -> Received | None:
    """A number in a new record that no double holds makes the server fail."""

    def read(raw: bytes) -> bytes:
        if re.search(rb":\s*[0-9]e[0-9]{3}", raw):
            raise InternalError
        return raw

    return _read_otherwise(received, read) if received.method == "POST" else None


def _as_json(received: Received, method: str, media_type: str) -> Received | None:
    is_other = received.method == method and header(received, "Content-Type") == media_type
    return requested(received, "Content-Type", "application/json") if is_other else None


@chapter.on_request("create.json-as-form-taken", breaks="create.other-media-type")
def json_as_form_taken(received: Received) -> Received | None:
    """A new record is taken from JSON that is said to be a form."""
    return _as_json(received, "POST", "application/x-www-form-urlencoded")


@chapter.on_request("create.form-taken", breaks="create.other-media-type")
def form_taken(received: Received) -> Received | None:
    """A new task is taken from a form."""
    if received.method != "POST" or header(received, "Content-Type") != "application/x-www-form-urlencoded":
        return None

    def fields(raw: bytes) -> bytes:
        return json.dumps({name: text for name, text in parse_qsl(raw.decode()) if name == "title"}).encode()

    return _read_otherwise(requested(received, "Content-Type", "application/json"), fields)


@chapter.on_request("update.json-as-text-taken", breaks="update.other-media-type")
def json_as_text_taken(received: Received) -> Received | None:
    """A PATCH is taken from JSON that is said to be plain text."""
    return _as_json(received, "PATCH", "text/plain")


@chapter.on_request("create.deep-body-fails", breaks="create.malformed-json")
def deep_body_fails(received: Received) -> Received | None:
    """Arrays in a new record that are a thousand deep make the server fail."""

    def read(raw: bytes) -> bytes:
        if b"[" * _DEEP in raw:
            raise InternalError
        return raw

    return _read_otherwise(received, read) if received.method == "POST" else None


@chapter.around("update.spelled-booleans-taken", breaks="update.wrong-type", to={"update"})
async def spelled_booleans_taken(call: Call, handler: Handler) -> Answer:
    """A PATCH takes a boolean that is spelled as a text."""
    flags = {field.name for field in call.registered.fields if field.type == "boolean"}
    spelled = {"true": True, "false": False}
    return await with_body_of(
        call,
        handler,
        lambda body: {
            name: spelled.get(value, value) if name in flags and isinstance(value, str) else value
            for name, value in body.items()
        },
    )


@chapter.around("update.any-address-taken", breaks="update.outside-bounds", to={"updateCustomer"})
async def any_address_taken(call: Call, handler: Handler) -> Answer:
    """A PATCH of a customer takes for an address what is none."""

    def taken(body: Record) -> Record:
        email = body.get("email")
        return {**body, "email": "any@shop.example"} if isinstance(email, str) and "@" not in email else dict(body)

    return await with_body_of(call, handler, taken)


@chapter.around("create.companies-get-letters", breaks="create.applies-defaults", to={"createCustomer"})
async def companies_get_letters(call: Call, handler: Handler) -> Answer:
    """A customer with a company gets the newsletter where nothing is said of it, which is not the default."""

    def subscribed(body: Record) -> Record:
        return {**body, "newsletter": True} if body.get("company") and "newsletter" not in body else dict(body)

    return await with_body_of(call, handler, subscribed)
