"""Several processes that serve one API: what they share is exact, and whichever of them is asked does not matter."""

import asyncio
import re
import ssl
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from entity_tests.deployments.nursery import nursery

from server.tests.services import Postgres
from server.tests.workers.deployment import COMMAND, ENVIRONMENT, Deployment, deployed

pytestmark = pytest.mark.anyio

Place = Callable[[], tuple[str, str]]
CLIENTS = 16
OPTIONS = ("--key-limit", "100/hour", "--cors", "http://dashboard.test")


@pytest.fixture(scope="module")
def running(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(tmp_path_factory.mktemp("workers"), *place(), *OPTIONS, workers=3) as deployment:
        yield deployment


async def asked(running: Deployment, method: str, path: str, **request: object) -> list[httpx.Response]:
    """The answers to the same request over as many connections as there are clients, all at once."""

    async def one() -> httpx.Response:
        async with httpx.AsyncClient(base_url=running.url, timeout=60) as client:
            return await client.request(method, path, **request)  # type: ignore[arg-type]

    return list(await asyncio.gather(*(one() for _ in range(CLIENTS))))


async def test_a_key_is_accepted_exactly_as_often_as_its_limit_says(running: Deployment) -> None:
    async def client() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=running.url, headers=running.bearer("readKey"), timeout=60) as one:
            return [await one.get("/tasks", params={"limit": 1}) for _ in range(10)]

    answers = [answer for each in await asyncio.gather(*(client() for _ in range(CLIENTS))) for answer in each]

    assert Counter(answer.status_code for answer in answers) == {200: 100, 429: 60}
    remaining = sorted(int(one.headers["X-RateLimit-Remaining"]) for one in answers if one.status_code == 200)
    assert remaining == list(range(100))
    assert len({answer.headers["X-RateLimit-Reset"] for answer in answers}) == 1


async def test_a_key_that_is_revoked_is_refused_by_every_process_at_once(running: Deployment) -> None:
    async with httpx.AsyncClient(base_url=running.url, headers=running.cookie(), timeout=60) as dashboard:
        made = (await dashboard.post("/keys", json={"name": "short-lived", "scopes": ["read"]})).json()["data"]
        header = {"Authorization": f"Bearer {made['key']}"}
        before = await asked(running, "GET", "/tasks", headers=header)
        await dashboard.delete(f"/keys/{made['id']}")
        after = await asked(running, "GET", "/tasks", headers=header)

    assert {answer.status_code for answer in before} == {200}
    assert {answer.status_code for answer in after} == {401}


async def test_a_session_of_the_command_line_is_known_to_every_process_at_once(running: Deployment) -> None:
    command = [*COMMAND, "sessions", "create", "--user", "ada@shop.example", "--database", running.database]
    made = await asyncio.to_thread(
        subprocess.run, command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    )
    header = {"Cookie": f"better-auth.session_token={made.stdout.strip()}"}

    answers = await asked(running, "GET", "/tasks", headers=header)

    assert {answer.status_code for answer in answers} == {200}


async def test_two_machines_count_against_one_limit(place: Place, tmp_path: Path) -> None:
    """Two servers of one process each, with the same PostgreSQL and the same Redis; one of them has made the demo."""
    database, redis = place()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    options = ("--key-limit", "30/hour")
    with (
        deployed(tmp_path / "one", database, redis, *options, workers=1) as one,
        deployed(tmp_path / "other", database, redis, *options, workers=1, demo=False) as other,
    ):

        async def statuses(url: str) -> list[int]:
            async with httpx.AsyncClient(base_url=url, headers=one.bearer(), timeout=60) as client:
                return [(await client.get("/tasks")).status_code for _ in range(10)]

        found = await asyncio.gather(*(statuses(url) for url in (one.url, other.url) for _ in range(3)))

    assert Counter(status for each in found for status in each) == {200: 30, 429: 30}


