"""Answers that are slow, endless, cut, compressed, or no HTTP."""

import asyncio
import gzip
import zlib
from dataclasses import replace
from functools import cache

from entity_tests.proofs.hostile.catalogue import DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE, behaviour, changing
from entity_tests.proofs.hostile.proxy import Answer, Exchange

CHUNKED = "Transfer-Encoding: chunked"
CLOSING = "Connection: close"
STARTS_AT = 100
"""The request from which on what begins late is done."""


MEBIBYTES = 200
"""What a bomb is when it is read."""


def _compressed(window: int) -> bytes:
    """Zeros in blocks that do not refer to each other, so that one block can be sent again and again.

    Compressing them all takes longer on a busy machine than the run waits for an answer. The checksum at the end is not
    theirs; nobody who reads so far has noticed the size.
    """
    compressing = zlib.compressobj(9, zlib.DEFLATED, window)
    first, again = (compressing.compress(bytes(1 << 20)) + compressing.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (MEBIBYTES - 1) + compressing.flush()


@cache
def _bomb(*windows: int) -> bytes:
    """Zeros compressed once for each window size, one after another."""
    first, *others = windows
    bomb = _compressed(first)
    for window in others:
        compressing = zlib.compressobj(9, zlib.DEFLATED, window)
        bomb = compressing.compress(bomb) + compressing.flush()
    return bomb


GZIP, DEFLATE = 31, 15
LATE = (DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE)


async def _drip(exchange: Exchange) -> None:
    for octet in exchange.answer.head() + exchange.answer.body:
        await exchange.write(bytes([octet]))
        await asyncio.sleep(1)


@behaviour("drips-from-the-first-answer", "no whole answer within", UNREACHABLE)
async def _drips(exchange: Exchange) -> None:
    await _drip(exchange)


@behaviour("drips-from-the-hundredth-answer", "no whole answer within|stopped answering", *LATE)
async def _drips_late(exchange: Exchange) -> Answer | None:
    if exchange.number < STARTS_AT:
        return exchange.answer
    await _drip(exchange)
    return None


@behaviour("never-answers", "no whole answer within", UNREACHABLE)
async def _silent(_: Exchange) -> None:
    await asyncio.sleep(3600)


@behaviour("falls-silent", "no whole answer within|stopped answering", *LATE)
async def _falls_silent(exchange: Exchange) -> Answer | None:
    if exchange.number < STARTS_AT:
        return exchange.answer
    await asyncio.sleep(3600)
    return None


@behaviour("endless-body", "larger than 8 MiB", UNREACHABLE)
async def _endless(exchange: Exchange) -> None:
    await exchange.write(exchange.answer.head(framing=CLOSING))
    while True:
        await exchange.write(b" " * 65536)


@behaviour("endless-body-of-lists", "larger than 8 MiB", *LATE, UNREACHABLE)
async def _endless_lists(exchange: Exchange) -> Answer | None:
    if exchange.method != "GET" or exchange.names_a_record or exchange.path == "/health":
        return exchange.answer
    await exchange.write(exchange.answer.head(framing=CLOSING))
    while True:
        await exchange.write(b" " * 65536)


@behaviour("large-answers", "larger than|no field|Additional properties|additional|unknown", *LATE)
async def _large(exchange: Exchange) -> Answer:
    answer = exchange.answer
    return replace(answer, body=answer.body[:-1] + b" " * (7 << 20) + answer.body[-1:]) if answer.body else answer


@behaviour("endless-chunks", "no whole answer within|larger than", UNREACHABLE)
async def _chunks(exchange: Exchange) -> None:
    await exchange.write(exchange.answer.head(framing=CHUNKED))
    while True:
        await exchange.write(b"1\r\n \r\n" * 1000)


@behaviour("endless-headers", "no HTTP", UNREACHABLE)
async def _headers(exchange: Exchange) -> None:
    await exchange.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10**9):
        await exchange.write(f"X-{number}: {'v' * 100}\r\n".encode())


@behaviour("header-of-a-megabyte", "no HTTP", UNREACHABLE)
async def _header(exchange: Exchange) -> Answer:
    return exchange.answer.with_header("X-Long", "v" * (1 << 20))


@behaviour("early-hints-for-ever", "no whole answer within", UNREACHABLE)
async def _hints(exchange: Exchange) -> None:
    while True:
        await exchange.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)


