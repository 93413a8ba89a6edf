"""Rules that OPTIONS does not tell, such as a checked phone number, found by a CREATE of each entity (O4.untold-rules).

A sample that a deployment refuses by the name of a field is replaced by one in another form. So is one of a field of
the reference's own entity whose pattern is told, and is none of which a text can be made. Where none is taken, an
optional field is left out; a required one puts the entity's writes out of scope. Nobody is accused of such a rule.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from entity_contract import Contract, Entity, Field, Scalar

from entity_conformance.deployment.account import unmistakable
from entity_conformance.deployment.api import Api, Reply, RunContext
from entity_conformance.deployment.context import together
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import given, sample

_FORMS = ("phone", "digits", "uuid", "uri", "email")
_ATTEMPTS = 24
_UNTOLD = ("string", "text", "integer", "number", "boolean", "date", "datetime", "enum")


async def sampled(context: RunContext) -> tuple[RunContext, tuple[str, ...]]:
    """The context with entities whose samples the deployment takes, and what is to be said of those it did not take.

    The user's own samples (`--sample`) stand in for invented values that are refused, or that nobody can invent.
    """
    notes: list[str] = []
    context = replace(context, entities=tuple(_without_lost(context.contract, one) for one in context.entities))
    for _, alike in groupby(sorted(context.entities, key=_names_parents), key=_names_parents):
        given_ones = {entity: tuple(field for field in entity.fields if field.samples) for entity in alike}
        tried = [
            entity
            for entity, own in given_ones.items()
            if "create" in entity.operations and (own or _free(context.contract, entity) or sample.unfit(entity))
        ]
        trials = [partial(_Trial(Api(context, "preparation"), given_ones[one]).of, one) for one in tried]
        found = dict(zip(tried, await together(context.concurrency, trials), strict=True))
        context = replace(context, entities=tuple(found[one][0] if one in found else one for one in context.entities))
        notes += [said for _, told in found.values() for said in told]
    return context, tuple(notes)


def _without_lost(contract: Contract, entity: Entity) -> Entity:
    """The entity without samples of foreign keys whose relation it does not have, to what is not there: nobody is."""
    declared = contract.entity(entity.name)
    lost = sample.foreign_keys(declared) - sample.foreign_keys(entity) if declared is not None else frozenset[str]()
    for field in (one for one in entity.fields if one.name in lost and not one.required and not one.samples):
        entity = _with(entity, replace(field, pattern=sample.NEVER))
    return entity


def _names_parents(entity: Entity) -> int:
    """Parents come before what cannot be without them, since their records are made of what was found."""
    return sum(field.required for field in entity.fields if field.name in sample.foreign_keys(entity))


class _Trial:
    """CREATEs of one entity, until a body is taken; `given_ones` are the fields with samples of the user's."""

    def __init__(self, api: Api, given_ones: Sequence[Field]) -> None:
        self._api = api
        self._given = {field.name: field for field in given_ones}
        self._times = Counter[str]()
        self._in_use: set[str] = set()
        self._notes: list[str] = []
        self._unread: frozenset[str] = frozenset()

    async def of(self, entity: Entity) -> tuple[Entity, tuple[str, ...]]:
        """The entity with samples that are taken, and the notes."""
        found, index, is_taken = _readable(entity), 0, False
        self._unread = frozenset(one.name for one, own in zip(found.fields, entity.fields, strict=True) if one != own)
        for field in self._given.values():
            plain = _with(found, replace(field, samples=()))
            if any(one.name == field.name for one in sample.writable(plain)):
                found = plain
            else:
                self._in_use.add(field.name)
        try:
            for attempt in range(_ATTEMPTS + sum(len(field.samples) for field in self._given.values())):
                body, reply = await self._api.answered(partial(self._create, found, f"untold {attempt}", index))
                is_taken = reply.is_granted
                if is_taken:
                    await self._share(entity, given.Creation({**body}, reply))
                if is_taken and index < max((len(_samples(found, name)) for name in self._in_use), default=0):
                    index += 1  # the first of them comes again: a value that must be unique is refused then
                    continue
                named = self._refused(found, reply, body)
                if not named:
                    break
                for field in named:
                    found = await self._learnt(found, field, reply, body)
        except (Violation, Blocked, OutOfProfile) as problem:
            return found, (*self._notes, *([str(problem)] if self._times or self._notes else []))
        spared = sorted(self._given.keys() - self._in_use) if is_taken else ()
        notes = [f"--sample {entity.name}.{name} is not used: what a run invents is taken too" for name in spared]
        if self._times:
            notes.insert(0, _told(found, sorted(self._times)))
        return found, (*self._notes, *notes)

    async def _share(self, entity: Entity, creation: given.Creation) -> None:
        """Have the checks judge the creation that was taken, where they would ask for one like it."""

        async def made() -> given.Creation:
            return creation

        await self._api.once(("creation", entity.name), made)

    async def _create(self, entity: Entity, name: str, index: int) -> tuple[sample.Body, Reply]:
        keys = await given.first_parents(self._api, entity)
        body = sample.full(entity, self._api.run, group=self._api.fresh(name), index=index, keys=keys)
        return body, await self._api.create(entity, body)

    def _refused(self, entity: Entity, reply: Reply, body: sample.Body) -> tuple[Field, ...]:
        """The fields that were refused; where the refusal names none, all that the user gave samples for."""
        named = _refused(self._api, entity, reply, body, frozenset(self._given) | self._unread)
        is_silent = reply.status in {400, 409, 422} and not _named(entity, reply)
        unnamed = [field for field in entity.fields if field.name in self._given and field.pattern != sample.NEVER]
        return named or (tuple(unnamed) if is_silent else ())

    async def _learnt(self, entity: Entity, field: Field, reply: Reply, body: sample.Body) -> Entity:
        """The entity with what the refusal of a field teaches about it."""
        own, name = self._given.get(field.name), field.name
        if own is not None and name not in self._in_use:
            self._in_use.add(name)
            self._times[name] += 1
            return _with(entity, own)
        if field.type == "enum" and name in given.refused_values(entity, body, reply):
            await given.in_company(self._api, entity, name, body, sent=body)
        if field.samples and name in body:
            others = tuple(one for one in field.samples if one != body.get(name))
            never = replace(own or replace(field, samples=()), pattern=sample.NEVER)
            if own is not None:
                words = reply.details.get(name) or reply.text[:200]
                self._notes.append(f"the deployment refused --sample {entity.name}.{name}={body.get(name)}: {words}")
            return _with(entity, replace(field, samples=others) if others else never)
        changed = _other(entity, field, body) if name in body else None
        changed = changed or await _changed(self._api, entity, field, is_sent=name in body, times=self._times[name])
        self._times[name] += 1
        if _samples(changed, name):
            self._in_use.add(name)  # each of them is tried: older records may hold what is refused by now
        return changed


