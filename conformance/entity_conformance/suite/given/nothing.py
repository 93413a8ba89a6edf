"""Requests at what is not there: an entity, a record, a method."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial

from entity_contract import Action, Entity, Scope

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite.given.absent import absent_id
from entity_conformance.suite.given.acts import by_own_key
from entity_conformance.suite.given.created import made
from entity_conformance.suite.given.fields import different
from entity_conformance.suite.given.groups import creation, records

_NOBODY = "conformance-unknown"
_ABSENT, _NO_METHOD = 404, 405
_REFUSES_A_METHOD = frozenset({_NO_METHOD, 501})
_TURNED_AWAY = {401, 403}
_WRONG = {"conformanceUnknown": "x"}


async def every_operation(api: Api) -> Mapping[Action, Reply]:
    """Every operation of an entity that is not there, once, each by a key with its scope alone where there is one."""
    return await api.once("every operation", lambda: _every_operation(api))


async def operations_of_nothing(api: Api) -> Sequence[Reply]:
    """LIST and READ of an entity that is not there, and what writes to it, where a key may write."""
    replies = await every_operation(api)
    writes = [replies[action] for action in ("create", "update", "delete")]
    return [replies["list"], replies["read"], *(one for one in writes if one.status not in _TURNED_AWAY)]


async def metadata_of_nothing(api: Api) -> Reply:
    """OPTIONS of an entity that is not there.

    Raises Blocked where the entities that are there are answered so too: a gateway answers, and knows none of them.
    """
    reply = (await every_operation(api))["metadata"]
    if _is_of_a_gateway(api, reply):
        raise Blocked(f"OPTIONS answers {reply.status} whatever the entity, which metadata.describes-entity judges")
    return reply


async def answers_of_nothing(api: Api) -> Sequence[Reply]:
    """Every operation of an entity that is not there, without OPTIONS where a gateway answers that."""
    replies = await every_operation(api)
    return [one for one in replies.values() if one.method != "OPTIONS" or not _is_of_a_gateway(api, one)]


def _is_of_a_gateway(api: Api, reply: Reply) -> bool:
    """Whether no OPTIONS tells anything of an entity, and this one is answered as those of the entities are."""
    places = {(one.name,) for one in api.entities}
    known = [one for one in api.seen if one.method == "OPTIONS" and below(one.url, api.base) in places]
    tells = any(one.is_granted and one.content for one in known)
    return not tells and any(one.status == reply.status for one in known)


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


async def untold_methods(api: Api, entity: Entity, told: Collection[str]) -> frozenset[str]:
    """PATCH, where an entity does not tell it and it is granted all the same, at a record of the run.

    Nobody asks for UPDATEs of such an entity besides: that it has none is told by its own description alone.
    """
    if "PATCH" in told or "update" in entity.operations or "create" not in entity.operations:
        return frozenset()
    with suppress(Violation, Blocked, OutOfProfile):  # what is made is judged by itself
        known = made(api, (await creation(api, entity)).reply)
        ask = partial(api.update, entity, known["id"], different(api, entity, known))
        reply = await api.once(("untold update", entity.name), ask)
        return frozenset({"PATCH"} if reply.is_granted else ())
    return frozenset()


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
