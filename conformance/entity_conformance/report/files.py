"""Where a report goes: a file that appears whole or not at all, or a stream that takes it as it comes.

Errors: `ReportError` is the tree's root; `UnknownFormatError` and `SharedPlaceError` blame the command line,
`UnwritableError` the place.
Each carries a `hint` for the person who can act.
"""

import contextlib
import errno
import io
import os
import re
import secrets
import stat
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

_IRREPLACEABLE = {errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES}
"""What renaming onto a file answers where that file is mounted by itself, or its folder keeps its files."""


_NUMBERS = re.compile(r"/(?:dev|proc/self)/fd/")
"""Where open files stand by their numbers: there is none that could be made."""


class ReportError(Exception):
    """A report could not be made as asked. `message` names what, `hint` what to do."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


class UnknownFormatError(ReportError):
    """No report of that name exists."""


class SharedPlaceError(ReportError):
    """Two reports would be written to one place."""


class UnwritableError(ReportError):
    """The report cannot be written there."""


def probe(path: Path) -> None:
    """Find out before a run, at no cost, whether `path` can be written. Raises UnwritableError."""
    with _refusing(path):
        target = _target(path)
        if _is_special(path, target):
            if not path.exists() and _NUMBERS.match(str(path)):
                raise FileNotFoundError(errno.ENOENT, "no open file has that number")
            if not path.exists() and not path.parent.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            return
        try:
            beside = _beside(target)
            _create(beside).close()
            beside.unlink()
        except OSError:
            if not target.is_file():
                raise
            target.open("r+b").close()  # in a folder that takes no other file it can be written as it is


def write_whole(path: Path, render: Callable[[TextIO], None]) -> None:
    """Let `render` write the file at `path`; until it is done, whatever was there before stays. Raises UnwritableError.

    A device or a pipe is written to as it is: there is nothing to replace. So is a file that has other names, and one
    that cannot be replaced, because it is mounted by itself or in a folder that takes no other file.
    """
    with _refusing(path):
        target = _target(path)
        if _is_special(path, target):
            _write_in_place(path, render)
        elif target.is_file() and target.stat().st_nlink > 1:
            _write_in_place(target, render)
        else:
            _replace(target, render)


def add_to(path: Path, render: Callable[[TextIO], None]) -> None:
    """Let `render` write to the end of a file that others write to as well. Raises UnwritableError."""
    whole = io.StringIO()
    render(whole)
    with _refusing(path), path.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(whole.getvalue())


def is_standard_output(path: Path) -> bool:
    """Whether this is what standard output is: `/dev/stdout`, or the file that it was redirected to."""
    try:
        return os.path.samestat(path.stat(), os.fstat(1))
    except (OSError, ValueError):
        return False


def identity(path: Path) -> Hashable:
    """What two spellings of one place have in common, links and mounts included."""
    try:
        known = path.stat()
    except OSError:
        return os.path.realpath(path)
    return known.st_dev, known.st_ino


def write_through(stream: TextIO, render: Callable[[TextIO], None], *, name: str, is_for_people: bool) -> None:
    """Let `render` write to `stream`, which `name` stands for in an error. Raises UnwritableError.

    What is not for people is UTF-8 there as it is in a file, whatever the surroundings write: it says so itself, and
    is read by programs. A terminal takes what it can show.
    """
    content: BinaryIO | None = getattr(stream, "buffer", None)
    with _refusing(name):
        if is_for_people or content is None or stream.isatty():
            render(stream)
        else:
            whole = io.StringIO()
            render(whole)
            stream.flush()
            content.write(whole.getvalue().encode())
        stream.flush()


def _target(path: Path) -> Path:
    """What is to be written, links followed."""
    try:
        target = path.resolve()
    except RuntimeError:  # links that go in circles
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return target


def _is_special(path: Path, target: Path) -> bool:
    """Whether it is no file of a folder: a device, a pipe, or an open file by its number."""
    return (path.exists() and not path.is_file()) or path.is_relative_to("/dev") or target.is_relative_to("/proc")


def _write_in_place(path: Path, render: Callable[[TextIO], None]) -> None:
    whole = io.StringIO()
    render(whole)
    place = _read_pipe(path) if path.is_fifo() else path
    with open(place, "w", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123  # a Path or a number
        stream.write(whole.getvalue())


def _read_pipe(pipe: Path) -> int:
    """A pipe that somebody reads, open for writing: opening one that nobody reads waits for ever. Raises OSError."""
    try:
        number = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "nobody reads from that pipe") from None
        raise
    os.set_blocking(number, True)
    return number


def _replace(target: Path, render: Callable[[TextIO], None]) -> None:
    beside = _beside(target)
    try:
        stream = _create(beside)
    except OSError:
        if not target.is_file():
            raise
        _write_in_place(target, render)
        return
    try:
        with stream:
            render(stream)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(OSError):  # who may read what was there may read what comes
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        try:
            beside.replace(target)
        except OSError as error:
            if error.errno not in _IRREPLACEABLE:
                raise
            _write_in_place(target, render)
            beside.unlink()
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


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
