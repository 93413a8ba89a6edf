"""The report with nothing left out, for `--verbose`: every finding under its cause, with clause, answer and curl line.

As in `console`, everything that is quoted goes through `findings` and `text`, and is laid out as rich Text values, not
as markup.
"""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from entity_conformance.report.causes import Cause, causes
from entity_conformance.report.dialect import dialect
from entity_conformance.report.findings import (
    Finding,
    Requirements,
    by_chapter,
    choices,
    extent,
    findings,
    left_behind,
    of_results,
    out_of_scope,
    plain,
    requests_line,
    some,
    variables_lines,
    verdict_line,
)
from entity_conformance.report.terminal import STYLES, Terminal, heading, labelled, paint, verdict_style
from entity_conformance.report.text import count, visible
from entity_conformance.report.verdict import LEFT_OUT, SKIPPED, Outcome, Run

_APART = (
    (Outcome.waived, "known failures, which do not count"),
    (Outcome.broken, "a defect of this suite, not of the deployment"),
    (Outcome.blocked, "could not be tested"),
)


def text(run: Run, requirements: Requirements, terminal: Terminal) -> str:
    """All about `run`, for `terminal`."""
    return paint(terminal, lambda console: _draw(console, run, requirements, terminal))


def _draw(console: Console, run: Run, requirements: Requirements, terminal: Terminal) -> None:
    _draw_head(console, run)
    found = causes(run)
    for number, cause in enumerate(found, start=1):
        what = count(len(cause.requirements), "requirement")
        said = f"{number}. {visible(cause.title)}: {extent(what, cause.entities)}"
        console.print(heading(terminal, said, style=STYLES[cause.outcome]))
        for one in of_results(run, requirements, [one.result for one in cause.seen]):
            _draw_finding(console, one)
    for outcome, meaning in _APART:
        told = findings(run, requirements, outcome)
        if told:
            console.print(heading(terminal, f"{outcome.name} ({len(told):,}): {meaning}", style=STYLES[outcome]))
        for one in told:
            _draw_finding(console, one)
    _draw_variables(console, run, requirements)
    _draw_dialect(console, run, found, terminal)
    if run.results:
        _draw_chapters(console, run, requirements, terminal)
    _draw_scope(console, run, terminal)
    _draw_leftovers(console, run, terminal)
    console.print(Text(requests_line(run), style="dim"))
    console.print(Text(verdict_line(run.verdict), style=verdict_style(run.verdict)), soft_wrap=True)


def _draw_head(console: Console, run: Run) -> None:
    console.print(Text.assemble("Conformance of ", (visible(run.target), "bold")), soft_wrap=True)
    suite = f"suite {visible(run.suite_version)} · contract {visible(run.contract_sha256[:12])} · seed {run.seed}"
    console.print(Text(suite, style="dim"))
    console.print(Text(f"profile {visible(run.profile.name)} · started {visible(run.started_at)}", style="dim"))
    console.print()


def _draw_chapters(console: Console, run: Run, requirements: Requirements, terminal: Terminal) -> None:
    counted = [(name, Counter(r.outcome for r in results)) for name, results in by_chapter(run, requirements)]
    left_out = Counter(result.chapter for result in run.results if result.message in {LEFT_OUT, SKIPPED})
    chapters = [(name, counts) for name, counts in counted if counts.total() > left_out[name]] or counted
    total = Counter(result.outcome for result in run.results)
    always = {Outcome.passed, Outcome.failed}
    columns = [outcome for outcome in Outcome if outcome in always or total[outcome]]
    named = max(len("chapter"), *(len(name) for name, _ in chapters))
    if named + sum(2 + _column_width(outcome) for outcome in columns) > terminal.width:
        _draw_chapters_narrowly(console, [*chapters, ("all", total)])
        return
    heads = Text("  ").join(Text(outcome.name.rjust(_column_width(outcome))) for outcome in columns)
    line = Text("─" * (named + 2 + len(heads)), style="dim")
    console.print(Text("chapter".ljust(named) + "  ", style="bold").append_text(heads))
    console.print(line)
    for name, counts in chapters:
        console.print(Text(visible(name).ljust(named) + "  ").append_text(_cells(columns, counts)))
    console.print(line)
    console.print(Text("all".ljust(named) + "  ", style="bold").append_text(_cells(columns, total)))
    console.print()


