"""Whether an answer is one of the API's: success with data, or an error with a code (E2). Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from entity_contract import Operation

_FLAGS = ("hasNext", "hasPrev")
_NUMBERS = ("page", "limit", "total", "totalPages")


def problem(status: int, body: Mapping[str, Any] | None, operation: Operation) -> str | None:
    """What is wrong with the envelope of an answer; `body` is None where it is no JSON object."""
    if body is None:
        return f"the answer to {operation.method} is not JSON"
    if is_refused(status, body):
        return f"refusals answer {status}, with success: false in the body"
    is_success = status < 400
    needed = ["success"] if is_success else ["success", "error", "code"]
    needed += ["data"] if is_success and operation.method != "DELETE" else []
    needed += ["pagination"] if is_success and operation.action == "list" else []
    lacking = next((name for name in needed if name not in body), None)
    if lacking is not None:
        return f"{lacking} is missing"
    if body["success"] is not is_success:
        return f"success is not {str(is_success).lower()}"
    if not is_success:
        return _unfit_error(body)
    return _unfit_page(body["pagination"], body["data"]) if operation.action == "list" else None


def is_refused(status: int, body: Mapping[str, Any] | None) -> bool:
    """Whether an answer refuses by its body, though its status says otherwise."""
    return status < 400 and body is not None and body.get("success") is False


def _unfit_error(body: Mapping[str, Any]) -> str | None:
    for name in ("error", "code"):
        if not isinstance(body[name], str) or not body[name]:
            return f"{name} is no text"
    details = body.get("details")
    if details is None:
        return None
    if not isinstance(details, Mapping):
        return "details is no object"
    return None if all(isinstance(text, str) for text in details.values()) else "details is no object of texts"


def _unfit_page(pagination: object, data: object) -> str | None:
    if not isinstance(data, list) or not isinstance(pagination, Mapping):
        return "pagination is no object" if isinstance(data, list) else "data is no array"
    if (odd := next(_unfit_members(pagination), None)) is not None:
        return odd
    pages = -(-pagination["total"] // max(1, pagination["limit"]))  # integers of any size
    if pagination["totalPages"] != pages:
        return f"pagination.totalPages is {pagination['totalPages']}, and {pages} by `total` and `limit`"
    if len(data) > pagination["limit"]:
        return f"data holds {len(data)} records on a page of {pagination['limit']}"
    return None


def _unfit_members(pagination: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"pagination.{name} is missing" for name in (*_NUMBERS, *_FLAGS) if name not in pagination)
    odd = [name for name in _NUMBERS if not _is_integer(pagination[name])]
    yield from (f"pagination.{name} is {json.dumps(pagination[name])}, and no integer" for name in odd)
    odd = [name for name in _FLAGS if not isinstance(pagination[name], bool)]
    yield from (f"pagination.{name} is {json.dumps(pagination[name])}, and no boolean" for name in odd)


def _is_integer(number: object) -> bool:
    """Whether it is a JSON integer, which may be written as 12.0 (E18.spelling)."""
    if isinstance(number, float):
        return number.is_integer()
    return isinstance(number, int) and not isinstance(number, bool)
