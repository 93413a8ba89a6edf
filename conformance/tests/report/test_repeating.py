"""What failed, tried again."""

from dataclasses import replace

import pytest
from entity_conformance.report.repeating import Repeated, exit_code, lines, repeated
from entity_conformance.report.verdict import Outcome

from conformance.tests.report.samples import FAILED, run

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


def test_what_no_try_looked_at_is_not_judged() -> None:
    (one,) = repeated([PLACE], [[run()]] * 3)

    assert (one.word, one.why) == ("NOT JUDGED", "it was not looked at")
