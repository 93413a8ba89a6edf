"""A peer: the tasks of the contract by FastAPI and pydantic, in memory or with SQL written by hand.

Run by the Python of an environment that has them: `python fastapi_peer.py FOLDER memory`, `... FOLDER sqlite` or
`... FOLDER postgres URL SCHEMA`. It does what the reference server does for the three requests that are measured: the
key is looked up by its digest, and what comes in and goes out is validated. It counts no rate limit, knows no scope,
sends no `Link`, and has the two parameters that are sent instead of ten.
"""

import hashlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import FastAPI, Header, HTTPException, Query, Response
from fastapi_storage import InMemory, OnPostgres, OnSqlite, Storage
from pydantic import BaseModel, ConfigDict, Field
from serving import serve

Status = Literal["todo", "in_progress", "completed"]
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


def chosen(folder: Path, kind: str, *where: str) -> Storage:
    """The storage that the command line names."""
    match kind:
        case "memory":
            return InMemory()
        case "sqlite":
            return OnSqlite(folder / "peer.sqlite3")
        case _:
            return OnPostgres(*where)


FOLDER = Path(sys.argv[1])
storage = chosen(FOLDER, *sys.argv[2:])


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """The storage is opened before the application serves."""
    await storage.open()
    yield


app = FastAPI(lifespan=lifespan)
Authorization = Annotated[str, Header()]


async def owner_of(authorization: str) -> str:
    """The user of a key."""
    owner = await storage.owner_of(hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest())
    if owner is None:
        raise HTTPException(401)
    return owner


@app.get("/api/v1/tasks", response_model=Page)
async def listed(
    response: Response,
    authorization: Authorization,
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, object]:
    """A page."""
    tasks, total = await storage.page(await owner_of(authorization), limit, (page - 1) * limit)
    pages = -(-total // limit)
    response.headers["X-Total-Count"] = str(total)
    numbers = {"page": page, "limit": limit, "total": total, "totalPages": pages}
    return {
        "success": True,
        "data": tasks,
        "pagination": {**numbers, "hasNext": page < pages, "hasPrev": page > 1},
    }


@app.get("/api/v1/tasks/{task_id}", response_model=One)
async def read(task_id: str, authorization: Authorization) -> dict[str, object]:
    """One task."""
    task = await storage.one(await owner_of(authorization), task_id)
    if task is None:
        raise HTTPException(404)
    return {"success": True, "data": task}


@app.post("/api/v1/tasks", response_model=One, status_code=201)
async def create(task: TaskCreate, authorization: Authorization) -> dict[str, object]:
    """A new task."""
    owner = await owner_of(authorization)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    made = {"id": f"tsk_{uuid4().hex}", **task.model_dump(), "createdAt": now, "updatedAt": now}
    await storage.add(owner, made)
    return {"success": True, "data": made}


if __name__ == "__main__":
    serve(app, FOLDER)
