"""The property tests as tests: `CONFORMANCE_URL=... pytest --pyargs entity_tests.properties.suite`.

One run, by the variables of `conformance properties`; then one test for each requirement, and one for the verdict.
pytest ends with 2 and 4 as the command does; whatever else is not green is a failing test.
"""

import asyncio

import click
import pytest
from entity_conformance.commands import options
from entity_conformance.commands.driver import until_stopped
from entity_conformance.commands.properties import command
from entity_conformance.deployment.settings import Misuse
from entity_conformance.report import formats as report
from entity_conformance.report.findings import Finding, findings, verdict_line
from entity_conformance.report.verdict import Outcome, Result, Run
from entity_conformance.suite import ledger
from entity_contract import ContractError

from entity_tests.properties import command as properties

CLAUSES = properties.requirements().requirements
USAGE = 2
INTERRUPTED = 130

_RED = (Outcome.failed, Outcome.broken, Outcome.blocked)


class _Summary:
    """What pytest says in the end: the terminal's report of the run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("property tests")
        report.write(self._run, report.Destination("console"), ledger.everything().requirements)


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    """The run. Ends the session where nothing can be said of any requirement."""
    try:
        given = command.make_context("pytest", []).params
        job = options.job(**given)
        ended = asyncio.run(until_stopped(job, properties.run))
        for destination in job.destinations:
            report.write(ended, destination, ledger.everything().requirements)
    except click.UsageError as error:
        pytest.exit(f"{error.format_message().rstrip('.')}; it is CONFORMANCE_URL here", returncode=USAGE)
    except (Misuse, ContractError, report.ReportError) as error:
        pytest.exit(str(error), returncode=USAGE)
    code = ended.verdict.exit_code
    if code in (2, 4):
        pytest.exit(verdict_line(ended.verdict), returncode=code)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    pytestconfig.pluginmanager.register(_Summary(ended))
    return ended


@pytest.mark.parametrize("requirement", CLAUSES)
def test_requirement(run: Run, requirement: str) -> None:
    results = [result for result in run.results if result.requirement == requirement]
    red = [finding for finding in findings(run, CLAUSES, *_RED) if finding.result in results]
    if red:
        pytest.fail("\n\n".join(map(_told, red)), pytrace=False)
    # what lies outside of the profile that was asked for is no pass: pytest's word for it is `skipped`, with the reason
    if results and all(result.outcome is Outcome.skipped for result in results):
        pytest.skip("; ".join(result.message for result in results))


def test_verdict(run: Run) -> None:
    if run.verdict.exit_code:
        pytest.fail(verdict_line(run.verdict), pytrace=False)


def _told(finding: Finding) -> str:
    facts = [f"{fact.label}: {fact.text}" if fact.label else fact.text for fact in finding.facts]
    return "\n".join([_named(finding.result), *facts, *([finding.command] if finding.command else [])])


def _named(result: Result) -> str:
    entity = f" [{result.entity}]" if result.entity else ""
    return f"{result.outcome.name}: {result.requirement}{entity}"
