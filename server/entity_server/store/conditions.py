"""From a selection and an order to SQL: the query language as the database has it.

Text and values go apart. What a list asks for has a shape (operators, fields, how many values), from which its text is
written, once; the values of one request fill it in. Nulls, folded text and enums in declared order are here (L11-L17),
and nothing but that.
"""

from collections.abc import Iterator, Sequence
from typing import Any, assert_never, cast

from entity_contract import Entity, Field

from entity_server.domain.filtering import Condition
from entity_server.domain.selection import Selection
from entity_server.domain.text import folded
from entity_server.store.columns import Dialect
from entity_server.store.database import Mapped, Marks
from entity_server.store.tables import OWNER, always_set, folded_name, folds, long, quoted, rank, start

Shape = tuple[tuple[str, str, int], ...]
"""The conditions of a selection without their values: an operator, a field's name, and how many values."""

_COMPARISONS = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<=", "from": ">=", "until": "<="}
_SQLITE_MATCHES = {
    "$contains": "instr({column}, {mark}) > 0",
    "$startsWith": "substr({column}, 1, length({mark})) = {mark}",
    "$endsWith": "substr({column}, length({column}) - length({mark}) + 1) = {mark}",
}
_BEFORE, _AFTER = {"$contains": "%", "$endsWith": "%"}, {"$contains": "%", "$startsWith": "%"}  # of a pattern


def shape_of(entity: Entity, selection: Selection) -> Shape:
    """The shape of a selection."""
    if not (selection.conditions or selection.words or selection.created_from or selection.created_until):
        return ()
    shape: list[tuple[str, str, int]] = [
        (condition.operator, condition.field.name, _number(condition)) for condition in selection.conditions
    ]
    if selection.words:
        shape.append(("words", "", len(selection.words)) if searched(entity) else ("nowhere", "", 0))
    if selection.created_from is not None:
        shape.append(("from", "createdAt", 1))
    if selection.created_until is not None:
        shape.append(("until", "createdAt", 1))
    return tuple(shape)


def values_of(mapped: Mapped, entity: Entity, selection: Selection) -> list[Any]:
    """The values of a selection, in the order in which `conditions` has its marks."""
    values: list[Any] = []
    for condition in selection.conditions:
        values += _values(mapped, condition)
    if selection.words and searched(entity):
        values += [_needle(mapped.dialect, "$contains", word) for word in selection.words]
    borders = (selection.created_from, selection.created_until)
    return values + [mapped.encoded("createdAt", border) for border in borders if border is not None]


def conditions(mapped: Mapped, entity: Entity, shape: Shape, marks: Marks, *, counted: bool = False) -> list[str]:
    """The SQL of a shape: all of these hold.

    Where rows are counted, an enum is compared by its place in declared order, which the index for sorting has. A page
    is found sooner in its own order.
    """
    written = []
    for operator, name, number in shape:
        match operator:
            case "words":
                written += [_somewhere(mapped, entity, marks.next()) for _ in range(number)]
            case "nowhere":
                written.append("FALSE")
            case _:
                field = entity.field(name)
                assert field is not None
                if counted and operator in ("$eq", "$in") and field.type == "enum" and name in entity.sortable:
                    places = ", ".join(rank(field, marks.next()) for _ in range(number))
                    written.append(f"{rank(field)} IN ({places})")
                    continue
                written.append(_condition(mapped, field, operator, number, marks))
    return written


def belonging(entity: Entity, marks: Marks) -> list[str]:
    """The condition that leaves the owner's records; records of nobody are everybody's to see (R19)."""
    return [f"{quoted(OWNER.name)} = {marks.next()}"] if entity.owned else []


