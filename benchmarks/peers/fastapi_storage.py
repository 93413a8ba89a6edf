"""Where the FastAPI peer keeps its tasks: in memory, on SQLite by aiosqlite, on PostgreSQL by asyncpg; SQL by hand.

Each has the same five methods. There are two keys, and each is looked up by its digest for each request.
"""

import hashlib
from pathlib import Path
from typing import Any, Protocol

from serving import KEY, OTHER_KEY

NAMES = ("id", "title", "description", "status", "priority", "assigneeId", "createdAt", "updatedAt")
COLUMNS = ", ".join(f'"{name}"' for name in NAMES)
OWNERS = {hashlib.sha256(key.encode()).hexdigest(): f"usr_{key}" for key in (KEY, OTHER_KEY)}
TABLES = f"""
CREATE TABLE keys (digest text PRIMARY KEY, user_id text);
CREATE TABLE tasks (owner text, {", ".join(f'"{name}" text' for name in NAMES)}, PRIMARY KEY (id));
CREATE INDEX newest ON tasks (owner, "createdAt" DESC, id);
"""
Task = dict[str, Any]


class Storage(Protocol):
    """What the peer asks of each."""

    async def open(self) -> None: ...
    async def owner_of(self, digest: str) -> str | None: ...
    async def page(self, owner: str, limit: int, offset: int) -> tuple[list[Task], int]: ...
    async def one(self, owner: str, task_id: str) -> Task | None: ...
    async def add(self, owner: str, task: Task) -> None: ...


class InMemory:
    """In dictionaries, newest last."""

    async def open(self) -> None:
        self._tasks: dict[str, dict[str, Task]] = {owner: {} for owner in OWNERS.values()}

    async def owner_of(self, digest: str) -> str | None:
        return OWNERS.get(digest)

    async def page(self, owner: str, limit: int, offset: int) -> tuple[list[Task], int]:
        tasks = self._tasks[owner]
        newest = reversed(tasks.values())
        return [task for _, task in zip(range(offset + limit), newest, strict=False)][offset:], len(tasks)

    async def one(self, owner: str, task_id: str) -> Task | None:
        return self._tasks[owner].get(task_id)

    async def add(self, owner: str, task: Task) -> None:
        self._tasks[owner][task["id"]] = task


class OnSqlite:
    """One connection, in WAL mode."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def open(self) -> None:
        import aiosqlite  # noqa: PLC0415 - of this storage alone

        self._connection = await aiosqlite.connect(self._file, isolation_level=None)
        await self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + TABLES)
        await self._connection.executemany("INSERT INTO keys VALUES (?, ?)", list(OWNERS.items()))

    async def owner_of(self, digest: str) -> str | None:
        rows = await self._rows("SELECT user_id FROM keys WHERE digest = ?", digest)
        return rows[0][0] if rows else None

    async def page(self, owner: str, limit: int, offset: int) -> tuple[list[Task], int]:
        statement = f'SELECT {COLUMNS} FROM tasks WHERE owner = ? ORDER BY "createdAt" DESC, id LIMIT ? OFFSET ?'
        rows = await self._rows(statement, owner, limit, offset)
        counted = await self._rows("SELECT count(*) FROM tasks WHERE owner = ?", owner)
        return [dict(zip(NAMES, row, strict=True)) for row in rows], counted[0][0]

    async def one(self, owner: str, task_id: str) -> Task | None:
        rows = await self._rows(f"SELECT {COLUMNS} FROM tasks WHERE id = ? AND owner = ?", task_id, owner)
        return dict(zip(NAMES, rows[0], strict=True)) if rows else None

    async def add(self, owner: str, task: Task) -> None:
        statement = f"INSERT INTO tasks (owner, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        await self._rows(statement, owner, *(task[name] for name in NAMES))

    async def _rows(self, statement: str, *values: object) -> list[Any]:
        return list(await self._connection.execute_fetchall(statement, values))


class OnPostgres:
    """A pool of ten; asyncpg keeps prepared statements by itself."""

    def __init__(self, url: str, schema: str) -> None:
        self._url, self._schema = url, schema

    async def open(self) -> None:
        import asyncpg  # noqa: PLC0415 - of this storage alone

        settings = {"search_path": self._schema}
        self._pool = await asyncpg.create_pool(self._url, min_size=1, max_size=10, server_settings=settings)
        await self._pool.execute(f"CREATE SCHEMA {self._schema}; {TABLES}")
        await self._pool.executemany("INSERT INTO keys VALUES ($1, $2)", list(OWNERS.items()))

    async def owner_of(self, digest: str) -> str | None:
        return await self._pool.fetchval("SELECT user_id FROM keys WHERE digest = $1", digest)

    async def page(self, owner: str, limit: int, offset: int) -> tuple[list[Task], int]:
        statement = f'SELECT {COLUMNS} FROM tasks WHERE owner = $1 ORDER BY "createdAt" DESC, id LIMIT $2 OFFSET $3'
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(statement, owner, limit, offset)
            total = await connection.fetchval("SELECT count(*) FROM tasks WHERE owner = $1", owner)
        return [dict(row) for row in rows], total

    async def one(self, owner: str, task_id: str) -> Task | None:
        row = await self._pool.fetchrow(f"SELECT {COLUMNS} FROM tasks WHERE id = $1 AND owner = $2", task_id, owner)
        return dict(row) if row else None

    async def add(self, owner: str, task: Task) -> None:
        statement = f"INSERT INTO tasks (owner, {COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        await self._pool.execute(statement, owner, *(task[name] for name in NAMES))
