"""From a problem to the answer that says it.

A problem knows its code and the catalogue the status. What goes out is the problem's own sentence: no stack trace, no
SQL and no path can slip in.
"""

from typing import Final

from entity_contract import ErrorCatalogue

from entity_server.domain import envelope
from entity_server.domain.problems import (
    InternalError,
    MethodNotAllowed,
    Problem,
    RateLimitExceeded,
    ServiceUnavailable,
    Unauthorized,
)
from entity_server.http import rate_limits
from entity_server.http.services import Answer

SOON: Final = "1"
"""Seconds: a database that is busy or restarts is back soon, and nobody knows when."""


def answer_to(problem: Problem, *, errors: ErrorCatalogue, request_id: str) -> Answer:
    """The answer that says the problem. A fault of ours names the request, so that its log entry can be found."""
    body = envelope.problem(problem)
    if isinstance(problem, InternalError):
        body["error"] = f"{problem.message} (request {request_id})"
    return Answer(status=errors.status(problem.code), body=body, headers=_headers(problem))


def _headers(problem: Problem) -> dict[str, str]:
    match problem:
        case Unauthorized():
            return {"WWW-Authenticate": "Bearer"}
        case MethodNotAllowed():
            return {"Allow": ", ".join(problem.allow)}
        case RateLimitExceeded():
            return {"Retry-After": str(problem.allowance.retry_after), **rate_limits.headers(problem.allowance)}
        case ServiceUnavailable():
            return {"Retry-After": SOON}
        case _:
            return {}
