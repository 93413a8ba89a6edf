"""Faults of UPDATE."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from entity_contract import Entity, Relation

from entity_server.domain.problems import InternalError, NotFound, UnprocessableEntity, ValidationFailed
from entity_server.domain.projection import Record
from entity_server.domain.sentences import Sentence, label
from entity_server.domain.times import wire_time
from entity_server.faults.fault import with_headers
from entity_server.faults.spoiling import (
    AnyAnswer,
    each,
    says,
    with_body_of,
    with_first_detail,
    with_numbers_in_bounds,
    with_shorter_texts,
)
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.services import Answer, Call, Handler, Records, Services

chapter = AnyAnswer()

UPDATE = frozenset({"update"})
GENERATED = ("id", "createdAt", "updatedAt")


class _Updated(RecordsWrapper):
    def __init__(self, inner: Records, change: Callable[[Entity, Record], Record]) -> None:
        super().__init__(inner)
        self._change = change

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        return await self.inner.update(entity, record_id, self._change(entity, dict(changes)), owner, now)


@chapter.around("update.answers-what-was", breaks="update.returns-record", to=UPDATE)
async def answers_what_was(call: Call, handler: Handler) -> Answer:
    """The answer shows the record as it was before."""
    sent = await call.body()
    answer = await handler(call)
    return each(answer, lambda record: {**record, **dict.fromkeys(sent, "as it was")})


@chapter.around("update.answers-what-was-sent", breaks="update.returns-record", to=UPDATE)
async def answers_what_was_sent(call: Call, handler: Handler) -> Answer:
    """The answer shows the id and what the body named, and nothing else of the record."""
    sent = {"id", *await call.body()}
    answer = await handler(call)
    return each(answer, lambda record: {name: value for name, value in record.items() if name in sent})


@chapter.in_services("update.demands-required-fields", breaks="update.leaves-the-rest")
def demands_required_fields(services: Services) -> Services:
    """A PATCH that does not name each required field is refused."""

    def demanded(entity: Entity, changes: Record) -> Record:
        required = [field.name for field in entity.fields if field.required and not field.generated]
        if lacking := [name for name in required if name not in changes]:
            raise ValidationFailed(details={name: Sentence.REQUIRED(label=label(name)) for name in lacking})
        return changes

    return replace(services, records=_Updated(services.records, demanded))


@chapter.in_services("update.creates-what-is-missing", breaks="update.unknown-id")
def creates_what_is_missing(services: Services) -> Services:
    """A PATCH of an id that nobody has makes a record of it."""

    class Making(RecordsWrapper):
        def __init__(self, inner: Records) -> None:
            super().__init__(inner)
            self._made: dict[tuple[str, str], Record] = {}

        async def get(
            self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = ()
        ) -> Record | None:
            found = await self.inner.get(entity, record_id, owner, relations)
            return found or self._made.get((owner, record_id))

        async def exists(self, _: Entity, __: str, ___: str, /) -> bool:
            return True

        async def update(
            self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
        ) -> Record | None:
            found = await self.inner.update(entity, record_id, changes, owner, now)
            if found is None:
                times = {"createdAt": wire_time(now), "updatedAt": wire_time(now)}
                nothing = {field.name: field.default for field in entity.fields}
                found = {**nothing, **changes, **times, "id": record_id}
                self._made[owner, record_id] = found
            return found

        async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
            return await self.inner.delete(entity, record_id, owner) or bool(self._made.pop((owner, record_id), None))

    return replace(services, records=Making(services.records))


@chapter.in_services("update.not-stored", breaks="update.is-stored")
def not_stored(services: Services) -> Services:
    """The answer shows the change, and nothing is kept."""

    class Forgetful(RecordsWrapper):
        async def update(
            self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
        ) -> Record | None:
            record = await self.inner.get(entity, record_id, owner)
            return record and {**record, **changes, "updatedAt": wire_time(now)}

    return replace(services, records=Forgetful(services.records))


@chapter.in_services("update.clears-the-rest", breaks="update.leaves-the-rest")
def clears_the_rest(services: Services) -> Services:
    """Optional fields that a PATCH does not name become null."""

    def cleared(entity: Entity, changes: Record) -> Record:
        return {**{field.name: None for field in entity.fields if field.nullable}, **changes}

    return replace(services, records=_Updated(services.records, cleared))


@chapter.in_services("update.keeps-16-bits-of-a-character", breaks="update.is-stored")
def keeps_16_bits_of_a_character(services: Services) -> Services:
    """A character beyond the basic plane becomes a question mark."""

    def cut(_: Entity, changes: Record) -> Record:
        texts = {name: value for name, value in changes.items() if isinstance(value, str)}
        return changes | {
            name: "".join(one if ord(one) < 1 << 16 else "?" for one in text) for name, text in texts.items()
        }

    return replace(services, records=_Updated(services.records, cut))


@chapter.in_services("update.of-a-boolean-resets-enums", breaks="update.leaves-the-rest")
def of_a_boolean_resets_enums(services: Services) -> Services:
    """A PATCH of a boolean alone sets enums to their defaults."""

    def reset(entity: Entity, changes: Record) -> Record:
        is_alone = len(changes) == 1 and isinstance(next(iter(changes.values())), bool)
        enums = {field.name: field.default for field in entity.fields if field.type == "enum"}
        return {**enums, **changes} if is_alone else changes

    return replace(services, records=_Updated(services.records, reset))


@chapter.in_services("update.moves-created-at", breaks="update.keeps-id-and-creation")
def moves_created_at(services: Services) -> Services:
    """A PATCH moves `createdAt`."""

    def moved(_: Entity, changes: Record) -> Record:
        return {**changes, "createdAt": wire_time(services.clock())}

    return replace(services, records=_Updated(services.records, moved))


@chapter.on_answer("update.updated-at-stays", breaks="update.moves-updated-at", to=UPDATE)
def updated_at_stays(answer: Answer) -> Answer:
    """`updatedAt` stays at the time of creation."""
    return each(answer, lambda record: {**record, "updatedAt": record["createdAt"]})


@chapter.around("update.unknown-is-refused", breaks="update.unknown-id", to=UPDATE)
async def unknown_is_refused(call: Call, handler: Handler) -> Answer:
    """A PATCH of a record that does not exist answers 400."""
    try:
        return await handler(call)
    except NotFound:
        raise ValidationFailed(details={"id": Sentence.NO_RECORD(label=label("id"))}) from None


@chapter.around("update.outside-enum-ignored", breaks="update.outside-enum", to=UPDATE)
async def outside_enum_ignored(call: Call, handler: Handler) -> Answer:
    """A value outside of its enum is left out."""
    enums = {field.name: field.values for field in call.registered.fields if field.type == "enum"}
    body = await call.body()
    bad = {name for name, value in body.items() if isinstance(value, str) and value not in enums.get(name, (value,))}
    if not bad:
        return await handler(call)
    left = {name: value for name, value in body.items() if name not in bad}
    return await with_body_of(call, handler, lambda _: left or {name: values[0] for name, values in enums.items()})


@chapter.around("update.numbers-cut-to-bounds", breaks="update.outside-bounds", to=UPDATE)
async def numbers_cut_to_bounds(call: Call, handler: Handler) -> Answer:
    """A number beyond its bounds becomes the bound."""
    return await with_numbers_in_bounds(call, handler)


@chapter.around("update.too-long-accepted", breaks="update.over-max-length", to=UPDATE)
async def too_long_accepted(call: Call, handler: Handler) -> Answer:
    """A text that is too long is taken."""
    return await with_shorter_texts(call, handler)


@chapter.on_answer("update.first-detail-alone", breaks="update.details-name-each-field", to=UPDATE, statuses={400})
def first_detail_alone(answer: Answer) -> Answer:
    """Of several bad fields only the first is named."""
    return with_first_detail(answer)


async def _failing(call: Call, handler: Handler, *sentences: Sentence) -> Answer:
    try:
        return await handler(call)
    except ValidationFailed as problem:
        if says(problem, *sentences):
            raise InternalError from problem
        raise


@chapter.around("update.wrong-type-fails", breaks="update.wrong-type", to=UPDATE)
async def wrong_type_fails(call: Call, handler: Handler) -> Answer:
    """A value of the wrong type makes the server fail."""
    if any(isinstance(value, dict) for value in (await call.body()).values()):
        raise InternalError
    return await handler(call)


@chapter.around("update.malformed-fails", breaks="update.malformed-json", to=UPDATE)
async def malformed_fails(call: Call, handler: Handler) -> Answer:
    """A malformed body makes the server fail."""
    return await _failing(call, handler, Sentence.MALFORMED)


@chapter.around("update.array-fails", breaks="update.not-an-object", to=UPDATE)
async def array_fails(call: Call, handler: Handler) -> Answer:
    """A body that is no object makes the server fail."""
    try:
        return await handler(call)
    except UnprocessableEntity as problem:
        if says(problem, Sentence.OBJECT):
            raise InternalError from problem
        raise


@chapter.around("update.nothing-fails", breaks="update.empty-object", to=UPDATE)
async def nothing_fails(call: Call, handler: Handler) -> Answer:
    """An empty PATCH makes the server fail."""
    return await _failing(call, handler, Sentence.FEWEST_FIELDS)


@chapter.around("update.nul-fails", breaks="update.nul-character", to=UPDATE)
async def nul_fails(call: Call, handler: Handler) -> Answer:
    """Text with U+0000 makes the server fail."""
    return await _failing(call, handler, Sentence.NUL)


@chapter.around("update.unknown-field-fails", breaks="update.unknown-field", to=UPDATE)
async def unknown_field_fails(call: Call, handler: Handler) -> Answer:
    """An unknown field makes the server fail."""
    return await _failing(call, handler, Sentence.NOT_WRITABLE)


@chapter.around("update.refused-is-applied", breaks="update.refused-changes-nothing", to=UPDATE)
async def refused_is_applied(call: Call, handler: Handler) -> Answer:
    """A refused PATCH is applied as far as it is right."""
    body = await call.body()
    enums = {field.name: field.values for field in call.registered.fields if field.type == "enum"}
    longest = {field.name: field.max_length for field in call.registered.fields if field.max_length}
    bad = {name for name, value in body.items() if name in enums and value not in enums[name]}
    bad |= {
        name for name, value in body.items() if isinstance(value, str) and len(value) > (longest.get(name) or 10**6)
    }
    if not bad or bad == body.keys():
        return await handler(call)
    await with_body_of(call, handler, lambda sent: {name: value for name, value in sent.items() if name not in bad})
    raise ValidationFailed(details=dict.fromkeys(bad, Sentence.OTHERWISE()))


@chapter.in_services("update.null-ignored", breaks="update.null-clears")
def null_ignored(services: Services) -> Services:
    """A null leaves the field as it was."""

    def kept(_: Entity, changes: Record) -> Record:
        return {name: value for name, value in changes.items() if value is not None}

    return replace(services, records=_Updated(services.records, kept))


@chapter.in_services("update.parent-is-kept", breaks="update.null-clears")
def parent_is_kept(services: Services) -> Services:
    """A null leaves a foreign key as it was; other fields are cleared."""

    def kept(entity: Entity, changes: Record) -> Record:
        keys = {relation.foreign_key for relation in entity.relations if relation.type == "belongsTo"}
        return {name: value for name, value in changes.items() if value is not None or name not in keys}

    return replace(services, records=_Updated(services.records, kept))


def _without_nulls(body: Record) -> Record:
    return {name: value for name, value in body.items() if value is not None}


async def _null_taken(call: Call, handler: Handler, names: set[str]) -> Answer:
    """A null in one of these fields changes nothing, and is no mistake."""
    body = await call.body()
    if not any(name in names and value is None for name, value in body.items()):
        return await handler(call)
    untouched: dict[str, Any] = {name: value for name, value in body.items() if value is not None}
    if untouched:
        return await with_body_of(call, handler, _without_nulls)
    return Answer(200, {"success": True, "data": {"id": call.values["id"], **body}}, {})


@chapter.around("update.null-of-required-taken", breaks="update.null-of-required", to=UPDATE)
async def null_of_required_taken(call: Call, handler: Handler) -> Answer:
    """A null in a required field is taken."""
    return await _null_taken(call, handler, {field.name for field in call.registered.fields if field.required})


@chapter.around("update.null-of-default-taken", breaks="update.null-of-default", to=UPDATE)
async def null_of_default_taken(call: Call, handler: Handler) -> Answer:
    """A null in a field with a default is taken."""
    defaulted = {field.name for field in call.registered.fields if field.default is not None}
    return await _null_taken(call, handler, defaulted)


@chapter.around("update.generated-fields-honoured", breaks="update.generated-fields", to=UPDATE)
async def generated_fields_honoured(call: Call, handler: Handler) -> Answer:
    """A client chooses the id and the times of its record."""
    chosen = {name: value for name, value in (await call.body()).items() if name in GENERATED}
    rest = {name: value for name, value in (await call.body()).items() if name not in GENERATED}
    if chosen and not rest:
        return Answer(200, {"success": True, "data": {"id": call.values["id"], **chosen}}, {})
    answer = await with_body_of(call, handler, lambda _: rest)
    return each(answer, lambda record: {**record, **chosen})


@chapter.around("update.blank-accepted", breaks="update.blank-required-text", to=UPDATE)
async def blank_accepted(call: Call, handler: Handler) -> Answer:
    """A required text of white space is kept."""
    body = await call.body()
    blank = {name: value for name, value in body.items() if isinstance(value, str) and value.isspace()}
    if not blank:
        return await handler(call)
    return await with_body_of(call, handler, lambda sent: {**sent, **dict.fromkeys(blank, "was blank")})


class _Dangling(RecordsWrapper):
    async def missing_references(self, _entity: Entity, _values: Record, _owner: str, /) -> tuple[str, ...]:
        return ()

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        missing = await self.inner.missing_references(entity, changes, owner)
        return await self.inner.update(entity, record_id, {**changes, **dict.fromkeys(missing)}, owner, now)


@chapter.in_services("update.nobodys-foreign-key-dropped", breaks="update.nobodys-foreign-key")
def nobodys_foreign_key_dropped(services: Services) -> Services:
    """A foreign key that names nobody becomes null."""
    return replace(services, records=_Dangling(services.records))


@chapter.on_answer("update.reset-in-words", breaks="limits.reset-header", to=UPDATE)
def reset_in_words(answer: Answer) -> Answer:
    """X-RateLimit-Reset of a changed record's answer is no number."""
    return with_headers(answer, X_RateLimit_Reset="soon")


class _Back(RecordsWrapper):
    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        before = await self.inner.get(entity, record_id, owner)
        after = await self.inner.update(entity, record_id, changes, owner, now)
        is_same = before is not None and all(before[name] == value for name, value in changes.items())
        return after | {"updatedAt": "2001-01-01T00:00:00.000Z"} if after is not None and is_same else after


@chapter.in_services("update.same-values-go-back", breaks="update.same-values")
def same_values_go_back(services: Services) -> Services:
    """An update that changes nothing takes `updatedAt` back."""
    return replace(services, records=_Back(services.records))


@chapter.on_answer("update.children-are-null", breaks="update.follows-contract", to=UPDATE)
def children_are_null(answer: Answer) -> Answer:
    """The answer to a change has the children that nobody asked for as null."""
    return each(answer, lambda record: {**record, "comments": None, "orders": None})
