"""The fields of a new entity: how they are asked for, and the property that each is in a record and in both bodies.

The bounds are a beginning, generous and easy to edit; what they must be is known to nobody but the author.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast, get_args

from entity_contract.entities import FieldType
from entity_contract.references import Json

from entity_server.declaring.errors import DeclarationError
from entity_server.declaring.names import words

Property = Mapping[str, Json]

GENERATED = ("id", "createdAt", "updatedAt")
DEFAULT_FIELDS = (
    "name:string!",
    "notes:text",
    "status:enum=draft,active,archived",
    "quantity:integer",
    "weight:number",
    "active:boolean",
    "dueDate:date",
)
"""One field of almost each type; with the foreign key of the relation they are eight."""

_TYPES = get_args(FieldType)
_SPELLED = re.compile(r"(?P<name>[^:=!]*):(?P<type>[^:=!]*)(=(?P<values>[^!]*))?(?P<required>!)?")
_NAME = re.compile(r"[a-z][A-Za-z0-9]*")
_VALUE = re.compile(r"[a-z][a-z0-9_]*")
_SHAPES: Mapping[FieldType, Property] = {
    "string": {"type": "string", "maxLength": 200},
    "text": {"type": "string", "maxLength": 5000, "x-type": "text"},
    "integer": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 1000000},
    "number": {"type": "number", "format": "double", "minimum": 0, "maximum": 1000000},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
}
_SHOWN = ("type", "format", "x-type")
_DEFAULTS: Mapping[FieldType, Json] = {"integer": 0, "boolean": False}
_EXAMPLES: Mapping[FieldType, Json] = {
    "integer": 3,
    "number": 0.5,
    "boolean": True,
    "date": "2025-01-31",
    "datetime": "2025-01-31T10:30:00Z",
}


@dataclass(frozen=True, slots=True)
class NewField:
    """A field as it was asked for. `values` are an enum's, `parent` is the title of the entity of a foreign key."""

    name: str
    type: FieldType
    required: bool = False
    values: tuple[str, ...] = ()
    parent: str | None = None
    parent_prefix: str = ""

    @property
    def nullable(self) -> bool:
        """Whether a record may hold null: it need not be given, and has no default."""
        return not self.required and self.default is None

    @property
    def default(self) -> Json:
        """What CREATE fills in; None for nothing."""
        if self.required:
            return None
        return self.values[0] if self.values else _DEFAULTS.get(self.type)

    @property
    def description(self) -> str:
        """A first description."""
        if self.parent:
            return f"The id of the {words(self.parent)}."
        return f"Whether it is {words(self.name)}." if self.type == "boolean" else f"The {words(self.name)}."

    @property
    def example(self) -> Json:
        """A value of a record in examples."""
        if self.parent:
            return f"{self.parent_prefix}_abc123"
        if self.values:
            return self.values[0]
        return _EXAMPLES.get(self.type, f"Some {words(self.name)}")

    def enum(self, title: str) -> str:
        """The name of the schema with an enum's values."""
        return f"{title}{self.name[0].upper()}{self.name[1:]}"

    def shown(self, title: str) -> Property:
        """The property of a record."""
        if self.values:
            return {"$ref": f"#/components/schemas/{self.enum(title)}"}
        shape = {key: value for key, value in _SHAPES[self.type].items() if key in _SHOWN}
        return self._property(shape)

    def accepted(self, title: str, *, create: bool) -> Property:
        """The property of a body. Only CREATE has defaults."""
        default: Property = {"default": self.default} if create and self.default is not None else {}
        if self.values:
            return {**self.shown(title), **default}
        shape = dict(_SHAPES[self.type])
        if self.parent:
            shape = {"type": "string", "minLength": 1}
        elif self.required and shape["type"] == "string" and "format" not in shape:
            shape = {"type": "string", "minLength": 1, **shape, "pattern": r"\S"}
        return self._property({**shape, **default})

    def _property(self, shape: Property) -> Property:
        type_: Json = [shape["type"], "null"] if self.nullable else shape["type"]
        return {**shape, "type": type_, "description": self.description}


def parse(spelled: Sequence[str]) -> tuple[NewField, ...]:
    """Fields from `NAME:TYPE`, `NAME:enum=VALUE,VALUE`, with `!` behind a required one. Raises DeclarationError."""
    fields = tuple(_field(text) for text in spelled)
    names = [field.name for field in fields]
    for name in names:
        if name in GENERATED:
            raise DeclarationError(f"every entity has the field {name}; leave it out")
        if names.count(name) > 1:
            raise DeclarationError(f"the field {name} is given twice; give it once")
    return fields


def _field(text: str) -> NewField:
    found = _SPELLED.fullmatch(text)
    if found is None:
        raise DeclarationError(f"{text!r} is no field; write NAME:TYPE, such as number:string! or paid:boolean")
    name, type_ = found["name"], found["type"]
    if not _NAME.fullmatch(name):
        raise DeclarationError(f"{name!r} is no field's name; write it in camelCase: dueDate")
    if type_ not in _TYPES:
        raise DeclarationError(f"{type_!r} is no field type; choose one of {', '.join(_TYPES)}")
    field = NewField(name, cast("FieldType", type_), required=bool(found["required"]))
    if (type_ == "enum") != bool(found["values"]):
        raise DeclarationError(f"{text!r}: an enum, and nothing else, has values; write {name}:enum=draft,sent")
    values = tuple(found["values"].split(",")) if found["values"] else ()
    for value in values:
        if not _VALUE.fullmatch(value) or values.count(value) > 1:
            raise DeclarationError(f"{text!r}: {value!r} is no value, or stands twice; write them in snake_case")
    return replace(field, values=values)
