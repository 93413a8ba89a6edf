"""Each record that a list shows satisfies the question, in the order asked for; own records that satisfy it count.

It is long because each part of a question has a requirement of its own, and a wrong answer may be the fault of several.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from entity_contract import Field

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record, ids_of
from entity_conformance.oracle import satisfying
from entity_conformance.oracle.history import History
from entity_conformance.oracle.lists import Listed, Lists
from entity_conformance.oracle.own import ANYTHING, Own, State
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.times import has_offset
from entity_conformance.oracle.values import is_value
from entity_conformance.suite import ledger
from entity_conformance.suite.expect.values import shown
from entity_conformance.suite.watch.judgement import Judgement, Watch
from entity_conformance.suite.watch.pages import TOTAL, as_a_reader, of_a_filter, of_a_total
from entity_conformance.suite.watch.refused import SELECTED, refused_fields, refused_orders, refused_together
from entity_conformance.suite.watch.repetition import LISTED, PAGE, SAME, TIES, repeated

EMPTY, SEVERAL, RANGE = "filter.empty-text", "filter.several-conditions", "filter.range"
AND = "filter.conditions-are-and"
COMBINED = "list.all-parameters-combine"
BLANK = "search.blank"
_LEFT = "delete.refused-changes-nothing"
_SORTS = {
    "integer": "sort.integers", "number": "sort.numbers", "date": "sort.dates", "datetime": "sort.datetimes",
    "string": "sort.text", "text": "sort.text", "boolean": "sort.numbers",
}  # fmt: skip
_TOO_FEW = "total is below the own records that satisfy the question"
_LACKS = "data lacks a record that satisfies the question"
_FEW = 2
_THREE = 3
"""Conditions of a filter that shows what an operator does; where more lose one, that is no operator's fault."""

Finding = tuple[str, Listed, Violation | None]


_SHOWN = ("list.shows-whole-records",)
_BY_VALUE = frozenset({AND, SEVERAL, "search.word-in-title", "search.every-word"})
"""What is judged by the values that a list shows, which must be those that were written."""
_PARTED = ("list.page-selects-records", "situations.list-during-writes")
"""What must hold of pages for one to say something of the others."""
_OFFSET = re.compile(r"[+-](?!00:?00)[0-9]{2}:?[0-9]{2}$")
_BY_OFFSET = frozenset({COMBINED, "dates.range-holds-both", "dates.start-filters", "dates.end-filters"})
"""What is judged by borders that may be written with an offset."""
_CHAPTERS: Mapping[str, str] = {
    "filter": "filter.", "search": "search.", "startDate": "dates.", "endDate": "dates.", "sort": "sort.",
    "fields": "select.", "include": "select.",
}  # fmt: skip
_BY_PARAMETER: Mapping[str, tuple[str, ...]] = {
    name: tuple(sorted(one for one in ledger.everything().requirements if one.startswith(chapter)))
    for name, chapter in _CHAPTERS.items()
}
"""By parameter all that is told of it alone."""
_WRITTEN_BORDERS = frozenset(
    {"dates.date-alone-starts-the-day", "dates.date-alone-ends-the-day", "dates.no-offset-is-utc"}
)
"""How a border is written: nothing is said of that where borders select nothing out however they are written."""


def _judge(history: History) -> Iterator[Judgement]:
    lists = history.lists
    found = (
        *_filtered(lists),
        *_searched(history),
        *_dated(lists),
        *_sorted(lists),
        *_counted(history),
        *_together(history),
        *((COMBINED, listed, problem) for listed, problem in refused_together(lists)),
        *((SELECTED, listed, problem) for listed, problem in refused_fields(lists)),
        *_refused_orders(history),
        *repeated(lists),
    )
    for requirement, listed, problem in found:
        falls = ("sort.descending",) if requirement == "sort.enums" and _falls(listed) else ()
        borders = _of_borders(listed) if requirement in _WRITTEN_BORDERS else _of_offsets(listed, requirement)
        parts = of_a_total(listed) if requirement == TOTAL else _PARTED if requirement == PAGE else ()
        counted = _of_what_lacks(listed, requirement, problem.message) if problem is not None else ()
        is_together = requirement == COMBINED or bool(counted and requirement in {BLANK, *_DAYS})
        parted = (one for one in _of_parts(listed) if one != requirement) if is_together else ()
        counted = (*counted, *parted)
        counted = (*counted, *(one for one in of_a_filter(listed) if one != RANGE)) if requirement == RANGE else counted
        is_by_value = requirement == COMBINED and problem is not None and problem.message not in (_TOO_FEW, _LACKS)
        shows = _SHOWN if is_by_value or requirement in _BY_VALUE else ()
        after = (*shows, *as_a_reader(listed), *falls, *borders, *parts, *counted)
        yield Judgement(requirement, listed.entity.name, listed.seen.exchange, problem, after=after)


