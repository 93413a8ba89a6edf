"""One set of claims for whatever counts requests: in this process, and in Redis."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from entity_server.domain.limits import Allowance, RateLimit, RateLimiter
from entity_server.http.services import Limiter
from entity_server.shared import Connection, SharedLimiter

pytestmark = pytest.mark.anyio

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
EPOCH = 1736937000

Make = Callable[[RateLimit], Limiter]


@pytest.fixture(params=["in this process", "in Redis"])
def limiter(request: pytest.FixtureRequest, connection: Connection) -> Make:
    return RateLimiter if request.param == "in this process" else lambda limit: SharedLimiter(connection, limit)


async def taken(limiter: Limiter, identity: str, now: datetime = NOW) -> Allowance:
    allowance = limiter.take(identity, now)
    return allowance if isinstance(allowance, Allowance) else await allowance


async def test_the_first_request_opens_a_window(limiter: Make) -> None:
    allowance = await taken(limiter(RateLimit(3, 60)), "key_1")

    assert allowance == Allowance(limit=3, remaining=2, reset=EPOCH + 60, retry_after=None)


async def test_each_request_leaves_one_less(limiter: Make) -> None:
    counted = limiter(RateLimit(3, 60))

    remaining = [(await taken(counted, "key_1")).remaining for _ in range(3)]

    assert remaining == [2, 1, 0]


async def test_a_request_too_many_is_told_when_to_come_back(limiter: Make) -> None:
    counted = limiter(RateLimit(1, 60))
    await taken(counted, "key_1")

    allowance = await taken(counted, "key_1", NOW + timedelta(seconds=20.5))

    assert allowance == Allowance(limit=1, remaining=0, reset=EPOCH + 60, retry_after=40)


async def test_a_window_that_opens_within_a_second_is_over_at_the_next_whole_one(limiter: Make) -> None:
    allowance = await taken(limiter(RateLimit(2, 60)), "key_1", NOW + timedelta(milliseconds=1))

    assert allowance.reset == EPOCH + 61


async def test_refused_requests_do_not_lengthen_the_wait(limiter: Make) -> None:
    counted = limiter(RateLimit(1, 60))
    for _ in range(50):
        await taken(counted, "key_1")

    assert await taken(counted, "key_1", NOW + timedelta(seconds=60)) == Allowance(1, 0, EPOCH + 120)


async def test_a_clock_that_is_put_back_lengthens_no_wait(limiter: Make) -> None:
    counted = limiter(RateLimit(1, 60))
    await taken(counted, "key_1")

    allowances = [await taken(counted, "key_1", NOW - timedelta(hours=1) + timedelta(seconds=late)) for late in (0, 20)]

    assert allowances == [Allowance(1, 0, EPOCH - 3540, retry_after=wait) for wait in (60, 40)]


async def test_a_window_lasts_until_its_last_millisecond(limiter: Make) -> None:
    counted = limiter(RateLimit(1, 60))
    await taken(counted, "key_1")

    assert (await taken(counted, "key_1", NOW + timedelta(seconds=59.999))).retry_after == 1


async def test_one_caller_does_not_use_up_anothers_requests(limiter: Make) -> None:
    counted = limiter(RateLimit(2, 60))
    await taken(counted, "key_1")

    assert (await taken(counted, "key_2")).remaining == 1


async def test_two_limits_are_counted_apart(limiter: Make) -> None:
    await taken(limiter(RateLimit(5, 60)), "key_1")

    assert (await taken(limiter(RateLimit(9, 60)), "key_1")).remaining == 8


async def test_of_many_requests_at_once_exactly_the_limit_is_accepted(limiter: Make) -> None:
    counted = limiter(RateLimit(50, 60))

    allowances = await asyncio.gather(*(taken(counted, "key_1") for _ in range(200)))

    accepted = sorted(one.remaining for one in allowances if one.retry_after is None)
    assert accepted == list(range(50))


async def test_two_processes_count_against_one_limit(connection: Connection) -> None:
    """What is counted in Redis alone; a limiter of its own stands for each process."""
    one, other = (SharedLimiter(connection, RateLimit(3, 60)) for _ in range(2))
    await one.take("key_1", NOW)

    assert (await other.take("key_1", NOW)).remaining == 1


async def test_a_server_whose_clock_is_a_second_behind_moves_no_window(connection: Connection) -> None:
    one, other = (SharedLimiter(connection, RateLimit(3, 60)) for _ in range(2))
    await taken(one, "key_1")
    await taken(other, "key_1", NOW - timedelta(seconds=1))

    allowance = await taken(one, "key_1", NOW + timedelta(seconds=59.5))

    assert allowance == Allowance(3, 0, EPOCH + 60, None)


async def test_a_window_in_redis_is_forgotten_some_time_after_it_is_over(connection: Connection) -> None:
    await SharedLimiter(connection, RateLimit(3, 60)).take("key_1", NOW)

    (name,) = await connection.client.keys("*")
    assert name == "v1:limit:3:60:key_1"
    assert 60_000 < await connection.client.pttl(name) <= 120_000
