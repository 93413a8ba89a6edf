"""From the typed values of a body to a record, or to the changes of one (R4-R8).

The values are right already; here they become a record in wire form.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

from entity_contract import Entity

from entity_server.domain.projection import Record
from entity_server.domain.times import to_the_millisecond, wire_time

_AS_THEY_ARE = frozenset((str, int, float, bool, type(None)))


def creation(entity: Entity, values: Mapping[str, object], *, id: str, now: datetime) -> Record:  # noqa: A002 - the field's name
    """The record that a CREATE body makes: every field of the entity, defaults filled in, unset ones null."""
    record = _blank(entity).copy()
    for name, value in values.items():
        if name in record:
            record[name] = value if type(value) in _AS_THEY_ARE else _wire(value)
    record["id"] = id
    record["createdAt"] = record["updatedAt"] = _instant(now)
    return record


def changes(values: Mapping[str, object]) -> Record:
    """The changes that a PATCH body makes: the fields that it names. The store moves `updatedAt`."""
    return {name: value if type(value) in _AS_THEY_ARE else _wire(value) for name, value in values.items()}


@lru_cache(maxsize=256)
def _blank(entity: Entity) -> Record:
    return {field.name: field.default for field in entity.fields}


@lru_cache(maxsize=4)  # the clock gives the same value for a millisecond
def _instant(now: datetime) -> str:
    return wire_time(to_the_millisecond(now))


def _wire(value: object) -> object:
    match value:
        case datetime():
            return wire_time(value)
        case date():
            return value.isoformat()
        case _:
            return value
