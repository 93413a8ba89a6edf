"""What the kill matrix is about: faults that are described, checks that each has one, and a server without any."""

import asyncio
from pathlib import Path
from statistics import median

import pytest
from entity_conformance.report.verdict import Outcome
from entity_conformance.suite import ledger
from entity_conformance.suite import run as suite
from entity_server.faults import FAULTS, chosen
from entity_tests.deployments.in_process import Deployment
from entity_tests.proofs import kill_matrix
from entity_tests.proofs.besides import ALONE, BESIDES, HIDDEN, may_fail


@pytest.mark.parametrize("fault_id", ["scope.any-key-deletes", "list.total-off-by-one", "create.answers-200"])
def test_a_fault_by_itself_accuses_no_innocent_requirement(
    runner: asyncio.Runner, deployment: Deployment, tmp_path: Path, fault_id: str
) -> None:
    found = runner.run(kill_matrix.judged(deployment, [chosen([fault_id])], tmp_path, first=kill_matrix.FIRST))
    assert found == {fault_id: []}


def test_a_fault_may_fail_three_requirements_at_most_each_for_a_reason() -> None:
    known = {fault.id for fault in FAULTS}
    assert [fault.id for fault in FAULTS if len(may_fail(fault)) > 3] == []
    assert [name for name, others in BESIDES.items() if name not in known or not all(others.values())] == []
    assert {one for others in BESIDES.values() for one in others} <= set(ledger.load().requirements)
    assert known >= ALONE | HIDDEN
    assert ALONE.isdisjoint(HIDDEN)


def test_half_of_the_faults_fail_one_requirement_alone() -> None:
    assert median(len(may_fail(fault)) for fault in FAULTS) == 1


def test_without_a_fault_every_clause_holds(runner: asyncio.Runner, deployment: Deployment, tmp_path: Path) -> None:
    sound = runner.run(deployment.run(tmp_path))

    wrong = [
        f"{result.requirement} [{result.entity}] {result.outcome.name}: {result.message}"
        for result in sound.results
        if result.outcome not in (Outcome.passed, Outcome.observed)
    ]
    assert wrong == []


def test_the_cover_has_one_fault_of_each_requirement_that_a_fault_breaks() -> None:
    covering = kill_matrix.cover()
    assert sorted(fault.breaks for fault in covering) == sorted({fault.breaks for fault in FAULTS})


def test_the_cover_takes_a_fault_that_may_stand_beside_others_where_there_is_one() -> None:
    alone = {fault.breaks for fault in kill_matrix.cover() if fault.id in ALONE}
    assert [fault.id for fault in FAULTS if fault.breaks in alone and fault.id not in ALONE] == []


def test_each_fault_is_in_one_deployment_of_the_cover_or_of_the_rest() -> None:
    covering, rest = ([fault.id for group in groups for fault in group] for groups in kill_matrix.deployments())
    assert set(covering) == {fault.id for fault in kill_matrix.cover()}
    assert sorted([*covering, *rest]) == sorted(fault.id for fault in FAULTS)


def test_every_fault_breaks_a_requirement_of_the_ledger() -> None:
    known = ledger.load().requirements
    assert [fault.id for fault in FAULTS if fault.breaks not in known] == []


def test_the_ids_of_faults_are_unique() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS)


def test_the_packaged_proofs_are_those_of_the_catalogue() -> None:
    """That each of them is true is shown by the tests beside, fault by fault."""
    assert kill_matrix.PROOFS.read_text() == kill_matrix.rendered(kill_matrix.proofs())


def test_what_no_fault_proves_is_written_down() -> None:
    """The list may only shrink: a new check comes with a fault that turns it red."""
    proven = {fault.breaks for fault in FAULTS}
    assert kill_matrix.UNPROVEN.read_text().split() == kill_matrix.unproven(proven)


def test_at_most_a_handful_of_checks_are_unproven() -> None:
    checked = {check.requirement for check in suite.checks()}
    assert len(kill_matrix.UNPROVEN.read_text().split()) * 8 < len(checked)
