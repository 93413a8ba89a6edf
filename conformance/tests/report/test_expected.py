"""The plan for a person: what is sent, against which limits, and what is left out."""

from dataclasses import replace

from entity_conformance.deployment.problems import RequestCount
from entity_conformance.report.expected import Expected, Share, lines

EXPECTED = Expected(RequestCount(530, 470, 33, 27), 4.2, 522, 319, (Share("API key", 290, 22, 1000, 955, 3480),))


def test_a_plan_tells_its_requests_by_credential_and_its_time() -> None:
    assert next(lines(EXPECTED)) == (
        "plan: 530 requests (470 by key, 33 by session, 27 without credentials) in about 4.2 s, "
        "for 319 requirements in 522 checks"
    )


def test_what_is_still_to_be_sent_stands_beside_what_is_left() -> None:
    _, limits = lines(EXPECTED)

    assert limits == "limits: the API key sends 268 more, 955 of 1,000 left, reset in 58 min 0 s"


def test_where_the_deployment_tells_no_limit_there_is_none() -> None:
    assert len([*lines(replace(EXPECTED, shares=(Share("session", 33, 5),)))]) == 1


def test_what_is_left_out_is_told_by_reason_and_counted_beyond_a_few() -> None:
    reasons = (("no session was given (--session)", ("a.b", "a.c")), ("one", ("d.e",)), ("two", ("f.g",)))
    *_, told = lines(replace(EXPECTED, left_out=(*reasons, ("three", ("h.i",)))))

    assert told == "left out: 5 requirements (2: no session was given (--session); 1: one; 1: two; and 1 more reasons)"


def test_what_cannot_be_deleted_is_told_before_it_is_made() -> None:
    *_, told = lines(replace(EXPECTED, staying=("vats", "logs")))

    assert told == "stays: what is made of vats, logs, which has no DELETE (exit 5)"
