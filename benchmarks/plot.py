"""The comparison as a picture: a dot for each server and request, on a scale where each step is the same factor.

An SVG written by hand, in plain elements, that reads the same on a light and on a dark page.
"""

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

LABELS, PANEL, GAP, ROW, TOP, BOTTOM, RIGHT = 360, 200, 50, 26, 64, 48, 56
STEPS = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
OURS, PEER = "#0b6e4f", "#7a7f87"

Rows = Sequence[tuple[str, bool, Mapping[str, float]]]
"""A title, whether it is ours, and the figure for each request."""


def svg(rows: Rows, requests: Sequence[str], title: str) -> str:
    """The picture."""
    width = LABELS + len(requests) * (PANEL + GAP) + RIGHT - GAP
    height = TOP + ROW * len(rows) + BOTTOM
    steps = _steps([figure for _, _, figures in rows for figure in figures.values()])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(16, 24, title, size=15, weight=600),
    ]
    for index, (name, ours, _) in enumerate(rows):
        parts.append(_text(LABELS - 14, _y(index) + 4, name, anchor="end", weight=600 if ours else 400))
    for number, request in enumerate(requests):
        parts += _panel(LABELS + number * (PANEL + GAP), request, rows, steps)
    parts.append(
        _text(
            LABELS,
            height - 8,
            "CPU microseconds a request, fewer is better; each grid line is a step of 2 or 2.5",
            size=12,
        )
    )
    return "\n".join([*parts, "</svg>", ""])


def _panel(left: float, request: str, rows: Rows, steps: Sequence[int]) -> list[str]:
    bottom = TOP + ROW * len(rows)
    parts = [_text(left, TOP - 14, request, weight=600)]
    for step in steps:
        x = left + _share(step, steps) * PANEL
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{bottom}" stroke="#e3e5e8"/>')
        parts.append(_text(x, bottom + 16, f"{step:,}", anchor="middle", size=11, fill="#5a6068"))
    for index, (_, ours, figures) in enumerate(rows):
        if request not in figures:
            parts.append(_text(left, _y(index) + 4, "not run", size=11, fill="#5a6068"))
            continue
        x, colour = left + _share(figures[request], steps) * PANEL, OURS if ours else PEER
        parts.append(
            f'<line x1="{left}" x2="{x:.1f}" y1="{_y(index)}" y2="{_y(index)}" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(f'<circle cx="{x:.1f}" cy="{_y(index)}" r="5" fill="{colour}"/>')
        parts.append(_text(x + 9, _y(index) + 4, f"{figures[request]:,.0f}", size=12))
    return parts


def _steps(figures: Sequence[float]) -> Sequence[int]:
    """The grid lines around these figures."""
    low, high = min(figures, default=STEPS[0]), max(figures, default=STEPS[-1])
    first = max((index for index, step in enumerate(STEPS) if step <= low), default=0)
    last = min((index for index, step in enumerate(STEPS) if step >= high), default=len(STEPS) - 1)
    return STEPS[first : max(last, first + 1) + 1]


def _share(figure: float, steps: Sequence[int]) -> float:
    """Where a figure lies between the first grid line and the last."""
    share = math.log(figure / steps[0]) / math.log(steps[-1] / steps[0])
    return min(1.0, max(0.0, share))


def _y(index: int) -> float:
    return TOP + ROW * (index + 0.5)


def _text(  # noqa: PLR0913 - attributes of an element
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 13, weight: int = 400, fill: str = "#1d2125"
) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {where} font-size="{size}" font-weight="{weight}" fill="{fill}">{escape(text)}</text>'
