"""The reference server on SQLite beside FastAPI with aiosqlite and SQL by hand: `python -m benchmarks.comparison`.

CPU microseconds a request of the server's process, for a list of 20, one read and one create: medians of rounds that
alternate, in one run, so that a busy machine moves both alike. What counts is the ratio. The peer gets an environment
of its own, made in a temporary folder (or given: `--peer-python PATH`), and does less: no rate limit, and one index
beside the primary key. Linux only; a few minutes.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.validation import REQUESTS, ROOT, Bench, Sample, prepared, sample, started

PEER = ROOT / "benchmarks" / "peers" / "fastapi_sqlite.py"
REQUIREMENTS = ("fastapi", "uvicorn", "uvloop", "httptools", "aiosqlite")
ROUNDS = 15


def peer_python(folder: Path) -> Path:
    """The Python of a new environment with what the peer needs."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)  # noqa: S603 - our own
    return python


async def measured(ours: Bench, peer: Bench, rounds: int) -> dict[str, list[tuple[Sample, Sample]]]:
    """Every round's pair of samples (ours, the peer's) for each request."""
    requests = {server: await prepared(server) for server in (ours, peer)}
    found: dict[str, list[tuple[Sample, Sample]]] = {name: [] for name in REQUESTS}
    for number in range(rounds + 1):
        for name, count in REQUESTS.items():
            order = (ours, peer) if number % 2 else (peer, ours)
            samples = {server: await sample(server, requests[server][name], count) for server in order}
            if number:  # the first round warms up
                found[name].append((samples[ours], samples[peer]))
    return found


def table(found: dict[str, list[tuple[Sample, Sample]]]) -> list[str]:
    """The rows to print, as Markdown has them."""
    rows = ["| CPU µs a request | reference server | FastAPI + aiosqlite | times as fast |", "|---|---|---|---|"]
    for name, pairs in found.items():
        ours, peer = (statistics.median(pair[side].cpu for pair in pairs) for side in (0, 1))
        ratio = statistics.median(theirs.cpu / own.cpu for own, theirs in pairs)
        rows.append(f"| {name} | {ours:.0f} | {peer:.0f} | {ratio:.2f} |")
    return rows


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peer-python", type=Path, help="an environment that has what the peer needs")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    cpus = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        python = given.peer_python or peer_python(folder / "peer-environment")
        own = [sys.executable, "-P", "-m", "benchmarks.server_process"]
        ours = stack.enter_context(started([*own, str(folder / "ours"), "on"], folder / "ours", {cpus[0]}))
        peer = stack.enter_context(started([str(python), str(PEER), str(folder / "peer")], folder / "peer", {cpus[0]}))
        os.sched_setaffinity(0, {cpus[-1]})
        print("\n".join(table(asyncio.run(measured(ours, peer, given.rounds)))))


if __name__ == "__main__":
    main(sys.argv[1:])
