"""What lists are asked, and what speaks for or against one parameter of theirs."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record
from entity_conformance.oracle import satisfying
from entity_conformance.oracle.lists import Listed, Lists
from entity_conformance.oracle.own import ANYTHING, State
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.suite.expect.values import shown

EMPTY, SEVERAL, RANGE = "filter.empty-text", "filter.several-conditions", "filter.range"
AND = "filter.conditions-are-and"
COMBINED = "list.all-parameters-combine"
BLANK = "search.blank"
FEW = 2
"""Parameters, conditions or records of which fewer tell nothing of each other."""
TOO_FEW = "total is below the own records that satisfy the question"
LACKS = "data lacks a record that satisfies the question"
Finding = tuple[str, Listed, Violation | None]
"""A requirement, the list that says something of it, and what is wrong there."""


def understood(lists: Lists) -> Iterator[tuple[Listed, Question]]:
    """The lists whose question is understood, each with it."""
    for listed in lists:
        if listed.question is not None:
            yield listed, listed.question


def difference(
    listed: Listed, message: str, expected: str, actual: object, *, beside: Iterable[Listed] = ()
) -> Violation:
    """What is wrong with a list, shown by its exchange, and by those of the lists `beside` which it is wrong."""
    besides = tuple(one.seen.exchange for one in beside)
    return Violation(message, expected=expected, actual=shown(actual), exchange=listed.seen.exchange, besides=besides)


def requirement_of(question: Question, condition: Condition) -> str:
    """The requirement of equality on a field, or with nothing in a text."""
    if condition.operand == "":
        return EMPTY
    field = question.entity.field(condition.field)
    keys = {relation.foreign_key for relation in question.entity.relations if relation.type == "belongsTo"}
    usual = "filter.foreign-key-equality" if condition.field in keys else "filter.field-equality"
    return satisfying.KINDS.get("" if field is None else field.type, usual)


def has_search(question: Question | None) -> bool:
    """Whether it searches, be it for nothing."""
    return question is not None and question.search is not None


def has_include(question: Question | None) -> bool:
    """Whether it embeds relations."""
    return question is not None and bool(question.include)


def has_dates(question: Question | None) -> bool:
    """Whether it has a border of dates."""
    return question is not None and bool(question.start or question.end)


def has_filter(question: Question | None) -> bool:
    """Whether it has a condition, but for the ids that narrow it."""
    return question is not None and any(one.field != "id" for one in question.conditions)


PARTS = (has_search, has_include, has_dates)


def lies_beside(
    wrong: Sequence[Listed], right: Sequence[Listed], parts: Sequence[Callable[[Question | None], bool]] = PARTS
) -> bool:
    """Whether all wrong lists have a certain other parameter, and not all right ones do."""
    return any(
        all(part(one.question) for one in wrong) and not all(part(one.question) for one in right) for part in parts
    )


def certain(state: State, id_: str) -> Record:
    """What a record is sure to hold."""
    known = {name: held[0] for name, held in state.values.items() if len(held) == 1 and held[0] is not ANYTHING}
    return known | {"id": id_}
