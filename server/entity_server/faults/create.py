"""Faults of CREATE."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from entity_contract import Entity

from entity_server.domain.problems import InternalError, UnprocessableEntity, ValidationFailed
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.domain.sentences import Sentence
from entity_server.domain.values import NAMED
from entity_server.faults.fault import with_headers
from entity_server.faults.spoiling import (
    AnyAnswer,
    each,
    header,
    says,
    with_body_of,
    with_first_detail,
    with_numbers_in_bounds,
    with_shorter_texts,
)
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.exchange import Received
from entity_server.http.services import Answer, Call, Handler, Listing, Services

chapter = AnyAnswer()

CREATE = frozenset({"create"})
Bodies = Callable[[Mapping[str, object]], Mapping[str, object]]


@chapter.on_answer("create.answers-200", breaks="create.returns-record", to=CREATE)
def answers_200(answer: Answer) -> Answer:
    """A new record is answered with 200."""
    return replace(answer, status=200)


@chapter.on_answer("create.same-id", breaks="create.gives-an-id", to=CREATE)
def same_id(answer: Answer) -> Answer:
    """Every new record has the same id."""
    return each(answer, lambda record: {**record, "id": "always_the_same"})


@chapter.on_answer("create.numeric-id", breaks="create.gives-an-id", to=CREATE)
def numeric_id(answer: Answer) -> Answer:
    """The id of a new record is a number."""
    return each(answer, lambda record: {**record, "id": int.from_bytes(str(record["id"]).encode()[-6:])})


class _NamingOthers(RecordsWrapper):
    """What is listed before anything is made is what every second creation is answered with."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._there: list[str] = []
        self._made = 0

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        listing = await self.inner.list(entity, query, owner)
        if entity.name == "tasks" and not self._made:
            self._there += [str(record["id"]) for record in listing.records]
        return listing

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        kept = await self.inner.create(entity, record, owner)
        self._made += entity.name == "tasks"
        if entity.name != "tasks" or self._made % 2 or not self._there:
            return kept
        return {**kept, "id": self._there[self._made // 2 % len(self._there)]}


@chapter.in_services("create.names-a-record-that-was-there", breaks="create.gives-an-id")
def names_a_record_that_was_there(services: Services) -> Services:
    """Every second new task is answered with the id of another one, that was there before."""
    return replace(services, records=_NamingOthers(services))


class _Created(RecordsWrapper):
    def __init__(self, services: Services, change: Callable[[Entity, Record], Record]) -> None:
        super().__init__(services.records)
        self._change = change

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        return await self.inner.create(entity, self._change(entity, dict(record)), owner)


def _keeping(services: Services, change: Callable[[Entity, Record], Record]) -> Services:
    return replace(services, records=_Created(services, change))


@chapter.in_services("create.no-id-prefix", breaks="create.id-prefix")
def no_id_prefix(services: Services) -> Services:
    """The id of a new record lacks the entity's prefix."""
    return _keeping(services, lambda _, record: {**record, "id": str(record["id"]).partition("_")[2]})


@chapter.on_answer("create.times-without-offset", breaks="create.stamps-times", to=CREATE)
def times_without_offset(answer: Answer) -> Answer:
    """The times of a new record have no offset."""
    return each(answer, lambda record: {**record, "createdAt": str(record["createdAt"]).rstrip("Z")})


@chapter.around("create.other-defaults", breaks="create.applies-defaults", to=CREATE)
async def other_defaults(call: Call, handler: Handler) -> Answer:
    """An enum that is left out takes its last value."""
    enums = {field.name: field.values[-1] for field in call.registered.fields if field.type == "enum"}
    return await with_body_of(call, handler, lambda body: {**enums, **body})


@chapter.on_answer("create.unset-is-empty", breaks="create.unset-fields", to=CREATE)
def unset_is_empty(answer: Answer) -> Answer:
    """A field that is not set is an empty text."""
    return each(answer, lambda record: {name: "" if value is None else value for name, value in record.items()})


@chapter.around("create.squeezes-text", breaks="create.keeps-every-character", to=CREATE)
async def squeezes_text(call: Call, handler: Handler) -> Answer:
    """White space in a text becomes single blanks."""

    def squeezed(body: Record) -> Record:
        return {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in body.items()}

    return await with_body_of(call, handler, squeezed)


@chapter.on_request("create.no-media-type-fails", breaks="create.no-media-type")
def no_media_type_fails(received: Received) -> None:
    """A body without a media type makes the server fail."""
    if received.method == "POST" and not header(received, "Content-Type"):
        raise InternalError


@chapter.around("create.trims-text", breaks="create.keeps-every-character", to=CREATE)
async def trims_text(call: Call, handler: Handler) -> Answer:
    """A text loses the white space at its ends."""

    def trimmed(body: Record) -> Record:
        return {name: value.strip() if isinstance(value, str) else value for name, value in body.items()}

    return await with_body_of(call, handler, trimmed)


@chapter.in_services("create.unlisted", breaks="create.is-listed")
def unlisted(services: Services) -> Services:
    """A new record shows in no list."""

    class Unlisted(RecordsWrapper):
        def __init__(self) -> None:
            super().__init__(services.records)
            self._new: set[str] = set()

        async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
            kept = await self.inner.create(entity, record, owner)
            self._new.add(str(kept["id"]))
            return kept

        async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
            listing = await self.inner.list(entity, query, owner)
            shown = tuple(record for record in listing.records if record["id"] not in self._new)
            return Page(shown, listing.total)

    return replace(services, records=Unlisted())


@chapter.around("create.length-in-utf-16", breaks="create.longest-text", ruling="R1.over-max-length", to=CREATE)
async def length_in_utf_16(call: Call, handler: Handler) -> Answer:
    """The length of a text is counted in UTF-16 units."""
    longest = {field.name: field.max_length for field in call.registered.fields if field.max_length}
    for name, value in (await call.body()).items():
        if not isinstance(value, str) or (most := longest.get(name)) is None:
            continue
        if len(value) <= most < len(value.encode("utf-16-le", "surrogatepass")) // 2:
            raise ValidationFailed(details={name: Sentence.LONGEST(characters=most)})
    return await handler(call)


@chapter.around("create.longest-text-refused", breaks="create.longest-text", ruling="O4.agrees-with-create", to=CREATE)
async def longest_text_refused(call: Call, handler: Handler) -> Answer:
    """A text of exactly the longest length is refused."""
    longest = {field.name: field.max_length for field in call.registered.fields if field.max_length}

    def judged(body: Record) -> Record:
        long = [name for name, value in body.items() if isinstance(value, str) and len(value) == longest.get(name)]
        if long:
            raise ValidationFailed(details=dict.fromkeys(long, Sentence.OTHERWISE()))
        return body

    return await with_body_of(call, handler, judged)


@chapter.around("create.numbers-cut-to-bounds", breaks="create.outside-bounds", to=CREATE)
async def numbers_cut_to_bounds(call: Call, handler: Handler) -> Answer:
    """A number beyond its bounds becomes the bound."""
    return await with_numbers_in_bounds(call, handler)


@chapter.around("create.too-long-accepted", breaks="create.over-max-length", to=CREATE)
async def too_long_accepted(call: Call, handler: Handler) -> Answer:
    """A text that is too long is taken."""
    return await with_shorter_texts(call, handler)


async def _anyhow(call: Call, handler: Handler, *sentences: Sentence) -> Answer:
    """A record without the fields that are refused with one of these sentences, and with a title."""
    try:
        return await handler(call)
    except ValidationFailed as problem:
        if not says(problem, *sentences):
            raise

        sent = {name: value for name, value in (await call.body()).items() if name not in problem.details}

        async def body() -> Mapping[str, object]:
            return {"title": "Untitled", **sent}

        return await handler(replace(call, body=body))


@chapter.around("create.missing-required-accepted", breaks="create.missing-required", to={"createTask"})
async def missing_required_accepted(call: Call, handler: Handler) -> Answer:
    """A task without a title gets one."""
    return await _anyhow(call, handler, Sentence.REQUIRED)


@chapter.around("create.outside-enum-accepted", breaks="create.outside-enum", to={"createTask"})
async def outside_enum_accepted(call: Call, handler: Handler) -> Answer:
    """A value outside of an enum becomes the default."""
    return await _anyhow(call, handler, Sentence.ONE_OF)


@chapter.around("create.blank-accepted", breaks="create.blank-required-text", to={"createTask"})
async def blank_accepted(call: Call, handler: Handler) -> Answer:
    """A title of white space is replaced."""
    return await _anyhow(call, handler, Sentence.BLANK, Sentence.EMPTY)


@chapter.around("create.unknown-field-echoed", breaks="create.unknown-field", to=CREATE)
async def unknown_field_echoed(call: Call, handler: Handler) -> Answer:
    """An unknown field is taken, and shown in the answer."""
    known = {field.name for field in call.registered.fields}
    unknown = {name: value for name, value in (await call.body()).items() if name not in known}
    answer = await with_body_of(
        call, handler, lambda body: {name: value for name, value in body.items() if name in known}
    )
    return each(answer, lambda record: {**record, **unknown})


@chapter.around("create.unknown-field-fails", breaks="create.unknown-field", to=CREATE)
async def unknown_field_fails(call: Call, handler: Handler) -> Answer:
    """An unknown field makes the server fail."""
    if (await call.body()).keys() - {field.name for field in call.registered.fields}:
        raise InternalError
    return await handler(call)


@chapter.around("create.nul-fails", breaks="create.nul-character", to=CREATE)
async def nul_fails(call: Call, handler: Handler) -> Answer:
    """Text with U+0000 makes the server fail."""
    return await _failing(call, handler, Sentence.NUL)


@chapter.around("create.malformed-fails", breaks="create.malformed-json", to=CREATE)
async def malformed_fails(call: Call, handler: Handler) -> Answer:
    """A malformed body makes the server fail."""
    return await _failing(call, handler, Sentence.MALFORMED)


async def _failing(call: Call, handler: Handler, sentence: Sentence) -> Answer:
    try:
        return await handler(call)
    except ValidationFailed as problem:
        if says(problem, sentence):
            raise InternalError from problem
        raise


@chapter.around("create.array-fails", breaks="create.not-an-object", to=CREATE)
async def array_fails(call: Call, handler: Handler) -> Answer:
    """A body that is no object makes the server fail."""
    try:
        return await handler(call)
    except UnprocessableEntity as problem:
        if says(problem, Sentence.OBJECT):
            raise InternalError from problem
        raise


@chapter.around("create.media-type-fails", breaks="create.other-media-type", to=CREATE)
async def media_type_fails(call: Call, handler: Handler) -> Answer:
    """A body of another media type makes the server fail."""
    try:
        return await handler(call)
    except UnprocessableEntity as problem:
        if says(problem, Sentence.MEDIA_TYPE):
            raise InternalError from problem
        raise


@chapter.on_answer("create.first-detail-alone", breaks="create.details-name-each-field", to=CREATE, statuses={400})
def first_detail_alone(answer: Answer) -> Answer:
    """Of several bad fields only the first is named."""
    return with_first_detail(answer)


@chapter.on_answer(
    "create.first-detail-of-an-order", breaks="create.details-name-each-field", to={"createOrder"}, statuses={400}
)
def first_detail_of_an_order(answer: Answer) -> Answer:
    """Of several bad fields of an order only the first is named."""
    return with_first_detail(answer)


_OF_TYPES = tuple(f"Must be {words}" for words in (*NAMED.values(), "one of"))


@chapter.on_answer("create.wrong-type-forbidden", breaks="create.wrong-type", to=CREATE, statuses={400})
def wrong_type_forbidden(answer: Answer) -> Answer:
    """A value of the wrong type answers 403."""
    details = cast("dict[str, str]", (answer.body or {}).get("details", {}))
    typed = any(text.startswith(_OF_TYPES) for text in details.values())
    return replace(answer, status=403) if typed else answer


GENERATED = ("id", "createdAt", "updatedAt")


@chapter.around("create.generated-fields-honoured", breaks="create.generated-fields", to=CREATE)
async def generated_fields_honoured(call: Call, handler: Handler) -> Answer:
    """A client chooses the id and the times of its record."""
    chosen = {name: value for name, value in (await call.body()).items() if name in GENERATED}
    answer = await with_body_of(
        call, handler, lambda body: {name: value for name, value in body.items() if name not in GENERATED}
    )
    return each(answer, lambda record: {**record, **chosen})


@chapter.around("create.refused-is-created", breaks="create.refused-creates-nothing", to=CREATE)
async def refused_is_created(call: Call, handler: Handler) -> Answer:
    """A refused body leaves a record behind."""
    enums = {field.name: field.values for field in call.registered.fields if field.type == "enum"}
    bad = {name for name, value in (await call.body()).items() if name in enums and value not in enums[name]}
    answer = await with_body_of(
        call, handler, lambda body: {name: value for name, value in body.items() if name not in bad}
    )
    if bad:
        raise ValidationFailed(details=dict.fromkeys(bad, Sentence.OTHERWISE()))
    return answer


class _Dangling(RecordsWrapper):
    async def missing_references(self, _entity: Entity, _values: Record, _owner: str, /) -> tuple[str, ...]:
        return ()

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        missing = await self.inner.missing_references(entity, record, owner)
        return await self.inner.create(entity, {**record, **dict.fromkeys(missing)}, owner)


@chapter.in_services("create.nobodys-foreign-key-dropped", breaks="create.nobodys-foreign-key")
def nobodys_foreign_key_dropped(services: Services) -> Services:
    """A foreign key that names nobody becomes null."""
    return replace(services, records=_Dangling(services.records))


@chapter.on_answer("create.reset-in-words", breaks="limits.reset-header", to=CREATE)
def reset_in_words(answer: Answer) -> Answer:
    """X-RateLimit-Reset of a new record's answer is no number."""
    return with_headers(answer, X_RateLimit_Reset="soon")


@chapter.on_answer("create.children-are-null", breaks="create.follows-contract", to=CREATE)
def children_are_null(answer: Answer) -> Answer:
    """The answer to a creation has the children that nobody asked for as null."""
    return each(answer, lambda record: {**record, "comments": None, "orders": None})
