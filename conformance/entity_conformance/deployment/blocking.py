"""The deployment for code that blocks: a worker thread whose every request is sent by the run's event loop.

schemathesis and Hypothesis wait for an answer where they stand. They get a `Blocking`, which hands each request to the
loop; the loop keeps the signals, the limits, the journal and the connections. One worker at a time uses it.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from typing import Any, TypeVar

from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.issued import issued_key
from entity_conformance.deployment.outgoing import Outgoing
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.deployment.sending import send

Came = TypeVar("Came")

GRACE = 3.0
"""Seconds that a stopped run waits for its worker to end."""


_REFUSED = 400


class Stopped(KeyboardInterrupt):
    """The run was stopped: nothing more is sent.

    A KeyboardInterrupt, so that Hypothesis and schemathesis end at once: they neither repeat nor shrink what they were
    at, and take it for no failure.
    """


class Blocking:
    """One worker's way to the deployment. `context` is the run's, `loop` the one that runs now."""

    def __init__(self, context: RunContext, loop: asyncio.AbstractEventLoop) -> None:
        self.context = context
        self._loop = loop
        self._is_stopped = False
        self._under_way: asyncio.Task[Any] | None = None

    def send(self, request: Outgoing, *, check: str, evidence: list[str]) -> Reply:
        """The answer to a request, without the secrets that the user gave; a refusal as it came.

        From the worker's thread only.

        Each exchange's id is added to `evidence`. Raises NoAnswer and Blocked as the wire does, OutOfProfile for a
        write in a run that only reads, Unsafe for a request that must not be sent, Stopped when the run was stopped.
        """
        return self._redacted(self.wait_for(send(self.context, request, check=check, evidence=evidence)))

    def wait_for(self, work: Coroutine[Any, Any, Came]) -> Came:
        """What work of several requests comes to, done by the run's event loop. Raises Stopped, and what it raises."""
        if self._is_stopped:
            work.close()
            raise Stopped
        future = asyncio.run_coroutine_threadsafe(self._done(work), self._loop)
        try:
            return future.result()
        except CancelledError:
            raise Stopped from None

    async def _done(self, work: Coroutine[Any, Any, Came]) -> Came:
        if self._is_stopped:
            work.close()
            raise asyncio.CancelledError
        self._under_way = asyncio.current_task()
        try:
            return await work
        finally:
            self._under_way = None

    def _redacted(self, reply: Reply) -> Reply:
        """The answer with placeholders for secrets that it echoes; a key that it issues is there to be used."""
        redactor = self.context.wire.log.redactor
        if reply.status >= _REFUSED:
            reply = replace(reply, status=reply.came_by or reply.status, came_by=None, meant=None, wrapped=())
        text = reply.content.decode("latin-1")
        told = text if issued_key(reply.content) is not None else redactor.text(text)
        headers = Headers(tuple((name, redactor.text(value)) for name, value in reply.headers.items()))
        return (
            replace(reply, headers=headers, content=told.encode("latin-1", "replace"))
            if told != text
            else replace(reply, headers=headers)
        )

    async def stop(self) -> None:
        """From now on every request of the worker raises Stopped. Returns when none is under way any more."""
        self._is_stopped = True
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.wait({self._under_way})


async def in_thread(context: RunContext, work: Callable[[Blocking], Came], stop: asyncio.Event) -> Came | None:
    """What `work` gives, which runs in a thread of its own; None when `stop` was set before it was done.

    The thread is not waited for beyond `GRACE` seconds: it can send nothing any more, and ends with the process.
    """
    blocking = Blocking(context, asyncio.get_running_loop())
    outcome = Future[Came | None]()
    outcome.set_running_or_notify_cancel()  # what waits for it may go; the thread has its say all the same

    def perform() -> None:
        try:
            outcome.set_result(work(blocking))
        except Stopped:
            outcome.set_result(None)
        except BaseException as problem:  # noqa: BLE001  # it is raised where the work is waited for
            outcome.set_exception(problem)

    threading.Thread(target=perform, name="worker", daemon=True).start()
    done, stopped = asyncio.wrap_future(outcome), asyncio.ensure_future(stop.wait())
    try:
        awaited: set[asyncio.Future[Any]] = {done, stopped}
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            await blocking.stop()
            await asyncio.wait({done}, timeout=GRACE)
        return done.result() if done.done() else None
    finally:
        await blocking.stop()
        done.cancel()
        stopped.cancel()
