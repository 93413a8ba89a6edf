"""Where a client reached the server, in the client's own words as far as they can be believed.

A server that listens on every address has no one name: the one that the client used is the one that works for it. But
what a client sends may be anything, and this is written into a document that others read.
"""

import re

_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
_LAST_PORT = 65535


def origin(scheme: str, host: str, *, bound: str) -> str:
    """The origin, such as `http://127.0.0.1:5173`.

    `host` is the `Host` header; `bound` the connection's own address, which stands in for what is no host and port.
    """
    name = next((candidate for candidate in (host, bound) if _is_host(candidate)), "localhost")
    return f"{'https' if scheme == 'https' else 'http'}://{name}"


def _is_host(text: str) -> bool:
    match = _HOST.fullmatch(text)
    return match is not None and int(match["port"] or 0) <= _LAST_PORT
