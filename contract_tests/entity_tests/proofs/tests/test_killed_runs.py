"""A run that is killed with -9 at any moment: another process removes what it made, and touches nothing else.

The moment is a request that a seed draws: it has reached the server, which has done what it asks, and its answer is on
its way, or will never be.
"""

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from entity_tests.deployments.databases import dump
from entity_tests.deployments.nursery import Started, nursery
from entity_tests.deployments.running import everything
from entity_tests.deployments.serving import UNLIMITED, Served, environment, serving
from entity_tests.proofs.hostile.proxy import Answer, Exchange, proxying

SECONDS = 120.0
SENT = {"run": 700, "properties": 500, "model": 750}
"""Requests of each command, or those of its first half minute: it is killed by the last of these at latest."""
MOMENTS = 50
FIRST = {"run": 2, "properties": 1, "model": 1}
"""Of these moments, how many the ordinary tests try."""
CASES = [
    pytest.param(command, seed, marks=() if seed < FIRST[command] else pytest.mark.soak)
    for command in SENT
    for seed in range(MOMENTS)
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("server"), *UNLIMITED) as server:
        yield server


def forked(served: Served, url: str, state: Path, command: str) -> Started:
    twins = {f"CONFORMANCE_{name}": value for name, value in everything(served).items()}
    variables = {**environment(), **twins, "CONFORMANCE_STATE_DIR": str(state)}
    log = state.with_name(f"{command}.log")
    return nursery().start([command, url], state.parent, variables, log, program="conformance")


@pytest.mark.parametrize(("command", "seed"), CASES)
def test_what_a_killed_run_made_is_removed_and_nothing_else_is_touched(
    served: Served, tmp_path: Path, command: str, seed: int
) -> None:
    drawing = random.Random(f"{command} {seed}")
    last, is_answered, later = drawing.randint(1, SENT[command]), drawing.random() < 0.5, drawing.uniform(0, 0.03)
    before = dump(served.database)
    running: list[Started] = []

    async def act(exchange: Exchange) -> Answer | None:
        if exchange.number < last or not running:
            return exchange.answer
        killed = running.pop()
        if is_answered:
            await exchange.write(exchange.answer.head() + exchange.answer.body)
            await asyncio.sleep(later)
        os.kill(killed.pid, signal.SIGKILL)
        return None

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(proxying(served.base_url, act)) as proxy:
        running.append(process := forked(served, proxy.url, tmp_path / "state", command))
        code = process.wait(SECONDS)
        cleaning = forked(served, proxy.url, tmp_path / "state", "cleanup").wait(SECONDS)

    assert code == -signal.SIGKILL, f"it ended before its request {last}"
    assert cleaning == 0, (tmp_path / "cleanup.log").read_text()
    assert dump(served.database) == before
    assert list((tmp_path / "state").glob("*.jsonl")) == []
