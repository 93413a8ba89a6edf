"""Writers at work while a worker, PostgreSQL or Redis is killed, again and again: what is lost, and how long it takes.

A seed decides who is killed and when. Every acknowledged write is looked up at the end: a record that was created is
there, once, with a value that was acknowledged last or was under way since.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

import httpx

from server.tests.services import Postgres, RedisServer
from server.tests.workers.deployment import Deployment

Victim = Literal["worker", "PostgreSQL", "Redis"]

VICTIMS: tuple[Victim, ...] = ("worker", "PostgreSQL", "Redis")
WRITERS = 6
_PAUSE = 0.02  # seconds before a writer that got no answer tries its next write
_FAILURES = (httpx.HTTPError, OSError)


@dataclass(slots=True)
class Written:
    """A record as its writer knows it: the title that was acknowledged last, and those that may have come after."""

    title: str
    possible: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Ledger:
    """What was acknowledged by id, what was asked for without an answer, and the statuses of all answers."""

    records: dict[str, Written] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Recovery:
    """How many seconds after its return everything was as before."""

    victim: Victim
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    ledger: Ledger
    recoveries: tuple[Recovery, ...]
    lost: tuple[str, ...]
    """Acknowledged writes that are not there, or are there in another way."""
    doubled: tuple[str, ...]
    """Titles of creations that are there more than once."""


async def killing(
    deployment: Deployment, postgres: Postgres, redis: RedisServer, *, seed: int, victims: Sequence[Victim]
) -> Outcome:
    """Kill these, one after the other, while writers write."""
    chance = random.Random(seed)
    ledger = Ledger()
    recoveries: list[Recovery] = []
    async with _writers(deployment, ledger, seed):
        for victim in victims:
            await asyncio.sleep(chance.uniform(0.2, 0.8))
            recoveries.append(await _killed(victim, deployment, postgres, redis, chance))
    lost, doubled = await _missing(deployment, ledger)
    return Outcome(ledger, tuple(recoveries), lost, doubled)


async def _killed(
    victim: Victim, deployment: Deployment, postgres: Postgres, redis: RedisServer, chance: random.Random
) -> Recovery:
    """Kill it, let it be gone for a moment, start it again and wait until all is as before."""
    match victim:
        case "worker":
            workers = await asyncio.to_thread(deployment.workers)
            killed = chance.choice(workers)
            killed.kill()
            begun = time.monotonic()
            await _until(lambda: len([one for one in deployment.workers() if one != killed]) == len(workers))
        case "PostgreSQL":
            await asyncio.to_thread(postgres.kill)
            await asyncio.sleep(chance.uniform(0, 1))
            await asyncio.to_thread(postgres.start)
            begun = time.monotonic()
        case "Redis":
            await asyncio.to_thread(redis.kill)
            await asyncio.sleep(chance.uniform(0, 1))
            await asyncio.to_thread(redis.start)
            begun = time.monotonic()
    await _until(lambda: all(_well(deployment) for _ in range(4)))
    return Recovery(victim, time.monotonic() - begun)


def _well(deployment: Deployment) -> bool:
    try:
        health = deployment.health()
        served = httpx.get(f"{deployment.url}/tasks?limit=1", headers=deployment.bearer(), timeout=5)
    except _FAILURES:
        return False
    return health.status_code == served.status_code == 200 and "details" not in health.json()


async def _until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(reached):  # noqa: ASYNC110 - another process reaches it
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _writers(deployment: Deployment, ledger: Ledger, seed: int) -> AsyncIterator[None]:
    stopped = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(WRITERS):
            group.create_task(_write(deployment, ledger, f"{seed}-{number}", stopped))
        try:
            yield
        finally:
            stopped.set()


async def _write(deployment: Deployment, ledger: Ledger, name: str, stopped: asyncio.Event) -> None:
    """Create records and change them, each change with a title of its own."""
    headers = deployment.bearer()
    async with httpx.AsyncClient(base_url=deployment.url, headers=headers, timeout=15) as client:
        for number in count():
            if stopped.is_set():
                return
            title = f"{name}-{number}"
            made = await _asked(client, ledger, "POST", "/tasks", title)
            if made is None:
                continue
            written = ledger.records[made] = Written(title)
            for change in range(3):
                changed = f"{title}-{change}"
                written.possible.add(changed)
                if await _asked(client, ledger, "PATCH", f"/tasks/{made}", changed) is not None:
                    written.title, written.possible = changed, set()


async def _asked(client: httpx.AsyncClient, ledger: Ledger, method: str, path: str, title: str) -> str | None:
    """The id of a record whose write was acknowledged."""
    try:
        answer = await client.request(method, path, json={"title": title})
    except _FAILURES:
        ledger.broken += 1
        ledger.unanswered.add(title)
        await asyncio.sleep(_PAUSE)
        return None
    ledger.statuses[answer.status_code] += 1
    if answer.is_success:
        return str(answer.json()["data"]["id"])
    ledger.unanswered.add(title)
    await asyncio.sleep(_PAUSE)
    return None


async def _missing(deployment: Deployment, ledger: Ledger) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is not there as it was acknowledged, and what is there twice."""
    found: dict[str, str] = {}
    async with httpx.AsyncClient(base_url=deployment.url, headers=deployment.bearer(), timeout=15) as client:
        page = 1
        while True:
            answer = await client.get("/tasks", params={"page": page, "limit": 100, "sort": "id"})
            found |= {record["id"]: record["title"] for record in answer.json()["data"]}
            if page >= answer.json()["pagination"]["totalPages"]:
                break
            page += 1
    lost = [
        f"{id_}: {written.title} is {found.get(id_)}"
        for id_, written in ledger.records.items()
        if found.get(id_) not in {written.title, *written.possible}
    ]
    begun_as = Counter("-".join(title.split("-")[:3]) for title in found.values())
    return tuple(lost), tuple(title for title, times in begun_as.items() if times > 1 and title[0].isdigit())
