"""Two demo servers on one file: the second would replace the keys of the first."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entity_server.settings import UnusableSetting

_SQLITE = "sqlite://"


@contextmanager
def alone_with(database: str) -> Iterator[None]:
    """The context of the only demo on that database file. Raises UnusableSetting where there is another.

    A file of its own is locked, beside the database: whoever closed the database's would end SQLite's own locks. A lock
    ends with its process, however that ends; the file goes with the context.
    """
    path = database.removeprefix(_SQLITE)
    if path in (database, ":memory:", ""):
        yield
        return
    lock = Path(f"{Path(path).resolve()}-demo")
    try:
        descriptor = _locked(lock)
    except BlockingIOError:
        message = "another demo server serves this database, and its keys would be replaced"
        raise UnusableSetting(f"{message}; stop it, or name another --database than {database}") from None
    except OSError:  # nothing can be written there, which the database itself tells best
        yield
        return
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(lock: Path) -> int:
    """A descriptor of the lock's file that is locked, and still is the file of that name."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if lock.exists() and os.path.samestat(os.fstat(descriptor), lock.stat()):
                return descriptor
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
