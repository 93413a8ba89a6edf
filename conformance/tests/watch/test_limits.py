"""Rate limits, on whatever answer to somebody who is known."""

import pytest
from entity_conformance.suite.watch import limits
from entity_contract import Contract

from conformance.tests.watched import Told, judged, problems

LIMIT_REFUSAL = {"success": False, "error": "No.", "code": "NOT_FOUND"}


def test_a_limit_is_the_same_on_every_answer_to_a_key(v1: Contract) -> None:
    told = Told().get().get(X_RateLimit_Limit="999").history(v1)

    assert problems(limits.limit_header, told) == [
        ("x2", "X-RateLimit-Limit, which was another one before (x1), differs")
    ]


def test_reads_and_writes_may_have_a_limit_each(v1: Contract) -> None:
    told = Told().get().get(method="POST", status=201, X_RateLimit_Limit="50").history(v1)

    assert problems(limits.limit_header, told) == []


@pytest.mark.parametrize("remaining", ["1001", "-1", "many", None])
def test_what_remains_is_a_number_up_to_the_limit(v1: Contract, remaining: str | None) -> None:
    assert len(problems(limits.remaining_header, Told().get(X_RateLimit_Remaining=remaining).history(v1))) == 1


@pytest.mark.parametrize("reset", ["1736937000000", "1736936900", "soon", None])
def test_a_reset_is_a_moment_to_come(v1: Contract, reset: str | None) -> None:
    assert len(problems(limits.reset_header, Told().get(X_RateLimit_Reset=reset).history(v1))) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 405, 422])
def test_a_refusal_tells_limits_to_whoever_is_known(v1: Contract, status: int) -> None:
    told = Told().get("tasks", LIMIT_REFUSAL, status=status, X_RateLimit_Remaining=None)
    told.get("tasks", LIMIT_REFUSAL, status=401, credential="none")

    found = problems(limits.headers_on_refusals, told.history(v1))
    assert found == [("x1", "the header X-RateLimit-Remaining is missing")]


@pytest.mark.parametrize("status", [404, 405])
def test_nobody_is_said_to_be_known_where_no_stranger_was_asked_who_it_is(v1: Contract, status: int) -> None:
    told = Told().get("tasks", LIMIT_REFUSAL, status=status, X_RateLimit_Limit=None)
    told.get("nothing/at/all", LIMIT_REFUSAL, status=401, credential="none")

    assert judged(limits.headers_on_refusals, told.history(v1)) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("X_RateLimit_Remaining", "1001", "X-RateLimit-Remaining is too large"),
        ("X_RateLimit_Reset", "1000000000", "X-RateLimit-Reset is too small"),
    ],
)
def test_what_a_refusal_tells_of_limits_can_be(v1: Contract, name: str, value: str, said: str) -> None:
    told = Told().get("tasks", LIMIT_REFUSAL, status=400, headers={name: value}).history(v1)

    assert problems(limits.headers_on_refusals, told) == [("x1", said)]


def test_nobody_was_known_where_anybody_is_told_that_there_is_no_such_path(v1: Contract) -> None:
    told = Told().get("nothing", LIMIT_REFUSAL, status=404, credential="none", X_RateLimit_Limit=None)
    told.get("nothing", LIMIT_REFUSAL, status=404, X_RateLimit_Limit=None)

    assert judged(limits.headers_on_refusals, told.history(v1)) == []


def test_what_remains_rises_only_with_the_window(v1: Contract) -> None:
    told = Told().get(X_RateLimit_Remaining="900").get(X_RateLimit_Remaining="915")

    assert problems(limits.remaining_only_falls, told.history(v1)) == [
        ("x2", "X-RateLimit-Remaining rose within a window (x1 told 900)")
    ]


def test_a_new_window_fills_what_remains(v1: Contract) -> None:
    told = Told().get(X_RateLimit_Remaining="1").get(X_RateLimit_Remaining="999", X_RateLimit_Reset="1736944200")

    assert problems(limits.remaining_only_falls, told.history(v1)) == []


def test_a_clock_that_is_put_back_takes_nothing_from_what_remains(v1: Contract) -> None:
    earlier = {"Date": "Wed, 15 Jan 2025 10:29:30 GMT"}
    told = Told().get(X_RateLimit_Remaining="900").get(X_RateLimit_Remaining="899", headers=earlier)

    assert problems(limits.remaining_only_falls, told.history(v1)) == []


def test_what_refills_meanwhile_may_remain(v1: Contract) -> None:
    later = {"Date": "Wed, 15 Jan 2025 10:30:36 GMT"}
    told = Told().get(X_RateLimit_Remaining="900").get(X_RateLimit_Remaining="910", headers=later)

    assert problems(limits.remaining_only_falls, told.history(v1)) == []


