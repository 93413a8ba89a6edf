"""CPU time of one compiled operation by itself: reading a list request, and judging its answer of 20 records."""

import time
from collections.abc import Callable

from entity_contract import load
from entity_server.http.operations import compile_contract

CALLS, REPEATS = 2000, 5

ARGUMENTS = {
    "page": ("1",),
    "limit": ("20",),
    "sort": ("createdAt",),
    "order": ("desc",),
    "search": ("task",),
    "startDate": ("2025-01-01T00:00:00Z",),
}
HEADERS = {
    "content-type": "application/json",
    "x-request-id": "9f1c0a52-6d0e-4c39-8a43-0d9f8f0f2a11",
    "x-ratelimit-limit": "1000",
    "x-ratelimit-remaining": "999",
    "x-ratelimit-reset": "1640995200",
    "x-total-count": "150",
    "x-page": "1",
    "x-per-page": "20",
    "link": '</api/v1/tasks?page=2>; rel="next"',
}


def microseconds() -> tuple[float, float]:
    """CPU microseconds for the request and for the answer: the best of a few repetitions of many calls."""
    operation = compile_contract(load()).operations["listTasks"]
    page = _page()
    assert operation.violations(200, page, HEADERS, projected=False) == ()
    return (
        _best(lambda: operation.query.read(ARGUMENTS)),
        _best(lambda: operation.violations(200, page, HEADERS, projected=False)),
    )


def _page() -> dict[str, object]:
    records = [
        {
            "id": f"tsk_{number:026d}",
            "title": "Complete API documentation",
            "description": "Write comprehensive API reference",
            "status": "in_progress",
            "priority": "high",
            "assigneeId": "usr_xyz789",
            "createdAt": "2025-01-15T10:30:00.000Z",
            "updatedAt": "2025-01-15T14:20:00.000Z",
        }
        for number in range(20)
    ]
    page = {"page": 1, "limit": 20, "total": 150, "totalPages": 8, "hasNext": True, "hasPrev": False}
    return {"success": True, "data": records, "pagination": page}


def _best(call: Callable[[], object]) -> float:
    return min(_once(call) for _ in range(REPEATS))


def _once(call: Callable[[], object]) -> float:
    started = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - started) / CALLS * 1e6
