"""Answers that leave together: those of connections that were heard in one turn of the event loop.

A write to a socket wakes its reader up, which costs the writer more than the write: for a reader that sleeps on another
processor about a tenth of a list. Where other requests are about to be answered in the same turn, an answer waits
for theirs, and all are written at once. Where nobody else has been heard, it is written at once by itself.
"""

import asyncio
from typing import Final

MOST: Final = 16
"""How many answers wait for one another. A client that asks without waiting for answers must not fill the memory."""


class Outbox:
    """The answers of the connections of one event loop.

    A connection says when it `heard` something, and when it has `awoken` for it; what it has to answer then, it answers
    before anybody else is awoken, or much later. Nothing waits longer than till the next turn of the loop.
    """

    __slots__ = ("_asleep", "_waiting")

    def __init__(self) -> None:
        self._asleep = 0
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def heard(self) -> None:
        """A connection will be awoken in this turn."""
        self._asleep += 1

    def awoken(self) -> None:
        """It is awake."""
        self._asleep -= 1

    def write(self, transport: asyncio.Transport, data: bytes) -> None:
        """Write it, at once or with what others write."""
        waiting = self._waiting
        if not waiting and not self._asleep:
            transport.write(data)
            return
        if not waiting:
            asyncio.get_running_loop().call_soon(self.empty)  # should those who are asleep have nothing to answer yet
        waiting.append((transport, data))
        if not self._asleep or len(waiting) >= MOST:
            self.empty()

    def empty(self) -> None:
        """Write what waits, in its order: before a connection is closed, and before it writes otherwise."""
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            for transport, data in waiting:
                if not transport.is_closing():
                    transport.write(data)
