"""Dates and instants: from the text of a client to values that compare, and back to the wire.

RFC 3339 in and out, UTC throughout; no clock, no field, no problem. A reader answers None to text that is no
date: the caller knows which problem that is.
"""

import re
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import lru_cache

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
_INSTANT = re.compile(_CLOCK + r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})")
# L19: no offset means UTC. `+0000` without its colon is what openapi-generator's Python client sends.
_MOMENT = re.compile(_CLOCK + r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?")


def read_date(text: str) -> date | None:
    """A calendar date as `YYYY-MM-DD`."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_instant(text: str) -> datetime | None:
    """An RFC 3339 date-time in UTC; digits beyond the microsecond are cut off."""
    return _parsed(text) if _INSTANT.fullmatch(text) else None


def read_moment(text: str) -> datetime | None:
    """An RFC 3339 date-time as a query parameter spells it: its offset may be missing, and means UTC then."""
    return _parsed(text) if _MOMENT.fullmatch(text) else None


def start_of_day(day: date) -> datetime:
    """The first instant of that day in UTC."""
    return datetime.combine(day, time.min, UTC)


def end_of_day(day: date) -> datetime:
    """The last instant of that day in UTC, at the resolution that is stored."""
    return datetime.combine(day, time.max, UTC)


def wire_time(instant: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`, with six digits only where the instant has microseconds (R13)."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    timespec = "microseconds" if instant.microsecond % 1000 else "milliseconds"
    return instant.isoformat(timespec=timespec).removesuffix("+00:00") + "Z"


@lru_cache(maxsize=4)  # the clock gives the same value for a millisecond
def http_date(instant: datetime) -> str:
    """The instant as the `Date` header has it (RFC 9110): `Sun, 01 Jun 2025 12:00:00 GMT`."""
    return _http_date(instant.timestamp() // 1)


def to_the_millisecond(instant: datetime) -> datetime:
    """The instant without what lies below a millisecond."""
    below = instant.microsecond % 1000
    return instant.replace(microsecond=instant.microsecond - below) if below else instant


@lru_cache(maxsize=4)  # a busy server asks for the same second a thousand times
def _http_date(second: float) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC), usegmt=True)


def _parsed(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text.upper())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        # A calendar that Python does not have: the year 0, 24:00, a leap second, or an offset beyond the year 1.
        return None
