from datetime import UTC, datetime, timedelta

import pytest
from entity_server.domain.limits import RateLimit, RateLimiter

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "limit", "seconds", "window"),
    [
        ("1000/hour", 1000, 3600, "1h"),
        ("100/15m", 100, 900, "15m"),
        ("5/30s", 5, 30, "30s"),
        ("10/minute", 10, 60, "1m"),
        ("10/2h", 10, 7200, "2h"),
        ("7/day", 7, 86400, "24h"),
        ("1/90s", 1, 90, "90s"),
        (" 3/60s ", 3, 60, "1m"),
    ],
)
def test_a_limit_is_requests_in_a_window(text: str, limit: int, seconds: int, window: str) -> None:
    parsed = RateLimit.parse(text)

    assert (parsed, parsed.window) == (RateLimit(limit, seconds), window)


@pytest.mark.parametrize("text", ["", "1000", "0/hour", "-1/hour", "1/0s", "1/week", "x/hour", "1/hour/2", "1.5/h"])
def test_what_is_no_limit_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="1000/hour"):
        RateLimit.parse(text)


def test_the_windows_in_memory_are_bounded() -> None:
    limiter = RateLimiter(RateLimit(10, 60), capacity=3)
    for number in range(100):
        limiter.take(f"key_{number}", NOW)

    assert len(limiter._windows) == 3


def test_windows_that_are_over_are_forgotten() -> None:
    limiter = RateLimiter(RateLimit(10, 60))
    for number in range(100):
        limiter.take(f"key_{number}", NOW)
    limiter.take("key_new", NOW + timedelta(seconds=61))

    assert list(limiter._windows) == ["key_new"]


@pytest.mark.parametrize("back", [timedelta(seconds=2), timedelta(hours=3), timedelta(days=400)])
def test_a_clock_that_is_put_back_lengthens_nobodys_wait(back: timedelta) -> None:
    limiter = RateLimiter(RateLimit(1, 60))
    limiter.take("key_1", NOW)
    before = limiter.take("key_1", NOW + timedelta(seconds=20))

    after = limiter.take("key_1", NOW + timedelta(seconds=20) - back)
    later = limiter.take("key_1", NOW + timedelta(seconds=30) - back)
    free = limiter.take("key_1", NOW + timedelta(seconds=61) - back)

    assert (before.retry_after, after.retry_after, later.retry_after, free.retry_after) == (40, 40, 30, None)
    assert later.reset == (NOW - back).timestamp() + 60


def test_requests_a_moment_out_of_order_move_no_window() -> None:
    limiter = RateLimiter(RateLimit(1000, 60))
    limiter.take("key_1", NOW)
    for moment in range(1, 50):
        limiter.take("key_1", NOW + timedelta(milliseconds=100 * moment))
        limiter.take("key_1", NOW + timedelta(milliseconds=100 * moment - 90))

    assert limiter.take("key_1", NOW + timedelta(seconds=30)).reset == NOW.timestamp() + 60
