"""Borders of dates: every record that a list shows was created in time."""

from collections.abc import Iterator

from entity_conformance.oracle import satisfying
from entity_conformance.oracle.lists import Listed, Lists
from entity_conformance.oracle.times import has_offset
from entity_conformance.suite.watch.asked import (
    COMBINED,
    PARTS,
    Finding,
    certain,
    difference,
    has_filter,
    lies_beside,
    understood,
)


def dated(lists: Lists) -> Iterator[Finding]:
    """Every record shown was created in time. What a range selects that ends before it starts, its own check judges.

    Where borders select nothing out beside a certain other parameter alone, that is no fault of any border. Lists of
    the same entity tell it.
    """
    found = list(_bordered(lists))
    wrong = {listed.seen.exchange: listed for _, listed, problem in found if problem is not None}
    entities = {listed.entity.name for listed in wrong.values()}
    others = (listed for _, listed, _ in found if listed.seen.exchange not in wrong)
    right = [listed for listed in others if listed.entity.name in entities and _is_bounded(lists, listed)]
    is_beside = lies_beside(list(wrong.values()), right, (*PARTS, has_filter))
    for requirement, listed, problem in found:
        yield COMBINED if is_beside and problem is not None else requirement, listed, problem


def _is_bounded(lists: Lists, listed: Listed) -> bool:
    """Whether the borders of a list leave out a record of the run that was there."""
    seen, question = listed.seen, listed.question
    states = lists.history.own.expected(listed.entity.name, seen.user, seen.asked.began, seen.asked.ended)
    known = [certain(state, own.id) for own, state in states if state.must_exist]
    return question is not None and any(
        holds is False for one in known for _, holds in satisfying.is_in_time(question, one)
    )


def _bordered(lists: Lists) -> Iterator[Finding]:
    for listed, question in understood(lists):
        if satisfying.is_turned_around(question):
            continue
        for record in listed.records:
            for name, holds in satisfying.is_in_time(question, record):
                if holds is not None:
                    border = question.start if name == "startDate" else question.end
                    problem = None if holds else difference(
                        listed, f"data holds a record outside of {name}", str(border), record.get("createdAt")
                    )  # fmt: skip
                    is_range = question.start is not None and question.end is not None
                    yield requirement_of_border(name, str(border), is_range=is_range), listed, problem


def requirement_of_border(name: str, border: str, *, is_range: bool = False) -> str:
    """The requirement that a border is about, by how it is written."""
    if satisfying.is_date(border):
        return "dates.date-alone-starts-the-day" if name == "startDate" else "dates.date-alone-ends-the-day"
    if not has_offset(border):
        return "dates.no-offset-is-utc"
    if is_range:
        return "dates.range-holds-both"
    return "dates.start-filters" if name == "startDate" else "dates.end-filters"
