"""What is let pass case by case leaves schemathesis' checks sharp: the same run is red on a server that is wrong."""

from pathlib import Path

import pytest
from entity_conformance.report.verdict import Outcome
from entity_tests.deployments.property_runs import found, run
from entity_tests.deployments.serving import UNLIMITED, serving


@pytest.mark.parametrize(
    ("fault", "operation", "check"),
    [
        ("update.unknown-is-refused", "updateTask", "positive-data-acceptance"),
        ("create.too-long-accepted", "createTask", "negative-data-rejection"),
        ("create.nobodys-foreign-key-dropped", "createTask", "accepted-what-is-refused"),
        ("filter.unknown-field-ignored", "listComments", "accepted-what-is-refused"),
        ("health.up", "getHealth", "response-schema-conformance"),
        ("create.answers-200", "createTask", "status-code-conformance"),
        ("delete.still-readable", "deleteTask", "record-read-back"),
    ],
)
def test_a_fault_is_found(folder: Path, tmp_path: Path, fault: str, operation: str, check: str) -> None:
    with serving(folder, *UNLIMITED, "--fault", fault) as served:
        ended = run(served, tmp_path / "journals", only=(operation,), max_requests=400)
    wrong = found(ended, Outcome.failed, Outcome.warned)
    assert any(line.startswith(f"properties.{check}: {operation}: ") for line in wrong), wrong


def test_a_404_at_an_id_that_nobody_has_accuses_no_deletion(folder: Path, tmp_path: Path) -> None:
    """A key that no list shows is not revoked, since it may be another's: the request goes at a made-up id."""
    with serving(folder, *UNLIMITED, "--fault", "keys.new-left-out") as served:
        ended = run(served, tmp_path / "journals", only=("createApiKey", "revokeApiKey"), max_requests=400)
    wrong = found(ended, Outcome.failed, Outcome.warned)
    assert [line for line in wrong if line.startswith("properties.ensure-resource-availability")] == []
