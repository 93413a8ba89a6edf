"""The statements that the text index narrows, in SQLite; PostgreSQL chooses its indexes by itself.

The index names rows that may be in the selection, and the selection's own condition decides. Where it names many of the
owner's records, reading these one by one would take longer than reading all: then the page and its total are read as
they are without an index. One statement finds that out, and does the one or the other.
"""

# ruff: noqa: S608 - statements are made of names and marks
from collections.abc import Sequence
from dataclasses import dataclass

from entity_server.store.tables import quoted
from entity_server.store.text_index import SHARE


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A selection in SQL: names of the index and of the table, the condition, the owner's total, what is sought.

    Names with a `$` are no field's.
    """

    index: str
    table: str
    where: str
    total: str
    match: str

    def page(self, columns: Sequence[str], ordered: Sequence[str], order: str, limit: str, offset: str) -> str:
        """A page, and the whole selection's size where the page is full (else null), as `Statements.page` has them.

        `ordered` are the columns that the order needs.
        """
        names = ", ".join(map(quoted, columns))
        by_row = f'CROSS JOIN {self.table} ON {self.table}.rowid = "$row"'
        return (
            f"{self._hits(ordered)}, page AS MATERIALIZED ("
            f'SELECT * FROM (SELECT {names} FROM (SELECT "$row" FROM hits ORDER BY {order}'
            f" LIMIT {limit} OFFSET {offset}) {by_row} ORDER BY {order})"
            f" UNION ALL SELECT * FROM (SELECT {names} FROM {self.table}{self.where} ORDER BY {order}"
            f" LIMIT CASE WHEN {self._few} THEN 0 ELSE {limit} END OFFSET {offset}))"
            f" SELECT {names}, CASE WHEN (SELECT count(*) FROM page) = {limit} THEN {self._size} END FROM page"
        )

    def count(self) -> str:
        """The selection's size."""
        return f"{self._hits(('id',))} SELECT {self._size}"

    def _hits(self, columns: Sequence[str]) -> str:
        """What the index names, and those of it that are in the selection: none, where it names too many."""
        names = ", ".join(map(quoted, columns))
        return (
            f'WITH found AS MATERIALIZED (SELECT rowid AS "$row" FROM {self.index}'
            f" WHERE {self.index} MATCH {self.match} LIMIT 1 + {self.total} / {SHARE}),"
            f' few AS MATERIALIZED (SELECT 1 AS "$few" WHERE {self._few}),'
            f' hits AS MATERIALIZED (SELECT "$row", {names} FROM few CROSS JOIN found CROSS JOIN {self.table}'
            f' ON {self.table}.rowid = "$row"{self.where})'
        )

    @property
    def _few(self) -> str:
        return f"(SELECT count(*) FROM found) <= {self.total} / {SHARE}"

    @property
    def _size(self) -> str:
        return (
            f"CASE WHEN {self._few} THEN (SELECT count(*) FROM hits)"
            f" ELSE (SELECT count(*) FROM {self.table}{self.where}) END"
        )
