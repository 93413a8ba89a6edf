"""Where people read: how wide it is, whether it has colours and which characters it can show.

The only place that asks the surroundings (through rich: `NO_COLOR`, `FORCE_COLOR`, `TERM`, `COLUMNS`). Everything that
is laid out for people is painted here, onto a string, so that one value decides what it looks like.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from entity_conformance.report.verdict import Outcome, Verdict

Colours = Literal["standard", "256", "truecolor"]

STYLES = {
    Outcome.passed: "green",
    Outcome.observed: "blue",
    Outcome.new: "bright_black",
    Outcome.skipped: "bright_black",
    Outcome.blocked: "cyan",
    Outcome.warned: "yellow",
    Outcome.waived: "bright_yellow",
    Outcome.failed: "red",
    Outcome.broken: "magenta",
}
_WIDTH_WITHOUT_A_TERMINAL = 100
_WIDEST = 120
_ASCII_LIKES = {ord("─"): "-", ord("·"): "-", ord("…"): "...", ord("→"): "->"}


@dataclass(frozen=True, slots=True)
class Terminal:
    """What can be shown: columns, colours (None: none), characters beyond ASCII, and lines that move.

    Without colours text holds no control character at all; `moves` is for progress only. `wraps` says that a line which
    is too long goes on in the next: a file has no right edge.
    """

    width: int = _WIDTH_WITHOUT_A_TERMINAL
    colours: Colours | None = None
    unicode: bool = True
    moves: bool = False
    wraps: bool = True


def terminal_of(stream: TextIO) -> Terminal:
    """What `stream` can show. A file or a pipe gets a fixed width, so that the same run gives the same text."""
    console = Console(file=stream)
    unicode = (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")
    is_terminal = stream.isatty()  # rich says yes to a pipe where FORCE_COLOR is set, as many CIs do
    return Terminal(
        width=min(console.width, _WIDEST) if is_terminal else _WIDTH_WITHOUT_A_TERMINAL,
        colours=_colours(console),
        unicode=unicode,
        moves=is_terminal and not console.is_dumb_terminal,
        wraps=is_terminal,
    )


def _colours(console: Console) -> Colours | None:
    if not console.is_terminal or console.no_color or console.is_dumb_terminal:
        return None
    match console.color_system:
        case "256":
            return "256"
        case "truecolor":
            return "truecolor"
        case None:
            return None
        case _:
            return "standard"


def paint(terminal: Terminal, draw: Callable[[Console], None]) -> str:
    """What `draw` prints, as text for `terminal`. Nothing in it is taken for markup."""
    console = Console(
        file=io.StringIO(),
        width=terminal.width,
        color_system=terminal.colours,
        force_terminal=terminal.colours is not None,
        force_interactive=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    with console.capture() as captured:
        draw(console)
    lines = captured.get().split("\n")
    text = "\n".join(line.rstrip() for line in lines)
    return text if terminal.unicode else ascii_only(text)


def write(stream: TextIO, text: str) -> None:
    """`text` onto `stream`, with escapes for what its encoding cannot say."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def ascii_only(text: str) -> str:
    """`text` for a terminal that knows nothing else: our own signs by their likes, all others as escapes."""
    return text.translate(_ASCII_LIKES).encode("ascii", "backslashreplace").decode()


def row(terminal: Terminal, *parts: str | tuple[str, str], indent: int = 0, end: str = "") -> Text:
    """One line of texts and (text, style) pairs, cut where the terminal ends; `end` is kept whole where it fits."""
    line, tail = Text(" " * indent), Text(end if terminal.unicode else ascii_only(end))
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        line.append(text if terminal.unicode else ascii_only(text), style=style)
    if line.cell_len + tail.cell_len > terminal.width and tail.cell_len > terminal.width // 2:
        line, tail = line.append_text(tail), Text()
    return _cut(terminal, line, terminal.width - tail.cell_len).append_text(tail)


def _cut(terminal: Terminal, line: Text, width: int) -> Text:
    if line.cell_len <= width:
        return line
    sign = "…" if terminal.unicode else "..."
    line.truncate(max(width - len(sign), 0))
    return line.append(sign[:width])


def height(terminal: Terminal, line: Text) -> int:
    """How many lines of the terminal a line takes that is not cut."""
    if not terminal.wraps:
        return 1
    shown = line.plain if terminal.unicode else ascii_only(line.plain)
    return max(-(-cell_len(shown) // terminal.width), 1)


def heading(terminal: Terminal, words: str, *, style: str) -> Rule | Text:
    """A section's title with a line to the right edge, where there is room for one."""
    title = Text(words, style=f"bold {style}")
    return Rule(title, align="left", style=style) if len(words) + 4 <= terminal.width else title


def labelled(*rows: tuple[str, str | Text], indent: int = 2, label_width: int = 8) -> Table:
    """Rows of a label and its text, the text folded under itself."""
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=indent + label_width, no_wrap=True, style="dim")
    grid.add_column(overflow="fold", ratio=1)
    for label, text in rows:
        grid.add_row(Text(" " * indent + label), Text(text) if isinstance(text, str) else text)
    return grid


def verdict_style(verdict: Verdict) -> str:
    """The colour of a verdict, by its exit code."""
    match verdict.exit_code:
        case 0:
            return "bold green"
        case 3 | 5:
            return "bold yellow"
        case _:
            return "bold red"
