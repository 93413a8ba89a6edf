"""The report for the person who ran it: root causes first, each with one exchange and one curl line, the verdict last.

However broken a deployment is, the report fits on `LINES` lines, those included that a terminal wraps: the first causes
are told in four lines, the others in one, and what finds no room is counted. `details` tells all.
What a deployment said goes through `text` and is laid out as rich Text, never as markup. A curl line is neither wrapped
nor cut by us, so that what is copied is what was sent.
"""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from entity_conformance.deployment.problems import NOT_THERE
from entity_conformance.report import details
from entity_conformance.report.causes import Cause, Reason, causes, reasons
from entity_conformance.report.curl import curl
from entity_conformance.report.dialect import dialect
from entity_conformance.report.expected import lines as plan_lines
from entity_conformance.report.findings import (
    Requirements,
    by_chapter,
    choices,
    extent,
    findings,
    left_behind,
    out_of_scope,
    plain,
    request_line,
    requests_line,
    some,
    variables_lines,
    verdict_line,
)
from entity_conformance.report.terminal import (
    STYLES,
    Terminal,
    height,
    paint,
    row,
    terminal_of,
    verdict_style,
    write,
)
from entity_conformance.report.text import count, excerpt, visible
from entity_conformance.report.verdict import SKIPPED, Outcome, Run

SCREEN = 60
"""Lines of a run, with the plan and what the driver says besides on standard error."""

_PROGRESS = 3
"""Lines that progress leaves where it cannot take them back."""

_PLAN = 4
"""Lines that are kept for the plan where it is not known."""

_WHOLE = 10
"""Causes that are told in four lines, as far as there is room when all are named."""
_AROUND = 2
"""Lines around the causes: the heading, and an empty one."""
_FEW = 4
"""Reasons, notes and things left behind that are told in a line each."""
_AT_MOST = 2
"""Lines of a reason, where there is room."""
_UNCUT = 8
"""Lines of what tells the reader what to do: it is not cut."""
_LONGEST = 300
"""Characters of a quotation that are looked at; the end of the line cuts further."""
_WORDS = 24
"""Characters of what was found that are told where other differences are told with it."""
_LABEL = 14
_NAMED, _CUT = 3, 8
"""So many requirements are named in the line of a cause, and characters of its title that are cut to name one."""
_HELD = {Outcome.passed, Outcome.observed, Outcome.new, Outcome.skipped}


def render(run: Run, requirements: Requirements, stream: TextIO, *, verbose: bool = False) -> None:
    """Write the report of `run` to `stream`, as wide and as colourful as that is."""
    write(stream, text(run, requirements, terminal_of(stream), verbose=verbose))


def text(run: Run, requirements: Requirements, terminal: Terminal, *, verbose: bool = False) -> str:
    """The report of `run` for `terminal`; `verbose` tells everything, however long that is."""
    if verbose:
        return details.text(run, requirements, terminal)
    found = causes(run)
    blocks = [[*_block(number, cause, run, terminal)] for number, cause in enumerate(found, start=1)]
    head, tail, room = [*_head(run, terminal)], list[Text](), 0
    for detail in (_AT_MOST, 1, 0):  # what is not tested is told shorter where a cause would find no room
        tail = [*_tail(run, requirements, terminal, found, detail=detail)]
        room = SCREEN - _besides(run, terminal) - sum(height(terminal, line) for line in (*head, *tail))
        if _wanted(run, found, blocks, terminal) <= room:
            break
    lines = [*head, *_findings(run, found, blocks, terminal, room), *tail]

    def draw(console: Console) -> None:
        for line in lines:
            console.print(line, soft_wrap=True)

    return paint(terminal, draw)


def _head(run: Run, terminal: Terminal) -> Iterator[Text]:
    contract = f"contract {visible(run.contract_sha256[:12])}"
    suite = f"suite {visible(run.suite_version)}{_scored_by(run)} · {contract} · seed {run.seed}"
    said = f"{visible(run.started_at)} · {suite} · {visible(run.profile.name)}"
    yield Text.assemble("Conformance of ", (visible(run.target), "bold"))
    yield row(terminal, (said, "dim"))
    yield Text()


