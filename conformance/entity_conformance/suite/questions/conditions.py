"""Conditions of a filter by design: each operator on each type, with operands that the usual mistakes answer otherwise.

A mistake is a condition that is dropped, that nothing satisfies, or that is taken for its neighbour, compared in single
precision, by whole parts or as text, cut to its first value, or read with wildcards. The operand of a condition is the
one that tells it from most mistakes. Several conditions go into one question where the answer still tells each of them
from its mistakes. Pure.

It is long because each operand is chosen beside the mistakes that it has to tell from the truth.
"""

import random
import re
import struct
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from datetime import timedelta, timezone
from functools import lru_cache
from itertools import chain, islice, product
from typing import Any, TypeVar, cast, get_args

from entity_contract import Entity, Field, FieldType, Operator

from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Condition
from entity_conformance.oracle.reading import DECIDED, Reading
from entity_conformance.oracle.records import Record
from entity_conformance.oracle.times import elsewhere, instant, printed_unit, shifted
from entity_conformance.oracle.values import is_value
from entity_conformance.suite import sample

BARE = "equality"
"""The operator that is not spelled: a field and its value."""

COMPARISONS = ("$gt", "$gte", "$lt", "$lte")
AT_ONCE = 5
"""Conditions of one question at most, besides the one that selects the run's own records."""

_TEXTS = ("string", "text")
_KINDS = ("key", *get_args(FieldType))
_EAST = timezone(timedelta(hours=9))
_NEIGHBOURS: Mapping[str, str] = {
    "$eq": "$ne",
    "$ne": "$eq",
    "$gt": "$gte",
    "$gte": "$gt",
    "$lt": "$lte",
    "$lte": "$lt",
    "$in": "$nin",
    "$nin": "$in",
    "$contains": "$startsWith",
    "$startsWith": "$contains",
    "$endsWith": "$contains",
}
_NAMES = {
    "$eq": "eq", "$ne": "ne", "$gt": "gt", "$gte": "gte", "$lt": "lt", "$lte": "lte", "$in": "in",
    "$nin": "nin", "$contains": "contains", "$startsWith": "starts-with", "$endsWith": "ends-with",
}  # fmt: skip

_BY_CASE, _BY_NULLS = ("$startsWith", "$endsWith"), ("$ne", "$nin")
"""Operators that a deployment may read in two ways (L16, L17): by case, and beside records that hold nothing."""
_OTHERWISE = Reading(starts="case-sensitive", ends="case-sensitive", ne_null="no-match", nin_null="no-match")

_WILDCARDS: Mapping[str, str] = {"%": ".*", "_": "."}
"""Characters of patterns, and what they stand for there."""

_OFFSET = re.compile(r"[+-][0-9]{2}:[0-9]{2}$")
_ACCENTED = re.compile(r"\b[a-z]{4,} (?:\S{1,2} )*[\u00e0-\u00fe]")
"""A word of small letters, and what is between it and a letter whose case some do not know."""

_HALF = 4
_WIDEST = 16
"""Fields of an entity that conditions are about: of one with hundreds, questions about each take all requests."""
_TRIED = 400
_BEYOND = 0x10000
_ORDER = 3
"""What the other order is drawn from: of those that were tried, it leaves the fewest questions on the contract."""
_SPARE_ORDER = 11
"""What the order of all others is drawn from: of those that were tried, questions tell the most of them by it."""
_FALSY = (0, False, "")
_OF_KEYS = ("$eq", "$ne", "$in", "$nin")

Made = TypeVar("Made")
Places = frozenset[int]
"""Which of the records a condition selects, by their places."""


