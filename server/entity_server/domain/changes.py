"""From the typed values of a body to a record, or to the changes of one (R4-R8).

The values are right already; here they become a record in wire form.
"""

from collections.abc import Mapping
from datetime import date, datetime

from entity_contract import Entity

from entity_server.domain.projection import Record
from entity_server.domain.times import to_the_millisecond, wire_time


def creation(entity: Entity, values: Mapping[str, object], *, id: str, now: datetime) -> Record:  # noqa: A002 - the field's name
    """The record that a CREATE body makes: every field of the entity, defaults filled in, unset ones null."""
    instant = wire_time(to_the_millisecond(now))
    given = changes(values)
    record: Record = {field.name: given.get(field.name, field.default) for field in entity.fields}
    return record | {"id": id, "createdAt": instant, "updatedAt": instant}


def changes(values: Mapping[str, object]) -> Record:
    """The changes that a PATCH body makes: the fields that it names. The store moves `updatedAt`."""
    return {name: _wire(value) for name, value in values.items()}


def _wire(value: object) -> object:
    match value:
        case datetime():
            return wire_time(value)
        case date():
            return value.isoformat()
        case _:
            return value