def test_answers_to_requests_that_were_under_way_together_come_in_any_order(v1: Contract) -> None:
    told = Told().get(X_RateLimit_Remaining="898", at=(1, 3)).get(X_RateLimit_Remaining="899", at=(2, 4))

    assert problems(limits.remaining_only_falls, told.history(v1)) == []


@pytest.mark.parametrize(("rise", "is_right"), [(1, True), (2, False)])
def test_what_was_refused_meanwhile_may_be_given_back(v1: Contract, rise: int, is_right: bool) -> None:  # noqa: FBT001
    told = Told().get("tasks/x", LIMIT_REFUSAL, status=404, at=(1, 4)).get(X_RateLimit_Remaining="900", at=(2, 3))
    told = told.get(X_RateLimit_Remaining=str(900 + rise), at=(5, 6))

    assert (problems(limits.remaining_only_falls, told.history(v1)) == []) is is_right


def described(limit: object, **headers: str | None) -> Told:
    body = {"success": True, "data": {"rateLimit": {"limit": limit, "window": "1h"}}}
    return Told().get("tasks", body, method="OPTIONS", credential="session", headers=headers)


def test_a_description_tells_the_limit_of_whoever_asked(v1: Contract) -> None:
    found = problems(limits.described_as_told, described(1000, **{"X-RateLimit-Limit": "100"}).history(v1))

    assert found == [("x1", "data.rateLimit.limit differs")]


@pytest.mark.parametrize(("limit", "header"), [(1000, "1000"), (1000, None), ("1000", "100"), (None, "100")])
def test_what_is_no_limit_is_judged_elsewhere(v1: Contract, limit: object, header: str | None) -> None:
    told = described(limit, **{"X-RateLimit-Limit": header})

    assert problems(limits.described_as_told, told.history(v1)) == []


@pytest.mark.parametrize(("window", "wrong"), [("1h", 0), ("90m", 0), ("1 hour", 1), (3600, 1), (None, 1)])
def test_a_window_has_its_form_whoever_is_told_it(v1: Contract, window: object, wrong: int) -> None:
    described = {"success": True, "data": {"rateLimit": {"limit": 100, "window": window}}}
    told = Told().get(body=described, method="OPTIONS", credential="session").get(body=described)
    told.get(body={"success": True, "data": {}}, method="OPTIONS")

    assert len(judged(limits.described_window, told.history(v1))) == 1
    assert len(problems(limits.described_window, told.history(v1))) == wrong


@pytest.mark.parametrize(
    ("window", "limit", "ahead", "wrong"),
    [
        ("15m", 1000, 3600, 1),
        ("15m", 1000, 900 + 5, 0),
        ("1h", 1000, 3600, 0),
        ("1d", 1000, 60, 0),
        ("15m", 100, 3600, 0),
        ("15m", 1000, 3600 * 1000 * 24 * 366, 0),
    ],
    ids=["shorter", "as long", "the same", "longer", "of another limit", "no moment"],
)
def test_a_window_is_no_shorter_than_the_time_until_its_limit_resets(
    v1: Contract, window: str, limit: int, ahead: int, wrong: int
) -> None:
    body = {"success": True, "data": {"rateLimit": {"limit": limit, "window": window}}}
    told = Told().get(body=body, method="OPTIONS", X_RateLimit_Reset=str(1736937000 + ahead))

    assert len(problems(limits.described_window, told.history(v1))) == wrong


@pytest.mark.parametrize(
    ("fall", "number", "found"), [(0, 11, 1), (5, 11, 1), (8, 11, 0), (0, 10, 0)], ids=["none", "half", "most", "few"]
)
def test_what_is_granted_lowers_what_remains(v1: Contract, fall: int, number: int, found: int) -> None:
    told = Told()
    for place in range(number):
        told.get("tasks", method="POST", status=201, X_RateLimit_Remaining=str(900 - min(place, fall)))

    assert len(problems(limits.requests_count, told.history(v1))) == found


def test_refusals_and_what_refills_meanwhile_need_not_lower_it(v1: Contract) -> None:
    told = Told()
    for _ in range(11):
        told.get("tasks", LIMIT_REFUSAL, status=404, method="DELETE")
    for second in range(11):
        told.get(headers={"Date": f"Wed, 15 Jan 2025 10:30:{5 * second:02} GMT"})

    assert problems(limits.requests_count, told.history(v1)) == []


def test_each_window_counts_by_itself(v1: Contract) -> None:
    told = Told()
    for place in range(22):
        told.get(X_RateLimit_Reset=str(1736940600 + place // 2))

    assert judged(limits.requests_count, told.history(v1)) == []
