"""What leaves the server: judged by the contract, named by a request id, and silent about the inside."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from uuid import RFC_4122, UUID

import pytest
from entity_contract import Contract
from entity_server.domain.problems import DatabaseError, ServiceUnavailable
from entity_server.faults import Fault
from entity_server.faults.fault import with_body, with_headers
from entity_server.http.fault import Acts
from entity_server.http.request_ids import new_request_id, request_id
from entity_server.http.services import Answer, Around, Call, Handler
from entity_server.store import Store

from server.tests.http.served_api import ROOMY, ServedApi, opened

pytestmark = pytest.mark.anyio
ID = "9f1c0a52-6d0e-4c39-8a43-0d9f8f0f2a11"
INSIDE = "SELECT secret FROM /var/lib/records"


async def _undocumented_status(call: Call, handler: Handler) -> Answer:
    return replace(await handler(call), status=299)


async def _missing_field(call: Call, handler: Handler) -> Answer:
    answer = await handler(call)
    return with_body(answer, data=[{"id": "tsk_1"}])


async def _wrong_type(call: Call, handler: Handler) -> Answer:
    return with_body(await handler(call), pagination={"page": "one"})


async def _missing_header(call: Call, handler: Handler) -> Answer:
    return with_headers(await handler(call), X_Total_Count=None)


async def _header_of_another_type(call: Call, handler: Handler) -> Answer:
    return with_headers(await handler(call), X_Page="first")


async def _no_json(call: Call, handler: Handler) -> Answer:
    return with_body(await handler(call), extra=object())


async def _lone_surrogate(call: Call, handler: Handler) -> Answer:
    return with_body(await handler(call), extra="\ud800")


async def _exception(_call: Call, _handler: Handler) -> Answer:
    raise RuntimeError(INSIDE)


@pytest.mark.parametrize(
    "bug",
    [
        _undocumented_status,
        _missing_field,
        _wrong_type,
        _missing_header,
        _header_of_another_type,
        _no_json,
        _lone_surrogate,
        _exception,
    ],
)
async def test_an_answer_that_breaks_the_contract_is_a_logged_500(
    contract: Contract,
    store: Store,
    credentials: Mapping[str, str],
    caplog: pytest.LogCaptureFixture,
    *,
    bug: Around,
) -> None:
    async with opened(contract, store, credentials, bug=bug) as api:
        answer = await api.send("GET", "/tasks", headers={"X-Request-ID": ID})

    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert answer.json()["error"] == f"Internal server error (request {ID})"
    assert answer.headers["X-RateLimit-Limit"] == "100000"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert ID in caplog.text
    assert INSIDE not in answer.text


async def test_fields_leave_out_what_they_may(contract: Contract, store: Store, credentials: Mapping[str, str]) -> None:
    async with opened(contract, store, credentials, bug=_missing_field) as api:
        answer = await api.send("GET", "/tasks?fields=id")

    assert answer.status_code == 200


async def test_with_a_fault_a_violating_answer_is_logged_and_sent(
    contract: Contract, store: Store, credentials: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    fault = Fault("test", breaks="", summary="", acts=Acts(around=_missing_field))
    async with opened(contract, store, credentials, faults=[fault]) as api:
        answer = await api.send("GET", "/tasks")

    assert (answer.status_code, answer.json()["data"]) == (200, [{"id": "tsk_1"}])
    assert "listTasks breaks the contract: body /data/0" in caplog.text


async def test_without_validation_nothing_is_judged(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with opened(contract, store, credentials, replace(ROOMY, validate=False), bug=_missing_field) as api:
        answer = await api.send("GET", "/tasks")

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [(DatabaseError, 500, "DATABASE_ERROR"), (ServiceUnavailable, 503, "SERVICE_UNAVAILABLE")],
)
async def test_a_problem_of_the_store_is_told_without_its_inside(
    contract: Contract,
    store: Store,
    credentials: Mapping[str, str],
    *,
    problem: type[DatabaseError] | type[ServiceUnavailable],
    status: int,
    code: str,
) -> None:
    async def bug(_call: Call, _handler: Handler) -> Answer:
        raise problem from RuntimeError(INSIDE)

    async with opened(contract, store, credentials, bug=bug) as api:
        answer = await api.send("GET", "/tasks")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert INSIDE not in answer.text


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (OSError("connection refused\nis it running?"), "connection refused is it running?"),
        (TimeoutError(), "TimeoutError"),
        (None, "no reason given"),
    ],
)
async def test_an_outage_is_one_line_of_the_log_for_each_request(
    contract: Contract,
    store: Store,
    credentials: Mapping[str, str],
    caplog: pytest.LogCaptureFixture,
    *,
    cause: Exception | None,
    told: str,
) -> None:
    async def bug(_call: Call, _handler: Handler) -> Answer:
        raise ServiceUnavailable from cause

    async with opened(contract, store, credentials, bug=bug) as api:
        await api.send("GET", "/tasks", headers={"X-Request-ID": ID})

    assert [(record.getMessage(), record.exc_info) for record in caplog.records] == [
        (f"request {ID}: SERVICE_UNAVAILABLE: {told}", None)
    ]


@pytest.mark.parametrize(("path", "credential"), [("/tasks", "key"), ("/tasks", None), ("/api/health", None)])
async def test_every_answer_tells_the_servers_time(api: ServedApi, path: str, credential: str | None) -> None:
    answer = await api.send("GET", path, credential=credential)

    assert answer.headers["Date"] == "Sun, 01 Jun 2025 12:00:00 GMT"


@pytest.mark.parametrize("sent", [ID, "x", "!" * 128, "order-7:retry/2"])
async def test_a_fit_request_id_is_echoed(api: ServedApi, sent: str) -> None:
    answer = await api.send("GET", "/tasks", headers={"X-Request-ID": sent})

    assert answer.headers["X-Request-ID"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, "é"])
def test_an_unfit_request_id_is_replaced(sent: str) -> None:
    assert request_id([sent], new=lambda: "new") == "new"


def test_two_request_ids_are_replaced() -> None:
    assert request_id(["a", "b"], new=lambda: "new") == "new"


async def test_every_answer_has_a_request_id_of_its_own(api: ServedApi) -> None:
    answers = [
        await api.send("GET", path, credential=credential)
        for path in ("/tasks", "/nothing", "/api/health", "/api/nothing", "/")
        for credential in ("key", None)
    ]

    assert len({UUID(answer.headers["X-Request-ID"]) for answer in answers}) == len(answers)


async def test_language_and_version_change_nothing(api: ServedApi) -> None:
    headers = {"Accept-Language": "de", "X-API-Version": "v9"}

    answer = await api.send("GET", "/tasks?page=0", headers=headers)

    assert answer.json()["code"] == "VALIDATION_FAILED"


async def test_outside_of_the_api_and_its_documentation_there_is_nothing(api: ServedApi) -> None:
    answer = await api.client.get("/elsewhere")

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_new_id_is_a_random_uuid() -> None:
    made = {new_request_id() for _ in range(200)}

    assert len(made) == 200
    assert {(UUID(one).version, UUID(one).variant, str(UUID(one)) == one) for one in made} == {(4, RFC_4122, True)}
