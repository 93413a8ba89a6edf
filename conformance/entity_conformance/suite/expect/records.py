"""Verbs over records: which ones, in which order, holding what.

Records are told apart by `id`. A list on a shared deployment may hold other people's records, so that a check compares
either a list that it restricted to its own, or asks only whether its own are in it.
"""

from collections.abc import Iterable, Mapping, Sequence

from entity_contract import Entity

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record
from entity_conformance.suite.expect.times import same_instant
from entity_conformance.suite.expect.values import different, equal, mapping, shown, text, violation


def ids(records: Iterable[object], *, at: str = "data") -> list[str]:
    """The ids of some records, in their order; each record is an object and has one."""
    return [text(mapping(record, at=at).get("id"), at=f"{at}[].id") for record in records]


def exactly(records: Sequence[object], expected: Iterable[Record], *, at: str = "data") -> None:
    """These records and no others, each once, in any order."""
    found, wanted = sorted(ids(records, at=at)), sorted(ids(expected))
    if found != wanted:
        if set(found) == set(wanted):
            no_duplicates(records, at=at)
        which = "more" if set(found) > set(wanted) else "fewer" if set(found) < set(wanted) else "other"
        raise violation(f"{at} holds {which} records", expected=shown(wanted), found=found, of=records)


def in_order(records: Sequence[object], expected: Iterable[Record], *, at: str = "data") -> None:
    """These records and no others, in this order."""
    found, wanted = ids(records, at=at), ids(expected)
    if found != wanted:
        raise violation(f"{at} is in another order", expected=shown(wanted), found=found, of=records)


def includes(records: Sequence[object], *expected: Record, at: str = "data") -> None:
    """All of these records are among them."""
    missing = set(ids(expected)) - set(ids(records, at=at))
    if missing:
        raise violation(
            f"{at} lacks a record", expected=shown(sorted(missing)), found=records, told=f"{len(records)} others"
        )


def excludes(records: Sequence[object], *unexpected: Record, at: str = "data") -> None:
    """None of these records is among them."""
    found = set(ids(unexpected)) & set(ids(records, at=at))
    if found:
        raise violation(
            f"{at} holds a record that it must not", expected="none of them", found=sorted(found), of=records
        )


def no_duplicates(records: Sequence[object], *, at: str = "data") -> None:
    """No record twice."""
    found = ids(records, at=at)
    twice = sorted({one for one in found if found.count(one) > 1})
    if twice:
        raise violation(f"{at} holds a record twice", expected="each record once", found=twice, of=records)


def holds(record: Record, body: Mapping[str, object], entity: Entity, *, at: str = "data") -> None:
    """The record has the body's values: text character for character, times as moments, numbers as numbers.

    A member that is no field of the entity (`etag`) may do as it likes, and one that only the server sets (`slug`).
    """
    for name, value in body.items():
        field = entity.field(name) if name not in entity.computed else None
        if field is not None and field.type == "datetime" and value is not None:
            same_instant(record.get(name), value, at=f"{at}.{name}", of=record)
        elif field is not None:
            equal(record.get(name), value, at=f"{at}.{name}", of=record)


def not_written(record: Record, body: Mapping[str, object], *, at: str) -> None:
    """The record holds nothing of what a body that was refused had in it."""
    for name, value in body.items():
        different(record.get(name), value, at=f"{name} of {at}")


def is_held(record: Record, body: Mapping[str, object], entity: Entity) -> bool:
    """Whether the record has the body's values, as `holds` demands."""
    try:
        holds(record, body, entity)
    except Violation:
        return False
    return True


def holds_one_of(record: Record, field: str, allowed: Sequence[object], entity: Entity, *, at: str = "data") -> None:
    """The record's field has one of the values, as `holds` demands."""
    if not any(is_held(record, {field: one}, entity) for one in allowed):
        wanted = f"one of {', '.join(shown(one) for one in allowed)}"
        told = f"{at}.{field} is none of the allowed values"
        raise violation(told, expected=wanted, found=record.get(field), of=record)


def names(record: Iterable[str], expected: Iterable[str], *, at: str = "data", of: object = None) -> None:
    """The record has exactly these members. `of` is the object that they are names of, where `record` is not."""
    wanted = sorted(expected)
    if sorted(record) != wanted:
        raise violation(f"{at} has other fields", expected=shown(wanted), found=sorted(record), of=of or record)


def fields(record: Record, expected: Iterable[str], entity: Entity, *, at: str = "data") -> None:
    """Of the entity's fields and relations, the record has exactly these; it may have members that are neither."""
    wanted = set(expected)
    known = {field.name for field in entity.fields} | {relation.name for relation in entity.relations} | wanted
    names([name for name in record if name in known], wanted, at=at, of=record)


def has(record: Record, fields: Iterable[str], *, at: str = "data") -> None:
    """The record has at least these members."""
    missing = [name for name in fields if name not in record]
    if missing:
        raise violation(f"{at} lacks a field", expected=shown(missing), found=sorted(record), of=record)


def nulls(record: Record, fields: Iterable[str], *, at: str = "data") -> None:
    """The record has these members, and they hold nothing."""
    for name in fields:
        equal(record.get(name, "no such field"), None, at=f"{at}.{name}", of=record)


def by_id(records: Iterable[Record], wanted: str, *, at: str = "data") -> Record:
    """The one record among them with that id."""
    found = [record for record in records if record.get("id") == wanted]
    if len(found) != 1:
        raise violation(
            f"{at} does not hold {wanted} once",
            expected="one record",
            found=list(records),
            told=f"{len(found)} records",
        )
    return found[0]
