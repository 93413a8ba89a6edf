"""A question to which one record answers by what it was changed to, and by nothing that it was before. Pure.

An index, a cache or a copy that an UPDATE leaves behind shows there, whichever field it is about.
"""

from collections.abc import Iterator

from entity_contract import Field

from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.question import Condition
from entity_conformance.suite import sample
from entity_conformance.suite.questions.conditions import Designed, Subjects, design
from entity_conformance.suite.questions.filling import AT_MOST

_EQUAL = "$eq"
_TYPES = ("enum", "boolean", "integer", "number", "date", "string", "text")
"""Types whose values are equal or not, those with indexes first. Of datetimes some keep less than they print."""


def of_changed(of: Subjects, before: Record, now: Record) -> tuple[Designed, ...]:
    """Equality with each value that the record was given, foreign keys and enums first; nothing where there is none."""
    if _EQUAL not in {one.name for one in of.operators}:
        return ()
    return tuple(
        design(Condition(field.name, _EQUAL, now[field.name]), field, of) for field in _given(of, before, now)
    )[:AT_MOST]


def _given(of: Subjects, before: Record, now: Record) -> Iterator[Field]:
    keys = sample.foreign_keys(of.entity)
    fields = [field for field in of.fields() if field.type in _TYPES]
    for field in sorted(fields, key=lambda field: (field.name not in keys, _TYPES.index(field.type))):
        value = now[field.name]
        if value is not None and value != before.get(field.name) and len(str(value)) <= sample.SHORT:
            yield field
