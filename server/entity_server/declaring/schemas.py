"""What of a new entity holds its own fields: the schemas of the record, of both bodies and of the enums; examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from entity_contract.references import Object

from entity_server.declaring.errors import DeclarationError
from entity_server.declaring.fields import NewField
from entity_server.declaring.names import Names, words

_MOMENTS = {"createdAt": "2025-01-15T10:30:00Z", "updatedAt": "2025-01-15T14:20:00Z"}


@dataclass(frozen=True, slots=True)
class Examples:
    """What answers and bodies show: a record, and what is sent to make one and to change it."""

    record: Object
    create: Object
    update: Object


def own_examples(names: Names, fields: Sequence[NewField]) -> Examples:
    """The examples of an entity with these fields, in which one record names the first of another entity."""
    changed = _changed(fields)
    return Examples(
        record={"id": f"{names.id_prefix}_abc123", **{field.name: field.example for field in fields}, **_MOMENTS},
        create={field.name: field.example for field in fields if field.required} or changed,
        update=changed,
    )


def own_schemas(
    names: Names, fields: Sequence[NewField], relations: Mapping[str, NewField], facts: Object, moments: Object
) -> Object:
    """The schemas by name, in the order of the document.

    `relations` are the foreign keys by relation, `facts` is x-entity, `moments` are the properties with the times.
    Raises DeclarationError when two of them would have one name.
    """
    title = names.title
    listed = ["id", *(field.name for field in fields), *moments]
    long = {field.name for field in fields if field.type == "text"}
    enums = {
        field.enum(title): _enum(f"The {words(field.name)} of {names.a}.", field.values)
        for field in fields
        if field.values
    }
    others: Object = {
        title: _record(names, fields, relations, facts, moments),
        f"{title}Create": _create(names, fields),
        f"{title}Update": _update(names, fields),
        f"{title}Field": _enum(f"A field of {names.a}.", listed),
        f"{title}SortField": _enum(
            f"A field that {names.many} are sorted by.", [name for name in listed if name not in long]
        ),
        f"{title}Relation": _enum(f"A relation of {names.a}.", [*relations]),
    }
    for name in enums:
        if name in others or name in (f"{title}Response", f"{title}ListResponse"):
            raise DeclarationError(f"the values of a field would be {name}, which is another schema; rename the field")
    return {**enums, **others}


def _record(
    names: Names, fields: Sequence[NewField], relations: Mapping[str, NewField], facts: Object, moments: Object
) -> Object:
    return {
        "description": f"{names.a.capitalize()}.",
        "x-entity": facts,
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "description": f"The {names.one}'s id."},
            **{field.name: field.shown(names.title) for field in fields},
            **moments,
            **{name: _relation(field) for name, field in relations.items()},
        },
    }


def _create(names: Names, fields: Sequence[NewField]) -> Object:
    required = [field.name for field in fields if field.required]
    return {
        "description": f"A new {names.one}.",
        "type": "object",
        **({"required": required} if required else {}),
        "properties": {field.name: field.accepted(names.title, create=True) for field in fields},
        "additionalProperties": False,
    }


def _update(names: Names, fields: Sequence[NewField]) -> Object:
    return {
        "description": f"The fields of the {names.one} to change; null clears an optional one.",
        "type": "object",
        "minProperties": 1,
        "properties": {field.name: field.accepted(names.title, create=False) for field in fields},
        "additionalProperties": False,
    }


def _changed(fields: Sequence[NewField]) -> Object:
    """One field with a value: one that need not be given and names no other record, where there is one."""
    free = [field for field in fields if not field.required and not field.parent] or fields
    return {free[0].name: free[0].example}


def _enum(description: str, values: Sequence[str]) -> Object:
    return {"description": description, "type": "string", "enum": [*values]}


def _relation(field: NewField) -> Object:
    return {
        "description": f"The record that `{field.name}` names, when included.",
        "anyOf": [{"$ref": f"#/components/schemas/{field.parent}"}, {"type": "null"}],
    }
