"""Own records that satisfy a question are counted, and shown where the list is whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record, ids_of
from entity_conformance.oracle import satisfying
from entity_conformance.oracle.history import History
from entity_conformance.oracle.lists import Listed
from entity_conformance.oracle.own import Own, State
from entity_conformance.oracle.question import Question
from entity_conformance.oracle.times import has_offset
from entity_conformance.suite.watch.asked import (
    AND,
    BLANK,
    COMBINED,
    FEW,
    LACKS,
    TOO_FEW,
    Finding,
    certain,
    difference,
    requirement_of,
    understood,
)
from entity_conformance.suite.watch.borders import requirement_of_border
from entity_conformance.suite.watch.pages import TOTAL
from entity_conformance.suite.watch.repetition import LISTED

_READERS = {"own": {"api_key", "session", "read_key"}, "other": {"other_api_key"}}


def own_are_counted(history: History) -> Iterator[Finding]:
    """Own records that satisfy the question are counted, and shown where the list is whole.

    What no answer but that to its creation shows is no fault of the question, where the others are counted and shown.
    """
    found = {(one.own.entity.name, one.own.id) for one in history.shown.showings if one.channel in ("read", "list")}
    is_listed, is_gone = _listed_by_now(history), _gone(history)
    for listed, question in understood(history.lists):
        numbers, seen = listed.numbers, listed.seen
        is_narrowed = bool(question.conditions or question.start or question.end)
        if numbers is None or question.search or seen.credential not in _READERS[seen.user]:
            continue
        states = [*history.own.expected(listed.entity.name, seen.user, seen.asked.began, seen.asked.ended)]
        states = [(own, state) for own, state in states if is_listed(own, listed) and not is_gone(own, listed)]
        due = [own.id for own, state in states if state.must_exist and _satisfies(question, certain(state, own.id))]
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
            yield requirement, listed, difference(listed, TOO_FEW, f">= {len(due)}", numbers.total)
        elif requirement is not None and is_narrowed and is_whole and missing:
            yield requirement, listed, difference(listed, LACKS, missing[0], sorted(map(str, ids)))
        most = _most(listed, question, states)
        if most is not None and len(due) <= most < numbers.total:
            message = "total is above the records with these ids that can satisfy the question"
            yield TOTAL, listed, difference(listed, message, f"<= {most}", numbers.total)


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


def _gone(history: History) -> Callable[[Own, Listed], bool]:
    """Whether nothing shows a record since a list was asked for, and it is not found by its id either.

    Such a record is there no more, whatever the list was asked for: what took it, `records` tells.
    """
    shown: dict[int, int] = {}
    for one in history.shown.showings:
        if one.channel in ("read", "list"):
            shown[id(one.own)] = max(one.began, shown.get(id(one.own), one.began))
    unfound: dict[int, int] = {}
    for own, seen in history.shown.missing:
        if seen.path[-1] == own.id:
            unfound[id(own)] = max(seen.asked.began, unfound.get(id(own), 0))

    def is_gone(own: Own, listed: Listed) -> bool:
        last = shown.get(id(own), 0)
        return last < listed.seen.asked.began and last < unfound.get(id(own), 0)

    return is_gone


def own_are_counted_together(history: History) -> Iterator[Finding]:
    """Own records that satisfy a question of several parts are counted and shown beside whatever else it asks.

    What one part loses by itself, that one's requirement tells; what they lose together, nobody else does. A search
    counts where it has whole words that no index drops, or none.
    """
    wrong: list[tuple[Listed, Violation]] = []
    right: list[Listed] = []
    found = {(one.own.entity.name, one.own.id) for one in history.shown.showings if one.channel in ("read", "list")}
    listing = {(one.own.entity.name, one.seen.credential) for one in history.shown.showings if one.channel == "list"}
    is_listed, is_gone = _listed_by_now(history), _gone(history)
    for listed, question in understood(history.lists):
        numbers, seen, asked = listed.numbers, listed.seen, satisfying.words(question)
        is_open = bool((question.search or "").strip()) and (not asked or history.is_late)
        is_open |= (listed.entity.name, seen.credential) not in listing  # who is shown nothing, others tell of
        is_open |= numbers is None or numbers.is_past_the_end or seen.credential not in _READERS[seen.user]
        if numbers is None or is_open or _parts(question) < FEW:
            continue
        states = history.own.expected(listed.entity.name, seen.user, seen.asked.began, seen.asked.ended)
        told = [(own, state) for own, state in states if is_listed(own, listed) and not is_gone(own, listed)]
        known = [certain(state, own.id) for own, state in told if state.must_exist]
        due = [one["id"] for one in known if _satisfies(question, one) and _is_searched(question, one, asked)]
        due = [one for one in due if (listed.entity.name, one) in found]
        ids = ids_of(listed.records)
        missing = [one for one in due if one not in ids]
        is_told = all("id" in one for one in listed.records)  # which may stay away where `fields` does not name it
        is_whole = is_told and numbers.page == 1 and numbers.total <= len(listed.records)
        if len(due) > numbers.total:
            wrong.append((listed, difference(listed, TOO_FEW, f">= {len(due)}", numbers.total)))
        elif is_whole and missing:
            wrong.append((listed, difference(listed, LACKS, missing[0], sorted(map(str, ids)))))
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
    return [name for name, is_written in DAYS.items() if is_written(listed)]


def _is_blank(listed: Listed) -> bool:
    search = None if listed.question is None else listed.question.search
    return search is not None and not search.strip()


def _starts_with_a_day(listed: Listed) -> bool:
    return listed.question is not None and satisfying.is_date(listed.question.start or "")


def _ends_with_a_day(listed: Listed) -> bool:
    return listed.question is not None and satisfying.is_date(listed.question.end or "")


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
    known = {own.id: certain(state, own.id) for own, state in states}
    ids = set.intersection(*named) if named else set()
    shown_as = [{**one, **known.get(str(one.get("id")), {})} for one in listed.records]
    if not ids or not ids <= known.keys() or any(_fails(question, one) for one in (*listed.records, *shown_as)):
        return None
    return sum(not _fails(question, known[one]) for one in ids)


def _fails(question: Question, record: Record) -> bool:
    """Whether a record is sure not to satisfy the question."""
    held = [satisfying.holds(question.entity, one, record) for one in question.conditions]
    return False in held or False in [holds for _, holds in satisfying.is_in_time(question, record)]


def _requirement_of_question(question: Question) -> str | None:
    """What a question breaks that selects too few; None where an operator may be to blame.

    That it is narrowed to some ids breaks nothing by itself.
    """
    others = [one for one in question.conditions if one.field != "id"]
    borders = [one for one in (question.start, question.end) if one is not None]
    if not all(one.bare for one in others) or (others and borders):
        return None
    if others:
        return AND if len(others) > 1 else requirement_of(question, others[0])
    if not borders:
        return None
    if len(borders) > 1:
        is_plain = all(has_offset(one) and not satisfying.is_date(one) for one in borders)
        return "dates.range-holds-both" if is_plain else None
    return requirement_of_border("startDate" if question.start else "endDate", borders[0])


def _satisfies(question: Question, record: Record) -> bool:
    """Whether a record is sure to satisfy the question."""
    return all(satisfying.holds(question.entity, one, record) for one in question.conditions) and (
        [holds for _, holds in satisfying.is_in_time(question, record)]
        == [True for border in (question.start, question.end) if border is not None]
    )


DAYS: Mapping[str, Callable[[Listed], bool]] = {
    "dates.date-alone-ends-the-day": _ends_with_a_day,
    "dates.date-alone-starts-the-day": _starts_with_a_day,
}
