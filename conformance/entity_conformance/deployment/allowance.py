"""What a deployment's rate limits leave each credential, by what its answers say, and how long to wait for more.

Pure: headers and times come in, seconds come out. Times are the wire's own monotonic seconds.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Headers, Reply

LONGEST_WINDOW = 366 * 24 * 3600
"""Seconds. No limit lasts longer: what says so is in milliseconds, or no moment at all."""

_NAMES = ("x-ratelimit", "ratelimit", "x-rate-limit")
"""How the headers' names begin: the contract's, then those of others, whose reset may be in seconds from now."""

_ENDLESS = 10**18
"""A limit that is none, as some write it."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Allowance:
    """What was said last of one limit of a credential. `resets_at` is None where no moment was told that can be.

    Believed once it has been seen to count down: a deployment that always says nothing remains will tell by its 429.
    """

    remaining: int
    resets_at: float | None
    is_believed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How one limit of a credential stands: `remaining` of `limit` requests, and in how many seconds it resets."""

    limit: int
    remaining: int
    resets_in: float


class Allowances:
    """The limits of one run's credentials, each under an `identity` that stays in memory.

    Reads and writes are one limit, unless the deployment tells another number for each. What was sent after the answer
    that told last, and what is under way, is used up too: an answer that refuses something is not believed.
    """

    def __init__(self) -> None:
        self._limits: dict[tuple[str, bool], int | None] = {}
        self._said: dict[tuple[str, int | None], Allowance] = {}
        self._sent: Counter[tuple[str, bool]] = Counter()
        self._known: dict[tuple[str, int | None], Mapping[bool, int]] = {}
        self._free_again: dict[str, float] = {}
        self._windows: dict[int, float] = {}
        self._farthest: dict[str, float] = {}

    def sends(self, identity: str, method: str) -> Mapping[bool, int]:
        """A request is sent now. Returns how many were, of reads (True) and of others, for whoever notes its answer."""
        self._sent[identity, _is_reading(method)] += 1
        return {reads: self._sent[identity, reads] for reads in (True, False)}

    def note(
        self, identity: str, reply: Reply, *, now: datetime, clock: float, sent: Mapping[bool, int] | None = None
    ) -> None:
        """Take note of the limits that an answer tells. Of one that authenticated nobody they are another bucket's.

        Which it did is known of a success alone: what is wrong with a path or a query may be told to anybody.
        `sent` is what `sends` returned.
        """
        if not 200 <= reply.status < 300:
            return
        if reply.method == "OPTIONS":
            self._learn_window(reply)
            return  # a gateway may answer it, to anybody
        remaining = _told(reply.headers, "remaining")
        if remaining is None:
            return
        limit = _told(reply.headers, "limit")
        before = self._said.get((identity, limit))
        is_believed = before is not None and (before.is_believed or remaining < before.remaining)
        wait = _until_reset(reply.headers, now)
        self._farthest[identity] = max(self._farthest.get(identity, 0.0), wait or 0.0)
        self._limits[identity, _is_reading(reply.method)] = limit
        self._known[identity, limit] = sent or {}
        self._said[identity, limit] = Allowance(remaining, None if wait is None else clock + wait, is_believed)

    def refused(  # noqa: PLR0913  # two clocks, and what the wire keeps to
        self, identity: str, reply: Reply, *, now: datetime, clock: float, longest: float, times: int
    ) -> None:
        """Take note of a 429, the `times`th in a row.

        What it says is believed where that can be waited for; else at the second time, and never while it says that
        requests are left.
        """
        told = until_retry(reply.headers, now)
        are_left = bool(_told(reply.headers, "remaining"))
        if told is None or (told > longest and (times == 1 or are_left)):
            told = min(2.0 ** (times - 1), 2.0 if are_left else longest)
        self._free_again[identity] = clock + told

    def wait(self, identity: str, method: str, *, clock: float, reserve: int, longest: float) -> float:
        """Seconds until a request may be sent; at most 0 is now.

        What resets within `longest` is used up and waited for, by cleaning up too. What does not is used up to what
        leaves `reserve` requests for later; where nothing is to be left, the 429 is waited for.
        """
        refused = self._free_again.get(identity, clock) - clock
        limit = self._limits.get((identity, _is_reading(method)))
        said = self._said.get((identity, limit))
        if said is None or not said.is_believed or said.resets_at is None:
            return refused
        wait = said.resets_at - clock
        kept = 0 if wait <= longest else reserve
        is_spent = said.remaining - self._since(identity, limit) <= kept and (reserve > 0 or wait <= longest)
        return max(refused, wait) if is_spent else refused

    def _since(self, identity: str, limit: int | None) -> int:
        """How many requests were sent after the one whose answer told this limit last."""
        known = self._known.get((identity, limit))
        of = [reads for reads in (True, False) if self._limits.get((identity, reads), limit) == limit]
        return sum(self._sent[identity, reads] - known.get(reads, 0) for reads in of) if known else 0

    def left(self, identity: str, method: str) -> int | None:
        """How many requests were left by the last answer; None where that is not known."""
        said = self._said.get((identity, self._limits.get((identity, _is_reading(method)))))
        return said.remaining if said is not None and said.is_believed else None

    def standing(self, identity: str, method: str, *, clock: float) -> Standing | None:
        """How the limit of such requests stands, as far as is told; None where that cannot be relied on."""
        limit = self._limits.get((identity, _is_reading(method)))
        said = self._said.get((identity, limit))
        if limit is None or said is None or not said.is_believed or said.resets_at is None:
            return None
        left = max(said.remaining - self._since(identity, limit), 0)
        return Standing(limit, left, max(said.resets_at - clock, 0.0))

    def told(self, identity: str, method: str) -> str:
        """`the rate limit is 60 per 10 s`, as far as it is known; of another limit than its own OPTIONS tells none."""
        limit = self._limits.get((identity, _is_reading(method)))
        window = 0.0 if limit is None else self._windows.get(limit) or self._farthest.get(identity, 0.0)
        return f"the rate limit is {limit} per {max(1, round(window))} s" if window > 0 else "there is a rate limit"

    def _learn_window(self, metadata: Reply) -> None:
        """Take note of the limit that OPTIONS tells, and in which time it is."""
        seconds = window_in(metadata)
        limit = metadata.record["rateLimit"].get("limit") if seconds is not None else None
        if seconds is not None and isinstance(limit, int | float) and 0 < limit < _ENDLESS:
            self._windows.setdefault(int(limit), seconds)


def told_in(reply: Reply, now: datetime) -> Standing | None:
    """How a limit stands by one answer, which is believed as it stands; None where it does not tell."""
    limit, left = _told(reply.headers, "limit"), _told(reply.headers, "remaining")
    return None if limit is None or left is None else Standing(limit, left, _until_reset(reply.headers, now) or 0.0)


def window_in(reply: Reply) -> float | None:
    """The seconds of the window that OPTIONS tells (`1h`, `15m`, `30s`); None where it tells none."""
    with contextlib.suppress(Violation):
        told = reply.record.get("rateLimit")
        found = re.fullmatch(r"([0-9]{1,9})([smhd])", str(told.get("window"))) if isinstance(told, dict) else None
        return float(max(1, int(found[1])) * _SECONDS[found[2]]) if found else None
    return None


def _is_reading(method: str) -> bool:
    return method in {"GET", "HEAD"}


def _integer(headers: Headers, name: str) -> int | None:
    value = headers.get(name, "").strip()
    return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else None


def _told(headers: Headers, what: str) -> int | None:
    """A number of the rate limit, by the contract's name of the header, else by those that other makes use.

    To keep within a limit only: whether the headers are the contract's is judged by checks.
    """
    return next((told for name in _NAMES if (told := _integer(headers, f"{name}-{what}")) is not None), None)


def _until_reset(headers: Headers, now: datetime) -> float | None:
    """Seconds until the limit resets; None where that is past, or no moment in seconds."""
    reset = _told(headers, "reset")
    is_from_now = reset is not None and _integer(headers, f"{_NAMES[0]}-reset") is None and reset <= LONGEST_WINDOW
    wait = None if reset is None else float(reset) if is_from_now else reset - now.timestamp()
    return wait if wait is not None and 0 <= wait <= LONGEST_WINDOW else None


def until_retry(headers: Headers, now: datetime) -> float | None:
    """Seconds until the limit lets requests through again, by Retry-After, else by the limit's reset."""
    seconds = _integer(headers, "retry-after")
    if seconds is not None:
        return max(float(seconds), 0.1)
    with contextlib.suppress(ValueError):
        date = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds(), 0.1)
    wait = _until_reset(headers, now)
    return None if wait is None else max(wait, 0.1)
