"""SQLite: one connection that writes, and two that read a file beside it.

In WAL mode readers and the writer do not wait for each other, whoever else has the file open. A point read is over
sooner than another thread could be asked for it: it runs in the loop's own thread, on a connection that never waits
for a lock; where it would have to, the thread that reads lists asks again, and waits there.

A private `:memory:` is one connection and can be no other. Point reads use it from the loop's thread whenever nothing
else does.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import aiosqlite
from tortoise.backends.base.client import ConnectionWrapper
from tortoise.backends.sqlite.client import SqliteClient

from entity_server.store.columns import LATER, later
from entity_server.store.turns import Turns

MEMORY = ":memory:"

Rows = Sequence[Sequence[Any]]


class Writer(SqliteClient):
    """Tortoise's client with a bound on waiting. Of a private database it is all that there is, reading included."""

    def __init__(self, file_path: str, **pragmas: Any) -> None:  # noqa: ANN401 - Tortoise's signature
        super().__init__(file_path, **pragmas)
        self.turns = Turns(1)

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002, FBT001 - Tortoise's signature
        """Connect, as Tortoise does, but for a connection that the loop's thread may use as well."""
        if self._connection is not None:
            return
        self._connection = await aiosqlite.connect(self.filename, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        for name, value in self.pragmas.items():
            await self._connection.execute_fetchall(f"PRAGMA {name}={value}")
        await self._connection.create_function(LATER, 2, later)
        await self._post_connect()

    def acquire_connection(self) -> ConnectionWrapper[aiosqlite.Connection]:
        """The connection, for one statement."""
        return ConnectionWrapper(self.turns, self)  # type: ignore[arg-type] # it asks for a lock's two methods

    def _in_transaction(self) -> Any:  # noqa: ANN401 - Tortoise's own context
        context = super()._in_transaction()
        context._trxlock = self.turns  # type: ignore[attr-defined] # noqa: SLF001 - the lock of `acquire_connection`
        return context

    @property
    def plain(self) -> sqlite3.Connection:
        """The driver's connection, to be used while one has the turn."""
        assert self._connection is not None
        return self._connection._conn  # noqa: SLF001 - aiosqlite offers no other way to ask without its thread


class MemoryReading:
    """Reading from a private database: its one connection, in turn with what writes."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def point(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the loop's thread, when nobody else is at it."""
        async with self._writer.turns:
            return self._writer.plain.execute(statement, values).fetchall()

    async def many(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the connection's thread."""
        async with self._writer.acquire_connection() as connection:
            return list(await connection.execute_fetchall(statement, values))

    planned = many  # SQLite plans a statement once, and has nothing that tells rare values from common ones

    async def close(self) -> None:
        """Nothing: the writer closes its connection."""


class FileReading:
    """Reading from a file: a connection in the loop's thread, and one in a thread of its own."""

    def __init__(self, near: sqlite3.Connection, far: aiosqlite.Connection) -> None:
        self._near = near
        self._far = far

    async def point(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the loop's thread, unless the file is locked just now."""
        try:
            return self._near.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
        return await self.many(statement, values)

    async def many(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the thread that reads."""
        return list(await self._far.execute_fetchall(statement, values))

    planned = many  # as above

    async def close(self) -> None:
        """Close both."""
        self._near.close()
        await self._far.close()


async def reading_from(writer: Writer, settings: Mapping[str, object]) -> MemoryReading | FileReading:
    """What reads beside that writer, which is connected. `settings` are the writer's pragmas."""
    if writer.filename == MEMORY:
        return MemoryReading(writer)
    near = sqlite3.connect(writer.filename, isolation_level=None, timeout=0)
    near.execute("PRAGMA query_only=1")
    far = await aiosqlite.connect(writer.filename, isolation_level=None)
    await far.execute_fetchall("PRAGMA query_only=1")
    await far.execute_fetchall(f"PRAGMA busy_timeout={settings['busy_timeout']}")
    return FileReading(near, far)


client_class = Writer
"""What Tortoise looks for in a module that is named as an engine."""
