"""Rules that OPTIONS does not tell, such as a checked phone number, found by a CREATE of each entity (O4.untold-rules).

A sample that a deployment refuses by the name of a field is replaced by one in another form. Where none is taken, an
optional field is left out; a required one puts the entity's writes out of scope. Nobody is accused of such a rule.
"""

import re
from collections import Counter
from dataclasses import replace

from entity_contract import Contract, Entity, Field, Scalar

from entity_conformance.deployment.api import Api, Reply, RunContext
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import given, sample

REFERENCES_OWN = "tasks"
"""The entity whose fields the reference describes: of those it tells every rule."""

_FORMS = ("phone", "digits", "uuid", "uri", "email")
_ATTEMPTS = 12
_UNTOLD = ("string", "text", "integer", "number", "date", "datetime")


async def sampled(context: RunContext) -> tuple[RunContext, tuple[str, ...]]:
    """The context with entities whose samples the deployment takes, and what is to be said of those it did not take."""
    notes: list[str] = []
    for entity in sorted(context.entities, key=_names_parents):
        if "create" in entity.operations and _free(context.contract, entity):
            found, note = await _tried(Api(context, "preparation"), entity)
            context = replace(context, entities=tuple(found if one is entity else one for one in context.entities))
            notes += [note] if note else []
    return context, tuple(notes)


def _names_parents(entity: Entity) -> int:
    """Parents come before what cannot be without them, since their records are made of what was found."""
    return sum(field.required for field in entity.fields if field.name in sample.foreign_keys(entity))


async def _tried(api: Api, entity: Entity) -> tuple[Entity, str]:
    found, refused = entity, Counter[str]()
    try:
        for attempt in range(_ATTEMPTS):
            body = sample.full(found, api.run, group=f"untold {attempt}", keys=await given.parents(api, found))
            if not (named := _refused(api, found, await api.create(found, body), body)):
                break
            for field in named:
                found = await _changed(api, found, field, is_sent=field.name in body, times=refused[field.name])
                refused[field.name] += 1
    except (Violation, Blocked, OutOfProfile) as problem:
        return found, str(problem) if refused else ""
    rules = "keeps rules that OPTIONS does not tell; samples were made to fit"
    return found, f"{entity.name}: {', '.join(sorted(refused))} {rules}" if refused else ""


async def _changed(api: Api, entity: Entity, field: Field, *, is_sent: bool, times: int) -> Entity:
    """The entity with what the refusal of a field teaches about it, that many times."""
    if not is_sent:
        return _with(entity, replace(field, required=True))
    declared = api.contract.entity(entity.name)
    names = {one.foreign_key: one for one in (declared.relations if declared else ()) if one.type == "belongsTo"}
    if field.name in names and field.name not in sample.foreign_keys(entity):
        return replace(entity, relations=(*entity.relations, names[field.name]))
    forms = _FORMS if field.type in ("string", "text") else ()
    if times < len(forms):
        return _with(entity, replace(field, format=forms[times]))
    known = await _shown(api, entity, field) if times == len(forms) else ()
    return _with(entity, replace(field, samples=known) if known else replace(field, samples=(), pattern=sample.NEVER))


async def _shown(api: Api, entity: Entity, field: Field) -> tuple[Scalar, ...]:
    """Values that records hold which were there before: what they were taken for may be taken again."""
    values = [record.get(field.name) for record in (await api.list(entity, limit=20)).records]
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str | int | float)))[: sample.VARIANTS]


def _free(contract: Contract, entity: Entity) -> frozenset[str]:
    """The fields that may keep rules that are not told: not those of tasks that the reference describes."""
    declared = contract.entity(entity.name) if entity.name == REFERENCES_OWN else None
    fields = (field for field in sample.writable(entity) if field.type in _UNTOLD)
    return frozenset(field.name for field in fields if declared is None or declared.field(field.name) is None)


def _refused(api: Api, entity: Entity, reply: Reply, body: sample.Body) -> tuple[Field, ...]:
    """The fields that were refused by a rule that is not told; none where anything else is to be said."""
    if reply.status not in {400, 409, 422}:
        return ()
    named = [entity.field(re.split(r"[.\[]", name, maxsplit=1)[0]) for name in reply.details]
    fields = tuple(field for field in named if field is not None)
    untold = {field.name for field in fields if field.name not in body} | _free(api.contract, entity)
    return fields if {field.name for field in fields} <= untold else ()


def _with(entity: Entity, changed: Field) -> Entity:
    return replace(entity, fields=tuple(changed if one.name == changed.name else one for one in entity.fields))
