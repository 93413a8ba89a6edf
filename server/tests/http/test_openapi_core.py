"""The compiled validators against openapi-core's own: the same verdict, but for the differences that are written here.

Where they differ the compiled verdict stands. A difference that nobody wrote down is a failure of this test.
"""

import copy
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from entity_contract import Contract
from entity_contract.references import at, mapping
from entity_server.http.openapi_core import Reading
from entity_server.http.operations import CompiledContract
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_core import Config, OpenAPI, V31RequestValidator, V31ResponseValidator
from openapi_core.testing import MockRequest, MockResponse

SLOW = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
Verdicts = tuple[bool, bool]
"""Whether the compiled validators and openapi-core accept."""

COMPILED_REFUSES, COMPILED_ACCEPTS = (False, True), (True, False)


@dataclass(frozen=True, slots=True)
class Difference:
    """A reason for two verdicts, and in which direction. `example` is a case in which it is the only reason."""

    why: str
    verdicts: Verdicts
    explains: Callable[[Any], bool]
    example: Any


def _values(arguments: dict[str, list[str]], *names: str) -> Iterable[str]:
    return (value for name in names or arguments for value in arguments.get(name, ()))


QUERY_DIFFERENCES = (
    Difference(
        "an integer is written with digits: no underscore, space, plus sign or digits of another script",
        COMPILED_REFUSES,
        lambda sent: any(not re.fullmatch("-?[0-9]+", text, re.ASCII) for text in _values(sent, "page", "limit")),
        {"page": ["1_0"]},
    ),
    Difference(
        "a parameter that is no list is given once; openapi-core reads the first value alone",
        COMPILED_REFUSES,
        lambda sent: any(len(values) > 1 for name, values in sent.items() if name not in ("fields", "include")),
        {"limit": ["1", "2"]},
    ),
    Difference(
        "a comma list may be given as repeated keys, and every one of them counts",
        COMPILED_REFUSES,
        lambda sent: any(len(sent.get(name, ())) > 1 for name in ("fields", "include")),
        {"fields": ["id", "colour"]},
    ),
    Difference(
        "empty text is a search for nothing, and an empty list asks for nothing; openapi-core refuses empty values",
        COMPILED_ACCEPTS,
        lambda sent: any(text == "" for text in _values(sent, "search", "fields", "include")),
        {"search": [""]},
    ),
    Difference(
        "a query may say a date, or a date-time without an offset or without the colon in it",
        COMPILED_ACCEPTS,
        lambda sent: any(
            not re.search(r"T.*(Z|[+-]\d\d:\d\d)$", text, re.IGNORECASE)
            for text in _values(sent, "startDate", "endDate")
        ),
        {"startDate": ["2025-01-01"]},
    ),
    Difference(
        "a moment that no calendar of ours has is none: the year 0, a leap second, an offset beyond the year 1",
        COMPILED_REFUSES,
        lambda sent: any(
            re.match("0000|0001", text) or ":60" in text for text in _values(sent, "startDate", "endDate")
        ),
        {"endDate": ["0001-01-01T00:00:00+23:59"]},
    ),
    Difference(
        "a filter names fields of its entity and operators, which no schema knows",
        COMPILED_REFUSES,
        lambda sent: any(text.startswith("{") and text != "{}" for text in _values(sent, "filter")),
        {"filter": ['{"a":1}']},
    ),
    Difference(
        "no database keeps U+0000",
        COMPILED_REFUSES,
        lambda sent: any("\0" in text for text in _values(sent, "search")),
        {"search": ["\0"]},
    ),
    Difference(
        "a range of dates does not end before it starts",
        COMPILED_REFUSES,
        lambda sent: {"startDate", "endDate"} <= sent.keys(),
        {"startDate": ["2025-01-02T00:00:00Z"], "endDate": ["2025-01-01T00:00:00Z"]},
    ),
)
TEXTS = st.sampled_from((
    "", "1", "0", "-1", "20", "100", "101", "1_0", " 5 ", "+5", "\u0665", "1.0", "1e1", "2147483648", "9" * 25, "title",
    "createdAt", "asc", "desc", "id,title", "title,", "comments", "assignee,comments", "comments.author", "title\n",
    "\x00", "{}", "[]", '{"a":1}', "{", "2025-01-01", "2025-02-30", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00",
    "2025-01-01T00:00:00+0000", "2025-01-01t00:00:00+01:00", "2025-01-01T23:59:60Z", "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59", "2025-01-01 00:00:00Z", "ü",
))  # fmt: skip
NAMES = ("page", "limit", "filter", "search", "sort", "order", "fields", "include", "startDate", "endDate", "other")
ARGUMENTS = st.dictionaries(st.sampled_from(NAMES), st.lists(TEXTS, min_size=1, max_size=2), max_size=4)


