"""A request that is ready to be sent, what sending keeps to, and what came of it. Values only."""

import json
from dataclasses import dataclass
from typing import Literal

from entity_conformance.deployment.reply import Reply

Kind = Literal["key", "session", "none"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request, ready to be sent. `credential` is its name for the report, `kind` what it counts as."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    credential: str = "none"
    kind: Kind = "none"

    @property
    def is_safe(self) -> bool:
        """Whether sending it twice does what sending it once does."""
        return self.method in {"GET", "HEAD", "OPTIONS"}

    @property
    def identity(self) -> str:
        """What a rate limit counts it against; stays in memory."""
        return "\n".join(value for name, value in self.headers if name.lower() in {"authorization", "cookie"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a wire keeps to.

    `timeout` is seconds for one exchange; `max_requests` is for the whole run but its clean-up, None for no end;
    `max_wait` is how many seconds are waited for a rate limit to reset, and what needed longer is blocked.
    `headers` are added to each request; in the other user's, `other_headers` replace those of their names.
    """

    timeout: float = 10.0
    max_requests: int | None = None
    max_wait: float = 300.0
    headers: tuple[tuple[str, str], ...] = ()
    other_headers: tuple[tuple[str, str], ...] = ()
    user_agent: str = "v1-conformance"


@dataclass(frozen=True, slots=True)
class SetAside:
    """An answer by 429 or 503, after which the request was sent again, and how many requests were left before it."""

    reply: Reply
    left: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the run and what came of it: a whole answer, or None.

    `check` says who asked, and `payer` what for: the check itself, or what is arranged for several. `path` are the
    segments below `/api/v1`, decoded, empty where it is not below. `began` and `ended` are places in the order of the
    run's events: of two requests, one was answered before the other was sent where its `ended` is smaller than the
    other's `began`.
    """

    request: Outgoing
    reply: Reply | None
    check: str
    path: tuple[str, ...]
    began: int
    ended: int
    payer: str = ""

    @property
    def sent(self) -> object:
        """The JSON of the request's body; None where there is none."""
        try:
            return json.loads(self.request.content or b"")
        except (ValueError, RecursionError):
            return None