def _scored_by(run: Run) -> str:
    version = run.requirement_set.version
    return "" if version == "unreleased" else f" · requirements of {visible(version)}"


def _besides(run: Run, terminal: Terminal) -> int:
    """The lines that a run says beside its report, on standard error."""
    progress = 0 if terminal.moves else _PROGRESS
    if run.expected is None:
        return _PLAN + progress
    plan = [Text(f"conformance: {line}") for line in plan_lines(run.expected)]
    return sum(height(terminal, line) for line in plan) + (1 if run.leftovers else 0) + progress


def _wanted(run: Run, found: Sequence[Cause], blocks: Sequence[Sequence[Text]], terminal: Terminal) -> int:
    """The lines that all causes take, the first ones told whole."""
    return _AROUND + len(blocks) + _shown(run, found, blocks, terminal, min(len(blocks), _WHOLE)) if blocks else 0


def _shown(run: Run, found: Sequence[Cause], blocks: Sequence[Sequence[Text]], terminal: Terminal, whole: int) -> int:
    """The lines that show the first causes, beside those that name them."""
    lines = [line for block in blocks[:whole] for line in block[1:]]
    return sum(height(terminal, line) for line in (*lines, *_variables(run, found[:whole], terminal)))


def _findings(
    run: Run, found: Sequence[Cause], blocks: Sequence[Sequence[Text]], terminal: Terminal, room: int
) -> Iterator[Text]:
    """What is wrong, within `room` lines: every cause in one, and as many as there is room for whole, in order."""
    if not found:
        return
    room -= _AROUND
    named = len(blocks) if len(blocks) <= room else max(room - 1, 1)
    whole = min(named, _WHOLE) if named == len(blocks) else 0
    while whole and named + _shown(run, found, blocks, terminal, whole) > room:
        whole -= 1
    yield row(terminal, (_wrong(found), f"bold {STYLES[found[0].outcome]}"), (" · --verbose tells all", "dim"))
    for place, block in enumerate(blocks[:named]):
        yield from block if place < whole else block[:1]
    if named < len(blocks):
        yield row(terminal, (f"and {count(len(blocks) - named, 'cause')} more: --verbose tells all", "dim"), indent=4)
    yield from _variables(run, found[:whole], terminal)
    yield Text()


def _variables(run: Run, shown: Sequence[Cause], terminal: Terminal) -> list[Text]:
    """Which variables the curl lines read, and the line that makes a key for one."""
    hint, *line = variables_lines(run, [cause.shown.exchange for cause in shown]) or ("",)
    told = [row(terminal, (part, "dim")) for part in _folded(hint, terminal.width, _UNCUT)] if hint else []
    return [*told, *(Text(f"    {one}") for one in line)]


def _wrong(found: Sequence[Cause]) -> str:
    """`12 causes: 57 requirements failed, 8 warned`."""
    worst: dict[str, Outcome] = {}
    for one in (one for cause in found for one in cause.seen):
        worst[one.result.requirement] = max(one.result.outcome, worst.get(one.result.requirement, Outcome.passed))
    said = [(number, outcome) for outcome, number in sorted(Counter(worst.values()).items(), reverse=True)]
    (first, outcome), *rest = said
    told = [f"{count(first, 'requirement')} {outcome.name}", *(f"{number:,} {other.name}" for number, other in rest)]
    return f"{count(len(found), 'cause')}: {', '.join(told)}"