BODY_DIFFERENCES = (
    Difference(
        "a moment that no calendar of ours has is none",
        COMPILED_REFUSES,
        lambda body: any(isinstance(body.get(name), str) for name in ("shippedAt", "expiresAt")),
        ("createApiKey", {"name": "x", "scopes": ["read"], "expiresAt": "0001-01-01T00:00:00+23:59"}),
    ),
    Difference(
        "an email address is more than a text with an @",
        COMPILED_REFUSES,
        lambda body: "@" in str(body.get("email")),
        ("createCustomer", {"name": "x", "email": "a b@"}),
    ),
    Difference(
        "no database keeps U+0000",
        COMPILED_REFUSES,
        lambda body: any("\0" in value for value in body.values() if isinstance(value, str)),
        ("createTask", {"title": "a\0b"}),
    ),
    Difference(
        "U+FEFF is white space to ECMAScript",
        COMPILED_REFUSES,
        lambda body: "\ufeff" in body.values(),
        ("createTask", {"title": "\ufeff"}),
    ),
    Difference(
        "a required text is not blank, whether its schema has a pattern or not",
        COMPILED_REFUSES,
        lambda body: isinstance(body.get("customerId"), str) and not body["customerId"].strip(),
        ("createOrder", {"reference": "x", "customerId": " ", "totalCents": 1}),
    ),
)
BODIES: dict[str, dict[str, Any]] = {
    "createTask": {"title": "x"},
    "createProduct": {"name": "x", "sku": "y", "priceCents": 1},
    "createCustomer": {"name": "x", "email": "x@example.com"},
    "createOrder": {"reference": "x", "customerId": "y", "totalCents": 1},
    "updateOrder": {},
    "createApiKey": {"name": "x", "scopes": ["read"]},
    "generateText": {"prompt": "x"},
}
FIELDS = (
    "title", "description", "status", "priority", "assigneeId", "name", "sku", "priceCents", "weightKg", "active",
    "releasedOn", "currency", "email", "birthDate", "newsletter", "reference", "customerId", "totalCents", "quantity",
    "gift", "deliveryDate", "shippedAt", "scopes", "expiresAt", "prompt", "maxTokens", "temperature", "id", "other",
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.text(max_size=3) | st.sampled_from((
    None, True, False, 0, 1, -1, 2.0, 1.5, 1e300, 2**31, 2**63, 1e30, "", " ", "x", "x" * 201, "todo", "high", "EUR",
    "electronics", "pending", "read", "\x85", "\x1c", "\ufeff", "\u200b", "a\0b", "2025-01-01", "2025-02-30",
    "0000-01-01", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00", "2025-01-01T23:59:60Z", "0001-01-01T00:00:00+23:59",
    "2025-01-01t00:00:00.1z", "a@example.com", "a b@", "@", [], ["read"], ["read", "read"], ["read", "x"], [None], {},
    {"a": 1},
))  # fmt: skip
CHANGES = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4)


RECORD = {"id": "tsk_1", "title": "x", "status": "todo", "priority": "low", "createdAt": "2025-01-01T00:00:00Z"}
PAGINATION = {"page": 1, "limit": 20, "total": 1, "totalPages": 1, "hasNext": False, "hasPrev": False}
ANSWERS: dict[str, dict[str, Any]] = {
    "listTasks": {"success": True, "data": [RECORD], "pagination": PAGINATION},
    "getTask": {"success": True, "data": RECORD},
    "getProduct": {"success": True, "data": {"id": "prd_1", "weightKg": 1.5, "releasedOn": None}},
}
HEADERS: dict[str, str] = {
    "x-request-id": "x",
    "x-ratelimit-limit": "1000",
    "x-ratelimit-remaining": "999",
    "x-ratelimit-reset": "1640995200",
    "x-total-count": "1",
    "x-page": "1",
    "x-per-page": "20",
}
ANSWER_DIFFERENCES = (
    Difference(
        "an integer in a header is written with digits",
        COMPILED_REFUSES,
        lambda sent: any(not re.fullmatch("-?[0-9]+", sent[1].get(name, "0"), re.ASCII) for name in HEADERS),
        None,
    ),
)


