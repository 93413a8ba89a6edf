"""Which parts of a record an answer carries: `fields` and `include` (L20, L21).

Names only. The store embeds the relations; `project` leaves out what was not asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entity_contract import Relation

Record = dict[str, Any]
"""A record in wire form: JSON-native, fields by name, embedded relations under theirs."""


@dataclass(frozen=True, slots=True)
class Projection:
    """The fields to show, None for all of them, and the relations to embed."""

    fields: tuple[str, ...] | None = None
    relations: tuple[Relation, ...] = ()


def project(record: Mapping[str, Any], projection: Projection) -> Record:
    """The record with exactly the fields asked for, `id`, and the embedded relations."""
    if projection.fields is None:
        return dict(record)
    shown = {"id", *projection.fields, *(relation.name for relation in projection.relations)}
    return {name: value for name, value in record.items() if name in shown}
