"""Redis is gone for a while: what is served meanwhile, what is told of it, and how it ends."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from entity_server.domain.limits import Allowance, RateLimit
from entity_server.shared import Connection, RedisUnavailable, SharedLimiter, open_redis

from server.tests.services import PASSWORD, RedisServer, redis_server

pytestmark = pytest.mark.anyio

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
EPOCH = 1736937000


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """One of its own for each test, since it is killed."""
    with redis_server() as running:
        yield running


@pytest.fixture
async def connection(redis: RedisServer) -> AsyncIterator[Connection]:
    connection = await open_redis(redis.url)
    yield connection
    await connection.close()


@asynccontextmanager
async def open_redis_of(redis: RedisServer) -> AsyncIterator[Connection]:
    """A connection of somebody else."""
    other = await open_redis(redis.url, must_answer=False)
    yield other
    await other.close()


async def back(connection: Connection) -> None:
    """Wait until the outage is over."""
    recovering = connection._recovering
    assert recovering is not None
    await asyncio.wait_for(asyncio.shield(recovering), timeout=60)


async def test_while_it_is_gone_nobody_is_refused(redis: RedisServer, connection: Connection) -> None:
    limiter = SharedLimiter(connection, RateLimit(2, 60))
    for _ in range(3):
        await limiter.take("key_1", NOW)
    redis.kill()

    allowances = [await limiter.take("key_1", NOW) for _ in range(3)]

    assert allowances == [Allowance(2, remaining, EPOCH + 60, None) for remaining in (1, 0, 0)]


async def test_it_is_counted_on_where_it_was_when_it_is_back(redis: RedisServer, connection: Connection) -> None:
    limiter = SharedLimiter(connection, RateLimit(10, 60))
    await limiter.take("key_1", NOW)
    redis.kill()
    await limiter.take("key_1", NOW)
    redis.start()
    await back(connection)

    assert (await limiter.take("key_1", NOW)).remaining == 8


async def test_one_that_answers_nothing_holds_a_request_up_for_a_second_and_the_next_not_at_all(
    redis: RedisServer, connection: Connection
) -> None:
    limiter = SharedLimiter(connection, RateLimit(10, 60))
    redis.freeze()

    begun = time.monotonic()
    await asyncio.gather(*(limiter.take("key_1", NOW) for _ in range(50)))
    took = time.monotonic() - begun
    async with asyncio.timeout(0):  # it would end the first wait
        await limiter.take("key_1", NOW)
    redis.thaw()

    assert 0.9 < took < 45
    await back(connection)


async def test_the_outage_and_its_end_are_told_once_each_without_the_password(
    redis: RedisServer, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = SharedLimiter(connection, RateLimit(10, 60))
    with caplog.at_level(logging.INFO, "entity_server"):
        redis.kill()
        for _ in range(5):
            await limiter.take("key_1", NOW)
        redis.start()
        await back(connection)

    lost, found = caplog.messages
    assert lost.startswith(f"redis://127.0.0.1:{redis.port}/0 cannot be reached (")
    assert found == f"redis://127.0.0.1:{redis.port}/0 is back: rate limits are shared again"
    assert PASSWORD not in caplog.text


async def test_the_health_check_tells_of_it(redis: RedisServer, connection: Connection) -> None:
    before = await connection.notices()
    redis.kill()
    during = await connection.notices()
    redis.start()
    await back(connection)
    after = await connection.notices()

    assert (before, after) == ({}, {})
    assert during == {"rateLimits": "Redis cannot be reached; until it is back no request is refused for its number"}


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://:quite-secret@127.0.0.1:6379", "cannot read the Redis URL (without redis://); write redis://USER"),
        ("redis://:quite-secret@127.0.0.1:port/0", "cannot read the Redis URL (unreadable); write redis://USER"),
        ("redis://:quite-secret@127.0.0.1:99999/0", "cannot read the Redis URL (unreadable); write redis://USER"),
        ("redis://:quite/secret@127.0.0.1:6379/0", "cannot read the Redis URL "),
        ("redis://:quite-secret@127.0.0.1:1/0", "cannot reach redis://127.0.0.1:1/0: "),
        ("redis://127.0.0.1:1/0?password=quite-secret", "cannot reach redis://127.0.0.1:1/0: "),
        ("redis://127.0.0.1:1/0?socket_timeout=quite-secret", "cannot read the Redis URL redis://127.0.0.1:1/0; "),
        (
            "redis://:quite-secret@127.0.0.1:1/0?secrets=quite-secret",
            "the Redis URL redis://127.0.0.1:1/0 has an option",
        ),
        ("redis://127.0.0.1:1/0?ssl_ca_certs=secret.pem", "the Redis URL redis://127.0.0.1:1/0 has an option"),
        ("redis://127.0.0.1:1/one", "cannot read the Redis URL redis://127.0.0.1:1/one: its path is no number; "),
        ("redis://127.0.0.1:1/-1", "cannot read the Redis URL redis://127.0.0.1:1/-1: its path is no number; "),
        ("", "cannot read the Redis URL (without redis://); "),
    ],
)
async def test_what_cannot_be_used_is_told_without_its_password(url: str, told: str) -> None:
    with pytest.raises(RedisUnavailable) as refused:
        await open_redis(url)

    assert str(refused.value).startswith(told)
    assert "secret" not in str(refused.value)


async def test_a_wrong_password_is_told_without_it(redis: RedisServer) -> None:
    with pytest.raises(RedisUnavailable) as refused:
        await open_redis(redis.url.replace(PASSWORD, "another-secret"))

    assert str(refused.value).startswith(f"cannot reach redis://127.0.0.1:{redis.port}/0: ")
    assert "another-secret" not in str(refused.value)


async def test_one_that_takes_no_writes_is_gone_until_it_does(redis: RedisServer, connection: Connection) -> None:
    limiter = SharedLimiter(connection, RateLimit(2, 60))
    await connection.client.config_set("maxmemory", "1")
    during = [(await limiter.take("key_1", NOW)).retry_after for _ in range(3)]
    told = await connection.notices()
    async with open_redis_of(redis) as operator:
        await operator.client.config_set("maxmemory", "0")
    await back(connection)

    assert during == [None, None, None]
    assert list(told) == ["rateLimits"]
    assert (await limiter.take("key_1", NOW)).remaining == 1
