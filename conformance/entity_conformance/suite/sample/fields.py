"""Which fields of an entity a sample can fill, and what an entity has that a requirement is about."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Literal, cast

from entity_contract import Entity, Field, FieldType, Relation, Scalar

from entity_conformance.suite.sample.scalars import PLAIN, VARIANTS, form, is_described

_MOST_COMPANY = 6
"""Values of an enum with each of which a refused value of another one is tried."""

REFERENCES_OWN = "tasks"
"""The entity whose fields the reference describes: of those it tells every rule."""

NEVER = "(?!)"
"""The pattern of a field that no sample can fill."""

_TEXTS = {"string", "text"}
_TYPES = {"string", "text", "enum", "integer", "number", "boolean", "date", "datetime"}
_SHORTEST_TITLE = 40
_LONGEST_SENT = 10_000

_once = lru_cache(maxsize=128)
"""What is found in an entity is asked for again and again."""


@_once
def writable(entity: Entity) -> tuple[Field, ...]:
    """The fields that a body may name and a sample knows how to fill, foreign keys left out."""
    keys = foreign_keys(entity)
    return tuple(
        field
        for field in entity.fields
        if not field.generated and field.name not in keys and field.type in _TYPES
        if field.pattern in PLAIN or (field.samples and field.pattern != NEVER) or is_described(field)
    )


def unfit(entity: Entity) -> tuple[str, ...]:
    """The names of the fields that a body must name and no sample can fill; foreign keys are the caller's."""
    filled = {field.name for field in writable(entity)} | foreign_keys(entity)
    return tuple(name for name in required(entity) if name not in filled)


@_once
def foreign_keys(entity: Entity) -> frozenset[str]:
    """The names of the fields that hold another record's id."""
    return frozenset(relation.foreign_key for relation in entity.relations if relation.type == "belongsTo")


@_once
def free_texts(entity: Entity) -> tuple[Field, ...]:
    """Writable text without a format, long enough for a title; the required ones first, as the entity orders them."""
    texts = [
        field
        for field in writable(entity)
        if field.type in _TEXTS
        and form(field) is None
        and (field.max_length is None or field.max_length >= _SHORTEST_TITLE)
    ]
    return tuple(sorted(texts, key=lambda field: not field.required))


def title_field(entity: Entity) -> Field | None:
    """The text that tells one sample from another."""
    return next(iter(free_texts(entity)), None)


def required_text(entity: Entity) -> Field | None:
    """A text that a body must name, whatever its form; the title where it is one."""
    named = set(required(entity)) - foreign_keys(entity)
    texts = [field for field in entity.fields if field.type in _TEXTS and field.name in named]
    return next((field for field in texts if field == title_field(entity)), next(iter(texts), None))


def mark_field(entity: Entity) -> Field | None:
    """The text that is the same in all samples of one group, so that equality with it selects the group."""
    title = title_field(entity)
    return next((field for field in reversed(free_texts(entity)) if field != title), None)


def first(entity: Entity, *types: FieldType) -> str:
    """The name of the first writable field of these types that samples vary. Raises LookupError when there is none."""
    return next(iter(_plain(entity, types))).name


def has(*types: FieldType) -> Callable[[Entity], bool]:
    """Whether an entity has a field that `first` would find."""
    return lambda entity: bool(_plain(entity, types))


@_once
def optional(entity: Entity) -> str | None:
    """The name of a field that a record may hold nothing in, text for preference, never the title."""
    fields = [field for field in writable(entity) if field.nullable and not field.required and field.default is None]
    fields = [field for field in fields if field != title_field(entity) and _varies(field)]
    return next((field.name for field in sorted(fields, key=lambda field: field.type not in _TEXTS)), None)


def tells(*names: str) -> Callable[[Entity], bool]:
    """Whether records of an entity have any of these fields, as its description or the contract tells."""
    return lambda entity: any(name in entity.always or entity.field(name) is not None for name in names)


def has_date_time(entity: Entity) -> bool:
    """Whether lists of the entity can be sorted by a moment."""
    return any(field.type == "datetime" and field.name in entity.sortable for field in entity.fields)


def has_optional_text(entity: Entity) -> bool:
    """Whether a record may hold an empty text in another field than its title."""
    return any(
        field.type in _TEXTS and form(field) is None and not field.required and not field.min_length
        for field in writable(entity)
        if field.nullable and field.default is None and field != title_field(entity)
    )