def _refused_orders(history: History) -> Iterator[Finding]:
    for name, listed, problem in refused_orders(history.lists, history.contract):
        field = listed.entity.field(name)
        if field is not None and field.type in _SORTS:
            yield _SORTS[field.type], listed, problem


def _of_what_lacks(listed: Listed, requirement: str, message: str) -> tuple[str, ...]:
    """What must hold for a list to lack records by the fault of what is blamed.

    Beside borders the filter may be to blame, which tells a run's own records from all others by their ids, and beside
    anything a search that is blank, or a deletion that was refused and took records along.
    """
    if message not in (_TOO_FEW, _LACKS):
        return ()
    beside = of_a_filter(listed) if requirement.startswith("dates.") else ()
    blank = (BLANK,) if "search" in dict(listed.seen.query) and requirement != BLANK else ()
    return (*beside, *blank, _LEFT, *((TOTAL,) if message == _TOO_FEW else ()))


def _of_parts(listed: Listed) -> tuple[str, ...]:
    """What must hold of each parameter of a list for their being together to be to blame."""
    names = {name for name, _ in listed.seen.query}
    return tuple(one for parameter, told in _BY_PARAMETER.items() if parameter in names for one in told)


def _falls(listed: Listed) -> bool:
    return listed.question is not None and listed.question.order == "desc"


def _of_borders(listed: Listed) -> tuple[str, ...]:
    """What must hold of the dates that were asked for, however they are written."""
    question = listed.question
    start, end = (None, None) if question is None else (question.start, question.end)
    return (
        *(("dates.start-filters",) if start else ()),
        *(("dates.end-filters",) if end else ()),
        *(("dates.range-holds-both",) if start and end else ()),
    )


def _of_offsets(listed: Listed, requirement: str) -> tuple[str, ...]:
    """What must hold of offsets where borders are written with one that is not that of UTC."""
    borders = () if listed.question is None else (listed.question.start, listed.question.end)
    is_written = any(_OFFSET.search(one) for one in borders if one is not None)
    return ("dates.offset-counts",) if is_written and requirement in _BY_OFFSET else ()


def _understood(lists: Lists) -> Iterator[tuple[Listed, Question]]:
    for listed in lists:
        if listed.question is not None:
            yield listed, listed.question


def _told(listed: Listed, message: str, expected: str, actual: object) -> Violation:
    return Violation(message, expected=expected, actual=shown(actual), exchange=listed.seen.exchange)


def _requirement_of(question: Question, condition: Condition) -> str:
    """The requirement of equality on a field, or with nothing in a text."""
    if condition.operand == "":
        return EMPTY
    field = question.entity.field(condition.field)
    keys = {relation.foreign_key for relation in question.entity.relations if relation.type == "belongsTo"}
    usual = "filter.foreign-key-equality" if condition.field in keys else "filter.field-equality"
    return satisfying.KINDS.get("" if field is None else field.type, usual)


