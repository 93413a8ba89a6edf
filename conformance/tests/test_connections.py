"""The wire's own connections: which of them are used again, and what belongs to which answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from entity_conformance.deployment.connections import Direct
from entity_conformance.deployment.no_answer import NoAnswer, translated

from conformance.tests.sockets import Vice, answers, response, serving


@asynccontextmanager
async def counting(vice: Vice) -> AsyncIterator[tuple[str, list[object]]]:
    """A server with this vice, and the connections that it was asked for."""
    made: list[object] = []

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.append(writer)
        await vice(reader, writer)

    async with serving(counted) as url:
        yield url, made


async def body(transport: Direct, url: str, *, method: str = "GET", content: bytes | None = None) -> bytes:
    answer = await transport.handle_async_request(httpx.Request(method, url, content=content))
    try:
        return await answer.aread()
    finally:
        await answer.aclose()


def asked(vice: Vice, ask: Callable[[Direct, str], Awaitable[list[bytes]]]) -> tuple[list[bytes], int]:
    """What was answered, and over how many connections."""

    async def done() -> tuple[list[bytes], int]:
        async with counting(vice) as (url, made), Direct(trust=True, most=4) as transport, asyncio.timeout(5):
            return await ask(transport, url), len(made)

    return asyncio.run(done())


async def twice(transport: Direct, url: str) -> list[bytes]:
    first = await body(transport, url)
    await asyncio.sleep(0)  # what came behind the answer is here by then
    return [first, await body(transport, url)]


def test_a_connection_is_used_again() -> None:
    assert asked(answers(response(b"one"), response(b"two")), twice) == ([b"one", b"two"], 1)


def test_requests_at_once_have_connections_of_their_own() -> None:
    async def at_once(transport: Direct, url: str) -> list[bytes]:
        return list(await asyncio.gather(*(body(transport, url) for _ in range(3))))

    assert asked(answers(response(b"one")), at_once) == ([b"one"] * 3, 3)


def test_what_nobody_asked_for_is_not_the_next_answer() -> None:
    assert asked(answers(response(b"one") + response(b"stray"), response(b"two")), twice) == ([b"one", b"two"], 2)


def test_a_connection_that_is_to_be_closed_is_not_used_again() -> None:
    last = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\none"

    assert asked(answers(last, response(b"two")), twice) == ([b"one", b"two"], 2)


def test_a_connection_that_was_closed_meanwhile_is_not_used_again() -> None:
    async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response(b"one"))

    async def with_a_pause(transport: Direct, url: str) -> list[bytes]:
        first = await body(transport, url)
        await asyncio.sleep(0.05)
        return [first, await body(transport, url)]

    assert asked(closes, with_a_pause) == ([b"one", b"one"], 2)


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    async def old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\none")

    assert asked(old, twice) == ([b"one", b"one"], 2)


def test_what_only_announces_an_answer_is_passed_over() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"

    assert asked(answers(hints + response(b"one")), twice) == ([b"one", b"one"], 1)


def test_a_body_is_sent_whole() -> None:
    async def echoes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response(await reader.readexactly(300_000)))

    async def post(transport: Direct, url: str) -> list[bytes]:
        return [await body(transport, url, method="POST", content=b"x" * 300_000)]

    assert asked(echoes, post) == ([b"x" * 300_000], 1)


def test_a_head_without_end_is_no_http() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: and more\r\n" * 1000)
            await writer.drain()

    with pytest.raises(httpx.RemoteProtocolError, match="too long"):
        asked(endless, twice)


def test_a_request_that_is_given_up_closes_its_connection() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response(b"") if await reader.read() else b"")

    async def given_up(transport: Direct, url: str) -> list[bytes]:
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await body(transport, url)
        return []

    assert asked(silent, given_up) == ([], 2)


def test_an_end_that_hangs_up_instead_of_speaking_tls_is_named() -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    async def securely(transport: Direct, url: str) -> list[bytes]:
        with pytest.raises(NoAnswer, match=r"^TLS failed: the other end hung up$"), translated(5):
            await body(transport, url.replace("http:", "https:"))
        return []

    assert asked(hangs_up, securely) == ([], 1)


def test_an_end_that_says_nothing_to_a_client_that_begins_tls_is_named() -> None:
    async def says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async def securely(transport: Direct, url: str) -> list[bytes]:
        with pytest.raises(NoAnswer, match=r"^TLS did not come about within 1 s$"), translated(1):
            async with asyncio.timeout(1):
                await body(transport, url.replace("http:", "https:"))
        return []

    assert asked(says_nothing, securely) == ([], 1)


def test_an_end_that_does_not_answer_in_time_is_not_said_to_lack_tls() -> None:
    async def says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async def in_plain(transport: Direct, url: str) -> list[bytes]:
        with pytest.raises(NoAnswer, match=r"^no whole answer within 1 s$"), translated(1):
            async with asyncio.timeout(1):
                await body(transport, url)
        return []

    assert asked(says_nothing, in_plain) == ([], 1)


def test_who_hangs_up_on_a_kept_connection_is_asked_over_new_ones_from_then_on() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response(b"one"))
        await reader.readuntil(b"\r\n\r\n")  # closed when the next request comes, which gets no answer

    async def thrice(transport: Direct, url: str) -> list[bytes]:
        first = await body(transport, url)
        with pytest.raises(httpx.RemoteProtocolError):
            await body(transport, url)
        return [first, await body(transport, url), await body(transport, url)]

    assert asked(once, thrice) == ([b"one"] * 3, 3)