@dataclass(frozen=True, slots=True)
class Designed:
    """A condition, the requirement that it is about, what it selects, and what mistakes in its place would select."""

    condition: Condition
    requirement: str
    selects: Places
    mistakes: frozenset[Places]
    otherwise: Places | None = None
    """What it selects where a deployment decides what is left open the other way; None where that was not asked."""
    is_of_later_values: bool = False
    """Whether it is a list that is asked about for its values after the first."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """What conditions are designed for: records of an entity, as they are known, and the entities of the run.

    `thorough` designs every operator on every type, and with every border of each. `kept` is what was worked out
    about the records before: some thousand conditions are tried on them.
    """

    entity: Entity
    records: tuple[Record, ...]
    operators: tuple[Operator, ...]
    entities: tuple[Entity, ...]
    thorough: bool = False
    kept: dict[Hashable, Any] = dataclass_field(default_factory=dict, repr=False, compare=False)

    @property
    def first(self) -> Entity | None:
        """The first entity that can be created, where this run has one."""
        return next((one for one in self.entities if "create" in one.operations), None)

    def fields(self) -> tuple[Field, ...]:
        """The fields that conditions can be about: those that a body sets, with values of their type.

        Of records that nobody makes it is all but the id.
        """
        return _once(self, "fields", self._fields)

    def column(self, name: str) -> "Column":
        """What the records hold in the field of that name."""
        return _once(self, ("column", name), lambda: _column(self, name))

    def _fields(self) -> tuple[Field, ...]:
        keys = sample.foreign_keys(self.entity)
        named = {field.name for field in sample.writable(self.entity)} | keys
        if "create" not in self.entity.operations:
            named = {field.name for field in self.entity.fields} - {"id"}
        found = tuple(
            field
            for field in self.entity.fields
            if field.name in named
            and all(is_value(field, one[field.name]) for one in self.records)
            and any(one[field.name] is not None for one in self.records)
        )
        return found if len(found) <= _WIDEST else _by_type(found)


def _by_type(fields: Sequence[Field]) -> tuple[Field, ...]:
    """As many of the fields as questions are asked about, of each type as many as of any other while there are such."""
    seen = Counter[FieldType]()
    ranked: list[tuple[int, int]] = []
    for place, field in enumerate(fields):
        ranked.append((seen[field.type], place))
        seen[field.type] += 1
    return tuple(fields[place] for place in sorted(place for _, place in sorted(ranked)[:_WIDEST]))


@dataclass(frozen=True, slots=True)
class Column:
    """What records hold in a field, in their order: the values ready to be compared, and where there is nothing.

    `blank` is where there is nothing, or something empty, zero or false.
    """

    field: Field
    values: tuple[Any, ...]
    nothing: Places
    blank: Places


def _column(of: Subjects, name: str) -> Column:
    field, held = of.entity.field(name), [one[name] for one in of.records]
    assert field is not None
    return Column(
        field,
        values=tuple(answers.comparable(field, one) for one in held),
        nothing=frozenset(place for place, one in enumerate(held) if one is None),
        blank=frozenset(place for place, one in enumerate(held) if one in (None, *_FALSY)),
    )


def _once(of: Subjects, key: Hashable, make: Callable[[], Made]) -> Made:
    """What was made for these records under that key, which is made the first time."""
    if key not in of.kept:
        of.kept[key] = make()
    return cast("Made", of.kept[key])


def designed(of: Subjects) -> tuple[tuple[Designed, ...], ...]:
    """The conditions of an entity, each with its alternatives, the best ones alone.

    The entities of a run ask about each operator and each type together; in a thorough one each asks about all of its
    types, whose fields take turns, and where it is its turn about every border.
    """
    return _once(of, ("designed", of.thorough), lambda: _all_designed(of))


def _all_designed(of: Subjects) -> tuple[tuple[Designed, ...], ...]:
    found: list[tuple[Designed, ...]] = []
    for place, operator in enumerate((BARE, *(one.name for one in of.operators))):
        types = _types(operator, of)
        asked = [field for field in of.fields() if field.type in types and _is_wanted(operator, field, of.entity)]
        assigned = _assigned(place, operator, asked, of)
        in_turn = _in_turn(place, asked, of) if of.thorough else ()
        for field in [one for one in asked if one in assigned or one in in_turn]:
            by_border = of.thorough and operator != BARE and field in assigned
            found += _best(operator, field, replace(of, thorough=by_border))
    return tuple(found)


def _in_turn(place: int, fields: Sequence[Field], of: Subjects) -> Collection[Field]:
    """Of each kind one field, another with each operator; what is left is spare."""
    kinds: dict[str, list[Field]] = {}
    for field in fields:
        kinds.setdefault(_kind(field, of.entity), []).append(field)
    return [same[place % len(same)] for same in kinds.values()]


def besides(of: Subjects) -> tuple[tuple[Designed, ...], ...]:
    """Equality on fields of types that other entities are asked about: worth a place in a question, and no question."""
    types = _types(BARE, of)
    fields = [field for field in of.fields() if field.type in types]
    return tuple(chain.from_iterable(_best(BARE, field, of) for field in fields))


def spare(of: Subjects) -> tuple[tuple[Designed, ...], ...]:
    """Whatever else can be asked about the entity: worth a place in a question, and no question.

    Each operator on each field, with any operand; equality last, beside which little else tells anything.
    """
    own = {(one.condition.operator, one.condition.field) for some in designed(of) for one in some}
    found = [*_below_zero(of)]
    names = [one.name for one in of.operators]
    for operator in (*(one for one in names if one != "$eq"), "$eq", BARE):
        types = _types(operator, of)
        for field in of.fields():
            if field.type in types and (operator, field.name) not in own and _is_askable(operator, field, of.entity):
                alternatives: dict[tuple[Places, frozenset[Places]], Designed] = {}
                for condition in (*_candidates(operator, field, of), *_but_one(operator, field, of)):
                    one = design(condition, field, of)
                    alternatives.setdefault((one.selects, one.mistakes), one)
                found.append(tuple(alternatives.values()))
    random.Random(_SPARE_ORDER).shuffle(found)  # noqa: S311  # the same each time
    return (*found, *_of_later_values(of))


def together(conditions: Iterable[Sequence[Designed]], of: Subjects) -> tuple[tuple[Designed, ...], ...]:
    """The conditions as few questions, each of which tells its conditions from the mistakes that they tell alone.

    Which of its alternatives a condition is depends on the others of its question. Those with few come first, or some
    other order is taken by which fewer questions are left.
    """
    everything = bits(frozenset(range(len(of.records))))
    weighed = [[_weighed(one) for one in alternatives] for alternatives in conditions]
    other = weighed[:]
    random.Random(_ORDER).shuffle(other)  # noqa: S311  # the same each time
    packed = min((_packed(order, everything) for order in (sorted(weighed, key=len), other)), key=len)
    return tuple(tuple(one.of for one in chosen) for chosen in packed)


def requirement_of(condition: Condition, field: Field, entity: Entity, *, has_nulls: bool) -> str:
    """The requirement that a condition is about; `has_nulls` says that a record holds nothing in the field."""
    if condition.bare:
        if field.name in sample.foreign_keys(entity):
            return "filter.foreign-key-equality"
        return "filter.empty-text" if field.type in _TEXTS else f"filter.{field.type}-equality"
    match condition.operator:
        case "$null":
            name = "null" if condition.operand else "not-null"
        case "$contains" if re.search(r"[%_*\\]", str(condition.operand)):
            name = "contains-literally"
        case "$contains" if str(condition.operand).isupper():
            name = "contains-any-case"
        case "$ne" | "$nin" as operator if has_nulls:
            name = f"{_NAMES[operator]}-beside-null"
        case "$gt" | "$gte" | "$lt" | "$lte" if field.type not in _TEXTS:
            name = f"{field.type}s-by-value"
        case operator:
            name = _NAMES[operator]
    return f"filter.{name}"


def _types(operator: str, of: Subjects) -> tuple[FieldType, ...]:
    name = "$eq" if operator == BARE else operator
    return next((one.types for one in of.operators if one.name == name), ())


def _is_askable(operator: str, field: Field, entity: Entity) -> bool:
    """Texts are compared where every collation orders them alike, which only titles promise.

    Foreign keys are texts as others are, of which nobody asks for parts. What a deployment keeps of a moment that it
    sets, nobody knows.
    """
    if field.generated and field.type == "datetime":
        return False
    if operator in COMPARISONS and field.type in _TEXTS:
        return field == sample.title_field(entity)
    if operator == BARE:
        return True
    if operator == "$null":
        return field.nullable and not field.required and field.default is None
    return field.name not in sample.foreign_keys(entity) or operator in _OF_KEYS


def _is_wanted(operator: str, field: Field, entity: Entity) -> bool:
    """Whether a condition is worth a question: of foreign keys whether they are one or some."""
    is_key = field.name in sample.foreign_keys(entity)
    return _is_askable(operator, field, entity) and not (is_key and operator not in (BARE, "$in"))


def _assigned(place: int, operator: str, fields: Sequence[Field], of: Subjects) -> Sequence[Field]:
    """Of each type one field, where this entity is the one to ask about it.

    The entities that have a type take turns, by operators and types; so do the fields of a type in one entity. The
    first entity is asked about its title each time, and every entity about its foreign keys.
    """
    found = []
    mine, title = sample.title_field(of.entity), None if of.first is None else sample.title_field(of.first)
    for kind in dict.fromkeys(_kind(field, of.entity) for field in fields):
        having = [one.name for one in of.entities if kind in _kinds(operator, one)]
        same = [field for field in fields if _kind(field, of.entity) == kind]
        same.sort(key=lambda field: mine is None or field.name != mine.name)
        if operator == BARE:
            same.sort(key=lambda field: not any(one[field.name] in _FALSY for one in of.records))
        if of.first is not None and title is not None and title.type == kind:
            having = [of.first.name]
        turn = place + _KINDS.index(kind)
        if (kind == "key" and operator == BARE) or not having or having[turn % len(having)] == of.entity.name:
            is_title = mine is not None and same[0].name == mine.name
            found.append(same[0 if operator == BARE or is_title else place % len(same)])
    return found


def _kind(field: Field, entity: Entity) -> str:
    return "key" if field.name in sample.foreign_keys(entity) else field.type


@lru_cache(maxsize=512)
def _kinds(operator: str, entity: Entity) -> frozenset[str]:
    """The kinds of the entity's fields that the operator can be asked about."""
    if "create" not in entity.operations:
        return frozenset()
    named = {field.name for field in sample.writable(entity)} | sample.foreign_keys(entity)
    asked = [field for field in entity.fields if field.name in named and _is_wanted(operator, field, entity)]
    return frozenset(_kind(field, entity) for field in asked)


