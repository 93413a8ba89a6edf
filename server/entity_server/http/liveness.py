"""GET /livez: whether this process serves at all, outside of the API.

It asks nothing of the store, so that an outage of the database restarts no server; whether requests can be served is
what the contract's health check tells.
"""

from datetime import datetime

from entity_server.domain.times import http_date
from entity_server.http.exchange import Received, Sent

PATH = "/livez"
_METHODS = ("GET", "HEAD")


def alive(received: Received, now: datetime) -> Sent:
    """The answer: that there is one is all that it tells."""
    headers = {"Date": http_date(now), "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
    if received.method not in _METHODS:
        allow = ", ".join(_METHODS)
        return Sent(405, {**headers, "Allow": allow}, f"Only {allow}\n".encode())
    return Sent(200, headers, b"alive\n")
