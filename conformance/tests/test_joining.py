"""Several runs told as one: one verdict, one report, and evidence that keeps its place."""

from dataclasses import replace

import pytest
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Result, Run, Verdict
from entity_conformance.suite.joining import joined

from conformance.tests.report.samples import BASE, PASSED, exchange, run

CONFORMS = Verdict("conforms", 0, "conforms")


def a_run(*results: Result, verdict: Verdict = CONFORMS, exchanges: int = 1) -> Run:
    evidence = tuple(replace(exchange(), id=f"x{number}") for number in range(1, exchanges + 1))
    return replace(run(), results=results, exchanges=evidence, verdict=verdict)


def judged(
    outcome: Outcome,
    *exchanges: str,
    message: str = "said",
    requirement: str = PASSED.requirement,
    entity: str | None = None,
) -> Result:
    return replace(
        PASSED, requirement=requirement, entity=entity, outcome=outcome, exchanges=exchanges, message=message
    )


def modelled(outcome: Outcome, *exchanges: str, message: str = "said") -> Result:
    """A result of what only the second run judges."""
    return judged(outcome, *exchanges, message=message, requirement="model.read")


def test_the_evidence_of_the_second_run_comes_behind_that_of_the_first() -> None:
    first, second = a_run(judged(Outcome.passed, "x2"), exchanges=2), a_run(modelled(Outcome.passed, "x1"))

    whole = joined(first, [second], settings=Settings(BASE))

    assert [one.exchanges for one in whole.results] == [("x2",), ("x3",)]
    assert [one.id for one in whole.exchanges] == ["x1", "x2", "x3"]


def test_what_one_of_them_broke_is_the_verdict_of_all() -> None:
    broken = a_run(modelled(Outcome.failed), verdict=Verdict("does-not-conform", 1, "broken"))

    whole = joined(a_run(judged(Outcome.passed)), [broken], settings=Settings(BASE))

    assert whole.verdict.exit_code == 1
    assert whole.requests.total == 2 * run().requests.total


@pytest.mark.parametrize(("code", "other", "whole"), [(1, 70, 70), (130, 1, 130), (0, 3, 3), (3, 5, 5)])
def test_the_exit_code_is_the_weightiest(code: int, other: int, whole: int) -> None:
    runs = [a_run(judged(Outcome.passed), verdict=Verdict("inconclusive", each, "why")) for each in (code, other)]
    blocked = replace(runs[1], results=(modelled(Outcome.blocked),))

    assert joined(runs[0], [blocked], settings=Settings(BASE)).verdict.exit_code == whole


def test_what_a_later_run_had_no_requests_for_is_left_out_and_decides_nothing() -> None:
    message = "deleteTask was not reached (the budget of 200 requests is used up)"
    second = a_run(
        modelled(Outcome.blocked, message=message),
        modelled(Outcome.passed),
        verdict=Verdict("inconclusive", 3, "it could not be tested"),
    )

    whole = joined(a_run(judged(Outcome.passed)), [second], settings=Settings(BASE))

    assert whole.verdict.exit_code == 0
    assert (whole.results[1].outcome, whole.results[1].message) == (Outcome.skipped, f"left out: {message}")


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ([("passed", None)], [("failed", "tasks")], [("failed", "tasks")]),
        ([("passed", None)], [("skipped", None)], [("passed", None)]),
        ([("failed", "tasks")], [("failed", "tasks")], [("failed", "tasks")]),
        (
            [("passed", "tasks")],
            [("failed", "tasks"), ("failed", "orders")],
            [("failed", "tasks"), ("failed", "orders")],
        ),
        ([("passed", None)], [("failed", "tasks"), ("warned", "orders")], [("failed", "tasks"), ("warned", "orders")]),
    ],
)
def test_what_two_runs_judge_is_told_once_for_each_entity(
    first: list[tuple[str, str | None]], second: list[tuple[str, str | None]], whole: list[tuple[str, str | None]]
) -> None:
    one, other = (a_run(*(judged(Outcome[name], entity=of) for name, of in each)) for each in (first, second))

    found = joined(one, [other], settings=Settings(BASE))

    assert [(each.outcome.name, each.entity) for each in found.results] == whole


def test_what_was_not_done_is_noted() -> None:
    whole = joined(
        a_run(judged(Outcome.passed)), [], settings=Settings(BASE), notes=["model was left out: no requests"]
    )

    assert whole.profile.notes[-1] == "model was left out: no requests"
    assert whole.profile.name.endswith(", thorough")
