"""A deployment against the contract: each operation, and then the run as a whole."""

import pytest

from contract import load
from contract_tests.live.run import Outcome
from contract_tests.live.summary import told

OPERATIONS = tuple(operation.id for operation in load().operations)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_holds_what_the_contract_says(outcome: Outcome, operation: str) -> None:
    failures = [told(outcome, one) for one in outcome.failures if one.operation == operation]
    assert not failures, "\n\n".join(failures)
    if operation in dict(outcome.scope.out):
        pytest.skip(dict(outcome.scope.out)[operation])
    if operation in dict(outcome.unreached):
        pytest.skip(f"not reached, see the run as a whole: {dict(outcome.unreached)[operation]}")


def test_nothing_else_failed(outcome: Outcome) -> None:
    assert [told(outcome, one) for one in outcome.failures if one.operation not in OPERATIONS] == []


def test_the_run_was_not_cut_short(outcome: Outcome) -> None:
    assert outcome.verdict.exit_code != 3, outcome.verdict.reason
    assert outcome.unreached == (), outcome.stops


def test_nothing_is_left_behind(outcome: Outcome) -> None:
    assert outcome.leftovers == ()


def test_the_tests_themselves_ran_without_errors(outcome: Outcome) -> None:
    assert outcome.findings.errors == []


def test_no_more_requests_were_sent_than_the_budget_allows(outcome: Outcome) -> None:
    assert 0 < outcome.requests <= outcome.settings.max_requests
