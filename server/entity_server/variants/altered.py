"""What stands in front of a server with variants that act on the wire: it readdresses requests, and rewrites answers.

Nobody imports this where no such variant was asked for.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

import httpx
from multidict import CIMultiDict

from entity_server.domain.problems import Problem
from entity_server.faults.spoiling import relinked
from entity_server.http.exchange import Answering, Headers, Received, Sent
from entity_server.http.httpx_headers import HttpxHeaders
from entity_server.http.operations.answers import JSON
from entity_server.variants.variant import Readdress, Rewrite, Variant

_HOST = "http://server"


class Altered:
    """A server whose requests and answers are others on the wire."""

    def __init__(self, inner: Answering, variants: Iterable[Variant]) -> None:
        self._inner = inner
        chosen = tuple(variants)
        self._readdresses: tuple[Readdress, ...] = tuple(one.readdress for one in chosen if one.readdress)
        self._rewrites: tuple[Rewrite, ...] = tuple(one.rewrite for one in chosen if one.rewrite)

    async def answer(self, received: Received) -> Sent:
        """The answer to a request. Never raises."""
        try:
            content = await received.read()
            read = _giving(content)
        except Problem as problem:  # which the server refuses itself, in its turn
            content, read = b"", _raising(problem)
        request = _request(received, content)
        asked = request
        for readdress in self._readdresses:
            asked = readdress(asked)
        if asked is request:
            return self._rewritten(request, await self._inner.answer(replace(received, read=read)))
        path, _, query = asked.url.raw_path.decode("latin-1").partition("?")
        sent = await self._inner.answer(Received(asked.method, path, query, HttpxHeaders(asked.headers), read))
        if "Link" in sent.headers:
            written = parse_qsl(received.query, keep_blank_values=True)
            sent = replace(sent, headers={**sent.headers, "Link": relinked(sent.headers["Link"], written)})
        return self._rewritten(request, sent)

    def preflight(self, received: Received) -> Sent:
        """The answer to a browser's question before a request, which nobody chooses either."""
        return self._inner.preflight(received)

    def failure(self, problem: Problem, headers: Headers) -> Sent:
        """The answer to what never became a request: nobody chooses it."""
        return self._inner.failure(problem, headers)

    def _rewritten(self, request: httpx.Request, sent: Sent) -> Sent:
        headers = [("Content-Type", JSON), *sent.headers.items()]
        if any(name.lower() == "content-type" for name in sent.headers):
            del headers[0]
        response = httpx.Response(sent.status, headers=headers, content=sent.body, request=request)
        for rewrite in self._rewrites:
            response = rewrite(response)
        own: CIMultiDict[str] = CIMultiDict(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in response.headers.raw
            if name.lower() != b"content-length"
        )
        return replace(sent, status=response.status_code, headers=own, body=response.content)


def _request(received: Received, content: bytes) -> httpx.Request:
    query = f"?{received.query}" if received.query else ""
    url = httpx.URL(_HOST).copy_with(raw_path=f"{received.path}{query}".encode("latin-1", "replace"))
    headers = [
        (name.encode("latin-1", "replace"), value.encode("utf-8", "surrogateescape"))
        for name, value in received.headers.items()
        if name.lower() not in ("host", "content-length", "transfer-encoding")
    ]
    return httpx.Request(received.method, url, headers=headers, content=content)


def _giving(content: bytes) -> Callable[[], Awaitable[bytes]]:
    async def read() -> bytes:
        return content

    return read


def _raising(problem: Problem) -> Callable[[], Awaitable[bytes]]:
    async def read() -> bytes:
        raise problem

    return read


def altered(answering: Answering, variants: Sequence[Variant]) -> Answering:
    """The server with the variants that act on the wire in front of it, if there are any."""
    on_the_wire = any(one.readdress or one.rewrite for one in variants)
    return Altered(answering, variants) if on_the_wire else answering
