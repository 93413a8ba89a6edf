"""One HTTP exchange as evidence, redacted when it is recorded: a secret never gets as far as a report."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came back.

    `credential` names the credential used (`key`, `session`, `none`, `read` ...), never its value. Headers are pairs in
    the order sent, redacted. `status` is None when no answer came; `error` then says why. `seconds` is the time
    until the whole answer was read.
    """

    id: str
    check: str
    credential: str
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: str | None
    status: int | None
    response_headers: tuple[tuple[str, str], ...]
    response_body: str | None
    seconds: float
    error: str | None = None