def order(entity: Entity, field: Field | None, dialect: Dialect, *, descending: bool) -> str:
    """What to order by: a field, or the default order where it is None; ties end with ascending id (L7, L8)."""
    if field is None:
        return '"createdAt" DESC, "id"'
    key = rank(field) if field.type == "enum" else quoted(field.name)
    way = " DESC" if descending else ""
    nulls = ""
    if dialect == "sqlite" and not always_set(field):
        # L12: nulls last in ascending order, first in descending. PostgreSQL does that by itself.
        nulls = " NULLS FIRST" if descending else " NULLS LAST"
    if dialect == "postgres" and long(entity, field):
        key = f"{start(field.name)}{way}, {key}"  # the index has the first characters; it sorts those alike by the rest
    return f"{key}{way}{nulls}" if field.name == "id" else f'{key}{way}{nulls}, "id"'


def searched(entity: Entity) -> list[Field]:
    """The fields that a search looks into."""
    return [field for field in filter(None, map(entity.field, entity.searchable)) if folds(field)]


def _number(condition: Condition) -> int:
    value = condition.value
    return len(value) if isinstance(value, tuple) else int(cast("bool", value)) if condition.operator == "$null" else 1


def _values(mapped: Mapped, condition: Condition) -> Sequence[Any]:
    name, value = condition.field.name, condition.value
    match condition.operator:
        case "$null":
            return ()
        case "$in" | "$nin":
            return [mapped.encoded(name, one) for one in cast("tuple[Any, ...]", value)]
        case "$contains" | "$startsWith" | "$endsWith" as operator:
            return (_needle(mapped.dialect, operator, folded(cast("str", value))),)
        case "$eq" | "$ne" | "$gt" | "$gte" | "$lt" | "$lte":
            return (mapped.encoded(name, value),)
        case _:
            assert_never(condition.operator)


def _condition(mapped: Mapped, field: Field, operator: str, number: int, marks: Marks) -> str:  # noqa: PLR0911 - one for each operator
    column = quoted(field.name)
    # A null is not equal to any value: rows with null match (L17).
    or_null = "" if always_set(field) else f" OR {column} IS NULL"
    match operator:
        case "$eq":
            return f"{column} = {marks.next()}"
        case "$ne":
            return f"({column} <> {marks.next()}{or_null})"
        case "$in":
            return f"{column} IN ({_several(marks, number)})"
        case "$nin":
            return f"({column} NOT IN ({_several(marks, number)}){or_null})"
        case "$null":
            return f"{column} IS {'NULL' if number else 'NOT NULL'}"
        case "$contains" | "$startsWith" | "$endsWith":
            return _matching(mapped, field, operator, marks.next())
        case _:
            return f"{column} {_COMPARISONS[operator]} {marks.next()}"


def _several(marks: Marks, number: int) -> str:
    return ", ".join(marks.next() for _ in range(number))


def _needle(dialect: Dialect, operator: str, text: str) -> str:
    """What is looked for, as `_matching` wants it: itself for SQLite, a pattern that is literal for PostgreSQL."""
    if dialect == "sqlite":
        return text
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{_BEFORE.get(operator, '')}{literal}{_AFTER.get(operator, '')}"


def _matching(mapped: Mapped, field: Field, operator: str, mark: str) -> str:
    column = quoted(folded_name(field.name))
    # SQLite's LIKE takes U+FFFD to U+FFFF for one character, and half as long again as instr().
    if mapped.dialect == "sqlite":
        found = _SQLITE_MATCHES[operator].format(column=column, mark=mark)
    else:
        found = f"{column} LIKE {mark} ESCAPE '\\'"
    if any(key.column == field.name and not key.cascade for key in mapped.table.foreign_keys):
        # A foreign key that its parent's deletion has set to null leaves its folded twin behind.
        return f"({found} AND {quoted(field.name)} IS NOT NULL)"
    return found


def _somewhere(mapped: Mapped, entity: Entity, mark: str) -> str:
    """The word occurs in at least one searchable field (L18)."""
    return f"({' OR '.join(_places(mapped, entity, mark))})"


def _places(mapped: Mapped, entity: Entity, mark: str) -> Iterator[str]:
    for field in searched(entity):
        yield _matching(mapped, field, "$contains", mark)
