"""Results of what was found: nothing is green by being cut short, and a failure has its level and its evidence."""

from collections import Counter
from typing import Any

from entity_conformance.report.verdict import LEFT_OUT, SKIPPED, Outcome, Result
from entity_contract import load
from entity_tests.properties.command import requirements
from entity_tests.properties.findings import Finding, Findings
from entity_tests.properties.outcome import Ended, choices, requirement_of, results
from entity_tests.properties.phases import PHASES
from entity_tests.properties.scope import Scope, Selection
from schemathesis.checks import CHECKS

CONTRACT = load()
CLAUSES = requirements().requirements
NAMES = [phase.name for phase in PHASES]
OPERATIONS = tuple(CONTRACT.operation(id_) for id_ in ("listTasks", "createTask", "generateText"))


def findings(*found: Finding, **facts: Any) -> Findings:
    answers = {one.id: Counter({200: 3}) for one in OPERATIONS}
    known = Findings(**{"answers": answers, "begun": NAMES, "sent": Counter(dict.fromkeys(NAMES, 3)), **facts})
    known.judged.update({"envelope": 9})
    for one in found:
        known.add(one)
    return known


def told(
    of: Findings, *, halted: str | None = None, strict: bool = False, out: Any = (), operations: Any = OPERATIONS
) -> tuple[Result, ...]:
    ended = Ended(of, Scope(operations, CONTRACT.entities, out), halted, is_strict=strict)
    return results(ended, CONTRACT, CLAUSES, Selection(frozenset(), frozenset(CLAUSES)))


def of(requirement: str, among: tuple[Result, ...]) -> list[tuple[str | None, Outcome, str]]:
    return [(one.entity, one.outcome, one.message) for one in among if one.requirement == f"properties.{requirement}"]


def failure(level: Any = "must", ruling: str = "E2.envelope", operation: str = "listTasks", **more: Any) -> Finding:
    return Finding(operation, "envelope", level, ruling, "there is no `data`", **more)


def test_every_check_of_schemathesis_has_a_requirement_of_its_own() -> None:
    names = {requirement_of(name, CLAUSES) for name in CHECKS.get_all_names()}
    assert "properties.another-check" not in names
    assert requirement_of("a_check_of_next_year", CLAUSES) == "properties.another-check"


def test_what_was_judged_and_not_found_wrong_has_passed() -> None:
    assert of("envelope", told(findings())) == [(None, Outcome.passed, "nothing was found in 9 answers")]


def test_what_only_writes_are_judged_by_is_out_of_scope_where_nothing_is_written() -> None:
    halted, reading = "the budget is used up", tuple(one for one in OPERATIONS if one.id != "createTask")
    for name in ("record-read-back", "plain-record-is-accepted"):
        assert of(name, told(findings(), halted=halted, operations=reading)) == [
            (None, Outcome.skipped, "nothing is written")
        ]
        assert [one[1] for one in of(name, told(findings(), halted=halted))] == [Outcome.blocked]


def test_what_no_answer_was_judged_by_is_not_passed() -> None:
    assert of("use-after-free", told(findings())) == [(None, Outcome.skipped, "no answer was judged by it")]
    after = "after that nothing was asked (the budget is used up)"
    assert of("use-after-free", told(findings(), halted="the budget is used up")) == [
        (None, Outcome.blocked, f"none of 12 answers was one that it judges; {after}")
    ]
    assert of("use-after-free", told(findings(sent=Counter()), halted="the budget is used up")) == [
        (None, Outcome.blocked, f"no answer came; {after}")
    ]


def test_a_failure_is_told_with_its_ruling_its_times_and_the_other_operations() -> None:
    found = findings(failure(exchanges=("x1",)), failure(exchanges=("x2",)), failure(operation="createTask"))
    (result,) = [one for one in told(found) if one.requirement == "properties.envelope"]
    assert (result.entity, result.outcome, result.exchanges) == ("tasks", Outcome.failed, ("x1",))
    assert result.message == ("listTasks: there is no `data` (E2.envelope); 2 times; also createTask (1)")


def test_a_should_is_a_warning_unless_the_run_is_strict_and_a_choice_is_observed() -> None:
    should, choice = failure("should", "L15.details"), failure("choice", "L22.unknown-parameter")
    assert [outcome for _, outcome, _ in of("envelope", told(findings(should)))] == [Outcome.warned]
    assert [outcome for _, outcome, _ in of("envelope", told(findings(should), strict=True))] == [Outcome.failed]
    assert [outcome for _, outcome, _ in of("envelope", told(findings(choice), strict=True))] == [Outcome.observed]


