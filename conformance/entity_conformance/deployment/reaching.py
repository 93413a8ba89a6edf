"""What every run does first: find the API, admit the credentials, and learn which entities there are.

Nothing is changed on the deployment, but that a session makes an API key where none was given.
"""

import difflib
import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import get_args
from urllib.parse import parse_qsl, urlsplit

from entity_contract import Contract, Entity, Field, Scalar, Scope

from entity_conformance.deployment import target
from entity_conformance.deployment.account import KEYS
from entity_conformance.deployment.api import Api, RunContext
from entity_conformance.deployment.context import together
from entity_conformance.deployment.counted_pages import is_number, told_page
from entity_conformance.deployment.credentials import Secret, is_key
from entity_conformance.deployment.dialect import named
from entity_conformance.deployment.discovery import Described, described
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.ownership import below, records_in
from entity_conformance.deployment.patterns import matches
from entity_conformance.deployment.problems import NOT_THERE, Blocked, Refused, Violation
from entity_conformance.deployment.reply import Record, Reply, is_id
from entity_conformance.deployment.settings import Misuse, Sample, Settings

_LEFT_OUT = 405

FIRST = "tasks"
"""The entity that every deployment of the API has."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A deployment that answers: the context with its entities, and what about them could not be used.

    `undescribed` are the entities whose OPTIONS tells no schema, so that the contract's is used.
    """

    context: RunContext
    notes: tuple[str, ...]
    undescribed: tuple[Entity, ...]


async def reach(context: RunContext, settings: Settings) -> Reached:
    """Raises Refused when the deployment cannot be tested, Misuse when it lacks an entity that was named."""
    api = Api(context, "preparation")
    target.fill(api, settings.given)
    first = settings.entities[0] if settings.entities else FIRST
    await target.find(api, first, settings)
    await target.admit(api, first)
    await _make_api_key(api)
    asking = [partial(entity_of, Api(context, "preparation"), name, settings) for name in _names(api, settings)]
    found = [one for one in await together(context.concurrency, asking) if one is not None]
    if not found:
        names = ", ".join(_names(api, settings))
        raise Refused(f"{api.base} has no entity that could be tested of {names}{meant(api, settings.entities)}")
    absent = {*_names(api, settings)} - {one.entity.name for one in found}
    lacks = [name for name in _names(api, settings) if name in absent]
    absent |= await _also_absent(
        api, {target for one in found for target in one.untold_targets} - {*_names(api, settings)}
    )
    found = sorted((one.without(absent) for one in found), key=_place)
    with_samples = _with_samples(found, settings.samples)
    found = found if context.is_read_only else with_samples
    entities = tuple(named(one.entity) for one in found)
    await _learn_pages(api, [first, *(one.name for one in entities if one.name != first)])
    learn(context, entities)
    return Reached(
        replace(context, entities=entities),
        (
            *([f"{NOT_THERE}{', '.join(lacks)} (LIST answers 404)"] if lacks else []),
            *(note for one in found for note in one.notes),
        ),
        tuple(one.entity for one in found if not one.has_schema),
    )


def meant(api: Api, names: Sequence[str]) -> str:
    """What to say of entities that are not there to somebody who may have meant others."""
    near = dict.fromkeys(filter(None, (_nearest(name, api.contract) for name in names)))
    return f"; did you mean {', '.join(near)}?" if near else ""


def _nearest(name: str, contract: Contract) -> str | None:
    """The entity of the contract that is spelled most like a name that none of them has."""
    known = [one.name for one in contract.entities]
    return None if name in known else next(iter(difflib.get_close_matches(name.lower(), known, n=1)), None)


def _place(one: Described) -> tuple[bool, bool]:
    """Tasks come first, behind nothing that can be listed: the first entity is what is asked where any would do."""
    return "list" not in one.entity.operations, one.entity.name != FIRST


def learn(context: RunContext, entities: Sequence[Entity]) -> None:
    """Learn from the lists that came what the deployment writes another way, and read them again as they are meant."""
    for entity in entities:
        for reply in context.replies:
            if (reply.method, below(reply.url, context.base), reply.status) == ("GET", (entity.name,), 200):
                context.dialect.learn(entity, reply)
    if not context.dialect.departures and not context.dialect.holders and context.dialect.from_zero is None:
        return
    for number, reply in enumerate(context.replies):
        name = next(iter(below(reply.url, context.base)), "")
        read = context.dialect.read(name, reply)
        if read is not reply:
            context.replies[number] = read
            context.asked[:] = [replace(one, reply=read) if one.reply is reply else one for one in context.asked]
            context.owned.saw(name, records_in(read))


