"""Records: what a body may be, and what a record looks like (R1-R19)."""

import itertools
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx

from conformance.exchange import Exchange
from contract import Entity
from contract_tests.variants.variant import Chapter, answers, choice, freedom, records, should
from server.domain import envelope
from server.domain.problems import ValidationFailed
from server.domain.times import wire_time
from server.faults.fault import with_body
from server.faults.spoiling import Record, each, with_body_of
from server.faults.wrapping import RecordsWrapper
from server.http.services import Answer, Call, Handler, Records, Services

chapter = Chapter()

CREATE, UPDATE = frozenset({"create"}), frozenset({"update"})
WRITES = CREATE | UPDATE
GENERATED = ("id", "createdAt", "updatedAt")
RECORDS = frozenset({"list", "read", "create", "update"})


def _details(answer: Answer) -> Mapping[str, str]:
    details = (answer.body or {}).get("details")
    return details if isinstance(details, dict) else {}


def _unprocessable(answer: Answer) -> Answer:
    return replace(with_body(answer, code="UNPROCESSABLE_ENTITY"), status=422)


def _is_400(status: int) -> bool:
    return status == 400


@chapter.on_answer(
    "wrong-types-are-unprocessable",
    choice("R1", create__wrong_type="mixed", update__wrong_type="mixed", generate__prompt_is_text="422"),
    to={"create", "update", "generateText"},
    statuses={400},
)
def wrong_types_are_unprocessable(answer: Answer) -> Answer:
    """A wrong JSON type answers 422; of an enum the answer only looks at the list, and is 400."""
    types = r"Must be (a string|an integer|a number|a boolean)"
    return _unprocessable(answer) if any(re.match(types, text) for text in _details(answer).values()) else answer


@chapter.on_the_wire(
    "all-wrong-types-are-unprocessable", choice("R1", create__wrong_type="422", update__wrong_type="422")
)
def all_wrong_types_are_unprocessable(response: httpx.Response) -> httpx.Response:
    """A wrong JSON type answers 422, in an enum too."""
    sent = _sent(response)
    wrong = isinstance(sent, dict) and any(isinstance(value, dict) or value == "neither" for value in sent.values())
    return _answered(response, 422, "UNPROCESSABLE_ENTITY") if response.status_code == 400 and wrong else response


@chapter.on_the_wire("a-prompt-that-is-a-number-is-unprocessable", choice("R1", generate__prompt_is_text="mixed"))
def a_prompt_that_is_a_number_is_unprocessable(response: httpx.Response) -> httpx.Response:
    """A number for a prompt answers 422, and an object 400."""
    sent = _sent(response) if response.request.url.path.endswith("/generate") else None
    is_number = isinstance(sent, dict) and sent.get("prompt") == 5 and response.status_code == 400
    return _answered(response, 422, "UNPROCESSABLE_ENTITY") if is_number else response


@chapter.on_answer(
    "details-name-items",
    freedom("R1", shows=lambda run: any("scopes.1" in (one.get("details") or {}) for one in answers(run, 400))),
    to={"createApiKey"},
    statuses={400},
)
def details_name_items(answer: Answer) -> Answer:
    """`details` name the item of an array that is wrong."""
    return with_body(
        answer, details={f"{name}.1" if name == "scopes" else name: text for name, text in _details(answer).items()}
    )


def _sent(response: httpx.Response) -> Any:
    """The body of the request, None where it is no JSON."""
    try:
        return json.loads(response.request.content)
    except ValueError:
        return None


def _answered(response: httpx.Response, status: int, code: str) -> httpx.Response:
    """The same refusal with another status and code."""
    body = {**response.json(), "code": code}
    headers = [pair for pair in response.headers.raw if pair[0].lower() != b"content-length"]
    return httpx.Response(status, headers=headers, content=json.dumps(body).encode(), request=response.request)


