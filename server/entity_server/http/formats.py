"""String formats that the contract asserts, as predicates for the compiled validators.

What is accepted here is what the domain can read: a leap second or the year 0 is RFC 3339, yet no database column
holds it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import orjson

from entity_server.domain.times import read_date, read_instant, read_moment

Format = Callable[[str], bool]

INTEGER_BOUNDS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
)


def is_date(text: str) -> bool:
    """A full date, `2025-01-31`."""
    return read_date(text) is not None


def is_date_time(text: str) -> bool:
    """RFC 3339 with an offset."""
    return read_instant(text) is not None


def is_date_or_date_time(text: str) -> bool:
    """What a query may say: a date, or a date-time whose offset may be missing or lack its colon."""
    return read_moment(text) is not None or read_date(text) is not None


def is_json_object(text: str) -> bool:
    """The text of a JSON object."""
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


BODY_FORMATS: Mapping[str, Format] = MappingProxyType(
    {"date": is_date, "date-time": is_date_time, "json-object": is_json_object}
)
QUERY_FORMATS: Mapping[str, Format] = MappingProxyType({**BODY_FORMATS, "date-time": is_date_or_date_time})
