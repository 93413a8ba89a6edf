"""Verbs over times: RFC 3339 texts, and the deployment's own clock."""

import re
from datetime import datetime, timedelta

from entity_conformance.oracle.times import from_text, in_utc
from entity_conformance.suite.expect.values import NOTHING, is_lacking, shown, violation

_RFC3339 = re.compile(
    r"(?P<moment>\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?(?P<offset>[Zz]|[+-]\d\d:\d\d)"
)


def timestamp(value: object, *, at: str, of: object = None) -> datetime:
    """An RFC 3339 date-time with an offset; returns it in UTC, cut to microseconds. `of` is the object with it."""
    found = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if found is not None:
        fraction = (found["fraction"] or "").ljust(6, "0")[:6]
        offset = found["offset"].upper().replace("Z", "+00:00")
        try:
            return in_utc(from_text(f"{found['moment'].upper().replace(' ', 'T')}.{fraction}{offset}"))
        except (ValueError, OverflowError):
            pass  # digits in the right places that name no moment are refused below like any other text
    told = NOTHING if is_lacking(of, at) else None
    raise violation(f"{at} is no RFC 3339 time", expected="a date-time with an offset", found=value, of=of, told=told)


def resolution(value: object, *, at: str) -> timedelta:
    """The unit of a time's last printed digit: a second, a millisecond, a microsecond at the finest."""
    timestamp(value, at=at)
    found = _RFC3339.fullmatch(str(value))
    digits = len(found["fraction"] or "") if found else 0
    return timedelta(microseconds=10 ** (6 - min(digits, 6)))


def same_instant(actual: object, expected: object, *, at: str, of: object = None) -> None:
    """Two texts that name the same moment, whatever their offsets and digits. `of` is the object with the first.

    The same text is the same moment, in whatever form: which form it must have is judged elsewhere.
    """
    if actual == expected:
        return
    if timestamp(actual, at=at, of=of) != timestamp(expected, at=f"the value sent as {at}"):
        raise violation(f"{at} is another moment", expected=shown(expected), found=actual, of=of)


def near(moment: datetime, now: datetime, *, within: timedelta, at: str) -> None:
    """A moment no further than that from the deployment's now."""
    if abs(moment - now) > within:
        expected = f"{now.isoformat()} ± {within.total_seconds():g} s"
        raise violation(f"{at} is not now", expected=expected, found=moment, told=moment.isoformat())


def not_before(actual: object, earlier: object, *, at: str) -> None:
    """A time that is not before another one."""
    if timestamp(actual, at=at) < timestamp(earlier, at=at):
        raise violation(f"{at} went back", expected=f">= {earlier}", found=actual)


def after(actual: object, earlier: object, *, at: str) -> None:
    """A time that is after another one."""
    if timestamp(actual, at=at) <= timestamp(earlier, at=at):
        raise violation(f"{at} did not move on", expected=f"> {earlier}", found=actual)
