"""Faults of `filter`.

It is long because `filter` has the most requirements, and each has a fault at least; a fault stands on no other.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from entity_server.domain.filtering import Condition, OperatorName
from entity_server.domain.problems import InvalidFilter
from entity_server.domain.query import Query
from entity_server.domain.sentences import Sentence
from entity_server.faults.seldom.when import selecting
from entity_server.faults.spoiling import (
    AnyAnswer,
    conditions,
    empty_page,
    is_400,
    narrowed,
    rewriting,
    says,
    with_argument,
    without,
)
from entity_server.http.fault import Compose
from entity_server.http.services import Answer, Call, Handler, Services

chapter = AnyAnswer()

LISTS = frozenset({"list"})
_ENDS: tuple[OperatorName, ...] = ("$startsWith", "$endsWith")


def _of_types(*types: str) -> Compose:
    """Equality with a value of these types selects nothing out."""
    return conditions(lambda one: None if one.field.type in types and one.operator == "$eq" else one)


def _operators(**instead: OperatorName | None) -> Compose:
    """One operator works like another, or like none."""
    by_name = {f"${name.rstrip('_')}": operator for name, operator in instead.items()}

    def changed(one: Condition) -> Condition | None:
        if one.operator not in by_name:
            return one
        operator = by_name[one.operator]
        return None if operator is None else replace(one, operator=operator)

    return conditions(changed)


def _ignored(operator: OperatorName, concerned: Callable[[Condition], bool]) -> Compose:
    """An operator selects nothing out where that is so of its condition."""
    return conditions(lambda one: None if one.operator == operator and concerned(one) else one)


@chapter.in_services("filter.ignored", breaks="filter.field-equality")
def ignored(services: Services) -> Services:
    """`filter` is checked, and then selects nothing out."""
    return conditions(lambda _: None)(services)


@chapter.in_services("filter.first-condition-alone", breaks="filter.conditions-are-and")
def first_condition_alone(services: Services) -> Services:
    """Only the first condition of a filter counts."""

    def first(query: Query) -> Query:
        return replace(query, selection=replace(query.selection, conditions=query.selection.conditions[:1]))

    return rewriting(services, first)


@chapter.in_services("filter.enums-ignored", breaks="filter.enum-equality")
def enums_ignored(services: Services) -> Services:
    """A condition on an enum selects nothing out."""
    return _of_types("enum")(services)


@chapter.in_services("filter.integers-ignored", breaks="filter.integer-equality")
def integers_ignored(services: Services) -> Services:
    """A condition on an integer selects nothing out."""
    return _of_types("integer")(services)


@chapter.in_services("filter.numbers-ignored", breaks="filter.number-equality")
def numbers_ignored(services: Services) -> Services:
    """A condition on a number selects nothing out."""
    return _of_types("number")(services)


@chapter.in_services("filter.booleans-ignored", breaks="filter.boolean-equality")
def booleans_ignored(services: Services) -> Services:
    """A condition on a boolean selects nothing out."""
    return _of_types("boolean")(services)


@chapter.in_services("filter.dates-ignored", breaks="filter.date-equality")
def dates_ignored(services: Services) -> Services:
    """A condition on a date selects nothing out."""
    return _of_types("date")(services)


@chapter.in_services("filter.datetimes-ignored", breaks="filter.datetime-equality")
def datetimes_ignored(services: Services) -> Services:
    """A condition on a date-time selects nothing out."""
    return _of_types("datetime")(services)


@chapter.in_services("filter.foreign-keys-ignored", breaks="filter.foreign-key-equality")
def foreign_keys_ignored(services: Services) -> Services:
    """A condition on a foreign key selects nothing out."""
    return conditions(lambda one: None if one.field.name.endswith("Id") else one)(services)


@chapter.around("filter.eq-means-ne", breaks="filter.eq", to=LISTS)
async def eq_means_ne(call: Call, handler: Handler) -> Answer:
    """`$eq` selects what differs."""
    return await with_argument(call, handler, "filter", lambda text: text.replace('"$eq"', '"$ne"'))


@chapter.in_services("filter.ne-means-eq", breaks="filter.ne")
def ne_means_eq(services: Services) -> Services:
    """`$ne` selects what is equal."""
    return _operators(ne="$eq")(services)


@chapter.in_services("filter.gt-includes", breaks="filter.gt")
def gt_includes(services: Services) -> Services:
    """`$gt` takes in the value itself."""
    return _operators(gt="$gte")(services)


@chapter.in_services("filter.gte-excludes", breaks="filter.gte")
def gte_excludes(services: Services) -> Services:
    """`$gte` leaves out the value itself."""
    return _operators(gte="$gt")(services)


@chapter.in_services("filter.lt-includes", breaks="filter.lt")
def lt_includes(services: Services) -> Services:
    """`$lt` takes in the value itself."""
    return _operators(lt="$lte")(services)


@chapter.in_services("filter.lte-excludes", breaks="filter.lte")
def lte_excludes(services: Services) -> Services:
    """`$lte` leaves out the value itself."""
    return _operators(lte="$lt")(services)


@chapter.in_services("filter.in-takes-one", breaks="filter.in")
def in_takes_one(services: Services) -> Services:
    """`$in` looks at the first of its values only."""
    return conditions(_first_value("$in"))(services)


@chapter.in_services("filter.nin-takes-one", breaks="filter.nin")
def nin_takes_one(services: Services) -> Services:
    """`$nin` looks at the first of its values only."""
    return conditions(_first_value("$nin"))(services)


@chapter.in_services("filter.in-takes-ten", breaks="filter.in-of-many")
def in_takes_ten(services: Services) -> Services:
    """`$in` looks at the first ten of its values only."""

    def changed(one: Condition) -> Condition:
        return replace(one, value=one.value[:10]) if one.operator == "$in" and isinstance(one.value, tuple) else one

    return conditions(changed)(services)


@chapter.in_services("filter.fourth-condition-lost", breaks="filter.several-conditions")
def fourth_condition_lost(services: Services) -> Services:
    """A filter has three conditions at most; what comes after them is lost."""

    def first(query: Query) -> Query:
        return replace(query, selection=replace(query.selection, conditions=query.selection.conditions[:3]))

    return rewriting(services, first)


@chapter.in_services("filter.empty-text-ignored", breaks="filter.empty-text")
def empty_text_ignored(services: Services) -> Services:
    """A condition on the empty text selects nothing out."""
    return conditions(lambda one: None if one.value == "" and one.operator == "$eq" else one)(services)


@chapter.in_services("filter.numbers-in-single-precision", breaks="filter.numbers-by-value")
def numbers_in_single_precision(services: Services) -> Services:
    """Numbers that differ in the eighth digit are neither above nor below each other."""
    shifts = {"$gt": 1 + 1e-7, "$lt": 1 - 1e-7}

    def changed(one: Condition) -> Condition:
        is_number = one.field.type == "number" and isinstance(one.value, int | float)
        return replace(one, value=float(one.value) * shifts.get(one.operator, 1)) if is_number else one  # type: ignore[arg-type]

    return conditions(changed)(services)


@chapter.around("filter.offsets-ignored", breaks="filter.datetimes-by-value", to=LISTS)
async def offsets_ignored(call: Call, handler: Handler) -> Answer:
    """A moment in a filter is read as if its offset were none."""
    return await with_argument(call, handler, "filter", lambda text: re.sub(r'(T[\d:.]+)[+-]\d\d:\d\d"', r'\1Z"', text))


def _first_value(operator: OperatorName) -> Callable[[Condition], Condition]:
    def changed(one: Condition) -> Condition:
        values = one.value if isinstance(one.value, tuple) else (one.value,)
        return replace(one, value=values[:1]) if one.operator == operator else one

    return changed


@chapter.in_services("filter.contains-at-the-start", breaks="filter.contains")
def contains_at_the_start(services: Services) -> Services:
    """`$contains` finds text at the start of a value only."""
    return _operators(contains="$startsWith")(services)


@chapter.in_services("filter.starts-with-anywhere", breaks="filter.starts-with")
def starts_with_anywhere(services: Services) -> Services:
    """`$startsWith` finds text anywhere in a value."""
    return _operators(startsWith="$contains")(services)


@chapter.in_services("filter.ends-with-anywhere", breaks="filter.ends-with")
def ends_with_anywhere(services: Services) -> Services:
    """`$endsWith` finds text anywhere in a value."""
    return _operators(endsWith="$contains")(services)


@chapter.in_services("filter.ends-with-trimmed", breaks="filter.ends-with")
def ends_with_trimmed(services: Services) -> Services:
    """`$endsWith` passes over the blanks that it asks for."""

    def trimmed(one: Condition) -> Condition:
        return replace(one, value=str(one.value).strip()) if one.operator == "$endsWith" else one

    return conditions(trimmed)(services)


@chapter.in_services("filter.null-ignored", breaks="filter.null")
def null_ignored(services: Services) -> Services:
    """`$null` true selects nothing out."""
    return conditions(lambda one: None if one.operator == "$null" and one.value is True else one)(services)


@chapter.in_services("filter.not-null-ignored", breaks="filter.not-null")
def not_null_ignored(services: Services) -> Services:
    """`$null` false selects nothing out."""
    return conditions(lambda one: None if one.operator == "$null" and one.value is False else one)(services)


@chapter.in_services("filter.last-operator-of-a-field", breaks="filter.range", ruling="L14.operators")
def last_operator_of_a_field(services: Services) -> Services:
    """Of two operators on one field only the last counts."""

    def last(query: Query) -> Query:
        kept = {one.field.name: one for one in query.selection.conditions}
        return replace(query, selection=replace(query.selection, conditions=tuple(kept.values())))

    return rewriting(services, last)


def _compares(call: Call, *types: str) -> bool:
    """Whether the filter asks which values of such a field are greater or less."""
    names = "|".join(field.name for field in call.registered.fields if field.type in types)
    text = "".join(call.arguments.get("filter", ()))
    return bool(names) and re.search(rf'"(?:{names})":\s*{{[^}}]*"\$[gl]te?"', text) is not None


@chapter.around("filter.integers-as-text", breaks="filter.integers-by-value", to=LISTS)
async def integers_as_text(call: Call, handler: Handler) -> Answer:
    """Integers are compared as text, so that 9 is above 10."""
    answer = await handler(call)
    return narrowed(answer, lambda _: False) if _compares(call, "integer") else answer


@chapter.around("filter.dates-as-nothing", breaks="filter.dates-by-value", to=LISTS)
async def dates_as_nothing(call: Call, handler: Handler) -> Answer:
    """No date is before or after another one."""
    answer = await handler(call)
    return narrowed(answer, lambda _: False) if _compares(call, "date", "datetime") else answer


@chapter.in_services("filter.contains-with-wildcards", breaks="filter.contains-literally")
def contains_with_wildcards(services: Services) -> Services:
    """`%` and `_` in `$contains` stand for any text."""

    def changed(one: Condition) -> Condition:
        text = one.value if one.operator == "$contains" and isinstance(one.value, str) else None
        return one if text is None else replace(one, value=text.replace("%", "").replace("_", "").replace("*", ""))

    return conditions(changed)(services)


@chapter.around("filter.contains-by-case", breaks="filter.contains-any-case", to=LISTS)
async def contains_by_case(call: Call, handler: Handler) -> Answer:
    """`$contains` tells capital letters from small ones."""
    answer = await handler(call)
    text = "".join(call.arguments.get("filter", ()))
    sought = [json.loads(f'"{one}"') for one in re.findall(r'"\$contains":\s*"((?:[^"\\]|\\.)*)"', text)]
    return narrowed(answer, lambda record: all(any(one in str(held) for held in record.values()) for one in sought))


@chapter.on_any_answer(
    "filter.bad-filter-is-accepted", breaks="filter.not-json", statuses=is_400, code="INVALID_FILTER"
)
def bad_filter_is_accepted(answer: Answer) -> Answer:
    """A filter that cannot be read selects nothing, instead of being refused."""
    return empty_page(answer)


@chapter.on_any_answer(
    "filter.code-of-any-parameter", breaks="filter.not-an-object", statuses=is_400, code="INVALID_FILTER"
)
def code_of_any_parameter(answer: Answer) -> Answer:
    """A bad filter is refused with the code of any other bad parameter."""
    return replace(answer, body={**(answer.body or {}), "code": "VALIDATION_FAILED"})


@chapter.on_any_answer("filter.no-details", breaks="filter.details", statuses=is_400, code="INVALID_FILTER")
def no_details(answer: Answer) -> Answer:
    """The refusal of a filter does not name the parameter."""
    return replace(answer, body={name: value for name, value in (answer.body or {}).items() if name != "details"})


async def _lenient(call: Call, handler: Handler, *sentences: Sentence) -> Answer:
    """What the handler answers without the filter, where it refuses the filter with one of these sentences."""
    try:
        return await handler(call)
    except InvalidFilter as problem:
        if says(problem, *sentences):
            return await without(call, handler, "filter")
        raise


@chapter.around("filter.unknown-field-ignored", breaks="filter.unknown-field", to=LISTS)
async def unknown_field_ignored(call: Call, handler: Handler) -> Answer:
    """A condition on a field that the entity lacks is ignored."""
    return await _lenient(call, handler, Sentence.UNKNOWN_FIELD)


@chapter.around("filter.top-level-operator-ignored", breaks="filter.top-level-operator", to=LISTS)
async def top_level_operator_ignored(call: Call, handler: Handler) -> Answer:
    """An operator outside of a field is ignored."""
    return await _lenient(call, handler, Sentence.OPERATOR_OUTSIDE)


@chapter.around("filter.unknown-operator-ignored", breaks="filter.unknown-operator", to=LISTS)
async def unknown_operator_ignored(call: Call, handler: Handler) -> Answer:
    """An operator that does not exist is ignored."""
    return await _lenient(call, handler, Sentence.UNKNOWN_OPERATOR)


@chapter.around("filter.empty-operators-ignored", breaks="filter.empty-operators", to=LISTS)
async def empty_operators_ignored(call: Call, handler: Handler) -> Answer:
    """A field without an operator is ignored."""
    return await _lenient(call, handler, Sentence.NO_OPERATOR)


@chapter.around("filter.list-operand-ignored", breaks="filter.list-operand", to=LISTS)
async def list_operand_ignored(call: Call, handler: Handler) -> Answer:
    """`$in` without an array is ignored."""
    return await _lenient(call, handler, Sentence.LIST_OPERAND)


@chapter.around("filter.null-operand-ignored", breaks="filter.null-operand", to=LISTS)
async def null_operand_ignored(call: Call, handler: Handler) -> Answer:
    """`$null` without a boolean is ignored."""
    return await _lenient(call, handler, Sentence.BOOLEAN_OPERAND)


@chapter.around("filter.comparison-of-enum-ignored", breaks="filter.comparison-of-enum", to=LISTS)
async def comparison_of_enum_ignored(call: Call, handler: Handler) -> Answer:
    """An order among enum values is ignored."""
    return await _lenient(call, handler, Sentence.OPERATOR_TYPES)


@chapter.around("filter.comparison-of-boolean-ignored", breaks="filter.comparison-of-boolean", to=LISTS)
async def comparison_of_boolean_ignored(call: Call, handler: Handler) -> Answer:
    """An order of false and true is ignored."""
    asked = "".join(call.arguments.get("filter", ()))
    booleans = any(field.name in asked for field in call.registered.fields if field.type == "boolean")
    return await (_lenient(call, handler, Sentence.OPERATOR_TYPES) if booleans else handler(call))


@chapter.around("filter.value-outside-enum-ignored", breaks="filter.value-outside-enum", to=LISTS)
async def value_outside_enum_ignored(call: Call, handler: Handler) -> Answer:
    """A value that the enum lacks is ignored."""
    return await _lenient(call, handler, Sentence.ONE_OF)


@chapter.around("filter.wrong-type-ignored", breaks="filter.operand-of-wrong-type", to=LISTS)
async def wrong_type_ignored(call: Call, handler: Handler) -> Answer:
    """A value of another type than the field's is ignored."""
    return await _lenient(call, handler, Sentence.TYPE, Sentence.DATE, Sentence.INSTANT, Sentence.LIST_OPERAND)


