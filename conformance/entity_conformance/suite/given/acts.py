"""Acts that several checks judge from different sides: performed once, and judged by the checks, never here.

It is long because it holds whatever act is too small for a module of its own.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import get_args

from entity_contract import Action, Entity, Scope

from entity_conformance.deployment.api import Api, Record, Reply, SetAside
from entity_conformance.deployment.credentials import BY_SCOPE, CredentialName
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.reply import is_id
from entity_conformance.deployment.sending import shown
from entity_conformance.deployment.target import LONGEST_PAGE
from entity_conformance.suite import expect, sample
from entity_conformance.suite.given.absent import absent_id
from entity_conformance.suite.given.conflicts import demand_no_rule
from entity_conformance.suite.given.created import made
from entity_conformance.suite.given.groups import creation, group, records
from entity_conformance.suite.given.narrowing import with_records

_NOBODY = "conformance-unknown"
_GRANTED, _ABSENT, _NO_METHOD = 200, 404, 405
_TURNED_AWAY = {401, 403}
_REFUSES_A_METHOD = frozenset({_NO_METHOD, 501})
_WRONG = {"conformanceUnknown": "x"}
_SCOPES: tuple[Scope, ...] = get_args(Scope)
_UNDER_WAY = 32
"""Requests that may be under way at once, each of which an answer may not know of."""


async def description(api: Api, entity: Entity) -> Reply:
    """What OPTIONS says about an entity to a key with all scopes."""
    return await api.once(("description", entity.name), lambda: api.description(entity))


async def metadata(api: Api, entity: Entity) -> Reply:
    """The description, where it is one. Raises Blocked where it tells no schema, which is judged by itself (O7)."""
    reply = await description(api, entity)
    if not any(isinstance(one.get("schema"), Mapping) for one in reply.listed):
        raise Blocked("OPTIONS describes no schema")
    return reply


async def descriptions(api: Api, entity: Entity) -> Mapping[Scope, tuple[Entity, Reply]]:
    """What OPTIONS says to a key with one scope, by that scope; without those that it is refused to for their scope.

    Each is asked about another entity, from this one on; in a thorough run, which asks about all, about this one.
    """
    replies = {scope: (_described_at(api, entity, scope), await _described_to(api, entity, scope)) for scope in _SCOPES}
    told = {scope: (of, reply) for scope, (of, reply) in replies.items() if reply.status != 403}
    if not told:
        raise Blocked("OPTIONS tells nothing to any key with one scope")
    return told


def _described_at(api: Api, entity: Entity, scope: Scope) -> Entity:
    """The entity whose description the key with that scope asks for."""
    able = [one for one in api.entities if {"metadata", "create"} <= set(one.operations)]
    if api.context.is_thorough or entity not in able:
        return entity
    return able[(able.index(entity) + _SCOPES.index(scope)) % len(able)]


async def described_without_scope(api: Api, entity: Entity) -> Sequence[Reply]:
    """What OPTIONS says to the keys that may write alone, and delete alone."""
    return [await _described_to(api, entity, scope) for scope in ("write", "delete")]


async def described_with_a_type(api: Api, entity: Entity) -> Reply:
    """What OPTIONS says to a request that has a Content-Type and no body."""
    return await api.once(("described with a type", entity.name), lambda: _described_with_a_type(api, entity))


async def _described_with_a_type(api: Api, entity: Entity) -> Reply:
    said = {"Content-Type": "application/json"}
    reply = await api.metadata(entity, headers=said, credential=reader(api))
    return await api.metadata(entity, headers=said) if reply.status in {401, 403} else reply


async def _described_to(api: Api, entity: Entity, scope: Scope) -> Reply:
    entity = _described_at(api, entity, scope)
    with_a_type = await described_with_a_type(api, entity) if scope == "read" else None
    if with_a_type is not None and (with_a_type.status, with_a_type.credential) == (_GRANTED, BY_SCOPE[scope]):
        return with_a_type
    ask = api.description if scope != "read" else api.metadata  # it was asked with a type before
    return await api.once(("described", entity.name, scope), lambda: ask(entity, credential=BY_SCOPE[scope]))


async def by_own_key(
    api: Api, scope: Scope, act: Callable[[CredentialName], Awaitable[Reply]], *, finds: bool = True
) -> Reply:
    """An act by the key of the run with that scope alone, which spares the API key.

    Where it is turned away, or does not find what it `finds`, the API key acts: others judge keys with one scope.
    """
    name = BY_SCOPE[scope]
    if api.has(name) and api.context.wallet.main == "api_key":
        reply = await act(name)
        if reply.status not in (_TURNED_AWAY | {_ABSENT} if finds else _TURNED_AWAY):
            return reply
    return await act("api_key")


async def page_behind(api: Api, entity: Entity, link: expect.Link) -> Reply:
    """The page that a link leads to, asked for as it stands; on another origin nothing is asked, but here the like."""
    return await (api.list(entity, params=link.query) if link.is_elsewhere else api.follow(link.url))


TIMES = ("createdAt", "updatedAt")


async def judged_elsewhere(api: Api, entity: Entity, members: Sequence[str] = TIMES) -> str:
    """The places in a record that other requirements judge: these members, and ids where CREATE answers no texts."""
    makeable = [one for one in (entity, *api.entities) if "create" in one.operations]
    names = [*members]
    with suppress(Violation, Blocked, OutOfProfile):
        reply = (await creation(api, makeable[0])).reply if makeable else None
        if reply is not None and not isinstance(reply.record.get("id"), str):
            names += ["id", *sample.foreign_keys(entity)]
    return rf"success|data(\.\d+)?\.({'|'.join(names)})"


def texts_as_ids(api: Api, entity: Entity) -> None:
    """Raises OutOfProfile where the deployment's ids are no texts, which another requirement judges."""
    if api.context.dialect.departs(entity, "id"):
        raise OutOfProfile(f"the ids of {entity.name} are no texts")


