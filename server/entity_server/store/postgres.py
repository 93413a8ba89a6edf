"""PostgreSQL: one pool, a share of which is kept for point reads, and another for lists.

Twelve searches at once would otherwise hold every connection, and the health check would wait behind them. A request
waits for its turn within a bound. Where its own share has no turn, it takes one of another share, of which it leaves
one: to wait takes half as much of the event loop as the statement itself.

Nobody waits for a lock of another program for longer than SQLite does. Meanwhile one connection is left to keys,
sessions and health: a table that is locked keeps its own requests waiting, and those alone.
"""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from entity_server.store.columns import from_timestamp, to_timestamp
from entity_server.store.resting import PointReads, rest
from entity_server.store.turns import LONGEST_WAIT, Turns

_SEARCHES = 2
"""How many lists with conditions at once: each may take a processor for a second, and point reads need one too."""

_ALONE, _AMONG_OTHERS = (f"SET max_parallel_workers_per_gather TO {number}" for number in ("DEFAULT", "0"))

_LOCK_TIMEOUT = "SET lock_timeout = 5000"  # milliseconds, as SQLite's `busy_timeout`

_LONGEST_POINT = 10.0
"""Seconds for a statement about one row, of which five may be a wait for a lock: a server that hangs says nothing."""

_LONGEST_END = 5.0
"""Seconds for a statement that was given up to end; then its connection is closed."""

_OF_THE_END = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a connection may raise that is let go of: it is closed then."""

_LONGEST_SCRIPT = 6 * 3600.0  # seconds

_TABLES = 7164281059  # whoever changes tables has this lock; any number will do
# For as long as it takes, other than for the lock of a table.
_BE_ALONE = f"SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({_TABLES})"
_A_WHILE = 3.0  # seconds, which workers that start together do not take

_WAITING = "another program changes the tables of this database, which may take minutes: waiting"

log = logging.getLogger("entity_server")

Rows = Sequence[Sequence[Any]]


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that has nothing to reset when it goes back.

    The store sets nothing of a session but how many processes help a search, which each search sets for itself; and
    asyncpg would make a round trip for it after every statement.
    """

    __slots__ = ()

    def get_reset_query(self) -> str:
        """Nothing."""
        return ""


