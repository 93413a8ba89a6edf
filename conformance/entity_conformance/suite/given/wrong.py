"""Bodies in which every field is wrong, and the answer that tells of each field: one request proves many refusals.

`details` names every bad field (R1), so that one answer tells of all of them. A field that it does not name is sent
again alone in a body that is right but for it: only that answer says whether its value is taken.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from entity_contract import Entity, FieldType

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.problems import Blocked, NotApplicable, OutOfProfile, Violation
from entity_conformance.suite import expect, sample
from entity_conformance.suite.given.acts import by_own_key
from entity_conformance.suite.given.conflicts import CONFLICT, demand_no_rule, no_change_taken
from entity_conformance.suite.given.created import made, refusal
from entity_conformance.suite.given.descriptions import metadata
from entity_conformance.suite.given.families import nobodys_ids
from entity_conformance.suite.given.fields import different, title
from entity_conformance.suite.given.groups import body, creation, filter_json
from entity_conformance.suite.given.lacking import lacking
from entity_conformance.suite.given.rows import demand_there, kept, target_read
from entity_conformance.suite.sample import Kind, Vices

Operation = Literal["create", "update"]
Body = dict[str, object]

_KINDS = get_args(Kind)
_ALONE = 3
"""Fields of one body that are sent again alone where they were not named: nobody has to name them in vain for each."""

_MEANWHILE = 0.2
"""Seconds in which another UPDATE that is under way comes to its end."""

_MEDDLING = frozenset[Kind]({"unknown", "generated"})
"""What a body must not name at all: whether it is taken, a body that is right but for these members tells."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was wrong with each field of a body, the answer to it, and by field the answer that tells of it."""

    vices: Vices
    shared: Reply
    replies: Mapping[str, Reply]

    @property
    def named(self) -> tuple[str, ...]:
        """The fields that `details` must name (R1): those that an answer names, be it to them alone."""
        must = [name for name, vice in self.vices.items() if vice.kind in {"missing", "enum", "length"}]
        return tuple(name for name in must if name in self.replies and name in expect.named(self.replies[name]))


@dataclass(frozen=True, slots=True)
class Told:
    """One wrong value, and the answer that tells of it."""

    field: str
    vice: sample.Vice
    reply: Reply


async def wrong_creations(api: Api, entity: Entity) -> tuple[Wrong, ...]:
    """CREATEs whose every field is wrong, in one way after another; types by turns, so that few bodies show many."""
    return await api.once(("wrong creations", entity.name), lambda: _creations(api, entity))


async def wrong_updates(api: Api, entity: Entity) -> tuple[Wrong, ...]:
    """UPDATEs of a record that is not to change, in the same way."""
    return await api.once(("wrong updates", entity.name), lambda: _updates(api, entity))


async def told(api: Api, entity: Entity, operation: Operation, *kinds: Kind) -> tuple[Told, ...]:
    """What was answered to the wrong values of these kinds. Raises OutOfProfile where no field can have such a one."""
    wrong = await (wrong_creations if operation == "create" else wrong_updates)(api, entity)
    found = tuple(
        Told(name, one.vices[name], reply)
        for one in wrong
        for name, reply in one.replies.items()
        if one.vices[name].kind in kinds and not _is_written_so(api, entity, name, one.vices[name])
    )
    if not found:
        raise lacking(entity, "no field whose value can be wrong in that way")
    return found


def _is_written_so(api: Api, entity: Entity, name: str, vice: sample.Vice) -> bool:
    """Whether a value of another type is how the deployment itself writes the field, which is told by itself."""
    return vice.kind == "type" and api.context.dialect.is_written(entity, name, vice.value)


async def to_be_named(api: Api, entity: Entity, operation: Operation) -> tuple[tuple[str, ...], Reply]:
    """The fields that a refusal must name, all of them (R1), and the refusal.

    Of other entities than the reference's own, a rule that is not told may have refused the body before its fields were
    looked at (O4.untold-rules). What it does not name is sent again then, without what it names and what has a form.
    """
    one = (await (wrong_creations if operation == "create" else wrong_updates)(api, entity))[0]
    left = [name for name in one.named if name not in expect.named(one.shared)]
    if not left or entity.name == sample.REFERENCES_OWN:
        return one.named, refusal(one.shared)
    free = {field.name for field in sample.free_texts(entity)} | {*sample.enums(entity)}
    again = {name: one.vices[name] for name in left if name in free}
    if len(again) < 2:  # one alone is named, as was seen
        return (), refusal(one.shared)
    key = ("to be named", entity.name, operation)
    return tuple(again), refusal(await api.once(key, partial(_sent, api, entity, operation, again)))


