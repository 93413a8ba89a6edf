"""Turning the errors of Tortoise and the drivers into the domain's problems.

No message of a driver reaches a client: it may hold values or SQL. The original stays the cause, for the log.
"""

import sqlite3
from dataclasses import dataclass
from functools import cache
from types import TracebackType

from tortoise.exceptions import BaseORMException, DBConnectionError, IntegrityError

from entity_server.domain.problems import DatabaseError, InternalError, ServiceUnavailable
from entity_server.store.columns import Dialect

Errors = tuple[type[BaseException], ...]

_SQLITE_UNREACHABLE = ("locked", "busy", "unable to open", "disk i/o", "readonly", "full")


@dataclass(frozen=True, slots=True)
class DriverErrors:
    """What Tortoise and a driver raise; which of it says that the database cannot be reached, or that it refuses."""

    every: Errors
    unreachable: Errors
    refusing: Errors


@cache
def driver_errors(dialect: Dialect) -> DriverErrors:
    """The errors of that dialect's driver; `Database.working` forestalls aiosqlite's ValueError once closed."""
    every: Errors = (BaseORMException, sqlite3.Error, OSError, TimeoutError)
    unreachable: Errors = (DBConnectionError, OSError, TimeoutError)
    if dialect == "sqlite":
        return DriverErrors(every, unreachable, (IntegrityError, sqlite3.IntegrityError))
    import asyncpg  # type: ignore[import-untyped]  # noqa: PLC0415 - a server on SQLite need not load it

    # InternalClientError: a connection that PostgreSQL left in the middle of an answer is asked once more. What takes
    # no writes for now (a standby, after a failover) and what another transaction was in the way of may pass, too.
    return DriverErrors(
        every=(*every, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError),
        unreachable=(
            *unreachable, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError,
            asyncpg.InsufficientResourcesError, asyncpg.OperatorInterventionError,
            asyncpg.ReadOnlySQLTransactionError, asyncpg.TransactionRollbackError, asyncpg.LockNotAvailableError,
        ),
        refusing=(IntegrityError, asyncpg.IntegrityConstraintViolationError),
    )  # fmt: skip


class StoreUnavailable(Exception):  # noqa: N818 - it says what is the matter
    """The database cannot be opened, or is not this contract's. `hint` says what the person at the terminal can do."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message} ({hint})")
        self.message = message
        self.hint = hint


class BrokenReference(Exception):  # noqa: N818 - likewise
    """A foreign key names a record that is gone; it stays inside the store."""


class Translated:
    """A context in which the errors of one driver become the domain's."""

    __slots__ = ("_errors",)

    def __init__(self, dialect: Dialect) -> None:
        self._errors = driver_errors(dialect)

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise what the error means."""
        if error is not None and isinstance(error, self._errors.every):
            raise _meaning(error, self._errors) from error


def _meaning(error: BaseException, known: DriverErrors) -> InternalError | BrokenReference:
    cause = error.args[0] if isinstance(error, BaseORMException) and error.args else error
    if isinstance(error, known.refusing) and "foreign key" in str(cause).lower():
        return BrokenReference()
    if isinstance(error, known.unreachable) or isinstance(cause, known.unreachable):
        return ServiceUnavailable()
    if isinstance(cause, sqlite3.OperationalError) and any(word in str(cause).lower() for word in _SQLITE_UNREACHABLE):
        return ServiceUnavailable()
    return DatabaseError()