def _readable(entity: Entity) -> Entity:
    """The entity without patterns of which no text can be made: what fits them is learnt from refusals."""
    for field in entity.fields:
        if sample.form(field) == "pattern" and field.pattern != sample.NEVER and not sample.is_described(field):
            entity = _with(entity, replace(field, pattern=None))
    return entity


def _told(entity: Entity, names: Sequence[str]) -> str:
    """What became of the fields whose rules are not told."""
    left_out = [field.name for field in entity.fields if field.name in names and field.pattern == sample.NEVER]
    fitted = [name for name in names if name not in left_out]
    became = [f"samples of {', '.join(fitted)} were made to fit"] if fitted else []
    became += [f"no sample of {', '.join(left_out)} was taken: left out of bodies"] if left_out else []
    return f"{entity.name}: OPTIONS does not tell every rule of {', '.join(names)}; {'; '.join(became)}"


def _samples(entity: Entity, name: str) -> tuple[Scalar, ...]:
    field = entity.field(name)
    return () if field is None or field.pattern == sample.NEVER else field.samples


def _other(entity: Entity, field: Field, body: sample.Body) -> Entity | None:
    """The entity with the values that an enum or a boolean has besides the refused one; None for another type.

    That metadata lists a value which is not taken, `metadata.enum-values-are-taken` says.
    """
    values: dict[str, tuple[Scalar, ...]] = {"enum": field.values, "boolean": (False, True)}
    others = tuple(one for one in values.get(field.type, ()) if one != body[field.name])
    return _with(entity, replace(field, samples=others)) if others else None


async def _changed(api: Api, entity: Entity, field: Field, *, is_sent: bool, times: int) -> Entity:
    """The entity with what the refusal of a field teaches about it, that many times."""
    if not is_sent:
        return _with(entity, replace(field, required=True))
    declared = api.contract.entity(entity.name)
    names = {one.foreign_key: one for one in (declared.relations if declared else ()) if one.type == "belongsTo"}
    if field.name in names and field.name not in sample.foreign_keys(entity):
        return replace(entity, relations=(*entity.relations, replace(names[field.name], told=False)))
    forms = _FORMS if field.type in ("string", "text") else ()
    if times < len(forms):
        return _with(entity, replace(field, format=forms[times]))
    known = await _shown(api, entity, field) if times == len(forms) else ()
    return _with(entity, replace(field, samples=known) if known else replace(field, samples=(), pattern=sample.NEVER))


async def _shown(api: Api, entity: Entity, field: Field) -> tuple[Scalar, ...]:
    """Values that records hold which were there before: what they were taken for may be taken again.

    The oldest of a hundred come first: the newest may be those of another run. What a run invented is left out: by such
    a text this one would take the other's record for its own, and delete it.
    """
    records = reversed((await api.list(entity, limit=100)).records)
    marked = sample.mark(api.run)
    values = [
        record.get(field.name) for record in records if not unmistakable({field.name: record.get(field.name)}, marked)
    ]
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str | int | float)))[: sample.VARIANTS]


def _free(contract: Contract, entity: Entity) -> frozenset[str]:
    """The fields that may keep rules that are not told: not those of tasks that the reference describes."""
    declared = contract.entity(entity.name) if entity.name == sample.REFERENCES_OWN else None
    fields = (field for field in sample.writable(entity) if field.type in _UNTOLD)
    return frozenset(field.name for field in fields if declared is None or declared.field(field.name) is None)


def _refused(api: Api, entity: Entity, reply: Reply, body: sample.Body, known: frozenset[str]) -> tuple[Field, ...]:
    """The fields that were refused by a rule that is not told; none where anything else is to be said.

    `known` are the names of others that may be refused: for the user's own samples, and by what cannot be read.
    """
    if reply.status not in {400, 409, 422}:
        return ()
    fields = _named(entity, reply)
    untold = {field.name for field in fields if field.name not in body} | _free(api.contract, entity) | known
    untold -= {field.name for field in fields if field.type == "boolean" and field.samples}  # it takes neither
    return fields if {field.name for field in fields} <= untold else ()


def _named(entity: Entity, reply: Reply) -> tuple[Field, ...]:
    named = [entity.field(re.split(r"[.\[]", name, maxsplit=1)[0]) for name in reply.details]
    return tuple(field for field in named if field is not None)


def _with(entity: Entity, changed: Field) -> Entity:
    return replace(entity, fields=tuple(changed if one.name == changed.name else one for one in entity.fields))
