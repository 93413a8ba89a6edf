"""Issuing credentials: for the dashboard's page of keys, the command line and the demo.

A secret is returned once, to be shown once; only its digest is kept.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from entity_server.domain.identifiers import new_id
from entity_server.domain.keys import Key, KeyRequest, Session, digest, display, key_request, new_key
from entity_server.http.operations.bodies import CompiledBody
from entity_server.http.services import Keys, Sessions


def asked_key(body: CompiledBody, members: Mapping[str, object], *, now: datetime) -> KeyRequest:
    """What the body of a request for a key asks for (A10). Raises ValidationFailed."""
    asked: dict[str, Any] = body.read(members)  # by the contract's schema: a text, a list of scopes, a moment or null
    return key_request(asked["name"], asked["scopes"], asked.get("expiresAt"), now=now)


async def issue_key(keys: Keys, user_id: str, asked: KeyRequest, *, now: datetime) -> tuple[Key, str]:
    """A new key of that user, and its secret."""
    secret = new_key()
    key = Key(
        id=new_id("key", now),
        user_id=user_id,
        name=asked.name,
        scopes=asked.scopes,
        display=display(secret),
        created_at=now,
        expires_at=asked.expires_at,
    )
    await keys.add(key, digest(secret))
    return key, secret


async def issue_session(sessions: Sessions, user_id: str, *, expires_at: datetime | None = None) -> str:
    """The token of a new session, made of characters that no cookie needs to quote."""
    token = secrets.token_urlsafe(32)
    await sessions.add(Session(user_id, expires_at), digest(token))
    return token
