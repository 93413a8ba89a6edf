"""Corners of HTTP: heads and bodies at the edge of what is allowed, slow in the middle, cookies, challenges, redirects.

What is allowed must not be accused; what is not must be named.
"""

import asyncio
import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace

from entity_tests.proofs.hostile.catalogue import (
    DOES_NOT_CONFORM,
    INCONCLUSIVE,
    LEFT_BEHIND,
    UNREACHABLE,
    behaviour,
    changing,
)
from entity_tests.proofs.hostile.proxy import Answer, Exchange
from entity_tests.proofs.hostile.transfer import CHUNKED, CLOSING, STARTS_AT

EITHER = (DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE)


def _framed(
    name: str, framing: Callable[[bytes], str], named: str, *codes: int, body: Callable[[bytes], bytes] = bytes
) -> None:
    """Another framing of each answer that has a body; the connection is closed behind it."""

    @behaviour(name, named, *codes)
    async def _(exchange: Exchange) -> Answer | None:
        if exchange.answer.status in {204, 304}:
            return exchange.answer
        said = exchange.answer.body
        await exchange.write(exchange.answer.head(framing=framing(said)) + body(said))
        return None


def _chunked(said: bytes) -> bytes:
    return b"00000%x\r\n%b\r\n000\r\n\r\n" % (len(said), said) if said else b"0\r\n\r\n"


_framed("ends-by-closing", lambda _: CLOSING, "", 0)
_framed("chunk-sizes-with-leading-zeros", lambda _: f"{CHUNKED}\r\n{CLOSING}", "", 0, body=_chunked)
_framed("transfer-encoding-gzip", lambda _: "Transfer-Encoding: gzip, chunked", "no HTTP", UNREACHABLE, body=_chunked)
_framed(
    "content-length-told-twice-alike",
    lambda said: f"Content-Length: {len(said)}\r\nContent-Length: {len(said)}",
    "",
    0,
    UNREACHABLE,
)
_framed(
    "closes-behind-the-headers",
    lambda _: f"Content-Length: 100\r\n{CLOSING}",
    "closed before",
    UNREACHABLE,
    body=lambda _: b"",
)


@behaviour("headers-folded-over-lines", "", 0, UNREACHABLE)
async def _folded(exchange: Exchange) -> Answer:
    return exchange.answer.with_header("X-Folded", "one\r\n  two")


@behaviour("trailers-without-an-end", "no HTTP|larger than|no whole answer", UNREACHABLE)
async def _trailers(exchange: Exchange) -> None:
    await exchange.write(exchange.answer.head(framing=CHUNKED) + b"2\r\n{}\r\n0\r\n")
    for number in range(10**9):
        await exchange.write(f"X-{number}: {'v' * 100}\r\n".encode())


@behaviour("no-reason-phrase", "", 0)
async def _no_reason(exchange: Exchange) -> None:
    first, _, rest = exchange.answer.head().partition(b"\r\n")
    await exchange.write(b" ".join(first.split(b" ")[:2]) + b"\r\n" + rest + exchange.answer.body)


@behaviour("no-content-with-a-length", "", 0, DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE)
async def _no_content(exchange: Exchange) -> Answer | None:
    if exchange.method != "DELETE":
        return exchange.answer
    await exchange.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")
    return None


@behaviour("header-a-second", "no whole answer within", UNREACHABLE)
async def _slow_headers(exchange: Exchange) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10**6):
        await exchange.write(b"X-%d: a\r\n" % number)
        await asyncio.sleep(1)


@behaviour("last-octet-never-comes", "no whole answer within|stopped answering", *EITHER)
async def _last_octet(exchange: Exchange) -> Answer | None:
    if exchange.number < STARTS_AT:
        return exchange.answer
    framing = f"Content-Length: {len(exchange.answer.body) + 1}"
    await exchange.write(exchange.answer.head(framing=framing) + exchange.answer.body)
    await asyncio.sleep(3600)
    return None


@behaviour("half-a-second-each", "", 0, INCONCLUSIVE)
async def _slow(exchange: Exchange) -> Answer:
    await asyncio.sleep(0.5)
    return exchange.answer


@behaviour("options-never-answer", "OPTIONS .* got no answer: no whole answer within", *EITHER)
async def _silent_options(exchange: Exchange) -> Answer:
    await asyncio.sleep(3600 if exchange.method == "OPTIONS" else 0)
    return exchange.answer


def _status(
    name: str, named: str, status: int, *headers: tuple[str, str], starts_at: int = 0, method: str = ""
) -> None:
    @changing(name, named, *EITHER, *((LEFT_BEHIND,) if method else ()))
    def _(exchange: Exchange) -> Answer:
        if exchange.number < starts_at or method not in {"", exchange.method}:
            return exchange.answer
        return replace(exchange.answer, status=status, headers=(*exchange.answer.headers, *headers))


