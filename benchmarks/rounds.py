"""Rounds that take turns: each server answers a batch of each request in every round, the order moving on by one.

So a busy machine moves all alike, and a ratio is that of two batches of one round. Who fails on the way is out, and
the reason is kept.
"""

import asyncio
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.traffic import NotStarted, Sample, Server, prepared, sample

REQUESTS = {"list of 20": 320, "read": 480, "create": 320}
RECORDS = 1000
"""The tasks of the user who lists."""

_FAILURES = (NotStarted, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, KeyError, ValueError)


@dataclass(slots=True)
class Measured:
    """Samples by server and request, round by round; and why a server has none."""

    samples: dict[str, dict[str, list[Sample]]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def cpu(self, server: str, request: str) -> float:
        """The median of its CPU microseconds."""
        return statistics.median(one.cpu for one in self.samples[server][request])

    def times(self, server: str, other: str, request: str) -> float:
        """How many times the CPU of the other a server takes: the median of the rounds' ratios."""
        pairs = zip(self.samples[server][request], self.samples[other][request], strict=True)
        return statistics.median(one.cpu / of.cpu for one, of in pairs)


async def measured(servers: Mapping[str, Server], rounds: int) -> Measured:
    """So many rounds, after one that warms up."""
    found = Measured()
    requests: dict[str, dict[str, bytes]] = {}
    for id_, server in servers.items():
        try:
            requests[id_] = await prepared(server, RECORDS)
        except _FAILURES as error:
            found.failed[id_] = _reason(error)
    found.samples = {id_: {name: [] for name in REQUESTS} for id_ in requests}
    for number in range(rounds + 1):
        for name, count in REQUESTS.items():
            order = list(found.samples)
            for id_ in (*order[number % len(order) :], *order[: number % len(order)]) if order else ():
                try:
                    taken = await sample(servers[id_], requests[id_][name], count)
                except _FAILURES as error:
                    found.failed[id_] = _reason(error)
                    del found.samples[id_]
                    continue
                if number:
                    found.samples[id_][name].append(taken)
    return found


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
