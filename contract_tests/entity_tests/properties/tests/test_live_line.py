"""One exchange against servers that never come to an end: real sockets, and bounded."""

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from entity_tests.properties.line import LARGEST_ANSWER, Line, NoWholeAnswer

TIMEOUT = 0.5
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

Speak = Callable[[socket.socket], None]


@contextmanager
def saying(speak: Speak) -> Iterator[str]:
    """The URL of a server that hears a request and then speaks so."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            speak(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1/tasks"
    finally:
        listener.close()
        thread.join(10)


def asked(url: str) -> requests.Response:
    line = Line(timeout=TIMEOUT, use_proxies=False)
    try:
        return line.exchange(requests.Request("GET", url).prepare())
    finally:
        line.close()


def whole(body: bytes, *headers: bytes) -> Speak:
    head = HEAD + b"".join(header + b"\r\n" for header in headers)
    return lambda connection: connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def dripping(head: bytes, drop: bytes) -> Speak:
    def speak(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(200):
            connection.sendall(drop)
            time.sleep(0.05)

    return speak


def endless(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(2 * LARGEST_ANSWER // 65536):
        connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def test_a_whole_answer_is_read() -> None:
    with saying(whole(b'{"success": true}')) as url:
        answer = asked(url)
    assert (answer.status_code, answer.json()) == (200, {"success": True})


@pytest.mark.parametrize(
    ("head", "drop"),
    [(HEAD + b"Content-Length: 1000\r\n\r\n", b"x"), (HEAD, b"X-More: 1\r\n"), (b"", b"H")],
    ids=["body", "headers", "status"],
)
def test_an_answer_that_drips_is_cut(head: bytes, drop: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(NoWholeAnswer, match=r"no whole answer within 0\.5 s"), saying(dripping(head, drop)) as url:
        asked(url)
    assert time.monotonic() - began < 8


def test_an_answer_without_an_end_is_cut() -> None:
    with pytest.raises(NoWholeAnswer, match="larger than 8 MiB"), saying(endless) as url:
        asked(url)


def test_a_small_answer_that_unpacks_to_a_large_one_is_cut() -> None:
    packed = gzip.compress(b" " * (3 * LARGEST_ANSWER))
    with (
        pytest.raises(NoWholeAnswer, match="larger than 8 MiB"),
        saying(whole(packed, b"Content-Encoding: gzip")) as url,
    ):
        asked(url)


def test_an_answer_nested_deeper_than_any_is_none() -> None:
    with pytest.raises(NoWholeAnswer, match="nested deeper than 200"), saying(whole(b"[" * 200_000)) as url:
        asked(url)


def test_brackets_in_texts_are_not_nested() -> None:
    with saying(whole(b'{"a": "' + b"[" * 1000 + rb"\"[" + b'"}')) as url:
        assert asked(url).json()["a"].startswith("[[")


def test_an_answer_that_breaks_off_is_none() -> None:
    half = HEAD + b"Content-Length: 100\r\n\r\n" + b"{"
    with pytest.raises(NoWholeAnswer, match="broke off"), saying(lambda connection: connection.sendall(half)) as url:
        asked(url)
