"""What two-way validation costs: `python -m benchmarks.validation [ROUNDS]`.

Two measures, both in one run of about half a minute (7 rounds):

1. Alone: CPU microseconds to validate a list request with six parameters and its answer of 20 records, both ways.
   Target: at most 150.
2. In the server: throughput of the same server with validation on and off, for a list of 20, one read and one create.
   Two processes with a database each, pinned to one CPU, the client to another (where there are two); every round
   measures both, one right after the other and in alternating order. Target: at most 20 % fewer requests a second.

The server is one process on one CPU, so that its throughput is what its CPU time for a request allows; that ratio
(over all rounds) is judged, since a busy machine does not move it. Requests a second as the clock saw them are printed
beside it, with the median of the rounds' ratios: on an idle machine both columns agree. Requests are counted (nothing
runs until a time is up), go to loopback only, and their data disappears with a temporary folder. Linux only: CPU time
is read from /proc.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.validation_alone import microseconds

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 7
CONNECTIONS = 8
REQUESTS = {"list of 20": 320, "read one": 480, "create": 320}
TARGET_MICROSECONDS, TARGET_OVERHEAD = 150.0, 0.20


@dataclass(frozen=True, slots=True)
class Bench:
    """A server under measurement: where it is, its key, its process."""

    host: str
    port: int
    key: str
    pid: int

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """The bytes of a request."""
        head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.key}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"{head}\r\n".encode() + body

    def cpu_seconds(self) -> float:
        """The CPU time that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sample:
    """One batch: requests a second, and the server's CPU microseconds for each."""

    rate: float
    cpu: float


@contextmanager
def bench(folder: Path, validating: str, cpus: set[int]) -> Iterator[Bench]:
    """The reference server in a process, pinned, until the block ends."""
    with started(
        [sys.executable, "-P", "-m", "benchmarks.server_process", str(folder), validating], folder, cpus
    ) as it:
        yield it


@contextmanager
def started(command: list[str], folder: Path, cpus: set[int]) -> Iterator[Bench]:
    """A server process, pinned, until the block ends; it writes `credentials.json` in its folder when it serves."""
    folder.mkdir()
    process = subprocess.Popen(  # noqa: S603 - a server of ours, with arguments that we wrote
        command,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / face) for face in ("", "contract", "server"))},
    )
    try:
        os.sched_setaffinity(process.pid, cpus)
        written, deadline = folder / "credentials.json", time.monotonic() + 30
        while not written.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the server did not start")
            time.sleep(0.05)
        known = json.loads(written.read_text())
        host, port = known["baseUrl"].split("/")[2].split(":")
        yield Bench(host, int(port), known["apiKey"], process.pid)
    finally:
        process.terminate()
        process.wait(timeout=15)


async def send(server: Bench, request: bytes, count: int) -> list[bytes]:
    """Send a request so many times over a few connections; the bodies that came. Raises SystemExit for a refusal."""

    async def connection(share: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        bodies = []
        for _ in range(share):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            bodies.append(await reader.readexactly(length))
            if not head.startswith(b"HTTP/1.1 20"):
                raise SystemExit(f"refused: {head[:60]!r} {bodies[-1][:200]!r}")
        writer.close()
        await writer.wait_closed()
        return bodies

    shares = [count // CONNECTIONS] * CONNECTIONS
    return [body for bodies in await asyncio.gather(*map(connection, shares)) for body in bodies]


async def prepared(server: Bench) -> dict[str, bytes]:
    """The three requests, on a database with enough records for a full page."""
    body = json.dumps({"title": "A task to measure by", "description": "x" * 60, "priority": "high"}).encode()
    create = server.request("POST", "/tasks", body)
    made = await send(server, create, 3 * CONNECTIONS)
    record = json.loads(made[0])["data"]["id"]
    return {
        "list of 20": server.request("GET", "/tasks?page=1&limit=20"),
        "read one": server.request("GET", f"/tasks/{record}"),
        "create": create,
    }


async def sample(server: Bench, request: bytes, count: int) -> Sample:
    """Measure one batch."""
    cpu, started = server.cpu_seconds(), time.perf_counter()
    await send(server, request, count)
    seconds, used = time.perf_counter() - started, server.cpu_seconds() - cpu
    return Sample(count / seconds, used / count * 1e6)


async def measured(on: Bench, off: Bench, rounds: int) -> dict[str, list[tuple[Sample, Sample]]]:
    """Every round's pair of samples (on, off) for each request."""
    requests = {server: await prepared(server) for server in (on, off)}
    found: dict[str, list[tuple[Sample, Sample]]] = {name: [] for name in REQUESTS}
    for number in range(rounds + 1):
        for name, count in REQUESTS.items():
            order = (on, off) if number % 2 else (off, on)
            samples = {server: await sample(server, requests[server][name], count) for server in order}
            if number:  # the first round warms up
                found[name].append((samples[on], samples[off]))
    return found


def table(found: dict[str, list[tuple[Sample, Sample]]]) -> tuple[list[str], float]:
    """The rows to print, and the worst share of throughput that validation takes."""
    rows = [f"{'':<12}{'CPU us: on':>12}{'off':>7}{'overhead':>10}{'req/s: on':>12}{'off':>7}{'overhead':>10}"]
    worst = 0.0
    for name, pairs in found.items():
        cpu = [statistics.mean(pair[side].cpu for pair in pairs) for side in (0, 1)]
        rate = [statistics.median(pair[side].rate for pair in pairs) for side in (0, 1)]
        by_cpu = 1 - cpu[1] / cpu[0]
        by_clock = 1 - statistics.median(on.rate / off.rate for on, off in pairs)
        worst = max(worst, by_cpu)
        rows.append(
            f"{name:<12}{cpu[0]:>12.0f}{cpu[1]:>7.0f}{by_cpu:>10.1%}{rate[0]:>12.0f}{rate[1]:>7.0f}{by_clock:>10.1%}"
        )
    return rows, worst


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return 1 when a target is missed."""
    rounds = int(arguments[0]) if arguments else ROUNDS
    cpus = sorted(os.sched_getaffinity(0))
    request, answer = microseconds()
    print(f"validation alone: request {request:.1f} us + answer of 20 {answer:.1f} us = {request + answer:.1f} us CPU")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        on, off = (stack.enter_context(bench(Path(name) / mode, mode, {cpus[0]})) for mode in ("on", "off"))
        os.sched_setaffinity(0, {cpus[-1]})
        rows, worst = table(asyncio.run(measured(on, off, rounds)))
    print("\n".join(rows))
    met = request + answer <= TARGET_MICROSECONDS and worst <= TARGET_OVERHEAD
    print(f"targets {'met' if met else 'MISSED'}: {TARGET_MICROSECONDS:.0f} us, {TARGET_OVERHEAD:.0%}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
