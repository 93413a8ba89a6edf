"""Pages on other origins: what their browsers are told."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import httpx
import pytest
from entity_contract import Contract
from entity_server.app import compose, create_app, served
from entity_server.http.cors import origin
from entity_server.http.operations import CompiledContract
from entity_server.running import listening
from entity_server.store import Store

from server.tests.http.served_api import ROOMY

pytestmark = pytest.mark.anyio
SHOP, ADMIN = "http://localhost:3000", "https://admin.example.com"
PREFLIGHT = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"}
EXPOSED = {
    "X-Total-Count", "X-Page", "X-Per-Page", "Link", "X-RateLimit-Limit", "X-RateLimit-Remaining",
    "X-RateLimit-Reset", "X-Request-ID", "Retry-After", "Preference-Applied",
}  # fmt: skip
ASKED = [
    ("GET", "/api/v1/tasks", 200),
    ("HEAD", "/api/v1/tasks", 200),
    ("GET", "/api/health", 200),
    ("GET", "/api/v1/tasks/tsk_nothing", 404),
    ("GET", "/api/v1/gadgets", 404),
    ("GET", "/somewhere", 404),
    ("PUT", "/api/v1/tasks", 405),
    ("POST", "/api/v1/tasks", 400),
    ("OPTIONS", "/api/v1/tasks", 200),
    ("GET", "/docs", 200),
    ("GET", "/openapi.json", 200),
    ("POST", "/docs", 405),
]


@pytest.fixture
async def client(
    request: pytest.FixtureRequest,
    contract: Contract,
    compiled: CompiledContract,
    store: Store,
    credentials: Mapping[str, str],
) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key, of a server that lets those origins in."""
    settings = replace(ROOMY, cors=getattr(request, "param", (SHOP, ADMIN)))
    key = {"Authorization": f"Bearer {credentials['key']}"}
    with listening("127.0.0.1", 0) as sock:
        app = create_app(compose(contract, store, settings, compiled=compiled), origins=settings.cors)
        async with served(app, sock), httpx.AsyncClient(headers=key) as client:
            client.base_url = httpx.URL(f"http://127.0.0.1:{sock.getsockname()[1]}")
            yield client


def _cors(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("asking", [SHOP, ADMIN])
async def test_an_origin_that_is_let_in_is_echoed_on_every_answer(client: httpx.AsyncClient, asking: str) -> None:
    for method, path, status in ASKED:
        answer = await client.request(method, path, headers={"Origin": asking})

        told = _cors(answer)
        exposed = set(told.pop("access-control-expose-headers").split(", "))
        assert (method, path, answer.status_code, answer.headers["Vary"]) == (method, path, status, "Origin")
        assert told == {"access-control-allow-origin": asking, "access-control-allow-credentials": "true"}
        assert exposed >= EXPOSED


@pytest.mark.parametrize("asking", ["http://localhost:3001", "http://LOCALHOST:3000", "null", "", None])
async def test_another_origin_gets_no_cors_header(client: httpx.AsyncClient, asking: str | None) -> None:
    for method, path, status in ASKED:
        answer = await client.request(method, path, headers={} if asking is None else {"Origin": asking})

        told = (answer.status_code, _cors(answer), answer.headers["Vary"])
        assert (method, path, *told) == (method, path, status, {}, "Origin")


@pytest.mark.parametrize("client", [("*",)], indirect=True)
async def test_any_origin_is_a_star_without_credentials(client: httpx.AsyncClient) -> None:
    for method, path, status in ASKED:
        answer = await client.request(method, path, headers={"Origin": SHOP})

        told = _cors(answer)
        assert (method, path, answer.status_code) == (method, path, status)
        assert told["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in told
        assert set(told["access-control-expose-headers"].split(", ")) >= EXPOSED


@pytest.mark.parametrize("path", ["/api/v1/tasks/x", "/api/v1/gadgets", "/api/v1/a/b/c", "/nowhere", "/openapi.json"])
async def test_a_preflight_is_answered_for_any_path_without_credentials(client: httpx.AsyncClient, path: str) -> None:
    client.headers.pop("Authorization")

    answer = await client.options(path, headers={"Origin": SHOP, **PREFLIGHT})

    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["Access-Control-Allow-Headers"].split(", ")) == {
        "Authorization", "Content-Type", "X-Request-ID", "Accept-Language", "X-API-Version", "Prefer",
    }  # fmt: skip
    assert set(answer.headers["Access-Control-Allow-Methods"].split(", ")) >= {"GET", "HEAD", "POST", "PATCH", "DELETE"}
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert "X-Request-ID" in answer.headers


async def test_a_preflight_of_another_origin_is_told_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.options("/api/v1/tasks", headers={"Origin": "http://evil.example", **PREFLIGHT})

    assert (answer.status_code, _cors(answer)) == (204, {})


async def test_a_page_may_read_what_is_no_request(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/tasks", headers={"Origin": SHOP, "X-Long": "x" * 70_000})

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (400, SHOP)


async def test_a_page_may_read_that_a_host_is_missing(client: httpx.AsyncClient) -> None:
    port = client.base_url.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /api/health HTTP/1.1\r\nOrigin: http://localhost:3000\r\nConnection: close\r\n\r\n")

    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"access-control-allow-origin: http://localhost:3000\r\n" in answer.lower()


@pytest.mark.parametrize("client", [()], indirect=True)
async def test_without_the_option_there_is_no_word_of_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/tasks", headers={"Origin": SHOP})

    assert (_cors(answer), "Vary" in answer.headers) == ({}, False)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("*", "*"),
        ("null", "null"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("HTTPS://Shop.Example.COM:443", "https://shop.example.com"),
        ("http://[::1]:5173", "http://[::1]:5173"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:080", "http://localhost"),
        ("http://localhost:08000", "http://localhost:8000"),
    ],
)
def test_an_origin_is_spelled_as_browsers_do(written: str, read: str) -> None:
    assert origin(written) == read


@pytest.mark.parametrize(
    "written",
    ["localhost:3000", "http://localhost:3000/", "http://a b", "", "https://*.x.org", "http://localhost:65536"],
)
def test_what_is_no_origin_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no origin; write one like http://localhost:3000"):
        origin(written)