def _filtered(lists: Lists) -> Iterator[Finding]:
    """Every record shown meets every condition.

    What an operator does alone, designed questions ask. Here it counts where only a filter of several conditions loses
    it. Equality counts wherever it stands.
    """
    wrong: list[tuple[Listed, Question, Condition, Record]] = []
    for listed, question in _understood(lists):
        broken = [
            (condition, record)
            for condition in question.conditions
            for record in listed.records
            if satisfying.holds(question.entity, condition, record) is False
        ]
        wrong += [(listed, question, *broken[0])] if broken else []
        for condition in () if broken or not listed.records else question.conditions:
            if condition.bare:
                yield _requirement_of(question, condition), listed, None
        if len(question.conditions) > 1 and not broken and listed.records:
            yield AND, listed, None
    ignored = {(one.operator, one.bare) for _, of, one, _ in wrong if len(of.conditions) <= _FEW}
    together = [(of, one) for _, of, one, _ in wrong if (one.operator, one.bare) not in ignored]
    is_range = bool(together) and all(_shares_its_field(of, one) for of, one in together)
    are_ored = _are_ored([(listed, of) for listed, of, _, _ in wrong])
    by_themselves = {(one.operator, one.bare) for _, of, one, _ in wrong if len(of.conditions) == 1}
    right = [one for one, _ in _understood(lists) if one.records and not any(one is each for each, *_ in wrong)]
    is_beside = _is_beside([one for one, *_ in wrong], right, (_has_search,))
    for listed, question, condition, record in wrong:
        stated = condition.operator, condition.bare
        is_alone = stated in by_themselves or (stated in ignored and not (are_ored and len(question.conditions) > 1))
        is_alone &= condition.field != "id" or len(question.conditions) == 1
        if condition.bare or not is_alone:
            expected = f"{condition.field} {condition.operator} {shown(condition.operand)}"
            problem = _told(listed, "data holds a record that does not meet the filter", expected, record)
            several = RANGE if is_range else _of_several(question, condition)
            usual = _requirement_of(question, condition) if is_alone else several
            yield COMBINED if is_beside else usual, listed, problem


def _are_ored(lists: Sequence[tuple[Listed, Question]]) -> bool:
    """Whether each record of every list meets one of several conditions, and in one list none is met by all."""
    met = [
        [
            {place for place, one in enumerate(question.conditions) if satisfying.holds(question.entity, one, record)}
            for record in listed.records
        ]
        for listed, question in lists
        if len(question.conditions) > 1
    ]
    return all(all(of_list) for of_list in met) and any(not set.intersection(*of_list) for of_list in met)


def _of_several(question: Question, condition: Condition) -> str:
    """What is broken where one of several conditions is lost, which alone counts."""
    if len(question.conditions) > _THREE:
        return SEVERAL
    return RANGE if _shares_its_field(question, condition) else AND


def _shares_its_field(question: Question, condition: Condition) -> bool:
    """Whether another condition is about the same field."""
    return [one.field for one in question.conditions].count(condition.field) > 1


def _searched(history: History) -> Iterator[Finding]:
    """Every own record that a search shows has every word, however the words are cut and indexed for others'.

    Where it shows others beside a filter alone, that is no fault of the search.
    """
    found = [*_having_words(history)]
    wrong = [listed for _, listed, problem in found if problem is not None]
    is_beside = _is_beside(wrong, [listed for _, listed, problem in found if problem is None], (_has_filter,))
    for requirement, listed, problem in found:
        yield COMBINED if is_beside and problem is not None else requirement, listed, problem


def _having_words(history: History) -> Iterator[Finding]:
    for listed, question in _understood(history.lists):
        asked = satisfying.words(question)
        own = [one for one in listed.records if history.own.find(listed.entity.name, one.get("id")) is not None]
        if asked and own and not history.is_late:
            requirement = "search.every-word" if len(asked) > 1 else "search.word-in-title"
            lacking = [(one, word) for one in own if (word := satisfying.has_words(listed.entity, one, asked))]
            yield (
                requirement,
                listed,
                None
                if not lacking
                else _told(listed, "data holds a record that lacks a word of the search", lacking[0][1], lacking[0][0]),
            )


def _dated(lists: Lists) -> Iterator[Finding]:
    """Every record shown was created in time. What a range selects that ends before it starts, its own check judges.

    Where borders select nothing out beside a certain other parameter alone, that is no fault of any border. Lists of
    the same entity tell it.
    """
    found = list(_bordered(lists))
    wrong = {listed.seen.exchange: listed for _, listed, problem in found if problem is not None}
    entities = {listed.entity.name for listed in wrong.values()}
    others = (listed for _, listed, _ in found if listed.seen.exchange not in wrong)
    right = [listed for listed in others if listed.entity.name in entities and _is_bounded(lists, listed)]
    is_beside = _is_beside(list(wrong.values()), right, (*_PARTS, _has_filter))
    for requirement, listed, problem in found:
        yield COMBINED if is_beside and problem is not None else requirement, listed, problem


