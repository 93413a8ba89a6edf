"""Lists by what they are asked: records satisfy the question, in its order; own records that satisfy it count.

Conditions and words are judged here. A wrong answer may be the fault of several parts of a question: what must hold for
one of them to be to blame stands here for all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from entity_contract import Entity

from entity_conformance.deployment.reply import Record
from entity_conformance.oracle import satisfying
from entity_conformance.oracle.history import History
from entity_conformance.oracle.lists import Listed
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.suite import ledger
from entity_conformance.suite.expect.values import shown
from entity_conformance.suite.watch.asked import (
    AND,
    BLANK,
    COMBINED,
    EMPTY,
    FEW,
    LACKS,
    RANGE,
    SEVERAL,
    TOO_FEW,
    Finding,
    difference,
    has_filter,
    has_search,
    lies_beside,
    requirement_of,
    understood,
)
from entity_conformance.suite.watch.borders import dated
from entity_conformance.suite.watch.counts import DAYS, own_are_counted, own_are_counted_together
from entity_conformance.suite.watch.judgement import Judgement, Watch
from entity_conformance.suite.watch.orders import SORTS, in_order, refused_by_their_order
from entity_conformance.suite.watch.pages import TOTAL, as_a_reader, of_a_filter, of_a_total, shown_twice
from entity_conformance.suite.watch.refused import SELECTED, refused_fields, refused_together
from entity_conformance.suite.watch.repetition import LISTED, PAGE, SAME, TIES, repeated

_LEFT = ("delete.refused-changes-nothing", "delete.spares-others", "auth.hidden-records-stay-untouched")
_THREE = 3
"""Conditions of a filter that shows what an operator does; where more lose one, that is no operator's fault."""


_ORED = "a filter of several conditions selects records that meet one of them"
_SHOWN = ("list.shows-whole-records", "read.shows-the-last-write", "update.spares-others")
_BY_VALUE = ("filter.", "search.", "sort.")
"""The chapters that are judged by the values that a list shows, which must be those that were written last."""
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
        *_filtered(history),
        *_searched(history),
        *dated(lists),
        *in_order(lists),
        *own_are_counted(history),
        *own_are_counted_together(history),
        *((COMBINED, listed, problem) for listed, problem in refused_together(lists)),
        *((SELECTED, listed, problem) for listed, problem in refused_fields(lists)),
        *refused_by_their_order(history),
        *repeated(lists),
    )
    for requirement, listed, problem in found:
        falls = ("sort.descending",) if requirement == "sort.enums" and _falls(listed) else ()
        borders = _of_borders(listed) if requirement in _WRITTEN_BORDERS else _of_offsets(listed, requirement)
        parts = of_a_total(listed) if requirement == TOTAL else _PARTED if requirement == PAGE else ()
        counted = _of_what_lacks(listed, requirement, problem.message) if problem is not None else ()
        is_together = requirement == COMBINED or bool(counted and requirement in {BLANK, *DAYS})
        parted = (one for one in _of_parts(listed) if one != requirement) if is_together else ()
        counted = (*counted, *parted)
        counted = (*counted, *(one for one in of_a_filter(listed) if one != RANGE)) if requirement == RANGE else counted
        is_by_value = requirement == COMBINED and problem is not None and problem.message not in (TOO_FEW, LACKS)
        shows = _SHOWN if is_by_value or requirement.startswith(_BY_VALUE) else ()
        after = (*shows, *as_a_reader(listed), *falls, *borders, *parts, *counted)
        yield Judgement(requirement, listed.entity.name, listed.seen.exchange, problem, after=after)


def _of_what_lacks(listed: Listed, requirement: str, message: str) -> tuple[str, ...]:
    """What must hold for a list to lack records by the fault of what is blamed.

    Beside borders the filter may be to blame, which tells a run's own records from all others by their ids, and beside
    anything a search that is blank, a record that stands twice in their place, or a deletion that was refused, whoever
    sent it, and took records along.
    """
    if message not in (TOO_FEW, LACKS):
        return ()
    beside = of_a_filter(listed) if requirement.startswith("dates.") else ()
    blank = (BLANK,) if "search" in dict(listed.seen.query) and requirement != BLANK else ()
    twice = (PAGE,) if shown_twice(listed) and requirement != PAGE else ()
    return (*beside, *blank, *twice, *_LEFT, *((TOTAL,) if message == TOO_FEW else ()))


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