def _best(operator: str, field: Field, of: Subjects) -> Iterator[tuple[Designed, ...]]:
    """For each requirement that an operator on a field is about: the conditions that tell most mistakes from theirs.

    Those that select about half of the records come first: they go together with others.
    """
    by_requirement: dict[str, list[Designed]] = {}
    for condition in _candidates(operator, field, of):
        one = design(condition, field, of)
        is_zero = condition.bare and condition.operand in _FALSY
        by_requirement.setdefault(f"{one.requirement} {is_zero}", []).append(one)
    for every in by_requirement.values():
        most = max(_told(one, field, of) for one in every)
        best = [one for one in every if of.thorough or _told(one, field, of) == most]
        best = [one for one in best if len(one.selects) < len(of.records)] or best
        if field.type == "boolean" and not of.thorough:  # some take false for nothing said
            best = [one for one in best if one.condition.operand is False] or best
        if field.type == "enum" and operator == BARE and not of.thorough:  # so do others of a default
            best = [one for one in best if one.condition.operand == field.default] or best
        if field != sample.title_field(of.entity) and not of.thorough:  # and some strip what they look for
            best = [one for one in best if _has_blanks(one.condition)] or best
        best.sort(key=lambda one: (not _is_telling(one.condition, field), abs(len(one.selects) - _HALF)))
        is_compared = operator in COMPARISONS and field.type in _TEXTS
        plain = [one for one in best if not of.thorough or is_compared or _is_plain(one.condition.operand)]
        yield from ([tuple(plain)] if plain else [])
        yield from ((one,) for one in best if one not in plain)


