"""From what was recorded to what the client report judges."""

import hashlib
import re
from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import orjson

from entity_server.client_report import Exchange, Judge, Page, Report
from entity_server.control import redaction
from entity_server.control.recording import Observer, Recorded
from entity_server.http.request_ids import HEADER

_KEY = re.compile(r"sk_(?:live|test)_[A-Za-z0-9_-]{32,}")


def report(judge: Judge, requests: Iterable[Recorded]) -> Report:
    """What these requests tell about the client that sent them."""
    for recorded in requests:
        judge.see(exchange(recorded))
    return judge.report()


def observing(judge: Judge) -> Observer:
    """Who has the judge see each request as it is recorded."""

    def observe(recorded: Recorded | None) -> None:
        if recorded is None:
            judge.begin_again()
        else:
            judge.see(exchange(recorded))

    return observe


def exchange(recorded: Recorded) -> Exchange:
    """The request and its answer, as far as a client is judged by them."""
    sent, began, taken = recorded.sent, recorded.began, recorded.milliseconds / 1000
    return Exchange(
        id=sent.headers.get(HEADER, "") if sent else "",
        operation=recorded.operation_id,
        method=recorded.method or "",
        path=redaction.text(recorded.path),
        query=redaction.query(recorded.query),
        received=began,
        answered=began + taken,
        at=recorded.time.timestamp() + taken,
        status=sent.status if sent else None,
        credential=recorded.credential[1] if recorded.credential else None,
        keys_in_query=tuple(dict.fromkeys(_keys_in(recorded.query))),
        body=_json(recorded.body),
        body_digest=hashlib.sha256(recorded.body).hexdigest() if recorded.body else None,
        retry_after=_seconds(sent.headers.get("Retry-After")) if sent else None,
        page=_page(recorded),
        delivered=sent is not None and not recorded.delivery.cut,
        connection=recorded.connection,
        connected=recorded.connection.opened if recorded.connection else None,
        closed=partial(getattr, recorded.connection, "closed", 0.0),
        followed=recorded.followed,
        disturbed=recorded.delivery.disturbs,
    )


def _keys_in(query: str) -> Iterable[str]:
    return (redaction.text(name) for name, value in parse_qsl(query, keep_blank_values=True) if _KEY.search(value))


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _page(recorded: Recorded) -> Page | None:
    """What the answer to a list says of itself."""
    if recorded.method != "GET" or recorded.sent is None or recorded.sent.status != 200:
        return None
    match _json(recorded.sent.body):
        case {"pagination": {"page": int(number), "totalPages": int(of), "hasNext": bool(has_next)}}:
            return Page(number, of, has_next)
        case _:
            return None


def _json(body: bytes | None) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return redaction.json(orjson.loads(body or b"null"))
    except (orjson.JSONDecodeError, redaction.TooDeep):
        return None
