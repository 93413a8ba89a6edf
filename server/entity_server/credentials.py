"""The credentials file: where the server is, and what gets a client in, for their owner's eyes only.

Written through links, devices and pipes, never over them. A regular file is there, whole, as long as the server serves:
what an earlier start left is removed when a new one begins, so that who waits for the file reads no old keys.
"""

import errno
import json
import os
import re
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from entity_server.settings import UnusableSetting

Write = Callable[[Mapping[str, str]], None]

_DESCRIPTORS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev/fd|proc/self/fd)/([0-9]+)")
_NO_REPLACING = {errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS}  # a file that is mounted by itself


@contextmanager
def credentials_file(file: Path | None) -> Iterator[Write]:
    """What writes the credentials, whole or not at all; nowhere when there is no file.

    Raises UnusableSetting, and at once when the place is no good.
    """
    if file is None:
        yield lambda _: None
        return
    with _readable(file):
        mode = _mode(file)
    descriptor = _descriptor(file)
    if descriptor is not None:
        yield lambda credentials: _into(descriptor, credentials, file)
    elif mode is None or stat.S_ISREG(mode):
        with kept_file(file) as write_text:
            yield lambda credentials: write_text(_text(credentials))
    elif stat.S_ISFIFO(mode):
        yield lambda credentials: _when_somebody_reads(file, credentials)
    elif stat.S_ISCHR(mode):
        yield lambda credentials: _through(file, credentials)
    else:
        raise _unusable(file, "it is no file, no pipe and no character device")


def _mode(file: Path) -> int | None:
    try:
        return file.stat().st_mode
    except FileNotFoundError:
        return None


def _descriptor(file: Path) -> int | None:
    """The open descriptor that a name such as /dev/stdout stands for: opened anew, what is there is written over."""
    match = _DESCRIPTOR.fullmatch(str(file))
    return int(match[1]) if match else _DESCRIPTORS.get(str(file))


def _into(descriptor: int, credentials: Mapping[str, str], file: Path) -> None:
    with _readable(file), os.fdopen(os.dup(descriptor), "w", encoding="utf-8") as out:
        out.write(_text(credentials))


def _through(file: Path, credentials: Mapping[str, str]) -> None:
    with _readable(file), file.open("w", encoding="utf-8") as out:
        out.write(_text(credentials))


def _when_somebody_reads(file: Path, credentials: Mapping[str, str]) -> None:
    """To open a pipe waits for its reader: the server does not wait with it."""

    def write() -> None:
        with suppress(OSError):  # who reads has left: nobody is there to be told
            file.write_text(_text(credentials), encoding="utf-8")

    threading.Thread(target=write, name="credentials", daemon=True).start()


def names_a_file(place: Path) -> bool:
    """Whether a regular file is at that place, or can be."""
    with _readable(place):
        mode = _mode(place)
    return _descriptor(place) is None and (mode is None or stat.S_ISREG(mode))


@contextmanager
def kept_file(link: Path) -> Iterator[Callable[[str], None]]:
    """What writes a regular file, that is there while the context is: the one that a link names, which stays a link."""
    with _readable(link):
        file = link.resolve()
        in_place = _begin(file)
    written: list[os.stat_result] = []

    def write(text: str) -> None:
        with _readable(link):
            if in_place or not _replace(file, text):
                file.write_text(text, encoding="utf-8")
            written.append(file.stat())

    try:
        yield write
    finally:
        if written:
            _end(file, written[-1])


def _begin(file: Path) -> bool:
    """Remove what is there. Whether the file must be written where it is: its directory may not be written to."""
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        os.close(descriptor)
        Path(name).unlink()
        file.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in _NO_REPLACING or not file.exists():
            raise
        os.truncate(file, 0)
        return True
    return False


def _replace(file: Path, text: str) -> bool:
    """Put a new file, readable by its owner alone, in the place of the old one. False where that cannot be done."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # with mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
        temporary.replace(file)
    except OSError as error:
        if error.errno not in _NO_REPLACING:
            raise
        return False
    finally:
        with suppress(OSError):
            temporary.unlink()
    return True


def _end(file: Path, written: os.stat_result) -> None:
    """Remove the file, unless another server has put its own there."""
    with suppress(OSError):
        there = file.stat()
        if not os.path.samestat(there, written) or there.st_mtime_ns != written.st_mtime_ns:
            return
        try:
            file.unlink()
        except OSError:
            os.truncate(file, 0)


def _text(credentials: Mapping[str, str]) -> str:
    return json.dumps(credentials, indent=2) + "\n"


def _unusable(file: Path, reason: object) -> UnusableSetting:
    return UnusableSetting(f"cannot write the credentials to {file}: {reason}; choose another file with --credentials")


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # the latter for a name with U+0000
        raise _unusable(file, getattr(error, "strerror", None) or error) from error
