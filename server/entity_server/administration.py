"""The chores of the command line: keys and sessions, straight in the database that a server may be serving."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from entity_contract import Contract, load

from entity_server.app import utc_now
from entity_server.domain.keys import Key, KeyRequest, key_request
from entity_server.domain.problems import Problem
from entity_server.domain.text import unstorable
from entity_server.http.issuing import issue_key, issue_session
from entity_server.http.schemas import Schemas
from entity_server.running import StartupError, opened, readable_errors
from entity_server.store import Store

Tell = Callable[[str], None]

_MEMORY = "sqlite://:memory:"


async def create_key(user: str, body: Mapping[str, object], *, tell: Tell, database: str, contract: Path | None) -> str:
    """The secret of a new key. `tell` hears of a new user. Raises StartupError, as everything here does."""
    asked = _asked(body)
    async with _store(database, contract) as (store, facts):
        _, secret = await issue_key(store.keys, await _user(store, facts, user, tell), asked, now=utc_now())
        return secret


async def list_keys(user: str, *, database: str, contract: Path | None) -> tuple[Key, ...]:
    """The user's keys, newest first."""
    _refuse_nothing(database)
    async with _store(database, contract) as (store, _):
        return await store.keys.list(await _known(store, user))


async def revoke_key(user: str, key_id: str, *, database: str, contract: Path | None) -> None:
    """Forget a key of the user."""
    _refuse_nothing(database)
    async with _store(database, contract) as (store, _):
        if not await store.keys.revoke(key_id, await _known(store, user)):
            raise StartupError(f"{user} has no key {key_id}; `reference-server keys list --user {user}` lists them")


async def create_session(user: str, *, tell: Tell, database: str, contract: Path | None) -> str:
    """The token of a new session. `tell` hears of a new user."""
    async with _store(database, contract) as (store, facts):
        return await issue_session(store.sessions, await _user(store, facts, user, tell))


def _asked(body: Mapping[str, object]) -> KeyRequest:
    try:
        return key_request(body, now=utc_now())
    except Problem as problem:
        raise StartupError("; ".join(f"{name}: {text}" for name, text in problem.details.items())) from problem


def _refuse_nothing(database: str) -> None:
    """Raise StartupError for a file that is not there: to make it would be to answer for another database."""
    file = database.removeprefix("sqlite://")
    if file not in (database, ":memory:") and not Path(file).exists():
        raise StartupError(f"there is no database {database}; name the one of the server with --database")


@asynccontextmanager
async def _store(database: str, contract: Path | None) -> AsyncIterator[tuple[Store, Contract]]:
    if database == _MEMORY:
        raise StartupError(f"{_MEMORY} is the memory of one server; name a database that is kept with --database")
    with readable_errors():
        facts = load(contract)
        try:
            async with opened(database, facts) as store:
                yield store, facts
        except Problem as problem:
            raise StartupError(f"the database cannot be used: {problem.message}; try again") from problem


async def _known(store: Store, user: str) -> str:
    found = await store.users.find(user)
    if found is None:
        raise StartupError(f"there is no user {user!r}; give the id or the email of one that the server knows")
    return str(found["id"])


async def _user(store: Store, contract: Contract, user: str, tell: Tell) -> str:
    """The user's id; an email that nobody has yet makes a new user."""
    if "@" not in user or await store.users.find(user) is not None:
        return await _known(store, user)
    if not _is_email(contract, user):
        raise StartupError(f"{user!r} is no email address that the contract accepts, and no user that the server knows")
    made = await store.users.add(user.partition("@")[0], user, now=utc_now())
    tell(f"made a new user, {made['id']}, for {user}")
    return str(made["id"])


def _is_email(contract: Contract, text: str) -> bool:
    """Whether a user may have that email: one that may not would spoil every list of users."""
    if unstorable(text):
        return False
    entity = contract.entity("users")
    schema = f"{entity.record_schema}/properties/email" if entity and entity.field("email") else None
    return schema is None or Schemas(contract.document).answer(schema).is_valid(text)
