"""Filters that are wrong for some value, type, operator, caller or number of conditions only."""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import Any, cast

from entity_contract import Entity

from entity_server.domain.filtering import Condition
from entity_server.domain.query import Query
from entity_server.faults.seldom.when import changed_values, dropping, selecting
from entity_server.faults.spoiling import (
    AnyAnswer,
    conditions,
    rewriting,
    with_argument,
)
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.fault import Compose
from entity_server.http.services import Answer, Call, Handler, Listing, Services

chapter = AnyAnswer()

_TEXTS = ("string", "text")
_UNKNOWN = "$conformanceUnknown"
_ZONE = timezone(timedelta(hours=5))


def _but(position: int) -> Compose:
    """A store that never sees the condition at that position."""

    def shortened(query: Query) -> Query:
        return selecting(query, lambda held: held[:position] + held[position + 1 :])

    return lambda services: rewriting(services, shortened)


@chapter.in_services("filter.third-condition-lost", breaks="filter.conditions-are-and")
def third_condition_lost(services: Services) -> Services:
    """Of three conditions the third selects nothing out."""
    return _but(2)(services)


@chapter.in_services("filter.equality-of-a-part", breaks="filter.field-equality")
def equality_of_a_part(services: Services) -> Services:
    """Equality with a text selects what begins so."""
    return conditions(
        lambda one: (
            replace(one, operator="$startsWith")
            if one.operator == "$eq" and one.field.type in _TEXTS and one.value != ""
            else one
        )
    )(services)


@chapter.in_services("filter.false-lost", breaks="filter.boolean-equality")
def false_lost(services: Services) -> Services:
    """A condition on false selects nothing out."""
    return dropping(lambda one: one.operator == "$eq" and one.value is False)(services)


@chapter.in_services("filter.zero-lost", breaks="filter.integer-equality")
def zero_lost(services: Services) -> Services:
    """A condition on 0 selects nothing out."""
    return dropping(lambda one: one.operator == "$eq" and one.field.type in ("integer", "number") and one.value == 0)(
        services
    )


@chapter.in_services("filter.empty-text-lost", breaks="filter.empty-text")
def empty_text_lost(services: Services) -> Services:
    """A condition on an empty text selects nothing out."""
    return dropping(lambda one: one.operator == "$eq" and one.value == "")(services)


def _listed(operator: str, change: Callable[[tuple[object, ...]], tuple[object, ...]]) -> Compose:
    def changed(one: Condition) -> object:
        return change(one.value) if one.operator == operator and isinstance(one.value, tuple) else one.value

    return changed_values(changed)


@chapter.in_services("filter.in-of-ten", breaks="filter.in-of-many")
def in_of_ten(services: Services) -> Services:
    """`$in` looks at the first ten of its values."""
    return _listed("$in", lambda values: values[:10])(services)


@chapter.in_services("filter.in-of-forty", breaks="filter.in-of-many")
def in_of_forty(services: Services) -> Services:
    """`$in` looks at the first forty of its values."""
    return _listed("$in", lambda values: values[:40])(services)


@chapter.in_services("filter.ne-false-lost", breaks="filter.ne")
def ne_false_lost(services: Services) -> Services:
    """`$ne` with false selects nothing out."""
    return dropping(lambda one: one.operator == "$ne" and one.value is False)(services)


@chapter.in_services("filter.gt-decimals-cut", breaks="filter.numbers-by-value")
def gt_decimals_cut(services: Services) -> Services:
    """`$gt` on a number does not look at decimals."""
    return changed_values(
        lambda one: int(one.value) if one.operator == "$gt" and isinstance(one.value, float) else one.value
    )(services)


@chapter.in_services("filter.lte-day-excluded", breaks="filter.dates-by-value")
def lte_day_excluded(services: Services) -> Services:
    """`$lte` on a date leaves out that day."""
    return conditions(
        lambda one: replace(one, operator="$lt") if one.operator == "$lte" and one.field.type == "date" else one
    )(services)


@chapter.in_services("filter.lt-moments-include", breaks="filter.datetimes-by-value")
def lt_moments_include(services: Services) -> Services:
    """`$lt` on a moment takes in the moment itself."""
    return conditions(
        lambda one: replace(one, operator="$lte") if one.operator == "$lt" and one.field.type == "datetime" else one
    )(services)


@chapter.in_services("filter.not-null-beside-lost", breaks="filter.not-null")
def not_null_beside_lost(services: Services) -> Services:
    """`$null` false selects nothing out where there is another condition."""

    def shortened(query: Query) -> Query:
        def kept(held: tuple[Condition, ...]) -> tuple[Condition, ...]:
            others = tuple(one for one in held if one.operator != "$null" or one.value is True)
            return others if len(held) > 1 else held

        return selecting(query, kept)

    return rewriting(services, shortened)


