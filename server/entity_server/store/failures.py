"""Turning the errors of Tortoise and the drivers into the domain's problems.

Charter: no message of a driver reaches a client: it may hold values or SQL. The original stays the cause, for the log.
"""

import sqlite3
from types import TracebackType

import asyncpg  # type: ignore[import-untyped]
from tortoise.exceptions import BaseORMException, DBConnectionError, IntegrityError

from entity_server.domain.problems import DatabaseError, InternalError, ServiceUnavailable

DRIVER_ERRORS: tuple[type[BaseException], ...] = (
    BaseORMException, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError,
)  # fmt: skip
"""Everything that Tortoise and the drivers raise; `Database.working` forestalls aiosqlite's ValueError once closed."""

_UNREACHABLE: tuple[type[BaseException], ...] = (
    DBConnectionError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError, OSError, TimeoutError,
)  # fmt: skip
_SQLITE_UNREACHABLE = ("locked", "busy", "unable to open", "disk i/o", "readonly", "full")


class StoreUnavailable(Exception):  # noqa: N818 - it says what is the matter
    """The database cannot be opened, or is not this contract's. `hint` says what the person at the terminal can do."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message} ({hint})")
        self.message = message
        self.hint = hint


class BrokenReference(Exception):  # noqa: N818 - likewise
    """A foreign key names a record that is gone; it stays inside the store."""


class Translated:
    """A context in which the drivers' errors become the domain's."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise what the error means."""
        if isinstance(error, DRIVER_ERRORS):
            raise _meaning(error) from error


def _meaning(error: BaseException) -> InternalError | BrokenReference:
    cause = error.args[0] if isinstance(error, BaseORMException) and error.args else error
    if isinstance(error, IntegrityError) and "foreign key" in str(cause).lower():
        return BrokenReference()
    if isinstance(error, _UNREACHABLE) or isinstance(cause, _UNREACHABLE):
        return ServiceUnavailable()
    if isinstance(cause, sqlite3.OperationalError) and any(word in str(cause).lower() for word in _SQLITE_UNREACHABLE):
        return ServiceUnavailable()
    return DatabaseError()
