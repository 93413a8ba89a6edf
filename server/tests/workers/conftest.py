from collections.abc import Callable, Iterator
from itertools import count

import pytest

from server.tests.services import Postgres, RedisServer, postgres_server, redis_server

_numbers = count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as running:
        yield running


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture(scope="session")
def place(postgres: Postgres, redis: RedisServer) -> Callable[[], tuple[str, str]]:
    """A database and a Redis that hold nothing yet, by their URLs."""

    def made() -> tuple[str, str]:
        number = next(_numbers)
        postgres.execute(f"CREATE SCHEMA test_{number};")
        return f"{postgres.url}&schema=test_{number}", f"{redis.url.removesuffix('/0')}/{number}"

    return made
