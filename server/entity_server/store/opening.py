"""Opening the store by a URL.

Reads the URL, and words what can go wrong for the person at the terminal. A URL may hold a password: only what
`_shown` leaves of it is ever printed.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from typing import Any
from urllib.parse import urlsplit

from entity_contract import Contract
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.exceptions import BaseORMException

from entity_server.store.columns import Dialect
from entity_server.store.database import Database
from entity_server.store.failures import StoreUnavailable, driver_errors
from entity_server.store.migrating import Migration, plan, prepare
from entity_server.store.options import options
from entity_server.store.store import Store
from entity_server.store.tables import ACCESS, Table, entity_table, registry, to_sqlite

_SQLITE = "sqlite://"
_POSTGRES = ("postgres://", "postgresql://")
_FORMS = "write sqlite://PATH, sqlite://:memory: or postgres://USER:PASSWORD@HOST:PORT/NAME"
_HINTS: Mapping[Dialect, str] = {
    "sqlite": "check that the directory exists and may be written to, and that the file is an SQLite database",
    "postgres": "check that the server is up and that host, port, user, password and database name are right",
}
_LOCKED = "another program is writing to it: wait until it is done, or end it"
_RIGHTS = "the user needs the right to make tables, in a schema that is there"
_IN_THE_WAY = frozenset({"55P03", "40P01"})  # lock_not_available, deadlock_detected
_LACKS_RIGHTS = frozenset({"42501", "3F000"})  # insufficient_privilege, invalid_schema_name
_SQLITE_SETTINGS: Mapping[str, object] = {
    "journal_mode": "WAL",
    "synchronous": "NORMAL",  # with WAL, a power cut loses the last moments, never the database
    "wal_autocheckpoint": 8000,  # pages: a create writes one for each index, and a checkpoint copies the last of each
    "busy_timeout": 5000,
    "foreign_keys": "ON",
}
# Once it serves, and not while it makes an index: what a statement may have to undo takes little, and a file a lot.
_SQLITE_SERVING = "PRAGMA temp_store=MEMORY"
# Without a minimum, the pool connects when it is asked to, and not in the background of an outage.
_MAXSIZE = 10
_LONGEST_NAME = 63
_OF_POSTGRES = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
_RENAME = "give it another name in the contract"
_POSTGRES_SETTINGS: Mapping[str, object] = {"timeout": 10, "command_timeout": 30, "minsize": 0, "maxsize": _MAXSIZE}


async def open_store(url: str, contract: Contract, *, text_index: bool | None = None) -> Store:
    """The store at `url` with the tables of this contract, created where they lack.

    `sqlite://PATH` (relative, or absolute with a third slash), `sqlite://:memory:`, `postgres://...`. Raises
    StoreUnavailable, whose message and hint hold no secret. One store can be open in a process at a time.

    `text_index` makes the text index or drops it; None leaves it as it is, and searches without it.
    `store.no_text_index` tells why there is none though it was asked for.
    """
    dialect, credentials = read(url)
    tables = _tables(contract, dialect)
    database = Database(tables, dialect)
    async with _connected(database, credentials, url):
        async with database.alone() as connection:
            refusal = await prepare(connection, dialect, tables, _shown(url), index_texts=text_index)
        if dialect == "sqlite":
            await database.connection.execute_script(_SQLITE_SERVING)
    database.text_index = text_index is True and refusal is None
    return Store(database, contract, no_text_index=refusal)


async def migrate(url: str, contract: Contract, *, dry_run: bool, text_index: bool = False) -> Migration:
    """Make the database at `url` fit this contract, or only say what that takes. Raises StoreUnavailable.

    `text_index` makes the text index too; without it, it stays as it is.
    """
    dialect, credentials = read(url)
    tables = _tables(contract, dialect)
    database = Database(tables, dialect)
    async with _connected(database, credentials, url):
        with suppress(_Undone):
            async with database.alone() as connection:
                migration, statements = await plan(connection, dialect, tables, index_texts=text_index)
                if dry_run:
                    raise _Undone  # to find out whether there can be a text index is to make what it needs
                if statements:
                    await connection.execute(statements)
    await database.close()
    return migration


class _Undone(Exception):  # noqa: N818 - nothing went wrong
    """What has been done is not to be kept."""


def _tables(contract: Contract, dialect: Dialect) -> tuple[Table, ...]:
    entities = registry(contract)
    lacking = [
        f"{e.name}.{name}" for e in entities for name in ("id", "createdAt", "updatedAt") if e.field(name) is None
    ]
    if lacking:
        raise StoreUnavailable(f"the contract lacks the field {lacking[0]}", hint="every entity needs it")
    tables = tuple(entity_table(entities, entity, contract.document) for entity in entities)
    _judge_names([table.name for table in tables], dialect)
    for table in tables:
        _judge_names([column.name for column in table.columns], dialect, of=f" of table {table.name}")
    return (*tables, *ACCESS)


def _judge_names(names: Iterable[str], dialect: Dialect, *, of: str = "") -> None:
    """Raise StoreUnavailable for names that the database would take for others: it cuts them off, or knows no case."""
    known: dict[bytes, str] = {}
    for name in names:
        if dialect == "postgres" and len(name.encode()) > _LONGEST_NAME:
            raise StoreUnavailable(
                f"PostgreSQL keeps {_LONGEST_NAME} bytes of a name, and {name}{of} has more", hint=_RENAME
            )
        if dialect == "postgres" and name in _OF_POSTGRES:
            raise StoreUnavailable(f"PostgreSQL keeps the name {name}{of} for itself", hint=_RENAME)
        folded = to_sqlite(name) if dialect == "sqlite" else name.encode()
        if folded in known:
            raise StoreUnavailable(f"to SQLite {known[folded]} and {name}{of} are one name", hint=_RENAME)
        known[folded] = name


@asynccontextmanager
async def _connected(database: Database, credentials: Mapping[str, Any], url: str) -> AsyncIterator[None]:
    """The database, open; what goes wrong closes it, and is worded. Raises StoreUnavailable."""
    dialect = database.dialect
    try:
        if dialect == "sqlite":
            await asyncio.to_thread(_probe, credentials["file_path"])
        await database.open(credentials)
        yield
    except BaseException as error:
        await database.close()
        if isinstance(error, driver_errors(dialect).every):
            raise StoreUnavailable(
                f"cannot open the database {_shown(url)}: {_reason(error)}", hint=_hint(error, dialect)
            ) from error
        raise


def read(url: str) -> tuple[Dialect, dict[str, Any]]:
    """The kind of database at `url`, and what its client takes. Raises StoreUnavailable."""
    if url.startswith(_SQLITE):
        path = url.removeprefix(_SQLITE)
        if not path or "\0" in path:
            raise StoreUnavailable("the database URL names no file", hint=_FORMS)
        if "?" in path:
            raise StoreUnavailable(f"an SQLite database takes no options, as {_shown(url)} has", hint=_FORMS)
        return "sqlite", {"file_path": path, **_SQLITE_SETTINGS}
    if url.startswith(_POSTGRES):
        try:
            parts = urlsplit(url)
            if "@" in parts._replace(netloc="").geturl():
                raise StoreUnavailable(
                    "cannot read the database URL", hint="percent-encode the characters / ? # @ in user and password"
                )
            credentials: dict[str, Any] = expand_db_url(parts._replace(query="").geturl())["credentials"]
        except (BaseORMException, ValueError) as error:
            raise StoreUnavailable(f"cannot read the database URL {_shown(url)}", hint=_FORMS) from error
        told = options(parts.query, most=_MAXSIZE)
        named = {name: value for name, value in credentials.items() if value is not None}
        if parts.port is None and "port" in told:
            del named["port"]  # the usual one, which Tortoise fills in
        return "postgres", {**_POSTGRES_SETTINGS, **told, **named}
    raise StoreUnavailable(f"cannot read the database URL {_shown(url)}", hint=_FORMS)


def _probe(path: str) -> None:
    """Raise what is wrong with the file now: a connection that aiosqlite fails to make leaves its thread behind."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA schema_version").fetchone()


def _shown(url: str) -> str:
    """The URL without user, password and options."""
    if url.startswith(_SQLITE):
        return url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(unreadable)"
    return f"{parts.scheme}://{host}{port}{parts.path}" if parts.scheme else "(without a scheme)"


def _hint(error: BaseException, dialect: Dialect) -> str:
    if "database is locked" in str(error) or getattr(_cause(error), "sqlstate", None) in _IN_THE_WAY:
        return _LOCKED
    return _RIGHTS if getattr(_cause(error), "sqlstate", None) in _LACKS_RIGHTS else _HINTS[dialect]


def _cause(error: BaseException) -> Any:  # noqa: ANN401 - what Tortoise wraps is an error, or its words
    return error.args[0] if isinstance(error, BaseORMException) and error.args else error


def _reason(error: BaseException) -> str:
    """The driver's own words where they are safe: neither PostgreSQL nor SQLite repeats a password."""
    cause = _cause(error)
    text = re.sub(r"\s+", " ", str(cause)).strip() or type(cause).__name__
    return text[:200]
