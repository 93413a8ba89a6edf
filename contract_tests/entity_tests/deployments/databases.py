"""The rows of a served reference server's database, to compare before and after.

Reads; what may differ is known to the tests.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

Row = tuple[object, ...]
Rows = Mapping[str, list[Row]]


def dump(database: Path) -> Rows:
    """The records and keys of a database by table; without when a key was last used, which a run does change."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [name for name in names if name.startswith("entity_") or name == "access_keys"]
        return {name: _rows(connection, name) for name in kept}


def _rows(connection: sqlite3.Connection, table: str) -> list[Row]:
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    listed = ", ".join(f'"{name}"' for name in columns if name != "last_used_at")
    return sorted(connection.execute(f'SELECT {listed} FROM "{table}"'), key=repr)
