"""The report for code scanning, by the schema that OASIS publishes."""

import io
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from entity_conformance.report.sarif import render
from entity_conformance.report.verdict import Run, Verdict
from entity_contract.document import read
from jsonschema import Draft202012Validator

from conformance.tests.report.samples import BLOCKED, FAILED, KNOWN, REQUIREMENTS, WAIVED, WARNED, run, whole_run
from conformance.tests.report.vicious import runs

FAILS = Verdict("does-not-conform", 1, "1 failed")


@cache
def published() -> Draft202012Validator:
    text = (Path(__file__).parent / "published" / "sarif-2.1.0.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def log(run_: Run) -> Any:
    stream = io.StringIO()
    render(run_, REQUIREMENTS, stream)
    return json.loads(stream.getvalue())


@pytest.mark.parametrize("run_", [whole_run(), *runs()], ids=lambda run_: run_.verdict.name)
def test_every_run_keeps_the_published_schema(run_: Run) -> None:
    assert [error.message for error in published().iter_errors(log(run_))] == []


def test_a_failure_is_a_result_of_its_requirements_rule() -> None:
    (told,) = log(run(FAILED, verdict=FAILS))["runs"]
    (result,) = told["results"]

    assert told["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "list.limit-caps-page"
    assert (result["ruleId"], result["level"]) == ("list.limit-caps-page", "error")
    assert result["message"]["text"].startswith(
        "data holds more records than asked for [tasks]\nexpected: 2 records\nactual: 3 records\ncurl "
    )
    assert result["webRequest"]["target"] == "http://127.0.0.1:5173/api/v1/tasks?limit=2"


def test_a_result_stands_on_the_line_of_the_contract() -> None:
    contract = read()
    requirement = replace(REQUIREMENTS["list.limit-caps-page"], pointer="#/components/parameters/Limit")
    stream = io.StringIO()

    render(run(FAILED, contract_sha256=contract.sha256), {requirement.id: requirement}, stream)

    (place,) = json.loads(stream.getvalue())["runs"][0]["results"][0]["locations"]
    line = place["physicalLocation"]["region"]["startLine"]
    assert contract.text.splitlines()[line - 1].strip() == "Limit:"
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "openapi.yaml"


def test_another_contracts_lines_are_not_told() -> None:
    (result,) = log(run(FAILED))["runs"][0]["results"]

    assert "region" not in result["locations"][0]["physicalLocation"]


def test_a_warning_is_one() -> None:
    assert [one["level"] for one in log(run(WARNED))["runs"][0]["results"]] == ["warning"]


def test_a_waived_failure_is_suppressed_with_its_reason() -> None:
    (result,) = log(run(WAIVED, waivers=(KNOWN,)))["runs"][0]["results"]

    assert result["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "fixed in 2.3 (SHOP-7), until 2025-06-30"}
    ]


def test_what_could_not_be_judged_is_a_notification_and_no_result() -> None:
    (told,) = log(run(BLOCKED, verdict=Verdict("inconclusive", 3, "inconclusive")))["runs"]

    assert told["results"] == []
    assert [one["message"]["text"] for one in told["invocations"][0]["toolExecutionNotifications"]] == [
        "create.returns-record [tasks]: blocked: no record could be made"
    ]
    assert (told["invocations"][0]["exitCode"], told["invocations"][0]["executionSuccessful"]) == (3, False)