@chapter.on_any_answer(
    "details-say-more",
    freedom("R1", shows=lambda run: any("hint" in (one.get("details") or {}) for one in answers(run, 400))),
    statuses=_is_400,
)
def details_say_more(answer: Answer) -> Answer:
    """`details` have entries besides those of the bad fields."""
    return with_body(answer, details={**_details(answer), "hint": "See the documentation."})


@chapter.on_any_answer(
    "malformed-json-is-unprocessable",
    choice("R2", create__malformed_json="422", update__malformed_json="422"),
    statuses=_is_400,
)
def malformed_json_is_unprocessable(answer: Answer) -> Answer:
    """Malformed JSON answers 422."""
    return _unprocessable(answer) if "well-formed JSON" in str(_details(answer)) else answer


@chapter.on_any_answer(
    "no-object-is-a-bad-request",
    choice("R3", create__not_an_object="400", update__not_an_object="400", create__other_media_type="400"),
    statuses=lambda status: status == 422,
)
def no_object_is_a_bad_request(answer: Answer) -> Answer:
    """What is no JSON object answers 400."""
    if not str((answer.body or {}).get("error")).startswith("The body must be"):
        return answer
    return replace(with_body(answer, code="VALIDATION_FAILED"), status=400)


@chapter.on_any_answer(
    "no-object-is-unsupported",
    choice("R3", create__not_an_object="415", update__not_an_object="415", create__other_media_type="415"),
    statuses=lambda status: status == 422,
)
def no_object_is_unsupported(answer: Answer) -> Answer:
    """What is no JSON object answers 415."""
    if not str((answer.body or {}).get("error")).startswith("The body must be"):
        return answer
    return replace(with_body(answer, code="UNSUPPORTED_MEDIA_TYPE"), status=415)


@chapter.on_any_answer(
    "other-media-types-are-unsupported",
    choice("R3", create__other_media_type="415"),
    statuses=lambda status: status == 422,
)
def other_media_types_are_unsupported(answer: Answer) -> Answer:
    """A body of another media type answers 415, with a code of the deployment's own."""
    if (answer.body or {}).get("error") != "The body must be application/json":
        return answer
    return replace(with_body(answer, code="UNSUPPORTED_MEDIA_TYPE"), status=415)


@chapter.on_the_wire("null-is-malformed", choice("R3", create__not_an_object="mixed", update__not_an_object="mixed"))
def null_is_malformed(response: httpx.Response) -> httpx.Response:
    """A body of `null` answers 400, as nothing at all would; any other that is no object 422."""
    is_null = response.status_code == 422 and response.request.content == b"null"
    return _answered(response, 400, "VALIDATION_FAILED") if is_null else response


@chapter.around_forgiven(
    "unknown-fields-are-ignored",
    choice("R4", create__unknown_field="ignored", update__unknown_field="ignored"),
    to=WRITES,
    forgives=lambda refusal: all(_is_unknown(text) for text in refusal.details.values()),
)
async def unknown_fields_are_ignored(call: Call, handler: Handler) -> Answer:
    """Fields that no body may name are ignored, those that the server sets included (R5)."""
    writable = {field.name for field in call.registered.fields if not field.generated}
    return await with_body_of(
        call, handler, lambda body: {name: value for name, value in body.items() if name in writable}
    )


def _is_unknown(text: str) -> bool:
    return "not a field that can be written" in text


class _EmptyPatch:
    """Knows the records that the handlers work with, to show one."""

    def __init__(self) -> None:
        self._records: Records | None = None

    def compose(self, services: Services) -> Services:
        """Takes note of the records."""
        self._records = services.records
        return services

    async def around(self, call: Call, handler: Handler) -> Answer:
        """A PATCH that names nothing answers with the record as it is."""
        assert self._records is not None
        try:
            return await handler(call)
        except ValidationFailed:
            record = await self._records.get(call.registered, call.values["id"], call.owner)
            if dict(await call.body()) or record is None:
                raise
            return Answer(200, envelope.success(record), {})


