"""Dates and date-times as the rulings read them (L19, R13). Pure."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?(?P<offset>[Zz]|[+-]\d{2}:\d{2})?", re.ASCII)

_LEAP = re.compile(r"(T\d\d:\d\d:)60")
_LAST_MINUTE = (23, 59)


@lru_cache(maxsize=4096)
def moment(text: str | None, *, day: time = time.min) -> datetime | None:
    """The moment that a text names, None when it names none.

    A date alone is that day at the time `day`; what has no offset is in UTC.
    """
    if text is None or not (DATE.fullmatch(text) or DATE_TIME.fullmatch(text)):
        return None
    try:
        read = from_text(text.upper())  # RFC 3339 takes t and z too
        if DATE.fullmatch(text):
            return datetime.combine(read.date(), day, UTC)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else in_utc(read)
    except (ValueError, OverflowError):
        return None


def from_text(text: str) -> datetime:
    """What a date or date-time says, a leap second as the second after it. Raises ValueError where it names no moment.

    RFC 3339 has leap seconds (5.7), which end a day in UTC.
    """
    found = datetime.fromisoformat(_LEAP.sub(r"\g<1>59", text))
    if _LEAP.search(text) is None:
        return found
    if found.tzinfo is None or in_utc(found).timetuple()[3:5] != _LAST_MINUTE:
        raise ValueError(text)
    return found + timedelta(seconds=1)


def in_utc(read: datetime) -> datetime:
    """The same moment in UTC. Of one in the first or last hours of the calendar, which UTC may not have: the nearest.

    `9999-12-31T23:59:59-05:00` is a date-time all the same, by which some databases say "never".
    """
    try:
        return read.astimezone(UTC)
    except OverflowError:
        return _end(is_first=read.year == date.min.year)


def shifted(at: datetime, by: timedelta) -> datetime:
    """A moment so much later or earlier; beyond the calendar, its end."""
    try:
        return at + by
    except OverflowError:
        return _end(is_first=by < timedelta())


def elsewhere(at: datetime, zone: tzinfo) -> datetime:
    """The same moment in another zone, and as it is where that zone's calendar does not have it."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def _end(*, is_first: bool) -> datetime:
    """An end of the calendar."""
    return datetime.combine(date.min if is_first else date.max, time.min if is_first else time.max, UTC)


def instant(text: str) -> datetime:
    """The moment that a valid text names."""
    read = moment(text)
    assert read is not None, f"{text!r} names no moment"
    return read


@lru_cache(maxsize=4096)
def printed_unit(text: str) -> timedelta:
    """The unit of the last digit of a date-time: a second, a millisecond."""
    fraction = DATE_TIME.fullmatch(text)
    digits = len((fraction and fraction[1]) or ".") - 1
    return timedelta(seconds=10.0**-digits)


def has_offset(text: str) -> bool:
    """Whether a date-time states its offset."""
    found = DATE_TIME.fullmatch(text)
    return found is not None and found["offset"] is not None


def stamp(text: object) -> str | None:
    """A date-time with an offset: one without is in UTC. None where it is no date-time."""
    if not isinstance(text, str) or moment(text) is None or DATE.fullmatch(text):
        return None
    return text if has_offset(text) else f"{text}Z"
