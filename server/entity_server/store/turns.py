"""Turns: how many at once may use what there is little of, and how long the others wait for it.

A pool without a bound on waiting turns one slow statement into a server that answers nobody. Whoever has waited too
long is told so (TimeoutError, which is ServiceUnavailable outside), and can come again.
"""

import asyncio

LONGEST_WAIT = 10.0
"""Seconds that a request waits for its turn."""


class Turns:
    """So many at once: `async with turns: ...`. First come, first served; raises TimeoutError after `LONGEST_WAIT`."""

    __slots__ = ("_free",)

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)

    async def __aenter__(self) -> None:
        """Wait for a turn."""
        await self.acquire()

    async def __aexit__(self, *_: object) -> None:
        """Let the next one go on."""
        self.release()

    async def acquire(self) -> bool:
        """Wait for a turn; whoever has one must `release` it. The names are a lock's: Tortoise takes it as one."""
        if not self._free.locked():
            return await self._free.acquire()
        async with asyncio.timeout(LONGEST_WAIT):
            return await self._free.acquire()

    def release(self) -> None:
        """Let the next one go on."""
        self._free.release()

    def locked(self) -> bool:
        """Whether one would have to wait."""
        return self._free.locked()

    @property
    def free(self) -> bool:
        """Whether another may have a turn at once."""
        return not self._free.locked()
