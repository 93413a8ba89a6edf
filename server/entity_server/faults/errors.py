"""Faults of the envelope, the error codes and the headers of every answer."""

from dataclasses import replace
from itertools import count
from uuid import UUID, uuid4

from entity_contract import Entity

from entity_server.domain.problems import InternalError, MethodNotAllowed, UnprocessableEntity, ValidationFailed
from entity_server.faults.fault import with_body, with_headers
from entity_server.faults.spoiling import AnyAnswer, accepted, header, is_400, refused
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.exchange import Received
from entity_server.http.services import Answer, Services

chapter = AnyAnswer()

TRACE = 'Traceback (most recent call last): File "/srv/app/handlers.py", line 12, in create: sqlite3.OperationalError'


def is_404(status: int) -> bool:
    """Whether the status is 404."""
    return status == 404


@chapter.on_any_answer("errors.success-is-missing", breaks="errors.envelope", statuses=refused)
def success_is_missing(answer: Answer) -> Answer:
    """An error has no `success`."""
    return replace(answer, body={name: value for name, value in (answer.body or {}).items() if name != "success"})


@chapter.on_any_answer("errors.no-code", breaks="errors.envelope", statuses=refused)
def no_code(answer: Answer) -> Answer:
    """An error has no `code`."""
    return replace(answer, body={name: value for name, value in (answer.body or {}).items() if name != "code"})


@chapter.on_answer("errors.success-is-a-text", breaks="errors.success-envelope", to={"list", "read"})
def success_is_a_text(answer: Answer) -> Answer:
    """`success` is the text "true"."""
    return with_body(answer, success="true")


@chapter.on_any_answer("errors.details-are-lists", breaks="errors.details-are-texts", statuses=refused)
def details_are_lists(answer: Answer) -> Answer:
    """Each detail is a list of texts."""
    details = (answer.body or {}).get("details")
    if not isinstance(details, dict):
        return answer
    return with_body(answer, details={name: [text] for name, text in details.items()})


@chapter.on_any_answer("errors.code-of-another-status", breaks="errors.code-fits-status", statuses=lambda s: s == 405)
def code_of_another_status(answer: Answer) -> Answer:
    """A method that is not supported has a code that belongs to 404."""
    return with_body(answer, code="NOT_FOUND")


@chapter.on_any_answer("errors.stack-trace", breaks="errors.nothing-leaks", statuses=refused)
def stack_trace(answer: Answer) -> Answer:
    """An error tells where in the code it was raised."""
    return with_body(answer, error=TRACE)


@chapter.on_any_answer("errors.html-media-type", breaks="errors.answers-are-json", statuses=refused)
def html_media_type(answer: Answer) -> Answer:
    """An error says that it is a web page."""
    return replace(answer, headers={**answer.headers, "Content-Type": "text/html"})


@chapter.on_request("errors.unknown-path-is-empty", breaks="errors.unknown-path")
def unknown_path_is_empty(received: Received) -> None:
    """A path that does not exist is refused as a bad request."""
    if _is_unknown(received.path):
        raise ValidationFailed


def _is_unknown(path: str) -> bool:
    segments = path.removeprefix("/api/").split("/")
    return segments[0] not in {"v1", "health"} or len(segments) > 3


@chapter.on_request("errors.unknown-entity-has-no-patch", breaks="errors.unknown-entity")
def unknown_entity_has_no_patch(received: Received) -> None:
    """A PATCH below an entity that is not there is refused for its method."""
    entity = received.path.removeprefix("/api/v1/").partition("/")[0]
    if received.method == "PATCH" and entity.startswith("conformance"):
        raise MethodNotAllowed(("GET", "OPTIONS"))


@chapter.on_any_answer("errors.no-allow", breaks="errors.unknown-method", statuses=lambda s: s == 405)
def no_allow(answer: Answer) -> Answer:
    """405 does not say which methods there are."""
    return with_headers(answer, Allow=None)


@chapter.on_any_answer(
    "errors.unknown-entity-refused", breaks="errors.unknown-entity", statuses=is_404,
    code="ENTITY_NOT_FOUND",
)  # fmt: skip
def unknown_entity_refused(answer: Answer) -> Answer:
    """An unknown entity answers 400."""
    return with_body(replace(answer, status=400), code="VALIDATION_FAILED")


@chapter.on_any_answer(
    "errors.unknown-entity-unnamed", breaks="errors.unknown-entity-code", statuses=is_404,
    code="ENTITY_NOT_FOUND",
)  # fmt: skip
def unknown_entity_unnamed(answer: Answer) -> Answer:
    """An unknown entity has the code of a missing record."""
    return with_body(answer, code="NOT_FOUND")


@chapter.on_any_answer("errors.read-only-is-missing", breaks="errors.read-only-entity", statuses=lambda s: s == 405)
def read_only_is_missing(answer: Answer) -> Answer:
    """A method that a path lacks answers 404."""
    return replace(answer, status=404, body={**(answer.body or {}), "code": "NOT_FOUND"})


