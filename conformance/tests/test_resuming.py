"""A run that goes on where another ended."""

from dataclasses import replace

from entity_conformance.deployment.settings import Settings
from entity_conformance.report import json as json_report
from entity_conformance.report.verdict import Outcome, PlannedCheck, Verdict
from entity_conformance.suite.recordings import earlier
from entity_conformance.suite.resuming import resumed, unsettled

from conformance.tests.report.samples import BASE, BLOCKED, FAILED, OBSERVED, PASSED, exchange, run, whole_run

SETTINGS = Settings(BASE)
KNOWN = {one.requirement for one in (PASSED, FAILED, OBSERVED, BLOCKED)}


def test_what_is_blocked_has_no_outcome_yet() -> None:
    assert unsettled(run(PASSED, FAILED, BLOCKED), KNOWN) == (BLOCKED.requirement,)


def test_what_stands_on_a_failure_is_settled() -> None:
    stands = replace(BLOCKED, message="it stands on list.limit-caps-page [tasks], which failed")

    assert unsettled(run(FAILED, stands), KNOWN) == ()


def test_what_did_not_fit_the_budget_has_no_outcome_yet() -> None:
    left = replace(BLOCKED, outcome=Outcome.skipped, entity=None, message="left out: does not fit --max-requests 60")

    assert unsettled(run(PASSED, left), KNOWN) == (BLOCKED.requirement,)


def test_what_did_not_fit_on_one_entity_has_no_outcome_yet() -> None:
    left = replace(PASSED, outcome=Outcome.skipped, entity="orders", message="left out: does not fit --max-requests 60")

    assert unsettled(run(PASSED, FAILED, left), KNOWN) == (PASSED.requirement,)


def test_what_was_planned_and_not_looked_at_has_no_outcome_yet() -> None:
    plan = (PlannedCheck(PASSED.requirement, None), PlannedCheck(FAILED.requirement, "tasks"))

    assert unsettled(run(PASSED, plan=plan), KNOWN) == (FAILED.requirement,)


def test_of_a_run_that_judged_nothing_all_is_asked() -> None:
    assert set(unsettled(run(BLOCKED), KNOWN)) == KNOWN


def test_both_runs_are_told_as_one() -> None:
    held = replace(BLOCKED, outcome=Outcome.passed, message="It holds.", exchanges=("x1",))
    first = run(PASSED, BLOCKED, verdict=Verdict("inconclusive", 3, "blocked"))
    later = run(held, exchanges=(exchange("x1", at=0.5),))

    whole = resumed(first, later, [BLOCKED.requirement], SETTINGS)

    assert [(one.requirement, one.outcome.name) for one in whole.results] == [
        (PASSED.requirement, "passed"),
        (BLOCKED.requirement, "passed"),
    ]
    assert (whole.results[1].exchanges, whole.exchanges[-1].id, whole.exchanges[-1].at) == (("x4",), "x4", 12.84)
    assert (whole.verdict.name, whole.requests.total) == ("conforms", 366)


def test_an_earlier_failure_still_fails_the_whole() -> None:
    whole = resumed(
        run(FAILED, BLOCKED), run(replace(BLOCKED, outcome=Outcome.passed)), [BLOCKED.requirement], SETTINGS
    )

    assert whole.verdict.exit_code == 1


def test_a_run_that_could_not_go_on_says_so() -> None:
    lost = run(verdict=Verdict("could-not-test", 4, "could not test: cannot reach it"))

    assert resumed(run(PASSED, BLOCKED), lost, [BLOCKED.requirement], SETTINGS).verdict.exit_code == 4


def test_a_report_is_read_as_the_run_that_it_tells_of() -> None:
    told = earlier.run(json_report.document(whole_run()), name="report.json")

    assert told.results == tuple(replace(one, seconds=0.0) for one in whole_run().results)
    assert (told.profile, told.choices, told.plan) == (whole_run().profile, whole_run().choices, whole_run().plan)
    assert len(told.exchanges) == len(whole_run().exchanges)
