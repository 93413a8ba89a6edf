"""What a deployment's rate limits leave each credential, by what its answers say, and how long to wait for more.

Pure: headers and times come in, seconds come out. Times are the wire's own monotonic seconds.
"""

import contextlib
from dataclasses import dataclass
from datetime import datetime

from entity_conformance.deployment.reply import Headers

MARGIN = 8
"""Requests kept back besides what cleaning up needs, for those under way when the limit nears."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What was said last of one credential. Believed once it has been seen to count down.

    A deployment that always says nothing remains is not believed: its 429 will tell.
    """

    remaining: int
    resets_at: float
    is_believed: bool


class Allowances:
    """The limits of one run's credentials, each under an `identity` that stays in memory."""

    def __init__(self) -> None:
        self._said: dict[str, Allowance] = {}
        self._free_again: dict[str, float] = {}

    def note(self, identity: str, headers: Headers, *, now: datetime, clock: float) -> None:
        """Take note of an answer's X-RateLimit headers; without whole ones nothing is known."""
        with contextlib.suppress(ValueError, KeyError):
            remaining = int(headers["x-ratelimit-remaining"])
            resets_at = clock + int(headers["x-ratelimit-reset"]) - now.timestamp()
            before = self._said.get(identity)
            is_believed = before is not None and (before.is_believed or remaining < before.remaining)
            self._said[identity] = Allowance(remaining, resets_at, is_believed)

    def refused(self, identity: str, headers: Headers, *, now: datetime, clock: float) -> None:
        """Take note of a 429."""
        self._free_again[identity] = clock + _retry_after(headers, now)

    def wait(self, identity: str, *, clock: float, reserve: int, longest: float) -> float:
        """Seconds until a request may be sent that leaves `reserve` requests for later; at most 0 is now.

        Where nothing is to be left, no more than `longest` is waited ahead of a 429.
        """
        refused = self._free_again.get(identity, clock) - clock
        said = self._said.get(identity)
        if said is None or not said.is_believed or said.remaining > (reserve + MARGIN if reserve else 0):
            return refused
        wait = said.resets_at - clock
        return max(refused, wait) if reserve or wait <= longest else refused


def _retry_after(headers: Headers, now: datetime) -> float:
    """Seconds until the limit lets requests through again: by Retry-After, else by X-RateLimit-Reset, else one."""
    with contextlib.suppress(ValueError, KeyError):
        return max(float(int(headers["retry-after"])), 0.1)
    with contextlib.suppress(ValueError, KeyError):
        return max(int(headers["x-ratelimit-reset"]) - now.timestamp(), 0.1)
    return 1.0