@chapter.around("filter.bare-null-ignored", breaks="filter.bare-null", to=LISTS)
async def bare_null_ignored(call: Call, handler: Handler) -> Answer:
    """A bare null is ignored."""
    return await _lenient(call, handler, Sentence.BARE_NULL)


@chapter.on_any_answer("filter.twice-is-accepted", breaks="filter.given-twice", statuses=is_400, code="INVALID_FILTER")
def twice_is_accepted(answer: Answer) -> Answer:
    """A filter that is given twice selects nothing, instead of being refused."""
    details = (answer.body or {}).get("details")
    twice = isinstance(details, dict) and "once" in details.get("filter", "")
    return bad_filter_is_accepted(answer) if twice else answer


@chapter.in_services("filter.ne-ignored", breaks="filter.ne-beside-null")
def ne_ignored(services: Services) -> Services:
    """`$ne` selects nothing out by a field that may hold nothing."""
    return _ignored("$ne", lambda one: one.field.nullable)(services)


@chapter.in_services("filter.nin-ignored", breaks="filter.nin-beside-null")
def nin_ignored(services: Services) -> Services:
    """`$nin` selects nothing out by a field that may hold nothing."""
    return _ignored("$nin", lambda one: one.field.nullable)(services)


@chapter.in_services("filter.starts-with-ignored", breaks="filter.starts-with-case")
def starts_with_ignored(services: Services) -> Services:
    """`$startsWith` selects nothing out by what is written in capitals."""
    return _ignored("$startsWith", lambda one: str(one.value).isupper())(services)


