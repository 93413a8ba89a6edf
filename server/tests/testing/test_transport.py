"""The server in this process, for synchronous and asynchronous clients."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from entity_server.testing import in_process
from entity_server.testing.transport import InProcess


@pytest.fixture
def api() -> Iterator[InProcess]:
    with in_process() as api:
        yield api


@pytest.fixture
def client(api: InProcess) -> Iterator[httpx.Client]:
    with httpx.Client(transport=api.transport, base_url=api.base_url, headers=api.bearer()) as client:
        yield client


def test_a_client_reads_what_it_has_written(client: httpx.Client) -> None:
    made = client.post("/tasks", json={"title": "Buy milk"}).json()["data"]

    assert client.get(f"/tasks/{made['id']}").json()["data"] == made


def test_an_asynchronous_client_asks_the_same_server(api: InProcess) -> None:
    async def statuses() -> list[int]:
        async with httpx.AsyncClient(
            transport=api.transport, base_url=api.base_url, headers=api.bearer(api.read_key)
        ) as client:
            answers = await asyncio.gather(*(client.get("/tasks", params={"limit": 1}) for _ in range(10)))
            return [answer.status_code for answer in answers]

    assert asyncio.run(statuses()) == [200] * 10


def test_a_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    assert client.post("/tasks", json={"title": "x" * 1_100_000}).status_code == 413


def test_every_credential_is_what_it_is_called(api: InProcess) -> None:
    with httpx.Client(transport=api.transport, base_url=api.base_url) as client:
        answered = {
            name: (
                client.get("/tasks", headers=api.bearer(key)).status_code,
                client.post("/tasks", headers=api.bearer(key), json={"title": "Buy milk"}).status_code,
            )
            for name, key in {
                "api": api.api_key,
                "read": api.read_key,
                "write": api.write_key,
                "other": api.other_api_key,
                "expired": api.expired_key,
            }.items()
        }

    assert answered == {
        "api": (200, 201),
        "read": (200, 403),
        "write": (403, 201),
        "other": (200, 201),
        "expired": (401, 401),
    }


def test_the_session_opens_the_page_of_keys(api: InProcess) -> None:
    with httpx.Client(transport=api.transport, base_url=api.base_url) as client:
        client.cookies.set("better-auth.session_token", api.session_token)

        assert client.get("/keys").status_code == 200


def test_a_limit_can_be_chosen() -> None:
    with (
        in_process(key_limit="1/hour") as api,
        httpx.Client(transport=api.transport, base_url=api.base_url, headers=api.bearer()) as client,
    ):
        assert [client.get("/tasks").status_code for _ in range(2)] == [200, 429]


def test_its_credentials_are_not_in_its_repr(api: InProcess) -> None:
    assert "sk_live" not in repr(api)
