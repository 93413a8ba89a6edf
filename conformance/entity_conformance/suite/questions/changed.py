"""A question to which one record answers by what it was changed to, and by nothing that it was before. Pure.

An index, a cache or a copy that an UPDATE leaves behind shows there, whichever field it is about.
"""

from collections.abc import Iterator

from entity_contract import Field

from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.question import Condition
from entity_conformance.oracle.times import instant, printed_unit, stamp
from entity_conformance.suite import sample
from entity_conformance.suite.questions.conditions import Designed, Subjects, design
from entity_conformance.suite.questions.filling import AT_MOST

_EQUAL, _SINCE = "$eq", "$gte"
_UNITS_APART = 4
"""Printed units between two moments, so that one between them is neither, however they are rounded."""
_TYPES = ("enum", "boolean", "integer", "number", "date", "string", "text")
"""Types whose values are equal or not, those with indexes first. Of datetimes some keep less than they print."""


def of_changed(of: Subjects, before: Record, now: Record) -> tuple[Designed, ...]:
    """Equality with each value that the record was given, foreign keys and enums first; nothing where there is none.

    When it was changed stands beside them: a filter that looks at when it was created finds nothing.
    """
    operators = {one.name for one in of.operators}
    if _EQUAL not in operators:
        return ()
    changed = [(field, Condition(field.name, _EQUAL, now[field.name])) for field in _given(of, before, now)]
    since = [*_since(now)] if changed and _SINCE in operators else []
    updated = of.entity.field("updatedAt")
    times = [(updated, Condition("updatedAt", _SINCE, one)) for one in since if updated and updated.type == "datetime"]
    return tuple(design(condition, field, of) for field, condition in (*times, *changed))[:AT_MOST]


def _since(now: Record) -> Iterator[str]:
    """A moment after the creation that the record shows and before its change, where they are apart enough to tell."""
    created, updated = (stamp(now.get(name)) for name in ("createdAt", "updatedAt"))
    if created is not None and updated is not None:
        apart, unit = instant(updated) - instant(created), printed_unit(str(now["updatedAt"]))
        if apart > _UNITS_APART * unit:
            yield (instant(created) + apart / 2).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _given(of: Subjects, before: Record, now: Record) -> Iterator[Field]:
    keys = sample.foreign_keys(of.entity)
    fields = [field for field in of.fields() if field.type in _TYPES]
    for field in sorted(fields, key=lambda field: (field.name not in keys, _TYPES.index(field.type))):
        value = now[field.name]
        if value is not None and value != before.get(field.name) and len(str(value)) <= sample.SHORT:
            yield field
