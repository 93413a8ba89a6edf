"""What a run reports."""

from collections import Counter
from datetime import UTC, datetime
from typing import Literal

import pytest
from entity_conformance.deployment.exchange import Redactor
from entity_conformance.deployment.reply import Headers
from entity_conformance.oracle.messages import Answer, Request
from entity_conformance.oracle.reading import Reading
from entity_conformance.report.verdict import Outcome, Result
from entity_tests.model.deployment import Ended
from entity_tests.model.judging import Difference
from entity_tests.model.requirements import REQUIREMENTS
from entity_tests.model.results import found_in
from entity_tests.model.running import Cause, Exploration, Failure

POST, GET = Request("POST", "/tasks", body={"title": "T"}), Request("GET", "/tasks", parameters=(("limit", "1"),))
NOW = datetime(2025, 3, 1, tzinfo=UTC)
READ = Request("GET", "/tasks/tsk_1")
LED = "; before that: 2 times POST /tasks, GET /tasks/{id}"


def difference(requirement: str, text: str = "`data` must be an array") -> Difference:
    answer = Answer(200, Headers(()), {"data": text}, {}, "http://x/api/v1/tasks", NOW, "x9")
    return Difference(requirement, GET, [text], answer)


def results(exploration: Exploration, *, strict: bool = False, secret: str = "") -> dict[str, Result]:
    redactor = Redactor()
    redactor.add(secret, "$KEY")
    found = found_in(exploration, frozenset(REQUIREMENTS), redactor, strict=strict)
    return {one.requirement: one for one in found.results}


def judged(*requirements: str, **facts: object) -> Exploration:
    return Exploration(judged=Counter({(one, "tasks"): 3 for one in requirements}), **facts)  # type: ignore[arg-type]


def test_a_requirement_that_held_is_passed_for_each_entity() -> None:
    result = results(judged("model.select"))["model.select"]
    assert (result.outcome, result.entity, result.message) == (Outcome.passed, "tasks", "3 answers as the model")


def causes(*failures: Failure) -> dict[Cause, Failure]:
    differences = [(one.difference, one) for one in failures]
    return {(wrong.requirement, wrong.entity, wrong.about, wrong.parts): one for wrong, one in differences}


def test_a_difference_is_reported_with_what_led_to_it_as_evidence() -> None:
    led = Failure(difference("model.select"), (POST, POST, READ, GET), ("x1", "x2", "x3", "x9"))
    result = results(judged("model.select", failures=causes(led)))["model.select"]
    assert result.outcome is Outcome.failed
    assert result.message == f"`data` must be an array (GET /tasks?limit=1){LED}"
    assert result.expected == "`data` must be an array"
    assert result.exchanges == ("x1", "x2", "x3", "x9")


def test_expected_and_actual_begin_with_the_member_that_the_message_is_about() -> None:
    wrong = ['data.title differs: must be "a", and is "b"', 'data.status differs: must be "todo", and is null']
    one = Difference("model.read", READ, wrong, difference("model.read").answer)
    result = results(judged("model.read", failures=causes(Failure(one, (READ,), ("x9",)))))["model.read"]
    assert result.message.startswith("data.title differs (")
    assert (result.expected, result.actual) == (
        'data.title "a"; data.status "todo"',
        'data.title "b"; data.status null',
    )


def test_each_cause_is_a_result_and_what_stands_on_another_is_none() -> None:
    wrong = [difference("model.select", text) for text in ("data holds more records", "data is in another order")]
    wrong[1].parts = frozenset({"sort text"})
    standing = difference("model.page", "Link must lead on")
    standing.parts = frozenset({"sort text", "limit"})
    failures = causes(*(Failure(one, (GET,), ("x9",)) for one in (*wrong, standing)))
    exploration = judged("model.select", "model.page", failures=failures)
    found = found_in(exploration, frozenset(REQUIREMENTS), Redactor(), strict=False).results
    said = [one.message.partition(" (")[0] for one in found if one.outcome is Outcome.failed]
    assert said == ["data holds more records", "data is in another order"]


def test_a_should_is_warned_and_fails_when_strict() -> None:
    failures = causes(Failure(difference("model.select-more"), (GET,), ("x9",)))
    exploration = judged("model.select-more", failures=failures)
    assert results(exploration)["model.select-more"].outcome is Outcome.warned
    assert results(exploration, strict=True)["model.select-more"].outcome is Outcome.failed


def test_what_no_answer_was_judged_by_is_blocked_with_the_reason() -> None:
    result = results(judged("model.select", ended=Ended("the budget is used up", "budget")))["model.page"]
    assert result.outcome is Outcome.blocked
    assert result.message == "no answer was judged by it; the run ended early: the budget is used up"


def test_a_run_that_sent_nothing_passes_nothing() -> None:
    assert {one.outcome for one in results(Exploration()).values()} == {Outcome.blocked}


def test_a_choice_is_observed_once_the_answers_decide_it() -> None:
    found = results(
        judged("model.select", readings=(Reading(enums="alphabetical"), Reading(enums="alphabetical", ties="any")))
    )
    assert (found["model.enums"].outcome, found["model.enums"].message) == (Outcome.observed, "alphabetical")
    assert "model.ties" not in found


def test_a_deployment_that_went_away_is_lost() -> None:
    exploration = judged("model.select", ended=Ended("the deployment stopped answering", "lost"))
    found = found_in(exploration, frozenset(REQUIREMENTS), Redactor(), strict=False)
    assert found.lost == "the deployment stopped answering"


@pytest.mark.parametrize(("by", "cut", "spent"), [("limit", "ended", None), ("budget", None, "ended")])
def test_a_limit_cuts_a_run_short_and_its_own_budget_ends_it(
    by: Literal["limit", "budget"], cut: str | None, spent: str | None
) -> None:
    exploration = judged("model.select", ended=Ended("ended", by))
    found = found_in(exploration, frozenset(REQUIREMENTS), Redactor(), strict=False)
    assert (found.lost, found.cut, found.spent) == (None, cut, spent)


def test_requirements_that_were_left_out_are_not_reported() -> None:
    found = found_in(judged("model.select", "model.page"), frozenset({"model.page"}), Redactor(), strict=False)
    assert [one.requirement for one in found.results] == ["model.page"]


def test_a_secret_that_an_answer_echoes_is_redacted() -> None:
    wrong = difference("model.select", "got sk_live_0123456789abcdefghij0123456789abcdefghij")
    exploration = judged("model.select", failures=causes(Failure(wrong, (GET,), ("x9",))))
    result = results(exploration, secret="sk_live_0123456789abcdefghij0123456789abcdefghij")["model.select"]
    assert "sk_live" not in f"{result.message}{result.expected}{result.actual}"


def test_every_requirement_cites_clauses_of_its_level() -> None:
    assert {one.chapter for one in REQUIREMENTS.values()} == {"model"}
    assert all(one.decision for one in REQUIREMENTS.values())
    assert {one.level for one in REQUIREMENTS.values()} == {"must", "should", "choice"}
