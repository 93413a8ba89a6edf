"""One line for each request: when, what, by whom, with which answer, how long it took.

By whom is told by the id of a key or a user; the query is left out, and what looks like a key, so that no secret gets
into a log. What a client sends cannot break a line, nor speak to a terminal.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

from entity_server.domain.times import wire_time
from entity_server.http.exchange import Noted

Form = Literal["console", "json"]

_SECRET = re.compile(r"(sk_(?:live|test)_)[0-9A-Za-z_-]+")
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class AccessLog:
    """Where the lines go, and in which form."""

    form: Form
    write: Callable[[str], None]
    clock: Callable[[], datetime]

    def tell(self, noted: Noted, *, seconds: float) -> None:
        """Write the line of one request."""
        self.write(line(self.form, noted, now=self.clock(), seconds=seconds))


def line(form: Form, noted: Noted, *, now: datetime, seconds: float) -> str:
    """The line. A request that was no HTTP has no method; one whose client left before has no status."""
    kind, _, id_ = (noted.identity or "").partition(":")
    said = {
        "time": wire_time(now),
        "requestId": noted.request_id,
        "method": noted.method,
        "path": noted.path,
        "operation": noted.operation,
        "status": noted.status,
        "ms": round(seconds * 1000, 1),
        "key": id_ if kind == "key" else None,
        "user": noted.user,
        "preference": noted.preference,
        **({"rules": noted.rules} if noted.rules else {}),
    }
    shown = {name: _plain(value) if isinstance(value, str) else value for name, value in said.items()}
    match form:
        case "json":
            return json.dumps(shown)
        case "console":
            by = shown["key"] or shown["user"] or _NOTHING
            words = [shown[name] or _NOTHING for name in ("time", "status", "method", "path", "operation")]
            preferred = f" prefers {shown['preference']}" if shown["preference"] else ""
            ruled = f" by {noted.rules} of the control port" if noted.rules else ""
            known = shown["requestId"] or _NOTHING
            return f"{' '.join(map(str, words))} {shown['ms']}ms by {by} request {known}{preferred}{ruled}"
        case _:
            assert_never(form)


def _plain(text: str) -> str:
    shown = _SECRET.sub(r"\1***", text)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
