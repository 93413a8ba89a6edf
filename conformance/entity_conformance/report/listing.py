"""What the suite can check, for people: all of it as a table by chapter, one requirement and one ruling explained.

Pure: values in, text for a terminal out. Which check proves what is looked up by the caller.
"""

import shlex
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from entity_contract.rulings import Clause, Rulings
from rich.console import Console
from rich.text import Text

from entity_conformance.report.findings import source
from entity_conformance.report.terminal import Terminal, heading, labelled, paint
from entity_conformance.report.text import count, visible
from entity_conformance.suite.ledger import Requirement

_NARROWEST_SENTENCE = 40

LEVEL_STYLES = {"must": "bold", "should": "yellow", "choice": "blue"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement, its check's sentence, None where no check proves it, and the command that judges it."""

    requirement: Requirement
    sentence: str | None
    command: str = "run"


def table(entries: Sequence[Entry], terminal: Terminal) -> str:
    """Every entry as id, level and sentence, by chapter in the order given; the count last."""
    return paint(terminal, lambda console: _draw_table(console, entries, terminal))


def explanation(entry: Entry, *, faults: Sequence[str], decided: Rulings, terminal: Terminal) -> str:
    """All that is known about one requirement. `faults` are those of the reference server that its check trips on."""
    return paint(terminal, lambda console: _draw_explanation(console, entry, faults, decided))


def ruling_explanation(
    clauses: Sequence[Clause], decided: Rulings, requirements: Iterable[Requirement], terminal: Terminal
) -> str:
    """Clauses of the rulings with their rows, and the requirements that cite them."""
    known = tuple(requirements)

    def draw(console: Console) -> None:
        for row in dict.fromkeys(clause.row for clause in clauses):
            console.print(Text.assemble((row, "bold"), "  ", visible(decided.rows[row].point)), soft_wrap=True)
            for clause in (one for one in clauses if one.row == row):
                cited = ", ".join(one.id for one in known if clause.id in one.decision)
                console.print(Text.assemble(f"  {clause.id}", "  ", _clause_level(clause)), soft_wrap=True)
                rows = [("text", visible(clause.text)), ("judged by", visible(cited))]
                if clause.reference:
                    rows.insert(1, ("reference", f'"{visible(clause.reference)}"'))
                console.print(labelled(*(one for one in rows if one[1]), indent=4, label_width=10))

    return paint(terminal, draw)


def _draw_table(console: Console, entries: Sequence[Entry], terminal: Terminal) -> None:
    widest = max((len(visible(entry.requirement.id)) for entry in entries), default=0)
    in_columns = terminal.width - widest - len("CHOICE") - 4 >= _NARROWEST_SENTENCE
    for chapter in dict.fromkeys(entry.requirement.chapter for entry in entries):
        listed = [entry for entry in entries if entry.requirement.chapter == chapter]
        console.print(heading(terminal, f"{visible(chapter)} ({len(listed):,})", style="cyan"))
        if in_columns:
            console.print(_columns(listed, widest, terminal.width), soft_wrap=True)
        else:
            _draw_in_lines(console, listed)
        console.print()
    checked = sum(entry.sentence is not None for entry in entries)
    console.print(f"{count(len(entries), 'requirement')}, {checked:,} with a check")


def _columns(entries: Sequence[Entry], widest: int, width: int) -> Text:
    """Id, level and sentence side by side. Laid out here: a table of rich takes most of the time of the command."""
    lines: list[Text] = []
    for entry in entries:
        level, sentence = _level(entry.requirement), _sentence(entry)
        start = Text(visible(entry.requirement.id).ljust(widest + 2)).append_text(level)
        start.pad_right(len("CHOICE") + 2 - len(level))
        for part in textwrap.wrap(sentence.plain, width - len(start)):
            lines.append(start.append(part, style=sentence.style))
            start = Text(" " * (widest + len("CHOICE") + 4))
    return Text("\n").join(lines)


def _draw_in_lines(console: Console, entries: Sequence[Entry]) -> None:
    for entry in entries:
        name = Text.assemble(visible(entry.requirement.id), "  ", _level(entry.requirement))
        console.print(name, soft_wrap=True)
        console.print(labelled(("", _sentence(entry)), indent=0, label_width=2))


def _level(requirement: Requirement) -> Text:
    return Text(requirement.level.upper(), style=LEVEL_STYLES[requirement.level])


def _sentence(entry: Entry) -> Text:
    if entry.sentence is not None:
        return Text(visible(entry.sentence))
    return Text(f"not tested: {visible(entry.requirement.untested or 'no check yet')}", style="dim")


def _clause_level(clause: Clause) -> Text:
    return Text(visible(clause.title), style=LEVEL_STYLES.get(clause.level or "", "dim"))


def _draw_explanation(console: Console, entry: Entry, faults: Sequence[str], decided: Rulings) -> None:
    requirement = entry.requirement
    console.print(Text.assemble((visible(requirement.id), "bold"), "  ", _level(requirement)), soft_wrap=True)
    rows = [
        ("clause", Text(f'"{visible(requirement.text)}"')),
        ("source", Text(source(requirement))),
        *(("ruling", _ruling(decided.clauses[id_], decided)) for id_ in requirement.decision),
        ("contract", Text(visible(requirement.pointer))),
        ("check", _sentence(entry) if entry.command == "run" else Text(f"`conformance {entry.command}`")),
    ]
    if entry.sentence is not None and entry.command == "run":
        proven = ", ".join(map(visible, faults)) if faults else "no fault of the reference server yet"
        rows.append(("trips on", Text(proven)))
    console.print(labelled(*rows))
    if entry.sentence is not None:
        console.print(Text(f"  conformance {entry.command} URL --only {shlex.quote(requirement.id)}"), soft_wrap=True)
        if faults:
            console.print(Text(f"  conformance demo --fault {shlex.quote(faults[0])}"), soft_wrap=True)


def _ruling(clause: Clause, decided: Rulings) -> Text:
    point = visible(decided.rows[clause.row].point)
    return Text.assemble(f"{clause.row} {point}\n{clause.id} ", _clause_level(clause), f": {visible(clause.text)}")