@chapter.on_any_answer(
    "errors.directory-is-written", breaks="errors.directory-takes-no-writes", statuses=lambda s: s == 405
)
def directory_is_written(answer: Answer) -> Answer:
    """A write to an entity that takes none is answered by a success."""
    methods = answer.headers.get("Allow", "")
    is_left_out = "PATCH" not in methods and "POST" not in methods
    return replace(answer, status=200, body={"success": True, "data": {}}) if is_left_out else answer


@chapter.on_any_answer("errors.no-request-id", breaks="errors.request-id", statuses=accepted)
def no_request_id(answer: Answer) -> Answer:
    """A good answer has no X-Request-ID."""
    return with_headers(answer, X_Request_ID=None)


@chapter.on_any_answer("errors.no-request-id-in-errors", breaks="errors.request-id-of-a-refusal", statuses=refused)
def no_request_id_in_errors(answer: Answer) -> Answer:
    """An error has no X-Request-ID."""
    return with_headers(answer, X_Request_ID=None)


@chapter.on_any_answer("errors.same-request-id", breaks="errors.request-id-differs", statuses=lambda _: True)
def same_request_id(answer: Answer) -> Answer:
    """Every answer has the same X-Request-ID."""
    return with_headers(answer, X_Request_ID="00000000-0000-4000-8000-000000000000")


@chapter.on_any_answer("errors.new-request-id", breaks="errors.request-id-echoes-uuid", statuses=lambda _: True)
def new_request_id(answer: Answer) -> Answer:
    """A client's X-Request-ID is not echoed."""
    return with_headers(answer, X_Request_ID=str(uuid4()))


@chapter.on_any_answer("errors.only-uuids-echoed", breaks="errors.request-id-echoes-text", statuses=lambda _: True)
def only_uuids_echoed(answer: Answer) -> Answer:
    """A client's X-Request-ID is echoed only when it is a UUID."""
    return answer if _is_uuid(answer.headers.get("X-Request-ID", "")) else new_request_id(answer)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@chapter.on_any_answer("errors.large-body-fails", breaks="errors.body-too-large", statuses=lambda s: s == 413)
def large_body_fails(answer: Answer) -> Answer:
    """A body that is too large makes the server fail."""
    return replace(answer, status=500)


@chapter.on_any_answer(
    "errors.bad-request-is-unprocessable", breaks="errors.code-fits-status", statuses=is_400, code="INVALID_SORT"
)
def bad_request_is_unprocessable(answer: Answer) -> Answer:
    """A bad `sort` answers 422 with the code of 400."""
    return replace(answer, status=422)


@chapter.on_request("errors.unspoken-language", breaks="errors.language-keeps-codes")
def unspoken_language(received: Received) -> None:
    """A request in a language that the server does not speak is refused for that."""
    if not (header(received, "Accept-Language") or "en").startswith(("en", "*")):
        raise ValidationFailed


@chapter.on_request("errors.no-version-is-known", breaks="errors.version-v1")
def no_version_is_known(received: Received) -> None:
    """A request that names the version that it speaks is refused."""
    if header(received, "X-API-Version"):
        raise ValidationFailed


@chapter.on_request("errors.other-version-fails", breaks="errors.other-version")
def other_version_fails(received: Received) -> None:
    """A request that names another version makes the server fail."""
    if header(received, "X-API-Version") not in ("", "v1"):
        raise InternalError


@chapter.on_request("errors.media-type-of-nothing", breaks="errors.media-type-without-body")
def media_type_of_nothing(received: Received) -> None:
    """A media type without a body is refused."""
    if header(received, "Content-Type") and received.method in ("GET", "DELETE", "OPTIONS"):
        raise UnprocessableEntity


class _Everywhere(RecordsWrapper):
    async def exists(self, _entity: Entity, _record_id: str, _owner: str, /) -> bool:
        return True


@chapter.in_services("errors.body-before-record", breaks="errors.order-of-refusal")
def body_before_record(services: Services) -> Services:
    """The body of an update is judged before anybody looks for the record."""
    return replace(services, records=_Everywhere(services.records))


@chapter.on_request("errors.fails-on-unknown-paths", breaks="errors.internal-error")
def fails_on_unknown_paths(received: Received) -> None:
    """A path that does not exist makes the server fail."""
    if _is_unknown(received.path):
        raise InternalError


_looked = count(1)


@chapter.on_answer("errors.down-in-plain-words", breaks="errors.unavailable", to={"list", "read"}, statuses=(200,))
def down_in_plain_words(answer: Answer) -> Answer:
    """Every eighth look at records is told that there is no service, in a body of another kind."""
    down = replace(answer, status=503, body={"message": "Down for maintenance"})
    return down if next(_looked) % 8 == 0 else answer
