"""The larger tier of the property tests: `pytest contract_tests/entity_tests/proofs/soak_properties.py`, some minutes.

What is quick is in `properties/tests/test_runs`; levels, sender and results have tests of their own.
"""

from pathlib import Path

import pytest
from entity_conformance.deployment.credentials import Given
from entity_conformance.report.verdict import Outcome

from entity_tests.deployments.databases import dump
from entity_tests.deployments.property_runs import found, run
from entity_tests.deployments.serving import UNLIMITED, serving

TASKS = ("listTasks", "createTask", "getTask", "updateTask", "deleteTask")
WRONG = (Outcome.failed, Outcome.warned, Outcome.blocked, Outcome.broken, Outcome.observed)


@pytest.mark.parametrize("seed", range(1, 12))
def test_the_reference_server_is_right_whatever_is_generated(folder: Path, tmp_path: Path, seed: int) -> None:
    with serving(folder) as served:
        before = dump(served.database)
        ended = run(served, tmp_path / "journals", seed=seed)
        assert dump(served.database) == before
    assert (found(ended, *WRONG), ended.verdict.exit_code) == ([], 0)


@pytest.mark.parametrize("missing", ["api_key", "session"])
def test_one_credential_is_enough(folder: Path, tmp_path: Path, missing: str) -> None:
    with serving(folder, *UNLIMITED) as served:
        before = dump(served.database)
        names = {"api_key": "apiKey", "session": "sessionToken"}
        given = {name: served.credentials[at] for name, at in names.items() if name != missing}
        ended = run(served, tmp_path / "journals", given=Given(**given))
        assert dump(served.database) == before
    assert (found(ended, *WRONG), ended.verdict.exit_code) == ([], 0)
    assert (ended.requests.key if missing == "api_key" else ended.requests.session) == 0


def test_a_limit_that_resets_soon_is_waited_for(folder: Path, tmp_path: Path) -> None:
    with serving(folder, "--key-limit", "40/3s") as served:
        ended = run(served, tmp_path / "journals", max_requests=120, only=TASKS)
    assert (found(ended, *WRONG), ended.verdict.exit_code) == ([], 0)
    assert ended.requests.key > 40


@pytest.mark.parametrize(
    ("fault", "check", "message"),
    [
        ("limits.remaining-never-falls", "rate-limit-headers", "answers in a row"),
        ("limits.remaining-above-limit", "rate-limit-headers", "1001 of 1000 requests remain"),
        ("list.total-pages-rounded-down", "envelope", "`totalPages` is"),
        ("errors.no-request-id", "request-id", "X-Request-ID is missing"),
        ("read.loses-a-field", "record-read-back", "and READ tells"),
    ],
)
def test_a_check_of_our_own_says_what_is_wrong(
    folder: Path, tmp_path: Path, fault: str, check: str, message: str
) -> None:
    with serving(folder, "--fault", fault) as served:
        ended = run(served, tmp_path / "journals", max_requests=120, only=("listTasks", "createTask"))
    failed = found(ended, Outcome.failed)
    assert [line for line in failed if line.startswith(f"properties.{check}: ") and message in line], failed


def test_a_run_that_only_reads_sends_nothing_else(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entity_conformance.deployment.settings.is_loopback", lambda _: False)
    with serving(folder) as served:
        ended = run(served, tmp_path / "journals")
    assert {exchange.method for exchange in ended.exchanges} <= {"GET", "HEAD", "OPTIONS", "TRACE"}
    assert (found(ended, Outcome.failed), ended.verdict.exit_code) == ([], 0)
    assert "read-only" in ended.profile.name


def test_a_should_fails_only_when_that_is_asked_for(folder: Path, tmp_path: Path) -> None:
    with serving(folder, "--fault", "errors.no-allow") as served:
        options = {"max_requests": 100, "only": ("listTasks", "getTaskMetadata", "getHealth")}
        lenient = run(served, tmp_path / "journals", **options)
        strict = run(served, tmp_path / "journals", strict=True, **options)
    assert (found(lenient, Outcome.failed), lenient.verdict.exit_code) == ([], 0)
    assert any(line.startswith("properties.unsupported-method: ") for line in found(lenient, Outcome.warned))
    assert (found(strict, Outcome.warned), strict.verdict.exit_code) == ([], 1)
