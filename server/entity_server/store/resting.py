"""Searches beside point reads: one at a time, with a rest behind each.

A search of a large table takes a processor for as long as it lasts, from whoever reads one record meanwhile. Where
several clients do, the next search waits a little longer than the last one took.
"""

from time import monotonic

_DENSE, _BUSY = 0.02, 0.2
"""Seconds: point reads that follow each other so closely are several clients', and for how long these count as busy."""

_SHORT = 0.05
"""Seconds: what takes no longer is no search to speak of."""

_REST = 1.25
"""How many times as long as a search its rest is."""


class PointReads:
    """How densely point reads follow each other."""

    __slots__ = ("_busy_until", "_last")

    def __init__(self) -> None:
        self._last = self._busy_until = 0.0

    def note(self) -> None:
        """There is one now."""
        now = monotonic()
        if now - self._last < _DENSE:
            self._busy_until = now + _BUSY
        self._last = now

    @property
    def dense(self) -> bool:
        """Whether several clients read records just now."""
        return monotonic() < self._busy_until


def rest(took: float, bound: float) -> float:
    """The seconds from a search that took so long to the next, so that both together stay within a bound."""
    return 0.0 if took < _SHORT else max(0.0, min(_REST * took, bound - took))