def _is_telling(condition: Condition, field: Field) -> bool:
    """Whether it is equality with a default, which some take for nothing said, or with a character beyond the BMP."""
    operand = condition.operand
    if condition.operator != "$eq":
        return False
    return operand == field.default if field.type == "enum" else isinstance(operand, str) and not _is_short(operand)


def _is_short(text: str) -> bool:
    """Whether each of its characters is within the BMP."""
    return all(ord(one) < _BEYOND for one in text)


def _told(one: Designed, field: Field, of: Subjects) -> int:
    """How many mistakes its own answer tells; twice single precision and stripped blanks, which few operands tell."""
    is_rounded = field.type == "number" and one.condition.operator in COMPARISONS
    tells_rounding = is_rounded and _compared(one.condition, of, single) != one.selects
    return len(one.mistakes - {one.selects}) + tells_rounding + _has_blanks(one.condition)


def _has_blanks(condition: Condition) -> bool:
    """Whether it looks for text with blanks where a value begins or ends."""
    operand = str(condition.operand)
    return condition.operator in _BY_CASE and operand != operand.strip()


def _is_plain(operand: object) -> bool:
    """Whether it is words of plain letters, of which one is as good as another."""
    return isinstance(operand, str) and operand.isascii() and operand.replace(" ", "").isalpha()


