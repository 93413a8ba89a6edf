"""What the plan goes by is what a run takes: costs.json against the reference server."""

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import get_args

import pytest
from entity_conformance.report.verdict import Run
from entity_conformance.suite import costs
from entity_conformance.suite.costs import Costs, Way
from entity_tests.proofs.costs import count

TOLERANCE = 0.1


WAYS = [pytest.param(way, marks=[pytest.mark.soak] if way == "thorough" else []) for way in get_args(Way)]
"""A thorough run of all entities is as long as three others; that of one entity is in the ordinary tests."""

Performed = Callable[[Way], tuple[Run, Costs]]


@pytest.fixture(scope="module")
def performed(tmp_path_factory: pytest.TempPathFactory) -> Performed:
    """The run of a way and what it took, performed when a test first asks for it."""

    @cache
    def performed(way: Way) -> tuple[Run, Costs]:
        return asyncio.run(count(tmp_path_factory.mktemp("journals"), way))[way]

    return performed


@pytest.mark.parametrize("way", WAYS)
def test_a_run_sends_what_it_said_before(performed: Performed, way: Way) -> None:
    run, _ = performed(way)

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


@pytest.mark.parametrize("way", WAYS)
def test_the_packaged_costs_are_those_of_a_run(performed: Performed, way: Way) -> None:
    _, counted = performed(way)
    of_the_run = {name: costs.packaged(way).get(name, costs.FREE) for name in counted}
    packaged, found = shares(of_the_run), shares(counted)

    differing = {
        share: (packaged[share], found[share])
        for share in {*packaged, *found}
        if abs(packaged[share] - found[share]) > max(TOLERANCE * found[share], 2)
    }

    assert not differing, "run: python -m entity_tests.proofs.costs"


@pytest.mark.parametrize("way", WAYS)
def test_every_check_and_arrangement_has_its_cost(performed: Performed, way: Way) -> None:
    _, counted = performed(way)

    assert not set(counted) - set(costs.packaged(way)), "run: python -m entity_tests.proofs.costs"
