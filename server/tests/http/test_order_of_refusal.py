"""A1: "401, 429, unknown path or entity 404, 405, 403, missing record 404, body 400/413/422".

Each request has the fault of its row and of every row below it; the first one answers.
"""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from entity_contract import Contract
from entity_server.http.serving import LARGEST_BODY
from entity_server.store import Store

from server.tests.http.served_api import NO_ID, ROOMY, ServedApi, opened

pytestmark = pytest.mark.anyio
TOO_LARGE = b" " * (LARGEST_BODY + 1)


async def test_without_credentials_nothing_else_matters(api: ServedApi) -> None:
    answer = await api.send("BREW", "/nothing", credential=None, content=TOO_LARGE)

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


async def test_a_spent_limit_comes_before_an_unknown_entity(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with opened(contract, store, credentials, replace(ROOMY, key_limit="1/hour")) as api:
        await api.send("GET", "/tasks")

        answer = await api.send("PUT", "/nothing")

    assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMIT_EXCEEDED")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS", "TRACE"])
async def test_an_unknown_entity_comes_before_the_method_and_the_scope(api: ServedApi, method: str) -> None:
    answer = await api.send(method, "/nothing", credential="delete")

    assert (answer.status_code, answer.json()["code"]) == (404, "ENTITY_NOT_FOUND")


@pytest.mark.parametrize(
    "path", ["/tasks/a/b", "/tasks/", "/keys/a/b", "/ai", "/ai/nothing", "/", "/api/nothing", "/api/v1"]
)
async def test_an_unknown_path_comes_before_the_method(api: ServedApi, path: str) -> None:
    answer = await api.send("PUT", path, credential="delete")

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_method_that_the_path_lacks_comes_before_the_scope(api: ServedApi) -> None:
    answer = await api.send("PUT", f"/tasks/{NO_ID}", credential="delete", content=TOO_LARGE)

    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, HEAD, PATCH, DELETE"


async def test_a_missing_scope_comes_before_a_missing_record(api: ServedApi) -> None:
    answer = await api.send("PATCH", f"/tasks/{NO_ID}", credential="read", content=TOO_LARGE)

    assert (answer.status_code, answer.json()["code"]) == (403, "INVALID_SCOPE")


async def test_a_missing_record_comes_before_its_body(api: ServedApi) -> None:
    answer = await api.send("PATCH", f"/tasks/{NO_ID}", content=TOO_LARGE)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_another_users_record_is_missing_before_its_body(api: ServedApi) -> None:
    record = await api.created("/tasks", title="Mine")

    answer = await api.send("PATCH", f"/tasks/{record}", credential="other", json={"title": 1})

    assert answer.status_code == 404


async def test_a_body_above_the_documented_size_is_too_large(api: ServedApi) -> None:
    answer = await api.send("POST", "/tasks", content=TOO_LARGE)

    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
