"""Where a report goes: a file that appears whole or not at all, or a stream that takes it as it comes.

Errors: `ReportError` is the tree's root; `UnknownFormatError` blames the command line, `UnwritableError` the place.
Each carries a `hint` for the person who can act.
"""

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO


class ReportError(Exception):
    """A report could not be made as asked. `message` names what, `hint` what to do."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


class UnknownFormatError(ReportError):
    """No report of that name exists."""


class UnwritableError(ReportError):
    """The report cannot be written there."""


def probe(path: Path) -> None:
    """Find out before a run, at no cost, whether `path` can be written. Raises UnwritableError."""
    target = _target(path)
    if _is_special(target):
        return
    with _refusing(path):
        beside = _beside(target)
        _create(beside).close()
        beside.unlink()


def write_whole(path: Path, render: Callable[[TextIO], None]) -> None:
    """Let `render` write the file at `path`; until it is done, whatever was there before stays. Raises UnwritableError.

    A device or a pipe is written to as it is: there is nothing to replace.
    """
    target = _target(path)
    with _refusing(path):
        if _is_special(target):
            with target.open("w", encoding="utf-8", newline="\n") as stream:
                render(stream)
            return
        beside = _beside(target)
        try:
            with _create(beside) as stream:
                render(stream)
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def write_through(stream: TextIO, render: Callable[[TextIO], None], *, name: str) -> None:
    """Let `render` write to `stream`, which `name` stands for in an error. Raises UnwritableError."""
    with _refusing(name):
        render(stream)
        stream.flush()


def _target(path: Path) -> Path:
    """What is to be written, links followed."""
    target = path.resolve()
    if target.is_dir():
        raise _unwritable(path, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    return target


def _is_special(target: Path) -> bool:
    return target.exists() and not target.is_file()


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.partial")


def _create(path: Path) -> TextIO:
    return path.open("x", encoding="utf-8", newline="\n")


@contextlib.contextmanager
def _refusing(place: Path | str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(place, error) from error


def _unwritable(place: Path | str, error: OSError) -> UnwritableError:
    reason = error.strerror or type(error).__name__
    return UnwritableError(
        f"cannot write the report to {place}: {reason[0].lower()}{reason[1:]}",
        hint="name a file in a directory that exists and that you may write to (--report FORMAT=PATH)",
    )
