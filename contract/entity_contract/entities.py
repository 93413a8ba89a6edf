"""The entities that the contract declares: fields, relations, operations.

Facts only. An entity is a response schema with `x-entity`; what a client may send comes from its `...Create` and
`...Update` schemas. Nothing here judges a body or knows what a filter means: `server` and `conformance` each read
these facts in their own way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast, get_args

from entity_contract.references import Object, at, mapping, pointer, sequence, strings, target

FieldType = Literal["string", "text", "enum", "integer", "number", "boolean", "date", "datetime"]
RelationType = Literal["belongsTo", "hasMany"]
Action = Literal["list", "create", "read", "update", "delete", "metadata"]
Scope = Literal["read", "write", "delete"]
Scalar = str | int | float | bool | None

ACTIONS: tuple[Action, ...] = get_args(Action)

GENERATED: Mapping[str, FieldType] = MappingProxyType(
    {"id": "string", "createdAt": "datetime", "updatedAt": "datetime"}
)
"""What the server generates of every record, by rules that hold everywhere (R8, R11)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity, with the bounds that CREATE and UPDATE enforce.

    `required` says that a CREATE body must name it; `generated` that no body may name it, as the server alone sets it.
    `nullable` says that a record may hold null there. `default` is what CREATE fills in, None when there is no default.
    `values` are an enum's values in declared order, `samples` values that are known to be taken where rules are not.
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
    samples: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation; `foreign_key` is a field of this entity for belongsTo, of the other one for hasMany.

    One that is not `told` by metadata is known by its foreign key alone: nobody can ask for what it includes.
    """

    name: str
    type: RelationType
    entity: str
    foreign_key: str
    told: bool = True


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

    def __hash__(self) -> int:
        """By its name alone: what is known of an entity is looked up thousands of times in a run."""
        return hash(self.name)

    @property
    def includable(self) -> tuple[Relation, ...]:
        """The relations that `include` takes."""
        return tuple(one for one in self.relations if one.told)

    @property
    def owned(self) -> bool:
        """Whether records belong to a user; what nobody can create (the users directory) is owned by nobody."""
        return "create" in self.operations

    @property
    def computed(self) -> frozenset[str]:
        """Fields that the server alone sets by rules of its own, and may change whenever it likes (R8).

        The id and the two times are judged; a slug, a version or a count of readers is not.
        """
        own = {one.name for one in self.fields if one.generated} if self.owned else set[str]()
        return frozenset(own - GENERATED.keys())

    def field(self, name: str) -> Field | None:
        """The field of that name, or None."""
        for field in self.fields:  # a run asks ten thousand times
            if field.name == name:
                return field
        return None

    def relation(self, name: str) -> Relation | None:
        """The relation of that name, or None."""
        return next((relation for relation in self.relations if relation.name == name), None)


def entities(document: Object) -> tuple[Entity, ...]:
    """Every schema with `x-entity`, in the document's order."""
    schemas = mapping(mapping(document.get("components")).get("schemas"))
    return tuple(_entity(document, title) for title, schema in schemas.items() if "x-entity" in mapping(schema))


def _entity(document: Object, title: str) -> Entity:
    place = pointer("components", "schemas", title)
    schema = mapping(at(document, place))
    facts = mapping(schema["x-entity"])
    name = str(facts["name"])
    operations = cast("tuple[Action, ...]", strings(facts.get("operations"))) or ACTIONS
    create = f"{place}Create" if "create" in operations else None
    update = f"{place}Update" if "update" in operations else None
    relations = tuple(_relations(mapping(facts.get("relations"))))
    properties = {
        key: value
        for key, value in mapping(schema.get("properties")).items()
        if key not in {relation.name for relation in relations}
    }
    accepted = mapping(at(document, create)) if create else {}
    generated = strings(facts.get("generated"))
    return Entity(
        name=name,
        title=title,
        id_prefix=str(facts["idPrefix"]),
        fields=tuple(
            _field(document, key, mapping(shown), accepted=accepted, is_generated=key in generated)
            for key, shown in properties.items()
        ),
        relations=relations,
        searchable=strings(facts.get("searchable")),
        sortable=_sortable(document, name),
        operations=operations,
        always=strings(facts.get("always")),
        record_schema=place,
        create_schema=create,
        update_schema=update,
    )


def _relations(relations: Object) -> Iterator[Relation]:
    for name, relation in relations.items():
        facts = mapping(relation)
        yield Relation(
            name, cast("RelationType", facts["type"]), entity=str(facts["entity"]), foreign_key=str(facts["foreignKey"])
        )


def _sortable(document: Object, entity: str) -> tuple[str, ...]:
    """The values of the list operation's `sort` parameter."""
    listing = mapping(at(document, pointer("paths", f"/v1/{entity}", "get")))
    for parameter in sequence(listing.get("parameters")):
        facts = resolved(document, mapping(parameter))
        if facts.get("name") == "sort":
            return strings(resolved(document, mapping(facts.get("schema"))).get("enum"))
    return ()


def resolved(document: Object, schema: Object) -> Object:
    """The schema with a `$ref` followed; what stands beside the `$ref` wins."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**target(document, reference)[1], **beside}


def _field(document: Object, name: str, shown: Object, *, accepted: Object, is_generated: bool) -> Field:
    """A field from its property in the record, with the bounds of its property in `accepted`, the Create schema."""
    record = resolved(document, shown)
    taken = mapping(accepted.get("properties"))
    bounds = resolved(document, mapping(taken[name])) if name in taken else record
    return Field(
        name=name,
        type=field_type(record),
        required=name in strings(accepted.get("required")),
        generated=is_generated,
        nullable="null" in strings(record.get("type")),
        default=cast("Scalar", bounds.get("default")) if name in taken else None,
        values=strings(record.get("enum")),
        min_length=cast("int | None", bounds.get("minLength")),
        max_length=cast("int | None", bounds.get("maxLength")),
        minimum=cast("float | None", bounds.get("minimum")),
        maximum=cast("float | None", bounds.get("maximum")),
        format=cast("str | None", bounds.get("format")),
        pattern=cast("str | None", bounds.get("pattern")),
    )


def field_type(schema: Object) -> FieldType:
    """The metadata type of a resolved property schema. Raises ValueError for a schema that no field type stands for."""
    declared = schema.get("type")
    type_ = next((item for item in strings(declared) if item != "null"), declared)
    match type_, schema.get("format"), schema.get("x-type"):
        case "string", _, "text":
            return "text"
        case "string", "date-time", None:
            return "datetime"
        case "string", "date", None:
            return "date"
        case "string", _, None:
            return "enum" if "enum" in schema else "string"
        case (("integer" | "number" | "boolean"), _, None):
            return cast("FieldType", type_)
        case _:
            message = f"no field type stands for this schema: {dict(schema)}"
            raise ValueError(message)
