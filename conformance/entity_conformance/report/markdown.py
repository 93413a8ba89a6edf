"""The report for a job's summary and for issues: GitHub's Markdown, short, with the root causes in full.

Everything that was said by others is text in it: what Markdown or HTML would take for its own is escaped, and what is
quoted stands in code of enough backticks.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TextIO

from entity_conformance.report.causes import Cause, causes, reasons
from entity_conformance.report.curl import curl
from entity_conformance.report.dialect import dialect
from entity_conformance.report.findings import (
    Requirements,
    choices,
    extent,
    findings,
    left_behind,
    out_of_scope,
    plain,
    request_line,
    requests_line,
    some,
    verdict_line,
)
from entity_conformance.report.text import count, excerpt, visible
from entity_conformance.report.verdict import Outcome, Run

SIGNS = {
    "conforms": "✅",
    "conforms-except-waived": "☑️",
    "does-not-conform": "❌",
    "waivers-are-stale": "❌",
    "planned": "📋",
}
_WHOLE = 20
"""Causes that are told with their evidence; the others are a line."""
_MOST = 200
_LONGEST = 300
_LONGEST_COMMAND = 4_000
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~@])")
_TICKS = re.compile("`+")


def render(run: Run, requirements: Requirements, stream: TextIO, *, verbose: bool = False) -> None:  # noqa: ARG001  # the page tells all
    """Write `run` to `stream` as Markdown."""
    stream.write("\n".join(_lines(run, requirements)) + "\n")
    stream.flush()


def escaped(said: str) -> str:
    """Text that stays text: of Markdown, of HTML, and no mention of anybody."""
    told = visible(said).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\1", told)


def code(said: str) -> str:
    """A text as code in a line, whatever is in it. A bar would end a cell of a table."""
    text = visible(said).replace("|", "\u2502")
    ticks = "`" * (max((len(one) for one in _TICKS.findall(text)), default=0) + 1)
    return f"{ticks} {text} {ticks}" if "`" in text else f"`{text or ' '}`"


def _block(text: str) -> Iterator[str]:
    ticks = "`" * max(3, max((len(one) for one in _TICKS.findall(text)), default=0) + 1)
    yield from ("", f"{ticks}sh", text, ticks, "")


def _lines(run: Run, requirements: Requirements) -> Iterator[str]:
    found = causes(run)
    yield f"## {SIGNS.get(run.verdict.name, '⚠️')} Conformance of {code(run.target)}"
    yield ""
    yield f"**{escaped(verdict_line(run.verdict))}**"
    yield ""
    for caveat in run.caveats:
        yield from (f"> **Note:** {escaped(caveat)}", "")
    numbers = Counter(result.outcome for result in run.results)
    if numbers:
        ordered = sorted(numbers, reverse=True)
        yield f"| {' | '.join(outcome.name for outcome in ordered)} |"
        yield f"|{'---:|' * len(ordered)}"
        yield f"| {' | '.join(f'{numbers[outcome]:,}' for outcome in ordered)} |"
        yield ""
    yield from _causes(run, found)
    yield from _besides(run, requirements, found)
    suite = (
        f"suite {run.suite_version}, contract {run.contract_sha256[:12]}, seed {run.seed}, profile {run.profile.name}"
    )
    yield f"{escaped(requests_line(run))}. {escaped(suite)}."


def _causes(run: Run, found: Sequence[Cause]) -> Iterator[str]:
    if not found:
        return
    yield from (f"### {count(len(found), 'root cause')}", "")
    for number, cause in enumerate(found[:_MOST], start=1):
        names = cause.requirements
        what = extent(count(len(names), "requirement"), cause.entities)
        yield f"{number}. **{escaped(excerpt(cause.title, limit=_LONGEST))}** ({cause.outcome.name}; {escaped(what)})"
        if number <= _WHOLE:
            yield from (f"   {line}".rstrip() for line in _shown(run, cause))
    if len(found) > _MOST:
        yield f"\nand {count(len(found) - _MOST, 'cause')} more"
    yield ""


def _shown(run: Run, cause: Cause) -> Iterator[str]:
    result, exchange = cause.shown.result, cause.shown.exchange
    yield from ("", f"{', '.join(map(code, cause.requirements[:6]))}{' …' if len(cause.requirements) > 6 else ''}", "")
    if exchange is not None:
        yield f"- asked: {code(request_line(exchange, run.target))}"
    if result.expected is None and result.actual is None:
        yield f"- why: {code(excerpt(result.message, limit=_LONGEST))}"
    else:
        yield f"- expected: {code(excerpt(result.expected or 'nothing said', limit=_LONGEST))}"
        yield f"- actual: {code(excerpt(cause.shown.actual or 'nothing said', limit=_LONGEST))}"
    if exchange is not None and len(line := curl(exchange)) <= _LONGEST_COMMAND:
        yield from _block(line)


def _besides(run: Run, requirements: Requirements, found: Sequence[Cause]) -> Iterator[str]:
    waived = [
        f"{code(one.title)}: {escaped(fact.text)}"
        for one in findings(run, requirements, Outcome.waived)
        for fact in one.facts
        if fact.label == "waived"
    ]
    untold = [
        f"{code(some(one.requirements))}: {escaped(excerpt(one.said, limit=_LONGEST))}"
        for outcome in (Outcome.broken, Outcome.blocked)
        for one in reasons(run, outcome)
    ]
    parts = {
        f"{len(waived):,} waived": waived,
        "Not judged": untold,
        f"{len(run.leftovers):,} left behind": [code(f"{one.kind} {left_behind(one)}") for one in run.leftovers],
        "Dialect": [f"{about}: {escaped(note)}" for about, note in dialect(run, found)],
        "Out of scope": [f"{len(names):,}: {escaped(reason)}" for reason, names in out_of_scope(run).items()],
        "Choices": [f"{code(name)}: {escaped(plain(choice))}" for name, choice in choices(run).items()],
    }
    for title, rows in parts.items():
        if rows:
            yield f"<details><summary>{title} ({len(rows):,})</summary>"
            yield from ("", *(f"- {row}" for row in rows[:_MOST]), "", "</details>", "")
