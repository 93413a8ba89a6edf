"""A peer: the tasks of the contract by connexion 3, from the contract's own document, validating both ways, in memory.

Run by the Python of an environment that has it: `python connexion_peer.py FOLDER DOCUMENT`. It counts no rate limit.
"""

import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from connexion import AsyncApp
from serving import KEY, OTHER_KEY, serve

OWNERS = {hashlib.sha256(key.encode()).hexdigest(): f"usr_{key}" for key in (KEY, OTHER_KEY)}
Task = dict[str, Any]
tasks: dict[str, dict[str, Task]] = {owner: {} for owner in OWNERS.values()}
LIMITS = {"X-RateLimit-Limit": 1000, "X-RateLimit-Remaining": 999, "X-RateLimit-Reset": 1640995200}


def owner_of(token: str) -> dict[str, str] | None:
    """The user of a key."""
    owner = OWNERS.get(hashlib.sha256(token.encode()).hexdigest())
    return None if owner is None else {"sub": owner}


def headers() -> dict[str, str]:
    """What the contract wants of every answer."""
    return {"X-Request-ID": str(uuid4()), **{name: str(value) for name, value in LIMITS.items()}}


async def listed(user: str, page: int = 1, limit: int = 20, **_: Any) -> tuple[Any, int, dict[str, str]]:  # noqa: ANN401
    """A page, newest first."""
    own = tasks[user]
    first = (page - 1) * limit
    newest = [task for _, task in zip(range(first + limit), reversed(own.values()), strict=False)][first:]
    pages = -(-len(own) // limit)
    numbers = {"page": page, "limit": limit, "total": len(own), "totalPages": pages}
    pagination = {**numbers, "hasNext": page < pages, "hasPrev": page > 1}
    beside = {"X-Total-Count": str(len(own)), "X-Page": str(page), "X-Per-Page": str(limit)}
    return {"success": True, "data": newest, "pagination": pagination}, 200, headers() | beside


async def read(user: str, id: str, **_: Any) -> tuple[Any, int, dict[str, str]]:  # noqa: A002, ANN401
    """One task."""
    task = tasks[user].get(id)
    if task is None:
        return {"success": False, "error": "Task not found", "code": "NOT_FOUND"}, 404, headers()
    return {"success": True, "data": task}, 200, headers()


async def create(user: str, body: Task) -> tuple[Any, int, dict[str, str]]:
    """A new task."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    defaults = {"description": None, "status": "todo", "priority": "medium", "assigneeId": None}
    task = {"id": f"tsk_{uuid4().hex}", **defaults, **body, "createdAt": now, "updatedAt": now}
    tasks[user][task["id"]] = task
    return {"success": True, "data": task}, 201, headers()


if __name__ == "__main__":
    sys.modules["connexion_peer"] = sys.modules["__main__"]  # the document names the functions by it
    app = AsyncApp("peer")
    app.add_api(Path(sys.argv[2]), validate_responses=True)
    serve(app, Path(sys.argv[1]))
