"""Answers that leave together: which wait, for how long, and that none is lost."""

import asyncio
from typing import cast

import pytest
from entity_server.http.outbox import MOST, Outbox

pytestmark = pytest.mark.anyio


class Socket:
    """A transport that keeps what is written, all in one list with its fellows'."""

    def __init__(self, written: list[bytes], *, closing: bool = False) -> None:
        self._written = written
        self._closing = closing

    def is_closing(self) -> bool:
        """Whether it is being closed."""
        return self._closing

    def write(self, data: bytes) -> None:
        """Keep it."""
        self._written.append(data)


def socket(written: list[bytes], *, closing: bool = False) -> asyncio.Transport:
    """One of those, as a transport."""
    return cast("asyncio.Transport", Socket(written, closing=closing))


def test_an_answer_is_written_at_once_where_nobody_else_was_heard() -> None:
    outbox, written = Outbox(), list[bytes]()
    outbox.heard()
    outbox.awoken()

    outbox.write(socket(written), b"1")

    assert written == [b"1"]


async def test_answers_wait_for_the_last_of_those_who_were_heard_together() -> None:
    outbox, written = Outbox(), list[bytes]()
    outbox.heard()
    outbox.heard()
    outbox.awoken()
    outbox.write(socket(written), b"1")
    waited = list(written)
    outbox.awoken()

    outbox.write(socket(written), b"2")

    assert (waited, written) == ([], [b"1", b"2"])


async def test_an_answer_waits_no_longer_than_till_the_next_turn_of_the_loop() -> None:
    outbox, written = Outbox(), list[bytes]()
    outbox.heard()
    outbox.write(socket(written), b"1")

    await asyncio.sleep(0)

    assert written == [b"1"]


async def test_no_more_than_a_few_answers_wait() -> None:
    outbox, written = Outbox(), list[bytes]()
    outbox.heard()

    for _ in range(MOST):
        outbox.write(socket(written), b"x")

    assert len(written) == MOST


async def test_what_waits_is_not_written_to_a_connection_that_was_closed_meanwhile() -> None:
    outbox, written, lost = Outbox(), list[bytes](), list[bytes]()
    outbox.heard()
    outbox.write(socket(lost, closing=True), b"1")
    outbox.write(socket(written), b"2")

    outbox.empty()

    assert (written, lost) == ([b"2"], [])
