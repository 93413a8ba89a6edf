"""The order of a list: `sort` and `order` (L7-L13).

Charter: says which field and which way; how values of a field compare is the store's to do, as stated here: enums in
declared order, text by code point, nulls last in ascending order and first in descending, ties by ascending id.
"""

from dataclasses import dataclass

from entity_contract import Entity, Field

from entity_server.domain.arguments import Arguments
from entity_server.domain.problems import InvalidSort


@dataclass(frozen=True, slots=True)
class Ordering:
    """The field to sort by, and the way."""

    field: Field
    descending: bool


def parse_ordering(entity: Entity, arguments: Arguments) -> Ordering | None:
    """The order asked for, None for the default order. Without `sort`, a valid `order` is ignored (L10)."""
    order = _single(arguments, "order")
    if order not in (None, "asc", "desc"):
        raise InvalidSort(details={"order": "Must be one of: asc, desc"})
    name = _single(arguments, "sort")
    if name is None:
        return None
    field = entity.field(name) if name in entity.sortable else None
    if field is None:
        raise InvalidSort(details={"sort": f"Must be one of: {', '.join(entity.sortable)}"})
    return Ordering(field, descending=order == "desc")


def _single(arguments: Arguments, name: str) -> str | None:
    values = arguments.get(name, ())
    if len(values) > 1:
        raise InvalidSort(details={name: "Must be given once"})
    return values[0] if values else None