def _filtered(history: History) -> Iterator[Finding]:
    """Every record shown meets every condition, but what it shows otherwise than it was written.

    What an operator does alone, designed questions ask. Here it counts where only a filter of several conditions loses
    it. Equality counts wherever it stands.
    """
    lists = history.lists
    wrong: list[tuple[Listed, Question, Condition, Record]] = []
    for listed, question in understood(lists):
        broken = [
            (condition, record)
            for condition in question.conditions
            for record in listed.records
            if satisfying.holds(question.entity, condition, record) is False
            and _is_as_written(history, listed.entity, condition.field, record)
        ]
        wrong += [(listed, question, *broken[0])] if broken else []
        for condition in () if broken or not listed.records else question.conditions:
            if condition.bare:
                yield requirement_of(question, condition), listed, None
        if len(question.conditions) > 1 and not broken and listed.records:
            yield AND, listed, None
    ignored = {(one.operator, one.bare) for _, of, one, _ in wrong if len(of.conditions) <= FEW}
    together = [(of, one) for _, of, one, _ in wrong if (one.operator, one.bare) not in ignored]
    is_range = bool(together) and all(_shares_its_field(of, one) for of, one in together)
    are_ored = _are_ored([(listed, of) for listed, of, _, _ in wrong])
    by_themselves = {(one.operator, one.bare) for _, of, one, _ in wrong if len(of.conditions) == 1}
    right = [one for one, _ in understood(lists) if one.records and not any(one is each for each, *_ in wrong)]
    is_beside = lies_beside([one for one, *_ in wrong], right, (has_search,))
    for listed, question, condition, record in wrong:
        stated = condition.operator, condition.bare
        is_alone = stated in by_themselves or (stated in ignored and not (are_ored and len(question.conditions) > 1))
        is_alone &= condition.field != "id" or len(question.conditions) == 1
        if condition.bare or not is_alone:
            expected = f"{condition.field} {condition.operator} {shown(condition.operand)}"
            message = _ORED if are_ored and not is_alone else "data holds a record that does not meet the filter"
            problem = difference(listed, message, expected, record)
            several = RANGE if is_range else _of_several(question, condition)
            usual = requirement_of(question, condition) if is_alone else several
            yield COMBINED if is_beside else usual, listed, problem


def _is_as_written(history: History, entity: Entity, name: str, record: Record) -> bool:
    """Whether an own record shows a text that was written to it, so that a list was to look for that."""
    own, field = history.own.find(entity.name, record.get("id")), entity.field(name)
    is_text = field is not None and field.type in ("string", "text") and not field.generated
    return own is None or not is_text or record.get(name) in {None, *own.sent_texts()}


def _are_ored(lists: Sequence[tuple[Listed, Question]]) -> bool:
    """Whether each record of every list may meet one of several conditions, and in one list none is met by all.

    How texts are ordered is the deployment's choice, so that it may be by a range that a record was selected.
    """
    met = [
        [
            {
                place
                for place, one in enumerate(question.conditions)
                if satisfying.holds(question.entity, one, record) is not False
            }
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
    is_beside = lies_beside(wrong, [listed for _, listed, problem in found if problem is None], (has_filter,))
    for requirement, listed, problem in found:
        yield COMBINED if is_beside and problem is not None else requirement, listed, problem


def _having_words(history: History) -> Iterator[Finding]:
    for listed, question in understood(history.lists):
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
                else difference(
                    listed, "data holds a record that lacks a word of the search", lacking[0][1], lacking[0][0]
                ),
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
                *("sort.ascending-by-default", *SORTS.values(), SAME, TIES, COMBINED, PAGE, BLANK, SELECTED),
            ),
            "",
        ),
    ),
)
