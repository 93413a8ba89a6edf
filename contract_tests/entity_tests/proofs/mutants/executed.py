"""Which lines of the server are executed while a command asks it.

A mutant in a statement that is never executed is the right server as far as that command can tell: it survives without
being served.
"""

import ast
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import TraceFunction

Lines = frozenset[tuple[str, int]]
"""Lines by file, relative to the package, and number."""


def statements(source: str) -> Iterator[range]:
    """The lines of each statement, with those of the statements in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            yield range(node.lineno, (node.end_lineno or node.lineno) + 1)


def innermost(line: int, among: Iterable[range]) -> range:
    """The shortest of the statements that the line is in."""
    return min((lines for lines in among if line in lines), key=len)


def record(package: Path, file: Path) -> None:
    """From now on write each line of the package to the file when it is executed for the first time."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    inside = f"{package}{os.sep}"
    seen: set[tuple[str, int]] = set()

    def enter(frame: FrameType, _: str, __: object) -> "TraceFunction | None":
        return line if frame.f_code.co_filename.startswith(inside) else None

    def line(frame: FrameType, _: str, __: object) -> "TraceFunction":
        at = frame.f_code.co_filename, frame.f_lineno
        if at not in seen:
            seen.add(at)
            os.write(descriptor, f"{at[0].removeprefix(inside)}:{at[1]}\n".encode())
        return line

    threading.settrace(enter)
    sys.settrace(enter)


def recorded(file: Path) -> Lines:
    """The lines that were written to the file."""
    each = (one.rpartition(":") for one in file.read_text("utf-8").splitlines())
    return frozenset((place, int(number)) for place, _, number in each)
