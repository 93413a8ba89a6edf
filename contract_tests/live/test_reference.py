"""What else holds of the run on the reference server, with its default limits: it takes every decision itself."""

from contract_tests.live.phases import PHASES
from contract_tests.live.reference import Ran
from contract_tests.live.run import Outcome

OWN = ("envelope", "error_code_of_status", "rate_limit_headers", "request_id", "record_read_back")


def test_the_verdict_is_green(outcome: Outcome) -> None:
    assert (outcome.verdict.exit_code, outcome.verdict.reason) == (0, "nothing failed")


def test_nothing_is_warned_of_and_no_choice_is_another(outcome: Outcome) -> None:
    assert [one for level in ("must", "should", "choice") for one in outcome.findings.of(level)] == []


def test_records_and_keys_are_as_before(ran: Ran) -> None:
    assert ran.before == ran.after
    assert ran.before


def test_every_operation_is_in_scope_and_reached(outcome: Outcome) -> None:
    assert (outcome.scope.out, outcome.unreached) == ((), ())


def test_every_phase_sends_requests(outcome: Outcome) -> None:
    assert all(outcome.findings.phases[phase] >= 30 for phase in PHASES), outcome.findings.phases


def test_every_check_of_our_own_judges_answers(outcome: Outcome) -> None:
    assert all(outcome.findings.checked[check] > 300 for check in OWN), outcome.findings.checked


def test_the_session_keeps_within_its_default_limit(outcome: Outcome) -> None:
    assert 0 < outcome.by_kind["session"] <= 92
    assert outcome.by_kind["key"] <= 992


def test_no_more_than_two_texts_are_generated(outcome: Outcome) -> None:
    assert 1 <= outcome.generations <= 2