def test_a_choice_is_told_by_its_ruling() -> None:
    ended = Ended(findings(failure("choice", "L22.unknown-parameter")), Scope((), (), ()), None, is_strict=False)
    assert choices(ended, CLAUSES) == (("properties.envelope", "L22.unknown-parameter"),)


def test_the_steps_before_a_request_are_evidence_too_and_it_stands_last() -> None:
    found = findings(failure(exchanges=("x9",), case="abc"))
    found.led_to("abc", ("x7", "x8"))
    assert found.all[0].exchanges == ("x7", "x8", "x9")


def test_an_operation_that_was_never_accepted_is_blocked_and_named() -> None:
    found = findings(answers={"listTasks": Counter({200: 1}), "createTask": Counter({400: 2, 401: 1})})
    assert of("operation-accepted", told(found, halted="the budget of 60 requests is used up")) == [
        (
            "tasks",
            Outcome.blocked,
            "createTask was never accepted (400: 2, 401: 1) (the budget of 60 requests is used up)",
        ),
        (None, Outcome.blocked, "generateText was not reached (the budget of 60 requests is used up)"),
    ]


def test_operations_that_were_accepted_have_passed_with_the_numbers() -> None:
    assert of("operation-accepted", told(findings())) == [
        ("tasks", Outcome.passed, "accepted: listTasks 3, createTask 3"),
        (None, Outcome.passed, "accepted: generateText 3"),
    ]


def test_a_generator_that_is_not_there_is_out_of_scope() -> None:
    answers = {
        "listTasks": Counter({200: 1}),
        "createTask": Counter({201: 1}),
        "generateText": Counter({404: 3, 401: 1}),
    }
    among = told(findings(answers=answers))
    assert of("operation-accepted", among) == [("tasks", Outcome.passed, "accepted: listTasks 1, createTask 1")]
    assert of("scope", among) == [(None, Outcome.skipped, "generateText: the deployment answers 404")]


def test_a_read_of_records_that_cannot_be_made_is_out_of_scope() -> None:
    answers = {"listTasks": Counter({200: 1}), "getTask": Counter({404: 3}), "createTask": Counter({201: 1})}
    known = findings(answers=answers)
    reading = tuple(CONTRACT.operation(id_) for id_ in ("listTasks", "getTask"))
    creating = (*reading, CONTRACT.operation("createTask"))
    for operations, empty, outcome in (
        (reading, {"tasks"}, Outcome.passed),
        (reading, set(), Outcome.blocked),
        (creating, {"tasks"}, Outcome.blocked),
    ):
        among = Scope(operations, CONTRACT.entities, (("createTask", "no sample of title is taken"),))
        ended = Ended(known, among, None, is_strict=False, empty=frozenset(empty))
        told_of = results(ended, CONTRACT, CLAUSES, Selection(frozenset(), frozenset(CLAUSES)))
        assert [one[1] for one in of("operation-accepted", told_of)] == [outcome]
        is_out = "getTask: the deployment has no record of tasks, and none is made" in of("scope", told_of)[0][2]
        assert is_out is (outcome is Outcome.passed)


def test_a_phase_that_did_not_begin_is_blocked() -> None:
    among = told(findings(begun=["examples"]), halted="the budget is used up")
    assert of("examples", among) == [(None, Outcome.passed, "3 sent")]
    assert of("fuzzing", among) == [(None, Outcome.blocked, "nothing was left to begin with (the budget is used up)")]


def test_a_defect_of_these_tests_breaks_its_phase() -> None:
    among = told(findings(errors=[("coverage", "KeyError: 'x'", ("7",))]))
    assert of("coverage", among) == [(None, Outcome.broken, "KeyError: 'x'")]


def test_what_is_out_of_scope_is_told_by_its_reason() -> None:
    out = (("listUsers", "it is not there"), ("getUser", "it is not there"), ("getHealth", LEFT_OUT))
    assert of("scope", told(findings(), out=out)) == [
        (None, Outcome.skipped, f"listUsers, getUser: it is not there; getHealth: {LEFT_OUT}")
    ]


def test_a_requirement_that_was_left_out_is_skipped_whatever_was_found() -> None:
    ended = Ended(findings(failure()), Scope(OPERATIONS, CONTRACT.entities, ()), None, is_strict=False)
    rest = frozenset(CLAUSES) - {"properties.envelope"}
    among = results(ended, CONTRACT, CLAUSES, Selection(frozenset(), rest, skipped=frozenset({"properties.envelope"})))
    assert of("envelope", among) == [(None, Outcome.skipped, SKIPPED)]


def test_every_requirement_has_a_result() -> None:
    assert {one.requirement for one in told(findings())} == set(CLAUSES)
