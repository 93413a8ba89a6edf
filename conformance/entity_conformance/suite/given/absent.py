"""Ids that nobody has, and how a READ of one is refused."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.reply import is_id
from entity_conformance.suite import sample
from entity_conformance.suite.expect import is_enveloped
from entity_conformance.suite.given.created import refusal
from entity_conformance.suite.given.groups import group
from entity_conformance.suite.given.narrowing import first_page
from entity_conformance.suite.given.person import first_asked

_NOT_FOUND, _NO_SUCH_METHOD = 404, 405
_NOT_FOUND_CODE = "NOT_FOUND"
_WRITES = frozenset({"PATCH", "PUT"})


async def absent_id(api: Api, entity: Entity) -> str:
    """An id in the form of the entity's ids that belongs to no record.

    Raises Blocked where a write that ought to have been refused has made a record of each.
    """
    try:
        known = (await group(api, entity)).records
    except (Blocked, OutOfProfile):
        is_listed = "list" in entity.operations
        known = (first_asked(api, entity.name) or await first_page(api, entity, limit=1)).records if is_listed else ()
    shown = [one["id"] for one in known if is_id(one.get("id"))] or [api.context.owned.missing_id]
    for id_ in map(sample.another_id, shown):
        if not any(one.is_granted and one.method in _WRITES for one in _answers(api, entity, id_)):
            return api.invented(id_)
    raise Blocked(f"each id of {entity.name} that nobody had has become one's by a write that ought to be refused")


def _answers(api: Api, entity: Entity, id_: str) -> Iterator[Reply]:
    return (one for one in api.seen if below(one.url, api.base) == (entity.name, id_))


async def missing(api: Api, entity: Entity) -> Reply:
    """How a READ of a record that does not exist is refused. Raises Blocked where it is not."""
    return await api.once(("missing", entity.name), lambda: _missing(api, entity))


async def read_of_nobody(api: Api, entity: Entity) -> Reply:
    """READ of a record that does not exist."""
    return await api.once(("read of nobody", entity.name), lambda: _read_of_nobody(api, entity))


async def codes(api: Api, replies: Iterable[Reply], wanted: str) -> Sequence[str]:
    """The wanted code, and another one of these refusals where a READ of nobody is refused by it as well.

    A wrong code of whatever is not there is one mistake, told of the records. What has the wanted code costs nothing.
    """
    strange = {one.body.get("code") for one in replies if one.status == _NOT_FOUND and is_enveloped(one)} - {wanted}
    if not strange:
        return (wanted,)
    with suppress(Violation, Blocked, OutOfProfile):
        known = await missing(api, _readable(api))
        told = known.code if known.status == _NOT_FOUND and is_enveloped(known) else _NOT_FOUND_CODE
        return (wanted, *([told] if told != _NOT_FOUND_CODE and told in strange else ()))
    return (wanted,)


def _readable(api: Api) -> Entity:
    """The first entity whose records are read. Raises OutOfProfile where there is none."""
    for one in api.entities:
        if "read" in one.operations:
            return one
    raise OutOfProfile("no entity of this run has READ")


async def _missing(api: Api, entity: Entity) -> Reply:
    return refusal(await read_of_nobody(api, entity))


async def _read_of_nobody(api: Api, entity: Entity) -> Reply:
    reply = await api.read(entity, await absent_id(api, entity))
    if reply.status == _NO_SUCH_METHOD and "create" not in entity.operations:
        there = first_asked(api, entity.name)
        known = reply if there is None else await api.read(entity, str(there.shown[0]["id"]))
        if known.status == _NO_SUCH_METHOD:  # GET in `methods` may be that of the list alone (R19.left-out)
            raise OutOfProfile(f"records of {entity.name} are listed, and none is read by itself")
    return reply
