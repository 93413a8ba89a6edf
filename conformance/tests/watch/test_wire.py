"""Envelope, form and discretion, on whatever answer."""

from dataclasses import replace

import pytest
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.suite.watch import wire
from entity_contract import Contract

from conformance.tests.watched import KEY, Told, judged, problems

REFUSAL = {"success": False, "error": "No.", "code": "NOT_FOUND"}
TRACE = 'Traceback (most recent call last): File "/srv/app/x.py", line 3'


@pytest.mark.parametrize("text", ['{"success": true, "da', "<html>", ""])
def test_a_body_that_is_not_json_is_found(v1: Contract, text: str) -> None:
    told = Told().get(text=text).history(v1)

    assert problems(wire.answers_are_json, told) == [("x1", "the body of the answer is not JSON")]


def test_a_description_without_a_body_is_told_as_none(v1: Contract) -> None:
    assert judged(wire.answers_are_json, Told().get("tasks", method="OPTIONS", text="").history(v1)) == []


def test_an_answer_without_a_body_by_its_status_is_not_judged(v1: Contract) -> None:
    assert judged(wire.answers_are_json, Told().get(method="DELETE", status=204, text="").history(v1)) == []


def test_a_refusal_is_in_the_envelope(v1: Contract) -> None:
    told = Told().get("tasks/x", {"success": False, "error": "No."}, status=404).history(v1)

    assert problems(wire.envelope, told) == [("x1", "code is no text")]


def test_a_success_says_so(v1: Contract) -> None:
    told = Told().get("tasks", {"success": "true", "data": []}, method="OPTIONS").history(v1)

    assert problems(wire.success_envelope, told) == [("x1", "success differs")]


@pytest.mark.parametrize(
    ("body", "aspect"), [({"success": False, "data": []}, "form"), ({"success": False}, "body"), ({"data": []}, "body")]
)
def test_a_success_that_denies_itself_beside_its_data_is_no_answer_to_whatever_was_asked(
    v1: Contract, body: dict[str, object], aspect: str
) -> None:
    (found,) = wire.success_envelope.judge(Told().get("tasks", body).history(v1))

    assert (found.problem is not None, found.aspect) == (True, aspect)


def test_a_code_comes_with_its_status(v1: Contract) -> None:
    told = Told().get("tasks/x", REFUSAL, status=405).history(v1)

    assert problems(wire.code_fits_status, told) == [("x1", "the status of NOT_FOUND differs")]


def test_a_detail_is_a_text(v1: Contract) -> None:
    told = Told().get("tasks", {**REFUSAL, "details": {"title": ["wrong"]}}, status=400).history(v1)

    assert problems(wire.details_are_texts, told) == [("x1", "details.title is no text")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"success": True, "data": [], "debug": TRACE}, 200),
        ({"success": True, "data": [{"id": "1", "_sql": "SELECT id FROM tasks"}]}, 200),
        ({**REFUSAL, "error": TRACE}, 404),
        ({**REFUSAL, "error": TRACE}, 500),
    ],
)
def test_the_servers_insides_are_found_in_any_answer(v1: Contract, body: object, status: int) -> None:
    assert [one for one, _ in problems(wire.nothing_leaks, Told().get("tasks", body, status=status).history(v1))] == [
        "x1"
    ]


def test_a_header_leaks_too(v1: Contract) -> None:
    told = Told().get(X_Debug="/srv/app/main.py").history(v1)

    assert problems(wire.nothing_leaks, told) == [("x1", "the answer leaks a path of a file")]


def test_a_record_may_hold_whatever_its_owner_wrote(v1: Contract) -> None:
    told = Told().get("tasks", {"success": True, "data": [{"id": "1", "title": TRACE}]}).history(v1)

    assert problems(wire.nothing_leaks, told) == []


def test_a_credential_in_a_header_of_the_answer_is_found(v1: Contract) -> None:
    told = Told().get(X_Debug=f"Bearer {KEY}").history(v1)

    assert problems(wire.credentials_are_not_told, told) == [
        ("x1", "the header x-debug of an answer tells a credential")
    ]


def test_a_credential_in_the_body_of_a_refusal_is_found(v1: Contract) -> None:
    told = Told().get("tasks", {**REFUSAL, "error": f"No such key: {KEY}"}, status=401).history(v1)

    assert problems(wire.credentials_are_not_told, told) == [("x1", "the body of an answer tells a credential")]


def test_who_puts_a_credential_in_the_url_is_told_the_url(v1: Contract) -> None:
    told = Told().get("tasks", {**REFUSAL, "path": "/tasks?key=QWxhZGRpbjpvcGVu"}, status=401).history(v1)
    body = '{"path": "/tasks?key=$CONFORMANCE_API_KEY"}'
    asked = replace(_evidence(body), url="https://api.example.test/api/v1/tasks?key=$CONFORMANCE_API_KEY")

    assert problems(wire.credentials_are_not_told, replace(told, told={"x1": asked})) == []
    assert problems(wire.credentials_are_not_told, replace(told, told={"x1": _evidence(body)})) != []


def test_another_credential_of_the_run_is_known_by_what_the_evidence_hides(v1: Contract) -> None:
    told = Told().get("tasks", {**REFUSAL, "error": "you are QWxhZGRpbjpvcGVu"}, status=403).history(v1)
    evidence = {"x1": _evidence('{"error": "you are $CONFORMANCE_SESSION"}')}

    assert problems(wire.credentials_are_not_told, replace(told, told=evidence)) == [
        ("x1", "the body of an answer tells a credential")
    ]


def test_one_answer_that_was_cut_says_nothing(v1: Contract) -> None:
    told = Told().get().history(v1, cut=("x2",))

    assert problems(wire.whole_answers, told) == []


def test_answers_that_are_cut_again_and_again_are_found(v1: Contract) -> None:
    evidence = {one: replace(_evidence(""), id=one, error="the connection was closed") for one in ("x2", "x3")}
    told = Told().get().history(v1, cut=("x2", "x3"), told=evidence)

    assert [one for one, _ in problems(wire.whole_answers, told)] == ["x2", "x3"]


def _evidence(body: str) -> Exchange:
    return Exchange("x1", "a check", "key", "GET", "http://h/api/v1/tasks", (), None, 200, (), body, 0.0)


@pytest.mark.parametrize(
    ("body", "text", "aspect"), [({"success": True, "data": []}, None, "envelope"), (None, "<p>Not this</p>", "form")]
)
def test_an_answer_by_another_media_type_is_read_where_it_is_json(
    v1: Contract, body: object, text: str | None, aspect: str
) -> None:
    history = Told().get(body=body, text=text, headers={"Content-Type": "text/html"}).history(v1)

    (found,) = wire.answers_are_json.judge(history)
    assert (str(found.problem), found.aspect) == ("the answer is not JSON by its media type", aspect)
