"""API keys and sessions: found by the digest of their secret and by nothing else (A13).

What is stored, never who may do what. A revocation is one statement, so that it holds at once for every
process at the same database (A11).
"""

import asyncio
import builtins
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from entity_contract import Scope
from tortoise.expressions import Q

from entity_server.domain.keys import Key, Session, matches
from entity_server.domain.problems import Problem
from entity_server.domain.text import storable
from entity_server.domain.times import read_instant
from entity_server.store.database import Database
from entity_server.store.tables import KEYS, SESSIONS

log = logging.getLogger("entity_server")

_KNOWN = 1000
_FLUSH_AFTER = 1.0  # seconds; a busy key costs one write in that time, not one a request
_LONGEST_LAST = 2.0  # seconds; a server that stops has no more for it


class Keys:
    """API keys."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mapped = database.table(KEYS.name)
        self._names = tuple(self._mapped.attributes)
        self._used: dict[str, datetime] = {}
        self._flushing: asyncio.Task[None] | None = None
        # A row is looked up for each request of its client, and is the same one nearly every time.
        self._known = lru_cache(_KNOWN)(self._read)

    async def find(self, digest: str) -> Key | None:
        """The key with that digest, None when it is unknown or revoked; it may have expired."""
        with self._database.working():
            rows = await self._mapped.found(self._database.reading, self._names, {"digest": digest})
        if not rows:
            return None
        stored, key = self._known(tuple(rows[0]))
        if not matches(stored, digest):
            return None
        used = self._used.get(key.id)
        if used is None or (key.last_used_at is not None and key.last_used_at >= used):
            return key
        return Key(
            key.id, key.user_id, key.name, key.scopes, key.display, key.created_at, used, key.expires_at
        )  # `replace` takes as long as all that comes before

    async def list(self, user_id: str) -> tuple[Key, ...]:
        """A user's keys, newest first, expired ones included (A11, A15)."""
        used = dict(self._used)  # as it was before the rows are: a use that is being written is in one of the two
        keys = [key_of(row, used) for row in await self._rows(user_id=user_id)]
        return tuple(sorted(keys, key=lambda key: (key.created_at, key.id), reverse=True))

    async def add(self, key: Key, digest: str) -> None:
        """Keep a new key under the digest of its secret."""
        values = {
            "id": key.id,
            "user_id": key.user_id,
            "digest": digest,
            "name": key.name,
            "scopes": " ".join(key.scopes),
            "display": key.display,
            "created_at": key.created_at,
            "last_used_at": key.last_used_at,
            "expires_at": key.expires_at,
        }
        with self._database.working():
            await self._mapped.model.create(**self._mapped.stored(values))

    async def revoke(self, id: str, user_id: str) -> bool:  # noqa: A002 - the field's name
        """Forget a key, at once and for good; False when this user has none of that id."""
        if not storable(id):
            return False
        with self._database.working():
            gone = await self._mapped.model.filter(c_id=id, c_user_id=user_id).delete()
        self._used.pop(id, None)
        return gone > 0

    async def touch(self, id: str, now: datetime) -> None:  # noqa: A002 - the field's name
        """Note that a key was used: in memory, where `list` sees it, and in the database a moment later."""
        self._used[id] = max(now, self._used.get(id, now))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_later())

    async def close(self) -> None:
        """Write what is still in memory, if the database takes it soon."""
        try:
            async with asyncio.timeout(_LONGEST_LAST):
                await self.write_uses()
        except TimeoutError:
            log.warning("the last uses of API keys could not be written: the database does not answer")

    async def write_uses(self) -> None:
        """Write what is still in memory, now."""
        await self._stop_flushing()
        await self._flush()

    async def forget_uses(self) -> None:
        """Forget what is still in memory: the database goes back to a moment before."""
        await self._stop_flushing()
        self._used.clear()

    async def _stop_flushing(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            with suppress(asyncio.CancelledError):
                await self._flushing

    async def _flush_later(self) -> None:
        while self._used:
            await asyncio.sleep(_FLUSH_AFTER)
            await self._flush()

    async def _flush(self) -> None:
        try:
            with self._database.working():
                for id_, instant in tuple(self._used.items()):
                    at = self._mapped.encoded("last_used_at", instant)
                    older = Q(c_last_used_at__isnull=True) | Q(c_last_used_at__lt=at)
                    await self._mapped.model.filter(older, c_id=id_).update(c_last_used_at=at)
                    if self._used.get(id_) == instant:
                        del self._used[id_]
        except Problem as failure:
            log.warning("the last uses of API keys could not be written: %s", failure.message)

    def _read(self, row: tuple[Any, ...]) -> tuple[str, Key]:
        """The digest and the key of a row as the database has it."""
        (values,) = self._mapped.told(self._names, [row])
        return values["digest"], key_of(values, {})

    async def _rows(self, **wanted: object) -> builtins.list[dict[str, Any]]:
        with self._database.working():
            return await self._mapped.lookup(self._database.reading, self._names, wanted)


class Sessions:
    """Sessions with the dashboard."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mapped = database.table(SESSIONS.name)

    async def find(self, digest: str) -> Session | None:
        """The session with that digest, None when it is unknown; it may have expired."""
        with self._database.working():
            rows = await self._mapped.lookup(self._database.reading, tuple(self._mapped.attributes), {"digest": digest})
        if not rows or not matches(rows[0]["digest"], digest):
            return None
        return Session(rows[0]["user_id"], _instant(rows[0]["expires_at"]))

    async def add(self, session: Session, digest: str) -> None:
        """Keep a new session under the digest of its token."""
        values = {"digest": digest, "user_id": session.user_id, "expires_at": session.expires_at}
        with self._database.working():
            await self._mapped.model.create(**self._mapped.stored(values))


def key_of(row: dict[str, Any], uses: Mapping[str, datetime]) -> Key:
    """The key that a row is; `uses` are those uses of keys that are not written yet."""
    stored = _instant(row["last_used_at"])
    used = uses.get(row["id"])
    created = _instant(row["created_at"])
    assert created is not None
    return Key(
        id=row["id"],
        user_id=row["user_id"],
        name=row["name"],
        scopes=_scopes(row["scopes"]),
        display=row["display"],
        created_at=created,
        last_used_at=max(filter(None, (stored, used)), default=None),
        expires_at=_instant(row["expires_at"]),
    )


@lru_cache(maxsize=10_000)  # a key is looked up for each request of its client
def _instant(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)


@lru_cache(maxsize=100)
def _scopes(text: str) -> tuple[Scope, ...]:
    return tuple(cast("list[Scope]", text.split()))