def _below_zero(of: Subjects) -> Iterator[tuple[Designed, ...]]:
    """For each field of numbers, what is above a number below zero: everything that holds something, whatever sign.

    Zero is not below itself, though some take it for nothing.
    """
    for field in of.fields():
        if field.type in ("integer", "number"):
            found = []
            for value in dict.fromkeys(one[field.name] for one in of.records if one[field.name]):
                condition = Condition(field.name, "$gt", -value)
                unsigned = _places(replace(condition, operand=value), of)
                found.append(_against(condition, [unsigned], field, of))
            yield tuple(found)
            zero = Condition(field.name, "$gte", 0)
            above = _places(replace(zero, operator="$gt"), of)
            yield (_against(zero, [above], field, of),)


def _of_later_values(of: Subjects) -> Iterator[tuple[Designed, ...]]:
    """For each field what a list of two values selects, and selects out, against one of its first or its last alone."""
    names = [one.name for one in of.operators if one.name in ("$in", "$nin")]
    for operator, field in product(names, of.fields()):
        if field.type in _types(operator, of) and _is_askable(operator, field, of.entity):
            held = dict.fromkeys(one[field.name] for one in of.records if one[field.name] is not None)
            short = [one for one in held if len(str(one)) <= sample.SHORT]
            found: dict[tuple[Places, ...], Designed] = {}
            for first, second in zip(short, [*short[1:], *short[:1]], strict=True) if len(short) > 1 else ():
                condition = Condition(field.name, operator, [first, second])
                alone = [_places(replace(condition, operand=[value]), of) for value in (first, second)]
                one = replace(_against(condition, alone, field, of), is_of_later_values=True)
                found.setdefault((one.selects, *alone), one)
            yield tuple(found.values())


def _against(condition: Condition, mistakes: Iterable[Places], field: Field, of: Subjects) -> Designed:
    """A condition that mistakes of its own speak against."""
    has_nulls, is_open = bool(of.column(field.name).nothing), condition.operator in _BY_NULLS
    requirement = requirement_of(condition, field, of.entity, has_nulls=has_nulls)
    otherwise = _places(condition, of, _OTHERWISE) if is_open else None
    return Designed(condition, requirement, _places(condition, of), frozenset(mistakes), otherwise)


def _candidates(operator: str, field: Field, of: Subjects) -> Iterator[Condition]:
    values = list(dict.fromkeys(one[field.name] for one in of.records if one[field.name] is not None))
    match operator:
        case "$null":
            keys = sample.foreign_keys(of.entity)
            nullable = [
                one.name for one in of.fields() if _is_askable("$null", one, of.entity) and one.name not in keys
            ]
            is_either = of.thorough or len(nullable) < 2 or field.name in keys
            turns = (True, False) if is_either else (nullable.index(field.name) % 2 == 0,)
            yield from (Condition(field.name, "$null", operand) for operand in turns)
        case "$in" | "$nin":
            short = [one for one in values if len(str(one)) <= sample.SHORT]
            halves = (short[::2], short[1::2])
            for some in halves if of.thorough else (*halves, short[1:], short[:-1], short):
                if short:  # ids may all be long, and nobody has to take an empty list
                    yield Condition(field.name, operator, some or short[:1])
        case "$contains" | "$startsWith" | "$endsWith":
            yield from (Condition(field.name, operator, one) for one in _parts_of(operator, field, values, of))
        case _:
            short = [one for one in values if len(str(one)) <= sample.SHORT]
            if operator == BARE:
                is_text = field.type in _TEXTS and field.name not in sample.foreign_keys(of.entity)
                is_number = field.type in ("integer", "number")
                short = [one for one in short if one in _FALSY or is_number] or ([] if is_text else short)
            for one in short:
                operand = _elsewhere(one, operator) if field.type == "datetime" and operator in COMPARISONS else one
                yield Condition(field.name, "$eq" if operator == BARE else operator, operand, bare=operator == BARE)


def _parts_of(operator: str, field: Field, values: Iterable[object], of: Subjects) -> Iterable[str]:
    """The parts of these values that are asked for. Capitals are asked for once, and by letters whose case few know."""
    of_each = [[*_parts(operator, str(one))] for one in values]
    if of.thorough:  # of each value one part, and those that a requirement of its own is about
        of_each = [[part for part in some if part == some[0] or not part.isalnum()] for some in of_each]
        of_each.append([part.upper() for part in chain.from_iterable(of_each[:1])])
    parts = dict.fromkeys(chain.from_iterable(of_each))
    if field != sample.title_field(of.entity):
        return [one for one in parts if not one.isupper()]
    knows_more = not all(one.isascii() for one in parts)
    return [one for one in parts if not (knows_more and one.isascii() and one.isupper())]


