"""Which entities of a deployment can be compared: those that it describes as records which the machine can write."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.discovery import LONGEST_TEXT
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.problems import Blocked, Violation
from entity_conformance.deployment.reaching import Reached
from entity_conformance.oracle.records import Record
from entity_conformance.suite import sample
from entity_contract import Action, Contract, Entity, Field, Scalar

from entity_tests.model.drawing import text_field

NEEDED: tuple[Action, ...] = ("list", "create", "read", "update", "delete")
_FORMS = frozenset({"pattern", "uri", "url", "uuid"})
_TIMES = frozenset({"createdAt", "updatedAt"})
DIRECTORY = 3
"""Users of the deployment that records may refer to."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The entities to compare, without relations to others; the users that records may refer to; what is left out."""

    entities: tuple[Entity, ...]
    directory: tuple[Record, ...]
    notes: tuple[str, ...]


async def discover(api: Api, reached: Reached) -> Scope:
    """The scope of a run, of the entities that were found. Raises Blocked where there is nothing to compare."""
    found = [_formed(one, api.run) for one in reached.context.entities]
    entities, left_out = comparable(api.contract, found, len(mark(api.run)) + 1)
    if not any(entity.owned for entity in entities):
        others = [f"the records of {entity.name} are nobody's own" for entity in entities]
        own = "; ".join((*left_out, *others)) or "none of this run takes writes"
        raise Blocked(f"no entity at {api.base} can be compared: {own}"[:600])
    return Scope(entities, await _directory(api, entities), (*reached.notes, *left_out))


def comparable(contract: Contract, found: Sequence[Entity], room: int) -> tuple[tuple[Entity, ...], list[str]]:
    """The entities that can be compared, without relations to others, and why the others cannot.

    `room` is the length of the text by which a record is known as the run's.
    """
    notes: dict[str, str] = {}
    for entity in found:
        lacking = [action for action in NEEDED if action not in entity.operations]
        declared = contract.entity(entity.name)
        if lacking and (declared is None or declared.owned):
            is_made = "create" in entity.operations  # else OPTIONS names no POST, or no sample of a field is known
            notes[entity.name] = f"it lacks {', '.join(lacking)}" if is_made else "this run creates no record of it"
        elif entity.owned and text_field(entity, room) is None:
            notes[entity.name] = "its records hold no text by which they could be found again"
        elif entity.owned and (untold := sorted(_TIMES - _told(entity, declared))):
            notes[entity.name] = f"its records have no {' and no '.join(untold)}"
        elif any(one.type == "enum" and not one.values for one in entity.fields):
            notes[entity.name] = "it does not tell the values of an enum"
        elif refused := [one.name for one in entity.fields if one.pattern == sample.NEVER]:
            notes[entity.name] = f"no sample of {', '.join(refused)} is taken"
        elif long := [one.name for one in entity.fields if (one.min_length or 0) > LONGEST_TEXT]:
            notes[entity.name] = f"no text as long as {', '.join(long)} must be is written"
    names = {entity.name for entity in found} - set(notes)
    while short := {one.name: _parents(one) - names for one in found if one.name in names and _parents(one) - names}:
        notes |= {name: f"its records need {', '.join(sorted(lacking))}" for name, lacking in short.items()}
        names -= set(short)
    held = {(one.name, field.name) for one in found for field in one.fields if field.name not in one.computed}
    kept = tuple(_within(entity, names, contract.entity(entity.name), held) for entity in found if entity.name in names)
    return kept, [f"{name} is not compared: {reason}" for name, reason in notes.items()]


def _told(entity: Entity, declared: Entity | None) -> set[str]:
    """The fields that records have beyond doubt: of an entity that the contract does not know, those of its OPTIONS."""
    return {*(entity.always if declared is None else (one.name for one in entity.fields))}


def _formed(entity: Entity, run: str) -> Entity:
    """The entity with samples for texts of a form that the deployment tells."""

    def samples(field: Field) -> tuple[Scalar, ...]:
        drawn = (sample.value(field, run, group="model", index=index) for index in range(sample.VARIANTS))
        return tuple(dict.fromkeys(drawn))

    return replace(
        entity,
        fields=tuple(
            replace(one, samples=samples(one))
            if one.type in ("string", "text") and sample.form(one) in _FORMS and sample.is_described(one)
            else one
            for one in entity.fields
        ),
    )


def _parents(entity: Entity) -> set[str]:
    """The entities that a new record must refer to."""
    required = {field.name for field in entity.fields if field.required}
    return {one.entity for one in entity.relations if one.type == "belongsTo" and one.foreign_key in required}


def _has_other_texts(entity: Entity, declared: Entity | None) -> bool:
    """Whether it has texts that the contract does not know, of which nobody knows whether a search looks there."""
    texts = {field.name for field in entity.fields if field.type in ("string", "text")}
    return declared is None or not texts <= {field.name for field in declared.fields}


def _within(entity: Entity, names: set[str], declared: Entity | None, held: set[tuple[str, str]]) -> Entity:
    """The entity without its relations to others, and without writing the fields that refer to their records.

    What the deployment computes by rules of its own is compared with nothing, as a member that is no field; a relation
    by a foreign key that no record holds as a field (`held`, by entity and name) neither.
    """
    out = {one.foreign_key for one in entity.relations if one.type == "belongsTo" and one.entity not in names}
    lost = sample.foreign_keys(declared) - sample.foreign_keys(entity) if declared is not None else frozenset[str]()
    out |= {one.name for one in entity.fields if one.name in lost and not one.required}  # which name nobody alone
    return replace(
        entity,
        relations=tuple(
            one
            for one in entity.relations
            if one.entity in names and (one.entity if one.type == "hasMany" else entity.name, one.foreign_key) in held
        ),
        fields=tuple(
            replace(field, generated=True) if field.name in out else field
            for field in entity.fields
            if field.name not in entity.computed
        ),
        searchable=() if _has_other_texts(entity, declared) else entity.searchable,
        sortable=tuple(name for name in entity.sortable if name not in entity.computed),
        always=tuple(name for name in entity.always if name not in entity.computed),
    )


async def _directory(api: Api, entities: Sequence[Entity]) -> tuple[Record, ...]:
    users = next((entity for entity in entities if not entity.owned), None)
    if users is None:
        return ()
    try:
        listed = (await api.list(users, limit=DIRECTORY, credential=api.context.wallet.main)).records
        # other members may move by themselves; the id is one, whatever OPTIONS tells of fields
        names = dict.fromkeys(("id", *(field.name for field in users.fields)))
        return tuple({name: one.get(name) for name in names} for one in listed if isinstance(one.get("id"), str))
    except Violation:
        return ()
