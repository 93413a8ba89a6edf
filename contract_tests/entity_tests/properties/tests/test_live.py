"""A deployment against the contract: each operation, and then the run as a whole.

What takes `reference` holds of the reference server besides: it takes every decision itself and has the default limits.
Those tests are not there for another deployment.
"""

import pytest
from entity_contract import load
from entity_tests.properties.phases import PHASES
from entity_tests.properties.run import Outcome
from entity_tests.properties.summary import told
from entity_tests.properties.tests.reference import Ran

OWN_CHECKS = ("envelope", "error_code_of_status", "rate_limit_headers", "request_id", "record_read_back")
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


def test_the_verdict_is_green(reference: Ran) -> None:
    assert (reference.outcome.verdict.exit_code, reference.outcome.verdict.reason) == (0, "nothing failed")


def test_nothing_is_warned_of_and_no_choice_is_another(reference: Ran) -> None:
    assert [one for level in ("must", "should", "choice") for one in reference.outcome.findings.of(level)] == []


def test_records_and_keys_are_as_before(reference: Ran) -> None:
    assert reference.before == reference.after
    assert reference.before


def test_every_operation_is_in_scope_and_reached(reference: Ran) -> None:
    assert (reference.outcome.scope.out, reference.outcome.unreached) == ((), ())


def test_every_phase_sends_requests(reference: Ran) -> None:
    assert all(reference.outcome.findings.phases[phase] >= 30 for phase in PHASES), reference.outcome.findings.phases


def test_every_check_of_our_own_judges_answers(reference: Ran) -> None:
    assert all(reference.outcome.findings.checked[check] > 300 for check in OWN_CHECKS), (
        reference.outcome.findings.checked
    )


def test_the_session_keeps_within_its_default_limit(reference: Ran) -> None:
    assert 0 < reference.outcome.by_kind["session"] <= 92
    assert reference.outcome.by_kind["key"] <= 992


def test_no_more_than_two_texts_are_generated(reference: Ran) -> None:
    assert 1 <= reference.outcome.generations <= 2
