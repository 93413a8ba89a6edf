"""The envelope that every answer comes in, health's apart (E2).

Shapes only; no status, no header, no encoding.
"""

from collections.abc import Sequence
from typing import Any

from entity_server.domain.paging import Pagination
from entity_server.domain.problems import Problem


def success(data: object, *, warning: str | None = None) -> dict[str, Any]:
    """The envelope of one thing, with a warning beside it where there is one (A9)."""
    envelope: dict[str, Any] = {"success": True, "data": data}
    if warning is not None:
        envelope["warning"] = warning
    return envelope


def listing(records: Sequence[object], pagination: Pagination) -> dict[str, Any]:
    """The envelope of a page of records."""
    return {"success": True, "data": records, "pagination": pagination}


def message(text: str) -> dict[str, Any]:
    """The envelope of something done that leaves nothing to show: `Task deleted successfully`."""
    return {"success": True, "message": text}


def problem(problem: Problem) -> dict[str, Any]:
    """The envelope of a refusal; `details` only when there are any."""
    envelope: dict[str, Any] = {"success": False, "error": problem.message, "code": problem.code}
    if problem.details:
        envelope["details"] = {name: str(reason) for name, reason in problem.details.items()}
    return envelope
