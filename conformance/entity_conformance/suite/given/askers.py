"""Who asks where any key of the user will do: one that may do only that, so that the API key has more left.

Where such a key was turned away once, which others judge, or has next to nothing left, it is the API key: nothing else
stands on it.
"""

from collections.abc import Collection

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.ownership import below

_TURNED_AWAY = {401, 403}
_KEPT = 30
"""Requests that nobody but a key with one scope can ask, and those that are under way."""


def reader(api: Api) -> CredentialName:
    """Who reads where any key of the user will do."""
    return _key_for(api, "read_key", {"GET"})


def writer(api: Api) -> CredentialName:
    """Who creates and updates where any key of the user will do."""
    return _key_for(api, "write_key", {"POST", "PATCH"})


def writers(api: Api) -> tuple[CredentialName, ...]:
    """As `writer`, of each key that may do it."""
    everything: tuple[CredentialName, ...] = ("api_key",) if api.has("api_key") else ()
    return tuple(dict.fromkeys((writer(api), *everything)))


def remover(api: Api) -> CredentialName:
    """Who deletes where any key of the user will do."""
    return _key_for(api, "delete_key", {"DELETE"})


def _key_for(api: Api, name: CredentialName, methods: Collection[str]) -> CredentialName:
    """The key with that one scope, where it may do at entities what the scope is for, and has requests to spare."""
    named = {one.name for one in api.entities}
    refused = any(
        one.credential == name
        and one.method in methods
        and one.status in _TURNED_AWAY
        and below(one.url, api.base)[:1] in {(of,) for of in named}
        for one in api.seen
    )
    return name if api.has(name) and not refused and not is_spent(api, name) else "api_key"


def is_spent(api: Api, name: CredentialName) -> bool:
    """Whether a key has no more requests left than are asked by it alone, and the API key has more.

    Some give a key that is made a smaller limit.
    """
    own, other = (api.context.wallet.get(one) if api.has(one) else None for one in (name, "api_key"))
    if own is None or other is None:
        return False
    method = "GET" if name == "read_key" else "POST"
    left, others = (api.context.wire.standing(one, method) for one in (own, other))
    return left is not None and left.remaining <= _KEPT and (others is None or others.remaining > left.remaining)
