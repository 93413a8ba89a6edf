"""The report in the Common Test Report Format, by its published schema: red exactly when the exit code is not 0."""

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from entity_conformance.report.ctrf import render
from entity_conformance.report.verdict import Result, Run, Verdict
from jsonschema import Draft7Validator

from conformance.tests.report.samples import (
    BLOCKED,
    BROKEN,
    FAILED,
    NEW,
    OBSERVED,
    PASSED,
    REQUIREMENTS,
    SKIPPED,
    WAIVED,
    WARNED,
    run,
    whole_run,
)
from conformance.tests.report.vicious import runs


@cache
def published() -> Draft7Validator:
    text = (Path(__file__).parent / "published" / "ctrf-schema-0.0.json").read_text(encoding="utf-8")
    return Draft7Validator(json.loads(text), format_checker=Draft7Validator.FORMAT_CHECKER)


def report(run_: Run) -> Any:
    stream = io.StringIO()
    render(run_, REQUIREMENTS, stream)
    return json.loads(stream.getvalue())


@pytest.mark.parametrize("run_", [whole_run(), *runs()], ids=lambda run_: run_.verdict.name)
def test_every_run_keeps_the_published_schema(run_: Run) -> None:
    assert [error.message for error in published().iter_errors(report(run_))] == []


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (PASSED, "passed"), (OBSERVED, "passed"), (WARNED, "passed"), (NEW, "skipped"), (SKIPPED, "skipped"),
        (WAIVED, "skipped"), (BLOCKED, "failed"), (BROKEN, "failed"), (FAILED, "failed"),
    ],
    ids=lambda value: value.outcome.name if isinstance(value, Result) else None,
)  # fmt: skip
def test_an_outcome_is_a_status(result: Result, status: str) -> None:
    (test,) = report(run(result))["results"]["tests"]

    assert (test["status"], test["rawStatus"]) == (status, result.outcome.name)


def test_a_failure_carries_its_evidence() -> None:
    (test,) = report(run(FAILED, verdict=Verdict("does-not-conform", 1, "1 failed")))["results"]["tests"]

    assert (test["name"], test["suite"]) == ("list.limit-caps-page [tasks]", ["listing"])
    assert test["message"] == "data holds more records than asked for"
    assert "expected: 2 records\nactual: 3 records" in test["trace"]
    assert "\ncurl -i " in test["trace"]


def test_counts_are_exact() -> None:
    summary = report(whole_run())["results"]["summary"]

    assert (summary["tests"], summary["passed"], summary["failed"], summary["skipped"]) == (7, 3, 3, 1)
    assert summary["stop"] - summary["start"] == summary["duration"] == 12_340


def test_an_exit_code_that_no_test_shows_is_a_test_of_its_own() -> None:
    told = report(run(PASSED, verdict=Verdict("conforms", 5, "conforms; but 1 thing could not be removed")))

    assert [(test["name"], test["status"]) for test in told["results"]["tests"]][-1] == ("verdict", "failed")