class Pool(AsyncpgDBClient):
    """Tortoise's client with turns: it writes in its own, and the others are for reading."""

    connection_class = Connection

    def __init__(self, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401 - Tortoise's signature
        super().__init__(*arguments, **settings)
        self.writes, self.points, self.lists, self.access = _shares(self.pool_maxsize)
        self.longest_point = min(_LONGEST_POINT, settings.get("command_timeout") or math.inf)
        self._kept: set[Any] = set()
        self._idle: list[Any] = []
        self._ending: set[asyncio.Task[None]] = set()

    async def create_pool(self, **settings: Any) -> Any:  # noqa: ANN401 - Tortoise's signature
        """The driver's, whose connections answer instants in wire form."""
        return await super().create_pool(init=_begin, **settings)

    @property
    def use(self) -> tuple[int, int]:
        """How many connections somebody has taken, and how many there may be; zeros before the first."""
        if self._pool is None:
            return 0, 0
        return self._pool.get_size() - self._pool.get_idle_size() - len(self._idle), self._pool.get_max_size()

    def acquire_connection(self) -> Any:  # noqa: ANN401 - what Tortoise enters
        """A connection for what writes."""
        return _Turn(self, self.writes)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator["Alone"]:
        """A transaction that changes tables, one at a time: what lies in the database stays as it was seen here."""
        async with self.acquire_connection() as connection, connection.transaction():
            waiting = asyncio.get_running_loop().call_later(_A_WHILE, log.warning, _WAITING)
            try:
                await connection.execute(f"{_BE_ALONE}; {_LOCK_TIMEOUT}", timeout=_LONGEST_SCRIPT)
            finally:
                waiting.cancel()
            yield Alone(connection)

    async def one(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the share of what writes, or in that of the lists."""
        return await self.fetched(_spare(self.writes, self.lists), statement, values, within=self.longest_point)

    async def many(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the share of what writes."""
        return await self.fetched(self.writes, statement, values)

    async def take(self, turns: Turns) -> Any:  # noqa: ANN401 - the driver's connection, which has no types
        """A connection, after a wait for one of these turns. It is to be given back."""
        await turns.acquire()
        try:
            if self._pool is None:
                await self._connect()
            assert self._pool is not None
            while self._idle:
                connection = self._idle.pop()
                if _alive(connection):
                    return connection
                await self._let_go(connection)
            connection = await self._pool.acquire()
        except BaseException:
            turns.release()
            raise
        if len(self._kept) < self.pool_maxsize - 1:  # a transaction takes one of the pool's own
            self._kept.add(connection)
        return connection

    def _at_once(self, turns: Turns) -> Any:  # noqa: ANN401 - as `take` gives it
        """As `take`, where nothing has to be waited for; else None."""
        if not (turns.free and self._idle and _alive(self._idle[-1])):
            return None
        turns.take()
        return self._idle.pop()

    async def give_back(self, connection: Any, turns: Turns, *, sound: bool) -> None:  # noqa: ANN401 - as `take` gives it
        """What was taken. One that is sound is kept: the pool takes as long to lend it again as the driver to ask.

        One on which something went wrong may be under way still, and the pool knows how to end that. Nobody waits for
        it: a server that hangs would have a request wait as long again.
        """
        if sound and connection in self._kept:
            self._idle.append(connection)
            turns.release()
        elif sound:
            await self._let_go(connection, turns)
        else:
            ending = asyncio.get_running_loop().create_task(self._end(connection, turns))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def _end(self, connection: object, turns: Turns) -> None:
        with suppress(*_OF_THE_END):
            await self._let_go(connection, turns)

    async def _let_go(self, connection: object, turns: Turns | None = None) -> None:
        self._kept.discard(connection)
        try:
            if self._pool is not None:
                await self._pool.release(connection, timeout=_LONGEST_END)
        finally:
            if turns is not None:
                turns.release()

    async def _close(self) -> None:
        while self._idle:
            await self._let_go(self._idle.pop())
        self._kept.clear()
        if self._pool is not None:
            with suppress(TimeoutError):  # the driver hangs up then
                await asyncio.wait_for(self._pool.close(), _LONGEST_END)
        await super()._close()

    async def hang_up(self) -> None:
        """Close every connection, without waiting for those that were taken."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None
            self._idle.clear()
            self._kept.clear()

    async def fetched(
        self, turns: Turns, statement: str, values: Sequence[Any], *, within: float | None = None
    ) -> Rows:
        """What the statement finds, in one of these turns, within so many seconds."""
        connection = self._at_once(turns) or await self.take(turns)
        try:
            rows: Rows = await connection.fetch(statement, *values, timeout=within)
        except BaseException:
            await self.give_back(connection, turns, sound=False)
            raise
        if connection in self._kept:  # as `give_back`, for nearly every statement that there is
            self._idle.append(connection)
            turns.release()
        else:
            await self.give_back(connection, turns, sound=True)
        return rows

    async def _connect(self) -> None:
        async with self._pool_init_lock:
            if self._pool is None:
                await self.create_connection(with_db=True)


class Alone:
    """A connection in a transaction that changes tables."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - the driver's
        self._connection = connection

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Rows as dicts, for as long as it takes: what has been kept may have to be judged."""
        return [dict(row) for row in await self._connection.fetch(query, *(values or ()), timeout=_LONGEST_SCRIPT)]

    async def execute(self, statements: Sequence[str]) -> None:
        """Statements, for as long as they take."""
        await self._connection.execute(";\n".join(statements), timeout=_LONGEST_SCRIPT)


class PoolReading:
    """Reading by the pool's two other shares."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._searches, self._beside = Turns(_SEARCHES), Turns(1)
        self._point_reads = PointReads()

    async def point(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the share that is kept for it, or in one of the others."""
        pool = self._pool
        self._point_reads.note()
        own = _spare(pool.points, pool.writes, pool.lists)
        return await pool.fetched(own, statement, values, within=pool.longest_point)

    async def access(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the turn that is left to it, or in one of the others."""
        pool = self._pool
        self._point_reads.note()
        own = pool.access if pool.access.free else _spare(pool.points, pool.writes, pool.lists)
        return await pool.fetched(own if own.free else pool.access, statement, values, within=pool.longest_point)

    async def many(self, statement: str, values: Sequence[Any]) -> Rows:
        """In the share of the lists, or in that of what writes."""
        pool = self._pool
        return await pool.fetched(_spare(pool.lists, pool.writes), statement, values)

    async def planned(self, statement: str, values: Sequence[Any]) -> Rows:
        """Likewise, two at once, by a plan for these values. A search that is alone may use several processors.

        Beside point reads there is one at a time, on one processor, and a rest: what searches take longer is less than
        what those would. Where many wait the rest is shorter, so that each has its turn within the bound.

        After five times PostgreSQL may keep one plan for all values of a statement that has a name: at 200,000 records
        that took a search for two letters from 0.3 to 1.5 seconds. One without a name it plans each time.
        """
        if not self._point_reads.dense:
            return await self._searched(statement, values)
        await self._beside.acquire()
        began = monotonic()
        try:
            return await self._searched(statement, values, beside=True)
        finally:
            bound = LONGEST_WAIT / (self._beside.waiting + 1)
            asyncio.get_running_loop().call_later(rest(monotonic() - began, bound), self._beside.release)

    async def _searched(self, statement: str, values: Sequence[Any], *, beside: bool = False) -> Rows:
        async with self._searches, _Turn(self._pool, self._pool.lists) as connection:
            await connection.execute(_AMONG_OTHERS if beside or not self._searches.free else _ALONE)
            prepared = await connection.prepare(statement, name="")
            rows: Rows = await prepared.fetch(*values)
            return rows

    def refuse_if_gone(self) -> None:
        """Nothing: whoever asks it opens it."""

    async def close(self) -> None:
        """Nothing: the client closes its pool."""


class _Turn:
    """A turn, and a connection of the pool for as long as it lasts."""

    __slots__ = ("_client", "_connection", "_turns")

    def __init__(self, client: Pool, turns: Turns) -> None:
        self._client = client
        self._turns = turns

    async def __aenter__(self) -> Any:  # noqa: ANN401 - as `take`
        self._connection = await self._client.take(self._turns)
        return self._connection

    async def __aexit__(self, kind: object, *_: object) -> None:
        await self._client.give_back(self._connection, self._turns, sound=kind is None)


async def _begin(connection: Any) -> None:  # noqa: ANN401 - the driver's
    """Bound its waits, and have the driver turn instants into wire form: a `datetime` costs half of a list."""
    await connection.execute(_LOCK_TIMEOUT)
    await connection.set_type_codec(
        "timestamptz", schema="pg_catalog", format="tuple", encoder=to_timestamp, decoder=from_timestamp
    )


def _spare(own: Turns, *others: Turns) -> Turns:
    """One's own share where it has a turn, else another that has one more; one's own where all must be waited for."""
    if not own.free:
        for other in others:
            if other.spare:
                return other
    return own


def _alive(connection: Any) -> bool:  # noqa: ANN401 - the driver's
    """Whether a connection that was kept is one still: a server that ends takes it away from the pool as well."""
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        return False


def _shares(most: int) -> tuple[Turns, Turns, Turns, Turns]:
    """Turns for writes, point reads, lists and access: together no more than there are connections."""
    if most < 3:  # too few to share
        one = Turns(most)
        return one, one, one, one
    points, lists = max(1, most * 3 // 10), max(1, most * 4 // 10)
    writes = most - points - lists
    if points == 1:  # too few to leave one
        one = Turns(points)
        return Turns(writes), one, Turns(lists), one
    return Turns(writes), Turns(points - 1), Turns(lists), Turns(1)


async def reading_from(pool: Pool, settings: Mapping[str, object]) -> PoolReading:  # noqa: ARG001 - as SQLite's
    """What reads by that pool."""
    return PoolReading(pool)


client_class = Pool
"""What Tortoise looks for in a module that is named as an engine."""
