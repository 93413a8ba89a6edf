"""Which failures only say again what a more basic one says of the same answer: one fault, one accusation.

    the server failed                 nothing else is said of that answer
    it is no JSON object              only that: it is not the API's answer, but that of something in front
    it refuses with another status    only that: whatever a success must hold, or must not, it is none
    its envelope is another one       no schema says the same of the same members
    a header of every answer lacks    the check that is about it says so, and no list of headers

Pure. What is dropped here is told by another failure of the same answer, never by none.
"""

import re
from collections.abc import Iterable, Mapping

from entity_contract import Operation
from schemathesis import Response
from schemathesis.core.failures import CustomFailure, Failure
from schemathesis.openapi.checks import IgnoredAuth, JsonSchemaError, MissingHeaders, UnsupportedMethodResponse

from entity_tests.properties import envelope
from entity_tests.properties.generation import json_object
from entity_tests.properties.levels import OWN_CODES, Breach

_ID = "x-request-id"
_LIMITS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
"""What `request_id` judges on every answer, and `rate_limit_headers` on those to whom limits are told."""

_REQUEST_IDS = tuple(
    f"errors.request-id{which}" for which in ("", "-of-a-refusal", "-differs", "-echoes-uuid", "-echoes-text")
)
_RECORDS = (
    *("list.shows-records-as-read", "read.finds-what-is-there", "read.same-for-every-credential"),
    *("read.shows-the-last-write", "search.shows-records-as-read", "select.include-is-current", "update.spares-others"),
)
_ENVELOPES = ("errors.answers-are-json", "errors.envelope", "errors.success-envelope", "errors.details-are-texts")
_LIMIT_HEADERS = tuple(
    f"limits.{which}"
    for which in ("limit-header", "remaining-header", "reset-header", "headers-on-refusals", "remaining-only-falls")
)
_PAGE_HEADERS = tuple(f"list.{which}-header" for which in ("total-count", "page", "per-page"))
_WATCHED: Mapping[str, tuple[str, ...]] = {
    "envelope": (*_ENVELOPES, "errors.code-fits-status"),
    "content_type_conformance": _ENVELOPES,
    "response_schema_conformance": _ENVELOPES,
    "error_code_of_status": ("errors.code-fits-status",),
    "status_code_conformance": ("errors.code-fits-status",),
    "request_id": _REQUEST_IDS,
    "rate_limit_headers": _LIMIT_HEADERS,
    "response_headers_conformance": (*_REQUEST_IDS, *_LIMIT_HEADERS, *_PAGE_HEADERS),
    "record_read_back": _RECORDS,
    "use_after_free": _RECORDS,
    "ensure_resource_availability": _RECORDS,
    "ignored_auth": ("errors.request-id-of-a-refusal",),
}
"""What a run watches on every answer, by the check here that finds the same."""

_OF_HEADERS = "response_headers_conformance"
_REQUIRED = re.compile(r'^"(\w+)" is a required property$')
_FAILED = "got `5"
"""How schemathesis puts it that a request without credentials made the server fail."""


def check_of(failure: Failure) -> str:
    """The name of the check that found it."""
    match failure:
        case Breach():
            return failure.check
        case JsonSchemaError() if failure.title.startswith("Response header"):
            return _OF_HEADERS
        case CustomFailure():
            return failure.title
        case _:
            return failure.checks[0] if failure.checks else type(failure).__name__


def is_told_already(failure: Failure, response: Response, of: Operation) -> bool:
    """Whether a more basic failure of this answer tells it."""
    check, body = check_of(failure), json_object(response.content)
    is_judged = bool(of.credentials) and response.request.method not in ("HEAD", "TRACE")
    limits = _LIMITS if is_judged and response.status_code != 401 else ()
    problem = envelope.problem(response.status_code, body, of) if is_judged else None
    if response.status_code >= 500 or (
        problem is not None and (body is None or envelope.is_refused(response.status_code, body))
    ):
        return check != ("not_a_server_error" if response.status_code >= 500 else "envelope")
    match failure:
        case IgnoredAuth():
            return _FAILED in failure.message
        case JsonSchemaError() if check != _OF_HEADERS:
            place = list(failure.instance_path)
            is_code = place == ["code"] and response.status_code not in OWN_CODES
            return is_code or (problem is not None and (len(place) < 2 or place[0] != "data"))
        case JsonSchemaError():
            return str(failure.instance) in [text for name in limits for text in response.headers.get(name, ())]
        case MissingHeaders():
            return {name.lower() for name in failure.missing_headers} <= {_ID, *limits}
        case _:
            return False


def told_by(checks: Iterable[str]) -> frozenset[str]:
    """The requirements of what a run watches that findings of these checks tell already."""
    return frozenset(requirement for check in checks for requirement in _WATCHED.get(check, ()))


def told(failure: Failure, response: Response) -> str:
    """What a failure says, on one line: of a schema the place in the answer, whichever record of a list it is in."""
    match failure:
        case MissingHeaders():
            names = failure.missing_headers
            return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} missing"
        case UnsupportedMethodResponse(failure_reason="missing_allow_header"):
            return "Allow is missing"
        case JsonSchemaError() if check_of(failure) == _OF_HEADERS:
            named = (name for name, texts in response.headers.items() if str(failure.instance) in texts)
            return f"{next(named, 'a header').title()} differs from what is documented: {failure.validation_message}"
        case JsonSchemaError():
            place = ".".join(str(step) for step in failure.instance_path if not isinstance(step, int))
            said = _REQUIRED.sub(r"'\1' is a required property", failure.validation_message)
            return f"{place or 'the body'}: {said}"
        case _:
            return " ".join((failure.message or failure.title).split())
