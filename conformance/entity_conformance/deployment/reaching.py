"""What every run does first: find the API, admit the credentials, and learn which entities there are.

Nothing is changed on the deployment.
"""

import difflib
from dataclasses import dataclass, replace

from entity_contract import Contract, Entity

from entity_conformance.deployment import target
from entity_conformance.deployment.api import Api, RunContext
from entity_conformance.deployment.discovery import described
from entity_conformance.deployment.problems import Blocked, Refused, Violation
from entity_conformance.deployment.settings import Misuse, Settings

FIRST = "tasks"
"""The entity that every deployment of the API has."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A deployment that answers: the context with its entities, and what about them could not be used."""

    context: RunContext
    notes: tuple[str, ...]


async def reach(context: RunContext, settings: Settings) -> Reached:
    """Raises Refused when the deployment cannot be tested, Misuse when it lacks an entity that was named."""
    api = Api(context, "preparation")
    target.fill(api, settings.given)
    first = settings.entities[0] if settings.entities else FIRST
    await target.find(api, first)
    await target.admit(api, first)
    entities, notes = await _entities(api, settings.entities)
    if not entities:
        raise Refused(
            f"{api.base} describes no entity that could be tested, by OPTIONS of {', '.join(settings.entities)}"
        )
    return Reached(replace(context, entities=entities), notes)


def no_such_entity(name: str, contract: Contract) -> Misuse:
    """What is said of an entity that was named and is not there, whoever does not have it."""
    near = difflib.get_close_matches(name, [one.name for one in contract.entities], n=1)
    return Misuse(
        f"--entity {name}: there is no such entity",
        hint=f"did you mean {near[0]}?" if near else "correct it, or leave it out",
    )


async def _entities(api: Api, names: tuple[str, ...]) -> tuple[tuple[Entity, ...], tuple[str, ...]]:
    """The entities that the deployment answers to, as it describes them. Raises Misuse when it lacks a named one."""
    contract = api.contract
    found: list[Entity] = []
    notes: list[str] = []
    for name in names or tuple(entity.name for entity in contract.entities):
        data = None  # a check will say why; the contract's description serves meanwhile
        try:
            reply = await api.metadata(name, credential=api.context.wallet.main)
            if reply.status == 404 and name != FIRST:
                if names:
                    raise no_such_entity(name, contract)
                continue
            data = reply.data
        except (Violation, Blocked):
            pass
        entity = described(name, data, contract)
        if entity is not None:
            found.append(entity.entity)
            notes.extend(entity.notes)
    return tuple(sorted(found, key=lambda entity: entity.name != FIRST)), tuple(notes)
