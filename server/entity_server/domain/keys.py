"""API keys and sessions: how a secret is made, remembered, shown and outlived (A9-A13).

Charter: a secret is seen once, when it is made; everything else works on its SHA-256 digest. Nothing here says which
request needs which scope: the contract does.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast, get_args

from entity_contract import Scope

from entity_server.domain.problems import UnprocessableEntity, ValidationFailed
from entity_server.domain.text import unstorable
from entity_server.domain.times import read_instant, wire_time

SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "sk_live_"
WARNING = "Save this key securely. It will not be shown again."
LONGEST_NAME = 100

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 40  # "at least 32 random characters" (A13); 40 of 62 are 238 bits
_SHOWN = 6


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


def key_request(body: object, *, now: datetime) -> KeyRequest:
    """What the body of a request for a key asks for (A10).

    Raises UnprocessableEntity when the body is no object, and one ValidationFailed that names every bad member.
    """
    if not isinstance(body, Mapping):
        raise UnprocessableEntity
    details = {name: "Is no member of a key" for name in body if name not in ("name", "scopes", "expiresAt")}
    name = body.get("name")
    if reason := _bad_name(name):
        details["name"] = reason
    scopes = body.get("scopes")
    if not isinstance(scopes, list) or not scopes or any(scope not in SCOPES for scope in scopes):
        details["scopes"] = f"Must be a non-empty array of: {', '.join(SCOPES)}"
    expires_at, reason = _expiry(body.get("expiresAt"), now)
    if reason:
        details["expiresAt"] = reason
    if details:
        raise ValidationFailed(details=details)
    asked = tuple(scope for scope in SCOPES if scope in cast("list[Scope]", scopes))
    return KeyRequest(cast("str", name), asked, expires_at)


def _bad_name(name: object) -> str | None:
    if not isinstance(name, str):
        return "Must be a string"
    if not name.strip() or len(name) > LONGEST_NAME:
        return f"Must have 1 to {LONGEST_NAME} characters, not all blank"
    return unstorable(name)


def _expiry(value: object, now: datetime) -> tuple[datetime | None, str | None]:
    if value is None:
        return None, None
    instant = read_instant(value) if isinstance(value, str) else None
    if instant is None:
        return None, "Must be an RFC 3339 date-time or null"
    return instant, None if instant > now else "Must be in the future"
