"""String formats that the contract asserts, and what becomes of a text that has one.

jsonschema-rs asserts most formats by itself. Dates, date-times and JSON in a text become typed values: to read one
is to test its format, so that a validator takes it unseen. What is accepted is what the domain can read: a leap second
or the year 0 is RFC 3339, yet no database column holds it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from entity_server.domain.sentences import Refused, Sentence
from entity_server.domain.times import read_date, read_instant
from entity_server.domain.values import border
from entity_server.http.operations.decoding import json_object

Format = Callable[[str], bool]
Reader = Callable[[str], object]
"""From a text to a typed value. Raises Refused."""

INTEGER_BOUNDS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
)


def is_date(text: str) -> bool:
    """A full date, `2025-01-31`."""
    return read_date(text) is not None


def is_date_time(text: str) -> bool:
    """RFC 3339 with an offset."""
    return read_instant(text) is not None


def _unseen(_: str) -> bool:
    return True


def _day(text: str) -> object:
    day = read_date(text)
    if day is None:
        raise Refused(Sentence.DATE())
    return day


QUERY_READERS: Mapping[str, Reader] = MappingProxyType({"date": _day, "date-time": border, "json-object": json_object})
"""How a query parameter of that format is read; its date-time may be a date, or lack its offset (L19)."""

QUERY_FORMATS: Mapping[str, Format] = MappingProxyType(dict.fromkeys(QUERY_READERS, _unseen))
FIELD_FORMATS: Mapping[str, Format] = MappingProxyType(dict.fromkeys(("date", "date-time"), _unseen))
"""Of bodies whose members are all fields of an entity: `domain.values.typed` reads them."""

BODY_FORMATS: Mapping[str, Format] = MappingProxyType({"date": is_date, "date-time": is_date_time})
"""Of any other body, which may hold a date anywhere."""
