"""Two readings of one contract, on the same messages.

The server's compiled operations and openapi-core's default verdict, which is the runner's, may differ where
`DIFFERENCES` says so and nowhere else. What the runner accepts without openapi-core, openapi-core accepts too. The
server's OPTIONS answer must mean to the runner what the contract declares.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Literal

import jsonschema_rs
import pytest
from entity_conformance.deployment.discovery import described
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.suite.expect import compiled, documented
from entity_contract import Contract, Entity, Operation, load
from entity_contract.schemas import standalone
from entity_server.domain.keys import SCOPES
from entity_server.domain.limits import RateLimit
from entity_server.domain.metadata import describe
from entity_server.http.openapi_core import Reading
from entity_tests.deployments.in_process import compiled_once
from entity_tests.properties import strategies
from entity_tests.properties.filters import moment
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

CONTRACT = load()
ENTITIES = [entity for entity in CONTRACT.entities if "create" in entity.operations]


def _covering(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Few entities that have every kind of field between them."""
    chosen: list[Entity] = []
    known: set[tuple[object, ...]] = set()
    for entity in sorted(entities, key=lambda one: len(_kinds(one)), reverse=True):
        if not _kinds(entity) <= known:
            chosen.append(entity)
            known |= _kinds(entity)
    return tuple(chosen)


def _kinds(entity: Entity) -> set[tuple[object, ...]]:
    return {(field.type, field.nullable) for field in entity.fields}


