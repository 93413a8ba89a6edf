"""The measured parts of docs/performance.md: tables in Markdown, put between their marks; the words around them stay.

What is measured, what was wanted, and whether it came to that, stand in one row.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.contenders import Contender, Target
from benchmarks.rounds import REQUESTS, Measured


def servers(contenders: Sequence[Contender], measured: Measured, not_run: Mapping[str, str]) -> list[str]:
    """CPU microseconds a request by server."""
    rows = [f"| CPU µs a request | {' | '.join(REQUESTS)} |", f"|---|{'---|' * len(REQUESTS)}"]
    for one in contenders:
        if one.id in not_run:
            rows.append(f"| {one.title} | not run: {_plain(not_run[one.id])} |{' |' * (len(REQUESTS) - 1)}")
        else:
            rows.append(f"| {one.title} | {' | '.join(f'{measured.cpu(one.id, name):.0f}' for name in REQUESTS)} |")
    return rows


def targets(contenders: Sequence[Contender], measured: Measured, not_run: Mapping[str, str]) -> list[str]:
    """How the reference server stands beside each peer."""
    titles = {one.id: one.title for one in contenders}
    rows = [f"| | {' | '.join(REQUESTS)} | wanted |", f"|---|{'---|' * len(REQUESTS)}---|"]
    for one in contenders:
        if one.target is None:
            continue
        target, lacking = one.target, not_run.get(one.id) or not_run.get(one.target.beside)
        cells = ["not run"] * len(REQUESTS) if lacking else [_cell(measured, one.id, target, name) for name in REQUESTS]
        beside = titles.get(target.beside, target.beside)
        told = f"{beside} ÷ {one.title}" if target.at_most else f"{one.title} ÷ {beside}"
        wanted = dict.fromkeys(f"{times:g}" for times in target.times.values())
        rows.append(f"| {told} | {' | '.join(cells)} | {'≤' if target.at_most else '≥'} {' / '.join(wanted)} |")
    return rows


def _cell(measured: Measured, peer: str, target: Target, request: str) -> str:
    wanted = target.times[request]
    if target.at_most:
        ratio = measured.times(target.beside, peer, request)
        return judged(ratio, met=ratio <= wanted)
    ratio = measured.times(peer, target.beside, request)
    return judged(ratio, met=ratio >= wanted)


def judged(ratio: float, *, met: bool) -> str:
    """A ratio, marked where it is not what was wanted."""
    return f"{ratio:.2f}" if met else f"**{ratio:.2f}** missed"


def _plain(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")


def replaced(page: str, name: str, lines: Iterable[str]) -> str:
    """The page with these lines between the marks of that name. Raises ValueError where there are none."""
    begin, end = f"<!-- measured: {name} -->", f"<!-- end: {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"the page has no marks {begin} and {end}")
    text = "\n".join(lines)
    return pattern.sub(lambda _: f"{begin}\n\n{text}\n\n{end}", page)
