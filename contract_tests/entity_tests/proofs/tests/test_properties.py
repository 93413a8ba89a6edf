"""Schemathesis over the served reference server: every operation, every phase, every check.

The tier that runs here is small; `python -m entity_tests.proofs.soak` is the large one.
"""

from pathlib import Path

import pytest
from entity_contract import Contract
from entity_tests.deployments.serving import UNLIMITED, serving
from entity_tests.proofs.property_run import PHASES, Figures, run

EXAMPLES = 8
SEED = 20250115


@pytest.fixture(scope="module")
def figures(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    with serving(tmp_path_factory.mktemp("properties"), *UNLIMITED) as served:
        return run(served, contract, examples=EXAMPLES, seed=SEED)


def test_no_check_of_schemathesis_finds_anything(figures: Figures) -> None:
    assert not figures.failures, "\n\n".join(f"{key}: {text}" for key, text in figures.failures.items())


def test_schemathesis_itself_runs_without_errors(figures: Figures) -> None:
    assert figures.errors == []


def test_every_phase_sends_requests(figures: Figures) -> None:
    assert all(figures.phases[phase] > 0 for phase in PHASES), figures.phases


def test_every_operation_is_accepted_at_least_once(figures: Figures, contract: Contract) -> None:
    never = [operation.id for operation in contract.operations if not figures.successes(operation.id)]
    assert never == []


def test_no_answer_is_an_error_of_the_server(figures: Figures) -> None:
    failed = {operation: counter for operation, counter in figures.answers.items() if max(counter) >= 500}
    assert failed == {}


@pytest.mark.parametrize(
    ("fault", "operation", "check"),
    [
        ("update.unknown-is-refused", "updateTask", "positive_data_acceptance"),
        ("create.too-long-accepted", "createTask", "negative_data_rejection"),
        ("create.nobodys-foreign-key-dropped", "createTask", "accepted_what_is_refused"),
        ("filter.unknown-field-ignored", "listComments", "accepted_what_is_refused"),
        ("health.up", "getHealth", "response_schema_conformance"),
        ("create.answers-200", "createTask", "status_code_conformance"),
    ],
)
def test_a_fault_is_found(contract: Contract, folder: Path, fault: str, operation: str, check: str) -> None:
    """What is let pass case by case leaves the checks sharp: the same run is red on a server that is wrong."""
    with serving(folder, *UNLIMITED, "--fault", fault) as served:
        figures = run(served, contract, examples=60, seed=SEED, only=operation)
    assert (operation, check) in figures.failures
