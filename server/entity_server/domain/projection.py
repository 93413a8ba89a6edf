"""Which parts of a record an answer carries: `fields` and `include` (L20, L21).

Charter: names only. The store embeds the relations; `project` leaves out what was not asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entity_contract import Entity, Relation

from entity_server.domain.arguments import Arguments, comma_list
from entity_server.domain.problems import ValidationFailed

Record = dict[str, Any]
"""A record in wire form: JSON-native, fields by name, embedded relations under theirs."""


@dataclass(frozen=True, slots=True)
class Projection:
    """The fields to show, None for all of them, and the relations to embed."""

    fields: tuple[str, ...] | None = None
    relations: tuple[Relation, ...] = ()


def parse_projection(entity: Entity, arguments: Arguments) -> Projection:
    """The projection asked for. Raises one ValidationFailed that names `fields`, `include` or both."""
    details: dict[str, str] = {}
    fields = comma_list(arguments, "fields")
    if any(entity.field(name) is None for name in fields):
        details["fields"] = f"Must name fields of {entity.name}: {', '.join(field.name for field in entity.fields)}"
    relations = tuple(entity.relation(name) for name in comma_list(arguments, "include"))
    known = tuple(relation for relation in relations if relation is not None)
    if len(known) < len(relations):
        names = ", ".join(relation.name for relation in entity.relations) or "none"
        details["include"] = f"Must name relations of {entity.name}: {names}"
    if details:
        raise ValidationFailed(details=details)
    return Projection(fields=fields or None, relations=known)


def project(record: Mapping[str, Any], projection: Projection) -> Record:
    """The record with exactly the fields asked for, `id`, and the embedded relations."""
    if projection.fields is None:
        return dict(record)
    shown = {"id", *projection.fields, *(relation.name for relation in projection.relations)}
    return {name: value for name, value in record.items() if name in shown}
