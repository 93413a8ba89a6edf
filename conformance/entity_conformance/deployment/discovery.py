"""The entities of a deployment: tasks as the reference has it, every other one as its own OPTIONS describes it (O7).

Pure: an OPTIONS answer in, a `contract.Entity` out. The contract adds formats and bounds only where a field of the
same name and type is declared.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast, get_args

from entity_contract import GENERATED, Action, Contract, Entity, Field, FieldType, Relation, Scalar

from entity_conformance.deployment.patterns import parsed

_TYPES = frozenset(get_args(FieldType))
_ACTIONS: Mapping[str, tuple[Action, ...]] = {
    "GET": ("list", "read"),
    "POST": ("create",),
    "PATCH": ("update",),
    "DELETE": ("delete",),
    "OPTIONS": ("metadata",),
}
LONGEST_TEXT = 100_000
"""Characters of a text that is written: where metadata allows more, no bound is tried."""

SAMPLED_FORMATS = ("email", "uri", "url", "uuid")
"""Formats of texts that samples can have."""

MOST_FIELDS = 500
"""Fields of an entity: for more of them no run would come to an end."""

_SIGNS = re.compile(r"[^0-9a-z]")
GENERIC_RECORD = "#/components/schemas/EntityRecord"


@dataclass(frozen=True, slots=True)
class Described:
    """An entity as found, what was left out of it and why, and whether the deployment tells its schema.

    `untold` are the relations that it does not tell, though the contract has them.
    """

    entity: Entity
    notes: tuple[str, ...] = ()
    has_schema: bool = True
    untold: frozenset[str] = frozenset()

    @property
    def untold_targets(self) -> frozenset[str]:
        """The entities of those relations."""
        return frozenset(one.entity for one in self.entity.relations if one.name in self.untold)

    def without(self, absent: Collection[str]) -> "Described":
        """The same without relations that are not told, to entities that are not there."""
        kept = [one for one in self.entity.relations if one.name not in self.untold or one.entity not in absent]
        return replace(self, entity=replace(self.entity, relations=tuple(kept)))


def described(
    name: str,
    data: object,
    contract: Contract,
    *,
    answered: int | None = 200,
    shown: Sequence[Mapping[str, object]] = (),
) -> Described | None:
    """The entity from the `data` of its OPTIONS answer; None when that describes nothing and the contract neither.

    `answered` is its status, None where no answer came. `shown` are some of its records, where there are any.
    """
    declared = contract.entity(name)
    facts = data if isinstance(data, Mapping) else {}
    schema = facts.get("schema")
    if not isinstance(schema, Mapping) or not schema or len(schema) > MOST_FIELDS:
        if declared is None:
            return None
        why = {None: "gets no answer", 200: "describes no schema"}.get(answered, f"answers {answered}")
        if isinstance(schema, Mapping) and schema:
            why = f"describes {len(schema):,} fields, more than {MOST_FIELDS}"
        untold = frozenset(one.name for one in declared.relations)
        note = f"{name}: OPTIONS {why}, the contract's schema is used"
        return Described(declared, (note,), has_schema=False, untold=untold)
    fields = {
        str(key): _field(str(key), value, declared) for key, value in schema.items() if isinstance(value, Mapping)
    }
    notes = tuple(f"{name}.{key} {_why_not(schema[key])}" for key, value in fields.items() if value is None)
    known = (*(value for value in fields.values() if value is not None), *_untold(schema, shown))
    if name == "tasks" and declared is not None:
        told = facts.get("relations")
        others = {one.name for one in declared.relations} - {*(told if isinstance(told, Mapping) else ())}
        return Described(_with_what_it_requires(declared, known, schema), notes, untold=frozenset(others))
    steady = [key for key, value in schema.items() if not _may_be_unset(value)]
    found = _entity(name, facts, known, declared, frozenset(steady))
    needed = [key for key, value in fields.items() if value is None and _is_needed(schema[key])]
    if needed and "create" in found.operations:
        able = tuple(one for one in found.operations if one != "create")
        found = replace(found, operations=able, create_schema=None)
        notes = (*notes, f"{name}: no record is created, as no valid sample of {', '.join(needed)} is known")
    return Described(found, notes)


def _why_not(facts: Mapping[str, Any]) -> str:
    """Why a field is not sampled (O8)."""
    if facts.get("writeOnly") is True:
        return "is told to be writeOnly, and is not sampled"
    return f"is of the type {facts.get('type')!r}, which is not sampled"


def _may_be_unset(facts: object) -> bool:
    """Whether a field is told to be read-only alone: a record may hold nothing there (R11)."""
    return isinstance(facts, Mapping) and facts.get("readOnly") is True and facts.get("generated") is not True


def _is_needed(facts: Mapping[str, Any]) -> bool:
    return facts.get("required") is True and not is_generated(facts)


def _untold(schema: Mapping[Any, object], shown: Sequence[Mapping[str, object]]) -> tuple[Field, ...]:
    """The fields that records have and this schema does not tell (R11): those which show, where any record does.

    Where none does, times are presumed, unless the schema tells one that the server sets: it tells all then (O7). What
    it tells in another spelling (`_id`) is told.
    """
    told = [one for name in GENERATED if name != "id" and isinstance(one := schema.get(name), Mapping)]
    presumed = not shown and not any(is_generated(one) for one in told)
    names = [name for name in GENERATED if name == "id" or presumed or any(name in one for one in shown)]
    names = [name for name in names if not any(is_spelled(own, name) for own in schema)]
    return tuple(Field(name, GENERATED[name], generated=True) for name in names if name not in schema)


def departure(found: Entity, declared: Entity) -> str | None:
    """How the fields of an entity depart from the contract's, so that its schemas cannot judge it (O7); None if not."""
    own, known = ({field.name: field for field in entity.fields} for entity in (found, declared))
    for name in [*sorted(known.keys() - own.keys()), *sorted(own.keys() - known.keys())]:
        return f"its own OPTIONS describes other fields than the contract: {name}"
    facts = ("type", "values", "max_length", *(("required",) if "create" in declared.operations else ()))
    for name, field in known.items():
        if any(getattr(own[name], fact) != getattr(field, fact) for fact in facts):
            return f"its own OPTIONS describes the field {name} otherwise than the contract"
    return None


