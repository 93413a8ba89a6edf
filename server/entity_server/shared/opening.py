"""Opening Redis by a URL.

Reads the URL, and words what can go wrong for the person at the terminal. A URL may hold a password: only what
`shown` leaves of it is ever printed.
"""

import asyncio
import re
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError  # noqa: A004 - the one of Redis

from entity_server.settings import UnusableSetting
from entity_server.shared.connection import SECONDS, Connection

_SCHEMES = ("redis", "rediss", "unix")
_FORMS = "write redis://USER:PASSWORD@HOST:PORT/NUMBER, rediss://... or unix://PATH, with / ? # @ percent-encoded"
_HINT = "check that it is up, and that host, port, user, password and number are right"
_CONNECTIONS = 16  # one process; a question takes well below a millisecond


class RedisUnavailable(UnusableSetting):
    """Redis cannot be used. The message says what to do, and holds no secret."""


async def open_redis(url: str, *, must_answer: bool = True) -> Connection:
    """The connection to the Redis at `url`.

    Raises RedisUnavailable for what is no such URL, and for a Redis that does not answer when it must.
    """
    connection = Connection(_client(url), shown(url))
    if must_answer:
        try:
            async with asyncio.timeout(SECONDS):
                await connection.ping()
        except (RedisError, OSError, TimeoutError) as error:
            await connection.close()
            raise RedisUnavailable(f"cannot reach {shown(url)}: {_reason(error)}; {_HINT}") from error
    return connection


def shown(url: str) -> str:
    """The URL without user, password and options."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(unreadable)"
    if parts.scheme not in _SCHEMES:
        return "(without redis://)"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}"


def _client(url: str) -> Redis:
    parts = urlsplit(url) if shown(url) != "(unreadable)" else None
    if parts is None or parts.scheme not in _SCHEMES or "@" in parts.path + parts.query + parts.fragment:
        raise RedisUnavailable(f"cannot read the Redis URL {shown(url)}; {_FORMS}")
    if parts.scheme != "unix" and not re.fullmatch(r"/?[0-9]*", parts.path, re.ASCII):
        # redis-py takes what is no number for 0, where another deployment may count
        raise RedisUnavailable(f"cannot read the Redis URL {shown(url)}: its path is no number; {_FORMS}")
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=SECONDS,
            socket_timeout=None,  # every question has one time out, around all of it
            socket_connect_timeout=SECONDS,
            # Once more over a new connection: Redis closes idle ones. What got no answer in time may have been counted.
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
            decode_responses=True,
            client_name="reference-server",
        )
        pool.make_connection()  # type: ignore[no-untyped-call] # it asks nobody, and is refused an option that it does not know
    except TypeError as error:
        raise RedisUnavailable(f"the Redis URL {shown(url)} has an option that is not known; leave it out") from error
    except (RedisError, ValueError) as error:
        raise RedisUnavailable(f"cannot read the Redis URL {shown(url)}; {_FORMS}") from error
    return Redis.from_pool(pool)


def _reason(error: BaseException) -> str:
    """The library's own words: neither Redis nor the client repeats a password."""
    return " ".join(str(error).split()).rstrip(".")[:200] or "no answer in time"
