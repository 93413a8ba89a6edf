"""A deployment where a user may have few keys, or where a key that is made may ask little."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import entity_contract as contract
import httpx
import pytest
from entity_conformance.deployment.api import Api, RunContext, Secret
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.deployment.settings import Settings
from entity_conformance.suite import given
from entity_conformance.suite.given.askers import reader

from conformance.tests.miniature import BASE, KEY, SESSION, Miniature, problem

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def deployment() -> Miniature:
    return Miniature()


@pytest.fixture
async def context(deployment: Miniature, tmp_path: Path) -> AsyncIterator[RunContext]:
    opened_context, journal = opened(
        Settings(BASE), tmp_path, contract.load(), run="abcdefghi", transport=deployment.transport
    )
    opened_context.wallet.put("api_key", Secret(KEY))
    opened_context.wallet.put("session", Secret(SESSION, kind="session"))
    async with opened_context.wire:
        yield opened_context
    journal.close()


def refusing_keys(
    status: int, *, when: Callable[[dict[str, object]], bool]
) -> Callable[[httpx.Request], httpx.Response | None]:
    """A deployment that refuses some keys, and says of none of their members that it is wrong."""

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if (request.method, request.url.path) != ("POST", "/api/v1/keys") or not when(json.loads(request.content)):
            return None
        return problem(status, "CONFLICT" if status == 409 else "FORBIDDEN")

    return refuse


@pytest.mark.parametrize("status", [400, 402, 403, 409, 422])
async def test_a_key_beside_as_many_as_a_user_may_have_is_out_of_scope(
    context: RunContext, deployment: Miniature, status: int
) -> None:
    api = Api(context, "keys.are-listed")
    deployment.before = refusing_keys(status, when=lambda _: bool(deployment.keys))

    await given.key(api, "first")
    with pytest.raises(OutOfProfile, match="makes no more keys beside the 1 that this run has"):
        await given.key(api, given.SHOWN)
    with pytest.raises(OutOfProfile, match=f"POST /keys answers {status}"):
        await given.bad_key(api, name="")


async def test_a_kind_of_key_that_is_refused_alone_blocks(context: RunContext, deployment: Miniature) -> None:
    api = Api(context, "keys.are-listed")
    deployment.before = refusing_keys(403, when=lambda body: body["scopes"] == ["read", "delete"])

    await given.key(api, given.SHOWN)
    with pytest.raises(Blocked, match="a key could not be made"):
        given.issued(api, (await given.key_to_revoke(api)).reply)


async def test_who_is_refused_the_first_key_without_a_reason_may_make_none(
    context: RunContext, deployment: Miniature
) -> None:
    api = Api(context, "keys.are-listed")
    deployment.before = refusing_keys(403, when=lambda _: True)

    with pytest.raises(Blocked):
        await given.key(api, given.SHOWN)


async def test_a_key_with_next_to_nothing_left_asks_nothing_that_another_can_ask(
    context: RunContext, deployment: Miniature
) -> None:
    api, left = Api(context, "list.total"), {"few": 32, KEY: 900}
    context.wallet.put("read_key", Secret("few"))
    deployment.owners["few"] = "ada"

    def counting(request: httpx.Request) -> httpx.Response | None:
        key = request.headers["authorization"].removeprefix("Bearer ")
        left[key] -= 1
        told = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": str(left[key]), "X-RateLimit-Reset": "1736940600"}
        return httpx.Response(200, json={"success": True, "data": []}, headers=told)

    deployment.before = counting

    assert reader(api) == "read_key"
    for _ in range(2):
        await api.list("tasks", credential="read_key")
        await api.list("tasks")
    assert reader(api) == "api_key"

    reply = await given.by_own_key(api, "read", lambda name: api.list("tasks", credential=name))
    assert reply.credential == "api_key"
