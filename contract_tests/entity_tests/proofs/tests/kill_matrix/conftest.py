"""One server for all faults of a module, and what is wrong with those of a group.

The groups are in two modules, so that two processes share them.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from entity_contract import Contract
from entity_server.faults import Fault
from entity_tests.deployments.in_process import Deployment, deployed
from entity_tests.proofs import kill_matrix

AT_ONCE = 2
"""Runs side by side, since some wait a second for a clock to move."""

Judged = Callable[[Sequence[Fault]], dict[str, list[str]]]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    logging.disable(logging.ERROR)  # a faulty server says on every answer that it is wrong
    with asyncio.Runner() as runner:
        yield runner
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def deployment(runner: asyncio.Runner, contract: Contract) -> Iterator[Deployment]:
    manager = deployed(contract)
    yield runner.run(manager.__aenter__())
    runner.run(manager.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def judged(
    request: pytest.FixtureRequest,
    runner: asyncio.Runner,
    deployment: Deployment,
    tmp_path_factory: pytest.TempPathFactory,
) -> Judged:
    """What is wrong with each fault of one of the module's groups.

    All that are asked for are judged when the first is, since what goes wrong in one is run again beside what does in
    another. Those of the cover are looked for at one entity first, unless it is known that they show elsewhere alone.
    """
    asked = [item for item in request.session.items if isinstance(item, pytest.Function)]
    groups: list[Any] = [item.callspec.params["group"] for item in asked if item.module is request.module]
    covering = [group for group in kill_matrix.deployments()[0] if not kill_matrix.is_elsewhere(group[0])]
    near, far = ([one for one in groups if (one in covering) is is_near] for is_near in (True, False))
    known: dict[str, list[str]] = {}

    def judged(group: Sequence[Fault]) -> dict[str, list[str]]:
        if not known:
            for some, first in ((near, kill_matrix.FIRST), (far, ())):
                folder = tmp_path_factory.mktemp("faults")
                known.update(runner.run(kill_matrix.judged(deployment, some, folder, at_once=AT_ONCE, first=first)))
        return {fault.id: known[fault.id] for fault in group}

    return judged
