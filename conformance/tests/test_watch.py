"""What answers say to whoever did not ask for them, and how that goes with what checks have found."""

from dataclasses import replace

import pytest
from entity_conformance.deployment.problems import Violation
from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite import run as suite
from entity_conformance.suite.registry import passive
from entity_conformance.suite.watch.judgement import Judgement
from entity_conformance.suite.watch.merging import merged

CHECKS = {check.requirement: check for check in suite.checks()}
ID, LISTED = "errors.request-id", "list.returns-envelope"
WRONG = Violation("the header X-Request-ID is missing", expected="X-Request-ID", actual="no such header")
PASSIVE = {ID: passive(ID, "errors", "Every answer carries X-Request-ID.", after=[LISTED])}


def result(requirement: str, outcome: Outcome = Outcome.passed, *, exchange: str = "x9") -> Result:
    return Result(requirement, requirement.partition(".")[0], "must", None, outcome, "It is so.", exchanges=(exchange,))


def seen(problem: Exception | None, exchange: str = "x1", requirement: str = ID) -> Judgement:
    return Judgement(requirement, "tasks", exchange, problem)


def test_what_an_answer_shows_fails_a_requirement_that_its_own_check_found_to_hold() -> None:
    (found,) = merged([result(ID)], CHECKS, [seen(WRONG)], strict=False)

    assert (found.outcome, found.message, found.entity, found.exchanges) == (
        Outcome.failed,
        "the header X-Request-ID is missing",
        "tasks",
        ("x1",),
    )


def test_an_answer_that_another_requirement_is_judged_by_accuses_no_second_one() -> None:
    failed = result(LISTED, Outcome.failed, exchange="x1")

    found = merged([failed, result(ID)], CHECKS, [seen(None, "x2"), seen(WRONG)], strict=False)[1]

    assert (found.outcome, found.message) == (
        Outcome.blocked,
        "what breaks it is told by list.returns-envelope, which failed",
    )


def test_an_answer_that_is_warned_of_leaves_what_only_watches_it_out() -> None:
    warned = replace(result(LISTED, Outcome.warned, exchange="x1"), level="should")
    should = replace(result(ID), level="should")

    assert merged([warned, should], CHECKS, [seen(WRONG)], strict=False)[1].outcome is Outcome.skipped


def test_what_stands_on_nothing_broken_is_found_beside_what_does() -> None:
    failed = result(LISTED, Outcome.failed)
    other = Judgement(ID, "tasks", "x2", WRONG, "values")

    (_, found) = merged([failed, result(ID)], CHECKS | PASSIVE, [seen(WRONG), other], strict=False)

    assert (found.outcome, found.exchanges) == (Outcome.failed, ("x2",))


def test_what_it_stands_on_is_told_in_its_place_wherever_that_is_in_the_plan() -> None:
    standing = Judgement(ID, "tasks", "x1", WRONG, after=("read.shows-the-last-write",))
    found = merged(
        [result(ID), result("read.shows-the-last-write")],
        CHECKS,
        [standing, seen(WRONG, "x2", requirement="read.shows-the-last-write")],
        strict=False,
    )

    assert [one.outcome for one in found] == [Outcome.blocked, Outcome.failed]


def test_what_it_stands_on_says_nothing_while_that_stands_on_something_itself() -> None:
    standing = Judgement(ID, "tasks", "x1", WRONG, after=("read.shows-the-last-write",))
    doubtful = Judgement("read.shows-the-last-write", "tasks", "x2", WRONG, after=(ID,))

    found = merged([result(ID), result("read.shows-the-last-write")], CHECKS, [standing, doubtful], strict=False)

    assert found[0].outcome is Outcome.failed


def test_what_an_operation_that_is_not_there_answers_is_shown_last() -> None:
    wrong = [seen(WRONG, "x1"), seen(WRONG, "x2")]

    (found,) = merged([result(ID)], PASSIVE, wrong, strict=False, last={"x1"})
    (alone,) = merged([result(ID)], PASSIVE, wrong[:1], strict=False, last={"x1"})

    assert (found.exchanges, alone.exchanges) == (("x2",), ("x1",))


def test_a_check_and_a_watch_that_find_the_same_answer_wrong_do_not_block_each_other() -> None:
    failed = result(LISTED, Outcome.failed, exchange="x1")
    watched = Judgement(LISTED, "tasks", "x1", WRONG, "form")

    (found,) = merged([failed], CHECKS, [watched], strict=False)

    assert found.outcome is Outcome.failed


def test_what_stands_on_a_broken_requirement_is_not_found_beside_it() -> None:
    failed = result(LISTED, Outcome.failed)

    (_, found) = merged([failed, result(ID)], CHECKS | PASSIVE, [seen(WRONG)], strict=False)

    assert (found.outcome, found.message) == (
        Outcome.blocked,
        "what breaks it is told by list.returns-envelope, which failed",
    )


def test_another_envelope_fails_its_requirement_and_nothing_that_stands_on_it() -> None:
    wrapped = Judgement(ID, "tasks", "x1", WRONG, "envelope")
    failed = result("filter.field-equality", Outcome.failed)
    standing = {failed.requirement: replace(CHECKS[failed.requirement], after=(ID,))}

    found = merged([result(ID), failed], CHECKS | standing, [wrapped], strict=False)

    assert [one.outcome for one in found] == [Outcome.failed, Outcome.failed]


@pytest.mark.parametrize(("said", "shown"), [("meta in place", "x2"), ("data lacks a record", "x1")])
def test_a_check_that_finds_another_envelope_tells_the_one_whose_turn_it_is(said: str, shown: str) -> None:
    failed = replace(result(LISTED, Outcome.failed, exchange="x1"), message=said)
    ways = [Judgement(LISTED, "tasks", f"x{place}", Violation(way, expected="", actual=""), "envelope")
            for place, way in ((2, "null in place"), (1, "meta in place"))]  # fmt: skip

    (found,) = merged([failed], CHECKS, ways, strict=False)

    assert found.exchanges == (shown,)


def test_a_requirement_that_is_only_watched_tells_on_how_many_exchanges() -> None:
    (found,) = merged([result(ID)], PASSIVE, [seen(None, "x1"), seen(None, "x2"), seen(None, "x2")], strict=False)

    assert (found.outcome, found.message) == (Outcome.passed, "It is so. Seen in 2 exchanges.")


def test_a_requirement_that_is_only_watched_never_passes_unseen() -> None:
    (found,) = merged([result(ID)], PASSIVE, [], strict=False)

    assert (found.outcome, found.message) == (Outcome.skipped, "not seen: no exchange of this run was about it")


@pytest.mark.parametrize(("strict", "outcome"), [(False, Outcome.warned), (True, Outcome.failed)])
def test_a_should_that_an_answer_breaks_is_a_warning(strict: bool, outcome: Outcome) -> None:  # noqa: FBT001
    should = replace(result(ID), level="should")

    assert merged([should], CHECKS, [seen(WRONG)], strict=strict)[0].outcome is outcome


def test_a_watch_that_raises_is_a_defect_of_the_suite() -> None:
    (found,) = merged([result(ID)], CHECKS, [seen(KeyError("Link"))], strict=False)

    assert (found.outcome, found.message) == (Outcome.broken, "KeyError: 'Link'")
