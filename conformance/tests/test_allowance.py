"""What a deployment says of its limits, and how long that makes the runner wait."""

from datetime import UTC, datetime

from entity_conformance.deployment.allowance import Allowances
from entity_conformance.deployment.reply import Headers

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3600


def said(*remaining: int) -> Allowances:
    """The allowances after answers with these X-RateLimit-Remaining, in a window that ends in an hour."""
    allowances = Allowances()
    for each in remaining:
        headers = Headers(
            (("X-RateLimit-Remaining", str(each)), ("X-RateLimit-Reset", str(int(NOW.timestamp()) + HOUR)))
        )
        allowances.note("a key", headers, now=NOW, clock=100.0)
    return allowances


def test_nothing_known_is_nothing_to_wait_for() -> None:
    assert Allowances().wait("a key", clock=100.0, reserve=50, longest=HOUR) <= 0


def test_what_remains_is_used() -> None:
    assert said(100, 99).wait("a key", clock=100.0, reserve=50, longest=HOUR) <= 0


def test_what_cleaning_up_needs_is_kept_back() -> None:
    assert said(59, 58).wait("a key", clock=100.0, reserve=50, longest=HOUR) == HOUR
    assert said(60, 59).wait("a key", clock=100.0, reserve=50, longest=HOUR) <= 0


def test_without_anything_to_clean_up_the_last_request_is_used() -> None:
    assert said(2, 1).wait("a key", clock=100.0, reserve=0, longest=HOUR) <= 0
    assert said(1, 0).wait("a key", clock=100.0, reserve=0, longest=HOUR) == HOUR


def test_a_long_wait_is_left_to_the_429() -> None:
    assert said(1, 0).wait("a key", clock=100.0, reserve=0, longest=30) <= 0
    assert said(9, 8).wait("a key", clock=100.0, reserve=1, longest=30) == HOUR


def test_the_wait_grows_shorter_and_ends() -> None:
    assert said(1, 0).wait("a key", clock=100.0 + HOUR, reserve=0, longest=HOUR) <= 0


def test_a_count_that_never_falls_is_not_believed() -> None:
    assert said(0, 0, 0).wait("a key", clock=100.0, reserve=50, longest=HOUR) <= 0


def test_another_credential_does_not_wait() -> None:
    assert said(1, 0).wait("another key", clock=100.0, reserve=5, longest=HOUR) <= 0


def test_a_refusal_says_when_to_come_again() -> None:
    allowances = Allowances()

    allowances.refused("a key", Headers((("Retry-After", "7"),)), now=NOW, clock=100.0)

    assert allowances.wait("a key", clock=100.0, reserve=0, longest=HOUR) == 7
    assert allowances.wait("a key", clock=107.0, reserve=0, longest=HOUR) <= 0
