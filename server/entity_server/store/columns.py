"""Columns: how a value in wire form is kept, and how it comes back.

One kind for each sort of value, one SQL type for each kind. Datetimes are instants with microseconds: text of
fixed width in SQLite, so that it sorts by time; a timestamp in PostgreSQL. What needs no conversion has none, since a
list pays for each value of each record.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from entity_contract import FieldType, Scalar
from tortoise.fields.base import Field as TortoiseField

from entity_server.domain.times import read_instant, wire_time

Dialect = Literal["sqlite", "postgres"]
Kind = Literal["text", "integer", "number", "boolean", "date", "instant"]
Convert = Callable[[Any], Any]
ConvertAll = Callable[[Sequence[Any]], Iterable[Any]]

# PostgreSQL's own names, as its format_type() prints them; SQLite takes any name, and keeps it for the comparison.
SQL_TYPES: Mapping[Kind, str] = {
    "text": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "date": "date",
    "instant": "timestamp with time zone",
}
KINDS: Mapping[FieldType, Kind] = {
    "string": "text",
    "text": "text",
    "enum": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "instant",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the attribute that it is under in its model. Names in the database are free; attributes are not.

    What the contract says of its values (whether they may be null, an enum's, a default, `rules` as `allowed` has them)
    is compared and migrated, and is no constraint.
    """

    name: str
    kind: Kind
    nullable: bool = True
    values: tuple[str, ...] = ()
    default: Scalar | None = None
    rules: str = ""

    @property
    def attribute(self) -> str:
        """The name in the model; the letter keeps it apart from Tortoise's own (`save`, `pk`)."""
        return f"c_{self.name}"


class Plain(TortoiseField[Any]):
    """A model's field that leaves values as they are: the store converts them, once, by `encoder` and `decoder`."""

    skip_to_python_if_native = False

    def __init__(self, column: Column, *, primary_key: bool) -> None:
        super().__init__(source_field=column.name, primary_key=primary_key, null=not primary_key)
        self.SQL_TYPE = SQL_TYPES[column.kind]

    def to_db_value(self, value: Any, instance: object) -> Any:  # noqa: ANN401, ARG002 - Tortoise's signature
        """As it is."""
        return value

    def to_python_value(self, value: Any) -> Any:  # noqa: ANN401 - Tortoise's signature
        """As it is."""
        return value


LATER = "later"
"""The SQL function that SQLite has `later` as."""

TICK = timedelta(milliseconds=1)
"""By how much `updatedAt` moves where the clock has not (R8)."""


def later(before: str, now: str) -> str:
    """Of two instants as SQLite keeps them: `now`, or a tick after `before` where that is later."""
    return max(now, _sortable(_instant(before) + TICK))


def moved(column: str, mark: str, dialect: Dialect) -> str:
    """The SQL for an instant that moves to `mark`, and at least by a tick."""
    match dialect:
        case "sqlite":
            return f"{LATER}({column}, {mark})"
        case "postgres":
            return f"GREATEST({mark}, {column} + interval '{TICK.total_seconds()} seconds')"


def encoder(kind: Kind, dialect: Dialect) -> Convert | None:
    """What turns a value of this kind, in wire form or typed, into the database's; None when nothing does."""
    match kind, dialect:
        case "number", _:
            return float
        case "boolean", "sqlite":
            return int
        case "date", "sqlite":
            return str  # a date's own text is ISO 8601
        case "date", "postgres":
            return _day
        case "instant", "sqlite":
            return _sortable
        case _:  # PostgreSQL's driver has `to_timestamp`
            return None


def decoder_of_many(kind: Kind, dialect: Dialect) -> ConvertAll | None:
    """What turns the database's values of this kind, or nulls, into wire form; None when nothing does."""
    match kind, dialect:
        case "instant", "sqlite":
            # As `_from_sortable`, without calling it: a list has two instants for each of its records.
            return lambda values: [v if v is None or v[23:26] != "000" else v[:23] + "Z" for v in values]
        case _:
            decode = decoder(kind, dialect)
            return None if decode is None else lambda values: [None if v is None else decode(v) for v in values]


def decoder(kind: Kind, dialect: Dialect) -> Convert | None:
    """What turns the database's value of this kind into wire form; None when nothing does."""
    match kind, dialect:
        case "boolean", "sqlite":
            return bool
        case "date", "postgres":
            return date.isoformat
        case "instant", "sqlite":
            return _from_sortable
        case _:
            return None


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


# What `wire_time` writes of nearly every instant: it is read apart and put together again for the others alone.
_IN_MILLISECONDS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z", re.ASCII)


def _instant(value: datetime | str) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    instant = read_instant(value)
    if instant is None:
        raise ValueError(f"no instant in wire form: {value!r}")
    return instant


def _sortable(value: datetime | str) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmmmmZ`, whatever the instant."""
    if isinstance(value, str) and _IN_MILLISECONDS.match(value):
        return value[:23] + "000Z"
    return _instant(value).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


Timestamp = tuple[int]
"""An instant as PostgreSQL sends it: microseconds since 2000; the first and the last number are its infinities."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INFINITIES: Mapping[int, datetime] = {
    -(2**63): datetime.min.replace(tzinfo=UTC),
    2**63 - 1: datetime.max.replace(tzinfo=UTC),
}
_INFINITE: Mapping[datetime, int] = {instant: number for number, instant in _INFINITIES.items()}


@lru_cache(maxsize=1_000)  # a record is made and changed at one instant
def to_timestamp(value: datetime | str) -> Timestamp:
    """An instant in wire form, or typed, as PostgreSQL takes it: the first and the last of all as its infinities."""
    instant = _instant(value)
    infinite = _INFINITE.get(instant)
    return ((instant - _EPOCH) // _MICROSECOND if infinite is None else infinite,)


@lru_cache(maxsize=10_000)  # it takes longer to write an instant than to find it, and the same records are read again
def from_timestamp(value: Timestamp) -> str:
    """What PostgreSQL sends of an instant in wire form."""
    instant = _INFINITIES.get(value[0]) or _EPOCH + value[0] * _MICROSECOND
    return wire_time(instant)


def _from_sortable(text: str) -> str:
    return text if text[23:26] != "000" else text[:23] + "Z"
