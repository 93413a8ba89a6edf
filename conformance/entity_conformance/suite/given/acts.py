"""Who acts, and what came of it: by which key of the run, at which record, and whether it was done."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from entity_contract import Entity, Scope

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.credentials import BY_SCOPE, CredentialName
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Unjudged, Violation
from entity_conformance.deployment.reply import is_id
from entity_conformance.deployment.sending import shown
from entity_conformance.deployment.target import LONGEST_PAGE
from entity_conformance.suite import expect, sample
from entity_conformance.suite.given.askers import is_spent
from entity_conformance.suite.given.conflicts import demand_no_rule
from entity_conformance.suite.given.fields import TIMES
from entity_conformance.suite.given.groups import creation, group
from entity_conformance.suite.given.narrowing import with_records

_ABSENT = 404
_TURNED_AWAY = {401, 403}


async def by_own_key(
    api: Api, scope: Scope, act: Callable[[CredentialName], Awaitable[Reply]], *, finds: bool = True
) -> Reply:
    """An act by the key of the run with that scope alone, which spares the API key.

    Where it is turned away, or does not find what it `finds`, the API key acts: others judge keys with one scope. So it
    does where that key has next to nothing left.
    """
    name = BY_SCOPE[scope]
    if api.has(name) and api.context.wallet.main == "api_key" and not is_spent(api, name):
        reply = await act(name)
        if reply.status not in (_TURNED_AWAY | {_ABSENT} if finds else _TURNED_AWAY):
            return reply
    return await act("api_key")


async def page_behind(api: Api, entity: Entity, link: expect.Link) -> Reply:
    """The page that a link leads to, asked for as it stands; on another origin nothing is asked, but here the like."""
    return await (api.list(entity, params=link.query) if link.is_elsewhere else api.follow(link.url))


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
        raise OutOfProfile(f"the ids of {entity.name} are no texts, or have another name")


def told_as_texts(api: Api, entity: Entity) -> None:
    """Raises Unjudged where the deployment's ids are no texts, which is told as one finding with other such values."""
    if api.context.dialect.departs(entity, "id"):
        said = "are no texts, or have another name, which metadata.agrees-with-behaviour tells"
        raise Unjudged(f"the ids of {entity.name} {said}")


async def was_there(api: Api, collection: str, created: Reply) -> bool:
    """Whether a creation was answered with the id of what was there before, as READ or LIST shows it."""
    id_ = created.record.get("id")
    return is_id(id_) and await shown(api.context, collection, id_, check=api.check) == "another's"


def code(reply: Reply) -> str:
    """The code of a refusal. Raises Unjudged where it has none, which another check judges."""
    expect.has_code(reply)
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
