"""The chores of the command line: keys and sessions, straight in the database that a server may be serving."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from contract import load
from server.app import utc_now
from server.domain.keys import Key, key_request
from server.domain.problems import Problem
from server.http.issuing import issue_key, issue_session
from server.running import StartupError, opened, readable_errors
from server.store import Store


async def create_key(user: str, body: Mapping[str, object], *, database: str, contract: Path | None) -> str:
    """The secret of a new key. Raises StartupError, as everything here does."""
    async with _store(database, contract) as store:
        asked = key_request(body, now=utc_now())
        _, secret = await issue_key(store.keys, await _user(store, user), asked, now=utc_now())
        return secret


async def list_keys(user: str, *, database: str, contract: Path | None) -> tuple[Key, ...]:
    """The user's keys, newest first."""
    async with _store(database, contract) as store:
        return await store.keys.list(await _known(store, user))


async def revoke_key(user: str, key_id: str, *, database: str, contract: Path | None) -> None:
    """Forget a key of the user."""
    async with _store(database, contract) as store:
        if not await store.keys.revoke(key_id, await _known(store, user)):
            raise StartupError(f"{user} has no key {key_id}; `reference-server keys list --user {user}` lists them")


async def create_session(user: str, *, database: str, contract: Path | None) -> str:
    """The token of a new session."""
    async with _store(database, contract) as store:
        return await issue_session(store.sessions, await _user(store, user))


@asynccontextmanager
async def _store(database: str, contract: Path | None) -> AsyncIterator[Store]:
    with readable_errors():
        try:
            async with opened(database, load(contract)) as store:
                yield store
        except Problem as problem:
            details = "; ".join(f"{name}: {text}" for name, text in problem.details.items())
            raise StartupError(f"{problem.message}{f' ({details})' if details else ''}") from problem


async def _known(store: Store, user: str) -> str:
    found = await store.users.find(user)
    if found is None:
        raise StartupError(f"there is no user {user}; give the id or the email of one that the server knows")
    return str(found["id"])


async def _user(store: Store, user: str) -> str:
    """The user's id; an email that nobody has yet makes a new user."""
    name, at, host = user.partition("@")
    if at and name and host and await store.users.find(user) is None:
        return str((await store.users.add(name, user, now=utc_now()))["id"])
    return await _known(store, user)
