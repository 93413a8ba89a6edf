"""Statements of SQLite that are over sooner than another thread could be asked for them: run in the loop's own thread.

To hand a statement to a thread costs several times what a point read costs, and nearly what a create does. But the loop
must not stand still: a connection that is used this way waits for no lock, and gives up on what takes too long. Whoever
asked has a thread run it then.
"""

import sqlite3
from collections.abc import Sequence
from math import inf
from typing import Any

Rows = Sequence[Sequence[Any]]

# A statement is given up after so many steps of SQLite's machine, a millisecond or so: counted, since a clock goes on
# while a busy computer does something else. After each thousand one looks how many there have been.
_STEPS, _LOOKS = 1000, 20
_PASSED_OVER = 20  # how often a statement that took too long goes to a thread before it is tried again
_KNOWN = 1000
_ELSEWHERE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT)


class AtOnce:
    """A connection that the loop's thread uses while no other does. Its `busy_timeout` is 0 then."""

    __slots__ = ("_connection", "_looks", "_slow")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._looks = inf
        self._slow: dict[str, int] = {}
        self.begin()

    def begin(self) -> None:
        """Look from now on."""
        self._connection.set_progress_handler(self._over, _STEPS)

    def end(self) -> None:
        """Look no more: another thread uses the connection."""
        self._connection.set_progress_handler(None, 0)

    def run(self, statement: str, values: Sequence[Any]) -> Rows | None:
        """What the statement finds, however long it takes; None where the file is locked just now."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _ELSEWHERE:
                raise
        return None

    def briefly(self, statement: str, values: Sequence[Any]) -> Rows | None:
        """What the statement finds; None where it takes too long, or the file is locked just now.

        For reading alone: SQLite may look once more when all has been done, and has no way back then.
        """
        passed_over = self._slow.get(statement, 0)
        if passed_over:
            self._slow[statement] = passed_over - 1
            return None
        self._looks = _LOOKS
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            code = error.sqlite_errorcode & 0xFF
            if code not in _ELSEWHERE:
                raise
            if code == sqlite3.SQLITE_INTERRUPT:
                if len(self._slow) >= _KNOWN:
                    self._slow.clear()
                self._slow[statement] = _PASSED_OVER
        finally:
            self._looks = inf
        return None

    def _over(self) -> bool:
        self._looks -= 1
        return self._looks < 0
