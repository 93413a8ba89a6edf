"""Turns: how many at once may use what there is little of, and how long the others wait for it.

A pool without a bound on waiting turns one slow statement into a server that answers nobody. Whoever has waited too
long is told so (TimeoutError, which is ServiceUnavailable outside), and can come again.
"""

import asyncio
from collections import deque

LONGEST_WAIT = 10.0
"""Seconds that a request waits for its turn."""


class Turns:
    """So many at once: `async with turns: ...`. First come, first served; raises TimeoutError after `LONGEST_WAIT`.

    A semaphore of asyncio within a timeout does the same; where there are more callers than turns, which is what a
    busy server is, it takes as long as the statement that was waited for.
    """

    __slots__ = ("_free", "_waiting")

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        """Wait for a turn."""
        await self.acquire()

    async def __aexit__(self, *_: object) -> None:
        """Let the next one go on."""
        self.release()

    async def acquire(self) -> bool:
        """Wait for a turn; whoever has one must `release` it. The names are a lock's: Tortoise takes it as one."""
        if self._free:
            self._free -= 1
            return True
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        bound = loop.call_later(LONGEST_WAIT, _end, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:  # it came, and nobody takes it
                self.release()
            raise
        finally:
            bound.cancel()
        return True

    def release(self) -> None:
        """Let the next one go on: it has the turn from now on, so that nobody who comes later is before it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # else its caller has gone
                turn.set_result(None)
                return
        self._free += 1

    def take(self) -> None:
        """Have a turn that is `free`."""
        self._free -= 1

    def locked(self) -> bool:
        """Whether one would have to wait."""
        return not self._free

    @property
    def free(self) -> bool:
        """Whether another may have a turn at once."""
        return bool(self._free)

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return len(self._waiting)

    @property
    def spare(self) -> bool:
        """Whether another may have a turn at once, and one more after that."""
        return self._free > 1


def _end(turn: asyncio.Future[None]) -> None:
    """Nobody waits any longer."""
    if not turn.done():
        turn.set_exception(TimeoutError())
