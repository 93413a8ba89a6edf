"""Records of somebody's, and lists of them in a history that watches judge."""

from typing import Any
from urllib.parse import parse_qsl

from conformance.tests.watched import Told

TASK = {
    "id": "tsk_1",
    "title": "Write",
    "description": None,
    "status": "todo",
    "priority": "low",
    "assigneeId": None,
    "createdAt": "2025-01-10T10:30:00.000Z",
    "updatedAt": "2025-01-10T10:30:00.000Z",
}


def task(number: int = 1, **values: object) -> dict[str, Any]:
    """A record of somebody's."""
    return {**TASK, "id": f"tsk_{number}", **values}


def listed(told: Told, query: str, *records: dict[str, Any], total: int | None = None) -> Told:
    """A list of these records, which tells the page and the limit that were asked for."""
    asked, number = dict(parse_qsl(query)), len(records) if total is None else total
    page = {"page": int(asked.get("page", 1)), "limit": int(asked.get("limit", 20)), "total": number}
    pagination = {**page, "totalPages": 1, "hasNext": False, "hasPrev": False}
    return told.get(f"tasks?{query}", {"success": True, "data": list(records), "pagination": pagination})