async def _sent(api: Api, entity: Entity, operation: Operation, vices: Vices) -> Reply:
    if operation == "create":
        return await _create(api, entity, vices)
    return await _update(api, entity, await _own(api, entity), vices)


async def beyond_told_bounds(api: Api, entity: Entity, operation: Operation) -> tuple[Told, ...]:
    """As `told`, of the bounds that the entity's own OPTIONS tells: others may be the contract's alone."""
    schema = expect.mapping((await metadata(api, entity)).record.get("schema"), at="data.schema")
    found = tuple(one for one in await told(api, entity, operation, "bounds") if _is_told(one, schema.get(one.field)))
    if not found:
        raise NotApplicable(f"OPTIONS of {entity.name} tells no bound that a value can break")
    return found


async def refused_nulls(api: Api, entity: Entity) -> tuple[Told, ...]:
    """Nulls that an UPDATE was refused for by name, of fields that may be null, as OPTIONS tells in so many words.

    They are fields with a default, or required ones: of what may be empty besides, the state of a record may tell more.
    """
    found: tuple[Told, ...] = ()
    with suppress(Violation, Blocked, OutOfProfile):
        found = await told(api, entity, "update", "null")
    schema = (await _described(api, entity)).items()
    nullable = {name for name, facts in schema if isinstance(facts, Mapping) and facts.get("nullable") is True}
    refused = (one for one in found if one.reply.status in {400, 422} and one.field in expect.named(one.reply))
    return tuple(one for one in refused if one.field in nullable)


async def _described(api: Api, entity: Entity) -> Mapping[str, object]:
    """What OPTIONS tells of each field; nothing where it tells no schema, which is judged by itself (O7)."""
    with suppress(Violation, Blocked, OutOfProfile):
        return expect.mapping((await metadata(api, entity)).record.get("schema"), at="data.schema")
    return {}


async def meddled(api: Api, entity: Entity, operation: Operation) -> Mapping[str, Reply]:
    """What was answered to each member that a body must not have: one that is no field, and the generated ones."""
    return await api.once(("meddled", entity.name, operation), lambda: _meddled(api, entity, operation))


async def of_nobody(api: Api, entity: Entity, operation: Operation) -> tuple[Told, ...]:
    """What was answered to foreign keys that name nobody, as `told`."""
    return await api.once(("of nobody", entity.name, operation), lambda: _of_nobody(api, entity, operation))


async def created_with(api: Api, entity: Entity, body: Body) -> Reply:
    """CREATE by a key that only writes."""
    return await by_own_key(api, "write", lambda name: api.create(entity, body, credential=name))


async def posted(api: Api, entity: Entity, content: str | bytes, *, media_type: str = "application/json") -> Reply:
    """POST of a body as it stands."""
    headers = {"Content-Type": media_type}
    return await by_own_key(
        api,
        "write",
        lambda name: api.request("POST", f"/{entity.name}", content=content, headers=headers, credential=name),
    )


async def without_a_number(api: Api, entity: Entity) -> Reply:
    """POST of a body that is right, but that a number in it is written NaN, which is no JSON."""
    of, name = next(_numbers(api, "number", "integer"), (entity, title(entity)))
    return await _literally(api, of, {name: "NaN"})


async def endless(api: Api, entity: Entity) -> tuple[Reply, ...]:
    """POST of a body with a number beyond all floats, of the first entity that has a field of bounded integers."""
    found = [(of, name) for of, name in _numbers(api, "integer")][:1]
    return tuple([await _literally(api, of, {name: sample.ENDLESS}) for of, name in found if of == entity])


async def _literally(api: Api, entity: Entity, literals: Mapping[str, str]) -> Reply:
    """POST of a body that is right, but that these fields are written as they stand here."""
    written = {**{name: filter_json(value) for name, value in (await body(api, entity)).items()}, **literals}
    members = ", ".join(f"{filter_json(name)}: {literal}" for name, literal in written.items())
    return await posted(api, entity, f"{{{members}}}")


