"""Rate limits on every answer to somebody who is known: there, whole numbers, steady, and counting down (E4)."""

import math
from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from entity_conformance.deployment.allowance import LONGEST_WINDOW, window_in
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.history import History, Seen
from entity_conformance.suite import expect
from entity_conformance.suite.watch.judgement import Watch, each, over

LIMIT, REMAINING, RESET = "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"
_IN_FRONT = frozenset({413, 414, 415, 431})
"""Statuses by which a proxy refuses a request that it passes on to nobody."""
_UNKNOWN, _FORBIDDEN = 401, 403
_LIMITED = ("limits.limit-header",)
_ROUNDING, _UNDATED = 1, 60
"""Seconds that may have passed between two answers besides what their dates tell, and where they tell nothing."""
_TELLING = 10
"""Answers of one window by which it can be told whether requests count."""


def _is_known(seen: Seen) -> bool:
    return seen.is_below_v1 and seen.is_authenticated and seen.body is not None


def _is_granted(seen: Seen) -> bool:
    return _is_known(seen) and seen.is_success


@over("limits.limit-header", aspect="limits")
def limit_header(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """X-RateLimit-Limit is a positive integer, the same on every answer to a credential."""
    known: dict[Hashable, tuple[int, str]] = {}
    for seen in filter(_is_granted, history.seen):
        problem, before = None, ""
        try:
            limit = expect.integer_header(seen.reply, LIMIT)
            expect.at_least(limit, 1, at=LIMIT)
            first, before = known.setdefault(_counted_as(seen), (limit, seen.exchange))
            expect.equal(limit, first, at=f"{LIMIT}, which was another one before ({before}),")
        except Violation as violation:
            problem = violation
            problem.besides = (before,) if before else ()
        yield seen, problem


def _counted_as(seen: Seen) -> Hashable:
    """What one limit counts: reads and writes may have one each, and so may what costs money."""
    return seen.asked.request.identity, seen.method in {"GET", "HEAD", "OPTIONS"}, seen.path[:1] == ("ai",)


@each("limits.remaining-header", _is_granted, after={"limits.limit-header"}, aspect="limits")
def remaining_header(seen: Seen) -> None:
    """X-RateLimit-Remaining is an integer between 0 and the limit."""
    remaining = expect.integer_header(seen.reply, REMAINING)
    expect.at_most(remaining, expect.integer_header(seen.reply, LIMIT), at=REMAINING)


@over("limits.reset-header", after={"limits.limit-header"}, aspect="limits")
def reset_header(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """X-RateLimit-Reset is a moment in seconds since the epoch, and not past."""
    for seen in filter(_is_granted, history.seen):
        problem = None
        try:
            _is_ahead(history, seen)
        except Violation as violation:
            problem = violation
        yield seen, problem


def _is_ahead(history: History, seen: Seen) -> None:
    reset, now = expect.integer_header(seen.reply, RESET), history.then(seen.reply)
    expect.at_least(reset, int((now - history.clock_tolerance).timestamp()), at=RESET)
    expect.at_most(reset, int(now.timestamp()) + LONGEST_WINDOW, at=RESET)


@over(
    "limits.headers-on-refusals",
    after={"limits.limit-header", "limits.remaining-header", "limits.reset-header"},
    aspect="limits",
)
def headers_on_refusals(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """Every refusal of an authenticated request tells its limits, as a success does."""
    asks_first, unknown = _routes_behind_credentials(history), _codes_of_strangers(history)
    for seen in filter(_is_known, history.seen):
        if seen.status == _FORBIDDEN and _code(seen) in unknown:
            continue
        if not (400 <= seen.status < 500 and seen.status not in _IN_FRONT and _can_be_read(seen)):
            continue
        if seen.status in expect.ROUTED and _kind(seen) not in asks_first:
            continue
        problem = None
        try:
            limit = expect.integer_header(seen.reply, LIMIT)
            expect.at_most(expect.integer_header(seen.reply, REMAINING), limit, at=REMAINING)
            _is_ahead(history, seen)
        except Violation as violation:
            problem = violation
        yield seen, problem


def _routes_behind_credentials(history: History) -> frozenset[Hashable]:
    """The kinds of 404 and 405 that nobody is told who is not known: a stranger was asked for a credential there.

    Where a router refuses before anybody is authenticated, as some do (A1 is a SHOULD), no limits are owed.
    """
    strangers = {(seen.method, seen.path): seen.status for seen in history.seen if seen.credential == "none"}
    refused = [seen for seen in filter(_is_known, history.seen) if seen.status in expect.ROUTED]
    told = {_kind(one): set[int | None]() for one in refused}
    for one in refused:
        told[_kind(one)].add(strangers.get((one.method, one.path)))
    return frozenset(kind for kind, statuses in told.items() if 401 in statuses and not statuses & expect.ROUTED)


def _codes_of_strangers(history: History) -> frozenset[str | None]:
    """The codes of a 403 by which somebody is turned away who is not known: those of a 401, and those of strangers.

    That it should be a 401 is another requirement's.
    """
    strangers = [seen for seen in history.seen if seen.is_below_v1 and seen.credential == "none"]
    told = (_code(seen) for seen in strangers if seen.status == _FORBIDDEN)
    return frozenset({*history.contract.errors.codes_for(_UNKNOWN), *told})


def _code(seen: Seen) -> str | None:
    code = (seen.body or {}).get("code")
    return code if isinstance(code, str) else None


def _kind(seen: Seen) -> Hashable:
    return seen.status, len(seen.path)


def _can_be_read(seen: Seen) -> bool:
    """Whether nothing is odd about a request's form, by which it may be refused before anybody looks who asks."""
    is_json = seen.sent_headers.get("content-type", "").startswith("application/json") and isinstance(seen.sent, dict)
    is_usual = "x-api-version" not in seen.sent_headers and len(seen.path) < 3  # no path is longer
    return (is_json or not seen.asked.request.content) and is_usual


@each("metadata.rate-limit", lambda seen: _is_granted(seen) and _described_limit(seen) is not None, after=_LIMITED)
def described_as_told(seen: Seen) -> None:
    """`rateLimit.limit` is the limit that the headers tell."""
    expect.equal(_described_limit(seen), expect.integer_header(seen.reply, LIMIT), at="data.rateLimit.limit")


def _described_limit(seen: Seen) -> int | None:
    """The limit that an OPTIONS answer describes; what is no number, its own check judges."""
    limit = (_described(seen) or {}).get("limit")
    return limit if isinstance(limit, int) and LIMIT in seen.reply.headers else None


@over("metadata.window")
def described_window(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """`rateLimit.window` is one that can be read, whoever asks, and no shorter than the time until its limit resets.

    How a window moves is open (E5); in none is a limit whole again later than a window from now.
    """
    for seen in history.seen:
        described = _described(seen) if _is_granted(seen) else None
        if described is not None:
            problem = None
            try:
                expect.window(described.get("window"), at="data.rateLimit.window")
                _resets_within(history, seen)
            except Violation as violation:
                problem = violation
            yield seen, problem


def _resets_within(history: History, seen: Seen) -> None:
    """Reset is at most a window ahead, where both are of one limit and Reset is a moment, which others judge."""
    window, told = window_in(seen.reply), None
    with suppress(Violation):
        told = [expect.integer_header(seen.reply, name) for name in (LIMIT, RESET)]
    if window is None or told is None or told[0] != _described_limit(seen):
        return
    ahead = told[1] - history.then(seen.reply).timestamp()
    if window + history.clock_tolerance.total_seconds() + _ROUNDING < ahead <= LONGEST_WINDOW:
        raise Violation(
            "data.rateLimit.window is shorter than the time until X-RateLimit-Reset",
            expected=f">= {round(ahead)} s",
            actual=str((_described(seen) or {}).get("window")),
            exchange=seen.exchange,
        )


def _described(seen: Seen) -> Record | None:
    """What an OPTIONS answer describes of limits."""
    described = (seen.record or {}).get("rateLimit") if seen.method == "OPTIONS" else None
    return described if isinstance(described, dict) else None


@dataclass(frozen=True, slots=True)
class _Told:
    """What an answer told of the limit, and when."""

    seen: Seen
    limit: int
    remaining: int
    reset: int
    at: datetime


def _all_told(history: History) -> Iterator[_Told]:
    """What each granted answer told, where it tells all; what is missing or no number, others judge."""
    for seen in filter(_is_granted, history.seen):
        with suppress(Violation):
            limit, remaining, reset = (expect.integer_header(seen.reply, name) for name in (LIMIT, REMAINING, RESET))
            yield _Told(seen, limit, remaining, reset, history.then(seen.reply))


@over("limits.remaining-only-falls", after={"limits.remaining-header", "limits.reset-header"}, aspect="limits")
def remaining_only_falls(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """Within a window X-RateLimit-Remaining never rises by more than what refills meanwhile."""
    windows: dict[Hashable, list[_Told]] = {}
    refusals: dict[Hashable, list[Seen]] = {}
    for seen in history.seen:
        if 400 <= seen.status < 500:
            refusals.setdefault(seen.asked.request.identity, []).append(seen)
    seconds = _window(history)
    for told in _all_told(history):
        identity = told.seen.asked.request.identity
        window = windows.setdefault((identity, told.limit, told.reset), [])
        yield told.seen, _rise(window, told, told.limit / seconds, refusals.get(identity, ()))


def _rise(window: list[_Told], told: _Told, refill: float, refusals: Sequence[Seen]) -> Violation | None:
    """What is wrong where an answer tells more than one that was there before its request was sent; it is kept.

    What was refused while that one was under way may have been counted until it was.
    """
    earlier = bisect_left(window, told.seen.asked.began, key=lambda one: one.seen.asked.ended)
    window.append(told)
    if not earlier:
        return None
    least = min(window[:earlier], key=lambda one: one.remaining)
    since = max((told.at - least.at).total_seconds(), 0.0)  # a clock may be put back
    since += _ROUNDING if "Date" in told.seen.reply.headers else _UNDATED
    began, ended = least.seen.asked.began, least.seen.asked.ended
    given_back = sum(one.asked.began < ended and one.asked.ended > began for one in refusals)
    most = least.remaining + math.floor(since * refill) + given_back
    if told.remaining <= most:
        return None
    return Violation(
        f"{REMAINING} rose within a window ({least.seen.exchange} told {least.remaining})",
        expected=f"<= {most}",
        actual=str(told.remaining),
        exchange=told.seen.exchange,
        besides=(least.seen.exchange,),
    )


@over("limits.requests-count", after={"limits.remaining-header", "limits.reset-header"}, aspect="limits")
def requests_count(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """What a key was granted within a window lowers X-RateLimit-Remaining, whatever it asked for."""
    windows: dict[Hashable, list[_Told]] = {}
    seconds = _window(history)
    for told in _all_told(history):
        windows.setdefault((_counted_as(told.seen), told.limit, told.reset), []).append(told)
    for window in windows.values():
        if len(window) > _TELLING:
            yield window[-1].seen, _uncounted(window, window[-1].limit / seconds)


def _uncounted(window: list[_Told], refill: float) -> Violation | None:
    """What is wrong where answers in a row tell nearly the same remainder: eight of ten requests count at least."""
    most, least = (of(window, key=lambda one: one.remaining) for of in (max, min))
    elapsed = max((window[-1].at - window[0].at).total_seconds(), 0.0)  # a clock may be put back
    elapsed += _ROUNDING if "Date" in window[-1].seen.reply.headers else _UNDATED
    due = (len(window) - 1) * 8 // 10 - math.ceil(elapsed * refill)
    if least.remaining == 0 or most.remaining - least.remaining >= due:
        return None
    return Violation(
        f"{len(window)} requests lowered {REMAINING} by {most.remaining - least.remaining}",
        expected=f">= {due}",
        actual=str(most.remaining - least.remaining),
        exchange=window[-1].seen.exchange,
    )


def _window(history: History) -> float:
    """Seconds of a window, as an OPTIONS answer tells it; an hour where none does."""
    return next(
        (found for seen in history.seen if seen.method == "OPTIONS" and (found := window_in(seen.reply))), 3600.0
    )


WATCHES: tuple[Watch, ...] = (
    limit_header,
    remaining_header,
    reset_header,
    headers_on_refusals,
    remaining_only_falls,
    requests_count,
    described_as_told,
    described_window,
)