_EMPTY = _EmptyPatch()
_UNCHANGED = choice("R6", update__empty_object="unchanged")
chapter.in_services("empty-patch-changes-nothing", _UNCHANGED)(_EMPTY.compose)
chapter.around_forgiven(
    "empty-patch-changes-nothing",
    _UNCHANGED,
    to=UPDATE,
    forgives=lambda refusal: refusal.details.keys() == {"body"},
)(_EMPTY.around)


def _retimed(answer: Answer, printed: Callable[[datetime], str]) -> Answer:
    """Every time of an answer, printed otherwise."""
    return replace(answer, body=_walked(answer.body, printed))


def _walked(value: Any, printed: Callable[[datetime], str]) -> Any:
    match value:
        case dict():
            return {
                name: printed(datetime.fromisoformat(held))
                if isinstance(held, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*Z", held)
                else _walked(held, printed)
                for name, held in value.items()
            }
        case list() | tuple():
            return [_walked(one, printed) for one in value]
        case _:
            return value


def _times(run: Sequence[Exchange], pattern: str) -> bool:
    return any(re.fullmatch(pattern, str(one.get("createdAt", ""))) for one in records(run))


@chapter.on_any_answer(
    "times-in-whole-seconds", freedom("R13", shows=lambda run: _times(run, r"[^.]*:\d\dZ")), statuses=lambda s: s < 300
)
def times_in_whole_seconds(answer: Answer) -> Answer:
    """Times are printed in whole seconds, though kept more exactly."""
    return _retimed(answer, lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


@chapter.on_any_answer(
    "times-in-microseconds",
    freedom("R13", shows=lambda run: _times(run, r".*\.\d{6}\+00:00")),
    statuses=lambda s: s < 300,
)
def times_in_microseconds(answer: Answer) -> Answer:
    """Times are printed with microseconds and the offset +00:00."""
    return _retimed(answer, lambda moment: moment.isoformat(timespec="microseconds"))


@chapter.on_any_answer(
    "times-in-nanoseconds", freedom("R13", shows=lambda run: _times(run, r".*\.\d{9}Z")), statuses=lambda s: s < 300
)
def times_in_nanoseconds(answer: Answer) -> Answer:
    """Times are printed with nanoseconds."""
    return _retimed(answer, lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.%f000Z"))


@chapter.on_any_answer(
    "times-with-an-offset", freedom("R13", shows=lambda run: _times(run, r".*\+05:30")), statuses=lambda s: s < 300
)
def times_with_an_offset(answer: Answer) -> Answer:
    """Times are printed in the deployment's own zone."""
    zone = timezone(timedelta(hours=5, minutes=30))
    return _retimed(answer, lambda moment: moment.astimezone(zone).isoformat(timespec="milliseconds"))


class _WholeSeconds(RecordsWrapper):
    """Keeps whole seconds: `updatedAt` moves with the second."""

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        times = {name: _second(record[name]) for name in ("createdAt", "updatedAt")}
        return await self.inner.create(entity, record | times, owner)

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        return await self.inner.update(entity, record_id, changes, owner, now.replace(microsecond=0))


def _second(text: object) -> str:
    return wire_time(datetime.fromisoformat(str(text)).replace(microsecond=0))


@chapter.in_services("times-are-kept-in-whole-seconds", freedom("R13", shows=lambda run: _times(run, r"[^.]*:\d\dZ")))
def times_are_kept_in_whole_seconds(services: Services) -> Services:
    """Times are kept and printed in whole seconds."""
    return replace(services, records=_WholeSeconds(services.records))


@chapter.on_any_answer("times-are-kept-in-whole-seconds", choice("R13"), statuses=lambda s: s < 300)
def printed_in_whole_seconds(answer: Answer) -> Answer:
    """The same, in print."""
    return times_in_whole_seconds(answer)


def _created(run: Sequence[Exchange]) -> list[Record]:
    return [one for one in records([exchange for exchange in run if exchange.status == 201]) if "createdAt" in one]


@chapter.around("unset-fields-are-absent", choice("R11", create__unset_fields="absent"), to=RECORDS)
async def unset_fields_are_absent(call: Call, handler: Handler) -> Answer:
    """A field that holds nothing is left out of the record; an included relation to nobody is null."""
    fields = {field.name for field in call.registered.fields}
    return each(
        await handler(call),
        lambda record: {name: value for name, value in record.items() if value is not None or name not in fields},
    )


class _Identified(RecordsWrapper):
    """Gives ids of another form."""

    def __init__(self, services: Services, new: Callable[[Entity], str]) -> None:
        super().__init__(services.records)
        self._new = new

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        return await self.inner.create(entity, record | {"id": self._new(entity)}, owner)


def _identified(services: Services, new: Callable[[Entity], str]) -> Services:
    return replace(services, records=_Identified(services, new))


@chapter.in_services("ids-are-uuids", should("R14", "create.id-prefix"))
def ids_are_uuids(services: Services) -> Services:
    """Ids are UUIDs."""
    return _identified(services, lambda _: str(uuid.uuid4()))


@chapter.in_services("ids-are-numbers", should("R14", "create.id-prefix"))
def ids_are_numbers(services: Services) -> Services:
    """Ids are the digits of growing numbers."""
    counter = itertools.count(int(datetime.now(UTC).timestamp() * 1000) % 10**9)
    return _identified(services, lambda _: str(next(counter)))


@chapter.in_services(
    "ids-of-odd-characters",
    freedom("R14", shows=lambda run: any(re.fullmatch(r"tsk_\+.*=:~", str(one["id"])) for one in _created(run))),
)
def ids_of_odd_characters(services: Services) -> Services:
    """Ids hold characters that a URL has to encode."""
    return _identified(services, lambda entity: f"{entity.id_prefix}_+{uuid.uuid4().hex[:12].upper()} é=:~")


@chapter.on_answer(
    "deletion-shows-the-record",
    freedom(
        "R15", shows=lambda run: any(one.method == "DELETE" and '"deleted"' in str(one.response_body) for one in run)
    ),
    to={"delete"},
)
def deletion_shows_the_record(answer: Answer) -> Answer:
    """The answer to a deletion holds data beside its message, which is in another language."""
    return with_body(answer, message="Gelöscht.", data={"deleted": True})


@chapter.around_forgiven(
    "nul-is-dropped",
    freedom("R16", shows=lambda run: any(one.status == 201 and "\\u0000" in str(one.request_body) for one in run)),
    to=WRITES,
    forgives=lambda refusal: "0000" in str(refusal.details),
)
async def nul_is_dropped(call: Call, handler: Handler) -> Answer:
    """U+0000 is dropped from a text."""

    def cleaned(body: Record) -> Record:
        return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in body.items()}

    return await with_body_of(call, handler, cleaned)


class _Kept(RecordsWrapper):
    """Refuses the deletion of a record that others name."""

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        many = tuple(relation for relation in entity.relations if relation.type == "hasMany")
        record = await self.inner.get(entity, record_id, owner, many)
        if record is not None and any(record[relation.name] for relation in many):
            raise _Named
        return await self.inner.delete(entity, record_id, owner)


class _Named(ValidationFailed):
    sentence = "Other records name this one"


_REFUSED = choice("R17", delete__parent_with_children="refused", delete__parent_of_optional="refused")


@chapter.in_services("parents-are-kept", _REFUSED)
def parents_are_kept(services: Services) -> Services:
    """A record that others name cannot be deleted: 400."""
    return replace(services, records=_Kept(services.records))


@chapter.in_services("parents-conflict", _REFUSED)
def parents_conflict(services: Services) -> Services:
    """A record that others name cannot be deleted: 409, with a code of the deployment's own."""
    return parents_are_kept(services)


@chapter.on_any_answer("parents-conflict", _REFUSED, statuses=_is_400)
def as_a_conflict(answer: Answer) -> Answer:
    """The same, in its status."""
    if (answer.body or {}).get("error") != _Named.sentence:
        return answer
    return replace(with_body(answer, code="CONFLICT"), status=409)