def _numbers(api: Api, *types: FieldType) -> Iterator[tuple[Entity, str]]:
    """Fields of the first of these types that tell a maximum: no number without an end may be taken there."""
    makeable = [one for one in api.entities if "create" in one.operations]
    for type_ in types:
        for one in makeable:
            fields = (field for field in sample.writable(one) if field.type == type_ and not field.samples)
            yield from ((one, field.name) for field in fields if field.maximum is not None)


async def patched_as(api: Api, entity: Entity, media_type: str) -> Reply:
    """PATCH of that record by a right body that is said to be of another media type."""
    change = different(api, entity, await _own(api, entity))
    return await patched(api, entity, content=filter_json(change), media_type=media_type)


async def patched(
    api: Api, entity: Entity, body: object = ..., *, content: str = "", media_type: str = "application/json"
) -> Reply:
    """PATCH of a record that is not to change by it."""
    known = await _own(api, entity)
    path, headers = f"/{entity.name}/{known['id']}", {"Content-Type": media_type}
    if body is ...:
        reply = await _alone(
            api, lambda name: api.request("PATCH", path, content=content, headers=headers, credential=name)
        )
    else:
        reply = await _alone(api, lambda name: api.update(entity, known["id"], body, credential=name))
    return await _answered(api, entity, known, reply)


async def _alone(api: Api, update: Callable[[CredentialName], Awaitable[Reply]]) -> Reply:
    """The answer to an UPDATE, which is sent once more where it met another one: some refuse the later of two so."""
    reply = await by_own_key(api, "write", update)
    if reply.status == CONFLICT:
        await api.sleep(_MEANWHILE)
        reply = await by_own_key(api, "write", update)
    return reply


async def _answered(api: Api, entity: Entity, known: Record, reply: Reply) -> Reply:
    """The answer to an UPDATE. Raises Blocked where there is no such record since another one has deleted it.

    Raises OutOfProfile where the record takes no change at all, Blocked where the reference says that it takes one.
    """
    if reply.status == 404:
        demand_there(api, entity, known)
        there = ("is still there", entity.name, known["id"])
        if (await api.once(there, partial(api.read, entity, known["id"]))).status == 404:
            raise Blocked("the record that is not to change is not found any more, though nothing deleted it")
    if reply.status == CONFLICT:
        key = ("takes changes", entity.name)
        if not await api.once(key, partial(_takes_changes, api, entity, known)):
            raise no_change_taken(entity.name)
    return reply


def _is_told(of: Told, facts: object) -> bool:
    told = facts if isinstance(facts, Mapping) else {}
    match of.vice.value:
        case int():
            return told.get("maximum" if of.vice.value > 0 else "minimum") is not None
        case _:
            return told.get("type") in {"date", "datetime"} or told.get("format") is not None


async def _creations(api: Api, entity: Entity) -> tuple[Wrong, ...]:
    *sets, last = sample.of_creation(entity, api.contract.entity(entity.name))
    bodies = [*filter(None, sets), {**last, **sample.meddling(entity, api.run)}]
    return tuple([await _wrong(api, vices, partial(_create, api, entity)) for vices in bodies])


async def _updates(api: Api, entity: Entity) -> tuple[Wrong, ...]:
    known = await _own(api, entity)
    *sets, last = sample.of_update(entity, api.contract.entity(entity.name))
    bodies = [*filter(None, sets), {**last, **sample.meddling(entity, api.run)}]
    return tuple([await _wrong(api, vices, partial(_update, api, entity, known)) for vices in bodies])


async def _meddled(api: Api, entity: Entity, operation: Operation) -> Mapping[str, Reply]:
    """The last of the wrong bodies has those members too; what it was not refused for by name stands in a right one."""
    vices, told = sample.meddling(entity, api.run), dict[str, Reply]()
    with suppress(Violation, Blocked, OutOfProfile):
        before = (await (wrong_creations if operation == "create" else wrong_updates)(api, entity))[-1]
        told = {name: before.replies[name] for name in vices if name in before.replies}
    send = partial(_sent, api, entity, operation)
    left = {name: vice for name, vice in vices.items() if name not in told}
    return {**told, **await _each(api, left, send)}


async def _of_nobody(api: Api, entity: Entity, operation: Operation) -> tuple[Told, ...]:
    vices = {name: sample.Vice("nobody", id_) for name, id_ in (await nobodys_ids(api, entity)).items()}

    async def update(some: Vices) -> Reply:
        return await patched(api, entity, _values(some))

    replies = await _each(api, vices, update if operation == "update" else partial(_create, api, entity))
    return tuple(Told(name, vices[name], reply) for name, reply in replies.items())


