"""Two demo servers on one database: the second would replace the keys of the first."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from entity_server.settings import UnusableSetting
from entity_server.store.locking import locked

_SQLITE = "sqlite://"


@asynccontextmanager
async def alone_with(database: str) -> AsyncIterator[None]:
    """The context of the only demo on that database. Raises UnusableSetting where there is another.

    Of a PostgreSQL each schema is a database of its own.
    """
    if not database.startswith(_SQLITE):
        async with locked(database, shared=False) as ours:
            _refuse_unless(ours, "database or schema")
            yield
        return
    with _file_locked(database.removeprefix(_SQLITE)) as ours:
        _refuse_unless(ours, f"--database than {database}")
        yield


@asynccontextmanager
async def beside(database: str) -> AsyncIterator[None]:
    """The context of one process of a demo on a PostgreSQL; the others are beside it, and `alone_with` is refused."""
    async with locked(database, shared=True) as ours:
        _refuse_unless(ours, "database or schema")
        yield


def _refuse_unless(ours: bool, other: str) -> None:  # noqa: FBT001 - what it is about
    if not ours:
        message = "another demo server serves this database, and its keys would be replaced"
        raise UnusableSetting(f"{message}; stop it, or name another {other}")


@contextmanager
def _file_locked(path: str) -> Iterator[bool]:
    """Whether this block has that database file alone.

    A file of its own is locked, beside the database: whoever closed the database's would end SQLite's own locks. A lock
    ends with its process, however that ends; the file goes with the context.
    """
    if path in (":memory:", ""):
        yield True
        return
    lock = Path(f"{Path(path).resolve()}-demo")
    try:
        descriptor = _locked(lock)
    except BlockingIOError:
        yield False
        return
    except OSError:  # nothing can be written there, which the database itself tells best
        yield True
        return
    try:
        yield True
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
