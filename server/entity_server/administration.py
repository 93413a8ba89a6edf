"""The chores of the command line: keys, sessions and credits, straight in the database that a server may be serving."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from entity_contract import Contract, load

from entity_server.app import utc_now
from entity_server.domain.keys import Key, KeyRequest
from entity_server.domain.problems import Problem
from entity_server.domain.text import storable
from entity_server.http.issuing import asked_key, issue_key, issue_session
from entity_server.http.operations.compiled import compiled_body
from entity_server.http.operations.schemas import Schemas
from entity_server.running import StartupError, opened, readable_errors
from entity_server.store import Migration, Store
from entity_server.store import migrate as migrate_store

Tell = Callable[[str], None]

CREATE_KEY = "createApiKey"

_MEMORY = "sqlite://:memory:"


async def create_key(user: str, body: Mapping[str, object], *, tell: Tell, database: str, contract: Path | None) -> str:
    """The secret of a new key. `tell` hears of a new user. Raises StartupError, as everything here does."""
    facts = _facts(contract)
    asked = _asked(facts, body)
    async with _store(database, facts) as store:
        _, secret = await issue_key(store.keys, await _user(store, facts, user, tell), asked, now=utc_now())
        return secret


async def list_keys(user: str, *, database: str, contract: Path | None) -> tuple[Key, ...]:
    """The user's keys, newest first."""
    _refuse_nothing(database)
    async with _store(database, _facts(contract)) as store:
        return await store.keys.list(await _known(store, user))


async def revoke_key(user: str, key_id: str, *, database: str, contract: Path | None) -> None:
    """Forget a key of the user."""
    _refuse_nothing(database)
    async with _store(database, _facts(contract)) as store:
        if not await store.keys.revoke(key_id, await _known(store, user)):
            raise StartupError(f"{user} has no key {key_id}; `reference-server keys list --user {user}` lists them")


async def migrate(*, database: str, contract: Path | None, dry_run: bool, text_index: bool) -> Migration:
    """Make a database fit the contract, or only say what that takes."""
    _refuse_memory(database)
    _refuse_nothing(database)
    with readable_errors():
        return await migrate_store(database, _facts(contract), dry_run=dry_run, text_index=text_index)


async def create_session(user: str, *, tell: Tell, database: str, contract: Path | None) -> str:
    """The token of a new session. `tell` hears of a new user."""
    facts = _facts(contract)
    async with _store(database, facts) as store:
        return await issue_session(store.sessions, await _user(store, facts, user, tell))


async def balance(user: str, *, database: str, contract: Path | None) -> int:
    """The user's credits."""
    _refuse_nothing(database)
    async with _store(database, _facts(contract)) as store:
        return await store.credits.balance(await _known(store, user))


async def grant(user: str, amount: int, *, tell: Tell, database: str, contract: Path | None) -> int:
    """Add to the user's credits; what there is now. `tell` hears of a new user."""
    facts = _facts(contract)
    async with _store(database, facts) as store:
        user_id = await _user(store, facts, user, tell)
        await store.credits.grant(user_id, amount)
        return await store.credits.balance(user_id)


async def set_balance(user: str, amount: int, *, tell: Tell, database: str, contract: Path | None) -> int:
    """Make the user's credits that amount, whatever is spent meanwhile; what there is now."""
    facts = _facts(contract)
    async with _store(database, facts) as store:
        user_id = await _user(store, facts, user, tell)
        await store.credits.grant(user_id, amount - await store.credits.balance(user_id))
        return await store.credits.balance(user_id)


def _asked(contract: Contract, body: Mapping[str, object]) -> KeyRequest:
    """The key that is asked for, judged as the operation that creates one judges it."""
    operation = next((one for one in contract.operations if one.id == CREATE_KEY), None)
    compiled = compiled_body(contract, Schemas(contract.document), operation) if operation else None
    if compiled is None:
        raise StartupError(f"{contract.source} has no operation {CREATE_KEY} that says what a key is made of")
    try:
        return asked_key(compiled, body, now=utc_now())
    except Problem as problem:
        raise StartupError("; ".join(f"{name}: {text}" for name, text in problem.details.items())) from problem


def _refuse_nothing(database: str) -> None:
    """Raise StartupError for a file that is not there: to make it would be to answer for another database."""
    file = database.removeprefix("sqlite://")
    if file not in (database, ":memory:") and not Path(file).exists():
        raise StartupError(f"there is no database {database}; name the one of the server with --database")


def _refuse_memory(database: str) -> None:
    if database == _MEMORY:
        raise StartupError(f"{_MEMORY} is the memory of one server; name a database that is kept with --database")


def _facts(contract: Path | None) -> Contract:
    with readable_errors():
        return load(contract)


@asynccontextmanager
async def _store(database: str, contract: Contract) -> AsyncIterator[Store]:
    _refuse_memory(database)
    with readable_errors():
        try:
            async with opened(database, contract) as store:
                yield store
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
    if not storable(text):
        return False
    entity = contract.entity("users")
    schema = f"{entity.record_schema}/properties/email" if entity and entity.field("email") else None
    return schema is None or Schemas(contract.document).answer(schema).is_valid(text)
