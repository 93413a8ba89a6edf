"""What the server serves beside the API: a page of its documentation, and the contract itself.

    /docs (and /)    Swagger UI, from files inside this package
    /openapi.yaml    the contract as it was written, with this server's own address first
    /openapi.json    the same as JSON

For people and generators, not part of the contract: no credentials, no rate limit, no envelope, and no fault
touches it. What depends on the contract alone happens at start-up; what a client sends is never put into the page.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime

from entity_contract import Contract

from entity_server.domain.times import http_date
from entity_server.http.docs.files import File, page, scripts_and_styles
from entity_server.http.docs.texts import around_own_server
from entity_server.http.exchange import Headers, Received, Sent

PAGE = "/docs"

_METHODS = ("GET", "HEAD")
_TEXT = "text/plain; charset=utf-8"


class Docs:
    """The documentation of one contract."""

    def __init__(self, contract: Contract, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self._texts = around_own_server(contract)
        info = contract.target("#/info")
        shown = page(str(info.get("title")))
        self._files: Mapping[str, File] = {
            PAGE: shown,
            f"{PAGE}/": shown,
            **{f"{PAGE}/{name}": file for name, file in scripts_and_styles().items()},
        }
        self._paths = frozenset(("/", *self._files, *self._texts))

    def serves(self, path: str) -> bool:
        """Whether the path is one of the documentation's; all others are the API's to answer."""
        return path in self._paths

    def answer(self, received: Received, origin: str) -> Sent:
        """The answer on one of its paths, for a client that reached the server at `origin`."""
        date = {"Date": http_date(self.clock())}
        if received.method not in _METHODS:
            allow = ", ".join(_METHODS)
            return Sent(405, {**date, "Allow": allow, "Content-Type": _TEXT}, f"Only {allow}\n".encode())
        if received.path == "/":
            return Sent(302, {**date, "Location": PAGE, "Content-Type": _TEXT}, f"See {PAGE}\n".encode())
        text = self._texts.get(received.path)
        file = text.file(origin) if text else self._files[received.path]
        return _answered(file, received.headers, date)


def _answered(file: File, asked: Headers, date: Mapping[str, str]) -> Sent:
    """The file, unless the client has this very version: the next release of the server may listen at the same port."""
    tag = f'"{hashlib.sha256(file.content).hexdigest()[:32]}"'
    headers = {**date, "ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", **file.headers}
    known = {
        each.strip().removeprefix("W/") for value in asked.getall("If-None-Match", ()) for each in value.split(",")
    }
    if known & {tag, "*"}:
        return Sent(304, headers, b"")
    return Sent(200, {**headers, "Content-Type": file.media_type}, file.content)