@chapter.in_services("filter.ends-with-ignored", breaks="filter.ends-with-case")
def ends_with_ignored(services: Services) -> Services:
    """`$endsWith` selects nothing out by what is written in capitals."""
    return _ignored("$endsWith", lambda one: str(one.value).isupper())(services)


@chapter.in_services("filter.text-in-any-case", breaks="filter.exact-text")
def text_in_any_case(services: Services) -> Services:
    """Equality on text does not tell capitals from small letters."""

    def folded(one: Condition) -> tuple[Condition, ...]:
        is_id = one.field.name.lower().endswith("id")  # of which one may be part of another
        is_text = one.operator == "$eq" and one.field.type in ("string", "text") and not is_id
        if not is_text or str(one.value).swapcase() == one.value:
            return (one,)
        return tuple(replace(one, operator=operator) for operator in _ENDS)

    return rewriting(
        services, lambda query: selecting(query, lambda held: tuple(each for one in held for each in folded(one)))
    )


@chapter.in_services("filter.printed-datetime-missed", breaks="filter.printed-datetime")
def printed_datetime_missed(services: Services) -> Services:
    """Equality with the moment of a creation finds nothing, since more digits are stored than are compared."""

    def missed(one: Condition) -> Condition:
        is_creation = one.operator == "$eq" and one.field.name == "createdAt" and isinstance(one.value, datetime)
        return replace(one, value=one.value + timedelta(microseconds=1)) if is_creation else one  # type: ignore[operator]

    return conditions(missed)(services)


