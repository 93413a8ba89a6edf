"""Replies for the tests of the verbs, without a deployment."""

import json
from typing import Any

from entity_conformance.deployment.reply import Headers, Reply

TASK = {
    "id": "tsk_1",
    "title": "Write",
    "status": "todo",
    "priority": "low",
    "createdAt": "2025-01-15T10:30:00Z",
    "updatedAt": "2025-01-15T10:30:00Z",
}


def reply(
    status: int = 200,
    body: object = None,
    *,
    text: str | None = None,
    method: str = "GET",
    url: str = "http://127.0.0.1:5173/api/v1/tasks",
    exchange: str = "x1",
    **headers: str,
) -> Reply:
    """An answer with a JSON body (or a text) and headers, whose names are given with underscores for hyphens."""
    content = text if text is not None else json.dumps(body)
    pairs = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Reply(
        exchange=exchange,
        method=method,
        url=url,
        credential="api_key",
        status=status,
        headers=Headers(tuple(pairs.items())),
        content=content.encode(),
    )


def success(data: object, **members: object) -> dict[str, Any]:
    """The success envelope."""
    return {"success": True, "data": data, **members}


def problem(code: str = "VALIDATION_FAILED", **details: str) -> dict[str, Any]:
    """The error envelope."""
    return {"success": False, "error": "Something is wrong", "code": code} | ({"details": details} if details else {})
