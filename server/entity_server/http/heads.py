"""The head of an answer as it leaves: a status line and headers, in bytes.

Pure, and written by hand since every answer pays for it. No value can end its line: what would is left out of it.
"""

from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus

from entity_server.http.exchange import Sent
from entity_server.http.operations.answers import JSON

BODILESS = frozenset((204, 304))
"""The statuses of answers that have no body, and say nothing of one (RFC 9110)."""

_OWN = frozenset(("content-length", "transfer-encoding", "connection"))  # told by the connection alone
_FREQUENT = frozenset(
    (
        *("X-Request-ID", "Date", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
        *("X-Total-Count", "X-Page", "X-Per-Page", "Link"),
    )
)
"""Plain headers, as this server spells them in nearly every answer."""

_JSON_LINE = f"content-type: {JSON}\r\n"
_KEPT_OPEN, _CLOSED = "connection: keep-alive\r\n\r\n", "connection: close\r\n\r\n"
_PLAIN, _TYPE, _KEPT_BACK = range(3)
_LINE_ENDS = str.maketrans("", "", "\r\n\0")
_STATUS_LINES: Mapping[int, str] = {one.value: f"HTTP/1.1 {one.value} {one.phrase}\r\n" for one in HTTPStatus}


def head(sent: Sent, *, keep_alive: bool) -> bytes:
    """The head, down to its empty line. Without a Content-Type of its own an answer is JSON."""
    text = _STATUS_LINES.get(sent.status) or f"HTTP/1.1 {sent.status} Unknown\r\n"
    typed = sent.status in BODILESS
    lines = 2
    for name, value in sent.headers.items():
        if name not in _FREQUENT:
            kind = _kind(name)
            if kind == _KEPT_BACK:
                continue
            typed = typed or kind == _TYPE
        text += f"{name}: {value}\r\n"
        lines += 1
    if text.count("\n") + 1 != lines or text.count("\r") + 1 != lines or "\0" in text:
        cleaned = {name.translate(_LINE_ENDS): value.translate(_LINE_ENDS) for name, value in sent.headers.items()}
        return head(Sent(sent.status, cleaned, sent.body), keep_alive=keep_alive)
    if not typed:
        text += _JSON_LINE
    if sent.status not in BODILESS:
        text += f"content-length: {len(sent.body)}\r\n"
    text += _KEPT_OPEN if keep_alive else _CLOSED
    return text.encode(errors="surrogateescape")


@lru_cache(maxsize=256)  # every answer has the same headers
def _kind(name: str) -> int:
    lowered = name.lower()
    return _KEPT_BACK if lowered in _OWN else _TYPE if lowered == "content-type" else _PLAIN
