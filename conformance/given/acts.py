"""Acts that several checks judge from different sides: performed once, and judged by the checks, never here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from conformance import expect, sample
from conformance.api import Api, Credential, Record, Reply
from conformance.given.groups import parents, record, step
from conformance.verdict import Blocked, Violation
from contract import Entity

_NOBODY = "conformance-unknown"


@dataclass(frozen=True, slots=True)
class Creation:
    """A CREATE and its answer."""

    body: dict[str, object]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Change:
    """A record, what an UPDATE was to change, and its answer."""

    before: Record
    body: dict[str, object]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that was there, and the answer to its DELETE."""

    record: Record
    reply: Reply


async def creation(api: Api, entity: Entity) -> Creation:
    """A CREATE that names every field but the foreign keys that it need not."""
    return await api.shared.once(("creation", entity.name), lambda: _creation(api, entity))


async def sparse(api: Api, entity: Entity) -> Creation:
    """A CREATE that names the required fields only."""
    return await api.shared.once(("sparse", entity.name), lambda: _sparse(api, entity))


async def change(api: Api, entity: Entity) -> Change:
    """An UPDATE of one field, when time enough has passed for `updatedAt` to move."""
    return await api.shared.once(("change", entity.name), lambda: _change(api, entity))


async def removal(api: Api, entity: Entity) -> Removal:
    """A DELETE of a record."""
    return await api.shared.once(("removal", entity.name), lambda: _removal(api, entity))


async def description(api: Api, entity: Entity) -> Reply:
    """What OPTIONS says about an entity to a key with all scopes."""
    return await api.shared.once(("description", entity.name), lambda: api.metadata(entity))


async def refusals(api: Api, entity: Entity) -> Sequence[Reply]:
    """Four requests that are refused for four reasons."""
    return await api.shared.once("refusals", lambda: _refusals(api, entity))


async def read_again(api: Api, entity: Entity, created: Reply) -> Reply:
    """READ of the record that a creation made; where it made none, the answer to the creation itself."""
    try:
        return await api.read(entity, created.id)
    except Violation:
        return created


async def every_operation(api: Api, entity: Entity | str, *, credential: Credential = "key") -> Sequence[Reply]:
    """Every operation of an entity once, on no record and without a body that could be accepted."""
    operations = entity.operations if isinstance(entity, Entity) else ()
    acts = {
        "list": lambda: api.list(entity, credential=credential),
        "create": lambda: api.create(entity, {}, credential=credential),
        "read": lambda: api.read(entity, _NOBODY, credential=credential),
        "update": lambda: api.update(entity, _NOBODY, {}, credential=credential),
        "delete": lambda: api.delete(entity, _NOBODY, credential=credential),
        "metadata": lambda: api.metadata(entity, credential=credential),
    }
    return [await acts[name]() for name in operations or acts]


def errors_seen(api: Api) -> Sequence[Reply]:
    """Every error in the envelope that this run has had so far."""
    return [reply for reply in api.seen if reply.status >= 400 and _is_enveloped(reply)]


def statuses(api: Api, code: object, *, otherwise: int) -> Collection[int]:
    """The statuses that may go with a code: the reference's, and any for a code of the deployment's own."""
    return {api.contract.errors.codes.get(str(code), otherwise)}


def different(api: Api, entity: Entity, known: Record) -> dict[str, object]:
    """A body that changes one field of a record to another valid value."""
    field = next(iter(sample.changeable(entity)), None)
    if field is None:
        raise Blocked(f"{entity.name} has no field that an update could change")
    return {field.name: sample.other_value(field, api.run, known.get(field.name))}


def title(entity: Entity) -> str:
    """The text field that tells the samples of an entity apart."""
    field = sample.title_field(entity)
    if field is None:
        raise Blocked(f"{entity.name} has no free text")
    return field.name


def _is_enveloped(reply: Reply) -> bool:
    try:
        return isinstance(reply.body.get("code"), str)
    except Violation:
        return False


async def _creation(api: Api, entity: Entity) -> Creation:
    body = sample.full(entity, api.run, group=f"{entity.name} creation", index=1, keys=await parents(api, entity))
    return Creation({**body}, await api.create(entity, body))


async def _sparse(api: Api, entity: Entity) -> Creation:
    body = sample.minimal(entity, api.run, group=f"{entity.name} sparse", index=2, keys=await parents(api, entity))
    return Creation({**body}, await api.create(entity, body))


async def _change(api: Api, entity: Entity) -> Change:
    before = await record(api, entity)
    await api.sleep(_unit(before).total_seconds() * 2)
    body = different(api, entity, before)
    return Change(before, body, await api.update(entity, before["id"], body))


def _unit(known: Record) -> timedelta:
    """The unit of the times that the deployment prints; a second where it prints none, which another check judges."""
    try:
        return step(known, "updatedAt")
    except Violation:
        return timedelta(seconds=1)


async def _removal(api: Api, entity: Entity) -> Removal:
    own = await record(api, entity)
    return Removal(own, await api.delete(entity, own["id"]))


async def _refusals(api: Api, entity: Entity) -> Sequence[Reply]:
    replies = (
        await api.list(entity, sort="conformanceUnknown"),
        await api.list(entity, limit="none"),
        await api.list(entity, credential="none"),
        await api.list(_NOBODY),
    )
    for reply in replies:
        expect.status(reply, 400, 401, 404)
    return replies
