"""Moments around those that records hold, as the deployment prints them."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from entity_conformance.deployment.api import Record
from entity_conformance.deployment.problems import Blocked, NotApplicable, Violation
from entity_conformance.oracle.times import shifted
from entity_conformance.suite import expect

Read = TypeVar("Read")

FINEST = timedelta(microseconds=1)


def moment(record: Record, field: str, shift: timedelta) -> str:
    """A moment before or after the one that a record holds, printed in UTC to the microsecond.

    Raises Blocked where it holds none, which other checks judge, and OutOfProfile where there is no such field; so do
    `step` and `times`.
    """
    told = shifted(_read(expect.timestamp, record, field), shift)
    return told.isoformat(timespec="microseconds").replace("+00:00", "Z")


def step(record: Record, field: str = "createdAt") -> timedelta:
    """The smallest difference between two moments that the deployment prints."""
    return _read(expect.resolution, record, field)


def times(of: Iterable[Record]) -> list[datetime]:
    """When records were created, in their order; some at the same moment, as far as it is printed."""
    return [_read(expect.timestamp, record, "createdAt") for record in of]


def unit_before(record: Record) -> dict[str, Any]:
    """A range of dates around moments of which a rounded one prints as the record's creation, and not that one."""
    return _range(record, -step(record) + FINEST, -FINEST)


def unit_after(record: Record) -> dict[str, Any]:
    """A range of dates around moments of which a cut one prints as the record's creation, and not that one."""
    return _range(record, FINEST, step(record) - FINEST)


def _read(verb: Callable[..., Read], record: Record, field: str) -> Read:
    if field not in record:
        raise NotApplicable(f"records have no {field}")
    try:
        return verb(record.get(field), at=field)
    except Violation as violation:
        raise Blocked(f"{violation.message}: {violation.actual}") from violation


def _range(record: Record, start: timedelta, end: timedelta) -> dict[str, str]:
    return {"startDate": moment(record, "createdAt", start), "endDate": moment(record, "createdAt", end)}