def _draw_chapters_narrowly(console: Console, chapters: list[tuple[str, Counter[Outcome]]]) -> None:
    for name, counts in chapters:
        said = [Text(f"{counts[o]:,} {o.name}", style=STYLES[o]) for o in Outcome if counts[o]]
        console.print(Text.assemble((visible(name), "bold"), ": ", Text(", ").join(said)))
    console.print()


def _column_width(outcome: Outcome) -> int:
    return max(len(outcome.name), 6)


def _cells(columns: Sequence[Outcome], counts: Counter[Outcome]) -> Text:
    return Text("  ").join(_cell(outcome, counts[outcome]) for outcome in columns)


def _cell(outcome: Outcome, number: int) -> Text:
    width = _column_width(outcome)
    return Text(f"{number:{width},}", style=STYLES[outcome]) if number else Text("·".rjust(width), style="dim")


def _draw_finding(console: Console, finding: Finding) -> None:
    result = finding.result
    name = Text.assemble((finding.title, f"bold {STYLES[result.outcome]}"), ("  " + result.level.upper(), "dim"))
    console.print(name, soft_wrap=True)
    console.print(labelled(*((fact.label, _fact(fact.label, fact.text)) for fact in finding.facts)))
    if finding.command is not None:
        console.print(Text("  " + finding.command), soft_wrap=True)
    console.print()


def _fact(label: str, said: str) -> Text:
    style = {"why": "bold", "expected": "green", "actual": "red"}.get(label, "")
    return Text(said, style=style)


def _draw_variables(console: Console, run: Run, requirements: Requirements) -> None:
    told = findings(run, requirements, Outcome.failed, Outcome.warned, *(outcome for outcome, _ in _APART))
    lines = variables_lines(run, [one.exchange for one in told])
    for line in lines:
        console.print(Text(line, style="dim"), soft_wrap=line is not lines[0])
    if lines:
        console.print()


def _draw_dialect(console: Console, run: Run, found: Sequence[Cause], terminal: Terminal) -> None:
    notes = dialect(run, found)
    if notes:
        console.print(heading(terminal, "dialect: what it does in its own way", style="yellow"))
        console.print(labelled(*((label, visible(said)) for label, said in notes)))
        console.print()


def _draw_scope(console: Console, run: Run, terminal: Terminal) -> None:
    taken, reasons, opt_in = choices(run), out_of_scope(run), run.profile.opt_in
    if taken:
        console.print(heading(terminal, "choices observed", style=STYLES[Outcome.observed]))
        width = max(len(visible(requirement)) for requirement in taken)
        rows = [(visible(requirement), plain(choice)) for requirement, choice in taken.items()]
        console.print(labelled(*rows, label_width=min(width, terminal.width // 2)))
        console.print()
    if reasons:
        number = count(sum(map(len, reasons.values())), "requirement")
        console.print(heading(terminal, f"out of scope: {number}", style=STYLES[Outcome.skipped]))
        for reason, ids in reasons.items():
            console.print(labelled((f"{len(ids):>8,}", f"{visible(reason)}: {some(ids)}")))
        console.print()
    if run.profile.notes:
        console.print(heading(terminal, "not tested in the deployment's entities", style=STYLES[Outcome.skipped]))
        for note in run.profile.notes:
            console.print(labelled(("", visible(note))))
        console.print()
    if opt_in:
        console.print(
            heading(terminal, "opt-in: runs only when it is allowed (--allow)", style=STYLES[Outcome.skipped])
        )
        console.print(labelled((f"{len(opt_in):>8,}", ", ".join(map(visible, opt_in)))))
        console.print()


def _draw_leftovers(console: Console, run: Run, terminal: Terminal) -> None:
    if not run.leftovers:
        return
    console.print(heading(terminal, f"left behind on the deployment ({len(run.leftovers):,})", style="red"))
    for left in run.leftovers:
        console.print(labelled((left.kind, left_behind(left))))
    console.print(Text("  `conformance cleanup` removes them.", style="dim"))
    console.print()
