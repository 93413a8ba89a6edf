"""What failed, tried again."""

import io
from dataclasses import replace

import pytest
from entity_conformance.report import json as json_report
from entity_conformance.report.recorded import Recorded, read
from entity_conformance.report.repeating import Repeated, exit_code, lines, notes, repeated
from entity_conformance.report.verdict import Outcome, Result, Run

from conformance.tests.report.samples import FAILED, REQUIREMENTS, run

PLACE = ("list.limit-caps-page", "tasks")


def tried(*outcomes: str) -> Repeated:
    tries = [[run(replace(FAILED, outcome=Outcome[outcome], message=f"it {outcome}"))] for outcome in outcomes]
    (one,) = repeated([PLACE], tries)
    return one


@pytest.mark.parametrize(
    ("outcomes", "word", "code"),
    [
        (("passed", "passed", "passed"), "FIXED", 0),
        (("failed", "failed", "failed"), "FAILED", 1),
        (("passed", "failed", "passed"), "FLAKY", 1),
        (("failed", "passed", "blocked"), "FLAKY", 1),
        (("passed", "passed", "blocked"), "NOT JUDGED", 3),
        (("skipped", "blocked", "blocked"), "NOT JUDGED", 3),
        (("failed", "blocked", "blocked"), "FAILED", 1),
        (("observed", "observed", "observed"), "FIXED", 0),
        (("warned", "warned", "warned"), "FAILED", 1),
    ],
)
def test_three_tries_are_a_word(outcomes: tuple[str, ...], word: str, code: int) -> None:
    one = tried(*outcomes)

    assert (one.word, exit_code([one])) == (word, code)


def test_what_was_seen_last_of_a_failure_is_told() -> None:
    assert list(lines([tried("failed", "passed", "passed")])) == [
        "FLAKY       list.limit-caps-page [tasks] (held 2 of 3 times): it failed",
        "1 FLAKY (exit 1)",
    ]


def test_what_holds_on_no_entity_is_fixed_on_the_one_where_it_failed() -> None:
    held = replace(FAILED, outcome=Outcome.passed, entity=None)

    (one,) = repeated([PLACE], [[run(held)]] * 3)

    assert one.word == "FIXED"


@pytest.mark.parametrize(
    ("profile", "wrote", "word"),
    [
        ("api-key, read-only, selected", True, "NOT JUDGED"),
        ("api-key, read-only, selected", False, "FIXED"),
        ("api-key, selected", True, "FIXED"),
    ],
)
def test_what_holds_where_a_run_only_reads_is_not_fixed(profile: str, wrote: bool, word: str) -> None:  # noqa: FBT001
    held = run(replace(FAILED, outcome=Outcome.passed))
    (one,) = repeated([PLACE], [[replace(held, profile=replace(held.profile, name=profile))]] * 3, wrote=wrote)

    assert (one.word, exit_code([one])) == (word, 3 if word == "NOT JUDGED" else 0)


def test_what_fails_where_a_run_only_reads_fails() -> None:
    failed = run(FAILED)
    (one,) = repeated(
        [PLACE], [[replace(failed, profile=replace(failed.profile, name="full, read-only"))]] * 3, wrote=True
    )

    assert (one.word, one.why) == ("FAILED", FAILED.message)


def test_another_target_and_contract_than_the_report_s_are_said() -> None:
    before = recorded(FAILED)

    assert list(notes(before, run(FAILED))) == []
    assert list(notes(before, run(FAILED, target="https://other.test/api/v1", contract_sha256="b" * 64))) == [
        f"note: another target than the report's: {before.target}, now https://other.test/api/v1",
        f"note: another contract than the report's: {before.contract[:12]}, now {'b' * 12}",
    ]


def recorded(*results: Result) -> Recorded:
    stream = io.StringIO()
    json_report.render(run(*results), REQUIREMENTS, stream)
    return read(stream.getvalue(), name="report.json")


def test_what_fails_now_on_another_entity_has_failed() -> None:
    (one,) = repeated([PLACE], [[run(FAILED)], [elsewhere()], [elsewhere()]])

    assert (one.word, one.held, one.judged, one.why) == ("FAILED", 0, 3, f"now on comments: {FAILED.message}")


def test_what_failed_on_two_entities_is_fixed_where_it_is_wrong_no_more() -> None:
    ours, theirs = repeated([PLACE, (PLACE[0], "comments")], [[elsewhere()]] * 3)

    assert (ours.word, theirs.word) == ("FIXED", "FAILED")


def elsewhere() -> Run:
    told = run(replace(FAILED, entity="comments"))
    return replace(told, profile=replace(told.profile, entities=("tasks", "comments")))


def test_what_was_wrong_is_told_though_a_later_try_judged_nothing() -> None:
    assert tried("failed", "failed", "blocked").why == "it failed"


def test_what_no_try_looked_at_is_not_judged() -> None:
    (one,) = repeated([PLACE], [[run()]] * 3)

    assert (one.word, one.why) == ("NOT JUDGED", "it was not looked at")
