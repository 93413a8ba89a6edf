"""What a variant refuses has the headers and the body that the served document describes, and nothing is logged."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

import entity_contract as facts
import httpx
import pytest
from entity_server.app import compose, gateway, utc_now
from entity_server.demo import seed
from entity_server.http.gateway import Gateway
from entity_server.settings import Settings
from entity_server.store import open_store
from entity_server.testing.transport import answered
from entity_server.variants.choosing import chosen

pytestmark = pytest.mark.anyio

LIMITS = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def served() -> AsyncIterator[tuple[Callable[[str], Gateway], str]]:
    """The gateway of a demo server with these choices, and a key of its."""
    contract = facts.load()
    store = await open_store("sqlite://:memory:", contract)
    services = compose(contract, store, Settings())
    credentials = await seed(store, contract, services.compiled, utc_now())

    def with_choices(choices: str) -> Gateway:
        return gateway(services, [act for one in chosen(choices).variants for act in one.acts])

    yield with_choices, credentials["apiKey"]
    await store.close()


@dataclass(frozen=True, slots=True)
class Refused:
    """A request, and its refusal."""

    choices: str
    method: str
    path: str
    status: int
    code: str
    headers: Mapping[str, str] = field(default_factory=dict)


V2 = {"X-API-Version": "v2"}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "one",
    [
        Refused("E11=refused", "GET", "/tasks", 400, "VALIDATION_FAILED", V2),
        Refused("E11=refused", "OPTIONS", "/tasks", 400, "VALIDATION_FAILED", V2),
        Refused("E13.body-without-one=400", "POST", "/tasks", 400, "VALIDATION_FAILED"),
        Refused("E13.body-without-one=415", "PATCH", "/tasks/tsk_demo_checkout", 415, "UNSUPPORTED_MEDIA_TYPE"),
        Refused("E13.body-without-one=422", "POST", "/ai/generate", 422, "UNPROCESSABLE_ENTITY"),
        Refused("E10.capability=404", "POST", "/ai/generate", 404, "NOT_FOUND", JSON),
        Refused("E10.capability=405", "POST", "/ai/generate", 405, "METHOD_NOT_ALLOWED", JSON),
        Refused("E10.capability=501", "POST", "/ai/generate", 501, "NOT_IMPLEMENTED", JSON),
    ],
    ids=lambda one: f"{one.choices} {one.method}",
)
async def test_a_refusal_is_one_of_the_documented_kind(
    served: tuple[Callable[[str], Gateway], str], caplog: pytest.LogCaptureFixture, one: Refused
) -> None:
    with_choices, key = served
    headers = {"Authorization": f"Bearer {key}", **one.headers}
    body = b'{"title": "New", "prompt": "Hello"}'
    request = httpx.Request(one.method, f"http://server/api/v1{one.path}", headers=headers, content=body)

    answer = await answered(with_choices(one.choices), request, body)

    told = json.loads(await answer.aread())
    assert (answer.status_code, told["success"], told["code"], "data" in told) == (one.status, False, one.code, False)
    assert {name.lower() for name in LIMITS} <= {name.lower() for name in answer.headers}
    assert ("Allow" in answer.headers) == (one.status == 405)
    assert caplog.messages == []


async def test_who_sends_another_version_is_asked_first(served: tuple[Callable[[str], Gateway], str]) -> None:
    with_choices, _ = served
    request = httpx.Request("GET", "http://server/api/v1/tasks", headers={"X-API-Version": "v2"})

    answer = await answered(with_choices("E11=refused"), request, b"")

    assert (answer.status_code, json.loads(await answer.aread())["code"]) == (401, "UNAUTHORIZED")
