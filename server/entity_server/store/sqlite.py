"""SQLite: one connection that writes, and two that read a file beside it.

In WAL mode readers and the writer do not wait for each other, whoever else has the file open. What is over at once runs
in the loop's own thread (see `at_once`); what would have to wait there, or takes longer, a thread does.

A private `:memory:` is one connection and can be no other: it is used from the loop's thread when no other is at it.

A file that is removed, or another in its place, is noticed: SQLite would go on in the one that nobody else can open,
and all that was written would be gone with the process.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

import aiosqlite
from tortoise.backends.base.client import ConnectionWrapper
from tortoise.backends.sqlite.client import SqliteClient

from entity_server.store.at_once import AtOnce, Rows
from entity_server.store.columns import LATER, later
from entity_server.store.resting import PointReads, rest
from entity_server.store.together import Together
from entity_server.store.turns import Turns

MEMORY = ":memory:"

# Of so many writes two go to the thread: the first writes back a log that has grown long, the second begins it anew.
_IN_A_THREAD, _AT_A_TIME = 500, 2

# Seconds for which files that were there are taken to be there: what was written just before they went is gone, too.
_LOOKED_AT = 0.05


class Writer(SqliteClient):
    """Tortoise's client with a bound on waiting. Of a private database it is all that there is, reading included."""

    def __init__(self, file_path: str, **pragmas: Any) -> None:  # noqa: ANN401 - Tortoise's signature
        super().__init__(file_path, **pragmas)
        self.thread = _Thread(self)
        self.at_once: AtOnce | None = None
        self._together: Together | None = None
        self._written = 0
        self._files: tuple[tuple[Path, os.stat_result], ...] = ()
        self._looked = -inf

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
        self.at_once = AtOnce(self.plain)
        if self.filename != MEMORY:  # where a commit costs nothing
            self._together = Together(self.plain, self.at_once, free=self.thread.free, idle=self.thread.idle)

    def acquire_connection(self) -> ConnectionWrapper[aiosqlite.Connection]:
        """The connection, for one statement in its thread."""
        return ConnectionWrapper(self.thread, self)  # type: ignore[arg-type] # it asks for a lock's two methods

    def _in_transaction(self) -> Any:  # noqa: ANN401 - Tortoise's own context
        context = super()._in_transaction()
        context._trxlock = self.thread  # type: ignore[attr-defined] # noqa: SLF001 - the lock of `acquire_connection`
        return context

    @property
    def plain(self) -> sqlite3.Connection:
        """The driver's connection, to be used while one has the turn."""
        assert self._connection is not None
        return self._connection._conn  # noqa: SLF001 - aiosqlite offers no other way past its thread

    def _note_files(self) -> None:
        """Note which files there are: the database, which has been written to, and its log."""
        paths = (Path(self.filename), Path(f"{self.filename}-wal"))
        self._files = tuple((path, found) for path in paths if (found := _found(path)) is not None)

    def refuse_if_gone(self) -> None:
        """Raise OSError where a file is no longer the one that was opened."""
        if monotonic() - self._looked < _LOOKED_AT:
            return
        for path, then in self._files:
            now = _found(path)
            if now is None or not os.path.samestat(then, now):
                raise OSError(f"{path} has been removed or replaced: put it back, or start the server again")
        self._looked = monotonic()

    async def one(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the loop's thread, unless it would have to wait there; in a file together with others."""
        self.refuse_if_gone()
        self._written += 1
        if self._written % _IN_A_THREAD >= _AT_A_TIME and self.at_once is not None:
            if self._together is None:
                await self.thread.idle()
                rows = self.at_once.run(statement, values)
            else:
                rows = await self._together.run(statement, values)
            if rows is not None:
                return rows
        return await self.many(statement, values)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator["Alone"]:
        """A transaction that changes tables, one at a time: what lies in the file stays as it was seen here.

        Foreign keys are not heeded, so that a table can be made anew without a loss of what refers to it.
        """
        async with self.acquire_connection() as connection:
            await connection.executescript("PRAGMA foreign_keys=OFF; BEGIN IMMEDIATE")
            try:
                yield Alone(connection)
                await connection.commit()
            finally:
                if connection.in_transaction:
                    await connection.rollback()
                await connection.executescript(f"PRAGMA foreign_keys={self.pragmas['foreign_keys']}")
            self._note_files()

    async def many(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the connection's thread."""
        async with self.acquire_connection() as connection:
            return list(await connection.execute_fetchall(statement, values))


class Alone:
    """A connection in a transaction that changes tables."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Rows as dicts."""
        return [dict(row) for row in await self._connection.execute_fetchall(query, values)]

    async def execute(self, statements: Sequence[str]) -> None:
        """Statements, in one turn of its thread. A script, as the driver has it, would end the transaction first."""

        def each() -> None:
            for statement in statements:
                self._connection._conn.execute(statement)  # noqa: SLF001 - as `plain`

        await self._connection._execute(each)  # type: ignore[no-untyped-call] # noqa: SLF001 - it offers no other way


class _Thread:
    """The connection's own thread, for one at a time: a lock, as Tortoise takes one.

    There a statement waits for whoever has the file locked, and a commit writes a long log back. Who has it lets go
    when the thread is through with what it was asked for, even if nobody waits for that any more.
    """

    __slots__ = ("_ending", "_turns", "_writer")

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._turns = Turns(1)
        self._ending: asyncio.Task[None] | None = None

    async def idle(self) -> None:
        """Wait until nobody is at the connection: whoever goes on at once, in the loop's thread, has it."""
        if self._turns.locked():
            async with self._turns:
                pass

    def free(self) -> bool:
        """Whether nobody is at the connection."""
        return self._turns.free

    async def acquire(self) -> bool:
        """Wait for a turn; whoever has one must `release` it."""
        self._writer.refuse_if_gone()
        await self._turns.acquire()
        if (at_once := self._writer.at_once) is not None:
            at_once.end()
            self._writer.plain.executescript(_waiting(self._writer.pragmas))
        return True

    def release(self) -> None:
        """Let the next one go on, once the thread is through."""
        self._ending = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        connection = self._writer._connection  # noqa: SLF001 - Tortoise's own
        try:
            if connection is not None:
                with suppress(ValueError, sqlite3.Error):  # it has been closed
                    await connection.executescript(_waiting({}))
                    assert self._writer.at_once is not None
                    self._writer.at_once.begin()
        finally:
            self._turns.release()


class MemoryReading:
    """Reading from a private database: its one connection, in turn with what writes."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def point(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the loop's thread, when nobody else is at it."""
        await self._writer.thread.idle()
        return self._writer.plain.execute(statement, values).fetchall()

    access = point

    async def many(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the loop's thread where it is over at once, else in the connection's."""
        await self._writer.thread.idle()
        assert self._writer.at_once is not None
        rows = self._writer.at_once.briefly(statement, values)
        return await self._writer.many(statement, values) if rows is None else rows

    planned = many  # SQLite plans a statement once, and has nothing that tells rare values from common ones

    def refuse_if_gone(self) -> None:
        """Nothing: nobody else can open it."""

    async def close(self) -> None:
        """Nothing: the writer closes its connection."""


class FileReading:
    """Reading from a file: a connection in the loop's thread, and one in a thread of its own."""

    def __init__(self, writer: Writer, near: sqlite3.Connection, far: aiosqlite.Connection) -> None:
        self.refuse_if_gone = writer.refuse_if_gone
        self._near = near
        self._at_once = AtOnce(near)
        self._far = far
        self._point_reads = PointReads()
        self._beside = asyncio.Lock()

    async def point(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the loop's thread, unless the file is locked just now."""
        self._point_reads.note()
        rows = self._at_once.run(statement, values)
        return list(await self._far.execute_fetchall(statement, values)) if rows is None else rows

    access = point

    async def many(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the loop's thread where it is over at once, else in the thread that reads: one at a time.

        Beside point reads each is followed by a rest. They wait in its queue anyhow, without a bound.
        """
        rows = self._at_once.briefly(statement, values)
        if rows is not None:
            return rows
        if not self._point_reads.dense:
            return list(await self._far.execute_fetchall(statement, values))
        await self._beside.acquire()
        began = monotonic()
        try:
            return list(await self._far.execute_fetchall(statement, values))
        finally:
            asyncio.get_running_loop().call_later(rest(monotonic() - began, inf), self._beside.release)

    planned = many  # as above

    async def close(self) -> None:
        """Close both."""
        self._near.close()
        await self._far.close()


def _found(path: Path) -> os.stat_result | None:
    """What is at that place."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _waiting(settings: Mapping[str, object]) -> str:
    """The statements after which a connection waits for locks, and looks after its log, as the settings say, or never.

    Such a PRAGMA acts when it is prepared, so that a statement that is kept would do nothing: a script is not kept.
    """
    return ";".join(f"PRAGMA {name}={settings.get(name, 0)}" for name in ("busy_timeout", "wal_autocheckpoint"))


async def reading_from(writer: Writer, settings: Mapping[str, object]) -> MemoryReading | FileReading:
    """What reads beside that writer, which is connected. `settings` are the writer's pragmas."""
    if writer.filename == MEMORY:
        return MemoryReading(writer)
    near = sqlite3.connect(writer.filename, isolation_level=None, timeout=0)
    near.execute("PRAGMA query_only=1")
    far = await aiosqlite.connect(writer.filename, isolation_level=None)
    await far.execute_fetchall("PRAGMA query_only=1")
    await far.execute_fetchall(f"PRAGMA busy_timeout={settings['busy_timeout']}")
    return FileReading(writer, near, far)


client_class = Writer
"""What Tortoise looks for in a module that is named as an engine."""