COVERED = [
    entity if entity in _covering(ENTITIES) else pytest.param(entity, marks=pytest.mark.soak) for entity in ENTITIES
]
LIMIT = RateLimit(1000, 3600)
HEADERS: Mapping[str, str] = {
    "x-request-id": "1",
    "x-ratelimit-limit": "1000",
    "x-ratelimit-remaining": "1",
    "x-ratelimit-reset": "1700000000",
}
compared = partial(settings, max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _anything(_: object) -> bool:
    return True


@cache
def server() -> Reading:
    """The server's reading, made when a test asks for it: every process collects this module, and one runs it."""
    return Reading(CONTRACT, compiled_once(CONTRACT))


@cache
def default() -> OpenAPI:
    """The verdict of openapi-core as it is. That the document is valid is shown elsewhere."""
    return OpenAPI.from_dict(
        dict(CONTRACT.document),
        config=Config(
            spec_validator_cls=None,  # type: ignore[arg-type]  # its way to say that the document was checked before
            extra_format_validators={
                "json-object": _anything,
                "int32": _anything,
                "int64": _anything,
                "double": _anything,
            },
        ),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the two verdicts differ: where, what the server says, why, and for which values."""

    where: Literal["body", "query"]
    server: Literal["accepts", "refuses"]
    reason: str
    applies: Callable[[str, str], bool]


ECMAS_BLANK = "\ufeff"


def _python_alone_reads(text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return False
    return re.fullmatch("-?[0-9]+", text) is None


DIFFERENCES = (
    Difference(
        "body",
        "refuses",
        "an e-mail address has the form of one; openapi-core asks for an @",
        lambda name, text: name == "email" and "@" in text,
    ),
    Difference(
        "body",
        "refuses",
        "a required text is not blank, whether its schema has a pattern or not (R12)",
        lambda _, text: not text.strip(),
    ),
    Difference(
        "body",
        "refuses",
        "`\\S` is ECMA's, to which U+FEFF is white space",
        lambda _, text: ECMAS_BLANK in text and not text.replace(ECMAS_BLANK, "").strip(),
    ),
    Difference(
        "query",
        "accepts",
        "a date parameter may be a plain date or lack its offset (L19)",
        lambda name, text: name in ("startDate", "endDate") and moment(text) is not None,
    ),
    Difference(
        "query",
        "accepts",
        "an empty parameter is an empty text; openapi-core refuses it",
        lambda name, text: name in ("search", "fields", "include") and not text,
    ),
    Difference(
        "query",
        "refuses",
        "no database keeps U+0000 (R16)",
        lambda name, text: name == "search" and "\0" in text,
    ),
    Difference(
        "query",
        "refuses",
        "an integer is digits; openapi-core takes what Python's `int` does: 1_0, +5, Arabic digits",
        lambda name, text: name in ("page", "limit") and _python_alone_reads(text),
    ),
)
"""Where the two may differ, and nowhere else."""

JUNK: tuple[object, ...] = (
    *(None, True, False, [], ["x"], {}, {"id": "x"}),
    *(0, -1, 1, 1.5, 1.0, 2**31, 2**53, 1e300),
    *("", " ", "   ", "\ufeff", "\x1c", "x", "x" * 41, "x" * 201, "todo", "TODO", "1", "true"),
    *("2025-01-31", "2025-02-30", "2025-01-31T10:30:00Z", "2025-01-31T10:30:00", "2025-01-31T10:30:00+02:00"),
    *("someone@example.com", "someone"),
)
"""Values that are right for some field and wrong for most."""


def broken(bodies: st.SearchStrategy[dict[str, object]], entity: Entity) -> st.SearchStrategy[dict[str, object]]:
    """Bodies with a value exchanged, a field more or a field less."""
    names = st.sampled_from([*(field.name for field in entity.fields), "unknown"])

    def exchanged(body: dict[str, object], name: str, value: object) -> dict[str, object]:
        return {**body, name: value}

    def shortened(body: dict[str, object], name: str) -> dict[str, object]:
        return {key: value for key, value in body.items() if key != name}

    more = st.builds(exchanged, bodies, names, st.sampled_from(JUNK))
    return st.one_of(bodies, more, more, st.builds(shortened, bodies, names))


def explained(where: Literal["body", "query"], values: Mapping[str, object], *, accepted: bool) -> bool:
    """Whether a difference of verdicts is written down: some value has a row that says what the server says."""
    rows = [row for row in DIFFERENCES if row.where == where and (row.server == "accepts") == accepted]
    return any(row.applies(name, text) for row in rows for name, text in values.items() if isinstance(text, str))


def _operation(entity: Entity, action: str) -> Operation:
    return next(one for one in CONTRACT.operations if one.entity == entity.name and one.action == action)


def _request(operation: Operation, arguments: Mapping[str, str], body: object = None) -> MockRequest:
    return MockRequest(
        "https://yourdomain.com",
        operation.method,
        "/api" + operation.path.replace("{id}", "x"),
        args=dict(arguments),
        headers={"Authorization": "Bearer sk_live_x"},
        data=None if body is None else json.dumps(body).encode(),
    )


def _answer(status: int, body: object, headers: Mapping[str, str] = HEADERS) -> MockResponse:
    return MockResponse(json.dumps(body).encode(), status, dict(headers))


def _server_accepts(request: MockRequest, answer: MockResponse | None = None) -> bool:
    return not list(server().request_errors(request) if answer is None else server().response_errors(request, answer))


def _default_accepts(request: MockRequest, answer: MockResponse | None = None) -> bool:
    if answer is None:
        return next(iter(default().request_validator.iter_errors(request)), None) is None
    return next(iter(default().response_validator.iter_errors(request, answer)), None) is None


@pytest.mark.parametrize("action", ["create", "update"])
@pytest.mark.parametrize("entity", COVERED, ids=lambda entity: entity.name)
@compared()
@given(data=st.data())
def test_both_readings_judge_a_body_alike(entity: Entity, action: str, data: st.DataObject) -> None:
    operation = _operation(entity, action)
    body = data.draw(broken(strategies.bodies(entity, creating=action == "create"), entity))
    request = _request(operation, {}, body)
    served = _server_accepts(request)
    assert served == _default_accepts(request) or explained("body", body, accepted=served)


PARAMETERS: Mapping[str, st.SearchStrategy[str]] = {
    "page": st.sampled_from(["1", "0", "-1", "2147483647", "2147483648", "x", "", "1.0", "1_0", "+5", " 5", "٣"]),
    "limit": st.sampled_from(["1", "0", "100", "101", "x", "", "1e1", "007"]),
    "sort": st.sampled_from(["createdAt", "id", "nothing", "", "createdAt,id"]),
    "order": st.sampled_from(["asc", "desc", "ASC", "up", ""]),
    "fields": st.sampled_from(["id", "id,createdAt", "nothing", "id,nothing"]),
    "include": st.sampled_from(["orders", "assignee", "nothing"]),
    "startDate": st.sampled_from(["2025-01-31T10:30:00Z", "2025-01-31", "2025-01-31T10:30:00", "yesterday", ""]),
    "search": st.text(st.characters(codec="utf-8"), max_size=5),
    "unknown": st.just("x"),
}


@pytest.mark.parametrize("entity", COVERED, ids=lambda entity: entity.name)
@compared()
@given(arguments=st.fixed_dictionaries({}, optional=dict(PARAMETERS)))
def test_both_readings_judge_query_parameters_alike(entity: Entity, arguments: dict[str, str]) -> None:
    request = _request(_operation(entity, "list"), arguments)
    served = _server_accepts(request)
    assert served == _default_accepts(request) or explained("query", arguments, accepted=served)


def records(entity: Entity) -> st.SearchStrategy[dict[str, object]]:
    """Records as an answer shows them."""
    return st.fixed_dictionaries({field.name: strategies.values(field) for field in entity.fields})


@pytest.mark.parametrize("entity", COVERED, ids=lambda entity: entity.name)
@compared()
@given(data=st.data())
def test_both_readings_judge_an_answer_alike(entity: Entity, data: st.DataObject) -> None:
    record = data.draw(broken(records(entity), entity))
    request = _request(_operation(entity, "read"), {"fields": "id"})
    answer = _answer(200, {"success": True, "data": record})
    served = _server_accepts(request, answer)
    assert served == _default_accepts(request, answer) or explained("body", record, accepted=served)


@pytest.mark.parametrize("entity", COVERED, ids=lambda entity: entity.name)
@compared()
@given(data=st.data())
def test_both_readings_accept_a_right_answer(entity: Entity, data: st.DataObject) -> None:
    """Or the comparison above could be of two that refuse everything."""
    request = _request(_operation(entity, "read"), {})
    answer = _answer(200, {"success": True, "data": data.draw(records(entity))})
    assert list(server().response_errors(request, answer)) == []
    assert list(default().response_validator.iter_errors(request, answer)) == []


@compared()
@given(
    answer=st.fixed_dictionaries(
        {"success": st.booleans(), "error": st.sampled_from(["x", "", None])},
        optional={
            "code": st.sampled_from(["NOT_FOUND", "ENTITY_NOT_FOUND", "GONE", 404, None]),
            "details": st.sampled_from([{}, {"x": "y"}, {"x": 1}, [], None]),
            "more": st.just(1),
        },
    )
)
@example(answer={"success": False, "error": "x", "code": "NOT_FOUND"})
def test_both_readings_judge_an_error_alike(answer: dict[str, Any]) -> None:
    request, judged = _request(CONTRACT.operation("getTask"), {}), _answer(404, answer)
    assert _server_accepts(request, judged) == _default_accepts(request, judged)


@compared()
@given(
    name=st.sampled_from(["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id"]),
    value=st.sampled_from(["1", "0", "-1", "x", "", "1.5", None]),
)
def test_both_readings_judge_headers_alike(name: str, value: str | None) -> None:
    headers = {key: text for key, text in {**HEADERS, name: value}.items() if text is not None}
    request = _request(CONTRACT.operation("getTask"), {"fields": "id"})
    judged = _answer(200, {"success": True, "data": {"id": "x"}}, headers)
    assert _server_accepts(request, judged) == _default_accepts(request, judged)


def _reply(status: int, body: object, headers: Mapping[str, str] = HEADERS) -> Reply:
    told = Headers([("Content-Type", "application/json"), *headers.items()])
    content = json.dumps(body).encode()
    return Reply("x1", "GET", "https://yourdomain.com/api/v1/tasks/x", "key", status, told, content)


def _reason(came: Reply) -> str | None:
    """Why openapi-core refuses an answer, in the runner."""
    return documented.differences(came, CONTRACT, None, headers=True)[1]


@compared()
@given(data=st.data())
def test_what_compiled_schemas_accept_openapi_core_accepts(data: st.DataObject) -> None:
    tasks = ENTITIES[0]
    came = _reply(200, {"success": True, "data": data.draw(broken(records(tasks), tasks))})
    assert compiled.agrees(came, CONTRACT, headers=True) == (_reason(came) is None)


@compared()
@given(
    name=st.sampled_from(["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "Content-Type"]),
    value=st.sampled_from(["1", "0", "-1", "x", "", "1.5", "1, 1", "٣", str(2**31), "text/json", None]),
    status=st.sampled_from([200, 204, 404, 418]),
)
def test_headers_and_statuses_that_compiled_schemas_accept_openapi_core_accepts(
    name: str, value: str | None, status: int
) -> None:
    headers = {key: text for key, text in {**HEADERS, name: value}.items() if text is not None}
    body = {"success": True, "data": {"id": "x"}}
    came = _reply(status, body, headers)
    assert not compiled.agrees(came, CONTRACT, headers=True) or _reason(came) is None


@pytest.mark.parametrize("entity", CONTRACT.entities, ids=lambda entity: entity.name)
def test_the_runner_reads_from_options_what_the_contract_declares(entity: Entity) -> None:
    """Each entity as the server describes it, and as the runner builds it from that, is the contract's own."""
    found = described(entity.name, describe(entity, SCOPES, LIMIT), CONTRACT)
    assert found is not None
    assert found.notes == ()
    assert set(found.entity.operations) == set(entity.operations)
    assert replace(found.entity, operations=entity.operations) == entity


@pytest.mark.parametrize("entity", CONTRACT.entities, ids=lambda entity: entity.name)
def test_an_entity_that_only_options_describes_has_its_fields(entity: Entity, contract: Contract) -> None:
    """Under a name that the contract does not know, so that nothing can be added from there (O7)."""
    found = described("newcomers", describe(entity, SCOPES, LIMIT), contract)
    assert found is not None
    facts = [(field.name, field.type, field.required, field.generated, field.values) for field in entity.fields]
    assert [(one.name, one.type, one.required, one.generated, one.values) for one in found.entity.fields] == facts
    assert found.entity.relations == entity.relations
    assert set(found.entity.operations) == set(entity.operations)


@pytest.mark.parametrize("entity", COVERED, ids=lambda entity: entity.name)
@compared()
@given(data=st.data())
def test_what_the_strategies_draw_is_right_by_the_schema(entity: Entity, data: st.DataObject) -> None:
    """Or the comparisons above would be about broken bodies alone."""
    assert entity.create_schema is not None
    schema: Any = standalone(CONTRACT.document, entity.create_schema)
    body = data.draw(strategies.bodies(entity, creating=True))
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(body)