async def _learn_pages(api: Api, names: Sequence[str]) -> None:
    """Learn whether pages are counted from 0: a list says so, and its page 0 holds the same records.

    Where no list tells the number of its page, its page 1 holds others then.
    """
    context = api.context
    lists = [
        one
        for name in names
        for one in context.replies
        if (one.method, one.status, below(one.url, context.base)) == ("GET", 200, (name,)) and "page=" not in one.url
    ]
    untold = [one for one in lists if not is_number(told_page(one))]
    shown = next((one for one in lists if told_page(one) == 0), None)
    if shown is None and len(untold) == len(lists):
        shown = next((one for one in lists if _ids(one)), None)
    if shown is None:
        return
    with suppress(Violation, Blocked):
        again = await _page(api, shown, 0)
        if told_page(again) not in {0, told_page(shown)} or _ids(again) != _ids(shown):
            return
        if told_page(shown) == 0 or not {*map(str, _ids(await _page(api, shown, 1)))} & {*map(str, _ids(shown))}:
            context.dialect.from_zero = shown.exchange


async def _page(api: Api, shown: Reply, number: int) -> Reply:
    """A page of a list that was shown. Raises Blocked where it is refused."""
    query = parse_qsl(urlsplit(shown.url).query)
    (name,) = below(shown.url, api.context.base)
    reply = await api.list(name, params=[*query, ("page", number)], credential=api.context.wallet.main)
    if reply.status != 200:
        raise Blocked(f"page {number} of {name} is refused")
    return reply


def _ids(reply: Reply) -> list[object]:
    return [one["id"] for one in records_in(reply)]


async def _make_api_key(api: Api) -> None:
    """An API key with all scopes, where a session was given and no such key; without one the session does all."""
    wallet = api.context.wallet
    if api.context.is_read_only or wallet.main != "session":
        return
    with suppress(Violation, Blocked):
        reply = await api.answered(
            lambda: api.make_key({"name": f"{mark(api.run)} {api.fresh('api_key')}", "scopes": [*get_args(Scope)]})
        )
        if is_key(reply.record.get("key")):
            api.context.owned.keeps(KEYS, reply.id)
            wallet.put("api_key", Secret(reply.record["key"]))


def no_such_entity(name: str, contract: Contract) -> Misuse:
    """What is said of an entity that was named and is not there, whoever does not have it."""
    if any(one.name == name for one in contract.entities):
        return Misuse(f"--entity {name}: the deployment has no such entity: LIST answers 404", hint="leave it out")
    near = _nearest(name, contract)
    return Misuse(
        f"--entity {name}: there is no such entity",
        hint=f"did you mean {near}?" if near else "correct it, or leave it out",
    )


def _with_samples(found: list[Described], samples: Sequence[Sample]) -> list[Described]:
    """The entities with the values that the user gave for their fields. Raises Misuse for what they do not have."""
    entities = {one.entity.name: one.entity for one in found}
    for given in samples:
        entity = entities.get(given.entity)
        field = None if entity is None else entity.field(given.field)
        if entity is None or field is None:
            names = [f"{one.name}.{other.name}" for one in entities.values() for other in one.fields]
            near = difflib.get_close_matches(f"{given.entity}.{given.field}", names, n=1, cutoff=0.0)
            hint = f"the nearest is {near[0]}"
            raise Misuse(f"--sample {given.entity}.{given.field}: the deployment has no such field", hint=hint)
        _allow(entity, field, given)
        changed = replace(field, samples=(*field.samples, _typed(field, given)))
        fields = tuple(changed if one.name == field.name else one for one in entity.fields)
        entities[entity.name] = replace(entity, fields=fields)
    return [replace(one, entity=entities[one.entity.name]) for one in found]


def _allow(entity: Entity, field: Field, given: Sample) -> None:
    """Raises Misuse where no request of a run could carry the sample."""
    reason = None
    if not {"create", "update"} & set(entity.operations):
        reason = f"{entity.name} takes no writes"
    elif field.generated:
        reason = "the server sets it, and no body may name it"
    elif any(one.type == "belongsTo" and one.foreign_key == field.name for one in entity.relations):
        reason = "it names another record, which a run makes or finds itself"
    if reason is not None:
        raise Misuse(f"--sample {given.entity}.{given.field}: {reason}", hint="leave the sample out")


