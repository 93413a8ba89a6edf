"""Moments at the ends of the calendar, by which some databases say "never"."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from entity_conformance.oracle.times import elsewhere, shifted

FIRST, LAST = (one.replace(tzinfo=UTC) for one in (datetime.min, datetime.max))  # noqa: DTZ901  # given UTC here
PLAIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY, EAST = timedelta(days=1), timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("at", "by", "found"),
    [(LAST, DAY, LAST), (FIRST, -DAY, FIRST), (PLAIN, DAY, PLAIN + DAY), (LAST, -DAY, LAST - DAY)],
)
def test_a_moment_is_moved_to_the_end_of_the_calendar_at_most(at: datetime, by: timedelta, found: datetime) -> None:
    assert shifted(at, by) == found


@pytest.mark.parametrize("at", [FIRST, LAST, PLAIN])
def test_a_moment_is_the_same_elsewhere(at: datetime) -> None:
    for zone in (EAST, timezone(-timedelta(hours=9))):
        assert elsewhere(at, zone) == at
    assert elsewhere(PLAIN, EAST).isoformat() == "2026-01-01T09:00:00+09:00"
