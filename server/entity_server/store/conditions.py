"""From a selection and an order to what Tortoise's query sets take.

The database's side of the query language, and nothing but that: nulls, folded text, enums in declared order
(L11-L17). A null is equal to no value: Tortoise's `not` and `not_in` say so already.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, assert_never

from entity_contract import Entity, Field
from pypika_tortoise.terms import Case, Term, ValueWrapper
from tortoise.expressions import Q

from entity_server.domain.filtering import Condition
from entity_server.domain.ordering import Ordering
from entity_server.domain.selection import Selection
from entity_server.domain.text import folded
from entity_server.domain.values import Value
from entity_server.store.columns import Dialect
from entity_server.store.database import Mapped
from entity_server.store.tables import OWNER, folded_name, folds

_ALWAYS_SET = frozenset({"id", "createdAt", "updatedAt"})


def belonging(mapped: Mapped, entity: Entity, owner: str) -> dict[str, Any]:
    """The filter that leaves the owner's records; records of nobody are everybody's to see (R19)."""
    return {mapped.attributes[OWNER.name]: owner} if entity.owned else {}


def selected(mapped: Mapped, entity: Entity, selection: Selection) -> list[Q]:
    """The conditions of a selection, all of which hold."""
    return [
        *(_condition(mapped, condition) for condition in selection.conditions),
        *(_somewhere(mapped, entity, word) for word in selection.words),
        *_created(mapped, "gte", selection.created_from),
        *_created(mapped, "lte", selection.created_until),
    ]


def ordered(mapped: Mapped, ordering: Ordering | None, dialect: Dialect) -> tuple[dict[str, Term], list[str]]:
    """Annotations, and the names to order by; ties end with ascending id (L8)."""
    by_id = mapped.attributes["id"]
    if ordering is None:
        return {}, [f"-{mapped.attributes['createdAt']}", by_id]
    field, way = ordering.field, "-" if ordering.descending else ""
    annotations: dict[str, Term] = {}
    names: list[str] = []
    column = mapped.model._meta.basetable[field.name]  # noqa: SLF001 - the table that annotations refer to
    if dialect == "sqlite" and field.name not in _ALWAYS_SET:
        # L12: nulls last in ascending order, first in descending. PostgreSQL does that by itself.
        annotations["nulls"] = column.isnull()
        names.append(f"{way}nulls")
    if field.type == "enum":
        annotations["rank"] = _rank(field, column)
        names.append(f"{way}rank")
    else:
        names.append(way + mapped.attributes[field.name])
    return annotations, names if field.name == "id" else [*names, by_id]


def _rank(field: Field, column: Term) -> Case:
    rank = Case()
    for number, value in enumerate(field.values):
        rank = rank.when(column == value, ValueWrapper(number, allow_parametrize=False))
    return rank


def _condition(mapped: Mapped, condition: Condition) -> Q:  # noqa: PLR0911 - one for each operator
    name = condition.field.name
    value: Any = condition.value  # as the operator has it: see Condition
    attribute = mapped.attributes[name]
    match condition.operator:
        case "$eq":
            return Q(**{attribute: mapped.encoded(name, value)})
        case "$ne":
            return Q(**{f"{attribute}__not": mapped.encoded(name, value)})
        case "$gt" | "$gte" | "$lt" | "$lte" as operator:
            return Q(**{f"{attribute}__{operator[1:]}": mapped.encoded(name, value)})
        case "$in":
            return Q(**{f"{attribute}__in": _all_encoded(mapped, name, value)})
        case "$nin":
            return Q(**{f"{attribute}__not_in": _all_encoded(mapped, name, value)})
        case "$contains" | "$startsWith" | "$endsWith" as operator:
            return _matching(mapped, condition.field, operator[1:].lower(), folded(value))
        case "$null":
            return Q(**{f"{attribute}__isnull": value})
        case _:
            assert_never(condition.operator)


def _all_encoded(mapped: Mapped, name: str, values: tuple[Value, ...]) -> Any:  # noqa: ANN401 - what the driver takes
    return [mapped.encoded(name, value) for value in values]


def _matching(mapped: Mapped, field: Field, how: str, text: str) -> Q:
    match = Q(**{f"{mapped.attributes[folded_name(field.name)]}__{how}": text})
    if not field.nullable:
        return match
    # A foreign key that its parent's deletion has set to null leaves its folded twin behind.
    there: Any = {f"{mapped.attributes[field.name]}__isnull": False}
    return Q(match, Q(**there))


def _somewhere(mapped: Mapped, entity: Entity, word: str) -> Q:
    """The word occurs in at least one searchable field (L18); in an entity without any it occurs nowhere."""
    fields = filter(None, map(entity.field, entity.searchable))
    places = [_matching(mapped, field, "contains", word) for field in fields if folds(field)]
    nowhere: Any = {f"{mapped.attributes['id']}__in": []}
    return Q(*places, join_type=Q.OR) if places else Q(**nowhere)


def _created(mapped: Mapped, how: str, border: datetime | None) -> Iterator[Q]:
    if border is not None:
        yield Q(**{f"{mapped.attributes['createdAt']}__{how}": mapped.encoded("createdAt", border)})
