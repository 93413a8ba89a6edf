"""What takes minutes: `python -m server.tests.workers.soak [ROUNDS] [SEED]`, by default 20 rounds.

1. Four workers, 64 clients, a key of 1000/hour: exactly 1,000 requests are accepted.
2. In each round a worker, PostgreSQL and Redis are killed under load, in an order that the seed decides.

Exits with 1 when a limit was not exact, an acknowledged write was lost or doubled, or a recovery took above 5 seconds.
Traffic goes to loopback only; all data disappears with temporary folders.
"""

import asyncio
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import httpx

from server.tests.services import postgres_server, redis_server
from server.tests.workers.deployment import Deployment, deployed
from server.tests.workers.killing import VICTIMS, Victim, killing

ROUNDS, SEED = 20, 1


async def exact(deployment: Deployment) -> Counter[int]:
    """The statuses of 1,280 requests by 64 clients."""
    statuses: Counter[int] = Counter()

    async def client() -> None:
        async with httpx.AsyncClient(base_url=deployment.url, headers=deployment.bearer(), timeout=60) as one:
            for _ in range(20):
                statuses[(await one.get("/tasks?limit=1")).status_code] += 1

    await asyncio.gather(*(client() for _ in range(64)))
    return statuses


def main(rounds: int, seed: int) -> int:
    """The exit status."""
    wrong = 0
    chance = random.Random(seed)
    with postgres_server() as postgres, redis_server() as redis, tempfile.TemporaryDirectory() as folder:
        with deployed(Path(folder), postgres.url, redis.url, workers=4) as deployment:
            statuses = asyncio.run(exact(deployment))
            wrong += statuses != {200: 1000, 429: 280}
            print(f"limits: {dict(statuses)}", flush=True)  # noqa: T201 - a program
        with deployed(Path(folder), postgres.url, redis.url, "--key-limit", "100000000/hour", workers=4) as deployment:
            for number in range(rounds):
                victims: list[Victim] = list(VICTIMS)
                chance.shuffle(victims)
                outcome = asyncio.run(killing(deployment, postgres, redis, seed=seed + number, victims=victims))
                slow = [one for one in outcome.recoveries if one.seconds > 5]
                wrong += bool(slow or outcome.lost or outcome.doubled)
                took = ", ".join(f"{one.victim} {one.seconds:.1f} s" for one in outcome.recoveries)
                print(  # noqa: T201 - a program
                    f"round {number + 1}, seed {seed + number}: {len(outcome.ledger.records)} records, "
                    f"answers {dict(outcome.ledger.statuses)}, {outcome.ledger.broken} without; recovery: {took}; "
                    f"lost {list(outcome.lost)}, doubled {list(outcome.doubled)}",
                    flush=True,
                )
    return 1 if wrong else 0


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    sys.exit(main(*given, *(ROUNDS, SEED)[len(given) :]))