def _typed(field: Field, given: Sample) -> Scalar:
    """The value as the field's type has it. Raises Misuse, also for one that OPTIONS does not allow."""
    value: Scalar = given.value
    if field.type in {"integer", "number", "boolean"}:
        try:
            value = json.loads(given.value)
        except ValueError:
            value = None
        types: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float), "boolean": (bool,)}
        if type(value) not in types[field.type]:
            what = f"--sample {given.entity}.{given.field}: {given.value!r} is no {field.type}"
            raise Misuse(what, hint=f"give a value of the type {field.type}")
    if (breach := _breach(field, value)) is not None:
        what = f"--sample {given.entity}.{given.field}={given.value}: {breach}"
        raise Misuse(what, hint="give a value that the deployment takes")
    return value


def _breach(field: Field, value: Scalar) -> str | None:
    """What the deployment's own description says against a value."""
    if field.values and value not in field.values:
        return f"none of {', '.join(field.values)}"
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    length = len(value) if isinstance(value, str) else None
    of_text = (length, field.min_length, field.max_length, " characters")
    bounds = ((number, field.minimum, field.maximum, ""), of_text)
    for size, least, most, counted in bounds:
        if size is not None and least is not None and size < least:
            return f"less than {least:g}{counted}"
        if size is not None and most is not None and size > most:
            return f"more than {most:g}{counted}"
    if isinstance(value, str) and field.pattern is not None and matches(field.pattern, value) is False:
        return f"it does not match {field.pattern}"
    return None


def _names(api: Api, settings: Settings) -> tuple[str, ...]:
    return settings.entities or tuple(entity.name for entity in api.contract.entities)


async def _also_absent(api: Api, names: Collection[str]) -> set[str]:
    """Which of the entities that nobody asked to test are not there: LIST answers 404."""
    absent = set()
    for name in sorted(names):
        with suppress(Violation, Blocked):
            listed = await api.list(name, limit=1, credential=api.context.wallet.main)
            absent |= {name} if listed.status == 404 else set()
    return absent


async def entity_of(api: Api, name: str, settings: Settings) -> Described | None:
    """An entity as the deployment describes it; None where LIST answers 404, whatever OPTIONS says.

    Raises Misuse when it was named.
    """
    credential, data, answered = api.context.wallet.main, None, None
    shown: Sequence[Record] = ()
    is_listed = True
    with suppress(Violation, Blocked):
        listed = api.answered_before("GET", f"/{name}?limit={target.LONGEST_PAGE}", credential=credential)
        listed = listed or await api.list(name, limit=target.LONGEST_PAGE, credential=credential)
        if listed.status == 404 and name != FIRST:
            if settings.entities:
                raise no_such_entity(name, api.contract)
            return None
        shown, is_listed = listed.shown, listed.status != _LEFT_OUT
    with suppress(Violation, Blocked):  # a check will say why; the contract's description serves meanwhile
        reply = await api.metadata(name, credential=credential)
        answered = reply.status
        data = reply.data
    api.context.dialect.describes(name, data)
    found = described(name, data, api.contract, answered=answered, shown=shown)
    if found is None or name == FIRST:
        return found
    return await _without_what_is_left_out(api, found, shown, is_listed)


async def _without_what_is_left_out(
    api: Api,
    found: Described,
    shown: Sequence[Record],
    is_listed: bool,  # noqa: FBT001 - what LIST said
) -> Described:
    """The entity without LIST or READ where that answers 405 (R19.left-out): `GET` in `methods` may be either.

    READ is tried where the entity lacks other operations too, or is of the deployment's own, at a record or at an id
    that nobody has.
    """
    entity, left_out = found.entity, set() if is_listed else {"list"}
    declared = api.contract.entity(entity.name)
    able = set(entity.operations)
    is_usual = declared is not None and (able >= {"create", "update", "delete"} or able == {*declared.operations})
    if "read" in entity.operations and (not is_listed or not is_usual):
        id_ = next((one["id"] for one in shown if is_id(one.get("id"))), None)
        with suppress(Violation, Blocked):
            read = await api.read(entity, id_ or api.invented("nobody"), credential=api.context.wallet.main)
            left_out |= {"read"} if read.status == _LEFT_OUT else set()
    if not left_out:
        return found
    kept = tuple(one for one in entity.operations if one not in left_out)
    note = f"{entity.name}: {' and '.join(one.upper() for one in sorted(left_out))} answers 405, and is left out"
    return replace(found, entity=replace(entity, operations=kept), notes=(*found.notes, note))
