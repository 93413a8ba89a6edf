"""Every curl line of a report sends, from a shell, what the run sent."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from entity_conformance.deployment.api import Api, Secret
from entity_conformance.deployment.settings import Given, Settings
from entity_conformance.report.curl import curl
from entity_conformance.report.verdict import Run
from entity_conformance.suite import run as suite

from conformance.tests.miniature import BASE, CONTRACT, KEY, OTHER, SESSION, Miniature
from conformance.tests.running import LEDGER, check
from conformance.tests.sockets import response, serving

GIVEN = Given(api_key=KEY, session=SESSION, other_api_key=OTHER)
HEADERS = (("X-Gateway", "pass 'word' \"$HOME\" `id` \\ 100%!"), ("X-Team", "red"))
ENVIRONMENT = {
    "CONFORMANCE_API_KEY": KEY,
    "CONFORMANCE_OTHER_API_KEY": OTHER,
    "CONFORMANCE_MADE_KEY": "only reads",
    "CONFORMANCE_SESSION": SESSION,
    "HEADER_1": HEADERS[0][1],
    "HEADER_2": HEADERS[1][1],
}
STRANGE = 'it\'s "$HOME" `id` $(id) \\ 100% %s ! é 日本 ##vso[x] \n\t\x1b[0m'


@dataclass
class Sent:
    """A request as a server receives it."""

    line: str
    headers: Mapping[str, str]
    body: bytes


async def asks(api: Api, _: object) -> None:
    for id_ in ("a/b c", "../keys"):
        api.context.owned.made("tasks", id_)  # else nothing may be asked to change it
    await api.list("tasks", search=STRANGE, filter={"title": {"$in": ["a'b", "[]{}"]}}, limit=1)
    await api.list("tasks", credential="none", headers={"X-Request-ID": "it's #1 $HOME"})
    made = (await api.create("tasks", {"title": STRANGE})).id
    await api.request("POST", "/tasks", content="{}\n", headers={"Content-Type": "text/plain"})
    await api.read("tasks", "../a/b c?d", credential="other_api_key")
    await api.update("tasks", made, {"title": None})
    await api.delete("tasks", made, credential=("api_key", "session"))
    await api.list("tasks", credential=Secret("nobody's key"))
    await api.metadata("tasks", credential="session")
    await api.request("HEAD", "/tasks")


def performed(journals: Path) -> Run:
    deployment = Miniature()
    return asyncio.run(
        suite.run(
            Settings(BASE, GIVEN, headers=HEADERS),
            journals=journals,
            contract=CONTRACT,
            proofs=(check(asks, needs=frozenset({"session", "other_api_key"})),),
            ledger=LEDGER,
            transport=deployment.transport,
            sleep=deployment.sleep,
        )
    )


async def received(line: str, shell: str) -> Sent:
    """What a server receives from a curl line that is pasted into a shell."""
    got: list[Sent] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request, *fields = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        got.append(Sent(request, headers, await reader.readexactly(int(headers.get("content-length", "0")))))
        writer.write(response(b"{}"))
        await writer.drain()

    async with serving(listen) as url:
        process = await asyncio.create_subprocess_exec(
            shell, "-c", line.replace("http://127.0.0.1:5173", url), env={"PATH": os.environ["PATH"], **ENVIRONMENT},
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(20):
            await process.wait()
    (sent,) = got
    return sent


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_pasted_line_sends_what_the_run_sent(shell: str, journals: Path) -> None:
    if shutil.which("curl") is None:  # a machine of a developer may lack it, and the report says so; CI must have it
        if "CI" in os.environ:
            pytest.fail("CI needs curl")
        pytest.skip("not run: no curl")
    run = performed(journals)
    told = [exchange for exchange in run.exchanges if exchange.check.startswith("create.one")]

    assert len(told) == 11
    for exchange in told:
        sent = asyncio.run(received(curl(exchange), shell))
        expected = {name.lower(): value for name, value in exchange.request_headers}

        method, target, _ = sent.line.split(" ")
        assert (method, f"http://127.0.0.1:5173{target}") == (exchange.method, exchange.url)
        assert sent.body.decode() == (exchange.request_body or "")
        assert sent.headers["x-gateway"] == HEADERS[0][1]
        assert sent.headers["x-team"] == "red"
        assert sent.headers.get("content-type") == expected.get("content-type")
        assert sent.headers.get("x-request-id") == expected.get("x-request-id")
        assert sent.headers.get("authorization") == {
            "api_key": f"Bearer {KEY}",
            "other_api_key": f"Bearer {OTHER}",
            "api_key+session": f"Bearer {KEY}",
            "made key": "Bearer nobody's key",
            "read_key": "Bearer only reads",
        }.get(exchange.credential)
        cookie = f"better-auth.session_token={SESSION}" if "session" in exchange.credential else None
        assert sent.headers.get("cookie") == cookie


def test_no_line_holds_a_secret(journals: Path) -> None:
    lines = "\n".join(curl(exchange) for exchange in performed(journals).exchanges)

    assert not any(secret in lines for secret in (KEY, OTHER, SESSION, *(value for _, value in HEADERS[:1])))
    assert '-H "X-Gateway: $HEADER_1" -H "X-Team: $HEADER_2"' in lines
