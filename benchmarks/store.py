"""The store beside its driver on SQLite: `python -m benchmarks.store [RECORDS]`.

CPU microseconds of this process (threads included) for a list of 20, a read, a change and a create, by the store and by
aiosqlite with the same statements on the same file; medians of rounds that alternate, in one run. What counts is the
ratio. A few seconds for 1,000 records.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import aiosqlite
from entity_contract import load
from entity_server.domain.changes import creation
from entity_server.domain.identifiers import new_id
from entity_server.domain.paging import Page
from entity_server.domain.projection import Projection
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection
from entity_server.store import open_store

ROUNDS, CALLS, AT_ONCE = 9, 400, 8
OWNER = "usr_1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TIME = "2026-01-01T00:00:00.000000Z"
MARKS = "?, ?, ?, ?, ?, ?, ?, ?"
NAMES = "id, title, description, status, priority, assigneeId, createdAt, updatedAt"
Call = Callable[[], Awaitable[object]]


async def cpu(call: Call) -> float:
    """CPU microseconds a call."""

    async def several() -> None:
        for _ in range(CALLS // AT_ONCE):
            await call()

    started = time.process_time()
    await asyncio.gather(*(several() for _ in range(AT_ONCE)))
    return (time.process_time() - started) / CALLS * 1e6


async def measured(file: Path, records: int) -> list[str]:
    """The rows of the table."""
    contract = load()
    tasks = contract.entity("tasks")
    assert tasks is not None
    store = await open_store(f"sqlite://{file}", contract)
    driver = await aiosqlite.connect(file, isolation_level=None)
    numbers = count()
    query = Query(Page(1, 20), Selection(), None, Projection())

    async def create() -> object:
        body = {"title": "A task to measure by", "description": "x" * 60, "priority": "high"}
        return await store.records.create(tasks, creation(tasks, body, id=new_id("tsk", NOW), now=NOW), OWNER)

    async def create_plainly() -> object:
        values = (f"plain_{next(numbers)}", "A task to measure by", "x" * 60, "todo", "high", None, TIME, TIME)
        statement = f'INSERT INTO entity_tasks ({NAMES}, "$owner") VALUES ({MARKS}, ?)'  # noqa: S608 - names
        return await driver.execute_insert(statement, (*values, OWNER))

    async def list_plainly() -> object:
        where = ' FROM entity_tasks WHERE "$owner" = ?'
        statement = f"SELECT {NAMES}{where} ORDER BY createdAt DESC, id LIMIT 20 OFFSET 0"
        rows = await driver.execute_fetchall(statement, (OWNER,))
        return rows, await driver.execute_fetchall(f"SELECT count(*){where}", (OWNER,))

    for _ in range(records - 1):
        await create()
    first = (await store.records.create(tasks, creation(tasks, {"title": "x"}, id="tsk_1", now=NOW), OWNER))["id"]
    one = f"SELECT {NAMES} FROM entity_tasks WHERE id = ?"  # noqa: S608 - names
    changed = "UPDATE entity_tasks SET priority = ?, updatedAt = ? WHERE id = ?"
    pairs: dict[str, tuple[Call, Call]] = {
        "list of 20": (lambda: store.records.list(tasks, query, OWNER), list_plainly),
        "read": (lambda: store.records.get(tasks, first, OWNER), lambda: driver.execute_fetchall(one, (first,))),
        "change": (
            lambda: store.records.update(tasks, first, {"priority": "low"}, OWNER, NOW),
            lambda: driver.execute_fetchall(changed, ("low", TIME, first)),
        ),
        "create": (create, create_plainly),
    }
    rows = ["| CPU µs | store | driver | store ÷ driver |", "|---|---|---|---|"]
    for name, calls in pairs.items():
        rounds = [[await cpu(call) for call in calls] for _ in range(ROUNDS)]
        ours, plain = (statistics.median(pair[side] for pair in rounds) for side in (0, 1))
        ratio = statistics.median(pair[0] / pair[1] for pair in rounds)
        rows.append(f"| {name} | {ours:.0f} | {plain:.0f} | {ratio:.2f} |")
    await driver.close()
    await store.close()
    return rows


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    records = int(arguments[0]) if arguments else 1000
    with tempfile.TemporaryDirectory() as folder:
        print("\n".join(asyncio.run(measured(Path(folder) / "store.sqlite3", records))))


if __name__ == "__main__":
    main(sys.argv[1:])
