"""Which parts of a record an answer carries: `fields` and `include` (L20, L21).

Names only. The store embeds the relations; `projected` leaves out what was not asked for.
"""

from collections.abc import Sequence
from typing import Any

from entity_contract import Relation

from entity_server.domain.per_request import per_request

Record = dict[str, Any]
"""A record in wire form: JSON-native, fields by name, embedded relations under theirs."""


@per_request(frozen=True, slots=True)
class Projection:
    """The fields to show, None for all of them, and the relations to embed."""

    fields: tuple[str, ...] | None = None
    relations: tuple[Relation, ...] = ()


def projected(records: Sequence[Record], projection: Projection) -> list[Record]:
    """The records with exactly the fields asked for, `id`, and the embedded relations.

    Where all fields are wanted these are the records themselves: a store hands them out for one answer.
    """
    if projection.fields is None:
        return list(records)
    shown = {"id", *projection.fields, *(relation.name for relation in projection.relations)}
    return [{name: value for name, value in record.items() if name in shown} for record in records]
