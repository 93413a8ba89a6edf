"""What every report says about a result."""

import pytest
from entity_conformance.deployment.problems import RequestCount
from entity_conformance.report.findings import (
    Fact,
    by_chapter,
    choices,
    findings,
    out_of_scope,
    plain,
    requests_line,
    verdict_line,
)
from entity_conformance.report.verdict import Outcome, Profile, Verdict

from conformance.tests.report.samples import (
    BASE,
    BLOCKED,
    EVERY_OUTCOME,
    FAILED,
    PASSED,
    REQUIREMENTS,
    SKIPPED,
    WARNED,
    exchange,
    result,
    run,
)


def test_a_failure_says_clause_source_why_expected_actual_and_answer() -> None:
    (finding,) = findings(run(FAILED), REQUIREMENTS, Outcome.failed)

    assert finding.title == "list.limit-caps-page [tasks]"
    assert finding.facts == (
        Fact("clause", '"limit?: number // Default: 20, Max: 100"'),
        Fact("source", "LIST - Get All Records"),
        Fact("why", "data holds more records than asked for"),
        Fact("expected", "2 records"),
        Fact("actual", "3 records"),
        Fact("answer", "200 after 12 ms"),
        Fact("body", '{"success":true,"data":[{"id":"tsk_1"},{"id":"tsk_2"},{"id":"tsk_3"}]}'),
        Fact("evidence", "exchange x1, beside x2"),
    )


def test_the_last_exchange_is_the_one_judged() -> None:
    (finding,) = findings(run(FAILED), REQUIREMENTS, Outcome.failed)

    assert finding.command == f"curl -i '{BASE}/tasks?limit=2' -H \"Authorization: Bearer $CONFORMANCE_API_KEY\""


def test_a_decision_is_part_of_the_source() -> None:
    (finding,) = findings(run(WARNED), REQUIREMENTS, Outcome.warned)

    assert Fact("source", "LIST - Get All Records, decision L3.empty-page") in finding.facts


def test_silence_is_an_answer_too() -> None:
    broken_off = run(
        result("update.keeps-the-rest", Outcome.failed, exchanges=("x3",)),
        exchanges=(exchange("x3", status=None, response_body=None, error="no answer within 10 s", seconds=10.0),),
    )

    (finding,) = findings(broken_off, REQUIREMENTS, Outcome.failed)

    assert Fact("answer", "none after 10.0 s: no answer within 10 s") in finding.facts


def test_an_answer_that_broke_off_keeps_its_status() -> None:
    cut = run(
        result("list.past-the-end", Outcome.failed, exchanges=("x1",)),
        exchanges=(exchange(response_body=None, error="the connection was closed"),),
    )

    (finding,) = findings(cut, REQUIREMENTS, Outcome.failed)

    assert finding.facts[-2:] == (
        Fact("answer", "200, not whole after 12 ms: the connection was closed"),
        Fact("evidence", "exchange x1"),
    )


def test_a_body_too_long_to_be_recorded_is_told_of() -> None:
    huge = exchange(method="POST", request_body="x" * 2_000_020)

    (finding,) = findings(run(FAILED, exchanges=(huge,)), REQUIREMENTS, Outcome.failed)

    assert finding.facts[-1] == Fact(
        "note", "the request's body was too long to be recorded whole: the curl line sends its beginning"
    )


def test_a_result_without_evidence_has_no_command() -> None:
    (finding,) = findings(run(result("create.returns-record", Outcome.blocked)), REQUIREMENTS, Outcome.blocked)

    assert (finding.exchange, finding.command) == (None, None)


def test_evidence_that_is_not_in_the_table_is_left_out() -> None:
    (finding,) = findings(run(BLOCKED, exchanges=()), REQUIREMENTS, Outcome.blocked)

    assert finding.command is None


def test_a_requirement_unknown_to_the_ledger_is_still_told() -> None:
    (finding,) = findings(run(FAILED), {}, Outcome.failed)

    assert finding.facts[0] == Fact("why", "data holds more records than asked for")


def test_only_the_outcomes_asked_for_are_found_in_the_runs_order() -> None:
    found = findings(run(*EVERY_OUTCOME), REQUIREMENTS, Outcome.blocked, Outcome.failed)

    assert [finding.result for finding in found] == [FAILED, BLOCKED]


def test_chapters_stand_in_the_ledgers_order_and_unknown_ones_last() -> None:
    stranger = result("keys.listed", Outcome.passed, chapter="plugins")

    grouped = by_chapter(run(stranger, BLOCKED, PASSED, FAILED), REQUIREMENTS)

    assert grouped == (
        ("authentication", (PASSED,)),
        ("listing", (FAILED,)),
        ("creating", (BLOCKED,)),
        ("plugins", (stranger,)),
    )


def test_choices_that_differ_by_entity_are_all_told() -> None:
    seen = run(
        choices=(("list.limit-above-100", "capped"), ("sort.nulls", "last"), ("list.limit-above-100", "refused"))
    )

    assert choices(seen) == {"list.limit-above-100": "capped, refused", "sort.nulls": "last"}


def test_what_is_out_of_scope_is_grouped_by_its_reason_and_counted_once() -> None:
    profile = Profile("api-key", ("key",), (), ("tasks",), out_of_scope=(("keys.listed", "needs --session"),))
    also = result("keys.listed", Outcome.skipped, "needs --session", entity=None)
    other = result("create.returns-record", Outcome.skipped, "--skip create.*")

    assert out_of_scope(run(also, other, profile=profile)) == {
        "needs --session": ("keys.listed",),
        "--skip create.*": ("create.returns-record",),
    }


def test_a_requirement_skipped_on_several_entities_counts_once() -> None:
    assert out_of_scope(run(SKIPPED, SKIPPED)) == {"needs --session": ("keys.listed",)}


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (
            Verdict("conforms", 0, "conforms, profile api-key: 31 requirements out of scope"),
            "conforms, profile api-key: 31 requirements out of scope (exit 0)",
        ),
        (Verdict("does-not-conform", 1, "2 failed"), "does not conform: 2 failed (exit 1)"),
        (
            Verdict("could-not-test", 4, "no v1 entity API at\nhttp://x"),
            r"could not test: no v1 entity API at\nhttp://x (exit 4)",
        ),
    ],
)
def test_the_verdict_is_one_line_that_says_which_and_why(verdict: Verdict, line: str) -> None:
    assert verdict_line(verdict) == line


def test_requests_are_told_by_credential() -> None:
    spent = run(requests=RequestCount(total=1234, key=1200, session=30, none=4), seconds=28.04)

    assert requests_line(spent) == "1,234 requests (1,200 by key, 30 by session, 4 without credentials) in 28.0 s"


def test_a_choice_is_told_in_plain_words() -> None:
    assert plain("key-decides") == "key decides"
