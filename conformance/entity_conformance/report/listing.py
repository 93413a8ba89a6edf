"""What the suite can check, for people: all of it as a table by chapter, and one requirement explained.

Pure: values in, text for a terminal out. Which check proves what is looked up by the caller.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from entity_conformance.report.findings import source
from entity_conformance.report.terminal import Terminal, heading, labelled, paint
from entity_conformance.report.text import count, visible
from entity_conformance.suite.ledger import Requirement

_NARROWEST_SENTENCE = 40

LEVEL_STYLES = {"must": "bold", "should": "yellow", "choice": "blue"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement and its check's sentence, None where no check proves it."""

    requirement: Requirement
    sentence: str | None


def table(entries: Sequence[Entry], terminal: Terminal) -> str:
    """Every entry as id, level and sentence, by chapter in the order given; the count last."""
    return paint(terminal, lambda console: _draw_table(console, entries, terminal))


def explanation(entry: Entry, *, faults: Sequence[str], terminal: Terminal) -> str:
    """All that is known about one requirement. `faults` are those of the reference server that its check trips on."""
    return paint(terminal, lambda console: _draw_explanation(console, entry, faults))


def _draw_table(console: Console, entries: Sequence[Entry], terminal: Terminal) -> None:
    widest = max((len(visible(entry.requirement.id)) for entry in entries), default=0)
    in_columns = terminal.width - widest - len("CHOICE") - 4 >= _NARROWEST_SENTENCE
    for chapter in dict.fromkeys(entry.requirement.chapter for entry in entries):
        listed = [entry for entry in entries if entry.requirement.chapter == chapter]
        console.print(heading(terminal, f"{visible(chapter)} ({len(listed):,})", style="cyan"))
        if in_columns:
            console.print(_columns(listed, widest))
        else:
            _draw_in_lines(console, listed)
        console.print()
    checked = sum(entry.sentence is not None for entry in entries)
    console.print(f"{count(len(entries), 'requirement')}, {checked:,} with a check")


def _columns(entries: Sequence[Entry], widest: int) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=widest, no_wrap=True)
    grid.add_column(width=len("CHOICE"), no_wrap=True)
    grid.add_column(ratio=1)
    for entry in entries:
        grid.add_row(Text(visible(entry.requirement.id)), _level(entry.requirement), _sentence(entry))
    return grid


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


def _draw_explanation(console: Console, entry: Entry, faults: Sequence[str]) -> None:
    requirement = entry.requirement
    console.print(Text.assemble((visible(requirement.id), "bold"), "  ", _level(requirement)), soft_wrap=True)
    rows = [
        ("clause", Text(f'"{visible(requirement.text)}"')),
        ("source", Text(source(requirement))),
        ("contract", Text(visible(requirement.pointer))),
        ("check", _sentence(entry)),
    ]
    if requirement.choices:
        rows.insert(3, ("choices", Text(", ".join(map(visible, requirement.choices)))))
    if entry.sentence is not None:
        proven = ", ".join(map(visible, faults)) if faults else "no fault of the reference server yet"
        rows.append(("trips on", Text(proven)))
    console.print(labelled(*rows))
    if entry.sentence is not None:
        console.print(Text(f"  conformance run URL --only {shlex.quote(requirement.id)}"), soft_wrap=True)
        if faults:
            console.print(Text(f"  conformance demo --fault {shlex.quote(faults[0])}"), soft_wrap=True)
