"""Rate limits: how many requests a caller has, and how many are left (E4, E5).

A fixed window for each caller, opened by its first request: "the window algorithm is not judged".

`RateLimiter` counts in memory, in this process alone; `entity_server.shared` counts in Redis. The time is an
argument. Memory is bounded: a window that is over is forgotten, and beyond the capacity the oldest window goes first.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from entity_server.domain.per_request import per_request

_SPELLED = re.compile(r"(?P<limit>[1-9][0-9]{0,8})/(?P<count>[1-9][0-9]{0,5})?(?P<unit>[a-z]+)")
_SECONDS: Mapping[str, int] = {
    "s": 1, "second": 1, "seconds": 1, "m": 60, "minute": 60, "minutes": 60, "h": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
}  # fmt: skip
_OUT_OF_ORDER = 1.0  # seconds
_NO_WINDOW = (0.0, 0)
_UNITS: tuple[tuple[str, int], ...] = (("h", 3600), ("m", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests in so many seconds."""

    limit: int
    window_seconds: int

    @classmethod
    def parse(cls, text: str) -> "RateLimit":
        """Read `1000/hour`, `100/15m`, `5/30s`. Raises ValueError with a sentence for anything else."""
        match = _SPELLED.fullmatch(text.strip().lower())
        if match is None or match["unit"] not in _SECONDS:
            raise ValueError(f"{text!r} is no rate limit; write one like 1000/hour, 100/15m or 5/30s")
        return cls(int(match["limit"]), int(match["count"] or 1) * _SECONDS[match["unit"]])

    @property
    def window(self) -> str:
        """The window as OPTIONS spells it: `1h`, `15m`, `30s` (O3)."""
        unit, seconds = next((unit, seconds) for unit, seconds in _UNITS if self.window_seconds % seconds == 0)
        return f"{self.window_seconds // seconds}{unit}"

    def allowance(self, used: int, end: float, time: float) -> "Allowance":
        """What is left at `time` of a window that is over at `end`, the request being the `used`-th in it."""
        if used <= self.limit:
            return Allowance(self.limit, self.limit - used, math.ceil(end))
        return Allowance(self.limit, 0, math.ceil(end), max(1, math.ceil(end - time)))


@per_request(frozen=True, slots=True)
class Allowance:
    """What is left of a caller's window after a request.

    `reset` is the epoch second at which the window is over, rounded up. `retry_after` is None when the request may go
    on, else the whole seconds to wait, at least 1.
    """

    limit: int
    remaining: int
    reset: int
    retry_after: int | None = None


class RateLimiter:
    """The windows of all callers that share one limit."""

    def __init__(self, limit: RateLimit, *, capacity: int = 100_000) -> None:
        self.limit = limit
        self._capacity = capacity
        # Identity to (end of the window, requests in it). Windows are equally long, so insertion order is their order.
        self._windows: dict[str, tuple[float, int]] = {}
        self._latest = 0.0
        self._behind = 0.0  # how far the clock has been put back, all in all: its windows end no later for that

    def take(self, identity: str, now: datetime) -> Allowance:
        """Count one request of this caller."""
        time = self._steady(now.timestamp())
        end, used = self._windows.get(identity, _NO_WINDOW)
        latest = time + self.limit.window_seconds
        if end <= time:
            self._windows.pop(identity, None)
            self._forget(time)
            end, used = latest, 0
        elif end > latest:
            end = latest  # a clock that goes back lengthens nobody's wait
        if used <= self.limit.limit:
            used += 1
        self._windows[identity] = (end, used)
        return self.limit.allowance(used, end - self._behind, time - self._behind)

    @property
    def windows(self) -> dict[str, tuple[float, int]]:
        """The open windows, as they are now: by caller, the epoch second of its end and the requests in it."""
        return {identity: (end - self._behind, used) for identity, (end, used) in self._windows.items()}

    def put_back(self, windows: Mapping[str, tuple[float, int]]) -> None:
        """Count on from these windows, and no others."""
        self._windows = dict(windows)
        self._latest = self._behind = 0.0

    def _steady(self, time: float) -> float:
        """The time as it would be had nobody put the clock back. Requests may be a moment out of order."""
        steady = time + self._behind
        if steady < self._latest - _OUT_OF_ORDER:
            self._behind += self._latest - steady
        self._latest = max(self._latest, steady)
        return self._latest

    def _forget(self, time: float) -> None:
        """Make room for one window: drop those that are over, and the oldest when there are too many."""
        while self._windows:
            oldest = next(iter(self._windows))
            if self._windows[oldest][0] > time and len(self._windows) < self._capacity:
                return
            del self._windows[oldest]
