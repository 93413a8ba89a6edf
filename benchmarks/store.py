"""The store beside its driver: `python -m benchmarks.store [RECORDS]`.

CPU microseconds of this process (threads included; PostgreSQL itself not) for a list of 20, a read, a change and a
create: by the store, and by the driver alone with the very statements that the store has written, on the same tables.
Medians of rounds that alternate, in one run. What counts is the ratio. Some seconds for 1,000 records.

On SQLite the driver is one connection of aiosqlite. On PostgreSQL it is asyncpg in two ways: a connection of its own
for each of the eight callers, which is the least that there is, and a pool of ten, which is what an application has.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg  # type: ignore[import-untyped]
from entity_contract import load
from entity_server.domain.changes import creation
from entity_server.domain.identifiers import new_id
from entity_server.domain.paging import Page
from entity_server.domain.projection import Projection, Record
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection
from entity_server.store import open_store
from entity_server.store.columns import Dialect
from entity_server.store.database import Mapped
from entity_server.store.statements import Statements
from entity_server.store.tables import OWNER, entity_table, folded_name, registry

from benchmarks.page import judged
from server.tests.services import postgres_server

ROUNDS, CALLS, CALLERS = 9, 400, 8
WANTED: Mapping[Dialect, float] = {"sqlite": 1.3, "postgres": 1.6}
"""How many times as much CPU as its driver the store may take."""

USER = "usr_1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = Query(Page(1, 20), Selection(), None, Projection())
BODY = {"title": "A task to measure by", "description": "x" * 60, "priority": "high"}

Call = Callable[[int], Awaitable[object]]
"""By the number of its caller."""

Ask = Callable[[int, str, Sequence[object]], Awaitable[object]]
"""What the driver answers to a statement with values."""

Drivers = Mapping[str, Ask]


async def cpu(call: Call) -> float:
    """CPU microseconds a call."""

    async def several(caller: int) -> None:
        for _ in range(CALLS // CALLERS):
            await call(caller)

    started = time.process_time()
    await asyncio.gather(*map(several, range(CALLERS)))
    return (time.process_time() - started) / CALLS * 1e6


class Work:
    """The four requests: of the store, and of a driver with the store's statements."""

    def __init__(self, dialect: Dialect) -> None:
        self.contract = load()
        entity = self.contract.entity("tasks")
        assert entity is not None
        self.tasks = entity
        self.mapped = Mapped(entity_table(registry(self.contract), entity), dialect)
        self.statements = Statements(self.mapped, entity)
        self.every = tuple(field.name for field in entity.fields)
        self._numbers = count()

    def record(self, id_: str | None = None) -> Record:
        """A new record."""
        return creation(self.tasks, BODY, id=id_ or new_id("tsk", NOW), now=NOW)

    def by_store(self, records: Any, first: str) -> dict[str, Call]:  # noqa: ANN401 - the store's
        """The requests of the store."""
        made = self.record()
        return {
            "list of 20": lambda _: records.list(self.tasks, PAGE, USER),
            "read": lambda _: records.get(self.tasks, first, USER),
            "change": lambda _: records.update(self.tasks, first, {"priority": "low"}, USER, NOW),
            "create": lambda _: records.create(self.tasks, {**made, "id": f"made_{next(self._numbers)}"}, USER),
        }

    def by_driver(self, ask: Ask, first: str) -> dict[str, Call]:
        """The same, with values that are ready."""
        page = self.statements.page(self.every, (), None, False)  # noqa: FBT003 - a cache's key
        change = self.statements.update(("priority",), self.every)
        columns = ", ".join(f'"{name}"' for name in self.every)
        marks = "?1 ?2" if self.mapped.dialect == "sqlite" else "$1 $2"
        one, owner = marks.split()
        read = f'SELECT {columns} FROM "{self.mapped.table.name}" WHERE "id" = {one} AND "{OWNER.name}" = {owner}'  # noqa: S608 - names
        moved = self._ready("updatedAt", NOW)
        row = self._row()

        def create(caller: int) -> Awaitable[object]:
            return ask(caller, self.statements.insert, [f"plain_{next(self._numbers)}", *row[1:]])

        return {
            "list of 20": lambda caller: ask(caller, page, [USER, 20, 0]),
            "read": lambda caller: ask(caller, read, [first, USER]),
            "change": lambda caller: ask(caller, change, ["low", moved, first, USER]),
            "create": create,
        }

    def _row(self) -> list[object]:
        """The values of a new row, its id first."""
        record = self.record("none")
        values = {**record, OWNER.name: USER, folded_name("title"): record["title"].casefold()}
        return [self._ready(name, values.get(name)) for name in self.mapped.attributes]

    def _ready(self, name: str, value: object) -> object:
        """A value as the driver takes it by itself: the store has taught its own what an instant's text is."""
        if self.mapped.dialect == "postgres" and name in ("createdAt", "updatedAt"):
            return NOW
        return self.mapped.encoded(name, value)


