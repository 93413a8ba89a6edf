"""Each fault makes the requirement that it breaks fail, and no innocent one; without it all requirements hold.

After a change of faults or checks: `python -m entity_tests.proofs.kill_matrix`.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import pytest
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.suite import ledger
from entity_conformance.suite import run as suite
from entity_contract import Contract
from entity_server.faults import FAULTS, Fault, chosen
from entity_tests.deployments.in_process import Deployment, deployed
from entity_tests.proofs import kill_matrix
from entity_tests.proofs.besides import ALONE, BESIDES, may_fail

GROUPS = kill_matrix.together(FAULTS)
SIDE_BY_SIDE = 4

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
def sound(runner: asyncio.Runner, deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return runner.run(deployment.run(tmp_path_factory.mktemp("sound")))


@pytest.fixture(scope="module")
def judged(runner: asyncio.Runner, deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """What is wrong with each fault of a group. Some groups run side by side, few enough for the time of one test."""
    known: dict[str, list[str]] = {}

    def judged(group: Sequence[Fault]) -> dict[str, list[str]]:
        if group[0].id not in known:
            first = GROUPS.index(tuple(group))
            some = GROUPS[first : first + SIDE_BY_SIDE]
            known.update(runner.run(kill_matrix.judged(deployment, some, tmp_path_factory.mktemp("faults"))))
        return {fault.id: known[fault.id] for fault in group}

    return judged


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group[0].id}+{len(group) - 1}")
def test_faults_are_found_and_no_innocent_requirement_is_accused(judged: Judged, group: Sequence[Fault]) -> None:
    assert judged(group) == {fault.id: [] for fault in group}


@pytest.mark.parametrize("fault_id", ["scope.any-key-deletes", "list.total-off-by-one", "create.answers-200"])
def test_a_fault_by_itself_accuses_no_innocent_requirement(
    runner: asyncio.Runner, deployment: Deployment, tmp_path: Path, fault_id: str
) -> None:
    found = runner.run(kill_matrix.judged(deployment, [chosen([fault_id])], tmp_path))
    assert found == {fault_id: []}


def test_a_fault_may_fail_three_requirements_at_most_each_for_a_reason() -> None:
    known = {fault.id for fault in FAULTS}
    assert [fault.id for fault in FAULTS if len(may_fail(fault)) > 3] == []
    assert [name for name, others in BESIDES.items() if name not in known or not all(others.values())] == []
    assert {one for others in BESIDES.values() for one in others} <= set(ledger.load().requirements)
    assert known >= ALONE


def test_half_of_the_faults_fail_one_requirement_alone() -> None:
    assert median(len(may_fail(fault)) for fault in FAULTS) == 1


def test_without_a_fault_every_clause_holds(sound: Run) -> None:
    wrong = [
        f"{result.requirement} [{result.entity}] {result.outcome.name}: {result.message}"
        for result in sound.results
        if result.outcome not in (Outcome.passed, Outcome.observed)
    ]
    assert wrong == []


def test_every_fault_breaks_a_requirement_of_the_ledger() -> None:
    known = ledger.load().requirements
    assert [fault.id for fault in FAULTS if fault.breaks not in known] == []


def test_the_ids_of_faults_are_unique() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS)


def test_the_packaged_proofs_are_those_of_the_catalogue() -> None:
    """That each of them is true is shown above, fault by fault."""
    assert kill_matrix.PROOFS.read_text() == kill_matrix.rendered(kill_matrix.proofs())


def test_what_no_fault_proves_is_written_down() -> None:
    """The list may only shrink: a new check comes with a fault that turns it red."""
    proven = {fault.breaks for fault in FAULTS}
    assert kill_matrix.UNPROVEN.read_text().split() == kill_matrix.unproven(proven)


def test_at_most_a_handful_of_checks_are_unproven() -> None:
    checked = {check.requirement for check in suite.checks()}
    assert len(kill_matrix.UNPROVEN.read_text().split()) * 8 < len(checked)
