"""The problems that the API can answer with, by name.

    Problem
    ├── ValidationFailed        a parameter or a body breaks a rule; details name what
    │   ├── InvalidFilter       ... the `filter` parameter
    │   └── InvalidSort         ... `sort` or `order`
    ├── Unauthorized            no credentials, or none that are known
    │   └── ExpiredKey          a key that was good once
    ├── InvalidScope            known, but without the scope that the operation needs
    ├── NotFound                no such record, key or path
    │   └── EntityNotFound      no such entity in the registry
    ├── MethodNotAllowed        the path is known, the method is not; `allow` names those that are
    ├── RateLimitExceeded       too many requests; `allowance` says how long to wait
    ├── InsufficientCredits     the credits are spent
    ├── PayloadTooLarge         the body is larger than the server takes
    ├── UnprocessableEntity     the body is no JSON object
    └── InternalError           our own fault
        ├── DatabaseError       ... a database operation failed
        └── ServiceUnavailable  ... the database cannot be reached just now

A problem knows its code and its words, never a status: the contract's catalogue has that. `message` and
`details` are for the client: no SQL, no path, no secret goes in. Of the contract's codes this server uses all but
FORBIDDEN: whoever is known here lacks nothing but scopes.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from entity_server.domain.limits import Allowance
from entity_server.domain.sentences import Reason
from entity_server.domain.text import printable


class Problem(Exception):  # noqa: N818 - the reference's word for a refusal
    """A refusal with the contract's `code`, a sentence, and the reason for each bad field or parameter in `details`."""

    code: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self, message: str | None = None, details: Mapping[str, Reason] | None = None) -> None:
        self.message = printable(self.sentence if message is None else message)
        self.details: Mapping[str, Reason] = {printable(name): reason for name, reason in (details or {}).items()}
        super().__init__(self.message)


class ValidationFailed(Problem):
    """A parameter or a body breaks a rule of the contract."""

    code = "VALIDATION_FAILED"
    sentence = "Validation failed"


class InvalidFilter(ValidationFailed):
    """The `filter` parameter is no filter for this entity."""

    code = "INVALID_FILTER"
    sentence = "Invalid filter"

    def __init__(self, reason: Reason) -> None:
        super().__init__(details={"filter": reason})


class InvalidSort(ValidationFailed):
    """`sort` names no sortable field, or `order` no direction."""

    code = "INVALID_SORT"
    sentence = "Invalid sort"


class Unauthorized(Problem):
    """No credentials, or none that are known here."""

    code = "UNAUTHORIZED"
    sentence = "Missing or invalid authentication"


class ExpiredKey(Unauthorized):
    """The API key was good once."""

    code = "EXPIRED_KEY"
    sentence = "The API key has expired"


class InvalidScope(Problem):
    """The API key lacks the scope that this operation needs."""

    code = "INVALID_SCOPE"
    sentence = "The API key lacks the scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"{self.sentence} {scope}")


class NotFound(Problem):
    """No such record, key or path."""

    code = "NOT_FOUND"
    sentence = "Resource not found"


class EntityNotFound(NotFound):
    """The registry has no entity of that name."""

    code = "ENTITY_NOT_FOUND"
    sentence = "Entity not found in registry"


class MethodNotAllowed(Problem):
    """The path is known, but not with this method."""

    code = "METHOD_NOT_ALLOWED"
    sentence = "Method not allowed"

    def __init__(self, allow: Sequence[str]) -> None:
        super().__init__()
        self.allow = tuple(allow)


class RateLimitExceeded(Problem):
    """The caller has used up its requests; `allowance` says when it may come back."""

    code = "RATE_LIMIT_EXCEEDED"
    sentence = "Too many requests"

    def __init__(self, allowance: Allowance) -> None:
        super().__init__()
        self.allowance = allowance


class InsufficientCredits(Problem):
    """The caller's credits do not cover this request."""

    code = "INSUFFICIENT_CREDITS"
    sentence = "Insufficient credits"


class PayloadTooLarge(Problem):
    """The body is larger than the server takes."""

    code = "PAYLOAD_TOO_LARGE"
    sentence = "The request body is too large"


class UnprocessableEntity(Problem):
    """The body is not what the operation takes at all: of another media type, or JSON that is no object."""

    code = "UNPROCESSABLE_ENTITY"
    sentence = "Invalid data format"


class InternalError(Problem):
    """The server's own fault; the message never says more than that."""

    code = "INTERNAL_ERROR"
    sentence = "Internal server error"


class DatabaseError(InternalError):
    """A database operation failed."""

    code = "DATABASE_ERROR"
    sentence = "Database operation failed"


class ServiceUnavailable(InternalError):  # noqa: N818 - likewise
    """The database cannot be reached just now."""

    code = "SERVICE_UNAVAILABLE"
    sentence = "Service temporarily unavailable"
