"""The server in this process, for synchronous and asynchronous clients."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from entity_server.testing import in_process
from entity_server.testing.control_client import ControlError
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


def test_a_reset_puts_back_records_limits_clock_rules_and_requests() -> None:
    with (
        in_process(key_limit="3/hour") as api,
        httpx.Client(transport=api.transport, base_url=api.base_url, headers=api.bearer()) as client,
    ):
        titles = [task["title"] for task in client.get("/tasks").json()["data"]]
        client.post("/tasks", json={"title": "Buy milk"})
        api.fail_next("listTasks", times=100)
        api.clock.set(datetime(2040, 1, 31, tzinfo=UTC), frozen=True)

        api.reset()

        assert api.requests == ()
        assert abs((api.clock.now - datetime.now(UTC)).total_seconds()) < 3600
        assert [client.get("/tasks").status_code for _ in range(4)] == [200, 200, 200, 429]
        api.reset()
        assert [task["title"] for task in client.get("/tasks").json()["data"]] == titles


def test_records_are_seeded_for_their_owner(api: InProcess, client: httpx.Client) -> None:
    made = api.seed(tasks=[{"title": "Mine"}])
    api.seed(tasks=[{"title": "Not mine"}], owner="ben@shop.example")

    found = client.get("/tasks", params={"limit": 100}).json()["data"]

    assert made["tasks"][0] in found
    assert "Not mine" not in [task["title"] for task in found]


def test_a_snapshot_is_gone_back_to(api: InProcess, client: httpx.Client) -> None:
    client.post("/tasks", json={"title": "Before"})
    api.snapshot()
    client.post("/tasks", json={"title": "After"})

    api.restore()

    titles = [task["title"] for task in client.get("/tasks", params={"limit": 100}).json()["data"]]
    assert ("Before" in titles, "After" in titles) == (True, False)


def test_a_moved_clock_lets_a_key_expire(api: InProcess, client: httpx.Client) -> None:
    key = api.create_key("read", expires_at=datetime(2030, 1, 1, tzinfo=UTC))
    before = client.get("/tasks", headers=api.bearer(key)).status_code
    api.clock.set(datetime(2030, 1, 2, tzinfo=UTC))

    answer = client.get("/tasks", headers=api.bearer(key))

    assert (before, answer.status_code, answer.json()["code"]) == (200, 401, "EXPIRED_KEY")
    assert answer.headers.get_list("Date") == ["Wed, 02 Jan 2030 00:00:00 GMT"]


def test_the_next_requests_fail_as_they_are_told_to(api: InProcess, client: httpx.Client) -> None:
    api.fail_next("listTasks", status=429, times=2, headers={"Retry-After": "7"})

    answers = [client.get("/tasks") for _ in range(3)]

    assert [(one.status_code, one.headers.get("Retry-After")) for one in answers] == [
        (429, "7"),
        (429, "7"),
        (200, None),
    ]


def test_what_the_client_sent_is_known_with_a_verdict(api: InProcess, client: httpx.Client) -> None:
    client.post("/tasks", json={"title": "Buy milk"})
    client.get("/tasks", params={"colour": "red"})

    (made,) = api.expect_called("createTask", times=1, body={"title": "Buy milk"}, status=201, valid=True)

    assert made.headers["authorization"].startswith("Bearer sha256:")
    assert [(one.operation, one.valid) for one in api.requests] == [("createTask", True), ("listTasks", False)]
    assert [finding["id"] for finding in api.client_report()["wrong"]] == ["client.undocumented-parameter"]
    with pytest.raises(AssertionError, match="expected listTasks 2 times"):
        api.expect_called("listTasks", times=2)
    with pytest.raises(ValueError, match="did you mean listTasks"):
        api.expect_called("listTask")


def test_what_cannot_be_is_refused_in_the_same_words(api: InProcess) -> None:
    with pytest.raises(ControlError, match=r"POST /rules: .*; operationId: .*did you mean listTasks"):
        api.fail_next("listTask", status=429)


def test_an_answer_is_cut_off_and_what_was_asked_for_is_done(api: InProcess, client: httpx.Client) -> None:
    api.fail_next("createTask", cut=True)

    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection without sending complete"):
        client.post("/tasks", json={"title": "Made, and not told"})

    assert client.get("/tasks", params={"limit": 1}).json()["data"][0]["title"] == "Made, and not told"


def test_an_answer_without_a_body_is_cut_off_before_it_begins(api: InProcess, client: httpx.Client) -> None:
    api.fail_next(cut=True)

    with pytest.raises(httpx.RemoteProtocolError, match="Server disconnected"):
        client.head("/tasks")


def test_a_client_that_waits_no_longer_gives_up(api: InProcess, client: httpx.Client) -> None:
    api.fail_next("createTask", delay_ms=600_000)

    with pytest.raises(httpx.ReadTimeout):
        client.post("/tasks", json={"title": "Twice?"}, timeout=1)

    assert client.get("/tasks", params={"limit": 1}).json()["data"][0]["title"] == "Twice?"


def test_an_answer_dribbles(api: InProcess, client: httpx.Client) -> None:
    api.fail_next("listTasks", dribble_ms=20)

    with client.stream("GET", "/tasks") as answer:
        pieces = list(answer.iter_raw())

    assert len(pieces) == 20
    assert json.loads(b"".join(pieces))["success"] is True


def test_an_asynchronous_client_meets_all_of_it(api: InProcess) -> None:
    async def met() -> list[str]:
        found = []
        async with httpx.AsyncClient(transport=api.transport, base_url=api.base_url, headers=api.bearer()) as client:
            for broken in ({"cut": True}, {"delay_ms": 600_000}, {"dribble_ms": 600_000}, {"status": 503}):
                api.fail_next("listTasks", **broken)
                seconds = 1 if {"delay_ms", "dribble_ms"} & broken.keys() else 60
                try:
                    found.append(str((await client.get("/tasks", timeout=seconds)).status_code))
                except httpx.HTTPError as error:
                    found.append(type(error).__name__)
        return found

    assert asyncio.run(met()) == ["RemoteProtocolError", "ReadTimeout", "ReadTimeout", "503"]


def test_a_body_with_gzip_is_unpacked(client: httpx.Client) -> None:
    packed = gzip.compress(b'{"title": "Packed"}')

    answer = client.post("/tasks", content=packed, headers={"Content-Encoding": "gzip"})

    assert (answer.status_code, answer.json()["data"]["title"]) == (201, "Packed")
