"""`reference-server run --workers N`: one process that starts and watches, and N that serve at the same socket.

    bind the socket · place the credentials · prepare, once: tables, demo · fork the workers · write them · watch

What is prepared is prepared before the first fork, with the contract compiled: a worker that takes the place of one
that ended serves within a fraction of a second. A worker is told to stop by the end of a pipe, and so it stops too when
the watching process is killed.
"""

import asyncio
import gc
import logging
import multiprocessing
import signal
import socket
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol, TypeVar

from entity_contract import Contract, load

from entity_server.app import compose, create_app, served, utc_now
from entity_server.credentials import credentials_file
from entity_server.demo import demo_credentials
from entity_server.http.operations import CompiledContract, compile_contract
from entity_server.remote import connected
from entity_server.running import (
    StartupError,
    access_log,
    announcement,
    base_url,
    listening,
    opened,
    readable_errors,
    trusted,
)
from entity_server.settings import Settings
from entity_server.tls import Tls, context_of, tls

log = logging.getLogger("entity_server")

_STOP_SECONDS = 10.0  # requests under way have two, what is written behind them a few more
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0  # seconds before a worker is replaced: longer while none comes to serve
_context = multiprocessing.get_context("fork")

Value = TypeVar("Value")


class Perform(Protocol):
    """What runs a coroutine to its end, on a loop of its own, and ends the process with a line for a StartupError."""

    def __call__(self, work: Coroutine[Any, Any, Value], /) -> Value:
        """What it comes to."""


def refuse_what_workers_cannot_share(settings: Settings) -> None:
    """Raise StartupError for settings that several processes would each take by themselves."""
    lacking = []
    if not settings.database.startswith(("postgres://", "postgresql://")):
        lacking.append("a PostgreSQL (--database postgres://...), which many processes may write to at once")
    if settings.redis is None:
        lacking.append("a Redis (--redis redis://...), since each would grant every caller the whole limit")
    if lacking:
        raise StartupError(f"{settings.workers} workers need {' and '.join(lacking)}; or run one worker")
    if settings.faults:
        raise StartupError("a fault remembers what one process has seen; with --fault, run one worker")


def run_workers(settings: Settings, say: Callable[[str], None], perform: Perform) -> None:
    """Serve by `settings.workers` processes until SIGTERM or SIGINT. Raises StartupError."""
    with readable_errors():
        refuse_what_workers_cannot_share(settings)
    with (
        readable_errors(),
        _told_to_stop() as stopped,
        listening(settings.host, settings.port) as sock,
        credentials_file(settings.credentials_file) as write,
        tls(settings) as secured,
    ):
        contract = load(settings.contract)
        compiled = compile_contract(contract, asserting=settings.validate)
        credentials = perform(_prepared(settings, contract, compiled))
        gc.freeze()  # what is loaded is shared by all workers, as long as none of them writes to it
        work = _Work(settings, contract, compiled, sock, secured, perform)
        with _watched(work, settings.workers, stopped) as watch:
            watch.until_all_serve()
            url = base_url(settings.host, sock, secured)
            write({"baseUrl": url, **credentials, **trusted(secured)})
            say(announcement(url, settings))
            watch.until_stopped()


