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
    """What is wrong with each fault of one of the module's groups, by the whole suite.

    All that are asked for are judged when the first is, since what goes wrong in one is run again beside what does in
    another. Those of the cover are looked for at one entity first, as few others show nowhere else.
    """
    groups = _asked_for(request)
    covering = kill_matrix.deployments()[0]
    cover, rest = ([one for one in groups if (one in covering) is is_cover] for is_cover in (True, False))
    known: dict[str, list[str]] = {}

    def judged(group: Sequence[Fault]) -> dict[str, list[str]]:
        if not known:
            for some, first in ((cover, kill_matrix.FIRST), (rest, ())):
                folder = tmp_path_factory.mktemp("faults")
                known.update(runner.run(kill_matrix.judged(deployment, some, folder, at_once=AT_ONCE, first=first)))
        return {fault.id: known[fault.id] for fault in group}

    return judged


@pytest.fixture(scope="module")
def tripped(
    request: pytest.FixtureRequest,
    runner: asyncio.Runner,
    deployment: Deployment,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[str]]:
    """What is wrong with each fault of the module's groups, by the requirements that they break.

    Where others are needed to find a fault, the whole suite judges it, beside others that need it too.
    """
    groups = _asked_for(request)
    first, then = (tmp_path_factory.mktemp("faults") for _ in range(2))
    rest = kill_matrix.together(runner.run(kill_matrix.unseen(deployment, groups, first, at_once=AT_ONCE)))
    judged = kill_matrix.judged(deployment, rest, then, at_once=AT_ONCE, first=kill_matrix.FIRST)
    return {fault.id: [] for group in groups for fault in group} | runner.run(judged)


def _asked_for(request: pytest.FixtureRequest) -> list[Any]:
    """The groups that tests of the module are about."""
    asked = [item for item in request.session.items if isinstance(item, pytest.Function)]
    return [item.callspec.params["group"] for item in asked if item.module is request.module]