def has_nullable(entity: Entity) -> bool:
    """Whether a record may hold nothing in some field that a body can name."""
    fields = [*writable(entity), *(field for field in entity.fields if field.name in foreign_keys(entity))]
    return any(field.nullable and not field.required and field.default is None for field in fields)


def has_prefix(entity: Entity) -> bool:
    """Whether the contract expects a prefix of the entity's ids; not where the deployment defines the entity."""
    return bool(entity.id_prefix)


def has_optional(entity: Entity) -> bool:
    """Whether an entity has a field that `optional` would find."""
    return optional(entity) is not None


def has_parent(entity: Entity) -> bool:
    """Whether a record of the entity belongs to one that can be created: to anything but a user of the directory."""
    return any(relation.type == "belongsTo" and relation.entity != "users" for relation in _set(entity))


def includes_parent(entity: Entity) -> bool:
    """Whether such a record can be included."""
    return has_parent(entity) and any(one.type == "belongsTo" and one.entity != "users" for one in entity.includable)


def has_optional_parent(entity: Entity) -> bool:
    """Whether `optional_parent` would find one."""
    return any(_absent_parents(entity))


def optional_parent(entity: Entity) -> str:
    """The belongsTo relation whose foreign key may hold nothing. Raises LookupError when there is none."""
    return next(_absent_parents(entity)).name


def _absent_parents(entity: Entity) -> Iterator[Relation]:
    """The relations to nobody where a body does not name one: a foreign key may have a default."""
    defaults = {field.name for field in entity.fields if field.default is not None}
    return (relation for relation in parents(entity, "optional") if relation.foreign_key not in defaults)


def has_person(entity: Entity) -> bool:
    """Whether a record of the entity belongs to a user of the directory."""
    return any(relation.type == "belongsTo" and relation.entity == "users" for relation in _set(entity))


def person(entity: Entity) -> Relation:
    """The relation to a user of the directory. Raises LookupError when there is none."""
    return next(relation for relation in _set(entity) if relation.entity == "users")


def _set(entity: Entity) -> Iterator[Relation]:
    """The relations whose foreign key is none that the deployment sets."""
    generated = {field.name for field in entity.fields if field.generated}
    return (relation for relation in entity.relations if relation.foreign_key not in generated)


def has_children(entity: Entity) -> bool:
    """Whether other records belong to one of the entity."""
    return any(relation.type == "hasMany" for relation in entity.relations)


def children(entity: Entity) -> Relation:
    """The first hasMany relation. Raises LookupError when there is none."""
    return next(relation for relation in entity.relations if relation.type == "hasMany")


def has_relations(entity: Entity) -> bool:
    """Whether the entity has relations that can be included."""
    return bool(entity.includable)


def enums(entity: Entity) -> tuple[str, ...]:
    """The names of the enum fields that samples vary."""
    return tuple(field.name for field in _plain(entity, ("enum",)))


def company(entity: Entity, name: str) -> Mapping[str, tuple[Scalar, ...]]:
    """The values of each other enum and boolean: what one of them holds may rule what the named one takes."""
    held: dict[str, tuple[Scalar, ...]] = {}
    for field in writable(entity):
        if field.name != name and field.type in ("enum", "boolean"):
            held[field.name] = (False, True) if field.type == "boolean" else field.values
    return {name: values for name, values in held.items() if len(values) > 1}


def companies(entity: Entity, name: str, body: Mapping[str, object]) -> tuple[Mapping[str, Scalar], ...]:
    """What the others may hold besides what a body holds: in each another value, until each value was there.

    None where they are too many: where there is one value more, it may be what rules.
    """
    others = {other: of for other, of in company(entity, name).items() if body.get(other) in of}
    most = max((len(of) for of in others.values()), default=0)
    if most > _MOST_COMPANY:
        return ()
    places = {other: of.index(cast("Scalar", body[other])) for other, of in others.items()}
    return tuple(
        {other: of[(places[other] + turn) % len(of)] for other, of in others.items()} for turn in range(1, most)
    )


def rank(entity: Entity, name: str, value: object) -> int:
    """The place of an enum's value in the order in which the entity declares them."""
    field = entity.field(name)
    return field.values.index(str(value)) if field is not None and value in field.values else -1