def _with_what_it_requires(tasks: Entity, known: tuple[Field, ...], schema: Mapping[Any, object]) -> Entity:
    """Tasks with the reference's fields, and those of the deployment's own that a body has to name.

    Of a field of the reference the bounds, the pattern and the format are the deployment's, which may tell more of
    them (O4.tells-more): samples keep to what it tells. A pattern that cannot be read here is kept as it stands: there
    is a rule, and no sample is known by it.
    """
    told = {field.name: _with_its_pattern(field, schema.get(field.name)) for field in known}
    own = tuple(field for field in known if tasks.field(field.name) is None and field.required and not field.generated)
    return replace(tasks, fields=(*(_bounded(field, told.get(field.name, field)) for field in tasks.fields), *own))


def _bounded(field: Field, told: Field) -> Field:
    if told.type != field.type:
        return field
    return replace(
        field,
        min_length=told.min_length,
        minimum=told.minimum,
        maximum=told.maximum,
        format=told.format or field.format,
        pattern=told.pattern or field.pattern,
    )


def _with_its_pattern(field: Field, facts: object) -> Field:
    pattern = facts.get("pattern") if isinstance(facts, Mapping) else None
    is_unread = field.type in {"string", "text"} and isinstance(pattern, str) and pattern and parsed(pattern) is None
    return replace(field, pattern=str(pattern)) if is_unread else field


