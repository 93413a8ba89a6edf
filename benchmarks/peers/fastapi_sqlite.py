"""A peer: the tasks of the contract by FastAPI, pydantic, aiosqlite and SQL written by hand.

Run by the Python of an environment that has them: `python fastapi_sqlite.py FOLDER`. It does what the reference server
does for the three requests that are measured: the key is looked up by its digest, and what comes in and goes out is
validated. It counts no rate limit.
"""

import asyncio
import hashlib
import json
import socket
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

import aiosqlite
import uvicorn
from fastapi import FastAPI, Header, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field

KEY = "sk_live_benchmark"
COLUMNS = "id, title, description, status, priority, assigneeId, createdAt, updatedAt"
Status = Literal["todo", "in_progress", "done"]
Priority = Literal["low", "medium", "high"]


class TaskCreate(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=1, max_length=200)
    description: str | None = Field(None, max_length=5000)
    status: Status = "todo"
    priority: Priority = "medium"
    assigneeId: str | None = None  # noqa: N815 - the contract's name


class Task(TaskCreate):
    """What a client receives."""

    id: str
    createdAt: str  # noqa: N815 - likewise
    updatedAt: str  # noqa: N815 - likewise


class Pagination(BaseModel):
    """Beside a page."""

    page: int
    limit: int
    total: int
    totalPages: int  # noqa: N815 - likewise
    hasNext: bool  # noqa: N815 - likewise
    hasPrev: bool  # noqa: N815 - likewise


class One(BaseModel):
    """The envelope of one task."""

    success: bool
    data: Task


class Page(BaseModel):
    """The envelope of a page."""

    success: bool
    data: list[Task]
    pagination: Pagination


FOLDER = Path(sys.argv[1])
held: list[aiosqlite.Connection] = []


@asynccontextmanager
async def lifespan(_: FastAPI):  # noqa: ANN201 - FastAPI's own
    """The database, open while the application serves."""
    async with aiosqlite.connect(FOLDER / "peer.sqlite3", isolation_level=None) as connection:
        await connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "CREATE TABLE keys (digest text PRIMARY KEY, user_id text);"
            "CREATE TABLE tasks (id text PRIMARY KEY, owner text, title text, description text, status text,"
            " priority text, assigneeId text, createdAt text, updatedAt text);"
            "CREATE INDEX newest ON tasks (owner, createdAt DESC, id);"
        )
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        await connection.execute("INSERT INTO keys VALUES (?, 'usr_1')", (digest,))
        held.append(connection)
        yield


app = FastAPI(lifespan=lifespan)
Authorization = Annotated[str, Header()]


async def owner_of(authorization: str) -> str:
    """The user of a key."""
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    rows = list(await held[0].execute_fetchall("SELECT user_id FROM keys WHERE digest = ?", (digest,)))
    if not rows:
        raise HTTPException(401)
    return rows[0][0]


def task_of(row: aiosqlite.Row) -> dict[str, object]:
    """A row by name."""
    return dict(zip(COLUMNS.split(", "), row, strict=True))


@app.get("/api/v1/tasks", response_model=Page)
async def listed(
    response: Response,
    authorization: Authorization,
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, object]:
    """A page."""
    owner = await owner_of(authorization)
    rows = await held[0].execute_fetchall(
        f"SELECT {COLUMNS} FROM tasks WHERE owner = ? ORDER BY createdAt DESC, id LIMIT ? OFFSET ?",  # noqa: S608
        (owner, limit, (page - 1) * limit),
    )
    counted = await held[0].execute_fetchall("SELECT count(*) FROM tasks WHERE owner = ?", (owner,))
    total = next(iter(counted))[0]
    pages = -(-total // limit)
    response.headers["X-Total-Count"] = str(total)
    numbers = {"page": page, "limit": limit, "total": total, "totalPages": pages}
    return {
        "success": True,
        "data": [task_of(row) for row in rows],
        "pagination": {**numbers, "hasNext": page < pages, "hasPrev": page > 1},
    }


@app.get("/api/v1/tasks/{task_id}", response_model=One)
async def read(task_id: str, authorization: Authorization) -> dict[str, object]:
    """One task."""
    owner = await owner_of(authorization)
    statement = f"SELECT {COLUMNS} FROM tasks WHERE id = ? AND owner = ?"  # noqa: S608 - names
    rows = list(await held[0].execute_fetchall(statement, (task_id, owner)))
    if not rows:
        raise HTTPException(404)
    return {"success": True, "data": task_of(rows[0])}


@app.post("/api/v1/tasks", response_model=One, status_code=201)
async def create(task: TaskCreate, authorization: Authorization) -> dict[str, object]:
    """A new task."""
    owner = await owner_of(authorization)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    made = {"id": f"tsk_{uuid4().hex}", **task.model_dump(), "createdAt": now, "updatedAt": now}
    await held[0].execute_insert(
        f"INSERT INTO tasks (owner, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - names
        (owner, *(made[name] for name in COLUMNS.split(", "))),
    )
    return {"success": True, "data": made}


async def main() -> None:
    """Serve on a free port, which `credentials.json` names, until SIGTERM."""
    sock = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    url = f"http://127.0.0.1:{sock.getsockname()[1]}/api/v1"
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    (FOLDER / "credentials.tmp").write_text(json.dumps({"baseUrl": url, "apiKey": KEY}))
    (FOLDER / "credentials.tmp").rename(FOLDER / "credentials.json")
    await serving


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=__import__("uvloop").new_event_loop) as runner:
        runner.run(main())
