"""Generation by an endpoint: what it is sent, what its answers become, and what they cost."""

import asyncio
import json
import logging
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import respx
from entity_contract import Contract
from entity_server.app import compose, create_app, served
from entity_server.http.operations import CompiledContract
from entity_server.http.plugins.endpoint import Endpoint, UnusableEndpoint
from entity_server.http.services import Credits
from entity_server.store import Store

from server.tests.http.served_api import ROOMY, Clock, ServedApi, lifespan

pytestmark = pytest.mark.anyio

URL = "http://model.test/v1"
KEY = "quite-secret"
GENERATE = {"prompt": "Hello", "maxTokens": 50, "temperature": 0.25}


def completion(text: str | None = "Hello to you.", **members: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    return {"choices": [{"index": 0, "message": message}], "usage": usage, "model": "small-1", **members}


@pytest.fixture
def asked() -> Iterator[respx.Route]:
    with respx.mock(assert_all_called=False) as router:
        yield router.post(f"{URL}/chat/completions").respond(json=completion())


@pytest.fixture
async def api(
    contract: Contract, compiled: CompiledContract, store: Store, credentials: Mapping[str, str]
) -> AsyncIterator[ServedApi]:
    async with generating(Endpoint(URL, "small", KEY, seconds=5), contract, compiled, store, credentials) as api:
        yield api


@asynccontextmanager
async def generating(
    endpoint: Endpoint, contract: Contract, compiled: CompiledContract, store: Store, credentials: Mapping[str, str]
) -> AsyncIterator[ServedApi]:
    clock = Clock()
    services = compose(contract, store, ROOMY, clock=clock, compiled=compiled)
    app = create_app(replace(services, generate=endpoint.generate))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with lifespan(app), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield ServedApi(client, clock, store, credentials)
    await endpoint.close()


async def test_the_endpoint_is_asked_in_its_own_words(api: ServedApi, asked: respx.Route) -> None:
    await api.send("POST", "/ai/generate", json=GENERATE)

    request = asked.calls.last.request
    assert request.headers["Authorization"] == "Bearer quite-secret"
    assert json.loads(request.content) == {
        "model": "small",
        "messages": [{"role": "user", "content": "Hello"}],
        "max_tokens": 50,
        "temperature": 0.25,
    }


async def test_the_text_is_paid_by_the_tokens_that_were_used(api: ServedApi, asked: respx.Route) -> None:
    before = await api.store.credits.balance(api.owner)

    answer = await api.send("POST", "/ai/generate", json=GENERATE)

    assert (answer.status_code, asked.call_count) == (200, 1)
    assert answer.json()["data"] == {"text": "Hello to you.", "tokensUsed": 4, "model": "small-1"}
    assert await api.store.credits.balance(api.owner) == before - 4


@pytest.mark.parametrize(
    ("said", "data"),
    [
        (completion(usage=None), {"text": "Hello to you.", "tokensUsed": 3, "model": "small-1"}),
        (completion(model=None), {"text": "Hello to you.", "tokensUsed": 4, "model": "small"}),
        (completion(None), {"text": "", "tokensUsed": 4, "model": "small-1"}),
        (completion(usage={"completion_tokens": 70}), {"text": "Hello to you.", "tokensUsed": 50, "model": "small-1"}),
        (completion(usage={"completion_tokens": True}), {"text": "Hello to you.", "tokensUsed": 3, "model": "small-1"}),
    ],
)
async def test_what_an_endpoint_leaves_out_is_made_up_for(
    api: ServedApi, asked: respx.Route, said: dict[str, Any], data: dict[str, Any]
) -> None:
    asked.respond(json=said)

    answer = await api.send("POST", "/ai/generate", json=GENERATE)

    assert answer.json()["data"] == data


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_what_may_pass_is_tried_once_more(api: ServedApi, asked: respx.Route, status: int) -> None:
    asked.side_effect = [httpx.Response(status), httpx.Response(200, json=completion())]

    answer = await api.send("POST", "/ai/generate", json=GENERATE)

    assert (answer.status_code, asked.call_count) == (200, 2)


@pytest.mark.parametrize("wait", ["nan", "-inf", "-1", "soon", ""])
async def test_a_wait_that_is_no_time_is_a_short_one(api: ServedApi, asked: respx.Route, wait: str) -> None:
    passing = httpx.Response(429, headers={"Retry-After": wait})
    asked.side_effect = [passing, httpx.Response(200, json=completion())]

    answer = await api.send("POST", "/ai/generate", json=GENERATE)

    assert (answer.status_code, asked.call_count) == (200, 2)


@pytest.mark.parametrize(
    ("response", "status", "code", "tries"),
    [
        (httpx.Response(500), 503, "SERVICE_UNAVAILABLE", 2),
        (httpx.Response(429), 503, "SERVICE_UNAVAILABLE", 2),
        (httpx.Response(401, json={"error": {"code": "invalid_api_key"}}), 500, "INTERNAL_ERROR", 1),
        (httpx.Response(400, json={"error": {"code": "model_not_found"}}), 500, "INTERNAL_ERROR", 1),
        (httpx.Response(404, text="no such page"), 500, "INTERNAL_ERROR", 1),
        (httpx.Response(307, headers={"Location": "http://elsewhere.test"}), 500, "INTERNAL_ERROR", 1),
        (httpx.Response(200, text="<html>"), 500, "INTERNAL_ERROR", 1),
        (httpx.Response(200, json={"choices": []}), 500, "INTERNAL_ERROR", 1),
        (httpx.Response(200, json=[]), 500, "INTERNAL_ERROR", 1),
        (httpx.Response(200, json=completion(5)), 500, "INTERNAL_ERROR", 1),  # type: ignore[arg-type]
        (httpx.Response(200, content=b" " * (4 * 1024 * 1024 + 1)), 500, "INTERNAL_ERROR", 1),
        (httpx.ConnectError("quite-secret"), 503, "SERVICE_UNAVAILABLE", 1),
        (httpx.ReadTimeout("quite-secret"), 503, "SERVICE_UNAVAILABLE", 1),
    ],
)
async def test_a_failure_is_an_answer_of_the_contract_and_costs_nothing(
    api: ServedApi,
    asked: respx.Route,
    caplog: pytest.LogCaptureFixture,
    *,
    response: httpx.Response | Exception,
    status: int,
    code: str,
    tries: int,
) -> None:
    before = await api.store.credits.balance(api.owner)
    asked.side_effect = [response] * tries

    with caplog.at_level(logging.INFO):
        answer = await api.send("POST", "/ai/generate", json=GENERATE)

    assert (answer.status_code, answer.json()["code"], asked.call_count) == (status, code, tries)
    assert await api.store.credits.balance(api.owner) == before
    assert "AI endpoint" in caplog.text
    assert KEY not in caplog.text + answer.text


@pytest.mark.parametrize("code", ["context_length_exceeded", "content_filter"])
async def test_a_prompt_that_the_model_does_not_take_is_the_callers(
    api: ServedApi, asked: respx.Route, code: str
) -> None:
    asked.respond(400, json={"error": {"code": code, "message": "no"}})

    answer = await api.send("POST", "/ai/generate", json=GENERATE)

    assert (answer.status_code, answer.json()["details"]) == (400, {"prompt": "Is not valid"})


async def test_who_has_few_credits_is_given_what_they_pay_for(api: ServedApi, asked: respx.Route) -> None:
    assert await api.store.credits.spend(api.other, await api.store.credits.balance(api.other) - 6)

    first = await api.send("POST", "/ai/generate", credential="other", json=GENERATE)
    most = json.loads(asked.calls.last.request.content)["max_tokens"]
    asked.respond(json=completion(usage={"completion_tokens": 2}))
    second = await api.send("POST", "/ai/generate", credential="other", json=GENERATE)
    spent = await api.send("POST", "/ai/generate", credential="other", json=GENERATE)

    assert (first.json()["data"]["tokensUsed"], most) == (4, 6)
    assert second.json()["data"]["tokensUsed"] == 2
    assert (spent.status_code, spent.json()["code"], asked.call_count) == (402, "INSUFFICIENT_CREDITS", 2)


@pytest.mark.parametrize(
    "url", ["", "model.test/v1", "ftp://model.test", "http://", "http://me:quite-secret@model.test/v1", "http://[::1"]
)
async def test_what_is_no_url_of_an_endpoint_is_refused(url: str) -> None:
    with pytest.raises(UnusableEndpoint) as refused:
        Endpoint(url, "small", KEY, seconds=5)

    assert "quite-secret" not in str(refused.value)


async def test_a_key_that_no_header_can_carry_is_refused() -> None:
    with pytest.raises(UnusableEndpoint) as refused:
        Endpoint(URL, "small", "quite-secret\n", seconds=5)

    assert "quite-secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("HTTP_PROXY", "http://me:quite-secret@proxy.test:port", "HTTP_PROXY"),
        ("HTTPS_PROXY", "ftp://me:quite-secret@proxy.test", "HTTPS_PROXY"),
        ("ALL_PROXY", "socks5://me:quite-secret@proxy.test:1080", "ALL_PROXY"),
        ("NO_PROXY", "[::1", "NO_PROXY"),
        ("SSL_CERT_FILE", "/nowhere/quite-secret.pem", "SSL_CERT_FILE"),
        ("SSL_CERT_FILE", __file__, "SSL_CERT_FILE"),
    ],
)
async def test_what_the_environment_has_for_clients_and_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv(name, value)

    with pytest.raises(UnusableEndpoint, match=told) as refused:
        Endpoint(URL, "small", KEY, seconds=5)

    assert "quite-secret" not in str(refused.value)