def _but_one(operator: str, field: Field, of: Subjects) -> Iterator[Condition]:
    """Lists that leave out one value: beside them most other conditions are told too."""
    values = dict.fromkeys(one[field.name] for one in of.records if one[field.name] is not None)
    short = [one for one in values if len(str(one)) <= sample.SHORT]
    for value in short if len(short) > 1 else ():
        if operator == "$in":
            yield Condition(field.name, operator, [one for one in short if one != value])
        if operator == "$nin":
            yield Condition(field.name, operator, [value])


def _parts(operator: str, text: str) -> Iterator[str]:
    """Parts of a text, from its ends and from between, those with characters of patterns too; small letters alone."""
    every = [word for word in re.split(r"\s+", text) if len(word) > 3 and word.isascii()]
    words = [word for word in every if word == word.lower()]
    match operator:
        case "$startsWith":
            yield from (start for start in [text[:6]] if words and start.isascii() and start == start.lower())
        case "$endsWith":
            yield from (end for end in [text[-6:]] if words and end.isascii() and end == end.lower())
        case _:
            yield from (word[1:-1] for word in (words or every)[:3] if word[1:-1] == word[1:-1].lower())
            yield from (word[1:-1].upper() for word in words[:3])
            yield from (part[0].upper() for part in _ACCENTED.finditer(text))
            yield from (word for word in words if re.search(r"[%_*\\]", word))


def _elsewhere(text: str, operator: str) -> str:
    """The same moment as somebody east of it writes it, or one nearby that takes it in.

    What is printed in whole seconds may be kept more exactly, so that nobody knows on which side of that moment it is.
    """
    unit = printed_unit(text)
    aside = timedelta() if unit < timedelta(seconds=1) else 2 * unit
    nearby = shifted(instant(text), aside if operator in ("$lt", "$lte") else -aside)
    return elsewhere(nearby, _EAST).isoformat(timespec="milliseconds")


def design(condition: Condition, field: Field, of: Subjects) -> Designed:
    """The condition with what it selects of the records, and what mistakes in its place would."""
    is_open = condition.operator in (*_BY_CASE, *_BY_NULLS)
    return Designed(
        condition=condition,
        requirement=requirement_of(condition, field, of.entity, has_nulls=bool(of.column(field.name).nothing)),
        selects=_places(condition, of),
        mistakes=frozenset(_mistaken(condition, field, of)),
        otherwise=_selected(condition.field, condition.operator, condition.operand, of, _OTHERWISE)
        if is_open
        else None,
    )


def _places(condition: Condition, of: Subjects, reading: Reading = DECIDED) -> Places:
    return _selected(condition.field, condition.operator, condition.operand, of, reading)


def _selected(name: str, operator: str, operand: object, of: Subjects, reading: Reading = DECIDED) -> Places:
    key = (name, operator, tuple(operand) if isinstance(operand, list) else operand, reading is DECIDED)
    found: Places | None = of.kept.get(key)
    if found is None:
        column = of.column(name)
        is_met = answers.meeting(column.field, operator, operand, reading)
        found = of.kept[key] = frozenset([place for place, one in enumerate(column.values) if is_met(one)])
    return found


def _mistaken(condition: Condition, field: Field, of: Subjects) -> Iterator[Places]:
    """What each mistake would select."""
    name, operator, operand = condition.field, condition.operator, condition.operand
    everything = frozenset(range(len(of.records)))
    yield everything  # the condition is dropped
    yield frozenset()  # nothing satisfies it
    if operator in _NEIGHBOURS:
        yield _selected(name, _NEIGHBOURS[operator], operand, of)
    blank = of.column(name).blank
    if operator == "$null":
        yield _selected(name, operator, not operand, of)
        yield blank if operand else everything - blank  # what is empty, zero or false is taken for nothing
    if operator == "$eq" and operand in _FALSY:
        yield blank
    if isinstance(operand, list):
        yield _selected(name, operator, operand[:1], of)
    if isinstance(operand, str) and operator == "$contains":
        yield from (_selected(name, operator, operand.replace(one, ""), of) for one in "%_*\\")
        yield from (_matching(condition, one, wild, of) for one, wild in _WILDCARDS.items() if one in operand)
        if operand.isupper():
            yield frozenset(place for place, one in enumerate(of.records) if operand in str(one[field.name]))
    if isinstance(operand, int | float) and operator in ("$eq", "$ne"):
        yield _selected(name, operator, single(operand), of)
    if operator in ("$eq", *COMPARISONS):
        yield from (_compared(condition, of, by) for by in _taken_for(operator, field))
    if operator in COMPARISONS and field.type == "datetime":  # read without its offset
        yield _selected(name, operator, _OFFSET.sub("Z", str(operand)), of)