async def _each(api: Api, vices: Vices, send: Callable[[Vices], Awaitable[Reply]]) -> Mapping[str, Reply]:
    """The answers that tell of each: to all at once where that takes them or names it, else to a body of its own."""
    if not vices:
        return {}
    shared = await api.answered(partial(send, vices))
    if shared.is_granted or len(vices) == 1:
        return dict.fromkeys(vices, shared)
    named = expect.named(shared)
    return {
        name: shared if name in named else await api.answered(partial(send, {name: vice}))
        for name, vice in vices.items()
    }


async def _create(api: Api, entity: Entity, vices: Vices) -> Reply:
    is_lacking = len(vices) > 1 and any(vice.kind == "missing" for vice in vices.values())
    left_out = sample.foreign_keys(entity) if is_lacking else frozenset[str]()
    right: Body = {name: one for name, one in (await body(api, entity)).items() if name not in {*vices, *left_out}}
    sent = {**right, **_values(vices)}
    reply = await by_own_key(api, "write", lambda name: api.create(entity, sent, credential=name))
    demand_no_rule(reply)
    return reply


async def _takes_changes(api: Api, entity: Entity, known: Record) -> bool:
    """Whether a record takes an UPDATE at all, be it one that changes nothing: some states take none."""
    same = {field.name: known[field.name] for field in sample.writable(entity) if known.get(field.name) is not None}
    reply = await _alone(api, lambda name: api.update(entity, known["id"], same, credential=name))
    return reply.status != CONFLICT


async def _update(api: Api, entity: Entity, known: Record, vices: Vices) -> Reply:
    """UPDATE with these. Where the record is taken away meanwhile, it is sent to the one that takes its place."""
    known = await kept(api, entity, known)
    try:
        return await _updated(api, entity, known, vices)
    except Blocked:
        if (other := await kept(api, entity, known)) is known:
            raise
        return await _updated(api, entity, other, vices)


async def _updated(api: Api, entity: Entity, known: Record, vices: Vices) -> Reply:
    spared = [field for field in sample.writable(entity) if field.name not in vices and field.type != "enum"]
    right: Body = {field.name: sample.other_value(field, api.run, known.get(field.name)) for field in spared[:1]}
    if all(vice.kind in _MEDDLING for vice in vices.values()):  # which may be ignored: others need the record as it is
        right = {name: value if known.get(name) is None else known[name] for name, value in right.items()}
    sent = {**right, **_values(vices)}
    reply = await _alone(api, lambda name: api.update(entity, known["id"], sent, credential=name))
    if reply.status == CONFLICT and right:  # of what is right too a value may be taken
        wrong = _values(vices)
        reply = await by_own_key(api, "write", lambda name: api.update(entity, known["id"], wrong, credential=name))
    return await _answered(api, entity, known, reply)


async def _own(api: Api, entity: Entity) -> Record:
    """The record that was created first, for what is to be refused, as READ shows it, or another in its place."""
    if "read" in entity.operations:
        with suppress(Violation, Blocked, OutOfProfile):
            await target_read(api, entity)
    return await kept(api, entity, made(api, (await creation(api, entity)).reply))


def _values(vices: Vices) -> Body:
    return {name: vice.value for name, vice in vices.items() if vice.kind != "missing"}


async def _wrong(api: Api, vices: Vices, send: Callable[[Vices], Awaitable[Reply]]) -> Wrong:
    shared = await api.answered(partial(send, vices))
    named = expect.named(shared) if shared.status in {400, 422} else frozenset[str]()
    kinds = {vice.kind for vice in vices.values()}
    if shared.status == 422 and len(kinds) > 1:  # which may be the answer to a wrong type, and is to none besides
        named = frozenset(name for name in named & vices.keys() if vices[name].kind == "type")
    replies = {name: shared for name in vices if name in named}
    left = [name for name in vices if name not in named and vices[name].kind not in _MEDDLING]
    first = {vices[name].kind: name for name in reversed(left)}
    left.sort(key=lambda name: (first[vices[name].kind] != name, _KINDS.index(vices[name].kind)))  # one of each kind
    for name in left[:_ALONE]:
        replies[name] = shared if len(vices) == 1 else await api.answered(partial(send, {name: vices[name]}))
    return Wrong(vices, shared, replies)
