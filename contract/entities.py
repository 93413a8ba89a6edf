"""The entities that the contract declares: fields, relations, operations.

Facts only. An entity is a response schema with `x-entity`; what a client may send comes from its `...Create` and
`...Update` schemas. Nothing here judges a body or knows what a filter means: `server` and `conformance` each read
these facts in their own way.
"""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["string", "text", "enum", "integer", "number", "boolean", "date", "datetime"]
RelationType = Literal["belongsTo", "hasMany"]
Action = Literal["list", "create", "read", "update", "delete", "metadata"]
Scope = Literal["read", "write", "delete"]
Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity, with the bounds that CREATE and UPDATE enforce.

    `required` says that a CREATE body must name it; `generated` that the server alone sets it (no body may name it);
    `nullable` that a record may hold null there. `default` is what CREATE fills in, None when there is no default.
    `values` are an enum's values in declared order.
    """

    name: str
    type: FieldType
    required: bool = False
    generated: bool = False
    nullable: bool = False
    default: Scalar = None
    values: tuple[str, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    format: str | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation as OPTIONS describes it: `foreign_key` is this entity's field for belongsTo, the other's for hasMany."""

    name: str
    type: RelationType
    entity: str
    foreign_key: str


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of the registry.

    `name` is the path segment (`tasks`), `title` the word for one record (`Task`), `always` the fields that every
    record holds when `fields` was not asked for. The schema members are JSON pointers (`#/components/schemas/Task`);
    `create_schema` and `update_schema` are None when the entity lacks that operation.
    """

    name: str
    title: str
    id_prefix: str
    fields: tuple[Field, ...]
    relations: tuple[Relation, ...]
    searchable: tuple[str, ...]
    sortable: tuple[str, ...]
    operations: tuple[Action, ...]
    always: tuple[str, ...]
    record_schema: str
    create_schema: str | None = None
    update_schema: str | None = None

    @property
    def owned(self) -> bool:
        """Whether records belong to a user; an entity that nobody can create (the users directory) is owned by nobody."""
        return "create" in self.operations

    def field(self, name: str) -> Field | None:
        """The field of that name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    def relation(self, name: str) -> Relation | None:
        """The relation of that name, or None."""
        return next((relation for relation in self.relations if relation.name == name), None)
