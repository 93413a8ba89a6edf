"""The statements on one entity's table, each written once for its shape and then kept.

Writing a statement takes longer than answering it. There are as many shapes as clients think of: those that were asked
for lately are kept. Text only; `records` has the values, in the order that each function tells.
"""

from functools import lru_cache

from entity_contract import Entity, Field

from entity_server.store.columns import moved
from entity_server.store.conditions import Shape, belonging, conditions, order
from entity_server.store.database import Mapped, Marks
from entity_server.store.narrowing import Narrowing
from entity_server.store.tables import always_set, long, quoted, start
from entity_server.store.text_index import index_name
from entity_server.store.totals import total

_KEPT = 500


class Statements:
    """The statements on one entity's table."""

    def __init__(self, mapped: Mapped, entity: Entity) -> None:
        self._mapped = mapped
        self._entity = entity
        self._table = quoted(mapped.table.name)
        self._numbers = frozenset(column.name for column in mapped.table.columns if column.kind == "number")
        # Each keeps what it has written: `page(...)` is called by its arguments alone.
        self.page = lru_cache(_KEPT)(self._page)
        self.deep = lru_cache(_KEPT)(self._deep)
        self.narrowed = lru_cache(_KEPT)(self._narrowed)
        self.narrowed_count = lru_cache(_KEPT)(self._narrowed_count)
        self.count = lru_cache(_KEPT)(self._count)
        self.among = lru_cache(_KEPT)(self._among)
        self.update = lru_cache(_KEPT)(self._update)
        self.insert = self._insert()
        self.delete = self._delete()

    def _page(self, names: tuple[str, ...], shape: Shape, by: str | None, descending: bool) -> str:  # noqa: FBT001 - a cache's key
        """These columns of a page, and the whole selection's size where the page is full (else perhaps null).

        Values: those of the shape, the owner (where there are owners), limit, offset.
        """
        return self._paged(names, shape, by, descending=descending, deep=False)

    def _deep(self, names: tuple[str, ...], shape: Shape, by: str | None, descending: bool) -> str:  # noqa: FBT001 - as above
        """As `page`, for one that lies far behind: the rows before it are passed over in an index, and not read."""
        return self._paged(names, shape, by, descending=descending, deep=True)

    def _paged(self, names: tuple[str, ...], shape: Shape, by: str | None, *, descending: bool, deep: bool) -> str:
        marks = Marks(self._mapped.dialect)
        where = self._where(shape, marks)
        columns = ", ".join(map(quoted, names))
        field = None if by is None else self._entity.field(by)
        sorted_by = order(self._entity, field, self._mapped.dialect, descending=descending)
        limit, offset = marks.next(), marks.next()
        page = f" FROM {self._table}{where} ORDER BY {sorted_by} LIMIT {limit} OFFSET {offset}"
        in_two_parts = descending and field is not None and not always_set(field) and not deep
        if in_two_parts:
            assert field is not None
            page = f" FROM ({self._nulls_first(columns, field, where, sorted_by, limit, offset)}) AS page"
        if deep:
            rows = f'(SELECT "id" AS "$id"{page}) AS deep CROSS JOIN {self._table}'
            page = f' FROM {rows} WHERE "id" = "$id" ORDER BY {sorted_by}'
        if not shape:  # a size that is kept is found at once, however full the page is
            return f"SELECT {columns}, {self._size(shape)}{page}"
        return (
            f"WITH page AS MATERIALIZED (SELECT {columns}{page})"  # noqa: S608 - names and marks
            f" SELECT {columns}, CASE WHEN (SELECT count(*) FROM page) = {limit}"
            f" THEN {self._size(shape)} END FROM page"
        )

    def _nulls_first(self, columns: str, field: Field, where: str, sorted_by: str, limit: str, offset: str) -> str:  # noqa: PLR0913, PLR0917 - the parts of a statement
        """A page of records without a value, and then of the others: each part is in the order of an index (L12).

        Together they are not: the index read backwards has equal values, and all nulls are equal, by descending id.
        """
        indexed = self._mapped.dialect == "postgres" and long(self._entity, field)
        of = f"FROM {self._table}{where or ' WHERE TRUE'} AND {start(field.name) if indexed else quoted(field.name)}"
        number = "(SELECT count(*) FROM nulls)"
        return (
            f'WITH nulls AS MATERIALIZED (SELECT {columns} {of} IS NULL ORDER BY "id" LIMIT {limit} OFFSET {offset}),'  # noqa: S608 - names and marks
            f" others AS MATERIALIZED (SELECT {columns} {of} IS NOT NULL ORDER BY {sorted_by} LIMIT {limit} - {number}"
            f" OFFSET CASE WHEN {number} > 0 THEN 0 ELSE {offset} - (SELECT count(*) {of} IS NULL) END)"
            f" SELECT {columns} FROM nulls UNION ALL SELECT {columns} FROM others"
        )

    def _narrowed(self, names: tuple[str, ...], shape: Shape, by: str | None, descending: bool) -> str:  # noqa: FBT001 - as above
        """As `page`, by the text index.

        Values: what it is asked for (`text_index.sought`), the owner (where there are owners), those of `page`.
        """
        marks = Marks(self._mapped.dialect)
        narrowing = self._narrowing(shape, marks)
        field = None if by is None else self._entity.field(by)
        sorted_by = order(self._entity, field, self._mapped.dialect, descending=descending)
        needed = tuple(dict.fromkeys((by or "createdAt", "id")))
        limit, offset = marks.next(), marks.next()
        return narrowing.page(names, needed, sorted_by, limit, offset)

    def _narrowed_count(self, shape: Shape) -> str:
        """As `count`, by the text index. Values: what it is asked for, the owner, those of `count`."""
        return self._narrowing(shape, Marks(self._mapped.dialect)).count()

    def _narrowing(self, shape: Shape, marks: Marks) -> Narrowing:
        match, owner = marks.next(), marks.next() if self._entity.owned else None
        table, dialect = self._mapped.table, self._mapped.dialect
        where = self._where(shape, marks)
        return Narrowing(index_name(table), self._table, where, total(table, owner, dialect), match)

    def _count(self, shape: Shape) -> str:
        """The size of a selection. Values: those of the shape, the owner (where there are owners)."""
        return f"SELECT {self._size(shape)}"

    def _size(self, shape: Shape) -> str:
        """The expression for the size of a selection, whose values come first. Without a condition it is kept."""
        if shape:
            where = self._where(shape, Marks(self._mapped.dialect), counted=True)
            return f"(SELECT count(*) FROM {self._table}{where})"  # noqa: S608 - names and marks
        dialect = self._mapped.dialect
        return total(self._mapped.table, Marks(dialect).next() if self._entity.owned else None, dialect)

    def _among(self, names: tuple[str, ...], name: str, number: int) -> str:
        """These columns of the rows whose column has one of so many values, oldest first. Values: those, the owner."""
        marks = Marks(self._mapped.dialect)
        shape: Shape = (("$in", name, number),)
        ordered = "" if name == "id" else ' ORDER BY "createdAt", "id"'
        columns = ", ".join(map(quoted, names))
        return f"SELECT {columns} FROM {self._table}{self._where(shape, marks)}{ordered}"  # noqa: S608 - likewise

    def _update(self, names: tuple[str, ...], returned: tuple[str, ...]) -> str:
        """Set these columns, move `updatedAt`, and give back a row. Values: theirs, the time, the id, the owner."""
        marks = Marks(self._mapped.dialect)
        changes = [f"{quoted(name)} = {marks.next()}" for name in names]
        changes.append('"updatedAt" = ' + moved('"updatedAt"', marks.next(), self._mapped.dialect))
        return (
            f"UPDATE {self._table} SET {', '.join(changes)}{self._one(marks)}"  # noqa: S608 - names and marks
            f" RETURNING {', '.join(map(self._returned, returned))}"
        )

    def _returned(self, name: str) -> str:
        """A column as a SELECT would read it: SQLite gives back 5.0 as it keeps it, as 5."""
        numbers = self._numbers if self._mapped.dialect == "sqlite" else ()
        return f"{quoted(name)} + 0.0" if name in numbers else quoted(name)

    def _insert(self) -> str:
        """A row, whole. Values: those of the table's columns, in their order."""
        marks = Marks(self._mapped.dialect)
        names = list(self._mapped.attributes)
        columns, values = ", ".join(map(quoted, names)), ", ".join(marks.next() for _ in names)
        return f"INSERT INTO {self._table} ({columns}) VALUES ({values})"  # noqa: S608 - names and marks

    def _delete(self) -> str:
        """Values: the id, the owner (where there are owners). It gives back the id of what is gone."""
        return f'DELETE FROM {self._table}{self._one(Marks(self._mapped.dialect))} RETURNING "id"'  # noqa: S608

    def _one(self, marks: Marks) -> str:
        """The condition that leaves the owner's record of an id."""
        return " WHERE " + " AND ".join([f'"id" = {marks.next()}', *belonging(self._entity, marks)])

    def _where(self, shape: Shape, marks: Marks, *, counted: bool = False) -> str:
        every = [
            *conditions(self._mapped, self._entity, shape, marks, counted=counted),
            *belonging(self._entity, marks),
        ]
        return f" WHERE {' AND '.join(every)}" if every else ""
