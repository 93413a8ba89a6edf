"""API keys and sessions: how a secret is made, remembered, shown and outlived (A9-A13).

A secret is seen once, when it is made; everything else works on its SHA-256 digest. Nothing here says which
request needs which scope: the contract does.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from entity_contract import Scope

from entity_server.domain.per_request import per_request
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.sentences import Sentence
from entity_server.domain.times import wire_time

SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "sk_live_"
WARNING = "Save this key securely. It will not be shown again."

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 40  # "at least 32 random characters" (A13); 40 of 62 are 238 bits
_SHOWN = 6


@per_request(frozen=True, slots=True)
class Key:
    """An API key without its secret. `display` is the masked secret; `expires_at` None means never."""

    id: str
    user_id: str
    name: str
    scopes: tuple[Scope, ...]
    display: str
    created_at: datetime
    last_used_at: datetime | None = None
    expires_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        """Whether the key is no longer good."""
        return self.expires_at is not None and self.expires_at <= now


@per_request(frozen=True, slots=True)
class Session:
    """A user's session with the dashboard; it holds every scope."""

    user_id: str
    expires_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        """Whether the session is no longer good."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What a user asks for in a new key."""

    name: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None


def new_key(pick: Callable[[str], str] = secrets.choice) -> str:
    """The secret of a new key."""
    return PREFIX + "".join(pick(_ALPHABET) for _ in range(_LENGTH))


def digest(secret: str) -> str:
    """What is stored of a secret: its SHA-256. What is no valid Unicode has a digest too, and matches nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def matches(one: str, other: str) -> bool:
    """Whether two digests are equal, compared in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def display(secret: str) -> str:
    """The secret as a list shows it: its first characters and `...`, of no use to anybody."""
    return secret[: len(PREFIX) + _SHOWN] + "..."


def present(key: Key, secret: str | None = None) -> dict[str, Any]:
    """The key in wire form; with its secret in the answer to its creation, and nowhere else."""
    return {
        "id": key.id,
        "name": key.name,
        "key": key.display if secret is None else secret,
        "scopes": list(key.scopes),
        "createdAt": wire_time(key.created_at),
        "lastUsedAt": None if key.last_used_at is None else wire_time(key.last_used_at),
        "expiresAt": None if key.expires_at is None else wire_time(key.expires_at),
    }


def key_request(name: str, scopes: Collection[str], expires_at: datetime | None, *, now: datetime) -> KeyRequest:
    """A request for a key of these scopes, each once and in their order. Raises ValidationFailed for a past expiry."""
    if expires_at is not None and expires_at <= now:
        raise ValidationFailed(details={"expiresAt": Sentence.FUTURE()})
    return KeyRequest(name, tuple(scope for scope in SCOPES if scope in scopes), expires_at)