async def was_there(api: Api, collection: str, created: Reply) -> bool:
    """Whether a creation was answered with the id of what was there before, as READ or LIST shows it."""
    id_ = created.record.get("id")
    return is_id(id_) and await shown(api.context, collection, id_, check=api.check) == "another's"


def undescribed(api: Api, entity: Entity, known: Record, described: Mapping[str, object]) -> Mapping[str, object]:
    """The members of a record that are not described, each with a value that a body may try to set.

    It is valid where the contract declares a field of that name, so that only its not being a field can refuse it.
    """
    declared = api.contract.entity(entity.name)
    values: dict[str, object] = {}
    for name in known:
        if name not in described:
            field = None if declared is None else declared.field(name)
            value = None if field is None else sample.value(field, api.run, group="undescribed", index=0)
            values[name] = sample.mark(api.run) if value is None else value
    return values


def code(reply: Reply) -> str:
    """The code of a refusal. Raises Blocked where it has none, which another check judges."""
    if not expect.is_enveloped(reply):
        raise Blocked("the refusal has no code")
    return reply.code


def is_done(reply: Reply) -> bool:
    """Whether an act succeeded, however its answer says so."""
    return reply.is_granted


def documented(reply: Reply, status: int) -> None:
    """An answer by the status that is documented. Raises Blocked where it has another one, which others judge."""
    if reply.status != status:
        raise Blocked(f"{reply.method} was not answered by {status}, but by {reply.status}")


def done(reply: Reply) -> None:
    """An act that succeeded, however its answer says so. Raises Blocked where it did not.

    Raises OutOfProfile where what is there keeps a record from being made.
    """
    demand_no_rule(reply)
    if not is_done(reply):
        raise Blocked(f"{reply.method} did not succeed, but answered {reply.status}")


async def unauthenticated(api: Api) -> Reply:
    """The answer to a request without credentials: how this deployment turns strangers away."""
    return await api.once("unauthenticated", lambda: api.list(api.entities[0], limit=1, credential="none"))


def reader(api: Api) -> CredentialName:
    """Who reads where any key of the user will do: the one for reading, so that the API key has more left.

    Where that was turned away once, which others judge, it is the API key.
    """
    refused = any(one.credential == "read_key" and one.method == "GET" and one.status in {401, 403} for one in api.seen)
    return "read_key" if api.has("read_key") and not refused else "api_key"


def writer(api: Api) -> CredentialName:
    """Who creates and updates where any key of the user will do."""
    return "write_key" if api.has("write_key") else "api_key"


def remover(api: Api) -> CredentialName:
    """Who deletes where any key of the user will do."""
    return "delete_key" if api.has("delete_key") else "api_key"


async def first_list(api: Api, entity: Entity) -> Reply:
    """The first list of an entity that the API key was answered."""
    known = api.answered_before("GET", f"/{entity.name}?limit={LONGEST_PAGE}")
    return known or await api.list(entity, limit=1)


