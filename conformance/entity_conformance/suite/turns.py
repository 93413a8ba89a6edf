"""Whose turn it is: the few requests that a credential may send are spread over the entities."""

from entity_contract import Action, Entity

from entity_conformance.deployment.api import Api


def by_session(api: Api, entity: Entity, turn: int, *actions: Action) -> Entity:
    """Where a session performs these: at the entity in a thorough run, which asks of each; else at another by the turn.

    So its requests meet as many others as there are turns. It lists, reads and describes that entity anyway.
    """
    if api.context.is_thorough:
        return entity
    wanted = {"create", "read", *actions}
    able = [one for one in api.entities if one != entity and wanted <= set(one.operations)]
    return able[(api.context.seed + turn) % len(able)] if able else entity