def _taken_for(operator: str, field: Field) -> Iterator[Callable[[Any], Any]]:
    """As what values are compared that should be compared as they are."""
    if field.type == "number":
        yield int  # its whole part
    if operator in COMPARISONS and field.type in {"integer", "number", "datetime"}:
        yield str
    if operator in COMPARISONS and field.type in {"integer", "number"}:
        yield single


def _matching(condition: Condition, character: str, wild: str, of: Subjects) -> Places:
    """What contains the operand where that character of it stands for others."""
    pattern = re.compile(wild.join(map(re.escape, str(condition.operand).split(character))), re.IGNORECASE)
    return frozenset(place for place, one in enumerate(of.records) if pattern.search(str(one[condition.field])))


def _compared(condition: Condition, of: Subjects, by: Callable[[Any], Any]) -> Places:
    held = [(place, one[condition.field]) for place, one in enumerate(of.records)]
    theirs = by(condition.operand)
    return frozenset(
        place
        for place, value in held
        if value is not None and answers.MEANINGS[condition.operator](by(value), theirs, DECIDED)
    )


def single(number: float) -> float:
    """The number in single precision, as somebody may keep it who should not."""
    return float(struct.unpack("f", struct.pack("f", number))[0])


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A condition with the places that it and its mistakes select as bits, since many questions are tried."""

    of: Designed
    name: tuple[str, str]
    is_bare: bool
    selects: int
    mistakes: tuple[int, ...]


def _packed(conditions: Iterable[Sequence[_Weighed]], everything: int) -> list[Sequence[_Weighed]]:
    """Each condition in the first question that still tells all of its own, else in a question of its own."""
    questions: list[tuple[list[Sequence[_Weighed]], Sequence[_Weighed]]] = []
    for weighed in conditions:
        for place, (members, chosen) in enumerate(questions):
            if len(members) == AT_ONCE or not _may_meet((*chosen, *weighed[:1])):
                continue
            wider = chain(((*chosen, one) for one in weighed), islice(product(*members, weighed), _TRIED))
            found = next((some for some in wider if _tells(some, everything)), None)
            if found is not None:
                questions[place] = ([*members, weighed], found)
                break
        else:
            questions.append(([weighed], weighed[:1]))
    return [chosen for _, chosen in questions]


def _weighed(of: Designed) -> _Weighed:
    stated = of.condition
    mistakes = tuple(bits(one) for one in of.mistakes if one != of.selects)
    return _Weighed(of, (stated.field, stated.operator), stated.bare, bits(of.selects), mistakes)


@lru_cache(maxsize=1024)
def bits(places: Places) -> int:
    """Places as bits, by which many of them are compared at once."""
    return sum(1 << one for one in places)


def _may_meet(question: Sequence[_Weighed]) -> bool:
    """Whether one filter can have all conditions: no operator twice on a field, nothing beside a bare equality on it.

    The alternatives of a condition are alike in that.
    """
    fields = [one.name[0] for one in question]
    is_crowded = len(set(fields)) < len(fields)
    return not is_crowded or (
        len({one.name for one in question}) == len(question)
        and not any(one.is_bare and fields.count(one.name[0]) > 1 for one in question)
    )


def _tells(question: Sequence[_Weighed], everything: int) -> bool:
    """Whether the answer to all conditions at once tells each of them from the mistakes that it tells alone.

    A run asks it of some thousand questions.
    """
    answer = everything
    for one in question:
        answer &= one.selects
    for one in question:
        others = everything
        for other in question:
            if other is not one:
                others &= other.selects
        for mistake in one.mistakes:
            if others & mistake == answer:
                return False
    return True