@dataclass(frozen=True, slots=True)
class Readable:
    """A record that can be read, and what of it nobody but the run changes."""

    record: Record
    lasting: Record

    def certain(self, entity: Entity) -> Sequence[str]:
        """The fields that READ must show: of a record of others those that nobody can empty, which may be left out."""
        is_own = self.lasting is self.record
        names = [field.name for field in entity.fields] if is_own else entity.always
        return [name for name in names if name in self.record]


async def readable(api: Api, entity: Entity) -> Readable:
    """A record to be read: one of the group's, or the first that a list shows where the run makes none.

    Raises OutOfProfile where there is none, Blocked where no list shows it.
    """
    with suppress(Blocked, OutOfProfile):
        own = (await group(api, entity)).records[0]
        return Readable(own, own)
    shown = [one for one in with_records(await first_list(api, entity)).records if is_id(one.get("id"))]
    if not shown:
        raise OutOfProfile(f"there are no {entity.name} to be read")
    lasting = {name: value for name, value in shown[0].items() if name in {"id", "createdAt"}}
    return Readable(shown[0], lasting)


async def read_again(api: Api, entity: Entity, created: Reply) -> Reply:
    """READ of the record that a creation made; where it made none, the answer to the creation itself."""
    try:
        return await api.read(entity, created.id)
    except Violation:
        return created


async def every_operation(api: Api) -> Mapping[Action, Reply]:
    """Every operation of an entity that is not there, once, each by a key with its scope alone where there is one."""
    return await api.once("every operation", lambda: _every_operation(api))


async def operations_of_nothing(api: Api) -> Sequence[Reply]:
    """LIST and READ of an entity that is not there, and what writes to it, where a key may write."""
    replies = await every_operation(api)
    writes = [replies[action] for action in ("create", "update", "delete")]
    return [replies["list"], replies["read"], *(one for one in writes if one.status not in _TURNED_AWAY)]


async def put(api: Api, entity: Entity) -> Reply:
    """A method that no path has: by a reader, at a record that is not there, where that is told of the method too.

    Otherwise on a record that was made for what is to be refused.
    """
    if api.has("read_key") and api.context.wallet.main == "api_key":
        reply = await put_by_a_reader(api, entity)
        if reply.status == _NO_METHOD:
            return reply
    return await api.once(("put", entity.name), lambda: _put(api, entity))


async def methods_aside(api: Api, entity: Entity, told: Collection[str]) -> frozenset[str]:
    """Methods that an entity may tell besides those that the run uses: HEAD, and what is not refused as such.

    PUT is asked of a record that is not there. Whether it should be there, `errors.unknown-method` judges. POST is left
    aside where a field that it needs cannot be sampled; no schema accepts what is sent.
    """
    paths = {"PUT": f"/{entity.name}/{await absent_id(api, entity)}"} if "PUT" in told else {}
    paths |= {"POST": f"/{entity.name}"} if "POST" in told and "create" not in entity.operations else {}
    found = {"HEAD"}
    for method, path in paths.items():
        ask = partial(api.request, method, path, json=_WRONG)
        reply = await api.once((f"has {method}", entity.name), ask)
        found |= set() if reply.status in _REFUSES_A_METHOD else {method}
    return frozenset(found)


async def refused_puts(api: Api, entity: Entity) -> tuple[Reply, Sequence[Reply]]:
    """A method that no path has, and the same by a key that only reads; without the latter where a path has it."""
    reply = await put(api, entity)
    is_refused = reply.status in {_ABSENT, *_REFUSES_A_METHOD}
    return reply, [await put_by_a_reader(api, entity)] if is_refused else []


async def put_by_a_reader(api: Api, entity: Entity) -> Reply:
    """That method by a key that only reads, at a record that is not there, with a body that no schema accepts."""
    return await api.once(("put by a reader", entity.name), lambda: _put_by_a_reader(api, entity))


async def update_of_nobody(api: Api, entity: Entity) -> Reply:
    """UPDATE of a record that is not there by the key that only writes, with a body that no schema accepts."""
    return await api.once(("update of nobody", entity.name), lambda: _update_of_nobody(api, entity))


def failures_seen(api: Api) -> Sequence[Reply]:
    """Every answer by which the server, or what stands in front of it, failed; a 503 says that it is not there."""
    return _shown(api, [reply for reply in api.seen if reply.status in {500, 502, 504}])


def unavailable_seen(api: Api) -> Sequence[Reply]:
    """Every 503, those included after which the request was sent once more."""
    aside = [one.reply for one in api.set_aside if one.reply.status == 503]
    return _shown(api, [*aside, *(reply for reply in api.seen if reply.status == 503)])


