"""The documentation at a real socket, beside an API that it knows nothing of."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import entity_contract as facts
import httpx
import pytest
import yaml
from entity_contract import Contract
from entity_server.app import compose, create_app, served
from entity_server.faults import Fault
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call
from entity_server.running import listening
from entity_server.store import Store

from server.tests.http.served_api import ROOMY, START

pytestmark = pytest.mark.anyio
SWAGGER_UI = files("entity_server.http.docs") / "swagger_ui"
LOADED = {
    "/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui.css": "text/css; charset=utf-8",
    "/docs/favicon-32x32.png": "image/png",
    "/docs/page.js": "text/javascript; charset=utf-8",
    "/docs/page.css": "text/css; charset=utf-8",
}
MEDIA_TYPES = {
    "/docs": "text/html; charset=utf-8",
    "/docs/": "text/html; charset=utf-8",
    "/openapi.yaml": "application/yaml",
    "/openapi.json": "application/json",
    **LOADED,
}
HOSTILE = ['evil"}], "x": [{"', "<script>alert(1)</script>", "a b", "evil.example/x?", "evil.example:99999"]


@asynccontextmanager
async def _client(contract: Contract, store: Store, *faults: Fault) -> AsyncIterator[httpx.AsyncClient]:
    with listening("127.0.0.1", 0) as sock:
        async with (
            served(create_app(compose(contract, store, ROOMY, clock=lambda: START), faults), sock),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{sock.getsockname()[1]}") as client,
        ):
            yield client


@pytest.fixture(scope="module")
async def client(contract: Contract, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(contract, store) as client:
        yield client


def _parsed(text: bytes) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _own(client: httpx.AsyncClient) -> dict[str, str]:
    return {"url": f"http://127.0.0.1:{client.base_url.port}/api", "description": "This server"}


@pytest.mark.parametrize(("path", "media_type"), MEDIA_TYPES.items())
async def test_everything_is_there_for_everybody(client: httpx.AsyncClient, path: str, media_type: str) -> None:
    answer = await client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["date"] == "Sun, 01 Jun 2025 12:00:00 GMT"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
    assert answer.content


async def test_the_root_leads_to_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")

    assert (answer.status_code, answer.headers["location"]) == (302, "/docs")


async def test_the_page_is_the_same_with_a_slash_behind_it(client: httpx.AsyncClient) -> None:
    assert (await client.get("/docs")).content == (await client.get("/docs/")).content


async def test_the_page_loads_what_is_served_and_nothing_else(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text

    assert set(re.findall(r'(?:src|rel="(?:stylesheet|icon)"[^>]* href)="([^"]+)"', page)) == LOADED.keys()
    assert "//" not in page.replace("<!DOCTYPE html>", "")
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", page)


async def test_the_page_may_speak_to_its_own_server_alone(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/docs")).headers["content-security-policy"]

    assert policy.split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]


async def test_the_page_has_the_contract_s_title_and_no_markup_of_it(contract: Contract, store: Store) -> None:
    document: Any = {**contract.document, "info": {"title": "Shop </title><script>1</script>", "version": "1"}}

    async with _client(replace(contract, document=document), store) as client:
        page = (await client.get("/docs")).text

    assert "<title>Shop &lt;/title&gt;&lt;script&gt;1&lt;/script&gt;</title>" in page


async def test_both_documents_are_the_contract_with_this_server_first(
    contract: Contract, client: httpx.AsyncClient
) -> None:
    as_yaml = _parsed((await client.get("/openapi.yaml")).content)
    as_json = (await client.get("/openapi.json")).json()

    assert as_yaml == as_json
    assert as_json["servers"][0] == _own(client)
    assert {**as_json, "servers": as_json["servers"][1:]} == contract.document


async def test_the_server_is_named_as_the_client_names_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json", headers={"Host": "api.example.com:8080"})

    assert answer.json()["servers"][0]["url"] == "http://api.example.com:8080/api"


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"])
async def test_a_proxy_that_nobody_configured_is_not_believed(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get("/openapi.json", headers={name: "https", "X-Forwarded-For": "10.0.0.1"})

    assert answer.json()["servers"][0] == _own(client)


@pytest.mark.parametrize("host", HOSTILE)
async def test_a_hostile_host_gets_into_no_document(client: httpx.AsyncClient, host: str) -> None:
    as_yaml = _parsed((await client.get("/openapi.yaml", headers={"Host": host})).content)
    as_json = (await client.get("/openapi.json", headers={"Host": host})).json()

    assert as_yaml == as_json
    assert as_json["servers"][0] == _own(client)


@pytest.mark.parametrize("host", HOSTILE)
async def test_the_page_does_not_depend_on_who_asks(client: httpx.AsyncClient, host: str) -> None:
    usual, hostile = await client.get("/docs"), await client.get("/docs", headers={"Host": host})

    assert usual.content == hostile.content


@pytest.mark.parametrize("path", MEDIA_TYPES)
async def test_a_browser_asks_again_and_is_told_that_nothing_changed(client: httpx.AsyncClient, path: str) -> None:
    first = await client.get(path)

    again = await client.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    other = await client.get(path, headers={"If-None-Match": '"other"'})

    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.yaml"])
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "DELETE"])
async def test_it_is_only_read(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path, content=b"{}")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_the_head_of_it_is_given_alone(client: httpx.AsyncClient) -> None:
    whole, head = await client.get("/docs"), await client.head("/docs")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize(
    "path", ["/docs/x", "/docs//", "/docs/%2e%2e/openapi.yaml", "/openapi", "/docs/index.html", "/x"]
)
async def test_any_other_path_is_answered_as_before(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.send(client.build_request("GET", client.base_url.copy_with(raw_path=path.encode())))

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_no_fault_touches_it(contract: Contract, store: Store) -> None:
    def broken(_: Call | None, __: Answer) -> Answer:
        return Answer(500, {"broken": True}, {})

    async with _client(contract, store, Fault("test", breaks="", summary="", acts=Acts(outgoing=broken))) as client:
        statuses = [(await client.get(path)).status_code for path in ("/docs", "/openapi.json", "/api/health")]

    assert statuses == [200, 200, 500]


async def test_a_contract_of_one_s_own_is_the_one_that_is_served(
    contract: Contract, store: Store, tmp_path: Path
) -> None:
    assert contract.text is not None
    file = tmp_path / "other.yaml"
    file.write_text("# ours\n" + contract.text.replace("title: v1 Entity API", "title: Another shop"), "utf-8")

    async with _client(facts.load(file), store) as client:
        written = (await client.get("/openapi.yaml")).text
        page = (await client.get("/docs")).text

    assert written.startswith("# ours\nopenapi: 3.1.1\n\ninfo:\n  title: Another shop\n")
    assert "<title>Another shop</title>" in page


def test_the_version_that_is_written_down_is_the_bundle_s() -> None:
    bundle = (SWAGGER_UI / "swagger-ui-bundle.js").read_text(encoding="utf-8")
    (version,) = re.findall(r'PACKAGE_VERSION:"([0-9.]+)"', bundle)

    assert (SWAGGER_UI / "README.md").read_text(encoding="utf-8").startswith(f"# Swagger UI {version}\n")


@pytest.mark.parametrize("name", ["LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"])
def test_the_licences_are_beside_the_files(name: str) -> None:
    assert (SWAGGER_UI / name).read_text(encoding="utf-8")