async def _prepared(settings: Settings, contract: Contract, compiled: CompiledContract) -> Mapping[str, str]:
    """Make what is made once, see that all that is needed is there, and give the demo's credentials."""
    async with (
        opened(settings.database, contract) as store,
        connected(compose(contract, store, settings, compiled=compiled), settings) as services,
    ):
        create_app(services)
        return await demo_credentials(settings, store, contract, compiled, utc_now())


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker needs to serve."""

    settings: Settings
    contract: Contract
    compiled: CompiledContract
    sock: socket.socket
    secured: Tls | None
    perform: Perform

    async def serve(self, orders: Connection, ready: Connection) -> None:
        """Serve until the pipe `orders` ends or SIGTERM comes, and say by `ready` when it begins."""
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stopped.set)
        loop.add_reader(orders.fileno(), stopped.set)
        settings, contract = self.settings, self.contract
        with readable_errors():
            async with (
                opened(settings.database, contract) as store,
                connected(
                    compose(contract, store, settings, compiled=self.compiled), settings, must_answer=False
                ) as services,
                served(
                    create_app(services, origins=settings.cors, access_log=access_log(settings)),
                    self.sock,
                    tls=context_of(self.secured),
                ),
            ):
                ready.send_bytes(b"serving")
                gc.enable()
                await stopped.wait()
                loop.remove_reader(orders.fileno())


class _Worker:
    """A process that serves, or is about to."""

    def __init__(self, process: BaseProcess, ready: Connection) -> None:
        self.process = process
        self.ready = ready
        self.serving = False


class _Watch:
    """The workers, each of which has its place: who ends is replaced, unless all are to stop."""

    def __init__(self, work: _Work, places: int, stopped: socket.socket) -> None:
        self._work = work
        self._stopped = stopped
        self._orders, self._last_order = _context.Pipe(duplex=False)
        self._workers: dict[int, _Worker] = {}
        self._due = dict.fromkeys(range(places), 0.0)
        self._pause = _FIRST_PAUSE

    def until_all_serve(self) -> None:
        """Start them all. Raises StartupError when one of them ends instead."""
        while any(not worker.serving for worker in self._workers.values()) or self._due:
            self._start_those_due()
            for place, worker in self._ended():
                if not self._signalled():
                    raise StartupError(f"worker {place + 1} ended before it served (exit {worker.process.exitcode})")
            if self._signalled():
                return

    def until_stopped(self) -> None:
        """Replace workers that end, until this process is told to stop."""
        while not self._signalled():
            for place, worker in self._ended():
                self._due[place] = time.monotonic() + self._pause
                self._pause = _FIRST_PAUSE if worker.serving else min(2 * self._pause, _LONGEST_PAUSE)
                log.warning(
                    "worker %d (process %d) ended (exit %s): another takes its place",
                    place + 1, worker.process.pid, worker.process.exitcode,
                )  # fmt: skip
            self._start_those_due()

    def stop(self) -> None:
        """Let requests under way finish, and end what does not end by itself."""
        self._work.sock.close()  # when the workers have closed it too, who comes now is refused, and need not wait
        self._last_order.close()
        deadline = time.monotonic() + _STOP_SECONDS
        for worker in self._workers.values():
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                log.warning("process %d does not stop, and is killed", worker.process.pid)
                worker.process.kill()
                worker.process.join()

    def _start_those_due(self) -> None:
        for place, moment in tuple(self._due.items()):
            if moment <= time.monotonic() and not self._signalled():
                del self._due[place]
                self._workers[place] = self._started()

    def _started(self) -> _Worker:
        heard, ready = _context.Pipe(duplex=False)
        process = _context.Process(target=self._serve, args=(ready,))
        process.start()
        ready.close()
        return _Worker(process, heard)

    def _serve(self, ready: Connection) -> None:
        """What the new process does. It lets go of the ends of pipes that are the watching process' own."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C comes to every process; the watching one stops them all
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._last_order.close()
        self._stopped.close()
        self._work.perform(self._work.serve(self._orders, ready))

    def _ended(self) -> Iterator[tuple[int, _Worker]]:
        """The workers that have ended, once something has happened, or a replacement is due."""
        awaited: dict[Any, _Worker | None] = {self._stopped: None}
        for worker in self._workers.values():
            awaited[worker.process.sentinel] = worker
            if not worker.serving:
                awaited[worker.ready] = worker
        for happened in wait(list(awaited), self._until_due()):
            begun = awaited[happened]
            if begun is not None and happened is begun.ready:
                with suppress(EOFError):  # it ended before it served
                    begun.serving = begun.ready.recv_bytes() == b"serving"
                    self._pause = _FIRST_PAUSE
        for place, worker in tuple(self._workers.items()):
            if not worker.process.is_alive():
                worker.ready.close()
                del self._workers[place]
                yield place, worker

    def _until_due(self) -> float | None:
        return max(0.0, min(self._due.values()) - time.monotonic()) if self._due else None

    def _signalled(self) -> bool:
        return bool(wait([self._stopped], 0))


@contextmanager
def _watched(work: _Work, places: int, stopped: socket.socket) -> Iterator[_Watch]:
    watch = _Watch(work, places, stopped)
    try:
        yield watch
    finally:
        watch.stop()


@contextmanager
def _told_to_stop() -> Iterator[socket.socket]:
    """A socket that can be read once SIGTERM or SIGINT has come."""
    heard, told = socket.socketpair()
    with heard, told:
        signals = (signal.SIGTERM, signal.SIGINT)
        earlier = {number: signal.signal(number, lambda *_: told.sendall(b"stop")) for number in signals}
        try:
            yield heard
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)
