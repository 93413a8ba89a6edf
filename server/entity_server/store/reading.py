"""What reads: point reads (a key, a record by its id) and lists, apart from each other and from what writes.

Interfaces; `sqlite` and `postgres` fulfil them, each in the way that its database allows. Neither knows a table.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Row = Mapping[str, Any] | Sequence[Any]


class Reading(Protocol):
    """Rows come as sequences, in the order of the columns that the statement names."""

    async def point(self, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The few rows that an index finds at once: never behind a list or a write."""

    async def access(self, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """As `point`, for what every request asks of (keys, sessions): nor behind point reads that wait for a lock."""

    async def many(self, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Rows that may take long to find: never in the way of a point read or a write."""

    async def planned(self, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """As `many`, where the best way to find rows depends on the values: on how rare a word is, for instance."""

    def refuse_if_gone(self) -> None:
        """Raise OSError where whoever opens the database now would open another: what is written would be lost."""

    async def close(self) -> None:
        """Let go of what was opened for reading."""


class Writing(Protocol):
    """Tortoise's client, past Tortoise: statements that are transactions by themselves, and the rows they return."""

    async def one(self, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement that writes one row, and is soon over."""

    async def many(self, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Run a statement whose consequences may be many."""
