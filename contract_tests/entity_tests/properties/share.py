"""What may still be sent, and how it is told that no more may be.

    Held       to schemathesis: end what you are at, as when your own time is over
    Withheld   to schemathesis: try another step of your sequence
    Spent      to our own callers

Pure; `sender` decides.
"""

from dataclasses import dataclass, field

from hypothesis.errors import UnsatisfiedAssumption
from schemathesis.engine.run.unit._case import BudgetExpired


class Held(BudgetExpired):
    """Not sent, because a share, the budget, a limit or the time is used up."""


class Withheld(UnsatisfiedAssumption):
    """Not sent, because there has been enough of this operation, or its credential is used up."""


class Spent(Exception):  # noqa: N818  # says what cannot be had, and nothing about the deployment
    """As Held, for requests of our own."""


@dataclass(slots=True)
class Share:
    """What a phase may send: `left` in all. With `operations`, each of so many gets an equal part of what is left."""

    left: int
    operations: int | None = None
    _parts: dict[str, int] = field(default_factory=dict)

    def take(self, operation: str) -> bool:
        """Whether one more request may be sent for an operation; it is counted."""
        if self.left <= 0:
            return False
        if self.operations is not None:
            if operation not in self._parts:
                waiting = max(1, self.operations - len(self._parts))
                self._parts[operation] = -(-self.left // waiting)
            if self._parts[operation] <= 0:
                return False
            self._parts[operation] -= 1
        self.left -= 1
        return True