class Readings:
    """The two readings, side by side. No dataclass: Hypothesis prints what it is given, and this is long."""

    def __init__(self, contract: Contract, compiled: CompiledContract, core: OpenAPI) -> None:
        self.contract, self.core, self.ours = contract, core, Reading(contract, compiled)

    def verdicts(self, operation: str, arguments: dict[str, list[str]], body: dict[str, Any] | None = None) -> Verdicts:
        request = self._request(operation, arguments, body)
        ours = list(self.ours.request_errors(request))
        return not ours, not list(self.core.request_validator.iter_errors(request))

    def answer_verdicts(self, operation: str, status: int, body: object, headers: dict[str, str]) -> Verdicts:
        request = self._request(operation, {"fields": ["id"]}, None)
        response = MockResponse(json.dumps(body).encode(), status, headers)
        ours = list(self.ours.response_errors(request, response))
        return not ours, not list(self.core.response_validator.iter_errors(request, response))

    def _request(self, operation: str, arguments: dict[str, list[str]], body: dict[str, Any] | None) -> MockRequest:
        described = self.contract.operation(operation)
        return MockRequest(
            "https://yourdomain.com",
            described.method,
            "/api" + described.path.replace("{id}", "x"),
            args=arguments,
            data=None if body is None else json.dumps(body).encode(),
        )


@pytest.fixture(scope="module")
def readings(contract: Contract, compiled: CompiledContract) -> Readings:
    """openapi-core is as it comes, but for a format that it does not know, and security: authentication judges that."""
    document = copy.deepcopy(dict(contract.document))
    for operation in contract.operations:
        mapping(at(document, operation.pointer)).pop("security", None)  # type: ignore[attr-defined]  # a copy of ours
    config = Config(
        spec_validator_cls=cast("Any", None),  # none: the contract was checked when it was loaded
        request_validator_cls=V31RequestValidator,
        response_validator_cls=V31ResponseValidator,
        extra_format_validators={"json-object": _is_json_object},
    )
    return Readings(contract, compiled, OpenAPI.from_dict(document, config=config))


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _judged(verdicts: Verdicts, sent: object, differences: Iterable[Difference]) -> None:
    assert verdicts[0] == verdicts[1] or any(one.verdicts == verdicts and one.explains(sent) for one in differences), (
        f"compiled {verdicts[0]}, openapi-core {verdicts[1]}, and nothing explains it: {sent!r}"
    )


@SLOW
@given(operation=st.sampled_from(["listTasks", "listOrders", "getTask"]), arguments=ARGUMENTS)
def test_a_query_is_judged_alike(readings: Readings, operation: str, arguments: dict[str, list[str]]) -> None:
    _judged(readings.verdicts(operation, arguments), arguments, QUERY_DIFFERENCES)


@SLOW
@given(
    operation=st.sampled_from(sorted(BODIES)), changes=CHANGES, left_out=st.sets(st.sampled_from(FIELDS), max_size=2)
)
def test_a_body_is_judged_alike(
    readings: Readings, operation: str, changes: dict[str, Any], left_out: set[str]
) -> None:
    merged: dict[str, Any] = {**BODIES[operation], **changes}
    body = {name: value for name, value in merged.items() if name not in left_out}

    _judged(readings.verdicts(operation, {}, body), body, BODY_DIFFERENCES)


@SLOW
@given(
    operation=st.sampled_from(sorted(ANSWERS)),
    status=st.sampled_from([200, 200, 200, 200, 201, 299, 404]),
    changes=CHANGES,
    members=st.dictionaries(
        st.sampled_from(["success", "data", "pagination", "code", "details", "extra"]), VALUES, max_size=1
    ),
    headers=st.dictionaries(st.sampled_from(sorted(HEADERS)), st.none() | TEXTS.filter(str.isprintable), max_size=2),
)
def test_an_answer_is_judged_alike(
    readings: Readings,
    *,
    operation: str,
    status: int,
    changes: dict[str, Any],
    members: dict[str, Any],
    headers: dict[str, str | None],
) -> None:
    sent = {name: text for name, text in {**HEADERS, **headers}.items() if text is not None}
    body = copy.deepcopy(ANSWERS[operation])
    record = body["data"][0] if isinstance(body["data"], list) else body["data"]
    record.update(changes)

    _judged(readings.answer_verdicts(operation, status, {**body, **members}, sent), (record, sent), ANSWER_DIFFERENCES)


@pytest.mark.parametrize("difference", QUERY_DIFFERENCES, ids=lambda one: one.why)
def test_a_difference_about_queries_is_there(readings: Readings, difference: Difference) -> None:
    assert readings.verdicts("listTasks", difference.example) == difference.verdicts


@pytest.mark.parametrize("difference", BODY_DIFFERENCES, ids=lambda one: one.why)
def test_a_difference_about_bodies_is_there(readings: Readings, difference: Difference) -> None:
    operation, body = difference.example

    assert readings.verdicts(operation, {}, body) == difference.verdicts
