"""When a run ends before it has asked everything: it was stopped, or its time is used up."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from entity_conformance.deployment.settings import Settings
from entity_conformance.deployment.wire import Wire

Came = TypeVar("Came")

MOST_KEPT_BACK = 4
"""Which part of the run's time is kept back for cleaning up at most: one in so many."""
LOOKED_AT = 0.5
"""Seconds after which it is looked at again how long cleaning up would take."""


@asynccontextmanager
async def hurrying(wire: Wire, stop: asyncio.Event) -> AsyncIterator[None]:
    """Have the wire hurry as soon as `stop` is set, also when that happens while cleaning up."""

    async def hurry() -> None:
        await stop.wait()
        wire.hurry()

    hurrying = asyncio.ensure_future(hurry())
    try:
        yield
    finally:
        hurrying.cancel()


@asynccontextmanager
async def over_time(stop: asyncio.Event, wire: Wire, settings: Settings) -> AsyncIterator[asyncio.Event]:
    """An event that is set when `stop` is, or the run's time but for what cleaning up will take."""
    over, until = asyncio.Event(), time.monotonic() + settings.max_time

    async def end() -> None:
        while not stop.is_set():
            kept_back = min(wire.closing_takes(settings.concurrency), settings.max_time / MOST_KEPT_BACK)
            left = until - kept_back - time.monotonic()
            if left <= 0:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(left, LOOKED_AT))
        over.set()

    ending = asyncio.ensure_future(end())
    try:
        yield over
    finally:
        ending.cancel()


async def unless_stopped(work: Awaitable[Came], stop: asyncio.Event) -> Came | None:
    """What `work` gives, None when the run is stopped before it is done."""
    task = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        awaited: set[asyncio.Future[Any]] = {task, stopped}
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        stopped.cancel()
        task.cancel()
        await asyncio.gather(task, stopped, return_exceptions=True)