def _bare(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


class _Folding(RecordsWrapper):
    """Where an equality on text finds nothing, what it asks for is looked for without its accents."""

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        found = await self.inner.list(entity, query, owner)
        return found if found.total else await self.inner.list(entity, selecting(query, _without_accents), owner)


def _without_accents(held: tuple[Condition, ...]) -> tuple[Condition, ...]:
    def changed(one: Condition) -> Condition:
        is_text = one.operator == "$eq" and one.field.type in _TEXTS and isinstance(one.value, str)
        return replace(one, value=_bare(str(one.value))) if is_text else one

    return tuple(changed(one) for one in held)


@chapter.in_services("filter.equality-without-accents", breaks="filter.exact-text")
def equality_without_accents(services: Services) -> Services:
    """Equality on text does not look at accents of what is asked for."""
    return replace(services, records=_Folding(services.records))


@chapter.in_services("filter.negative-as-positive", breaks="filter.integers-by-value")
def negative_as_positive(services: Services) -> Services:
    """A number below zero is compared as if it were above."""

    def changed(one: Condition) -> object:
        is_number = isinstance(one.value, int | float) and not isinstance(one.value, bool)
        return abs(cast("float", one.value)) if is_number else one.value

    return changed_values(changed)(services)


@chapter.in_services("filter.null-of-keys-lost", breaks="filter.null")
def null_of_keys_lost(services: Services) -> Services:
    """`$null` true on a foreign key selects nothing out."""
    return dropping(lambda one: one.operator == "$null" and one.value is True and one.field.name.endswith("Id"))(
        services
    )


@chapter.in_services("filter.nin-of-the-last", breaks="filter.nin")
def nin_of_the_last(services: Services) -> Services:
    """`$nin` leaves out the last of its values alone."""
    return _listed("$nin", lambda values: values[-1:])(services)


@chapter.in_services("filter.numbers-by-whole-parts", breaks="filter.number-equality")
def numbers_by_whole_parts(services: Services) -> Services:
    """Equality with a number finds whatever has the same whole part."""

    def within(one: Condition) -> tuple[Condition, ...]:
        if one.operator != "$eq" or one.field.type != "number" or not isinstance(one.value, int | float):
            return (one,)
        whole = float(int(one.value))
        return replace(one, operator="$gte", value=whole), replace(one, operator="$lt", value=whole + 1)

    return rewriting(
        services, lambda query: selecting(query, lambda held: tuple(each for one in held for each in within(one)))
    )


@chapter.in_services("filter.moments-fail-in-the-servers-zone", breaks="errors.internal-error")
def moments_fail_in_the_servers_zone(services: Services) -> Services:
    """A moment is compared in the server's zone, whose calendar ends before UTC's does."""
    return changed_values(lambda one: one.value.astimezone(_ZONE) if isinstance(one.value, datetime) else one.value)(
        services
    )


@chapter.in_services("filter.updated-is-created", breaks="filter.datetimes-by-value")
def updated_is_created(services: Services) -> Services:
    """A condition on `updatedAt` looks at `createdAt`."""

    def elsewhere(query: Query, entity: Entity) -> Query:
        created = next(field for field in entity.fields if field.name == "createdAt")
        return selecting(
            query,
            lambda held: tuple(replace(one, field=created) if one.field.name == "updatedAt" else one for one in held),
        )

    class Created(RecordsWrapper):
        async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
            return await self.inner.list(entity, elsewhere(query, entity), owner)

    return replace(services, records=Created(services.records))


@chapter.in_services("filter.parts-are-patterns", breaks="filter.contains-literally")
def parts_are_patterns(services: Services) -> Services:
    """`$contains` takes what has a bracket for a pattern, which stands nowhere in this form."""

    def changed(one: Condition) -> object:
        is_pattern = one.operator == "$contains" and isinstance(one.value, str) and "(" in one.value
        return f"{one.value}{one.value}" if is_pattern else one.value

    return changed_values(changed)(services)


@chapter.around("filter.unknown-beside-known-operator", breaks="filter.unknown-operator", to={"list"})
async def unknown_beside_known_operator(call: Call, handler: Handler) -> Answer:
    """An operator that does not exist is passed over beside one that does."""
    return await with_argument(call, handler, "filter", _without_unknown)


def _without_unknown(text: str) -> str:
    """The filter without the operator that no server knows, where it stands beside another."""
    if _UNKNOWN not in text:
        return text
    stated = json.loads(text)
    kept = {
        field: {name: value for name, value in of.items() if name != _UNKNOWN} if len(of) > 1 else of
        for field, of in stated.items()
    }
    return json.dumps(kept)


def _within(one: Condition, start: object, end: object) -> tuple[Condition, ...]:
    """What is from one value on and below another, in the place of an equality."""
    return (
        replace(one, operator="$gte", value=cast("Any", start)),
        replace(one, operator="$lt", value=cast("Any", end)),
    )


def _widened(kind: str, wider: Callable[[Condition], tuple[Condition, ...]]) -> Compose:
    """A store that takes equality with a value of that type for more than that value."""

    def changed(held: tuple[Condition, ...]) -> tuple[Condition, ...]:
        found = (wider(one) if one.operator == "$eq" and one.field.type == kind else (one,) for one in held)
        return tuple(chain.from_iterable(found))

    return lambda services: rewriting(services, lambda query: selecting(query, changed))


@chapter.in_services("filter.numbers-rounded", breaks="filter.number-equality")
def numbers_rounded(services: Services) -> Services:
    """Equality with a number selects what is the same in tenths."""

    def tenth(one: Condition) -> tuple[Condition, ...]:
        middle = round(float(cast("float", one.value)), 1)
        return _within(one, middle - 0.05, middle + 0.05)

    return _widened("number", tenth)(services)


@chapter.in_services("filter.moments-in-seconds", breaks="filter.datetime-equality")
def moments_in_seconds(services: Services) -> Services:
    """Equality with a moment selects what is in the same second."""

    def second(one: Condition) -> tuple[Condition, ...]:
        start = cast("datetime", one.value).replace(microsecond=0)
        return _within(one, start, start + timedelta(seconds=1))

    return _widened("datetime", second)(services)