def _is_bounded(lists: Lists, listed: Listed) -> bool:
    """Whether the borders of a list leave out a record of the run that was there."""
    seen, question = listed.seen, listed.question
    states = lists.history.own.expected(listed.entity.name, seen.user, seen.asked.began, seen.asked.ended)
    known = [_certain(state, own.id) for own, state in states if state.must_exist]
    return question is not None and any(
        holds is False for one in known for _, holds in satisfying.is_in_time(question, one)
    )


def _bordered(lists: Lists) -> Iterator[Finding]:
    for listed, question in _understood(lists):
        if satisfying.is_turned_around(question):
            continue
        for record in listed.records:
            for name, holds in satisfying.is_in_time(question, record):
                if holds is not None:
                    border = question.start if name == "startDate" else question.end
                    problem = None if holds else _told(
                        listed, f"data holds a record outside of {name}", str(border), record.get("createdAt")
                    )  # fmt: skip
                    is_range = question.start is not None and question.end is not None
                    yield _requirement_of_border(name, str(border), is_range=is_range), listed, problem


def _requirement_of_border(name: str, border: str, *, is_range: bool = False) -> str:
    if satisfying.is_date(border):
        return "dates.date-alone-starts-the-day" if name == "startDate" else "dates.date-alone-ends-the-day"
    if not has_offset(border):
        return "dates.no-offset-is-utc"
    if is_range:
        return "dates.range-holds-both"
    return "dates.start-filters" if name == "startDate" else "dates.end-filters"


def _sorted(lists: Lists) -> Iterator[Finding]:
    """The records are in the order asked for, beside other parameters too.

    Where only one type falls wrongly, it is that type's.
    Where only what has a certain other parameter is out of order, and the same field is in order without it, that is
    no fault of any type of field.
    """
    found = list(_ordered(lists))
    wrong = [listed for _, listed, problem in found if problem is not None]
    fields = {_sort_of(one) for one in wrong}
    right = [
        listed
        for _, listed, problem in found
        if problem is None and len(listed.records) > _FEW and _sort_of(listed) in fields
    ]
    is_beside = _is_beside(wrong, right)
    rising = {requirement for requirement, _, problem in found if problem is not None}
    falls = len({_type_of(one) for one in wrong}) == 1 and any(
        requirement == "sort.descending" and problem is None and len(listed.records) > _FEW
        for requirement, listed, problem in found
    )
    for requirement, listed, problem in found:
        usual = _SORTS.get(_type_of(listed), requirement) if requirement == "sort.descending" else requirement
        told = usual if usual in rising or falls else requirement
        yield (COMBINED if is_beside else told) if problem is not None else requirement, listed, problem


def _sort_of(listed: Listed) -> tuple[str, str | None]:
    return listed.entity.name, None if listed.question is None else listed.question.sort


def _type_of(listed: Listed) -> str:
    """The type of the field that a list is sorted by."""
    field = None if listed.question is None else listed.entity.field(listed.question.sort or "")
    return "" if field is None else field.type


def _has_search(question: Question | None) -> bool:
    return question is not None and question.search is not None


def _has_include(question: Question | None) -> bool:
    return question is not None and bool(question.include)


def _has_dates(question: Question | None) -> bool:
    return question is not None and bool(question.start or question.end)


def _has_filter(question: Question | None) -> bool:
    return question is not None and any(one.field != "id" for one in question.conditions)


_PARTS = (_has_search, _has_include, _has_dates)


def _is_beside(
    wrong: Sequence[Listed], right: Sequence[Listed], parts: Sequence[Callable[[Question | None], bool]] = _PARTS
) -> bool:
    """Whether all wrong lists have a certain other parameter, and not all right ones do."""
    return any(
        all(part(one.question) for one in wrong) and not all(part(one.question) for one in right) for part in parts
    )


