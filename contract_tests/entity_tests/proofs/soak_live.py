"""The larger tier of the live property tests: `pytest contract_tests/entity_tests/proofs/soak_live.py`, some minutes.

What is quick is in `test_live_runs`; the table, the gate and the verdict have tests of their own.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from entity_contract import Contract

from entity_tests.deployments.databases import dump
from entity_tests.deployments.serving import ROOT, UNLIMITED, serving
from entity_tests.properties.gate import SAFE, Gate
from entity_tests.properties.run import run
from entity_tests.properties.summary import summary
from entity_tests.properties.tests.reference import of
from entity_tests.properties.tests.test_live_runs import TASKS, told


@pytest.mark.parametrize("seed", range(2, 12))
def test_the_reference_server_is_right_whatever_is_generated(contract: Contract, folder: Path, seed: int) -> None:
    with serving(folder) as served:
        before = dump(served.database)
        outcome = run(of(served, SEED=seed), contract)
        assert dump(served.database) == before
    found = [one for level in ("must", "should", "choice") for one in outcome.findings.of(level)]
    assert (outcome.verdict.exit_code, found) == (0, []), summary(outcome)


@pytest.mark.parametrize("missing", ["API_KEY", "SESSION"])
def test_one_credential_is_enough(contract: Contract, folder: Path, missing: str) -> None:
    with serving(folder, *UNLIMITED) as served:
        before = dump(served.database)
        outcome = run(of(served, **{missing: ""}), contract)
        assert dump(served.database) == before
    assert (outcome.verdict.exit_code, outcome.findings.of("must")) == (0, ()), summary(outcome)
    assert outcome.by_kind["key" if missing == "API_KEY" else "session"] == 0


def test_a_limit_that_resets_soon_is_waited_for(contract: Contract, folder: Path) -> None:
    said: list[str] = []
    with serving(folder, "--key-limit", "40/3s") as served:
        outcome = run(of(served, MAX_REQUESTS=120, ONLY=TASKS), contract, say=said.append)
    assert (outcome.verdict.exit_code, outcome.findings.of("must")) == (0, ())
    assert any(text.startswith("waiting ") for text in said)


@pytest.mark.parametrize(
    ("fault", "check", "message"),
    [
        ("limits.remaining-never-falls", "rate_limit_headers", "answers in a row"),
        ("limits.remaining-above-limit", "rate_limit_headers", "1001 of 1000 requests remain"),
        ("list.total-pages-rounded-down", "envelope", "`totalPages` is"),
        ("errors.no-request-id", "request_id", "X-Request-ID is missing"),
        ("read.loses-a-field", "record_read_back", "and READ tells"),
    ],
)
def test_a_check_of_our_own_says_what_is_wrong(
    contract: Contract, folder: Path, fault: str, check: str, message: str
) -> None:
    with serving(folder, "--fault", fault) as served:
        outcome = run(of(served, MAX_REQUESTS=120, ONLY="listTasks,createTask"), contract)
    assert [one for one in outcome.failures if one.check == check and message in one.message], outcome.failures


def test_what_a_deletion_left_is_named_and_not_green(contract: Contract, folder: Path) -> None:
    with serving(folder, "--fault", "delete.still-readable") as served:
        outcome = run(of(served, MAX_REQUESTS=80, ONLY="createTask,deleteTask"), contract)
    assert "record_read_back" in {finding.check for finding in outcome.failures}
    assert {left.reason for left in outcome.leftovers} == {"its deletion was confirmed, and it can still be read"}
    assert all(f"tasks {left.id}" in summary(outcome) for left in outcome.leftovers if left.collection == "tasks")


def test_a_run_that_only_reads_sends_nothing_else(
    contract: Contract, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    methods: set[str] = set()
    sending = Gate.pass_on

    def watched(self: Gate, request: object) -> object:
        methods.add(str(getattr(request, "method", "")))
        return sending(self, request)  # type: ignore[arg-type]

    monkeypatch.setattr("entity_tests.properties.settings.is_loopback", lambda _: False)
    monkeypatch.setattr(Gate, "pass_on", watched)
    with serving(folder) as served:
        outcome = run(of(served, MAX_REQUESTS=150), contract)
    assert methods <= SAFE
    assert (outcome.verdict.exit_code, outcome.findings.of("must")) == (0, ())
    assert "reading only" in summary(outcome)
    assert "the run only reads (CONTRACT_TESTS_ALLOW_WRITES is not given)" in summary(outcome)


def test_a_should_fails_only_when_that_is_asked_for(contract: Contract, folder: Path) -> None:
    with serving(folder, "--fault", "errors.no-allow") as served:
        settings = of(served, MAX_REQUESTS=100, ONLY="listTasks,getTaskMetadata,getHealth")
        lenient = run(settings, contract)
        strict = run(replace(settings, strict=True), contract)
    assert (lenient.failures, lenient.verdict.exit_code) == ((), 0)
    assert {(one.check, one.level) for one in lenient.warnings} >= {("unsupported_method", "should")}
    assert (strict.warnings, strict.verdict.exit_code) == ((), 1)


def test_pytest_says_it_too(folder: Path) -> None:
    with serving(folder) as served:
        process = told(
            folder, served, "pytest", str(ROOT / "contract_tests/live"), "-c", str(ROOT / "pyproject.toml"),
            f"--rootdir={ROOT}", "-q", URL="http://127.0.0.1:9",
        )  # fmt: skip
    assert process.returncode == 4
    assert "could not test: cannot reach http://127.0.0.1:9/api/v1" in process.stdout
    assert json.dumps(process.stdout).count("passed") == 0
