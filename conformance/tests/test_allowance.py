"""What a deployment says of its limits, and how long that makes the runner wait."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from entity_conformance.deployment.allowance import Allowances, Standing, window_in
from entity_conformance.deployment.reply import Headers, Reply

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
HOUR = 3600


def reply(status: int = 200, *, method: str = "GET", body: object = None, **headers: Any) -> Reply:
    pairs = tuple((name.replace("_", "-"), str(value)) for name, value in headers.items())
    return Reply("x1", method, "http://h/api/v1/tasks", "api_key", status, Headers(pairs), json.dumps(body).encode())


def limits(remaining: int, *, reset: object = EPOCH + HOUR, limit: int = 1000) -> dict[str, Any]:
    return {"X_RateLimit_Limit": limit, "X_RateLimit_Remaining": remaining, "X_RateLimit_Reset": reset}


def said(*replies: Reply) -> Allowances:
    """The allowances after these answers."""
    allowances = Allowances()
    for each in replies:
        allowances.note("a key", each, now=NOW, clock=100.0)
    return allowances


def counted_down(*remaining: int, reset: object = EPOCH + HOUR) -> Allowances:
    return said(*(reply(**limits(each, reset=reset)) for each in remaining))


def wait(
    allowances: Allowances,
    *,
    key: str = "a key",
    method: str = "GET",
    at: float = 100.0,
    reserve: int = 0,
    longest: float = HOUR,
) -> float:
    return allowances.wait(key, method, clock=at, reserve=reserve, longest=longest)


def test_nothing_known_is_nothing_to_wait_for() -> None:
    assert wait(Allowances(), reserve=50) <= 0


def test_what_remains_is_used() -> None:
    assert wait(counted_down(100, 99), reserve=50, longest=30) <= 0


def test_what_cleaning_up_needs_is_kept_back_of_a_limit_that_is_not_waited_for() -> None:
    assert wait(counted_down(51, 50), reserve=50, longest=30) == HOUR
    assert wait(counted_down(52, 51), reserve=50, longest=30) <= 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_was_sent_since_the_deployment_told_last_is_used_up_too(method: str) -> None:
    allowances = counted_down(53)
    allowances.note("a key", reply(**limits(52)), now=NOW, clock=100.0, sent=allowances.sends("a key", "GET"))

    allowances.sends("a key", method)
    before = wait(allowances, reserve=50, longest=30)
    allowances.sends("a key", method)

    assert (before <= 0, wait(allowances, reserve=50, longest=30)) == (True, HOUR)


def test_a_standing_tells_the_limit_what_is_left_of_it_and_when_it_resets() -> None:
    allowances = counted_down(53, 52)

    assert allowances.standing("a key", "POST", clock=110.0) is None
    assert allowances.standing("a key", "GET", clock=110.0) == Standing(1000, 52, HOUR - 10)


def test_a_count_that_was_told_once_is_no_standing() -> None:
    assert counted_down(53).standing("a key", "GET", clock=100.0) is None


def test_a_limit_that_resets_soon_is_used_up_and_waited_for() -> None:
    assert wait(counted_down(9, 8), reserve=50, longest=HOUR) <= 0
    assert wait(counted_down(1, 0), reserve=50, longest=HOUR) == HOUR


def test_without_anything_to_clean_up_a_long_wait_is_left_to_the_429() -> None:
    assert wait(counted_down(1, 0), longest=30) <= 0


def test_the_wait_grows_shorter_and_ends() -> None:
    assert wait(counted_down(1, 0), at=100.0 + HOUR - 5) == 5
    assert wait(counted_down(1, 0), at=100.0 + HOUR) <= 0


def test_a_count_that_never_falls_is_not_believed() -> None:
    assert wait(counted_down(0, 0, 0), reserve=50) <= 0


def test_another_credential_does_not_wait() -> None:
    assert wait(counted_down(1, 0), key="another key", reserve=5) <= 0


@pytest.mark.parametrize(
    "reset", [EPOCH * 1000 + HOUR, EPOCH - 1, 60, EPOCH + 400 * 24 * HOUR, "soon", "2026-01-01T01:00:00Z", "", "-5"]
)
def test_a_reset_that_is_no_moment_to_come_is_never_waited_for(reset: object) -> None:
    allowances = counted_down(1, 0, reset=reset)

    assert wait(allowances, reserve=50, longest=1e12) <= 0
    allowances.refused("a key", reply(429, **limits(0, reset=reset)), now=NOW, clock=100.0, longest=1e12, times=1)
    assert wait(allowances, longest=1e12) == 1


@pytest.mark.parametrize(
    ("prefix", "reset"), [("RateLimit", HOUR), ("RateLimit", EPOCH + HOUR), ("X_Rate_Limit", HOUR)]
)
def test_a_limit_is_kept_under_the_names_that_other_makes_use(prefix: str, reset: int) -> None:
    def told(remaining: int) -> Reply:
        headers: dict[str, Any] = {f"{prefix}_Limit": 1000, f"{prefix}_Remaining": remaining, f"{prefix}_Reset": reset}
        return reply(**headers)

    known = said(told(51), told(50))

    assert wait(known, reserve=50, longest=30) == HOUR
    assert known.told("a key", "GET") == "the rate limit is 1000 per 3600 s"


def test_the_contracts_names_are_believed_before_others() -> None:
    others: dict[str, Any] = {"RateLimit_Limit": 7, "RateLimit_Remaining": 0, "RateLimit_Reset": 30}

    assert wait(said(*(reply(**limits(each), **others) for each in (900, 899))), reserve=50, longest=30) <= 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 500])
def test_what_a_refusal_tells_is_not_booked_on_the_key(status: int) -> None:
    allowances = said(*(reply(status, **limits(each)) for each in (2, 1, 0)))

    assert wait(allowances, reserve=50) <= 0


def test_what_options_tells_is_not_either() -> None:
    assert wait(said(*(reply(method="OPTIONS", **limits(each)) for each in (2, 1, 0))), reserve=50) <= 0


def test_a_limit_of_its_own_for_writes_leaves_reads_alone() -> None:
    allowances = said(
        *(reply(**limits(each)) for each in (900, 899)),
        *(reply(201, method="POST", **limits(each, limit=10)) for each in (1, 0)),
    )

    assert wait(allowances, method="PATCH") == HOUR
    assert wait(allowances, method="GET") <= 0


def test_one_limit_for_both_is_one() -> None:
    allowances = said(*(reply(**limits(each)) for each in (900, 899)), reply(201, method="POST", **limits(0)))

    assert wait(allowances, method="GET") == HOUR


def refused(**headers: Any) -> float:
    allowances = Allowances()
    allowances.refused("a key", reply(429, **headers), now=NOW, clock=100.0, longest=60, times=1)
    return wait(allowances, longest=60)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": 7}, 7),
        ({"Retry_After": "Thu, 01 Jan 2026 00:00:09 GMT"}, 9),
        ({"X_RateLimit_Reset": EPOCH + 12}, 12),
        ({"Retry_After": 7, "X_RateLimit_Reset": EPOCH + 12}, 7),
        ({"Retry_After": 0}, 0.1),
        ({"Retry_After": "soon"}, 1),
        ({}, 1),
    ],
)
def test_a_refusal_says_when_to_come_again(headers: dict[str, Any], seconds: float) -> None:
    assert refused(**headers) == pytest.approx(seconds)


def test_a_long_wait_is_believed_at_the_second_time() -> None:
    allowances, long = Allowances(), reply(429, Retry_After=HOUR)

    waits = []
    for times in (1, 2):
        allowances.refused("a key", long, now=NOW, clock=100.0, longest=60, times=times)
        waits.append(wait(allowances, longest=60))

    assert waits == [1, HOUR]


def test_a_long_wait_is_never_believed_while_requests_are_left() -> None:
    allowances = Allowances()
    for times in (1, 2, 3, 4):
        allowances.refused(
            "a key", reply(429, Retry_After=HOUR, **limits(900)), now=NOW, clock=100.0, longest=60, times=times
        )

    assert wait(allowances, longest=60) == 2


def test_a_refusal_without_a_word_is_asked_again_ever_later() -> None:
    allowances, waits = Allowances(), []
    for times in (1, 2, 3, 4):
        allowances.refused("a key", reply(429), now=NOW, clock=100.0, longest=60, times=times)
        waits.append(wait(allowances, longest=60))

    assert waits == [1, 2, 4, 8]


def test_a_limit_is_told_with_the_window_that_options_tells() -> None:
    metadata = {"success": True, "data": {"rateLimit": {"limit": 60, "window": "10s"}}}

    allowances = said(reply(**limits(9, limit=60)), reply(method="OPTIONS", body=metadata))

    assert allowances.told("a key", "GET") == "the rate limit is 60 per 10 s"


def test_else_with_the_farthest_reset_that_was_seen() -> None:
    allowances = said(*(reply(**limits(9, limit=200, reset=EPOCH + each)) for each in (58, 60, 3)))

    assert allowances.told("a key", "GET") == "the rate limit is 200 per 60 s"


def test_a_limit_that_options_does_not_tell_has_a_window_of_its_own() -> None:
    metadata = {"success": True, "data": {"rateLimit": {"limit": 1000, "window": "1h"}}}

    allowances = said(reply(method="OPTIONS", body=metadata), reply(**limits(9, limit=30, reset=EPOCH + 60)))

    assert allowances.told("a key", "GET") == "the rate limit is 30 per 60 s"


def test_a_limit_of_which_nothing_is_known_is_told_so() -> None:
    assert Allowances().told("a key", "GET") == "there is a rate limit"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("1h", 3600), ("15m", 900), ("30s", 30), ("1d", 86400), ("0s", 1), ("hour", None), (3600, None), (None, None)],
)
def test_a_window_is_seconds(told: object, seconds: float | None) -> None:
    assert window_in(reply(body={"success": True, "data": {"rateLimit": {"window": told}}})) == seconds


@pytest.mark.parametrize("body", [None, {"success": True, "data": {}}, {"success": True, "data": {"rateLimit": "1h"}}])
def test_what_tells_no_window_has_none(body: object) -> None:
    assert window_in(reply(body=body)) is None
