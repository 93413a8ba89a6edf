"""What a body may be, and how one is refused that may not be (R1-R6, R16)."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx

from entity_server.domain import envelope
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.sentences import Sentence
from entity_server.faults.fault import with_body
from entity_server.faults.spoiling import Record, each, is_400, with_body_of
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Handler, Records, Services
from entity_server.variants.variant import Chapter
from entity_server.variants.wire import recoded

chapter = Chapter()

CREATE, UPDATE = frozenset({"create"}), frozenset({"update"})
WRITES = CREATE | UPDATE


def _details(answer: Answer) -> Mapping[str, str]:
    details = (answer.body or {}).get("details")
    return details if isinstance(details, dict) else {}


def _unprocessable(answer: Answer) -> Answer:
    return replace(with_body(answer, code="UNPROCESSABLE_ENTITY"), status=422)


_TYPES = r"Must be (a string|an integer|a number|true or false)"


@chapter.on_answer(
    "wrong-types-are-unprocessable",
    "R1.wrong-type=422",
    to={"create", "update", "generateText"},
    statuses={400},
)
def wrong_types_are_unprocessable(answer: Answer) -> Answer:
    """A wrong JSON type answers 422; of an enum alone the answer only looks at the list, and is 400."""
    return _unprocessable(answer) if any(re.match(_TYPES, text) for text in _details(answer).values()) else answer


@chapter.on_the_wire("some-wrong-types-are-unprocessable", "R1.wrong-type=mixed")
def some_wrong_types_are_unprocessable(response: httpx.Response) -> httpx.Response:
    """A number or an array for the description of a task answers 422, any other wrong type 400."""
    sent = _sent(response)
    wrong = isinstance(sent, dict) and type(sent.get("description")) in {int, list}
    return recoded(response, 422, "UNPROCESSABLE_ENTITY") if response.status_code == 400 and wrong else response


@chapter.on_answer(
    "details-name-items",
    "R1.details",
    to={"createApiKey"},
    statuses={400},
)
def details_name_items(answer: Answer) -> Answer:
    """`details` name the item of an array that is wrong."""
    return with_body(
        answer, details={f"{name}.1" if name == "scopes" else name: text for name, text in _details(answer).items()}
    )


def _sent(response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    """The body of the request, None where it is no JSON, or too deep."""
    try:
        return json.loads(response.request.content)
    except (ValueError, RecursionError):
        return None


@chapter.on_any_answer(
    "details-say-more",
    "R1.details",
    statuses=is_400,
)
def details_say_more(answer: Answer) -> Answer:
    """`details` have entries besides those of the bad fields."""
    return with_body(answer, details={**_details(answer), "hint": "See the documentation."})


@chapter.on_any_answer(
    "malformed-json-is-unprocessable",
    "R2.malformed-json=422",
    statuses=is_400,
)
def malformed_json_is_unprocessable(answer: Answer) -> Answer:
    """Malformed JSON answers 422."""
    return _unprocessable(answer) if _details(answer).get("body") == Sentence.MALFORMED else answer


@chapter.on_any_answer(
    "no-object-is-a-bad-request",
    "R3.not-an-object=400",
    "R3.other-media-type=400",
    statuses=lambda status: status == 422,
)
def no_object_is_a_bad_request(answer: Answer) -> Answer:
    """What is no JSON object answers 400."""
    if _details(answer).get("body") not in {Sentence.OBJECT, Sentence.MEDIA_TYPE}:
        return answer
    return replace(with_body(answer, code="VALIDATION_FAILED"), status=400)


@chapter.on_any_answer(
    "no-object-is-unsupported",
    "R3.not-an-object=415",
    "R3.other-media-type=415",
    statuses=lambda status: status == 422,
)
def no_object_is_unsupported(answer: Answer) -> Answer:
    """What is no JSON object answers 415."""
    if _details(answer).get("body") not in {Sentence.OBJECT, Sentence.MEDIA_TYPE}:
        return answer
    return replace(with_body(answer, code="UNSUPPORTED_MEDIA_TYPE"), status=415)


@chapter.on_any_answer(
    "other-media-types-are-unsupported",
    "R3.other-media-type=415",
    statuses=lambda status: status == 422,
)
def other_media_types_are_unsupported(answer: Answer) -> Answer:
    """A body of another media type answers 415, with a code of the deployment's own."""
    if _details(answer).get("body") != Sentence.MEDIA_TYPE:
        return answer
    return replace(with_body(answer, code="UNSUPPORTED_MEDIA_TYPE"), status=415)


@chapter.on_the_wire("a-prompt-that-is-a-number-is-unprocessable", "R1.wrong-type=mixed")
def a_prompt_that_is_a_number_is_unprocessable(response: httpx.Response) -> httpx.Response:
    """A number for a prompt answers 422, and an object 400."""
    sent = _sent(response) if response.request.url.path.endswith("/generate") else None
    is_number = isinstance(sent, dict) and sent.get("prompt") == 5 and response.status_code == 400
    return recoded(response, 422, "UNPROCESSABLE_ENTITY") if is_number else response


@chapter.on_the_wire("null-is-malformed", "R3.not-an-object=mixed")
def null_is_malformed(response: httpx.Response) -> httpx.Response:
    """A body of `null` answers 400, as nothing at all would; any other that is no object 422."""
    is_null = response.status_code == 422 and response.request.content == b"null"
    return recoded(response, 400, "VALIDATION_FAILED") if is_null else response


@chapter.around(
    "unknown-fields-are-ignored",
    "R4.unknown-field=ignored",
    to=WRITES,
)
async def unknown_fields_are_ignored(call: Call, handler: Handler) -> Answer:
    """Fields that no body may name are ignored, those that the server sets included (R5)."""
    writable = {field.name for field in call.registered.fields if not field.generated}
    return await with_body_of(
        call, handler, lambda body: {name: value for name, value in body.items() if name in writable}
    )


@chapter.anew("empty-patch-changes-nothing", "R6.empty-object=unchanged")
def empty_patch_changes_nothing() -> Acts:
    """A PATCH that names nothing answers with the record as it is."""
    kept: list[Records] = []

    def compose(services: Services) -> Services:
        kept.append(services.records)
        return services

    async def around(call: Call, handler: Handler) -> Answer:
        try:
            return await handler(call)
        except ValidationFailed:
            if call.operation.action != "update" or dict(await call.body()):
                raise
            record = await kept[-1].get(call.registered, call.values["id"], call.owner)
            if record is None:
                raise
            return Answer(200, envelope.success(record), {})

    return Acts(services=compose, around=around)


@chapter.around(
    "nul-is-dropped",
    "R16.refused=taken",
    to=WRITES,
)
async def nul_is_dropped(call: Call, handler: Handler) -> Answer:
    """U+0000 is dropped from a text."""

    def cleaned(body: Record) -> Record:
        return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in body.items()}

    return await with_body_of(call, handler, cleaned)


_SEPARATOR = "\x1c"


@chapter.around(
    "separators-are-text",
    "R12.separators=text",
    to=CREATE,
)
async def separators_are_text(call: Call, handler: Handler) -> Answer:
    """A text of U+001C alone is not blank."""
    if (await call.body()).get("title") != _SEPARATOR:
        return await handler(call)
    answer = await with_body_of(call, handler, lambda body: {**body, "title": "separator"})
    return each(answer, lambda record: {**record, "title": _SEPARATOR})
