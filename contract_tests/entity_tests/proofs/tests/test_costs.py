"""What the plan goes by is what a run takes: costs.json against the reference server."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from entity_conformance.report.verdict import Run
from entity_conformance.suite import costs
from entity_conformance.suite.costs import Costs, Way
from entity_tests.proofs.costs import count

TOLERANCE = 0.1


@pytest.fixture(scope="module")
def performed(tmp_path_factory: pytest.TempPathFactory) -> dict[Way, tuple[Run, Costs]]:
    journals: Path = tmp_path_factory.mktemp("journals")
    return dict(asyncio.run(count(journals)))


@pytest.fixture(scope="module")
def counted(performed: dict[Way, tuple[Run, Costs]]) -> dict[Way, Costs]:
    return {way: known for way, (_, known) in performed.items()}


@pytest.mark.parametrize("way", get_args(Way))
def test_a_run_sends_what_it_said_before(performed: dict[Way, tuple[Run, Costs]], way: Way) -> None:
    run, _ = performed[way]

    assert run.expected is not None
    assert abs(run.expected.requests.total - run.requests.total) <= TOLERANCE * run.requests.total


def shares(known: Costs) -> Counter[str]:
    """The requests by credential, and by entity."""
    found: Counter[str] = Counter()
    for name, cost in known.items():
        for (credential, _), times in cost.sent.items():
            found[credential] += times
            found[name.partition(" ")[2] or "no entity"] += times
    return found


@pytest.mark.parametrize("way", get_args(Way))
def test_the_packaged_costs_are_those_of_a_run(counted: dict[Way, Costs], way: Way) -> None:
    of_the_run = {name: costs.packaged(way).get(name, costs.FREE) for name in counted[way]}
    packaged, found = shares(of_the_run), shares(counted[way])

    differing = {
        share: (packaged[share], found[share])
        for share in {*packaged, *found}
        if abs(packaged[share] - found[share]) > max(TOLERANCE * found[share], 2)
    }

    assert not differing, "run: python -m entity_tests.proofs.costs"


def test_every_check_and_arrangement_has_its_cost(counted: dict[Way, Costs]) -> None:
    for way, known in counted.items():
        assert not set(known) - set(costs.packaged(way)), "run: python -m entity_tests.proofs.costs"
