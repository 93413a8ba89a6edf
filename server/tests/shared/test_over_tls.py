"""`rediss://`: a Redis behind TLS, whose authority the URL names; who is not trusted is not told the password."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from entity_server.domain.limits import RateLimit
from entity_server.shared import RedisUnavailable, SharedLimiter, open_redis

from server.tests.services import PASSWORD, RedisServer

pytestmark = pytest.mark.anyio

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


@asynccontextmanager
async def behind_tls(redis: RedisServer, context: ssl.SSLContext) -> AsyncIterator[tuple[int, bytearray]]:
    """A port that speaks TLS for that Redis, and what clients said there."""
    said, running = bytearray(), set[asyncio.Task[None]]()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, noted: bytearray) -> None:
        try:
            while data := await reader.read(4096):
                noted += data
                writer.write(data)
        finally:
            writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near, far = await asyncio.open_connection("127.0.0.1", redis.port)
        for one in (pass_on(reader, far, said), pass_on(near, writer, bytearray())):
            running.add(asyncio.create_task(one))

    server = await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], said
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@pytest.fixture
async def relayed(redis: RedisServer, tmp_path: Path) -> AsyncIterator[tuple[int, bytearray, Path]]:
    """The port, what was said there, and the file of the authority."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusted = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(trusted)
    async with behind_tls(redis, context) as (port, said):
        yield port, said, trusted


async def test_a_limit_is_counted_over_tls(relayed: tuple[int, bytearray, Path]) -> None:
    port, _, trusted = relayed
    connection = await open_redis(f"rediss://:{PASSWORD}@127.0.0.1:{port}/3?ssl_ca_certs={trusted}")
    limiter = SharedLimiter(connection, RateLimit(2, 60))

    refused = [(await limiter.take("key_over_tls", NOW)).retry_after is not None for _ in range(3)]

    await connection.close()
    assert refused == [False, False, True]


async def test_a_redis_that_is_not_trusted_is_refused_and_not_told_the_password(
    relayed: tuple[int, bytearray, Path],
) -> None:
    port, said, _ = relayed

    with pytest.raises(RedisUnavailable) as refused:
        await open_redis(f"rediss://:{PASSWORD}@127.0.0.1:{port}/3")

    assert str(refused.value).startswith(f"cannot reach rediss://127.0.0.1:{port}/3: ")
    assert "certificate verify failed" in str(refused.value)
    assert PASSWORD not in str(refused.value)
    assert PASSWORD.encode() not in said