@chapter.around("filter.datetime-is-local", breaks="filter.datetime-without-offset", to=LISTS)
async def datetime_is_local(call: Call, handler: Handler) -> Answer:
    """A moment without an offset is in the time of some other place."""
    return await with_argument(
        call, handler, "filter", lambda text: re.sub(r'(T\d\d:\d\d:\d\d(?:\.\d+)?)"', r'\1-09:00"', text)
    )


_BACKWARDS: Mapping[str, OperatorName] = {"$gt": "$lt", "$gte": "$lte", "$lt": "$gt", "$lte": "$gte"}


@chapter.in_services("filter.text-compared-backwards", breaks="filter.range", ruling="L14.text-comparison")
def text_compared_backwards(services: Services) -> Services:
    """Between two texts is what lies outside of them in the order that text is sorted in."""

    def turned(query: Query) -> Query:
        held = query.selection.conditions
        names = [one.field.name for one in held if one.operator in _BACKWARDS and one.field.type in ("string", "text")]
        between = {name for name in names if names.count(name) > 1}
        changed = [
            replace(one, operator=_BACKWARDS.get(one.operator, one.operator)) if one.field.name in between else one
            for one in held
        ]
        return replace(query, selection=replace(query.selection, conditions=tuple(changed)))

    return rewriting(services, turned)
