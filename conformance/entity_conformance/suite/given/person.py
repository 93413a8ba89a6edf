"""Somebody of the directory of users, and records that the run was shown at its start."""

from typing import NoReturn

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.problems import OutOfProfile
from entity_conformance.deployment.target import LONGEST_PAGE
from entity_conformance.suite import expect

_TRIED = 4
"""Of a directory that many are tried at most."""


async def person(api: Api) -> Record:
    """Somebody from the directory of users."""
    return (await persons(api))[0]


async def persons(api: Api) -> tuple[Record, ...]:
    """A few from the directory of users, the likeliest to be taken first."""
    return await api.once("person", lambda: _persons(api))


async def another_person(api: Api) -> Record:
    """Somebody else from the directory, where the list that the run began with shows several: the next likeliest."""
    return (await persons(api))[:2][-1]


def directory(api: Api) -> Entity:
    """The directory of users as the deployment describes it. Raises OutOfProfile when this run does not have it."""
    return api.entity("users") or no_entity("users")


def no_entity(name: str) -> NoReturn:
    """What stands on an entity that this run does not have is out of scope."""
    raise OutOfProfile(f"this run does not have the entity {name}, which a foreign key asks for")


def first_asked(api: Api, entity: str) -> Reply | None:
    """The list of an entity with which the run began, where that shows any record."""
    found = (api.answered_before("GET", f"/{entity}?limit={limit}") for limit in (LONGEST_PAGE, 1))
    return next((reply for reply in found if reply is not None and reply.status == 200 and reply.shown), None)


async def _persons(api: Api) -> tuple[Record, ...]:
    reply = first_asked(api, "users") or await api.list("users", limit=1)
    if reply.status in {404, 405} or (reply.status == 200 and not reply.records):
        raise OutOfProfile("the deployment has no directory of users")
    expect.status(reply, 200)
    expect.text(reply.records[0].get("id"), at="data[0].id")
    held = _named(api)
    likely = sorted(reply.shown, key=lambda one: (one.get("active") is False, str(one["id"]) not in held))
    return tuple(likely[:_TRIED])


def _named(api: Api) -> frozenset[str]:
    """Whom the records name that the run was shown first: not everybody of a directory may take something on."""
    return frozenset(
        held
        for entity in api.entities
        for relation in entity.relations
        if relation.type == "belongsTo" and relation.entity == "users"
        if (listed := first_asked(api, entity.name)) is not None
        for one in listed.shown
        if isinstance(held := one.get(relation.foreign_key), str)
    )
