"""Requests at work, and who must wait: while the state of the server is put back, no request works."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

_LONGEST_WAIT = 2.0  # seconds for requests at work, such as one whose body never ends


class Traffic:
    """Many requests at once, or one change of the whole state."""

    def __init__(self) -> None:
        self._at_work = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._open = asyncio.Event()
        self._open.set()
        self._changes = asyncio.Lock()
        self._let_go = asyncio.Event()

    def pauses(self) -> Callable[[float], Awaitable[None]]:
        """What waits for so many seconds, each time, until all that is held back now is let go."""
        let_go = self._let_go

        async def pause(seconds: float) -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await let_go.wait()

        return pause

    def let_go(self) -> None:
        """Hold back nothing that is held back now: the answers go out."""
        self._let_go.set()
        self._let_go = asyncio.Event()

    async def opened(self) -> None:
        """Wait until no change is made. `working` follows at once, before anything else is awaited."""
        while not self._open.is_set():
            await self._open.wait()

    @contextmanager
    def working(self) -> Iterator[None]:
        """The context of one request's work."""
        self._at_work += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._idle.set()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """The context of a change: it begins when the requests at work are done, or have had their time."""
        async with self._changes:
            self._open.clear()
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LONGEST_WAIT):
                        await self._idle.wait()
                yield
            finally:
                self._open.set()
