"""Writes that arrive together are made together: one transaction of SQLite, whose commit is paid for once.

A commit writes each page that has changed, and a new row changes one for each index: that costs several times what the
row does. Each write is answered after the commit, and stands for itself: what one that is refused has done is undone,
and the others are kept.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from entity_server.store.at_once import AtOnce, Rows


@dataclass(slots=True, eq=False)
class _Write:
    statement: str
    values: Sequence[Any]
    answer: asyncio.Future[Rows | None]


class Together:
    """The writes of one connection that wait for the next turn of the loop.

    `free` tells whether no thread is at the connection, `idle` waits until none is.
    """

    __slots__ = ("_at_once", "_connection", "_free", "_idle", "_later", "_waiting")

    def __init__(
        self,
        connection: sqlite3.Connection,
        at_once: AtOnce,
        *,
        free: Callable[[], bool],
        idle: Callable[[], Awaitable[None]],
    ) -> None:
        self._connection = connection
        self._at_once = at_once
        self._free = free
        self._idle = idle
        self._waiting: list[_Write] = []
        self._later: asyncio.Task[None] | None = None

    async def run(self, statement: str, values: Sequence[Any]) -> Rows | None:
        """What the statement gives back, once it is kept; None where it has not been run. Raises what is wrong with it.

        It is not run where another program has the file.
        """
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._begin)
        write = _Write(statement, values, loop.create_future())
        self._waiting.append(write)
        return await write.answer

    def _begin(self) -> None:
        if self._free():
            self._run()
        else:
            self._later = asyncio.get_running_loop().create_task(self._run_later())

    async def _run_later(self) -> None:
        try:
            await self._idle()
        except TimeoutError as error:
            writes, self._waiting = self._waiting, []
            for write in writes:
                _tell(write, error)
        else:
            self._run()

    def _run(self) -> None:
        writes, self._waiting = [write for write in self._waiting if not write.answer.done()], []
        for write, answer in zip(writes, self._answers(writes), strict=True):
            _tell(write, answer)

    def _answers(self, writes: Sequence[_Write]) -> Sequence[Rows | Exception | None]:
        not_run = [None] * len(writes)
        if len(writes) == 1:
            return [self._answer(writes[0])]
        try:
            if self._at_once.run("BEGIN IMMEDIATE", ()) is None:
                return not_run
            answers = [self._answer(write) for write in writes]
            if self._connection.in_transaction:  # else one failed in such a way that SQLite has undone them all
                self._connection.execute("COMMIT")
                return answers
        except sqlite3.Error:  # each is tried by itself, and told what is the matter then
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        return not_run

    def _answer(self, write: _Write) -> Rows | Exception | None:
        try:
            return self._at_once.run(write.statement, write.values)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for whoever asked for this write
            return error


def _tell(write: _Write, answer: Rows | Exception | None) -> None:
    if write.answer.done():  # whoever asked has gone
        return
    if isinstance(answer, Exception):
        write.answer.set_exception(answer)
    else:
        write.answer.set_result(answer)
