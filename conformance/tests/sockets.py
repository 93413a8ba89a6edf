"""Real servers on a real socket, each with one stated vice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Vice = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

ENVELOPE = b'{"success":true,"data":[],"pagination":{"page":1,"limit":1,"total":0}}'


@asynccontextmanager
async def serving(vice: Vice) -> AsyncIterator[str]:
    """The URL of a server that treats every connection so."""
    open_connections: set[asyncio.StreamWriter] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections.add(writer)
        try:
            await vice(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has seen enough
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        for writer in open_connections:
            writer.transport.abort()
        await server.wait_closed()


def response(body: bytes, *, status: str = "200 OK", media_type: str = "application/json", length: int = -1) -> bytes:
    size = len(body) if length < 0 else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {size}\r\n\r\n".encode() + body


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends a byte every few milliseconds, for ever: no single read times out."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(response(b"", length=1_000_000))
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.005)


async def never_answers(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Reads the request and says nothing."""
    await reader.read()


async def hangs_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Closes the connection where an answer was due."""
    await reader.readuntil(b"\r\n\r\n")


async def hangs_up_half_way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closes the connection in the middle of the body."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(response(b'{"success":', length=500))
    await writer.drain()


async def sends_no_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends more than anybody wants to read, as fast as it can."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(response(b"", length=1_000_000_000))
    while True:
        writer.write(b" " * 1_000_000)
        await writer.drain()


async def speaks_no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Is another service altogether."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"220 mail.example.com ESMTP\r\n\r\n")
    await writer.drain()


def answers(*replies: bytes) -> Vice:
    """Gives these answers, one a connection or a request, the last one for ever."""
    waiting = list(replies)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(waiting.pop(0) if len(waiting) > 1 else waiting[0])
            await writer.drain()

    return answer
