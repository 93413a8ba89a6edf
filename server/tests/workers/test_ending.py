"""How workers end, and what becomes of their place."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from server.tests.workers.deployment import Deployment, deployed, ended

pytestmark = pytest.mark.anyio

Place = Callable[[], tuple[str, str]]


@pytest.fixture
def running(place: Place, tmp_path: Path) -> Iterator[Deployment]:
    with deployed(tmp_path, *place()) as deployment:
        yield deployment


def all_serve(running: Deployment, *, instead_of: list[psutil.Process]) -> bool:
    """Whether, within a minute, two other workers are there, and new connections are answered."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        others = [worker for worker in running.workers() if worker not in instead_of]
        if len(others) == 2 and all(worker.num_fds() > 8 for worker in others):
            return all(running.health().status_code == 200 for _ in range(8))
        time.sleep(0.05)
    return False


def refuses_connections(running: Deployment) -> bool:
    """Whether, within a minute, nobody listens any more: every worker has heard that it is to stop."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{running.root}/livez", timeout=0.2)
        except httpx.ConnectError:
            return True
        except httpx.HTTPError:
            continue
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, pytest.param(signal.SIGINT, marks=pytest.mark.soak)])
def test_told_to_stop_it_ends_with_its_workers(running: Deployment, number: signal.Signals) -> None:
    workers = running.workers()

    running.process.send(number)

    assert running.process.wait(60) == 0
    assert ended(workers, 0)
    assert running.log.read_text().count("\n") == 1


def test_the_end_of_the_terminal_ends_them_with_who_watches(running: Deployment) -> None:
    workers = running.workers()

    for worker in workers:  # a terminal tells every process, in any order
        worker.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert running.workers() == workers
    running.process.send(signal.SIGHUP)

    assert running.process.wait(60) == 0
    assert ended(workers, 0)


async def test_requests_under_way_are_answered_before_it_ends(running: Deployment) -> None:
    """The body of each comes when the server has been told to stop already."""
    address = httpx.URL(running.url)
    opened = [await asyncio.open_connection(address.host, address.port) for _ in range(8)]
    head = (
        f"POST /api/v1/tasks HTTP/1.1\r\nHost: {address.host}\r\nAuthorization: {running.bearer()['Authorization']}\r\n"
        "Content-Type: application/json\r\nContent-Length: 17\r\n\r\n"
    )
    for _, writer in opened:
        writer.write(head.encode() + b'{"title"')
        await writer.drain()
    await asyncio.to_thread(httpx.get, f"{running.root}/livez")

    running.process.send(signal.SIGTERM)
    assert await asyncio.to_thread(refuses_connections, running)
    for _, writer in opened:
        writer.write(b': "late"}')
    first_lines = [await reader.readline() for reader, _ in opened]

    assert first_lines == [b"HTTP/1.1 201 Created\r\n"] * 8
    for _, writer in opened:
        writer.close()
    assert await asyncio.to_thread(running.process.wait, 60) == 0


def test_workers_that_are_killed_are_replaced(running: Deployment) -> None:
    killed = running.workers()
    for worker in killed:
        worker.kill()

    assert all_serve(running, instead_of=killed)
    assert running.log.read_text().count("another takes its place") == 2


def test_a_worker_that_is_told_to_stop_is_replaced(running: Deployment) -> None:
    stopped = running.workers()
    for worker in stopped:
        worker.terminate()

    assert all_serve(running, instead_of=stopped)


def test_workers_do_not_outlive_the_process_that_watches_them(running: Deployment) -> None:
    workers = running.workers()

    running.process.send(signal.SIGKILL)

    assert ended(workers)