class Model(BaseHTTPRequestHandler):
    """A small endpoint: unavailable at first, then as talkative as it is asked to be; slow where the prompt says so."""

    protocol_version = "HTTP/1.1"
    waiting = threading.Event()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked["messages"][0]["content"] == "slow":
            self.waiting.wait(5)
        told: dict[str, Any] = {}
        status = 401 if self.headers["Authorization"] != "Bearer quite-secret" else 200
        if status == 200:
            words = asked["max_tokens"] * ["word"]
            told = completion(" ".join(words), usage={"completion_tokens": len(words)}, model=asked["model"])
        if status == 200 and not self.server.called:  # type: ignore[attr-defined]
            self.server.called, status = True, 503  # type: ignore[attr-defined]
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def model() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Model) as server:
        server.called = False  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/"
        Model.waiting.set()
        server.shutdown()
        thread.join()
    Model.waiting.clear()


async def test_a_real_endpoint_generates_at_the_second_try(
    model: str, contract: Contract, compiled: CompiledContract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with generating(Endpoint(model, "small", KEY, seconds=5), contract, compiled, store, credentials) as api:
        answer = await api.send("POST", "/ai/generate", json={"prompt": "Hello", "maxTokens": 3})

    assert answer.json()["data"] == {"text": "word word word", "tokensUsed": 3, "model": "small"}


async def test_a_real_endpoint_that_takes_too_long_is_given_up(
    model: str, contract: Contract, compiled: CompiledContract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with generating(Endpoint(model, "small", KEY, seconds=0.3), contract, compiled, store, credentials) as api:
        async with asyncio.timeout(3):
            answer = await api.send("POST", "/ai/generate", json={"prompt": "slow"})

    assert (answer.status_code, answer.json()["code"]) == (503, "SERVICE_UNAVAILABLE")


class Counting:
    """Credits, and what was put back on the balance."""

    def __init__(self, credits_: Credits) -> None:
        self._credits = credits_
        self.spent = asyncio.Event()
        self.put_back: list[int] = []
        self.balance = credits_.balance

    async def spend(self, user_id: str, amount: int) -> bool:
        paid = await self._credits.spend(user_id, amount)
        self.spent.set()
        return paid

    async def grant(self, user_id: str, amount: int) -> None:
        await self._credits.grant(user_id, amount)
        self.put_back.append(amount)


async def test_a_generation_that_a_stop_cuts_off_costs_nothing(
    model: str, contract: Contract, compiled: CompiledContract, store: Store, credentials: Mapping[str, str]
) -> None:
    endpoint, counting = Endpoint(model, "small", KEY, seconds=30), Counting(store.credits)
    services = compose(contract, store, ROOMY, clock=Clock(), compiled=compiled)
    app = create_app(replace(services, generate=endpoint.generate, credits=counting))
    key = {"Authorization": f"Bearer {credentials['key']}"}
    with socket.create_server(("127.0.0.1", 0)) as sock:
        url = f"http://127.0.0.1:{sock.getsockname()[1]}/api/v1/ai/generate"
        async with httpx.AsyncClient(timeout=30) as client:
            async with served(app, sock):
                asking = asyncio.create_task(client.post(url, headers=key, json={"prompt": "slow", "maxTokens": 7}))
                await counting.spent.wait()
            put_back = list(counting.put_back)  # before anything else is awaited: the store may be closed now
            with pytest.raises(httpx.HTTPError):
                await asking
    await endpoint.close()

    assert put_back == [7]
