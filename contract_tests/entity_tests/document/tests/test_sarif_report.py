"""The SARIF report by the validator of who wrote the format, with the rules of GitHub's code scanning."""

import io
import json
import os
import platform
import subprocess
from pathlib import Path

import pytest
from entity_conformance.report.sarif import render
from entity_conformance.report.verdict import Outcome, Result, Run
from entity_conformance.suite.ledger import load
from entity_tests.document.linters import MODULES, install
from entity_tests.document.reports import SAID, run_with

MULTITOOL = MODULES / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
RULES = "Sarif;Gh"
ADVICE = {"SARIF2005", "SARIF2017"}
"""That neither the tool's page is named, which is not public, nor a line of what this contract does not state."""

# Its program for Linux is for these processors; those for other systems are packages of their own.
pytestmark = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="the validator is for Linux on x86-64 here"
)


def run(*outcomes: Outcome) -> Run:
    results = [
        Result(requirement, requirement.partition(".")[0], "must", entity, outcome, SAID, SAID, SAID)
        for requirement in ("list.limit-caps-page", "errors.unknown-path", "model.of-another-command")
        for entity, outcome in zip(("tasks", "orders", None), outcomes, strict=False)
    ]
    return run_with(results)


def rendered(one: Run) -> str:
    stream = io.StringIO()
    render(one, load().requirements, stream)
    return stream.getvalue()


def findings(folder: Path, *reports: str) -> list[str]:
    """The rules that the validator finds broken in the reports."""
    install()
    MULTITOOL.chmod(0o755)  # which its installation does, and no package may run code on installation here
    for number, report in enumerate(reports):
        (folder / f"{number}.sarif").write_text(report, encoding="utf-8")
    said = folder / "said.json"
    subprocess.run(
        [str(MULTITOOL), "validate", str(folder / "*.sarif"), "--output", str(said), "--rule-kind", RULES],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},  # else it asks for a library of the system
        capture_output=True,
        check=True,
    )
    (told,) = json.loads(said.read_text(encoding="utf-8-sig"))["runs"]
    assert told["invocations"][0]["executionSuccessful"]
    return sorted({one["ruleId"] for one in told["results"]} - ADVICE)


def test_the_validator_finds_nothing_in_a_report(tmp_path: Path) -> None:
    kinds = [(), (Outcome.failed, Outcome.warned), (Outcome.waived, Outcome.blocked, Outcome.broken), (Outcome.passed,)]

    assert findings(tmp_path, *(rendered(run(*outcomes)) for outcomes in kinds)) == []


def test_it_would_find_a_rule_that_says_nothing(tmp_path: Path) -> None:
    report = json.loads(rendered(run(Outcome.failed)))
    for rule in report["runs"][0]["tool"]["driver"]["rules"]:
        del rule["fullDescription"]

    assert findings(tmp_path, json.dumps(report)) == ["GH2012"]
