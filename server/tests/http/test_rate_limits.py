from collections.abc import Mapping
from dataclasses import replace

import pytest
from entity_contract import Contract
from entity_server.store import Store

from server.tests.http.served_api import NO_ID, ROOMY, START, ServedApi, opened

pytestmark = pytest.mark.anyio
LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/tasks", 200),
        ("GET", "/tasks?page=0", 400),
        ("GET", f"/tasks/{NO_ID}", 404),
        ("GET", "/nothing", 404),
        ("GET", "/a/b/c", 404),
        ("GET", "/api/nothing", 404),
        ("PUT", "/tasks", 405),
        ("OPTIONS", "/tasks", 200),
    ],
)
async def test_every_authenticated_answer_tells_the_limit(api: ServedApi, method: str, path: str, status: int) -> None:
    answer = await api.send(method, path)

    assert answer.status_code == status
    assert [answer.headers[name] for name in LIMITS] == ["100000", "99999", str(int(START.timestamp()) + 3600)]


async def test_a_spent_key_is_refused_until_its_window_is_over(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with opened(contract, store, credentials, replace(ROOMY, key_limit="2/30s")) as api:
        await api.send("GET", "/tasks")
        api.clock.pass_by(seconds=10)
        last = await api.send("GET", "/tasks")
        refused = await api.send("GET", "/tasks")
        api.clock.pass_by(seconds=20)
        after = await api.send("GET", "/tasks")

    assert (last.status_code, last.headers["X-RateLimit-Remaining"]) == (200, "0")
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"], refused.headers["Retry-After"]) == (
        429,
        "0",
        "20",
    )
    assert (after.status_code, after.headers["X-RateLimit-Remaining"]) == (200, "1")


async def test_keys_are_counted_apart_and_sessions_by_user(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with opened(contract, store, credentials, replace(ROOMY, key_limit="9/hour", session_limit="5/hour")) as api:
        await api.send("GET", "/tasks", credential="key")
        other_key = await api.send("GET", "/tasks", credential="read")
        session = await api.send("GET", "/tasks", credential="session")

    assert other_key.headers["X-RateLimit-Remaining"] == "8"
    assert (session.headers["X-RateLimit-Limit"], session.headers["X-RateLimit-Remaining"]) == ("5", "4")


async def test_the_limit_is_the_one_that_options_tells(api: ServedApi) -> None:
    answer = await api.send("OPTIONS", "/tasks", credential="session")

    assert answer.json()["data"]["rateLimit"] == {"limit": 100000, "window": "1h"}


async def test_health_is_never_limited(contract: Contract, store: Store, credentials: Mapping[str, str]) -> None:
    async with opened(contract, store, credentials, replace(ROOMY, key_limit="1/hour")) as api:
        answers = [await api.send("GET", "/api/health") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "X-RateLimit-Limit" not in answers[0].headers
