"""Keys with two of the three scopes: what they must not do is what neither scope allows.

The session makes them. Without one there are keys with one scope alone.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from entity_contract import Action, Entity, Scope

from entity_conformance.deployment.api import Api, Credential, Secret
from entity_conformance.deployment.credentials import BY_SCOPE
from entity_conformance.deployment.problems import Blocked
from entity_conformance.suite.given.keys import (
    ABSENT,
    LASTING,
    SHOWN,
    issued,
    key,
    key_creation,
    key_to_revoke,
)
from entity_conformance.suite.given.revoking import is_being_revoked
from entity_conformance.suite.given.rows import is_made, reads_in_a_row

OPERATIONS: Mapping[Scope, tuple[Action, ...]] = {
    "read": ("list", "read"),
    "write": ("create", "update"),
    "delete": ("delete",),
}
"""What each scope allows, of an entity."""

_PAIR: Sequence[Scope] = ("write", "delete")
"""The scopes of the key that is made for whom lacks the third; other keys of the run have the other two pairs."""

AT_A_RECORD = frozenset({"read", "update", "delete"})
"""Operations that are refused at a record of the run's own alone."""


def lacked(api: Api, entity: Entity, place: int) -> Sequence[tuple[Scope, Action]]:
    """The operations of an entity that are tried without their scope: one for each scope, by the entity's `place`.

    Of the first entity it is every operation.
    """
    found: list[tuple[Scope, Action]] = []
    for scope in OPERATIONS:
        able = _able(entity, scope)
        if entity != api.entities[0] and able:
            able = [able[place // 2 % len(able)]]
        found += [(scope, action) for action in able]
    return found


def lacked_by_each(api: Api, entity: Entity) -> Sequence[tuple[Scope, Action]]:
    """Every operation on a record of an entity, and CREATE, with the scope that it asks for; READ of the directory."""
    if entity == api.entity("users") and not is_made(entity):
        return [("read", "read")]
    each = [(scope, action) for scope in OPERATIONS for action in _able(entity, scope)]
    return [(scope, action) for scope, action in each if action != "list"]


def _able(entity: Entity, scope: Scope) -> list[Action]:
    actions = OPERATIONS[scope]
    return [one for one in actions if one in entity.operations and (one not in AT_A_RECORD or is_made(entity))]


async def lacking_keys(api: Api, scope: Scope) -> Sequence[Credential]:
    """The keys of this run without a scope: with both others where the session makes one, and with one of them each.

    The key that is to be revoked is none of them any more once that has begun.
    """
    found: list[Credential] = [name for one, name in BY_SCOPE.items() if one != scope and api.has(name)]
    pair = await api.once(("pair without", scope), lambda: _pair(api, scope)) if api.has("session") else None
    return found if pair is None or (scope == "write" and is_being_revoked(api)) else [pair, *found]


async def _pair(api: Api, scope: Scope) -> Secret | None:
    if api.context.is_read_only:
        return None
    with suppress(Blocked):
        if (await key_creation(api, SHOWN)).reply.status in ABSENT:
            return None
        match scope:
            case "delete":
                await reads_in_a_row(api)  # which counts what remains to that key
                return await key(api, LASTING)
            case "write":
                return Secret(str(issued(api, (await key_to_revoke(api)).reply)["key"]))
            case "read":
                made = await key_creation(api, " and ".join(_PAIR), scopes=_PAIR)
                return Secret(str(issued(api, made.reply)["key"]))
    return None
