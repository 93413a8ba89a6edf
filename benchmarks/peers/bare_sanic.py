"""A peer: bare Sanic with the same duties as the reference server, where nothing is validated and nothing is kept.

`python bare_sanic.py FOLDER`, by any Python that has Sanic, uvloop and orjson. The key is looked up by its digest, its
scope is asked for, its limit counted; every answer carries the headers and the envelope of the contract. Tasks are in
a dictionary. What a request says is believed.
"""

import asyncio
import hashlib
import math
import socket
import sys
import time
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from uuid import uuid4

import orjson
import uvloop
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import Forbidden, NotFound, Unauthorized
from serving import KEY, OTHER_KEY, written

SCOPES = frozenset({"read", "write", "delete"})
OWNERS = {hashlib.sha256(key.encode()).hexdigest(): f"usr_{key}" for key in (KEY, OTHER_KEY)}
LIMIT, HOUR = 100_000_000, 3600
tasks: dict[str, dict[str, dict[str, object]]] = {owner: {} for owner in OWNERS.values()}
windows: dict[str, tuple[int, int]] = {}
app = Sanic("bare")


def caller(request: Request, scope: str) -> tuple[str, dict[str, str]]:
    """Whose key it is, and the headers of the answer."""
    secret = request.headers["authorization"].removeprefix("Bearer ")
    owner = OWNERS.get(hashlib.sha256(secret.encode()).hexdigest())
    if owner is None:
        raise Unauthorized("Unauthorized")
    started = int(time.time()) // HOUR * HOUR
    window, count = windows.get(owner, (started, 0))
    count = 1 if window != started else count + 1
    windows[owner] = started, count
    if scope not in SCOPES:
        raise Forbidden("Forbidden")
    return owner, {
        "Date": formatdate(usegmt=True),
        "X-Request-ID": request.headers.get("x-request-id") or str(uuid4()),
        "X-RateLimit-Limit": str(LIMIT),
        "X-RateLimit-Remaining": str(LIMIT - count),
        "X-RateLimit-Reset": str(started + HOUR),
    }


def answer(status: int, body: object, headers: dict[str, str]) -> HTTPResponse:
    """JSON with the contract's headers."""
    return HTTPResponse(orjson.dumps(body), status, headers, "application/json")


@app.get("/api/v1/tasks")
async def listed(request: Request) -> HTTPResponse:
    """A page, newest first."""
    owner, headers = caller(request, "read")
    page, limit = int(request.args.get("page", 1)), int(request.args.get("limit", 20))
    own = tasks[owner]
    first = (page - 1) * limit
    newest = [task for _, task in zip(range(first + limit), reversed(own.values()), strict=False)][first:]
    total, pages = len(own), math.ceil(len(own) / limit)
    headers |= {"X-Total-Count": str(total), "X-Page": str(page), "X-Per-Page": str(limit)}
    if page < pages:
        headers["Link"] = f'</api/v1/tasks?page={page + 1}&limit={limit}>; rel="next"'
    numbers = {"page": page, "limit": limit, "total": total, "totalPages": pages}
    pagination = {**numbers, "hasNext": page < pages, "hasPrev": page > 1}
    return answer(200, {"success": True, "data": newest, "pagination": pagination}, headers)


@app.get("/api/v1/tasks/<task_id>")
async def read(request: Request, task_id: str) -> HTTPResponse:
    """One task."""
    owner, headers = caller(request, "read")
    task = tasks[owner].get(task_id)
    if task is None:
        raise NotFound("Task not found")
    return answer(200, {"success": True, "data": task}, headers)


@app.post("/api/v1/tasks")
async def create(request: Request) -> HTTPResponse:
    """A new task."""
    owner, headers = caller(request, "write")
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    given = orjson.loads(request.body)
    task = {
        "id": f"tsk_{uuid4().hex}",
        "title": given["title"],
        "description": given.get("description"),
        "status": given.get("status", "todo"),
        "priority": given.get("priority", "medium"),
        "assigneeId": given.get("assigneeId"),
        "createdAt": now,
        "updatedAt": now,
    }
    tasks[owner][str(task["id"])] = task
    return answer(201, {"success": True, "data": task}, headers)


async def main(folder: Path) -> None:
    """Serve on a free port until SIGTERM."""
    sock = socket.create_server(("127.0.0.1", 0))
    server = await app.create_server(sock=sock, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.before_start()
    await server.start_serving()
    written(folder, sock.getsockname()[1])
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(Path(sys.argv[1])))
