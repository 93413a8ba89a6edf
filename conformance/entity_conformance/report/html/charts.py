"""The requests over time against the limits, and how long each operation took: SVG, without a script. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from entity_conformance.deployment.credentials import reported
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.differences import operation
from entity_conformance.report.html.markup import Html, el
from entity_conformance.report.html.words import section, table
from entity_conformance.report.text import count, duration
from entity_conformance.report.verdict import Run

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 1000, 240, 44, 12, 24
_BUCKETS = 80
_KINDS = ("granted", "refused", "limited", "unserved")
_MEANING = {"granted": "2xx, 3xx", "refused": "4xx", "limited": "429", "unserved": "5xx or no answer"}
_FASTEST, _STEPS = 0.0005, 28
"""The first bar of a histogram is what takes up to half a millisecond; each holds what takes 1.5 times that."""
_POINTS = 300
_LINES = 4
"""Limits that have a line in the picture: those of the credentials that asked most. The table has them all."""


def timeline(run: Run) -> Html | None:
    """Requests by what came of them, and what the deployment said is left of each limit."""
    if not run.exchanges:
        return None
    end = max(one.at + one.seconds for one in run.exchanges) or 1.0
    standings = {name: told for name, told in _standings(run.exchanges).items() if len(told) > 1}
    lines = dict(sorted(standings.items(), key=lambda pair: -len(pair[1]))[:_LINES])
    parts = [*_bars(run.exchanges, end), *_axis(end), *_limits(lines, end)]
    said = f"{count(len(run.exchanges), 'request')} in {duration(end)}"
    picture = el("svg", parts, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=said, class_="chart")
    key = [el("li", el("span", class_=f"swatch {kind}"), _MEANING[kind]) for kind in _KINDS]
    key += [
        el("li", el("span", class_=f"swatch limit-{at}"), f"left of the limit of {reported(name)}")
        for at, name in enumerate(lines)
    ]
    rows = [_standing(name, run.exchanges, standings.get(name, [])) for name in _credentials(run.exchanges)]
    heads = ("credential", "requests", "answered 429", "limit", "left at the start", "least left")
    what = "Bars are requests, lines what was left of each limit, from all at the top to nothing at the bottom."
    numbers = table("requests of each credential", heads, rows)
    return section("timeline", "Requests against the limits", picture, el("ul", key, class_="key"), numbers, about=what)


@dataclass(frozen=True, slots=True)
class _Left:
    """What the headers of one answer say of a limit."""

    at: float
    limit: int
    remaining: int


def _credentials(exchanges: Sequence[Exchange]) -> list[str]:
    return list(dict.fromkeys(one.credential for one in exchanges))


def _standings(exchanges: Sequence[Exchange]) -> Mapping[str, list[_Left]]:
    """By credential, what was left, in the order of the answers."""
    found: dict[str, list[_Left]] = defaultdict(list)
    for one in sorted(exchanges, key=lambda one: one.at + one.seconds):
        told = {name.lower(): value for name, value in one.response_headers}
        limit, left = (_number(told.get(f"x-ratelimit-{name}")) for name in ("limit", "remaining"))
        if limit and left is not None and one.credential != "none":
            found[one.credential].append(_Left(one.at + one.seconds, limit, min(left, limit)))
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


def _standing(name: str, exchanges: Sequence[Exchange], told: Sequence[_Left]) -> tuple[str, ...]:
    own = [one for one in exchanges if one.credential == name]
    limited = sum(one.status == 429 for one in own)
    numbers = ("not told",) * 3
    if told:
        numbers = (f"{told[0].limit:,}", f"{told[0].remaining:,}", f"{min(one.remaining for one in told):,}")
    return reported(name), f"{len(own):,}", f"{limited:,}", *numbers


def _kind(exchange: Exchange) -> str:
    status = exchange.status
    if status is None or status >= 500:
        return "unserved"
    if status == 429:
        return "limited"
    return "refused" if status >= 400 else "granted"


def _bars(exchanges: Sequence[Exchange], end: float) -> Iterator[Html]:
    """So many bars over the whole time, each a stack of what came."""
    numbers = [dict.fromkeys(_KINDS, 0) for _ in range(_BUCKETS)]
    for one in exchanges:
        numbers[min(int(one.at / end * _BUCKETS), _BUCKETS - 1)][_kind(one)] += 1
    most = max(sum(of.values()) for of in numbers)
    wide, high = (_WIDTH - _LEFT) / _BUCKETS, _HEIGHT - _TOP - _BOTTOM
    yield el("text", f"{most:,}", x=_LEFT - 6, y=_TOP + 10, text_anchor="end", class_="tick")
    for at, of in enumerate(numbers):
        below = float(_HEIGHT - _BOTTOM)
        for kind, number in of.items():
            if number:
                tall = high * number / most
                below -= tall
                x = round(_LEFT + at * wide + 1, 1)
                box = {"x": x, "y": round(below, 1), "width": round(wide - 2, 1), "height": round(tall, 1)}
                yield el("rect", class_=kind, **box)


def _axis(end: float) -> Iterator[Html]:
    bottom = _HEIGHT - _BOTTOM
    yield el("line", x1=_LEFT, y1=bottom, x2=_WIDTH, y2=bottom, class_="axis")
    for part in range(5):
        x = _LEFT + (_WIDTH - _LEFT) * part / 4
        anchor = "start" if part == 0 else "end" if part == 4 else "middle"
        said = "0" if part == 0 else duration(end * part / 4)
        yield el("text", said, x=x, y=_HEIGHT - 6, text_anchor=anchor, class_="tick")


def _limits(standings: Mapping[str, Sequence[_Left]], end: float) -> Iterator[Html]:
    high = _HEIGHT - _TOP - _BOTTOM
    for at, told in enumerate(standings.values()):
        some = told[:: max(len(told) // _POINTS, 1)]
        points = [
            f"{_LEFT + (_WIDTH - _LEFT) * one.at / end:.1f} {_TOP + high * (1 - one.remaining / one.limit):.1f}"
            for one in [*some, told[-1]]
        ]
        yield el("path", d="M" + "L".join(points), class_=f"limit limit-{at}")


def latency(run: Run) -> Html | None:
    """How long the answers to each operation took."""
    times: dict[str, list[float]] = defaultdict(list)
    for one in run.exchanges:
        if one.status is not None:
            asked = operation(one, run.target, run.keys_url)
            times[f"{asked.method} {asked.path}"].append(one.seconds)
    if not times:
        return None
    most = max(max(_histogram(taken)) for taken in times.values())
    rows = [
        (
            el("code", name),
            f"{len(taken):,}",
            duration(_part(taken, 0.5)),
            duration(_part(taken, 0.95)),
            duration(max(taken)),
            _picture(name, taken, most),
        )
        for name, taken in sorted(times.items(), key=lambda pair: -len(pair[1]))
    ]
    heads = ("operation", "answers", "median", "95 of 100 within", "slowest", "0.5 ms to 30 s, logarithmic")
    what = "Seconds until the whole answer was read, as this run met them: not a benchmark."
    return section("latency", "Latency by operation", table("times by operation", heads, rows), about=what)


def _part(taken: Sequence[float], part: float) -> float:
    """What so large a part of the answers took at most."""
    return sorted(taken)[max(math.ceil(part * len(taken)) - 1, 0)]


def _histogram(taken: Sequence[float]) -> list[int]:
    bars = [0] * _STEPS
    for seconds in taken:
        step = math.ceil(math.log(max(seconds, _FASTEST) / _FASTEST, 1.5))
        bars[min(step, _STEPS - 1)] += 1
    return bars


def _picture(name: str, taken: Sequence[float], most: int) -> Html:
    """A bar each step; a bar that is there can be seen. The scale is the root, or rare operations would not show."""
    bars = [
        el("rect", x=at * 8, y=round(30 - tall, 1), width=7, height=round(tall, 1))
        for at, number in enumerate(_histogram(taken))
        if (tall := max(30 * math.sqrt(number / most), 2) if number else 0)
    ]
    base = el("line", x1=0, y1=30.5, x2=_STEPS * 8, y2=30.5, class_="axis")
    return el(
        "svg", base, bars, viewBox=f"0 0 {_STEPS * 8} 31", role="img", aria_label=f"times of {name}", class_="times"
    )
