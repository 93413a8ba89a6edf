"""What variants on the wire have in common: an answer said otherwise, a request with less in it."""

import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode

import httpx


def rewritten(
    response: httpx.Response, body: bytes | Mapping[str, object], *, status: int | None = None
) -> httpx.Response:
    """The answer with another body, and another status where one is named."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = [(name, value) for name, value in response.headers.raw if name.lower() != b"content-length"]
    return httpx.Response(status or response.status_code, headers=headers, content=content, request=response.request)


def recoded(response: httpx.Response, status: int, code: str) -> httpx.Response:
    """The same refusal with another status and code."""
    return rewritten(response, {**response.json(), "code": code}, status=status)


def without_header(request: httpx.Request, name: str) -> httpx.Request:
    """The request without a header."""
    headers = [pair for pair in request.headers.raw if pair[0].lower() != name.encode()]
    return httpx.Request(request.method, request.url, headers=headers, stream=request.stream)


def with_header(request: httpx.Request, name: str, value: str) -> httpx.Request:
    """The request with one header more."""
    headers = [*request.headers.raw, (name.encode(), value.encode())]
    return httpx.Request(request.method, request.url, headers=headers, stream=request.stream)


def readdressed(
    request: httpx.Request, change: Callable[[list[tuple[str, str]]], list[tuple[str, str]]]
) -> httpx.Request:
    """The request with another query; the same where the change leaves it as it is."""
    query = parse_qsl(request.url.query.decode(), keep_blank_values=True)
    changed = change(query)
    if changed == query:
        return request
    url = request.url.copy_with(query=urlencode(changed).encode())
    return httpx.Request(request.method, url, headers=request.headers.raw, stream=request.stream)
