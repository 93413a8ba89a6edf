"""What changed from one report to another."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from entity_conformance.report import json as json_report
from entity_conformance.report.comparing import Comparison, compare, lines
from entity_conformance.report.recorded import ForeignError, Recorded, read
from entity_conformance.report.verdict import Outcome, PlannedCheck, Profile, Result, Run

from conformance.tests.report.samples import BLOCKED, FAILED, OBSERVED, PASSED, REQUIREMENTS, WAIVED, WARNED, run

HELD = replace(FAILED, outcome=Outcome.passed, message="It holds.", expected=None, actual=None)
PLACE = ("list.limit-caps-page", "tasks")


def text(run_: Run) -> str:
    stream = io.StringIO()
    json_report.render(run_, REQUIREMENTS, stream)
    return stream.getvalue()


def recorded(*results: Result, **others: object) -> Recorded:
    return read(text(run(*results, **others)), name="report.json")


def compared(before: Result, after: Result) -> Comparison:
    return compare(recorded(before), recorded(after))


def test_a_failure_that_was_not_there_is_new() -> None:
    found = compared(HELD, FAILED)

    assert (found.new, found.exit_code) == (((PLACE, "data holds more records than asked for"),), 1)


def test_a_failure_of_what_was_not_judged_before_is_new() -> None:
    before = recorded(replace(HELD, outcome=Outcome.blocked), PASSED)

    assert compare(before, recorded(FAILED, PASSED)).exit_code == 1


def test_a_failure_that_is_gone_is_fixed() -> None:
    found = compared(FAILED, HELD)

    assert (found.fixed, found.exit_code) == (((PLACE, "data holds more records than asked for"),), 0)


def test_a_failure_that_stays_is_no_new_one() -> None:
    found = compared(FAILED, FAILED)

    assert ([place for place, _ in found.still], found.new, found.exit_code) == ([PLACE], (), 0)


def test_a_failure_that_is_waived_now_still_fails() -> None:
    found = compared(FAILED, replace(FAILED, outcome=Outcome.waived))

    assert ([place for place, _ in found.still], found.fixed, found.exit_code) == ([PLACE], (), 0)


def test_a_failure_that_is_waived_no_more_is_new() -> None:
    assert compared(WAIVED, replace(WAIVED, outcome=Outcome.failed)).exit_code == 1


def test_a_failure_that_could_not_be_judged_again_is_not_fixed() -> None:
    found = compare(recorded(FAILED, PASSED), recorded(replace(FAILED, outcome=Outcome.blocked), PASSED))

    told = "failed before, blocked: data holds more records than asked for"
    assert (found.fixed, found.no_longer_judged) == ((), ((PLACE, told),))


def test_what_the_later_report_lacks_is_no_longer_judged() -> None:
    found = compare(recorded(HELD, PASSED), recorded(PASSED))

    assert found.no_longer_judged == ((PLACE, "not in the report"),)


def test_what_holds_on_no_entity_is_the_same_that_failed_on_one() -> None:
    found = compared(FAILED, replace(HELD, entity=None))

    assert ([place for place, _ in found.fixed], found.no_longer_judged, found.new) == ([PLACE], (), ())


def test_what_held_on_no_entity_and_fails_on_one_is_one_new_failure() -> None:
    found = compared(replace(HELD, entity=None), FAILED)

    assert ([place for place, _ in found.new], found.no_longer_judged) == ([PLACE], ())


def test_a_new_warning_is_told_and_fails_nothing() -> None:
    found = compared(replace(WARNED, outcome=Outcome.passed), WARNED)

    assert ([place for place, _ in found.warned], found.exit_code) == ([("list.past-the-end", "tasks")], 0)


def test_another_choice_is_told() -> None:
    name = "list.limit-above-100"
    before, after = (recorded(OBSERVED, choices=((name, choice),)) for choice in ("capped", "refused"))

    assert compare(before, after).choices == (((name, None), "capped, now refused"),)


def test_another_contract_target_and_profile_are_said() -> None:
    after = recorded(PASSED, contract_sha256="9" * 64, target="http://h/api/v1", profile=Profile("full", (), (), ()))

    assert compare(recorded(PASSED), after).notes == (
        "another target: http://127.0.0.1:5173/api/v1, now http://h/api/v1",
        "another contract: 3f2a9c1b04d7, now 999999999999",
        "another profile: api-key, now full",
    )


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ("list", "model", "another command: run, now model"),
        ("properties", "model", "another command: properties, now model"),
        ("list", "list", None),
        ("model", "model", None),
    ],
)
def test_another_command_is_said(before: str, after: str, note: str | None) -> None:
    one, other = (replace(PASSED, requirement=f"{name}.holds", chapter=name) for name in (before, after))

    assert compare(recorded(one), recorded(other)).notes == ((note,) if note else ())


def test_what_other_commands_judge_on_any_answer_makes_them_no_run() -> None:
    one = replace(PASSED, requirement="model.update", chapter="model")
    planned = (PlannedCheck("list.limit-caps-page", "tasks", ()),)

    assert recorded(one, FAILED, plan=()).commands == ("model",)
    assert recorded(one, FAILED, plan=planned).commands == ("run", "model")


def test_a_report_that_judged_nothing_is_never_well() -> None:
    found = compare(recorded(FAILED), recorded(BLOCKED))

    assert found.exit_code == 2
    assert list(lines(recorded(FAILED), recorded(BLOCKED), found))[-1] == (
        "\nreport.json judged nothing; 1 no longer judged (exit 2)"
    )


def test_one_of_a_kind_is_told_as_one() -> None:
    before, after = recorded(PASSED), recorded(FAILED)

    assert list(lines(before, after, compare(before, after)))[-1].startswith("\n1 new failure, ")


def test_two_reports_that_say_the_same_are_told_in_a_line() -> None:
    one = recorded(PASSED)

    assert list(lines(one, one, compare(one, one)))[-1] == "\nnothing changed (exit 0)"


def _without(member: str) -> str:
    document = json.loads(text(run(PASSED)))
    del document[member]
    return json.dumps(document)


def _with(**members: Any) -> str:
    return json.dumps({**json.loads(text(run(PASSED))), **members})


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "is not JSON"),
        (text(run(PASSED))[:-40], "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is no report of this suite"),
        ('{"format": "other/1"}', "is no report of this suite"),
        (_without("complete"), "is no whole report"),
        (_without("results"), "it lacks what every report has"),
        (_with(results=[1]), "it lacks what every report has"),
        (_with(results=[{"requirement": 1}]), "it lacks what every report has"),
        (_with(choices=["a"]), "it lacks what every report has"),
        (_with(suite=None), "it lacks what every report has"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_in_a_line(said: str, why: str) -> None:
    with pytest.raises(ForeignError) as caught:
        read(said, name="x.json")

    assert str(caught.value).startswith("x.json is")
    assert why in str(caught.value)