def is_searched(entity: Entity) -> bool:
    """Whether lists of the entity can be searched for what the run knows: its samples, or what users hold already."""
    return title_is_searchable(entity) if "create" in entity.operations else bool(entity.searchable)


def title_is_searchable(entity: Entity) -> bool:
    """Whether the contract names the samples' title among the fields that are searched."""
    field = title_field(entity)
    return field is not None and field.name in entity.searchable


def mark_is_searchable(entity: Entity) -> bool:
    """Whether the contract names the samples' shared text among the fields that are searched."""
    field = mark_field(entity)
    return field is not None and field.name in entity.searchable


def title_is_sortable(entity: Entity) -> bool:
    """Whether a list can be sorted by the samples' title."""
    field = title_field(entity)
    return field is not None and field.name in entity.sortable


def optional_is_sortable(entity: Entity) -> bool:
    """Whether a list can be sorted by the field that `optional` finds."""
    return optional(entity) in entity.sortable


def has_required_parent(entity: Entity) -> bool:
    """Whether a record of the entity cannot be without a parent that can be created."""
    return any(relation.entity != "users" for relation in parents(entity, "required"))


def has_spare_parent(entity: Entity) -> bool:
    """Whether a record of the entity may have a parent that can be created, or none."""
    return any(relation.entity != "users" for relation in parents(entity, "optional"))


def parents(entity: Entity, need: Literal["required", "optional"]) -> Iterator[Relation]:
    """The belongsTo relations whose foreign key a body must name, or need not name.

    One whose foreign key is no field of the entity, or one that the deployment sets, is none of them.
    """
    named, fields = set(required(entity)), {field.name for field in entity.fields if not field.generated}
    belonging = (one for one in entity.relations if one.type == "belongsTo" and one.foreign_key in fields)
    return (relation for relation in belonging if (relation.foreign_key in named) == (need == "required"))


def required(entity: Entity) -> tuple[str, ...]:
    """The names of the fields that a body must name, foreign keys included."""
    return tuple(field.name for field in entity.fields if field.required and not field.generated)


def has_required(entity: Entity) -> bool:
    """Whether a body must name anything."""
    return bool(required(entity))


def has_default(entity: Entity) -> bool:
    """Whether a field has a default."""
    return any(field.default is not None for field in writable(entity))


def has_maximum(entity: Entity) -> bool:
    """Whether `bounded` would find a field."""
    return any(_bounded(entity))


def bounded(entity: Entity) -> Field:
    """The first free text with a maximum length that a request can exceed. Raises StopIteration when there is none."""
    return next(_bounded(entity))


def values(entity: Entity, name: str) -> tuple[str, ...]:
    """The values of an enum, as declared."""
    field = entity.field(name)
    return field.values if field is not None else ()


def methods(entity: Entity) -> list[str]:
    """The HTTP methods of the entity's two paths together, sorted."""
    of = {"list": "GET", "read": "GET", "create": "POST", "update": "PATCH", "delete": "DELETE", "metadata": "OPTIONS"}
    return sorted({of[action] for action in entity.operations})


def permissions(entity: Entity) -> dict[str, bool]:
    """What somebody with all scopes may do."""
    may = set(entity.operations)
    return {"read": bool(may & {"list", "read"}), "write": bool(may & {"create", "update"}), "delete": "delete" in may}


def changeable(entity: Entity) -> tuple[Field, ...]:
    """The fields whose value an update can change to another valid one."""
    return tuple(field for field in writable(entity) if field.type != "enum" or len(field.values) > 1)


def _bounded(entity: Entity) -> Iterator[Field]:
    return (field for field in free_texts(entity) if field.max_length and field.max_length <= _LONGEST_SENT)


@_once
def _plain(entity: Entity, types: tuple[str, ...]) -> tuple[Field, ...]:
    """The writable fields of these types whose samples are neither the title nor the mark."""
    taken = (title_field(entity), mark_field(entity))
    plain = (field for field in writable(entity) if field.type in types and field not in taken)
    return tuple(field for field in plain if _varies(field))


def _varies(field: Field) -> bool:
    """Whether samples differ as checks expect: not where only a few values are known to be taken."""
    return not field.samples or len(set(field.samples)) >= VARIANTS
