"""The report as a file, written when the server stops.

The only IO of this package. The place is tried when the server starts, so that nobody learns at the end of a long run
that the report has nowhere to go.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from entity_server.client_report.findings import Report
from entity_server.settings import UnusableSetting

_HINT = "choose another file with --client-report"


@contextmanager
def report_file(file: Path) -> Iterator[Callable[[Report], None]]:
    """What writes a report, whole or not at all. Raises UnusableSetting, at once where the place is no good."""
    if file.is_dir():
        raise UnusableSetting(f"cannot write the client report to {file}: Is a directory; {_HINT}")
    if file.exists() and not file.is_file():  # a device or a pipe of the user's: written through, never over
        yield lambda report: _through(file, report)
        return
    with _readable(file):
        descriptor, name = tempfile.mkstemp(dir=file.resolve().parent, prefix=f".{file.name}.")
        os.close(descriptor)
    temporary = Path(name)

    def write(report: Report) -> None:
        with _readable(file):
            temporary.write_text(_text(report), encoding="utf-8")
            temporary.chmod(0o644)
            temporary.replace(file.resolve())

    try:
        yield write
    finally:
        with suppress(OSError):
            temporary.unlink()


def _through(file: Path, report: Report) -> None:
    with _readable(file):
        file.write_text(_text(report), encoding="utf-8")


def _text(report: Report) -> str:
    return json.dumps(report.json(), indent=2, ensure_ascii=False) + "\n"


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # the latter for a name with U+0000
        reason = getattr(error, "strerror", error)
        raise UnusableSetting(f"cannot write the client report to {file}: {reason}; {_HINT}") from error
