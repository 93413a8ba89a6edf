"""HTTP archives as a browser writes them, put together entry by entry."""

import json
from collections.abc import Mapping
from typing import Any

BASE = "https://shop.example/api/v1"
DATE = "Wed, 15 Jan 2025 10:30:00 GMT"
PAGE = {"X-Total-Count": "0", "X-Page": "1", "X-Per-Page": "20"}
LIMITS = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "900", "X-RateLimit-Reset": "1736940600"}
TASKS = {
    "success": True,
    "data": [],
    "pagination": {"page": 1, "limit": 20, "total": 0, "totalPages": 0, "hasNext": False, "hasPrev": False},
}


def entry(
    path: str = "/tasks",
    *,
    method: str = "GET",
    status: int = 200,
    body: object = TASKS,
    sent: Mapping[str, str] | None = None,
    second: int = 0,
    headers: Mapping[str, str] | None = None,
    content: Mapping[str, Any] | None = None,
    url: str | None = None,
    **others: Any,
) -> dict[str, Any]:
    """One exchange of a browser, without credentials unless `sent` has them."""
    text = json.dumps(body)
    told = {
        "content-type": "application/json",
        "date": DATE,
        "x-request-id": f"r{second}",
        **LIMITS,
        **PAGE,
        **(headers or {}),
    }
    return {
        "startedDateTime": f"2025-01-15T10:30:{second:02}.000Z",
        "time": 12.5,
        "request": {
            "method": method,
            "url": url or BASE + path,
            "headers": [{"name": name, "value": value} for name, value in {":method": method, **(sent or {})}.items()],
        },
        "response": {
            "status": status,
            "headers": [{"name": name, "value": value} for name, value in told.items()],
            "content": content if content is not None else {"size": len(text), "text": text},
        },
        **others,
    }


def archive(*entries: Mapping[str, Any]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "browser", "version": "1"}, "entries": list(entries)}}
