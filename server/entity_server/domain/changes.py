"""From a request's body to a record, or to the changes of one: what a schema cannot say (R4-R8, R12, R16).

Charter: the contract's schemas have already judged the body's shape where there is a server in front; nothing here
relies on it, so that any body at all ends in a record or in a problem. Values come out in wire form.
"""

from collections.abc import Mapping
from datetime import date, datetime

from entity_contract import Entity, Field, Scalar

from entity_server.domain.problems import UnprocessableEntity, ValidationFailed
from entity_server.domain.projection import Record
from entity_server.domain.times import to_the_millisecond, wire_time
from entity_server.domain.values import Refused, Value, typed


def creation(entity: Entity, body: object, *, id: str, now: datetime) -> Record:  # noqa: A002 - the field's name
    """The record that a CREATE body makes: every field of the entity, defaults filled in, unset ones null.

    Raises UnprocessableEntity when the body is no object, and one ValidationFailed that names every bad field.
    """
    given, details = _read(entity, body)
    for field in entity.fields:
        if field.required and field.name not in given and field.name not in details:
            details[field.name] = "Is required"
    if details:
        raise ValidationFailed(details=details)
    instant = wire_time(to_the_millisecond(now))
    record: Record = {field.name: given.get(field.name, field.default) for field in entity.fields}
    return record | {"id": id, "createdAt": instant, "updatedAt": instant}


def patch(entity: Entity, body: object) -> Record:
    """The changes that a PATCH body makes: the fields that it names. The store moves `updatedAt`.

    Raises UnprocessableEntity when the body is no object, and one ValidationFailed that names every bad field, or says
    that the body names none (R6).
    """
    given, details = _read(entity, body)
    if details:
        raise ValidationFailed(details=details)
    if not given:
        raise ValidationFailed("Name at least one field to change")
    return given


def _read(entity: Entity, body: object) -> tuple[Record, dict[str, str]]:
    if not isinstance(body, Mapping):
        raise UnprocessableEntity
    given: Record = {}
    details: dict[str, str] = {}
    for name, value in body.items():
        field = entity.field(name)
        if field is None:
            details[name] = f"Is no field of {entity.name}"
        elif field.generated:
            details[name] = "Is set by the server"
        else:
            result = _field_value(field, value)
            if isinstance(result, Refused):
                details[name] = result.reason
            else:
                given[name] = result
    return given, details


def _field_value(field: Field, value: object) -> Scalar | Refused:
    if value is None:
        return None if field.nullable else Refused("Must not be null")
    result = typed(field, value)
    if field.required and isinstance(result, str) and not result.strip():
        return Refused("Must not be blank")
    return result if isinstance(result, Refused) else _wire(result)


def _wire(value: Value) -> str | int | float | bool:
    match value:
        case datetime():
            return wire_time(value)
        case date():
            return value.isoformat()
        case _:
            return value