def _ordered(lists: Lists) -> Iterator[Finding]:
    """Each list in its order; where a deployment may choose, it keeps to what it chose."""
    nulls: set[str] = {"largest", "smallest", "last", "first"}
    enums: set[str] = {"declared", "alphabetical"}
    for listed, question in _understood(lists):
        field = None if question.sort is None else listed.entity.field(question.sort)
        if field is None or not all(field.name in one and is_value(field, one[field.name]) for one in listed.records):
            continue
        values, falls = [one[field.name] for one in listed.records], question.order == "desc"
        held = [one for one in values if one is not None]
        if len(held) < len(values) and held and _orders(field, held, falls=falls):
            kept = nulls & _places_of_nulls(values, falls=falls)
            message = f"what holds no {field.name} is not where it is in other lists"
            yield "sort.nulls", listed, None if kept else _told(listed, message, " or ".join(sorted(nulls)), values)
            nulls = kept or nulls
        if len(held) > 1:
            rising = _SORTS.get(field.type, "") if question.order else "sort.ascending-by-default"
            requirement = "sort.enums" if field.type == "enum" else "sort.descending" if falls else rising
            orders = _orders(field, held, falls=falls)
            kept = enums & orders if field.type == "enum" else orders
            message, direction = f"data is not sorted by {field.name}", "descending" if falls else "ascending"
            yield requirement, listed, None if kept else _told(listed, message, f"{direction} values", values)
            enums = kept or enums if field.type == "enum" else enums


def _places_of_nulls(values: Sequence[object], *, falls: bool) -> set[str]:
    """The choices that agree with where the nulls are; none where they are in between."""
    number = values.count(None)
    is_first, is_last = values[:number] == [None] * number, values[-number:] == [None] * number
    return {
        *(("first", "largest" if falls else "smallest") if is_first else ()),
        *(("last", "smallest" if falls else "largest") if is_last else ()),
    }


def _orders(field: Field, values: Sequence[object], *, falls: bool) -> set[str]:
    """The orders in which the values are."""
    keys: dict[str, Sequence[object]] = {"declared": [satisfying.place_of(field, one) for one in values]}
    if field.type == "enum":
        known = {value: place for place, value in enumerate(field.values)}
        keys = {"declared": [known.get(str(one)) for one in values], "alphabetical": values}
    return {name for name, places in keys.items() if _is_ordered(places, falls=falls)}


def _is_ordered(places: Sequence[object], *, falls: bool) -> bool:
    known = [pair for pair in pairwise(places) if None not in pair]
    return all((one >= other) if falls else (one <= other) for one, other in known)  # type: ignore[operator]  # of one type


def _counted(history: History) -> Iterator[Finding]:
    """Own records that satisfy the question are counted, and shown where the list is whole.

    What no answer but that to its creation shows is no fault of the question, where the others are counted and shown.
    """
    found = {(one.own.entity.name, one.own.id) for one in history.shown.showings if one.channel in ("read", "list")}
    is_listed = _listed_by_now(history)
    for listed, question in _understood(history.lists):
        numbers, seen = listed.numbers, listed.seen
        is_narrowed = bool(question.conditions or question.start or question.end)
        if numbers is None or question.search or seen.credential not in _READERS[seen.user]:
            continue
        states = [*history.own.expected(listed.entity.name, seen.user, seen.asked.began, seen.asked.ended)]
        states = [(own, state) for own, state in states if is_listed(own, listed)]
        due = [own.id for own, state in states if state.must_exist and _satisfies(question, _certain(state, own.id))]
        ids = ids_of(listed.records)
        missing = [one for one in due if one not in ids]
        is_told = all("id" in one for one in listed.records)  # which may stay away where `fields` does not name it
        is_whole = is_told and numbers.page == 1 and numbers.total <= len(listed.records)
        is_plain = listed.is_of_known_size and numbers.total > 0  # who is shown none is not shown what others are
        requirement = _requirement_of_question(question) if is_narrowed else TOTAL if is_plain else None
        lost = {one for one in due if (listed.entity.name, one) not in found}
        is_lost = lost.issuperset(missing) or len(due) - len(lost) <= numbers.total < len(due)
        if requirement is not None and is_lost and 0 < len(lost) < len(due):
            requirement = LISTED
        if requirement is not None and len(due) > numbers.total:
            yield requirement, listed, _told(listed, _TOO_FEW, f">= {len(due)}", numbers.total)
        elif requirement is not None and is_narrowed and is_whole and missing:
            yield requirement, listed, _told(listed, _LACKS, missing[0], sorted(map(str, ids)))
        most = _most(listed, question, states)
        if most is not None and len(due) <= most < numbers.total:
            message = "total is above the records with these ids that can satisfy the question"
            yield TOTAL, listed, _told(listed, message, f"<= {most}", numbers.total)