def _block(number: int, cause: Cause, run: Run, terminal: Terminal) -> Iterator[Text]:
    """The cause in a line by itself, and the lines that show it."""
    result, exchange, names = cause.shown.result, cause.shown.exchange, cause.requirements
    style = f"bold {STYLES[cause.outcome]}"
    title = f"{number:>2}. {visible(cause.title)}"
    how_far = _extent(cause, terminal.width - len(title))
    yield row(terminal, (title, style), end=how_far)
    if exchange is not None:
        besides = f" · {some(names)}" if len(names) > 1 or visible(names[0]) not in how_far else ""
        yield row(terminal, request_line(exchange, run.target), (besides, "dim"), indent=4)
    actual = cause.shown.actual
    if result.expected is None and actual is None:
        yield row(terminal, excerpt(result.message, limit=_LONGEST), indent=4)
    else:
        expected, actual = (excerpt(said or "nothing said", limit=_LONGEST) for said in (result.expected, actual))
        if result.besides:  # on the same line, for which the first words of an answer are enough
            shortened = actual if len(actual) <= _WORDS else f"{actual[: _WORDS - 1]}…"
            actual = f"{shortened}, besides: {excerpt(result.besides, limit=_LONGEST)}"
        room = terminal.width - len("    expected , actual ")
        room = max(room // 2, room - len(actual), 1)  # the first must not push the second off the line
        expected = expected if len(expected) <= room else f"{expected[: room - 1]}…"
        yield row(terminal, "expected ", (expected, "green"), ", actual ", (actual, "red"), indent=4)
    if exchange is not None:
        yield Text("    " + curl(exchange))


def _extent(cause: Cause, room: int) -> str:
    """How far a cause goes, as much of it as there is room for beside the title: `: create.is-stored, 5 entities`."""
    names = cause.requirements
    number = count(len(names), "requirement")
    named = f": {extent(', '.join(map(visible, names)), cause.entities)}"
    if len(names) <= _NAMED and len(named) <= room + (_CUT if len(names) == 1 else 0):
        return named
    said = f": {extent(number, cause.entities)}"
    return said if len(said) <= max(room, 0) else f": {number}"


def _tail(
    run: Run, requirements: Requirements, terminal: Terminal, found: Sequence[Cause], *, detail: int
) -> Iterator[Text]:
    """What there is besides; `detail` is how many lines a reason gets, 0 where only the first reasons are told."""
    defects, why = reasons(run, Outcome.broken), reasons(run, Outcome.blocked)
    blocked = len({name for reason in why for name in reason.requirements})
    left = len(run.leftovers)
    notes = dialect(run, found)
    if notes:
        yield row(terminal, ("dialect: what it does in its own way", "bold yellow"))
        for label, said in notes:
            yield from _labelled(terminal, label, visible(said), indent=2, lines=1 + _AT_MOST if detail else _AT_MOST)
        yield Text()
    known = findings(run, requirements, Outcome.waived)
    skipped = out_of_scope(run).get(SKIPPED, ())
    for title, style, rows in (
        (
            f"waived: {count(len(known), 'known failure')}",
            STYLES[Outcome.waived],
            [("", f"{one.title}: {waiver.text}") for one in known for waiver in one.facts if waiver.label == "waived"],
        ),
        (
            f"skipped: {count(len(skipped), 'requirement')} {SKIPPED}",
            STYLES[Outcome.waived],
            [("", some(skipped, at_most=12))] if skipped else [],
        ),
        (
            "broken: a defect of this suite, not of the deployment",
            STYLES[Outcome.broken],
            [*map(_reason, defects)],
        ),
        (
            f"blocked: {count(blocked, 'requirement')} could not be tested",
            STYLES[Outcome.blocked],
            [*map(_reason, why)],
        ),
        (
            f"left behind on the deployment ({left:,}); `conformance cleanup` removes what it can",
            "red",
            [(each.kind, left_behind(each)) for each in run.leftovers],
        ),
    ):
        yield from _section(terminal, title, style, rows, detail=detail)
    yield from _summary(run, requirements, terminal)
    yield row(terminal, (requests_line(run), "dim"))
    yield Text(verdict_line(run.verdict), style=verdict_style(run.verdict))


def _reason(reason: Reason) -> tuple[str, str]:
    return f"{len(reason.requirements):,}", f"{some(reason.requirements, at_most=2)}: {reason.said}"


def _section(
    terminal: Terminal, title: str, style: str, rows: Sequence[tuple[str, str]], *, detail: int
) -> Iterator[Text]:
    """A title and a line each, or as many for the first ones; what goes beyond a few is counted."""
    if not rows:
        return
    few = _FEW if detail else _AT_MOST
    yield row(terminal, (title, f"bold {style}"))
    told = rows if len(rows) <= few else rows[: few - 1]
    for number, (label, said) in enumerate(told):
        lines = detail if detail and number < _AT_MOST else 1
        for place, part in enumerate(_folded(excerpt(said, limit=_LONGEST), terminal.width - 10, lines)):
            yield row(terminal, (f"{'' if place else label:>6}  ", "dim"), part, indent=2)
    if len(told) < len(rows):
        yield row(terminal, (f"and {len(rows) - len(told):,} more: --verbose tells all", "dim"), indent=10)
    yield Text()


def _summary(run: Run, requirements: Requirements, terminal: Terminal) -> Iterator[Text]:
    """What else there is to know, in a line each."""
    if not run.results:
        return
    taken, left_out, profile = choices(run), out_of_scope(run), run.profile
    number = Counter(result.outcome for result in run.results)
    told = ", ".join(f"{number[outcome]:,} {outcome.name}" for outcome in sorted(number, reverse=True))
    yield from _labelled(terminal, "results", told, lines=2)
    if number.keys() <= _HELD:
        yield from _labelled(terminal, "held", ", ".join(_held(run, requirements)), lines=5)
    if taken:
        said = some([f"{name}: {plain(choice)}" for name, choice in taken.items()])
        yield from _labelled(terminal, "choices", f"{len(taken):,} observed: {said}")
    if left_out:
        requirement = count(sum(map(len, left_out.values())), "requirement")
        said = "; ".join(f"{visible(reason)} ({len(ids):,})" for reason, ids in left_out.items())
        yield from _labelled(terminal, "out of scope", f"{requirement}: {said}", lines=_AT_MOST)
    lacks = [note for note in profile.notes if note.startswith(NOT_THERE)]
    for note in lacks:
        yield from _labelled(terminal, NOT_THERE.removesuffix(": "), visible(note.removeprefix(NOT_THERE)))
    notes = [note for note in profile.notes if note not in lacks]
    if notes and number.keys() <= _HELD:
        first, *others = map(visible, notes)
        yield from _labelled(terminal, "not tested", f"{first} (and {len(others):,} more)" if others else first)
    if profile.opt_in and number.keys() <= _HELD:
        yield from _labelled(terminal, "opt-in", f"{some(profile.opt_in)} (only with --allow)")
    yield Text()


def _held(run: Run, requirements: Requirements) -> Iterator[str]:
    """How much of each chapter was judged: `listing 38`."""
    for chapter, results in by_chapter(run, requirements):
        judged = sum(result.outcome is not Outcome.skipped for result in results)
        if judged:
            yield f"{visible(chapter)} {judged:,}"


def _labelled(terminal: Terminal, label: str, said: str, *, indent: int = 0, lines: int = 1) -> Iterator[Text]:
    """A label and what belongs to it, folded to so many lines at most."""
    told = _folded(said, terminal.width - _LABEL, lines)
    for place, part in enumerate(told):
        words = (" " * indent + label if place == 0 else "").ljust(_LABEL)
        yield row(terminal, (words, "dim"), part)


def _folded(said: str, width: int, lines: int = _AT_MOST) -> list[str]:
    """`said` on so many lines at most; the last holds all that is left, however long."""
    folded = (
        textwrap.wrap(said, max(width, 20), break_long_words=False, break_on_hyphens=False) if lines > 1 else [said]
    )
    return folded if len(folded) <= lines else [*folded[: lines - 1], " ".join(folded[lines - 1 :])]
