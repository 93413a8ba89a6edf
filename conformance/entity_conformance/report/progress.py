"""How far a run is, while it runs.

On a terminal one line that moves and is gone in the end; elsewhere a line of plain text half-way and at the end, at
the first wait and whenever the time waited has doubled, parted from the report by an empty line. What is wrong is
counted here and told by the report, under its cause.
"""

import sys
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from entity_conformance.report.findings import title
from entity_conformance.report.terminal import STYLES, terminal_of, write
from entity_conformance.report.text import count
from entity_conformance.report.verdict import Outcome, Result

_WRONG = {Outcome.failed, Outcome.broken}
_PARTS = 2
"""Lines that a log gets at most: a whole run is to be read on one screen."""

_SOON = 5.0
"""Seconds of waiting after which a log is told again; then after twice as many, and so on."""
_REQUEST = "request"


class Progress:
    """Tells `stream` how many of a `total` are done: of checks, or of what the noun says.

    A context manager: on leaving it the moving line is gone.
    """

    def __init__(self, total: int, noun: str = "check", *, stream: TextIO | None = None) -> None:
        self._total = total
        self._noun = noun
        self._stream = stream or sys.stdout
        self._terminal = terminal_of(self._stream)
        self._running: dict[str, None] = {}
        self._now = ""  # the moving line is drawn by another thread, which must not walk a dict that changes
        self._done = 0
        self._wrong = 0
        self._waited = 0.0
        self._told_again_at = 0.0
        self._told = False
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._terminal.moves:
            console = Console(file=self._stream, markup=False, highlight=False, emoji=False)
            self._live = Live(
                console=console, transient=True, get_renderable=self._line, redirect_stdout=False, redirect_stderr=False
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._told:
            write(self._stream, "\n")

    def started(self, requirement: str, entity: str | None) -> None:
        """A check begins. Several may be under way at once."""
        self._running[title(requirement, entity)] = None
        self._now = title(requirement, entity)

    def finished(self, result: Result) -> None:
        """A check ended so."""
        self._running.pop(title(result.requirement, result.entity), None)
        self._now = next(reversed(self._running), "")
        self._wrong += result.outcome in _WRONG
        if self._noun != _REQUEST:
            self._is_at(self._done + 1)

    def sent(self, requests: int) -> None:
        """So many requests were sent, all in all."""
        if self._noun == _REQUEST:
            self._is_at(min(requests, self._total))

    def waits(self, seconds: float, why: str) -> None:
        """Nothing is asked for so long."""
        said = f"waiting {seconds:.0f} s: {why}"
        self._now = said
        if self._live is None and self._waited >= self._told_again_at:
            self._tell(f"{said} ({self._waited:.0f} s so far)" if self._waited else said)
            self._told_again_at = max(2 * self._waited, _SOON)
        self._waited += seconds

    def _is_at(self, done: int) -> None:
        before = self._parts_done()
        self._done = done
        if self._live is None and self._parts_done() > before:
            self._tell(self._so_far())

    def _tell(self, line: str) -> None:
        self._told = True
        write(self._stream, f"{line}\n")

    def _parts_done(self) -> int:
        return min(_PARTS * self._done // max(self._total, 1), _PARTS)

    def _so_far(self) -> str:
        wrong = f", {self._wrong:,} of them wrong" if self._wrong else ""
        return f"{self._done:,} of {count(self._total, self._noun)} done{wrong}"

    def _line(self) -> Table:
        """The moving line: a bar, the count, what is under way."""
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column(width=20)
        line.add_column(no_wrap=True)
        line.add_column(no_wrap=True, overflow="crop", ratio=1, style="dim")
        style = STYLES[Outcome.failed if self._wrong else Outcome.passed]
        bar = ProgressBar(max(self._total, 1), self._done, complete_style=style, finished_style=style)
        wrong = f", {self._wrong:,} wrong" if self._wrong else ""
        line.add_row(bar, Text(f"{self._done:,}/{self._total:,}{wrong}"), Text(self._now))
        return line
