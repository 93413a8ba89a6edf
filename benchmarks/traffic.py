"""Requests to a server of a benchmark, and the CPU time that it uses for them. Linux only.

A server is a process, pinned to a CPU; its CPU time is that of all of its threads and of the processes that it has
started. Requests are counted (nothing runs until a time is up) and go to loopback only.
"""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 8
START_SECONDS = 60
_TOLD = 2000  # characters of what a server said that did not start

TASK = json.dumps({"title": "A task to measure by", "description": "x" * 60, "priority": "high"}).encode()


class NotStarted(Exception):  # noqa: N818 - it says what is the matter
    """A server did not start, or refused what was asked. The message says what it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server under measurement: where it is, two keys of different users, its processes."""

    host: str
    port: int
    base: str
    key: str = field(repr=False)
    other_key: str = field(repr=False)
    pids: tuple[int, ...]

    def request(self, method: str, path: str, body: bytes = b"", *, key: str | None = None) -> bytes:
        """The bytes of a request."""
        head = (
            f"{method} {self.base}{path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {key or self.key}\r\n"
        )
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"{head}\r\n".encode() + body

    def cpu_seconds(self) -> float:
        """The CPU time that its processes have used, to the nanosecond."""
        return sum(
            time.clock_gettime((~pid << 3) | 2) for pid in self.pids
        )  # the clock id that clock_getcpuclockid(3) gives


@dataclass(frozen=True, slots=True)
class Sample:
    """One batch: requests a second, and the server's CPU microseconds for each."""

    rate: float
    cpu: float


@contextmanager
def started(command: Sequence[str], folder: Path, cpus: set[int]) -> Iterator[Server]:
    """A server process, pinned, until the block ends. It writes `credentials.json` in its folder when it serves.

    Raises NotStarted.
    """
    folder.mkdir(parents=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=_environment(), stdout=log, stderr=log)  # noqa: S603 - our own
    try:
        os.sched_setaffinity(process.pid, cpus)
        known = _credentials(process, folder)
        url = urlsplit(known["baseUrl"])
        assert url.hostname is not None
        assert url.port is not None
        children = psutil.Process(process.pid).children(recursive=True)
        pids = (process.pid, *(child.pid for child in children))
        yield Server(url.hostname, url.port, url.path, known["apiKey"], known["otherApiKey"], pids)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=15)


def _environment() -> dict[str, str]:
    """That of this process, with the checkout's packages, and no developer's own configuration of the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REFERENCE_SERVER_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(str(ROOT / face) for face in ("", "contract", "server"))}


def _credentials(process: subprocess.Popen[bytes], folder: Path) -> Mapping[str, str]:
    written, deadline = folder / "credentials.json", time.monotonic() + START_SECONDS
    while not written.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            said = " ".join((folder / "log").read_text(errors="replace").split())[-_TOLD:]
            raise NotStarted(f"it did not start (exit {process.poll()}): {said or 'it said nothing'}")
        time.sleep(0.05)
    known: Mapping[str, str] = json.loads(written.read_text())
    return known


async def send(server: Server, request: bytes, count: int) -> list[bytes]:
    """Send a request so many times over a few connections; the bodies that came. Raises NotStarted for a refusal."""

    async def connection(share: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        bodies = []
        for _ in range(share):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            bodies.append(await reader.readexactly(length))
            if not head.startswith(b"HTTP/1.1 20"):
                raise NotStarted(f"it refused a request: {head[:60]!r} {bodies[-1][:200]!r}")
        writer.close()
        await writer.wait_closed()
        return bodies

    shares = [count // CONNECTIONS] * CONNECTIONS
    return [body for bodies in await asyncio.gather(*map(connection, shares)) for body in bodies]


async def prepared(server: Server, records: int) -> dict[str, bytes]:
    """The three requests. There are so many records to list; what is created belongs to another user."""
    made = await send(server, server.request("POST", "/tasks", TASK), records)
    record = json.loads(made[0])["data"]["id"]
    listing = server.request("GET", "/tasks?page=1&limit=20")
    page = json.loads((await send(server, listing, CONNECTIONS))[0])
    if len(page["data"]) != 20:
        raise NotStarted(f"a page of 20 has {len(page['data'])} records")
    return {
        "list of 20": listing,
        "read": server.request("GET", f"/tasks/{record}"),
        "create": server.request("POST", "/tasks", TASK, key=server.other_key),
    }


async def sample(server: Server, request: bytes, count: int) -> Sample:
    """Measure one batch."""
    cpu, begun = server.cpu_seconds(), time.perf_counter()
    await send(server, request, count)
    seconds, used = time.perf_counter() - begun, server.cpu_seconds() - cpu
    return Sample(count / seconds, used / count * 1e6)
