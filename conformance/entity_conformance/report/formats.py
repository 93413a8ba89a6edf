"""A Run, told to people and to programs.

Pure renderers over `report.verdict.Run` and the ledger, one module a format; a new format is a module with `render` and
its name in `FORMATS`. Each is imported when it is written. Nothing here decides anything: outcomes, verdict and exit
code come in.
"""

import difflib
import sys
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, TextIO

from entity_conformance.report.files import (
    ReportError,
    SharedPlaceError,
    UnknownFormatError,
    UnwritableError,
    add_to,
    identity,
    is_standard_output,
    probe,
    write_through,
    write_whole,
)
from entity_conformance.report.findings import Requirements
from entity_conformance.report.progress import Progress
from entity_conformance.report.verdict import Run


class Render(Protocol):
    """Writes a run to a stream in one format. `verbose` is for formats that otherwise leave something out."""

    def __call__(self, run: Run, requirements: Requirements, stream: TextIO, *, verbose: bool = False) -> None:
        """Write `run` to `stream`."""


def _of(name: str) -> Render:
    def render(run: Run, requirements: Requirements, stream: TextIO, *, verbose: bool = False) -> None:
        import_module(f"entity_conformance.report.{name}").render(run, requirements, stream, verbose=verbose)

    return render


FORMATS: Mapping[str, Render] = {
    name: _of(name) for name in ("console", "html", "json", "junit", "sarif", "ctrf", "markdown", "badge")
}


@dataclass(frozen=True, slots=True)
class Destination:
    """A report that was asked for: `FORMAT[=PATH]`, standard output where no path or `-` is named.

    One that `is_added` goes to the end of its file, which others write to as well. Raises UnknownFormatError.
    """

    format: str
    path: Path | None = None
    is_added: bool = False

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            near = difflib.get_close_matches(self.format, FORMATS, n=1)
            suggestion = f"did you mean {near[0]}? " if near else ""
            raise UnknownFormatError(
                f"no report format {self.format!r}", hint=f"{suggestion}there are {', '.join(FORMATS)}"
            )

    @staticmethod
    def parse(text: str) -> "Destination":
        """`json=out/report.json` as a value. Raises UnknownFormatError, or UnwritableError for an empty path."""
        name, equals, path = text.partition("=")
        if equals and not path:
            raise UnwritableError(
                f"--report {name}= names no file", hint=f"say {name}=PATH, or {name} for standard output"
            )
        if "\0" in path:
            raise UnwritableError("a path holds a NUL character", hint=f"name a file (--report {name}=PATH)")
        return Destination(name, None if path in {"", "-"} or is_standard_output(Path(path)) else Path(path))

    @staticmethod
    def parse_all(texts: Sequence[str], *, summary: Path | None = None) -> "tuple[Destination, ...]":
        """Several of them. Raises as `parse` does, and SharedPlaceError where two would go to one place.

        `summary` is the file that a job of GitHub Actions shows: Markdown that was asked for is added to it, and goes
        to standard output no more.
        """
        destinations = tuple(map(Destination.parse, texts))
        if summary is not None and any(one.format == "markdown" for one in destinations):
            others = (one for one in destinations if one != Destination("markdown"))
            destinations = (*others, Destination("markdown", summary, is_added=True))
        seen: dict[Hashable, Destination] = {}
        for one in destinations:
            place = "standard output" if one.path is None else identity(one.path)
            if (other := seen.setdefault(place, one)) is not one:
                where = "standard output" if one.path is None else str(one.path)
                raise SharedPlaceError(
                    f"two reports ({other.format} and {one.format}) would be written to {where}",
                    hint="name a file of its own for each",
                )
        return destinations

    def probe(self) -> None:
        """Find out before the run whether the report can be written. Raises UnwritableError."""
        if self.path is not None:
            probe(self.path)


def write(
    run: Run,
    destination: Destination,
    requirements: Requirements,
    *,
    verbose: bool = False,
    stdout: TextIO | None = None,
) -> None:
    """Write `run` to its destination: a file appears whole or not at all. Raises UnwritableError."""

    def render(stream: TextIO) -> None:
        FORMATS[destination.format](run, requirements, stream, verbose=verbose)

    if destination.path is None:
        write_through(
            stdout or sys.stdout, render, name="standard output", is_for_people=destination.format == "console"
        )
    elif destination.is_added:
        add_to(destination.path, render)
    else:
        write_whole(destination.path, render)


__all__ = [
    "FORMATS",
    "Destination",
    "Progress",
    "ReportError",
    "Requirements",
    "SharedPlaceError",
    "UnknownFormatError",
    "UnwritableError",
    "write",
]
