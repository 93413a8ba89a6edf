"""A deployment that writes values another way in every record: each way is named once, and nobody else is accused."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Run
from entity_contract import load
from entity_tests.deployments.in_process import URL, GatewayTransport, deployed
from entity_tests.model.command import model

OTHERS = frozenset({"keys", "ai", "health"})
VALUES = "metadata.agrees-with-behaviour"
_TIMES = frozenset({"createdAt", "updatedAt"})


class Numbered:
    """Records whose ids are integers, by which requests name them."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ids: dict[object, str] = {}

    def shown(self, member: str, value: object) -> object:
        """A value as an answer shows it."""
        if not isinstance(value, str) or not is_id(member):
            return value
        number = self._numbers.setdefault(value, len(self._numbers) + 1001)
        self._ids |= {number: value, str(number): value}
        return number

    def readdressed(self, request: httpx.Request) -> httpx.Request:
        """The request as the server behind reads it. In filters and bodies nothing but a number is an id."""
        parts = urlsplit(str(request.url))
        path = "/".join(self._ids.get(one, one) for one in parts.path.split("/"))
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = urlencode([(name, self._json(value) if name == "filter" else value) for name, value in pairs])
        headers = [(name, value) for name, value in request.headers.multi_items() if name != "content-length"]
        content = self._json(request.content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        url = parts._replace(path=path, query=query).geturl()
        return httpx.Request(request.method, url, headers=headers, content=content)

    def _json(self, text: str) -> str:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):  # the server behind judges what is no JSON, or too deep
            return text
        return json.dumps({name: self._told(name, one) for name, one in value.items()}) if as_object(value) else text

    def _told(self, member: str, value: object) -> object:
        match value:
            case dict():
                return {name: self._told(member, one) for name, one in value.items()}
            case list():
                return [self._told(member, one) for one in value]
            case int() if is_id(member):
                return self._ids.get(value, value)
            case _:
                return value


def is_id(member: str) -> bool:
    return member == "id" or member.endswith("Id")


def as_object(value: object) -> bool:
    return isinstance(value, dict)


def as_seconds(member: str, value: object) -> object:
    if member not in _TIMES or not isinstance(value, str):
        return value
    return int(datetime.fromisoformat(value).timestamp())


def as_digit(_: str, value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def as_text(member: str, value: object) -> object:
    return str(value) if isinstance(value, int) and member.endswith("Cents") else value


def in_capitals(member: str, value: object) -> object:
    return value.upper() if isinstance(value, str) and member in {"status", "priority"} else value


def showing(change: Callable[[str, object], object]) -> Callable[[httpx.Response], httpx.Response]:
    """Records whose values are changed so, those of relations too."""

    def of(value: object) -> object:
        match value:
            case dict():
                return {name: change(name, of(one)) for name, one in value.items()}
            case list():
                return [of(one) for one in value]
            case _:
                return value

    def rewritten(response: httpx.Response) -> httpx.Response:
        segments = response.request.url.path.split("/")
        is_other = OTHERS & set(segments) or response.request.method == "OPTIONS" or not response.is_success
        if is_other or not response.content:
            return response
        body = json.loads(response.content)
        kept = [(name, value) for name, value in response.headers.items() if name != "content-length"]
        told = {**body, "data": of(body["data"])} if "data" in body else body
        return httpx.Response(response.status_code, headers=kept, json=told, request=response.request)

    return rewritten


def accused(run: Run) -> set[str]:
    return {one.requirement for one in run.results if one.outcome not in {Outcome.passed, Outcome.observed}}


def message(run: Run, requirement: str) -> str:
    return next(one.message for one in run.results if one.requirement == requirement)


async def ran(journals: Path) -> tuple[Run, int]:
    """A run on a deployment with all of these ways, and how many records it held afterwards beyond those before."""
    numbered = Numbered()
    rewrites = [showing(one) for one in (numbered.shown, as_seconds, as_digit, as_text, in_capitals)]
    async with deployed(load()) as there:
        run = await there.run(journals, rewrites=rewrites, readdresses=[numbered.readdressed])
    return run, len(run.leftovers)


def test_five_ways_of_writing_values_are_two_findings(tmp_path: Path) -> None:
    """Of times, and of everything else. The server behind takes no seconds in a filter: a SHOULD."""
    run, left = asyncio.run(ran(tmp_path))

    about_ids = {"create.id-prefix", "create.gives-an-id"}
    assert accused(run) == {VALUES, "read.times-are-rfc3339", "filter.printed-datetime", *about_ids}
    assert message(run, VALUES).startswith("id, status, priority, assigneeId")
    assert {"active", "priceCents"} <= set(message(run, VALUES).partition(":")[0].split(", "))
    assert message(run, "read.times-are-rfc3339").startswith("createdAt, updatedAt: written another way")
    assert {one.requirement for one in run.results if one.outcome is Outcome.blocked} == {"create.gives-an-id"}
    assert left == 0


@pytest.mark.soak
def test_the_state_machine_names_them_too(tmp_path: Path) -> None:
    run = asyncio.run(modelled(tmp_path))

    assert accused(run) == {VALUES}
    assert message(run, VALUES).startswith("status, priority")


async def modelled(journals: Path) -> Run:
    async with deployed(load()) as there:
        rewrites = [showing(in_capitals), showing(as_digit)]
        transport = GatewayTransport(there.gateway(limit="1000000/hour"), rewrites)
        return await model(Settings(URL, there.given), journals=journals, contract=there.contract, transport=transport)