_FORWARD = ("Location", "http://127.0.0.1:9/api/v1/tasks/1")
_status("redirects-deletions", "307", 307, _FORWARD, method="DELETE")
_status("redirects-to-a-file", "302|redirect", 302, ("Location", "file:///etc/passwd"))
_status(
    "redirects-with-a-password",
    "307|redirect",
    307,
    ("Location", "http://ada:Gh7kQ2mX9vLp4R@127.0.0.1:9/"),
    starts_at=9,
)
_status(
    "challenges-by-negotiate", "401", 401, ("WWW-Authenticate", 'Negotiate, Digest realm="a", nonce="b", qop="auth"')
)
_ESCAPES = 'Bearer realm="\x1b[2J\x1b]0;owned\x07 ##vso[task.complete] ::error::owned"'
_status("challenge-with-escapes", "401|no HTTP", 401, ("WWW-Authenticate", _ESCAPES), starts_at=STARTS_AT)
_status("proxy-asks-for-credentials", "a proxy in front of it asks", 407, ("Proxy-Authenticate", 'Basic realm="proxy"'))
_status("only-deletions-are-limited", "429|rate limit", 429, ("Retry-After", "3"), method="DELETE")
_status(
    "retry-after-in-the-past",
    "429|rate limit",
    429,
    ("Retry-After", "Mon, 01 Jan 1990 00:00:00 GMT"),
    starts_at=STARTS_AT,
)
_status("retry-after-in-fractions", "429|rate limit", 429, ("Retry-After", "0.5"), starts_at=STARTS_AT)


def _headers(name: str, named: str, *headers: tuple[str, str], codes: tuple[int, ...] = EITHER) -> None:
    @changing(name, named, *codes)
    def _(exchange: Exchange) -> Answer:
        return replace(exchange.answer, headers=(*exchange.answer.headers, *headers))


_COOKIES = tuple(("Set-Cookie", f"c{number}=v{number}; Path=/; HttpOnly") for number in range(200))
_headers("sets-two-hundred-cookies", "", *_COOKIES, codes=(0,))
_headers("clears-the-session-cookie", "", ("Set-Cookie", "better-auth.session_token=; Max-Age=0; Path=/"), codes=(0,))
_headers("header-names-that-are-none", "no HTTP", ("X(bad", "1"), codes=(UNREACHABLE,))
_headers("header-without-a-name", "no HTTP", ("", "value"), codes=(UNREACHABLE,))
_headers("encoding-identity", "", ("Content-Encoding", "identity"), codes=(0,))
_headers(
    "limits-told-thrice",
    "X-RateLimit",
    ("X-RateLimit-Remaining", "5"),
    ("X-RateLimit-Remaining", "999999999"),
    ("X-RateLimit-Remaining", "none"),
)


def _limits(name: str, of: str, changed: Callable[[int], int]) -> None:
    @changing(name, "X-RateLimit", *EITHER)
    def _(exchange: Exchange) -> Answer:
        told = {header.lower(): value for header, value in exchange.answer.headers}
        known = told.get(of.lower())
        return exchange.answer if known is None else exchange.answer.with_header(of, str(changed(int(known))))


_limits("reset-in-milliseconds", "X-RateLimit-Reset", lambda reset: reset * 1000)
_limits("remaining-above-the-limit", "X-RateLimit-Remaining|requests remain", lambda remaining: remaining + 10**7)


def _encoded(
    name: str,
    header: tuple[str, str],
    body: Callable[[bytes], bytes],
    named: str = "",
    *,
    codes: tuple[int, ...] = (0,),
) -> None:
    """The same body in other octets, and a header about it."""

    @changing(name, named, *codes)
    def _(exchange: Exchange) -> Answer:
        answer = exchange.answer
        return replace(answer.with_header(*header), body=body(answer.body)) if answer.body else answer


_TYPE, _CODING = "Content-Type", "Content-Encoding"
_encoded(
    "charset-utf-16-without-a-mark",
    (_TYPE, "application/json; charset=utf-16le"),
    lambda body: body.decode().encode("utf-16-le"),
    "JSON|UTF-8",
    codes=EITHER,
)
_encoded(
    "charset-latin-1",
    (_TYPE, "application/json; charset=iso-8859-1"),
    lambda body: body.decode().encode("latin-1", "replace"),
    "JSON|UTF-8",
    codes=EITHER,
)
_encoded(
    "gzip-of-a-member-for-each-octet",
    (_CODING, "gzip"),
    lambda body: b"".join(gzip.compress(bytes([octet]), 1) for octet in body[:2000]) + gzip.compress(body[2000:]),
)


def _raw(body: bytes) -> bytes:
    compressing = zlib.compressobj(6, zlib.DEFLATED, -15)
    return compressing.compress(body) + compressing.flush()


_encoded("raw-deflate", (_CODING, "deflate"), _raw, "", codes=(0, UNREACHABLE))


async def _hangs_up(exchange: Exchange) -> None:
    exchange.writer.transport.abort()


behaviour("hangs-up-behind-tls", "closed before|TLS", UNREACHABLE, tls="right")(_hangs_up)
