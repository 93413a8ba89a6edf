"""Records whose fields stand in a member of theirs: in `attributes` as JSON:API has it, `fields`, `_source`. Pure.

Which member it is, the first records of an entity tell: it holds each field that a record of it must have, and the
record itself has none of them. So a field of the deployment's own that is an object is never taken for one.
"""

from collections.abc import Mapping, Sequence

from entity_contract import GENERATED, Entity

from entity_conformance.deployment.reply import Record


def holder(entity: Entity, records: Sequence[Record]) -> str | None:
    """The member in which all of these records have their fields; None where the fields are their own members."""
    needed = {one.name for one in entity.fields if one.required and not one.generated} or {
        one.name for one in entity.fields if one.generated and one.name not in GENERATED
    }
    related = {one.name for one in entity.relations}
    names = [
        name
        for name, value in (records[0] if records else {}).items()
        if isinstance(value, Mapping) and name not in related and entity.field(name) is None
    ]
    for name in names if needed else ():
        held = [one.get(name) for one in records]
        is_there = all(isinstance(one, Mapping) and needed <= one.keys() for one in held)
        if is_there and not any(needed & one.keys() for one in records):
            return name
    return None


def emptied(record: Record, name: str) -> Record:
    """The record with the members of its holder as its own, beside what it has itself."""
    held = record.get(name)
    if not isinstance(held, dict):
        return record
    return {**held, **{own: value for own, value in record.items() if own != name}}
