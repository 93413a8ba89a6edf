"""Entities with a field of every type, made by hand: what the tests of the domain and the store talk about."""

from dataclasses import replace
from functools import cache

from entity_contract import Contract, Entity, ErrorCatalogue, Field, Operator, Relation, load
from entity_contract.entities import Action

_ALL: tuple[Action, ...] = ("list", "create", "read", "update", "delete", "metadata")
_STAMPS = (
    Field("createdAt", "datetime", generated=True, format="date-time"),
    Field("updatedAt", "datetime", generated=True, format="date-time"),
)


def entity(name: str, title: str, prefix: str, *fields: Field, relations: tuple[Relation, ...] = ()) -> Entity:
    """An entity with `id`, these fields and the two timestamps; every field but long text is sortable."""
    every = (Field("id", "string", generated=True), *fields, *_STAMPS)
    return Entity(
        name=name,
        title=title,
        id_prefix=prefix,
        fields=every,
        relations=relations,
        searchable=tuple(field.name for field in fields if field.name in ("title", "note", "name")),
        sortable=tuple(field.name for field in every if field.type != "text"),
        operations=_ALL,
        always=("id", "createdAt", "updatedAt"),
        record_schema=f"#/components/schemas/{title}",
        create_schema=f"#/components/schemas/{title}Create",
        update_schema=f"#/components/schemas/{title}Update",
    )


THINGS = entity(
    "things",
    "Thing",
    "thg",
    Field("title", "string", required=True, max_length=200),
    Field("note", "text", nullable=True),
    Field("size", "enum", default="small", values=("small", "middling", "large")),
    Field("count", "integer", nullable=True),
    Field("weight", "number", nullable=True),
    Field("active", "boolean", default=False),
    Field("day", "date", nullable=True),
    Field("moment", "datetime", nullable=True),
    Field("userId", "string", nullable=True),
    relations=(
        Relation("user", "belongsTo", "users", "userId"),
        Relation("parts", "hasMany", "parts", "thingId"),
        Relation("spares", "hasMany", "parts", "spareOfId"),
    ),
)
PARTS = entity(
    "parts",
    "Part",
    "prt",
    Field("name", "string", required=True),
    Field("thingId", "string", required=True),
    Field("spareOfId", "string", nullable=True),
    relations=(
        Relation("thing", "belongsTo", "things", "thingId"),
        Relation("spareOf", "belongsTo", "things", "spareOfId"),
    ),
)
USERS = replace(
    entity(
        "users",
        "User",
        "usr",
        Field("name", "string", generated=True),
        Field("email", "string", generated=True),
        Field("active", "boolean", generated=True),
        relations=(Relation("things", "hasMany", "things", "userId"),),
    ),
    operations=("list", "read", "metadata"),
    create_schema=None,
    update_schema=None,
)


@cache
def _operators() -> tuple[Operator, ...]:
    """Those of the contract, which several modules ask for as they are imported."""
    return load().operators


def contract_of(*entities: Entity) -> Contract:
    """A contract of these entities and nothing else."""
    return Contract(
        document={},
        source="a test",
        sha256="",
        version="1.0.0",
        entities=entities,
        operations=(),
        operators=_operators(),
        errors=ErrorCatalogue({}),
    )
