"""Standard output and error, whatever they are: closed, full, of few characters, or a pipe that nobody reads.

What is said on standard error is for people, and never changes what the command does. Standard output holds reports:
what cannot be written there is an OSError for whoever writes, and never Python's own exit code at the end.
"""

import contextlib
import io
import os
import sys

_STREAMS = (0, 1, 2)


def stand() -> None:
    """Make sure that all three are there: a file that is opened later must not be taken for one of them."""
    for number in _STREAMS:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # the lowest number that is free; writing to it fails
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # others may have written what cannot be shown here
    encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
    sys.stderr = io.TextIOWrapper(
        _Forgiving(2, "w", closefd=False), encoding=encoding, errors="backslashreplace", write_through=True
    )


def leave() -> None:
    """Write out what is left. Where that fails nothing more is said: whoever wrote it was told, or nobody listens."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        return
    # Python flushes once more at its end, and exits 120 where that fails
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Forgiving(io.FileIO):
    """A file that takes everything: what cannot be written is forgotten."""

    def write(self, content: bytes, /) -> int:  # type: ignore[override]  # any buffer of bytes
        with contextlib.suppress(OSError):
            return super().write(content)
        return len(content)
