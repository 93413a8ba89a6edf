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
runs until a time is up), go to loopback only, and their data disappears with a temporary folder. Linux only.
"""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.traffic import CONNECTIONS, Sample, Server, prepared, sample, started
from benchmarks.validation_alone import microseconds

ROUNDS = 7
RECORDS = 3 * CONNECTIONS
REQUESTS = {"list of 20": 320, "read": 480, "create": 320}
TARGET_MICROSECONDS, TARGET_OVERHEAD = 150.0, 0.20


@contextmanager
def bench(folder: Path, validating: str, cpus: set[int]) -> Iterator[Server]:
    """The reference server in a process, pinned, until the block ends."""
    database = f"sqlite://{folder / 'bench.sqlite3'}"
    with started(
        [sys.executable, "-P", "-m", "benchmarks.server_process", str(folder), database, validating], folder, cpus
    ) as it:
        yield it


async def measured(on: Server, off: Server, rounds: int) -> dict[str, list[tuple[Sample, Sample]]]:
    """Every round's pair of samples (on, off) for each request."""
    requests = {server: await prepared(server, RECORDS) for server in (on, off)}
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