def _entity(
    name: str, facts: Mapping[str, Any], fields: tuple[Field, ...], declared: Entity | None, told: Collection[str]
) -> Entity:
    """The entity; of the fields that are `told`, but for read-only ones, it says which every record has (O7)."""
    names = {field.name for field in fields}
    methods = facts.get("methods")
    stated = methods if isinstance(methods, list) else []
    operations = tuple(action for method, actions in _ACTIONS.items() if method in stated for action in actions)
    relations = _relations(facts.get("relations"))
    if declared is not None:
        return replace(
            declared,
            id_prefix=declared.id_prefix if names == {field.name for field in declared.fields} else "",
            fields=fields,
            relations=relations,
            searchable=tuple(field for field in declared.searchable if field in names),
            sortable=tuple(field for field in declared.sortable if field in names),
            operations=operations or declared.operations,
            always=tuple(field for field in declared.always if field in {"id", *told}),
            create_schema=declared.create_schema if "create" in operations else None,
            update_schema=declared.update_schema if "update" in operations else None,
        )
    return Entity(
        name=name,
        title=name.removesuffix("s").replace("_", " ").replace("-", " ").capitalize(),
        id_prefix="",
        fields=fields,
        relations=relations,
        searchable=(),
        sortable=tuple(field.name for field in fields if field.type != "text"),
        operations=operations or get_args(Action),
        always=tuple(
            one.name
            for one in fields
            if one.name in {"id", *told} and (one.generated or one.required or one.default is not None)
        ),
        record_schema=GENERIC_RECORD,
    )


def _field(name: str, facts: Mapping[str, Any], declared: Entity | None) -> Field | None:
    """The field, None when it is of a type that the contract does not know, or no answer ever shows it."""
    type_ = facts.get("type")
    if not isinstance(type_, str) or type_ not in _TYPES or facts.get("writeOnly") is True:
        return None
    values = facts.get("values")
    required, generated = facts.get("required") is True, is_generated(facts)
    told = facts.get("default")
    default = cast("Scalar", told) if isinstance(told, str | int | float | bool) and _can_be_sent(told) else None
    own = Field(
        name=name,
        type=cast("FieldType", type_),
        required=required,
        generated=generated,
        nullable=not required and not generated and default is None,
        default=default,
        values=tuple(str(value) for value in values) if isinstance(values, list) else (),
        min_length=_integer(facts.get("minLength")),
        max_length=_length(facts.get("maxLength")),
        minimum=_number(facts.get("minimum")),
        maximum=_number(facts.get("maximum")),
        format=told_format if (told_format := facts.get("format")) in SAMPLED_FORMATS else None,
        pattern=_pattern(facts.get("pattern")),
    )
    same = None if declared is None else declared.field(name)
    if same is None or same.type != own.type:
        return own
    return replace(
        own,
        nullable=same.nullable if generated else own.nullable,
        min_length=same.min_length if own.min_length is None else own.min_length,
        minimum=same.minimum if own.minimum is None else own.minimum,
        maximum=same.maximum if own.maximum is None else own.maximum,
        format=same.format if own.format is None else own.format,
        pattern=same.pattern if own.pattern is None else own.pattern,
    )


def is_spelled(own: object, name: str) -> bool:
    """Whether a deployment means this member by a name that differs in its spelling alone: `created_at`, `_id`."""
    return isinstance(own, str) and _SIGNS.sub("", own.lower()) == name.lower()


def is_generated(facts: Mapping[str, Any]) -> bool:
    """Whether a field is told to be set by the deployment alone: JSON Schema calls it `readOnly` (O4.tells-more)."""
    return facts.get("generated") is True or facts.get("readOnly") is True


def _relations(stated: object) -> tuple[Relation, ...]:
    """The relations that are described whole."""
    found: list[Relation] = []
    for name, facts in stated.items() if isinstance(stated, Mapping) else ():
        match facts:
            case {"type": ("belongsTo" | "hasMany") as type_, "entity": str(entity), "foreignKey": str(key)}:
                found.append(Relation(str(name), type_, entity, key))
            case _:
                pass
    return tuple(found)


def _integer(value: object) -> int | None:
    """A bound that is told as a whole number, be it 12.0; None for what is none, as one beyond all floats."""
    if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
        return None
    return int(value) if value >= 0 else None


def _length(value: object) -> int | None:
    """The longest text that is told; a longer one than any request would carry says nothing."""
    most = _integer(value)
    return None if most is None or most > LONGEST_TEXT else most


def _pattern(value: object) -> str | None:
    """A regular expression that can be read here; one of another dialect says nothing."""
    return value if isinstance(value, str) and value and parsed(value) is not None else None


def _number(value: object) -> float | None:
    """A bound that a value can have; None for what is none, as a number beyond all floats."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return cast("float", value) if is_number and _can_be_sent(value) else None


def _can_be_sent(value: object) -> bool:
    """Whether it is no number beyond all floats."""
    return not isinstance(value, float) or math.isfinite(value)
