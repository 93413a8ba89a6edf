import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest
from entity_contract import Contract
from entity_server.domain.generation import Generation, generated
from entity_server.domain.problems import ServiceUnavailable
from entity_server.faults import Fault
from entity_server.http.fault import Acts
from entity_server.http.services import Services
from entity_server.store import Store

from server.tests.http.served_api import NO_ID, ServedApi, opened

pytestmark = pytest.mark.anyio
NEW_KEY = {"name": "Mobile app", "scopes": ["write", "read"], "expiresAt": "2025-06-02T00:00:00Z"}


async def _no_store() -> None:
    raise ServiceUnavailable


async def test_health_is_outside_of_v1_and_for_everybody(api: ServedApi) -> None:
    answer = await api.send("GET", "/api/health", credential=None)

    assert answer.status_code == 200
    assert answer.json() == {"status": "healthy", "version": "1.0.0", "timestamp": "2025-06-01T12:00:00.000Z"}


async def test_health_says_so_when_the_store_cannot_be_reached(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    def unreachable(services: Services) -> Services:
        return replace(services, ping=_no_store)

    fault = Fault("test", breaks="", summary="", acts=Acts(services=unreachable))
    async with opened(contract, store, credentials, faults=[fault]) as api:
        answer = await api.send("GET", "/api/health", credential=None)

    assert (answer.status_code, answer.json()["status"], answer.headers["Retry-After"]) == (503, "unhealthy", "1")


async def test_health_takes_no_other_method(api: ServedApi) -> None:
    answer = await api.send("POST", "/api/health", credential=None)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


async def test_a_key_is_whole_once_and_masked_ever_after(api: ServedApi) -> None:
    api.clock.pass_by(seconds=1)
    created = await api.send("POST", "/keys", credential="session", json=NEW_KEY)
    listed = await api.send("GET", "/keys", credential="session")

    key = created.json()["data"]["key"]
    shown = listed.json()["data"][0]
    assert created.status_code == 201
    assert created.json()["warning"] == "Save this key securely. It will not be shown again."
    assert (len(key), key[:8]) == (48, "sk_live_")
    assert (shown["id"], shown["key"], shown["scopes"]) == (
        created.json()["data"]["id"],
        f"{key[:14]}...",
        ["read", "write"],
    )
    assert key not in listed.text


async def test_a_new_key_works_until_it_expires(api: ServedApi) -> None:
    created = await api.send("POST", "/keys", credential="session", json=NEW_KEY)
    headers = {"Authorization": f"Bearer {created.json()['data']['key']}"}
    before = await api.client.get("/api/v1/tasks", headers=headers)
    api.clock.pass_by(days=1)

    after = await api.client.get("/api/v1/tasks", headers=headers)

    assert (before.status_code, after.status_code, after.json()["code"]) == (200, 401, "EXPIRED_KEY")


async def test_a_revoked_key_is_unknown_at_once(api: ServedApi) -> None:
    created = (await api.send("POST", "/keys", credential="session", json=NEW_KEY)).json()["data"]
    revoked = await api.send("DELETE", f"/keys/{created['id']}", credential="session")

    answer = await api.client.get("/api/v1/tasks", headers={"Authorization": f"Bearer {created['key']}"})

    assert (revoked.status_code, revoked.json()["message"]) == (200, "API key revoked successfully")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    again = await api.send("DELETE", f"/keys/{created['id']}", credential="session")
    assert (again.status_code, again.json()["code"]) == (404, "NOT_FOUND")


async def test_the_use_of_a_key_is_noted(api: ServedApi) -> None:
    await api.send("GET", "/tasks", credential="read")

    listed = await api.send("GET", "/keys", credential="session")

    (read,) = [key for key in listed.json()["data"] if key["name"] == "read"]
    assert read["lastUsedAt"] == "2025-06-01T12:00:00.000Z"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["read"]}, "name"),
        ({"name": 5, "scopes": ["read"]}, "name"),
        ({"name": " ", "scopes": ["read"]}, "name"),
        ({"name": "x" * 101, "scopes": ["read"]}, "name"),
        ({"name": "x"}, "scopes"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["admin"]}, "scopes"),
        ({"name": "x", "scopes": "read"}, "scopes"),
        ({"name": "x", "scopes": ["read"], "expiresAt": "soon"}, "expiresAt"),
        ({"name": "x", "scopes": ["read"], "expiresAt": "2025-05-31T00:00:00Z"}, "expiresAt"),
        ({"name": "x", "scopes": ["read"], "key": "mine"}, "key"),
    ],
)
async def test_a_bad_key_request_names_its_field(api: ServedApi, body: dict[str, object], field: str) -> None:
    answer = await api.send("POST", "/keys", credential="session", json=body)

    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/keys"), ("POST", "/keys"), ("DELETE", f"/keys/{NO_ID}"), ("PUT", "/keys")]
)
async def test_keys_are_for_sessions_only(api: ServedApi, method: str, path: str) -> None:
    answer = await api.send(method, path, credential="key")

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


async def test_on_keys_a_session_counts_beside_any_key(api: ServedApi) -> None:
    answer = await api.send("GET", "/keys", credential="session", headers=api.authentication("unknown"))

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/keys", "/keys/x", "/ai/generate"])
async def test_reserved_names_are_no_entities(api: ServedApi, path: str) -> None:
    answer = await api.send("PATCH", path, credential="session")

    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


async def test_generated_text_is_paid_with_credits(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with opened(contract, store, credentials) as api:
        before = await store.credits.balance(api.owner)

        answer = await api.send("POST", "/ai/generate", json={"prompt": "one two three", "maxTokens": 4})

    assert answer.json()["data"] == {"text": "one two three one", "tokensUsed": 4, "model": "local-echo-1"}
    assert await store.credits.balance(api.owner) == before - 4


async def test_spent_credits_are_refused_and_never_overdrawn(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with opened(contract, store, credentials) as api:
        assert await store.credits.spend(api.other, await store.credits.balance(api.other) - 10)

        answers = await asyncio.gather(
            *(api.send("POST", "/ai/generate", credential="other", json={"prompt": "a b c"}) for _ in range(4))
        )

    assert sorted(answer.status_code for answer in answers) == [200, 200, 402, 402]
    assert {answer.json().get("code") for answer in answers} == {None, "INSUFFICIENT_CREDITS"}
    assert await store.credits.balance(api.other) == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "a\0b"}, "prompt"),
        ({"prompt": "x", "temperature": 1.1}, "temperature"),
        ({"prompt": "x", "maxTokens": 0}, "maxTokens"),
        ({"prompt": "x", "maxTokens": 4097}, "maxTokens"),
    ],
)
async def test_a_bad_prompt_is_refused(api: ServedApi, body: dict[str, object], field: str) -> None:
    answer = await api.send("POST", "/ai/generate", json=body)

    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])


async def test_generating_needs_the_scope_to_write(api: ServedApi) -> None:
    answer = await api.send("POST", "/ai/generate", credential="read", json={"prompt": "x"})

    assert answer.status_code == 403


def test_a_higher_temperature_talks_more_within_the_limit() -> None:
    assert generated(Generation("a b c d", 100, 0)).tokens == 4
    assert generated(Generation("a b c d", 100, 1)).tokens == 8
    assert generated(Generation("a b c d", 3, 1)).tokens == 3
