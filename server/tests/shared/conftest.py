from collections.abc import AsyncIterator, Iterator

import pytest
from entity_server.shared import Connection, open_redis

from server.tests.services import RedisServer, redis_server


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
async def connection(redis: RedisServer) -> AsyncIterator[Connection]:
    connection = await open_redis(redis.url)
    await connection.client.flushdb()
    yield connection
    await connection.close()