def early_refusals(api: Api) -> Sequence[Reply]:
    """Every 429 that came while requests were left, as it says itself, or as an answer before it said."""
    return _shown(api, [one.reply for one in api.set_aside if one.reply.status == 429 and _are_left(one)])


def _are_left(aside: SetAside) -> bool:
    told = aside.reply.headers.get("X-RateLimit-Remaining")
    return (aside.left or 0) >= _UNDER_WAY if told is None else told != "0"


def _shown(api: Api, replies: Sequence[Reply]) -> Sequence[Reply]:
    """The replies, which others asked for, as evidence of the check that judges them."""
    api.exchanges.extend(reply.exchange for reply in replies)
    return replies


def different(api: Api, entity: Entity, known: Record) -> dict[str, object]:
    """A body that changes one field of a record to another valid value."""
    for field in sample.changeable(entity):
        other = sample.other_value(field, api.run, known.get(field.name))
        if other is not None:
            return {field.name: other}
    if any(field.samples for field in sample.changeable(entity)):
        raise OutOfProfile(f"{entity.name} has no field with a second sample to change to (--sample gives more)")
    if not sample.changeable(entity):
        raise OutOfProfile(f"{entity.name} has no field that an update could change")
    raise Blocked(f"no field of {entity.name} takes another value")


def title(entity: Entity) -> str:
    """The text field that tells the samples of an entity apart. Raises OutOfProfile where it has none."""
    field = sample.title_field(entity)
    if field is None:
        given = [one.name for one in entity.fields if one.samples]
        why = f": {', '.join(given)} takes only samples that are given (--sample) or were seen" if given else ""
        raise OutOfProfile(f"{entity.name} has no free text{why}")
    return field.name


def shown_field(entity: Entity) -> str:
    """The title, or another field that every record shows, beside its id. Raises OutOfProfile where there is none."""
    field = sample.title_field(entity)
    names = [field.name] if field is not None else [name for name in entity.always if name not in {"id", *TIMES}]
    if not names:
        raise OutOfProfile(f"{entity.name} has no field that every record shows")
    return names[0]


def required_text(entity: Entity) -> str:
    """A text field that a record cannot be without. Raises OutOfProfile where there is none."""
    field = sample.required_text(entity)
    if field is None:
        raise OutOfProfile(f"{entity.name} has no required text")
    return field.name


async def _every_operation(api: Api) -> Mapping[Action, Reply]:
    id_, body = api.invented(_NOBODY), {"name": _NOBODY}
    acts: Mapping[Action, tuple[Scope, Callable[[CredentialName], Awaitable[Reply]]]] = {
        "list": ("read", lambda name: api.list(_NOBODY, credential=name)),
        "create": ("write", lambda name: api.create(_NOBODY, body, credential=name)),
        "read": ("read", lambda name: api.read(_NOBODY, id_, credential=name)),
        "update": ("write", lambda name: api.update(_NOBODY, id_, body, credential=name)),
        "delete": ("delete", lambda name: api.delete(_NOBODY, id_, credential=name)),
        "metadata": ("write", lambda name: api.metadata(_NOBODY, credential=name)),
    }
    return {action: await by_own_key(api, scope, act, finds=False) for action, (scope, act) in acts.items()}


async def refused_update(api: Api, entity: Entity) -> Reply:
    """An UPDATE of a record that is not there: with a body that no schema accepts, where that is refused for its id."""
    known, nobody = (await records(api, entity))[0], await absent_id(api, entity)
    if api.has("write_key") and api.context.wallet.main == "api_key":
        reply = await update_of_nobody(api, entity)
        if reply.status == _ABSENT:
            return reply
    changes = different(api, entity, known)
    return await by_own_key(
        api, "write", lambda name: api.update(entity, nobody, changes, credential=name), finds=False
    )


async def _put_by_a_reader(api: Api, entity: Entity) -> Reply:
    path = f"/{entity.name}/{await absent_id(api, entity)}"
    return await api.request("PUT", path, json=_WRONG, credential="read_key")


async def _update_of_nobody(api: Api, entity: Entity) -> Reply:
    return await api.update(entity, await absent_id(api, entity), _WRONG, credential="write_key")


async def _put(api: Api, entity: Entity) -> Reply:
    known = made(api, (await creation(api, entity)).reply)
    path = f"/{entity.name}/{known['id']}"
    return await by_own_key(api, "write", lambda name: api.request("PUT", path, json={}, credential=name))