async def measured(
    url: str, dialect: Dialect, records: int, drivers: AbstractAsyncContextManager[Drivers]
) -> list[str]:
    """The rows of the table."""
    work = Work(dialect)
    store = await open_store(url, work.contract)
    try:
        first = (await store.records.create(work.tasks, work.record(), USER))["id"]
        for _ in range(records - 1):
            await store.records.create(work.tasks, work.record(), USER)
        async with drivers as asks:
            ways = {"store": work.by_store(store.records, first)}
            ways |= {name: work.by_driver(ask, first) for name, ask in asks.items()}
            return await _table(ways, WANTED[dialect])
    finally:
        await store.close()


async def _table(ways: Mapping[str, Mapping[str, Call]], wanted: float) -> list[str]:
    plain = [name for name in ways if name != "store"]
    heads = ["CPU µs", *ways, *(f"store ÷ {name}" for name in plain)]
    rows = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for request in ways["store"]:
        rounds: list[dict[str, float]] = []
        for number in range(ROUNDS + 1):
            order = list(ways) if number % 2 else list(ways)[::-1]
            taken = {name: await cpu(ways[name][request]) for name in order}
            if number:  # the first warms up
                rounds.append(taken)
        figures = [statistics.median(one[name] for one in rounds) for name in ways]
        ratios = [statistics.median(one["store"] / one[name] for one in rounds) for name in plain]
        cells = [request, *(f"{one:.0f}" for one in figures), *(judged(one, met=one <= wanted) for one in ratios)]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


@asynccontextmanager
async def aiosqlite_on(file: Path) -> AsyncIterator[Drivers]:
    """One connection."""
    async with aiosqlite.connect(file, isolation_level=None) as driver:
        await driver.execute_fetchall("PRAGMA synchronous=NORMAL")
        await driver.execute_fetchall("PRAGMA foreign_keys=ON")
        await driver.create_function("later", 2, max)
        yield {"aiosqlite": lambda _, statement, values: driver.execute_fetchall(statement, values)}


@asynccontextmanager
async def asyncpg_on(url: str) -> AsyncIterator[Drivers]:
    """A connection for each caller, and a pool."""
    async with asyncpg.create_pool(url, min_size=10, max_size=10) as pool:
        own = [await asyncpg.connect(url) for _ in range(CALLERS)]
        yield {
            "asyncpg, own connection": lambda caller, statement, values: own[caller].fetch(statement, *values),
            "asyncpg, pool": lambda _, statement, values: pool.fetch(statement, *values),
        }
        for connection in own:
            await connection.close()


def on_sqlite(records: int) -> list[str]:
    """The table for SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.sqlite3"
        return asyncio.run(measured(f"sqlite://{file}", "sqlite", records, aiosqlite_on(file)))


def on_postgres(records: int, url: str) -> list[str]:
    """The table for PostgreSQL, whose database at `url` holds nothing yet."""
    return asyncio.run(measured(url, "postgres", records, asyncpg_on(url)))


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    records = int(arguments[0]) if arguments else 1000
    print("\n".join(on_sqlite(records)), end="\n\n")
    with postgres_server() as postgres:
        print("\n".join(on_postgres(records, postgres.url)))


if __name__ == "__main__":
    main(sys.argv[1:])
