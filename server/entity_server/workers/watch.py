"""Who watches the workers: each has its place, and who ends is replaced, unless all are to stop."""

import logging
import multiprocessing
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from entity_server.running import StartupError
from entity_server.workers.work import Work

log = logging.getLogger("entity_server")

_STOP_SECONDS = 10.0  # requests under way have two, what is written behind them a few more
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0  # seconds before a worker is replaced: longer while none comes to serve
_context = multiprocessing.get_context("fork")


class _Worker:
    """A process that serves, or is about to."""

    def __init__(self, process: BaseProcess, ready: Connection) -> None:
        self.process = process
        self.ready = ready
        self.serving = False


class Watch:
    """The workers, each of which has its place: who ends is replaced, unless all are to stop."""

    def __init__(self, work: Work, places: int, stopped: socket.socket, metrics_folder: str | None) -> None:
        self._work = work
        self._metrics_folder = metrics_folder
        self._stopped = stopped
        self._orders, self._last_order = _context.Pipe(duplex=False)
        self._workers: dict[int, _Worker] = {}
        self._due = dict.fromkeys(range(places), 0.0)
        self._pause = _FIRST_PAUSE

    def until_all_serve(self) -> bool:
        """Start them all; False when told to stop meanwhile. Raises StartupError when one ends instead of serving."""
        while any(not worker.serving for worker in self._workers.values()) or self._due:
            self._start_those_due()
            for place, worker in self._ended():
                if not self._signalled():
                    raise StartupError(f"worker {place + 1} ended before it served (exit {worker.process.exitcode})")
            if self._signalled():
                return False
        return True

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
        for number in (signal.SIGINT, signal.SIGHUP):  # from a terminal they come to every process
            signal.signal(number, signal.SIG_IGN)  # the watching one stops them all
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
                if self._metrics_folder is not None:
                    _forget_gauges(worker.process.pid, self._metrics_folder)
                yield place, worker

    def _until_due(self) -> float | None:
        return max(0.0, min(self._due.values()) - time.monotonic()) if self._due else None

    def _signalled(self) -> bool:
        return bool(wait([self._stopped], 0))


@contextmanager
def watched(work: Work, places: int, stopped: socket.socket, metrics_folder: str | None) -> Iterator[Watch]:
    """Somebody who watches so many workers; on the way out all of them are stopped."""
    watch = Watch(work, places, stopped, metrics_folder)
    try:
        yield watch
    finally:
        watch.stop()


def _forget_gauges(pid: int | None, folder: str) -> None:
    """Let what a worker that ended had in use be summed no more; what it counted stays."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - a server without metrics need not

    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
