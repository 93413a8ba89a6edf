"""Each fault is caught by the check of the clause that it breaks; without it that check is content.

After a change of faults or checks: `python -m entity_tests.proofs.kill_matrix`.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping

import pytest
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.suite import ledger
from entity_conformance.suite import run as suite
from entity_contract import Contract
from entity_server.faults import FAULTS, Fault
from entity_tests.deployments.in_process import Deployment, deployed
from entity_tests.proofs import kill_matrix


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
def ends(
    runner: asyncio.Runner, deployment: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, frozenset[Outcome]]:
    return runner.run(kill_matrix.tripped(deployment, FAULTS, tmp_path_factory.mktemp("faults")))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_turns_the_check_of_its_clause_red(ends: Mapping[str, frozenset[Outcome]], fault: Fault) -> None:
    assert ends[fault.id] & kill_matrix.RED, f"{fault.breaks} ended {sorted(end.name for end in ends[fault.id])}"
    assert Outcome.broken not in ends[fault.id]


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
    claimed = kill_matrix.proofs({fault.id: kill_matrix.RED for fault in FAULTS})
    assert kill_matrix.PROOFS.read_text() == kill_matrix.rendered(claimed)


def test_what_no_fault_proves_is_written_down() -> None:
    """The list may only shrink: a new check comes with a fault that turns it red."""
    proven = {fault.breaks for fault in FAULTS}
    assert kill_matrix.UNPROVEN.read_text().split() == kill_matrix.unproven(proven)


def test_at_most_a_handful_of_checks_are_unproven() -> None:
    checked = {check.requirement for check in suite.checks()}
    assert len(kill_matrix.UNPROVEN.read_text().split()) * 8 < len(checked)