@behaviour("continues-a-hundred-times", "", 0)
async def _continues(exchange: Exchange) -> Answer:
    await exchange.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
    return exchange.answer


def _bombs(name: str, coding: str, *windows: int, named: str = "larger than 8 MiB") -> None:
    @changing(name, named, UNREACHABLE)
    def _(exchange: Exchange) -> Answer:
        return replace(exchange.answer.with_header("Content-Encoding", coding), body=_bomb(*windows))


_bombs("gzip-bomb", "gzip", GZIP)
_bombs("deflate-bomb", "deflate", DEFLATE)
_bombs("gzip-in-gzip", "gzip, gzip", GZIP, GZIP, named="encoded")


def _encoded(name: str, coding: str, body: bytes, named: str = "encoded|cannot be read") -> None:
    @changing(name, named, UNREACHABLE)
    def _(exchange: Exchange) -> Answer:
        return replace(exchange.answer.with_header("Content-Encoding", coding), body=body)


_BROTLI_BOMB = bytes.fromhex(
    "cfffff7ff82700e2b14020f7fe9ffffffff04f00c4610180eefd3fffffffe19f0088c32200ddfb7ffeffffc33f0110870500baf7"
    "fffcffff877f02200e0b0074effff31fbc1eff04401c1600e862d703"
)
"""100,000,000 zeros: `brotli.compress(bytes(100_000_000), quality=11, lgwin=24)` of PyPI's brotli 1.2.1."""

_encoded("brotli-bomb", "br", _BROTLI_BOMB, "encoded as 'br'")
_encoded("brotli-bomb-in-capitals", "BR", _BROTLI_BOMB, "encoded as 'BR'")
_encoded("brotli-bomb-behind-gzip", "gzip, br", gzip.compress(_BROTLI_BOMB), "encoded as 'gzip, br'")


@changing("brotli-bomb-from-the-hundredth-answer", "encoded as 'br'", *LATE)
def _brotli_late(exchange: Exchange) -> Answer:
    if exchange.number < STARTS_AT:
        return exchange.answer
    return replace(exchange.answer.with_header("Content-Encoding", "br"), body=_BROTLI_BOMB)


_encoded("zstd-not-asked-for", "zstd", b"(\xb5/\xfd\x04X" + b"\0" * 20)
_encoded("gzip-that-is-none", "gzip", b'{"success": true}')
_encoded("gzip-cut-short", "gzip", gzip.compress(b'{"success": true}' * 50)[:-12], "ends before")


@changing("gzip-not-asked-for", "", 0)
def _gzipped(exchange: Exchange) -> Answer:
    body = exchange.answer.body
    return (
        replace(exchange.answer.with_header("Content-Encoding", "gzip"), body=gzip.compress(body))
        if body
        else (exchange.answer)
    )


def _framed(name: str, framing: str, named: str, *codes: int, body: bytes | None = None) -> None:
    @behaviour(name, named, *codes)
    async def _(exchange: Exchange) -> None:
        said = exchange.answer.body if body is None else body
        await exchange.write(exchange.answer.head(framing=framing) + said)


_framed("content-length-too-long", "Content-Length: 100000\r\nConnection: close", "closed before", UNREACHABLE)
_framed("content-length-too-short", "Content-Length: 10\r\nConnection: close", "not JSON|JSON", UNREACHABLE, 1)
_framed("content-length-below-zero", "Content-Length: -5\r\nConnection: close", "no HTTP", UNREACHABLE)
_framed("content-length-twice", "Content-Length: 5\r\nContent-Length: 7", "no HTTP", UNREACHABLE)
_framed("content-length-as-text", "Content-Length: many", "no HTTP", UNREACHABLE)
_framed("chunk-size-that-is-none", CHUNKED, "no HTTP", UNREACHABLE, body=b"zz\r\n{}\r\n0\r\n\r\n")
_framed("chunk-longer-than-it-says", CHUNKED, "no HTTP", UNREACHABLE, body=b"2\r\n{}{}{}\r\n0\r\n\r\n")
_framed("chunks-without-an-end", CHUNKED, "closed before", UNREACHABLE, body=b"2\r\n{}\r\n")


