"""What every run does first: find the API, admit the credentials, and learn which entities there are.

Nothing is changed on the deployment, but that a session makes an API key where none was given.
"""

import difflib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import get_args

from entity_contract import Contract, Entity, Scope

from entity_conformance.deployment import target
from entity_conformance.deployment.account import KEYS
from entity_conformance.deployment.api import Api, RunContext
from entity_conformance.deployment.credentials import Secret, is_key
from entity_conformance.deployment.discovery import Described, described
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.problems import Blocked, Refused, Violation
from entity_conformance.deployment.settings import Misuse, Settings

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
    await target.find(api, first)
    await target.admit(api, first)
    await _make_api_key(api)
    found = [one for name in _names(api, settings) if (one := await _entity(api, name, settings)) is not None]
    if not found:
        raise Refused(f"{api.base} has no entity that could be tested of {', '.join(_names(api, settings))}")
    found.sort(key=lambda one: one.entity.name != FIRST)
    return Reached(
        replace(context, entities=tuple(one.entity for one in found)),
        tuple(note for one in found for note in one.notes),
        tuple(one.entity for one in found if not one.has_schema),
    )


async def _make_api_key(api: Api) -> None:
    """An API key with all scopes, where a session was given and no such key; without one the session does all."""
    wallet = api.context.wallet
    if api.context.is_read_only or wallet.main != "session":
        return
    with suppress(Violation, Blocked):
        reply = await api.create_key({"name": f"{mark(api.run)} api_key", "scopes": [*get_args(Scope)]})
        if is_key(reply.record.get("key")):
            api.context.owned.keeps(KEYS, reply.id)
            wallet.put("api_key", Secret(reply.record["key"]))


def no_such_entity(name: str, contract: Contract) -> Misuse:
    """What is said of an entity that was named and is not there, whoever does not have it."""
    near = difflib.get_close_matches(name, [one.name for one in contract.entities], n=1)
    return Misuse(
        f"--entity {name}: there is no such entity",
        hint=f"did you mean {near[0]}?" if near else "correct it, or leave it out",
    )


def _names(api: Api, settings: Settings) -> tuple[str, ...]:
    return settings.entities or tuple(entity.name for entity in api.contract.entities)


async def _entity(api: Api, name: str, settings: Settings) -> Described | None:
    """An entity as the deployment describes it; None where LIST answers 404, whatever OPTIONS says.

    Raises Misuse when it was named.
    """
    credential, data = api.context.wallet.main, None
    with suppress(Violation, Blocked):
        if (await api.list(name, limit=1, credential=credential)).status == 404 and name != FIRST:
            if settings.entities:
                raise no_such_entity(name, api.contract)
            return None
    with suppress(Violation, Blocked):  # a check will say why; the contract's description serves meanwhile
        data = (await api.metadata(name, credential=credential)).data
    return described(name, data, api.contract)
