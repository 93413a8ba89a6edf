from collections.abc import Iterator
from pathlib import Path

import pytest

from server.tests.services import Postgres, RedisServer
from server.tests.workers.deployment import Deployment, deployed
from server.tests.workers.killing import VICTIMS, killing

pytestmark = pytest.mark.anyio

UNLIMITED = ("--key-limit", "1000000/hour")


@pytest.fixture
def running(postgres: Postgres, redis: RedisServer, tmp_path: Path) -> Iterator[Deployment]:
    with deployed(tmp_path, postgres.url, redis.url, *UNLIMITED) as deployment:
        yield deployment


async def test_whatever_is_killed_no_acknowledged_write_is_lost(
    running: Deployment, postgres: Postgres, redis: RedisServer
) -> None:
    outcome = await killing(running, postgres, redis, seed=1, victims=VICTIMS)

    assert (outcome.lost, outcome.doubled) == ((), ())
    assert len(outcome.ledger.records) > 20
    assert set(outcome.ledger.statuses) <= {200, 201, 503}
    assert "quite-secret" not in running.log.read_text()
    assert "Traceback" not in running.log.read_text()
