"""What the metrics tell of requests; read as Prometheus reads them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import entity_contract as facts
import httpx
import pytest
from entity_server.app import compose, create_app, gateway
from entity_server.http.gateway import Gateway
from entity_server.http.services import Answer, Call, Handler
from entity_server.metrics import Measured, Meters, measured
from entity_server.settings import Settings
from entity_server.store import Store, open_store
from prometheus_client.parser import text_string_to_metric_families

from server.tests.http.served_api import NO_ID, ROOMY, START, Clock, ServedApi, lifespan, populated

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Kept:
    """A store and credentials for it."""

    store: Store
    credentials: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scraped:
    """A server whose metrics are read."""

    api: ServedApi
    meters: Meters

    async def page(self) -> str:
        _, page = await self.meters.page()
        return page.decode()

    async def value(self, name: str, **labels: str) -> float:
        """A sample's value, 0 where there is none yet."""
        families = text_string_to_metric_families(await self.page())
        samples = (sample for family in families for sample in family.samples)
        found = [one.value for one in samples if one.name == f"reference_server_{name}" and one.labels == labels]
        return float(found[0]) if found else 0.0


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def kept() -> AsyncIterator[Kept]:
    store = await open_store("sqlite://:memory:", facts.load())
    yield Kept(store, await populated(store, START))
    await store.close()


@pytest.fixture
async def scraped(kept: Kept) -> AsyncIterator[Scraped]:
    async with scraping(kept) as served:
        yield served


@asynccontextmanager
async def scraping(kept: Kept, settings: Settings = ROOMY, *, wrong: bool = False) -> AsyncIterator[Scraped]:
    clock, meters = Clock(), Meters()
    services = compose(facts.load(), kept.store, settings, clock=clock)
    counted = measured(services, meters)
    answering = Gateway(counted, around=(nonsense,)) if wrong else gateway(counted)
    app = create_app(services, answering=Measured(answering, services, meters))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with lifespan(app), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Scraped(ServedApi(client, clock, kept.store, kept.credentials), meters)


async def nonsense(call: Call, handler: Handler) -> Answer:
    return replace(await handler(call), body={"success": 5})


@pytest.mark.parametrize(
    ("method", "path", "operation", "status"),
    [
        ("GET", "/tasks", "listTasks", "200"),
        ("HEAD", "/tasks", "listTasks", "200"),
        ("GET", "/tasks?page=0", "listTasks", "400"),
        ("GET", f"/tasks/{NO_ID}", "getTask", "404"),
        ("GET", "/nothing/at/all", "none", "404"),
        ("PUT", "/tasks", "none", "405"),
        ("GET", "/api/health", "getHealth", "200"),
    ],
)
async def test_requests_are_counted_by_operation_and_status(
    scraped: Scraped, method: str, path: str, operation: str, status: str
) -> None:
    for _ in range(3):
        await scraped.api.send(method, path)

    assert await scraped.value("requests_total", operation=operation, status=status) == 3
    assert await scraped.value("request_seconds_count", operation=operation) == 3


async def test_the_latency_is_that_of_the_answer(scraped: Scraped) -> None:
    await scraped.api.send("GET", "/tasks")

    assert 0 < await scraped.value("request_seconds_sum", operation="listTasks") < 5
    assert await scraped.value("request_seconds_bucket", operation="listTasks", le="+Inf") == 1


async def test_reading_and_judging_is_timed(scraped: Scraped) -> None:
    await scraped.api.created("/tasks", title="timed")
    await scraped.api.send("GET", "/nothing")

    assert await scraped.value("validation_seconds_count", of="query") == 1
    assert await scraped.value("validation_seconds_count", of="body") == 1
    assert await scraped.value("validation_seconds_count", of="answer") == 2
    assert await scraped.value("validation_seconds_sum", of="answer") > 0


async def test_a_body_that_is_refused_is_timed_too(scraped: Scraped) -> None:
    await scraped.api.send("POST", "/tasks", json={})

    assert await scraped.value("validation_seconds_count", of="body") == 1


async def test_a_right_server_violates_nothing(scraped: Scraped) -> None:
    await scraped.api.send("GET", "/tasks")

    assert await scraped.value("contract_violations_total", operation="listTasks") == 0


async def test_violations_are_counted_by_operation(kept: Kept) -> None:
    async with scraping(kept, wrong=True) as scraped:
        answer = await scraped.api.send("GET", "/tasks")

        assert answer.status_code == 500
        assert await scraped.value("contract_violations_total", operation="listTasks") >= 1
        assert await scraped.value("contract_violations_total", operation="getTask") == 0


async def test_limits_that_are_hit_are_counted_by_credential(kept: Kept) -> None:
    async with scraping(kept, Settings(key_limit="2/hour", session_limit="1/hour")) as scraped:
        for _ in range(5):
            await scraped.api.send("GET", "/tasks")
        for _ in range(2):
            await scraped.api.send("GET", "/tasks", credential="session")

        assert await scraped.value("limits_hit_total", credential="key") == 3
        assert await scraped.value("limits_hit_total", credential="session") == 1


async def test_gauges_are_read_when_they_are_asked_for(scraped: Scraped) -> None:
    values = [2.0]
    scraped.meters.gauge("things_in_use", "Things.", lambda: values[0])
    values[0] = 7.0

    assert await scraped.value("things_in_use") == 7.0


async def test_no_request_makes_the_labels_grow(scraped: Scraped) -> None:
    before = await scraped.page()
    await scraped.api.send("GET", "/tasks/one")
    after_one = await scraped.page()
    for number in range(50):
        await scraped.api.send("GET", f"/tasks/{number}")
    after_many = await scraped.page()

    assert after_one.count("\n") > before.count("\n")
    assert after_many.count("\n") == after_one.count("\n")
