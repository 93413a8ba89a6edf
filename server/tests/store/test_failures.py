import sqlite3

import asyncpg  # type: ignore[import-untyped]
import pytest
from entity_server.domain.problems import DatabaseError, ServiceUnavailable
from entity_server.store import open_store
from entity_server.store.failures import BrokenReference, Translated
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError

from server.tests.example_entities import THINGS, contract_of
from server.tests.store.given import ANN, query, thing

UNREACHABLE = [
    DBConnectionError("no"),
    OSError("refused"),
    TimeoutError(),
    asyncpg.ConnectionDoesNotExistError("gone"),
    asyncpg.InterfaceError("pool is closing"),
    asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
    asyncpg.CannotConnectNowError("starting up"),
    asyncpg.AdminShutdownError("bye"),
    asyncpg.TooManyConnectionsError("full"),
    asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT in a read-only transaction"),
    asyncpg.DeadlockDetectedError("deadlock detected"),
    asyncpg.LockNotAvailableError("canceling statement due to lock timeout"),
    OperationalError(asyncpg.DiskFullError("full")),
    OperationalError(sqlite3.OperationalError("database is locked")),
    OperationalError(sqlite3.OperationalError("disk I/O error")),
]
BROKEN = [
    OperationalError("near SELECT: syntax error"),
    IntegrityError("UNIQUE constraint failed"),
    sqlite3.DatabaseError("database disk image is malformed"),
    asyncpg.PostgresSyntaxError("syntax error"),
    asyncpg.DataError("invalid input"),
]


@pytest.mark.parametrize("error", UNREACHABLE, ids=repr)
def test_a_database_that_cannot_be_reached_is_service_unavailable(error: Exception) -> None:
    with pytest.raises(ServiceUnavailable) as problem, Translated("postgres"):
        raise error

    assert problem.value.__cause__ is error


@pytest.mark.parametrize("error", BROKEN, ids=repr)
def test_a_database_that_fails_is_a_database_error(error: Exception) -> None:
    with pytest.raises(DatabaseError) as problem, Translated("postgres"):
        raise error

    assert str(problem.value) == "Database operation failed"


def test_a_broken_reference_is_told_apart() -> None:
    with pytest.raises(BrokenReference), Translated("postgres"):
        raise IntegrityError(sqlite3.IntegrityError("FOREIGN KEY constraint failed"))


@pytest.mark.parametrize("error", [ValueError("ours"), KeyError("ours")], ids=repr)
def test_our_own_mistakes_stay_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error)), Translated("postgres"):
        raise error


@pytest.mark.anyio
async def test_a_closed_store_is_service_unavailable() -> None:
    store = await open_store("sqlite://:memory:", contract_of(THINGS))
    await store.close()

    for use in (
        store.ping(),
        store.records.list(THINGS, query(), ANN),
        store.keys.find("x"),
        store.credits.balance(ANN),
    ):
        with pytest.raises(ServiceUnavailable):
            await use


@pytest.mark.anyio
async def test_a_store_whose_tables_are_gone_fails_as_a_problem(database_url: str) -> None:
    store = await open_store(database_url, contract_of(THINGS))
    await store._database.connection.execute_script("DROP TABLE entity_things")

    with pytest.raises(DatabaseError):
        await store.records.list(THINGS, query(), ANN)
    with pytest.raises(DatabaseError):
        await thing(store)
    await store.close()


@pytest.mark.anyio
async def test_an_id_that_is_taken_is_a_database_error(database_url: str) -> None:
    store = await open_store(database_url, contract_of(THINGS))
    await thing(store, id="thg_1")

    with pytest.raises(DatabaseError):
        await thing(store, id="thg_1")
    await store.close()
