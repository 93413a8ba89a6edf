"""Bodies in which every field is wrong, and the answer that tells of each field: one request proves many refusals.

`details` names every bad field (R1), so that one answer tells of all of them. A field that it does not name is sent
again alone in a body that is right but for it: only that answer says whether its value is taken.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal

from entity_contract import Entity

from entity_conformance.deployment.account import unmistakable
from entity_conformance.deployment.api import Api, Credential, Record, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import expect, sample
from entity_conformance.suite.given.acts import description
from entity_conformance.suite.given.groups import body, own
from entity_conformance.suite.sample import Kind, Vices

Operation = Literal["create", "update"]
Body = dict[str, object]

_ALONE = 3
"""Fields of one body that are sent again alone where they were not named: nobody has to name them in vain for each."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What was wrong with each field of a body, the answer to it, and by field the answer that tells of it.

    `right` are the fields that were right, `taken` those of bodies that were not refused.
    """

    vices: Vices
    shared: Reply
    replies: Mapping[str, Reply]
    right: Body
    taken: frozenset[str]

    @property
    def named(self) -> tuple[str, ...]:
        """The fields that `details` must name (R1), where a body that is wrong by them alone names them."""
        must = [name for name, vice in self.vices.items() if vice.kind in {"missing", "enum", "length"}]
        return tuple(name for name in must if name not in self.replies or name in expect.named(self.replies[name]))


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


async def nulls(api: Api, entity: Entity) -> tuple[Told, ...]:
    """What was answered to null in every field of a record that must hold something."""
    return await api.once(("nulls", entity.name), lambda: _nulls(api, entity))


async def told(api: Api, entity: Entity, operation: Operation, *kinds: Kind) -> tuple[Told, ...]:
    """What was answered to the wrong values of these kinds. Raises OutOfProfile where no field can have such a one."""
    wrong = await (wrong_creations if operation == "create" else wrong_updates)(api, entity)
    found = tuple(
        Told(name, one.vices[name], reply)
        for one in wrong
        for name, reply in one.replies.items()
        if one.vices[name].kind in kinds
    )
    if not found:
        raise OutOfProfile(f"{entity.name} has no field whose value can be wrong in that way")
    return found


async def beyond_told_bounds(api: Api, entity: Entity, operation: Operation) -> tuple[Told, ...]:
    """As `told`, of the bounds that the entity's own OPTIONS tells: others may be the contract's alone."""
    schema = expect.mapping((await description(api, entity)).record.get("schema"), at="data.schema")
    found = tuple(one for one in await told(api, entity, operation, "bounds") if _is_told(one, schema.get(one.field)))
    if not found:
        raise OutOfProfile(f"OPTIONS of {entity.name} tells no bound that a value can break")
    return found


async def after_refusals(api: Api, entity: Entity) -> Reply:
    """The newest records when bodies of both kinds were refused: what they left behind, or changed, shows there."""
    return await api.once(("after refusals", entity.name), lambda: _after_refusals(api, entity))


async def left_behind(api: Api, entity: Entity) -> tuple[Record, ...]:
    """The records of that list that hold a text of a body that was refused."""
    refused = [one for one in await wrong_creations(api, entity) if one.shared.status >= 400]
    texts = {text for one in refused for text in unmistakable(one.right, sample.mark(api.run))}
    texts -= {text for field in entity.fields for text in field.samples if isinstance(text, str)}
    return tuple(
        record
        for record in (await after_refusals(api, entity)).records
        if any(isinstance(value, str) and value in texts for value in record.values())
    )


async def as_it_stands(api: Api, entity: Entity, known: Record) -> Record:
    """What the record that was not to change holds in the fields of its body, when UPDATEs were refused.

    As the list of the newest shows it, and as READ does where that shows anything else than was known. Raises Blocked
    where UPDATEs that ought to be refused may have changed all of it.
    """
    taken = {name for one in await wrong_updates(api, entity) for name in one.taken}
    names = [field.name for field in sample.writable(entity) if field.name in known and field.name not in taken]
    if not names:
        raise Blocked("PATCH was not refused where it ought to be")
    wanted = {name: known[name] for name in names}
    for shown in (await after_refusals(api, entity)).records:
        with suppress(Violation):
            if shown.get("id") == known["id"]:
                expect.holds(shown, wanted, entity)
                return wanted
    read = (await api.read(entity, known["id"])).record
    return {name: read.get(name) for name in wanted}


async def newest(api: Api, entity: Entity, *, credential: Credential = "api_key") -> Reply:
    """The newest hundred records. Raises Blocked where no list tells them."""
    reply = await api.list(entity, credential=credential, sort="createdAt", order="desc", limit=100)
    try:
        expect.status(reply, 200)
        expect.ids(reply.records)
    except Violation as violation:
        raise Blocked(f"no list tells the newest records: {violation.message}") from violation
    return reply


async def _after_refusals(api: Api, entity: Entity) -> Reply:
    await wrong_creations(api, entity)
    if "update" in entity.operations:
        await wrong_updates(api, entity)
    return await newest(api, entity)


def _is_told(of: Told, facts: object) -> bool:
    told = facts if isinstance(facts, Mapping) else {}
    match of.vice.value:
        case int():
            return ("maximum" if of.vice.value > 0 else "minimum") in told
        case _:
            return told.get("type") in {"date", "datetime"} or "format" in told


async def _creations(api: Api, entity: Entity) -> tuple[Wrong, ...]:
    async def send(vices: Vices) -> tuple[Body, Reply]:
        right: Body = {name: value for name, value in (await body(api, entity)).items() if name not in vices}
        return right, await api.create(entity, {**right, **_values(vices)})

    return tuple([await _wrong(api, vices, send) for vices in sample.of_creation(entity) if vices])


async def _updates(api: Api, entity: Entity) -> tuple[Wrong, ...]:
    known = await own(api, entity)
    sets = sample.of_update(entity)
    return tuple([await _wrong(api, vices, partial(_update, api, entity, known)) for vices in sets if vices])


async def _nulls(api: Api, entity: Entity) -> tuple[Told, ...]:
    known, vices = await own(api, entity), sample.of_null(entity)
    await after_refusals(api, entity)  # a null may be taken, and changes the record then
    wrong = await _wrong(api, vices, partial(_update, api, entity, known))
    return tuple(Told(name, vices[name], reply) for name, reply in wrong.replies.items())


async def _update(api: Api, entity: Entity, known: Record, vices: Vices) -> tuple[Body, Reply]:
    spared = [field for field in sample.writable(entity) if field.name not in vices and field.type != "enum"]
    right: Body = {field.name: sample.other_value(field, api.run, known.get(field.name)) for field in spared[:1]}
    return right, await api.update(entity, known["id"], {**right, **_values(vices)})


def _values(vices: Vices) -> Body:
    return {name: vice.value for name, vice in vices.items() if vice.kind != "missing"}


async def _wrong(api: Api, vices: Vices, send: Callable[[Vices], Awaitable[tuple[Body, Reply]]]) -> Wrong:
    right, shared = await api.answered(partial(send, vices))
    named = expect.named(shared) if shared.status in {400, 422} else frozenset[str]()
    replies = {name: shared for name in vices if name in named}
    taken = {*right, *vices} if shared.status < 400 else set[str]()
    for name in [name for name in vices if name not in named][:_ALONE]:
        alone = (right, shared) if len(vices) == 1 else await api.answered(partial(send, {name: vices[name]}))
        replies[name] = alone[1]
        taken |= {name, *alone[0]} if alone[1].status < 400 else set()
    return Wrong(vices, shared, replies, right, frozenset(taken))
