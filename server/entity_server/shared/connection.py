"""The connection to Redis, and what is done while there is none.

A question that fails, or takes too long, opens an outage: from then on no request waits for Redis, and one task asks
whether it is back. One warning tells of the outage and one of its end.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger("entity_server")

SECONDS = 1.0
"""How long one question may take, the wait for a free connection included."""

_BETWEEN_TRIES = 0.5  # seconds; well below the five within which a server is to recover
_FAILURES = (RedisError, OSError, TimeoutError)

Value = TypeVar("Value")


class Gone(Exception):  # noqa: N818 - it says what is the matter
    """Redis did not answer, or is known not to; it stays inside this package."""


class Connection:
    """A Redis that may be gone for a while. `shown` is its URL without secrets."""

    def __init__(self, client: Redis, shown: str) -> None:
        self.client = client
        self.shown = shown
        self.failures = 0
        self._recovering: asyncio.Task[None] | None = None

    @property
    def gone(self) -> bool:
        """Whether there is an outage."""
        return self._recovering is not None

    async def ask(self, question: Callable[[], Awaitable[Value]]) -> Value:
        """The answer to a question. Raises Gone within `SECONDS`, and at once while there is an outage."""
        if self._recovering is not None:
            self.failures += 1
            raise Gone
        try:
            async with asyncio.timeout(SECONDS):
                return await question()
        except _FAILURES as error:
            self.failures += 1
            self._lost(error)
            raise Gone from error

    async def ping(self) -> None:
        """Nothing, when Redis takes a write: one that is full, or a replica, would answer PING, and count nothing."""
        await self.client.set("v1:ping", "", px=1000)

    async def notices(self) -> Mapping[str, str]:
        """What the health check is to tell: nothing while Redis answers."""
        with suppress(Gone):
            await self.ask(self.ping)
            return {}
        return {"rateLimits": "Redis cannot be reached; until it is back no request is refused for its number"}

    async def close(self) -> None:
        """Let go of the connections; closing twice is closing once."""
        if self._recovering is not None:
            self._recovering.cancel()
            with suppress(asyncio.CancelledError):
                await self._recovering
        await self.client.aclose(close_connection_pool=True)

    def _lost(self, error: BaseException) -> None:
        if self._recovering is not None:
            return  # another request was first
        reason = " ".join(str(error).split()).rstrip(".") or "no answer in time"
        log.warning("%s cannot be reached (%s): rate limits refuse nobody until it is back", self.shown, reason[:200])
        self._recovering = asyncio.create_task(self._recover())

    async def _recover(self) -> None:
        while True:
            await asyncio.sleep(_BETWEEN_TRIES)
            with suppress(*_FAILURES):
                async with asyncio.timeout(SECONDS):
                    await self.client.connection_pool.disconnect(inuse_connections=False)  # to the Redis that is gone
                    await self.ping()
                self._recovering = None
                log.warning("%s is back: rate limits are shared again", self.shown)
                return
