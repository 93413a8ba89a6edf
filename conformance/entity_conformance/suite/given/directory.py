"""Records of the directory of users, which nobody makes: some that the run was shown, and writes that are refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.problems import OutOfProfile
from entity_conformance.deployment.reply import is_id
from entity_conformance.deployment.target import LONGEST_PAGE
from entity_conformance.oracle.values import is_value
from entity_conformance.suite import sample
from entity_conformance.suite.given.acts import by_own_key, first_list
from entity_conformance.suite.given.group import Group
from entity_conformance.suite.given.narrowing import with_records
from entity_conformance.suite.given.person import directory, person
from entity_conformance.suite.given.rows import aside

_NOBODY = "conformance-unknown"
_TELLING = 2
"""Records at least of which some can be selected."""


@dataclass(frozen=True, slots=True)
class Writes:
    """A CREATE with a body that no schema accepts, and an UPDATE at an id that nobody has (E19)."""

    created: Reply
    updated: Reply


async def directory_writes(api: Api) -> Writes:
    """Writes to the directory, which it refuses."""
    return await api.once("directory writes", lambda: _directory_writes(api))


async def granted_by_the_directory(api: Api) -> Sequence[Reply]:
    """Those that succeeded, of operations that the directory leaves out by its own description.

    Raises OutOfProfile where that tells both of them: that there is such a directory is judged by itself.
    """
    writes, found = await directory_writes(api), api.entity("users") or api.contract.entity("users")
    offered = frozenset[str]() if found is None else frozenset(found.operations)
    left_out = [
        reply for action, reply in (("create", writes.created), ("update", writes.updated)) if action not in offered
    ]
    if not left_out:
        raise OutOfProfile("OPTIONS of users tells that they can be written")
    return [reply for reply in left_out if reply.is_granted]


async def directory_group(api: Api) -> Group:
    """Some users that the run was shown, whole, selected by their ids. Raises OutOfProfile where there are too few."""
    return await api.once("directory group", lambda: _directory_group(api))


async def directory_read(api: Api) -> tuple[Record, Reply]:
    """Somebody of the directory, as a list shows that one, and the READ; both anew where they differ.

    People are others', who may rename them meanwhile.
    """
    somebody, reply = await person(api), await aside(api, api.entities[0], "directory record")
    if _are_alike(directory(api), somebody, reply):
        return somebody, reply
    known = api.answered_before("GET", f"/users?limit={LONGEST_PAGE}")
    now = await api.list("users", limit=1 if known is None else LONGEST_PAGE)
    listed = next((one for one in now.shown if one["id"] == somebody["id"]), somebody)
    return listed, await api.read("users", somebody["id"])


def _are_alike(entity: Entity, known: Record, reply: Reply) -> bool:
    return any(all(one.get(of.name) == known.get(of.name) for of in entity.fields) for one in reply.shown)


async def is_still(api: Api, of: Group) -> bool:
    """Whether these users are still what they were: they are others', who may change them meanwhile.

    Where a list of their ids shows them otherwise, the list in which they were found is asked for again.
    """
    first = dict(parse_qsl(urlsplit(of.reply.url).query)) if of.reply else {}
    return await is_selected(api, of) or _are_shown(of, await api.list(of.entity, params=first))


async def is_selected(api: Api, of: Group) -> bool:
    """Whether a list of their ids shows these users, as they were."""
    return _are_shown(of, await api.list(of.entity, **of.also()))


def _are_shown(of: Group, reply: Reply) -> bool:
    shown = {one.get("id"): one for one in reply.shown}
    return all(shown.get(one["id"]) == one for one in of.records)


async def _directory_writes(api: Api) -> Writes:
    created = await by_own_key(api, "write", lambda name: api.create("users", {}, credential=name), finds=False)
    return Writes(created, await api.update("users", api.invented(_NOBODY), {"name": "Nobody"}))


async def _directory_group(api: Api) -> Group:
    entity = directory(api)
    reply = with_records(await first_list(api, entity))
    whole = [one for one in reply.records if _is_whole(entity, one)][: sample.RECORDS]
    if len(whole) < _TELLING:
        raise OutOfProfile("the directory of users shows too few to select some of them")
    query = {"filter": {"id": {"$in": [one["id"] for one in whole]}}}
    records = tuple(whole)
    bodies = tuple(dict(one) for one in whole)
    return Group(
        entity,
        records,
        share={},
        query=query,
        listed=records,
        reply=reply,
        bodies=bodies,
        title=entity.searchable[0] if entity.searchable else "id",
        word="",
        words=(),
        half_word="",
        mark_word="",
    )


def _is_whole(entity: Entity, record: Record) -> bool:
    return is_id(record.get("id")) and all(
        one.name in record and is_value(one, record[one.name]) for one in entity.fields
    )
