"""A run that goes on where another ended."""

from dataclasses import replace

from entity_conformance.deployment.settings import Settings
from entity_conformance.report import json as json_report
from entity_conformance.report.verdict import NOT_SEEN, Outcome, PlannedCheck, Verdict
from entity_conformance.suite.recordings import earlier
from entity_conformance.suite.resuming import proofs, resumed, unsettled
from entity_conformance.suite.run import checks
from entity_conformance.suite.watch import passive_checks

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


def test_what_no_exchange_was_about_has_no_outcome_yet() -> None:
    unseen = replace(OBSERVED, outcome=Outcome.skipped, message=NOT_SEEN)

    assert unsettled(run(PASSED, unseen, BLOCKED), KNOWN) == (BLOCKED.requirement, OBSERVED.requirement)
    assert unsettled(run(PASSED, unseen), KNOWN) == ()


def test_whatever_else_the_run_had_in_it_is_watched_and_not_asked() -> None:
    held = [replace(PASSED, requirement=name) for name in ("list.total", "update.spares-others", "health.version")]
    asked = ["list.limit-caps-page"]

    found = {one.requirement: one for one in proofs(run(*held), asked, checks(), passive_checks())}

    assert {name: one.is_passive for name, one in found.items()} == {
        "list.limit-caps-page": False,
        "list.total": True,
        "update.spares-others": True,
    }
    assert not found["list.total"].scopes
    assert not found["list.total"].needs


def test_what_was_left_out_is_not_watched() -> None:
    left = replace(PASSED, requirement="list.total", outcome=Outcome.skipped, message="left out by --skip")
    profile = replace(run().profile, out_of_scope=(("list.total", left.message),))

    assert proofs(run(left, profile=profile), [], checks(), passive_checks()) == ()


def test_what_the_later_half_saw_broken_fails_the_whole() -> None:
    broken = replace(PASSED, outcome=Outcome.failed, message="It does not hold.")
    again = replace(BLOCKED, outcome=Outcome.passed)

    whole = resumed(run(PASSED, BLOCKED), run(broken, again), [BLOCKED.requirement], SETTINGS)

    assert [one.outcome.name for one in whole.results] == ["failed", "passed"]
    assert whole.verdict.exit_code == 1


def test_what_stands_on_an_earlier_failure_is_not_accused_by_what_was_only_seen() -> None:
    plan = (PlannedCheck(OBSERVED.requirement, "tasks", after=(FAILED.requirement,)),)
    broken = replace(OBSERVED, outcome=Outcome.failed, message="It does not hold.")

    whole = resumed(run(FAILED, OBSERVED, BLOCKED, plan=plan), run(broken), [BLOCKED.requirement], SETTINGS)

    assert [one.outcome.name for one in whole.results] == ["failed", "observed"]


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