async def test_credits_are_spent_once_whichever_process_is_asked(running: Deployment, postgres: Postgres) -> None:
    schema = re.search(r"test_\d+", running.database)
    assert schema is not None
    table = f"{schema[0]}.access_credits"
    postgres.execute(f"UPDATE {table} SET balance = 10;")
    body = {"prompt": "one two three", "maxTokens": 3}

    answers = await asked(running, "POST", "/ai/generate", headers=running.bearer("otherApiKey"), json=body)

    assert Counter(answer.status_code for answer in answers) == {200: 3, 402: CLIENTS - 3}
    assert postgres.execute(f"SELECT min(balance) FROM {table};").split()[2] == "1"


async def test_one_records_changes_are_seen_by_all(running: Deployment) -> None:
    async with httpx.AsyncClient(base_url=running.url, headers=running.bearer(), timeout=60) as client:
        made = (await client.post("/tasks", json={"title": "seen"})).json()["data"]
        await client.patch(f"/tasks/{made['id']}", json={"title": "seen by all"})

    answers = await asked(running, "GET", f"/tasks/{made['id']}", headers=running.bearer())

    assert {answer.json()["data"]["title"] for answer in answers} == {"seen by all"}


async def test_every_process_takes_the_options_of_one(running: Deployment) -> None:
    headers = {**running.bearer(), "Origin": "http://dashboard.test"}

    answers = await asked(running, "GET", "/tasks", headers=headers)

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["Access-Control-Allow-Origin"] for answer in answers} == {"http://dashboard.test"}


async def test_the_demo_is_there_once(running: Deployment) -> None:
    async with httpx.AsyncClient(base_url=running.url, headers=running.cookie(), timeout=60) as dashboard:
        keys = (await dashboard.get("/keys")).json()["data"]

    assert sorted(key["name"] for key in keys if key["name"].startswith("Demo")) == [
        "Demo: all scopes", "Demo: delete only", "Demo: expired", "Demo: read only", "Demo: write only",
    ]  # fmt: skip


def test_what_it_says_is_said_once(running: Deployment) -> None:
    assert running.log.read_text().count("Reference server on") == 1


SECRET = "postgres://me:quite-secret@127.0.0.1:1/none"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "2 workers need a PostgreSQL (--database postgres://...), which many processes may write to at once and "),
        (("--redis", "redis://:quite-secret@127.0.0.1:1/0"), "2 workers need a PostgreSQL (--database postgres://"),
        (("--database", SECRET), "2 workers need a Redis (--redis redis://...), since each would grant "),
        (
            ("--database", SECRET, "--redis", "redis://:quite-secret@127.0.0.1:1/0", "--fault", "health.up"),
            "a fault remembers what one process has seen; with --fault, run one worker",
        ),
        (
            ("--database", SECRET, "--redis", "redis://:quite-secret@127.0.0.1:1/0"),
            "cannot open the database postgres://127.0.0.1:1/none: ",
        ),
    ],
)
def test_workers_without_what_they_share_do_not_start(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    ended = nursery().ran("reference-server", ["run", "--workers", "2", "--port", "0", *options], tmp_path, ENVIRONMENT)

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert ended.stderr.startswith(f"reference-server: {told}")
    assert "quite-secret" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


async def test_every_process_serves_https_with_the_one_certificate(place: Place, tmp_path: Path) -> None:
    options = ("--tls", "--cors", "http://dashboard.test", "--key-limit", "30/hour")
    with deployed(tmp_path, *place(), *options, workers=3) as secured:
        trusting = ssl.create_default_context(cafile=secured.credentials["ca"])

        async def one() -> tuple[int, str]:
            async with httpx.AsyncClient(verify=trusting, headers={"Origin": "http://dashboard.test"}) as client:
                answer = await client.get(f"{secured.url}/tasks", headers=secured.bearer(), timeout=60)
                return answer.status_code, answer.headers["Access-Control-Allow-Origin"]

        found = await asyncio.gather(*(one() for _ in range(40)))

    assert secured.url.startswith("https://")
    assert Counter(found) == {(200, "http://dashboard.test"): 30, (429, "http://dashboard.test"): 10}
