"""What a CREATE answered: the record that it gave, or how it was refused."""

from dataclasses import dataclass

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.problems import Blocked, Violation
from entity_conformance.deployment.reply import is_id
from entity_conformance.suite import expect
from entity_conformance.suite.given.conflicts import demand_no_rule, demand_no_rule_of_fields
from entity_conformance.suite.given.lacking import lacking

_LEAST_REFUSAL = 400
_DONE = 200


@dataclass(frozen=True, slots=True)
class Creation:
    """A CREATE and its answer."""

    body: dict[str, object]
    reply: Reply


def made(api: Api, reply: Reply) -> Record:
    """The record that a CREATE gave. Raises Blocked when it gave none, or the id of one that it did not make.

    Raises OutOfProfile where what is there keeps it from being made, or a rule that is not told while others are made.
    """
    demand_no_rule(reply)
    demand_no_rule_of_fields(api, reply)
    try:
        expect.status(reply, 201, 200)
        expect.text(reply.id, at="data.id")
    except Violation as violation:
        raise Blocked(f"a record could not be created: {violation.message}, {violation.actual}") from violation
    if api.context.owned.is_repeated(reply.id):
        raise Blocked(f"two creations were answered with the id {reply.id}")
    collection = below(reply.url, api.base)[:1]
    if is_id(reply.id) and any(api.context.owned.is_anothers(name, reply.id) for name in collection):
        raise Blocked(f"a creation was answered with the id {reply.id} of a record that was there before")
    return reply.record


async def whole(api: Api, entity: Entity, shown: Record) -> Record:
    """A record with what READ shows of it too, where the answer to its creation lacks what is always there."""
    if "read" not in entity.operations or all(name in shown for name in entity.always):
        return shown
    reply = await api.read(entity, shown["id"])
    is_shown = reply.status == _DONE and any(one.get("id") == shown["id"] for one in reply.shown)
    return {**reply.shown[0], **shown} if is_shown else shown


def stamps(entity: Entity, shown: Record, *names: str) -> tuple[str, ...]:
    """The times that a record has: those that its entity tells, and that it shows.

    Raises OutOfProfile where it has none of these.
    """
    found = tuple(name for name in names if name in entity.always or name in shown)
    if not found:
        raise lacking(entity, f"no {' and no '.join(names)}")
    return found


def refusal(reply: Reply) -> Reply:
    """An answer that refuses. Raises Blocked where it does not, which another check judges."""
    if reply.status < _LEAST_REFUSAL:
        raise Blocked(f"{reply.method} was not refused, but answered {reply.status}")
    return reply