def _listed_by_now(history: History) -> Callable[[Own, Listed], bool]:
    """Whether a list has shown a record since it was written, before another is asked for: lists may be late (L18)."""
    if not history.is_late:
        return lambda _, __: True
    first: dict[int, int] = {}  # when a list first had shown what the last write left
    for one in history.shown.showings:
        written = max((write.ended for write in one.own.writes), default=0)
        if one.channel == "list" and not one.wrong and written < one.began:
            first[id(one.own)] = min(one.ended, first.get(id(one.own), one.ended))
    return lambda own, listed: first.get(id(own), listed.seen.asked.ended) < listed.seen.asked.began


def _together(history: History) -> Iterator[Finding]:
    """Own records that satisfy a question of several parts are counted and shown beside whatever else it asks.

    What one part loses by itself, that one's requirement tells; what they lose together, nobody else does. A search
    counts where it has whole words that no index drops, or none.
    """
    wrong: list[tuple[Listed, Violation]] = []
    right: list[Listed] = []
    found = {(one.own.entity.name, one.own.id) for one in history.shown.showings if one.channel in ("read", "list")}
    listing = {(one.own.entity.name, one.seen.credential) for one in history.shown.showings if one.channel == "list"}
    is_listed = _listed_by_now(history)
    for listed, question in _understood(history.lists):
        numbers, seen, asked = listed.numbers, listed.seen, satisfying.words(question)
        is_open = bool((question.search or "").strip()) and (not asked or history.is_late)
        is_open |= (listed.entity.name, seen.credential) not in listing  # who is shown nothing, others tell of
        is_open |= numbers is None or numbers.is_past_the_end or seen.credential not in _READERS[seen.user]
        if numbers is None or is_open or _parts(question) < _FEW:
            continue
        states = history.own.expected(listed.entity.name, seen.user, seen.asked.began, seen.asked.ended)
        told = [(own, state) for own, state in states if is_listed(own, listed)]
        known = [_certain(state, own.id) for own, state in told if state.must_exist]
        due = [one["id"] for one in known if _satisfies(question, one) and _is_searched(question, one, asked)]
        due = [one for one in due if (listed.entity.name, one) in found]
        ids = ids_of(listed.records)
        missing = [one for one in due if one not in ids]
        is_told = all("id" in one for one in listed.records)  # which may stay away where `fields` does not name it
        is_whole = is_told and numbers.page == 1 and numbers.total <= len(listed.records)
        if len(due) > numbers.total:
            wrong.append((listed, _told(listed, _TOO_FEW, f">= {len(due)}", numbers.total)))
        elif is_whole and missing:
            wrong.append((listed, _told(listed, _LACKS, missing[0], sorted(map(str, ids)))))
        elif due:
            right.append(listed)
    is_written_otherwise = not all(_is_blank(one) or _days(one) for one, _ in wrong)
    for listed, problem in wrong:
        same = [one for one in right if one.entity.name == listed.entity.name]
        if all(_ends_with_its_page(one) for one, _ in wrong if one.entity.name == listed.entity.name):
            yield TOTAL, listed, problem
        else:
            yield COMBINED if is_written_otherwise else _of_how_it_is_written(listed, same), listed, problem


def _ends_with_its_page(listed: Listed) -> bool:
    """Whether a page is full, and its total is where it ends: that is no loss, but another way to count."""
    numbers = listed.numbers
    return (
        numbers is not None and numbers.limit == len(listed.records) and numbers.total == numbers.page * numbers.limit
    )


def _of_how_it_is_written(wrong: Listed, right: Sequence[Listed]) -> str:
    """What is to blame where a list has a date without a time, or a blank search as no right one of the entity has.

    Whose day such a date is, hangs on the moment too.
    """
    if _is_blank(wrong) and not any(map(_is_blank, right)):
        return BLANK
    return next(iter(_days(wrong)), COMBINED)


def _days(listed: Listed) -> list[str]:
    return [name for name, is_written in _DAYS.items() if is_written(listed)]


def _is_blank(listed: Listed) -> bool:
    search = None if listed.question is None else listed.question.search
    return search is not None and not search.strip()


def _starts_with_a_day(listed: Listed) -> bool:
    return listed.question is not None and satisfying.is_date(listed.question.start or "")


