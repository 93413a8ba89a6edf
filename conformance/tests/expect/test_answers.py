"""Verbs over a whole answer: each with an answer that holds and one that does not."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import pytest
from entity_conformance.deployment.problems import Unjudged, Violation
from entity_conformance.deployment.reply import Reply, reading
from entity_conformance.suite import expect

from conformance.tests.answers import problem, reply, success


def test_a_status_among_those_expected_holds() -> None:
    expect.status(reply(201), 200, 201)


def test_another_status_is_a_violation_that_shows_the_answer() -> None:
    with pytest.raises(Violation) as caught:
        expect.status(reply(500, text="boom"), 200, 201)

    assert caught.value.expected == "200 or 201"
    assert caught.value.actual == "500, application/json: boom"


def test_an_error_with_its_code_and_its_field_holds() -> None:
    expect.error(reply(400, problem(title="missing")), 400, "INVALID_SORT", "VALIDATION_FAILED", names="title")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (422, problem()),
        (400, problem("INVALID_SORT", title="missing")),
        (400, problem(status="unknown")),
        (400, problem()),
    ],
    ids=["status", "code", "another field", "no details"],
)
def test_an_error_that_differs_in_anything_is_a_violation(status: int, body: object) -> None:
    with pytest.raises(Violation):
        expect.error(reply(status, body), 400, "VALIDATION_FAILED", names="title")


@pytest.mark.parametrize("item", ["scopes.1", "scopes[1]"])
def test_details_may_name_an_item_of_the_field(item: str) -> None:
    expect.error(reply(400, problem(**{item: "unknown"})), 400, names="scopes")
    with pytest.raises(Violation):
        expect.error(reply(400, problem(**{item: "unknown"})), 400, names="scope")


def test_that_an_error_is_one_in_the_envelope_is_judged_once_and_elsewhere() -> None:
    page = reply(404, text="<html>")

    expect.error(page, 404)
    with pytest.raises(Violation, match="not JSON"):
        expect.envelope(page)


@pytest.mark.parametrize("answer", [reply(404, text="<html>"), reply(404, success({}))], ids=["a page", "a success"])
def test_what_a_refusal_without_a_code_would_say_is_not_judged(answer: Reply) -> None:
    with reading() as unread:
        expect.error(answer, 404, "NOT_FOUND")
    assert [*unread] == ["It is so by the status alone: the refusal has no code, which errors.envelope judges."]
    with pytest.raises(Unjudged):
        expect.has_code(answer)
    with pytest.raises(Unjudged):
        expect.error(answer, 404, "NOT_FOUND", names="title")
    with pytest.raises(Violation):
        expect.error(answer, 400, "NOT_FOUND")


def test_a_refusal_without_a_code_that_names_the_field_is_judged_by_its_status_and_that() -> None:
    named = reply(400, {"details": {"title": "blank"}})

    with reading() as unread:
        expect.error(named, 400, "VALIDATION_FAILED", names="title")
    assert [*unread] == [
        "It is so by the status and the fields named: the refusal has no code, which errors.envelope judges."
    ]
    with pytest.raises(Unjudged):
        expect.error(named, 400, "VALIDATION_FAILED", names="status")
    with pytest.raises(Violation):
        expect.error(named, 422, "VALIDATION_FAILED", names="title")


def test_a_refusal_in_another_envelope_is_in_none_that_is_judged() -> None:
    expect.in_envelope(reply(404, problem()))
    with pytest.raises(Unjudged):
        expect.in_envelope(replace(reply(404, problem()), wrapped=("error.code in place of code",)))
    with pytest.raises(Unjudged):
        expect.in_envelope(reply(404, text="<html>"))


def test_a_refusal_like_a_known_one_without_a_code_is_judged_by_its_status() -> None:
    with reading() as unread:
        expect.refused_as(reply(404, text="<html>"), reply(404, text="<html>"), 404, "NOT_FOUND")
    assert len(unread) == 1


def test_a_case_that_cannot_be_judged_hides_no_failure() -> None:
    page, other = reply(400, text="<html>"), reply(200, success({}))

    with pytest.raises(Violation):
        expect.each([page, other], lambda one: expect.error(one, 400, "VALIDATION_FAILED"))
    with pytest.raises(Unjudged):
        expect.each([page, reply(400, problem(title="x"))], lambda one: expect.error(one, 400, names="title"))


def test_a_choice_is_told_by_the_status_of_a_refusal_without_a_code() -> None:
    page = reply(400, text="<html>")

    assert expect.choice(refused=lambda: expect.error(page, 400, "VALIDATION_FAILED"), ignored=[]) == "refused"


@pytest.mark.parametrize("member", ["error", "code"])
def test_an_envelope_needs_its_texts(member: str) -> None:
    with pytest.raises(Violation, match=member):
        expect.envelope(reply(400, problem() | {member: " "}))


def test_success_is_the_boolean() -> None:
    expect.success(reply(200, success(None)))
    with pytest.raises(Violation):
        expect.success(reply(200, {"success": 1}))


def test_no_server_error_lets_a_refusal_pass() -> None:
    expect.no_server_error(reply(400, problem()))
    with pytest.raises(Violation, match="server failed"):
        expect.no_server_error(reply(500, problem("INTERNAL_ERROR")))


def test_every_failure_of_the_server_is_listed_with_its_request() -> None:
    failed = [reply(500, problem("INTERNAL_ERROR")), reply(200), reply(502, None), reply(500, problem("X"))]

    with pytest.raises(Violation) as raised:
        expect.no_server_error(*failed)

    assert raised.value.message == "the server failed: GET /tasks → 500 (2 times), GET /tasks → 502"
    assert raised.value.exchange == failed[0].exchange


def test_a_refusal_is_named_by_its_status() -> None:
    assert expect.refused(reply(422, problem("UNPROCESSABLE_ENTITY")), 400, 422) == "422"
    with pytest.raises(Violation):
        expect.refused(reply(200, success({})), 400, 422)


def test_a_status_names_the_choice_that_goes_with_it() -> None:
    assert expect.by_status(reply(200), {200: "ignored", 400: "refused"}) == "ignored"
    with pytest.raises(Violation, match="200 or 400"):
        expect.by_status(reply(500), {200: "ignored", 400: "refused"})


def test_a_generated_field_is_not_taken_over_when_refused_or_different() -> None:
    expect.not_taken_over(reply(400, problem(id="generated")), "id", "mine")
    expect.not_taken_over(reply(201, success({"id": "theirs"})), "id", "mine")


def test_a_generated_time_is_taken_over_however_it_is_written() -> None:
    answer = reply(201, success({"createdAt": "2001-01-01T00:00:00.000000+00:00"}))

    expect.not_taken_over(answer, "createdAt", "2001-01-01T00:00:01Z")
    with pytest.raises(Violation, match=r"data\.createdAt"):
        expect.not_taken_over(answer, "createdAt", "2001-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "answer", [reply(201, success({"id": "mine"})), reply(500, problem("INTERNAL_ERROR")), reply(409, problem("OTHER"))]
)
def test_a_generated_field_that_is_taken_over_is_a_violation(answer: Reply) -> None:
    with pytest.raises(Violation):
        expect.not_taken_over(answer, "id", "mine")


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        (reply(404, problem("NOT_FOUND")), True),
        (reply(200, success({"id": "1", "createdAt": "2025-01-02T00:00:00Z"})), True),
        (reply(200, success({"id": "1", "createdAt": "2025-01-01T00:00:00Z"})), False),
        (reply(403, problem("FORBIDDEN")), False),
    ],
)
def test_an_id_of_another_entity_is_refused_or_another_records(answer: Reply, *, holds: bool) -> None:
    somebody, missing = {"id": "1", "createdAt": "2025-01-01T00:00:00Z"}, reply(404, problem("NOT_FOUND"))

    with nullcontext() if holds else pytest.raises(Violation):
        expect.refused_or_another(answer, somebody, missing, 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("answer", "hinders"),
    [
        (reply(404, problem("MISSING")), False),
        (reply(404, {**problem("NOT_FOUND"), "details": {}}), False),
        (reply(410, problem("NOT_FOUND")), True),
        (reply(200, success({})), True),
    ],
)
def test_what_was_refused_by_the_right_status_hinders_nothing(answer: Reply, hinders: bool) -> None:  # noqa: FBT001
    with pytest.raises(Violation) as caught:
        expect.each([answer], lambda it: expect.error(it, 404, "NOT_FOUND", names="id"))

    assert caught.value.hinders is hinders


def test_of_several_cases_the_gravest_failure_is_told() -> None:
    cases = [reply(400, problem("WRONG")), reply(422, problem()), reply(201, success({})), reply(500, problem())]

    with pytest.raises(Violation) as caught:
        expect.each(cases, lambda case: expect.error(case, 400, "VALIDATION_FAILED"))
    with pytest.raises(Violation) as without_a_failure_of_the_server:
        expect.each(cases[:3], lambda case: expect.error(case, 400, "VALIDATION_FAILED"))

    assert str(caught.value.actual).startswith("500, ")
    assert str(without_a_failure_of_the_server.value.actual).startswith("201, ")


def test_other_kinds_of_failures_are_told_with_the_gravest() -> None:
    cases = [reply(400, problem("WRONG")), *[reply(500, problem())] * 3, reply(201, success({})), reply(400, problem())]

    with pytest.raises(Violation) as caught:
        expect.each(cases, lambda case: expect.error(case, 400, "VALIDATION_FAILED"))
    with pytest.raises(Violation) as alone:
        expect.each(cases[1:4], lambda case: expect.error(case, 400, "VALIDATION_FAILED"))

    code, granted = caught.value.further
    assert "WRONG" in code
    assert ": the answer is not 400 (expected 400, actual 201, " in granted
    assert caught.value.told == f"the answer is not 400; besides: {code}; {granted}"
    assert (alone.value.further, alone.value.told) == ((), "the answer is not 400")


def test_a_503_does_not_hide_what_else_is_wrong() -> None:
    cases = [reply(503, problem()), reply(422, problem())]

    with pytest.raises(Violation) as caught:
        expect.each(cases, lambda case: expect.error(case, 400))

    assert str(caught.value.actual).startswith("422, ")


@pytest.mark.parametrize(
    ("answer", "known", "holds"),
    [
        (reply(401, problem("UNAUTHORIZED")), reply(401, problem("UNAUTHORIZED")), True),
        (reply(403, problem("DENIED")), reply(403, problem("DENIED")), True),
        (reply(403, problem("DENIED")), reply(403, problem("UNAUTHORIZED")), False),
        (reply(401, problem("UNAUTHORIZED")), reply(403, problem("DENIED")), True),
        (reply(401, problem("DENIED")), reply(403, problem("DENIED")), False),
        (reply(401, problem("UNAUTHORIZED")), reply(401, problem("WHO")), True),
        (reply(401, problem("WHO")), reply(401, problem("WHO")), True),
        (reply(401, {"detail": "Who?"}), reply(403, {"detail": "Who?"}), True),
        (reply(404, {"detail": "Who?"}), reply(403, {"detail": "Who?"}), False),
        (reply(200, success({})), reply(401, problem("UNAUTHORIZED")), False),
        (reply(401, problem("UNAUTHORIZED")), reply(200, success({})), True),
        (reply(403, problem("UNAUTHORIZED")), reply(200, success({})), False),
        (reply(500, problem("DENIED")), reply(401, problem("UNAUTHORIZED")), False),
        (reply(401, problem("UNAUTHORIZED")), reply(405, problem("METHOD_NOT_ALLOWED")), True),
        (reply(405, problem("METHOD_NOT_ALLOWED")), reply(405, problem("METHOD_NOT_ALLOWED")), False),
        (reply(401, problem("UNAUTHORIZED")), reply(500, problem("INTERNAL_ERROR")), True),
    ],
)
def test_a_refusal_is_like_a_known_one_or_as_the_contract_says(
    answer: Reply,
    known: Reply,
    holds: bool,  # noqa: FBT001  # what is expected
) -> None:
    found: list[Violation] = []
    try:
        expect.refused_as(answer, known, 401, "UNAUTHORIZED")
    except Violation as violation:
        found.append(violation)
    assert (not found) is holds


@pytest.mark.parametrize(
    "judgement",
    [
        expect.envelope,
        lambda it: expect.details(it, "title"),
        lambda it: expect.timestamp(it.body.get("at"), at="data.at", of=it.body),
        lambda it: expect.equal(it.body.get("title"), "a", at="data.title", of=it.body),
    ],
    ids=["envelope", "details", "a time", "a value"],
)
def test_a_member_that_is_not_there_is_quoted_as_nothing(judgement: Callable[[Reply], object]) -> None:
    with pytest.raises(Violation) as caught:
        judgement(reply(400, {"error": "No", "code": "VALIDATION_FAILED"}))

    assert caught.value.actual == "nothing"


@pytest.mark.parametrize("of", [{"title": None}, None], ids=["null", "unknown"])
def test_a_member_that_is_null_is_quoted_as_that(of: object) -> None:
    with pytest.raises(Violation) as caught:
        expect.equal(None, "a", at="data.title", of=of)

    assert caught.value.actual == "null"