@behaviour("closes-without-a-word", "closed before", UNREACHABLE)
async def _closes(_: Exchange) -> None:
    return


@behaviour("closes-one-in-five", "closed before", *LATE)
async def _closes_some(exchange: Exchange) -> Answer | None:
    return None if exchange.number > 20 and exchange.number % 5 == 0 else exchange.answer


@behaviour("cuts-every-list", "closed before", *LATE)
async def _cuts(exchange: Exchange) -> Answer | None:
    if exchange.method != "GET" or exchange.names_a_record or exchange.path == "/health":
        return exchange.answer
    await exchange.write(exchange.answer.head() + exchange.answer.body[: len(exchange.answer.body) // 2])
    return None


@behaviour("resets-the-connection", "closed before", UNREACHABLE)
async def _resets(exchange: Exchange) -> None:
    exchange.writer.transport.abort()


@behaviour("says-keep-alive-and-closes", "", 0)
async def _lies(exchange: Exchange) -> None:
    framing = f"Content-Length: {len(exchange.answer.body)}\r\nConnection: keep-alive"
    await exchange.write(exchange.answer.head(framing=framing) + exchange.answer.body)


@behaviour("http-1.0-without-a-length", "", 0)
async def _old(exchange: Exchange) -> None:
    head = exchange.answer.head(framing=CLOSING).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    await exchange.write(head + exchange.answer.body)


def _raw(name: str, content: bytes, named: str = "no HTTP|closed before") -> None:
    @behaviour(name, named, UNREACHABLE)
    async def _(exchange: Exchange) -> None:
        await exchange.write(content)


_raw("speaks-ssh", b"SSH-2.0-OpenSSH_9.6\r\n")
_raw("speaks-http-0.9", b"<html>hello</html>")
_raw("speaks-http-2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00")
_raw("status-of-four-digits", b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n{}")
_raw("status-that-is-text", b"HTTP/1.1 fine OK\r\nContent-Length: 2\r\n\r\n{}")
_raw("header-without-a-colon", b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\n{}")
_raw("header-with-a-zero-octet", b"HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 2\r\n\r\n{}")
_raw("switches-protocols", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", "")


@behaviour("injects-headers-by-an-echo", "X-Request-ID|request id|X-RateLimit", *LATE)
async def _injects(exchange: Exchange) -> Answer:
    return exchange.answer.with_header("X-Request-ID", "a\r\nX-RateLimit-Remaining: 5")


@behaviour("answers-twice", "", 0, DOES_NOT_CONFORM, UNREACHABLE, INCONCLUSIVE)
async def _twice(exchange: Exchange) -> None:
    told = exchange.answer.head() + exchange.answer.body
    await exchange.write(told + told)


@behaviour("body-behind-no-content", "", 0, DOES_NOT_CONFORM, UNREACHABLE, INCONCLUSIVE)
async def _behind(exchange: Exchange) -> Answer | None:
    if exchange.method != "DELETE":
        return exchange.answer
    await exchange.write(b"HTTP/1.1 204 No Content\r\n\r\n" + exchange.answer.body)
    return None


@behaviour("answer-to-the-request-before", "X-Request-ID|data|JSON|status|differ|answer", *LATE)
async def _one_behind(exchange: Exchange) -> Answer:
    before = _LAST.get(exchange.headers.get("host", ""), exchange.answer)
    _LAST[exchange.headers.get("host", "")] = exchange.answer
    return before if exchange.number > STARTS_AT else exchange.answer


_LAST: dict[str, Answer] = {}

_framed(
    "chunked-and-a-length",
    f"{CHUNKED}\r\nContent-Length: 2",
    "no HTTP|envelope",
    UNREACHABLE,
    body=b"2\r\n{}\r\n0\r\n\r\n",
)
_framed(
    "chunk-extension-of-a-megabyte",
    CHUNKED,
    "no HTTP",
    UNREACHABLE,
    body=b"2;a=" + b"v" * (1 << 20) + b"\r\n{}\r\n0\r\n\r\n",
)
_framed("length-with-a-sign", "Content-Length: +2", "no HTTP", UNREACHABLE, body=b"{}")
_raw("lines-that-end-in-lf", b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "")
_raw("status-of-no-hundred", b"HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\n{}")
_raw("continues-and-closes", b"HTTP/1.1 100 Continue\r\n\r\n")