def _ends_with_a_day(listed: Listed) -> bool:
    return listed.question is not None and satisfying.is_date(listed.question.end or "")


_DAYS: Mapping[str, Callable[[Listed], bool]] = {
    "dates.date-alone-ends-the-day": _ends_with_a_day,
    "dates.date-alone-starts-the-day": _starts_with_a_day,
}


def _parts(question: Question) -> int:
    """How many parts a question has, besides the ids that it is narrowed to."""
    stated = (question.search, question.start, question.end, question.sort, question.fields, question.include)
    others = [one for one in question.conditions if one.field != "id"]
    return len(others) + sum(one not in (None, ()) for one in (*stated, question.limit))


def _is_searched(question: Question, record: Record, asked: Sequence[str]) -> bool:
    """Whether each word stands in a text that must be searched."""
    texts = [str(record[name]).casefold() for name in question.entity.searchable if record.get(name) is not None]
    return all(any(word.casefold() in text for text in texts) for word in asked)


def _most(listed: Listed, question: Question, states: Sequence[tuple[Own, State]]) -> int | None:
    """How many records can satisfy the question; None where it names no ids, or other ones than the run's own.

    None too where a record is shown that does not satisfy it, or did not when it was written: that is no fault of the
    total.
    """
    operands = [one.operand for one in question.conditions if one.field == "id" and (one.bare or one.operator == "$in")]
    named = [{str(each) for each in (one if isinstance(one, list) else [one])} for one in operands]
    known = {own.id: _certain(state, own.id) for own, state in states}
    ids = set.intersection(*named) if named else set()
    shown_as = [{**one, **known.get(str(one.get("id")), {})} for one in listed.records]
    if not ids or not ids <= known.keys() or any(_fails(question, one) for one in (*listed.records, *shown_as)):
        return None
    return sum(not _fails(question, known[one]) for one in ids)


def _fails(question: Question, record: Record) -> bool:
    """Whether a record is sure not to satisfy the question."""
    held = [satisfying.holds(question.entity, one, record) for one in question.conditions]
    return False in held or False in [holds for _, holds in satisfying.is_in_time(question, record)]


_READERS = {"own": {"api_key", "session", "read_key"}, "other": {"other_api_key"}}


def _requirement_of_question(question: Question) -> str | None:
    """What a question breaks that selects too few; None where an operator may be to blame.

    That it is narrowed to some ids breaks nothing by itself.
    """
    others = [one for one in question.conditions if one.field != "id"]
    borders = [one for one in (question.start, question.end) if one is not None]
    if not all(one.bare for one in others) or (others and borders):
        return None
    if others:
        return AND if len(others) > 1 else _requirement_of(question, others[0])
    if not borders:
        return None
    if len(borders) > 1:
        is_plain = all(has_offset(one) and not satisfying.is_date(one) for one in borders)
        return "dates.range-holds-both" if is_plain else None
    return _requirement_of_border("startDate" if question.start else "endDate", borders[0])


def _certain(state: State, id_: str) -> Record:
    """What a record is sure to hold."""
    known = {name: held[0] for name, held in state.values.items() if len(held) == 1 and held[0] is not ANYTHING}
    return known | {"id": id_}


def _satisfies(question: Question, record: Record) -> bool:
    """Whether a record is sure to satisfy the question."""
    return all(satisfying.holds(question.entity, one, record) for one in question.conditions) and (
        [holds for _, holds in satisfying.is_in_time(question, record)]
        == [True for border in (question.start, question.end) if border is not None]
    )


WATCHES = (
    Watch(
        _judge,
        dict.fromkeys(
            (
                *(
                    LISTED,
                    AND,
                    EMPTY,
                    SEVERAL,
                    RANGE,
                    "filter.field-equality",
                    "filter.foreign-key-equality",
                    *satisfying.KINDS.values(),
                ),
                *("search.every-word", "search.word-in-title", "dates.start-filters", "dates.end-filters"),
                *("dates.date-alone-starts-the-day", "dates.date-alone-ends-the-day", "dates.no-offset-is-utc"),
                *("dates.range-holds-both", "sort.nulls", "sort.enums", "sort.descending"),
                *("sort.ascending-by-default", *_SORTS.values(), SAME, TIES, COMBINED, PAGE, BLANK),
            ),
            "",
        ),
    ),
)
