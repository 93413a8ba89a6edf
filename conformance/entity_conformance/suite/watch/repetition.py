"""The same question asked again, with no write in between: one total however it is shown, and one order on all pages.

With two credentials sent together it may be either's question; a page or a limit that is none asks nothing known.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import ids_of
from entity_conformance.oracle.lists import Listed, Lists, Numbers
from entity_conformance.suite.expect.values import shown
from entity_conformance.suite.watch.asked import difference
from entity_conformance.suite.watch.pages import ONCE, TOTAL, shown_twice

LISTED = "create.is-listed"
SAME, TIES, PAGE = "list.default-order", "sort.ties-are-broken", ONCE

Finding = tuple[str, Listed, Violation | None]
Query = tuple[tuple[str, ...], ...]

_PAGING = {"page", "limit"}
_SHOWING = _PAGING | {"sort", "order", "fields", "include"}
"""Parameters that select nothing: lists that differ in these alone have one total."""


def repeated(lists: Lists) -> Iterator[Finding]:
    """What lists say of one another that were asked the same, apart from pages or from how records are shown."""
    totals: dict[Hashable, tuple[Listed, Numbers]] = {}
    alike: dict[Hashable, Listed] = {}
    pages: defaultdict[Hashable, list[tuple[Listed, Numbers]]] = defaultdict(list)
    for listed, numbers, query in _comparable(lists):
        of = listed.seen.user, listed.entity.name
        key = (*of, query)
        if (same := alike.get(key)) is not None:
            yield from _in_one_order(lists, same, listed)
        alike[key] = listed
        if listed.question is None or listed.question.beside or (listed.question.order and not listed.question.sort):
            continue  # what an order without a field does is its own affair (L10)
        key = (*of, tuple(one for one in query if one[0] not in _SHOWING))
        if key in totals:
            yield from _of_one_total(lists, *totals[key], listed, numbers)
        totals[key] = listed, numbers
        if listed.question.sort:
            pages[*of, tuple(one for one in query if one[0] not in _PAGING)].append((listed, numbers))
    for same_order in pages.values():
        yield from _in_place(lists, same_order)


def _comparable(lists: Lists) -> Iterator[tuple[Listed, Numbers, Query]]:
    """The lists that say something of others, with their parameters by name."""
    for listed in lists:
        asked: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in listed.seen.query:
            asked[name].append(value)
        is_late = lists.history.is_late and "search" in asked
        is_known = listed.is_of_known_size and listed.is_calm and "+" not in listed.seen.credential
        is_known &= not shown_twice(listed)  # which is judged by itself, and stands in the place of others
        if listed.numbers is not None and is_known and not is_late and not listed.numbers.is_past_the_end:
            yield listed, listed.numbers, tuple(sorted((name, *values) for name, values in asked.items()))


def _of_one_total(lists: Lists, earlier: Listed, known: Numbers, listed: Listed, numbers: Numbers) -> Iterator[Finding]:
    is_alike = (known.page, known.limit) == (numbers.page, numbers.limit)
    if _is_unchanged(lists, earlier, listed) and not (is_alike and _shown_late(lists, earlier, listed)):
        message = f"total differs from that of the same question ({earlier.seen.exchange})"
        is_same = known.total == numbers.total
        yield (
            TOTAL,
            listed,
            None if is_same else difference(listed, message, str(known.total), numbers.total, beside=[earlier]),
        )


def _shown_late(lists: Lists, earlier: Listed, later: Listed) -> str | None:
    """A record of the run that was there when the earlier list was asked for, and that only the later one shows."""
    new = ids_of(later.records) - ids_of(earlier.records)
    is_late = _is_still(lists, earlier, later) and ids_of(earlier.records) < ids_of(later.records)
    if not is_late or earlier.question is None or earlier.question.search:
        return None
    began, ended = earlier.seen.asked.began, earlier.seen.asked.ended
    states = lists.history.own.expected(later.entity.name, later.seen.user, began, ended)
    return next((own.id for own, state in states if state.must_exist and own.id in new), None)


def _in_one_order(lists: Lists, same: Listed, listed: Listed) -> Iterator[Finding]:
    if (late := _shown_late(lists, same, listed)) is not None:
        message = f"data lacks a record that the same question shows later ({listed.seen.exchange})"
        yield LISTED, same, difference(same, message, late, sorted(ids_of(same.records)), beside=[listed])
        return
    names = {name for name, _ in listed.seen.query}
    ids, others = ([one.get("id") for one in each.records] for each in (listed, same))
    is_still = _is_unchanged(lists, same, listed) or _shows_still(lists, same, listed)
    if "search" not in names and is_still:
        message = f"data differs from that of the same question ({same.seen.exchange})"
        requirement = TIES if "sort" in names else SAME
        yield (
            requirement,
            listed,
            None if ids == others else difference(listed, message, shown(others), ids, beside=[same]),
        )


def _in_place(lists: Lists, same: list[tuple[Listed, Numbers]]) -> Iterator[Finding]:
    """A page holds what stands in its place in the whole list, where no two records are equal in the order."""
    whole = next((one for one, numbers in same if _is_whole(one, numbers)), None)
    for listed, numbers in same if whole is not None else ():
        if whole is None or listed is whole or not _is_still(lists, *sorted((whole, listed), key=_began)):
            continue
        first = (numbers.page - 1) * numbers.limit
        due, ids = ids_of(whole.records[first : first + numbers.limit]), ids_of(listed.records)
        message = f"data is not what stands there in the whole list ({whole.seen.exchange})"
        yield (
            PAGE,
            listed,
            None if ids == due else difference(listed, message, shown(sorted(due)), sorted(ids), beside=[whole]),
        )


def _is_whole(listed: Listed, numbers: Numbers) -> bool:
    """Whether a list shows all records of its question, no two of them equal in its order."""
    name = "" if listed.question is None else listed.question.sort or ""
    values = [str(one[name]) for one in listed.records if "id" in one and name in one]
    return numbers.page == 1 and numbers.total == len(listed.records) == len(set(values)) > 1


def _began(listed: Listed) -> int:
    return listed.seen.asked.began


def _is_still(lists: Lists, earlier: Listed, later: Listed) -> bool:
    """Whether nothing was written in between that either can show."""
    return _is_unchanged(lists, earlier, later) or _are_left_alone(lists, earlier, later)


def _is_unchanged(lists: Lists, earlier: Listed, later: Listed) -> bool:
    return lists.is_unchanged(later.entity, earlier.seen.asked.began, later.seen.asked.ended)


def _are_left_alone(lists: Lists, earlier: Listed, later: Listed) -> bool:
    """Whether the run's own records are asked for by their ids, and left alone: whatever is written to others."""
    began, ended = earlier.seen.asked.began, later.seen.asked.ended
    asked = [one.operand for one in (later.question.conditions if later.question else ()) if one.field == "id"]
    ids = asked[0] if len(asked) == 1 and isinstance(asked[0], list) else asked
    known = [lists.history.own.find(later.entity.name, one) for one in ids]
    return bool(known) and not any(
        own is None or any(one.asked.ended > began and one.asked.began < ended for one in own.writes) for own in known
    )


def _shows_still(lists: Lists, same: Listed, listed: Listed) -> bool:
    return ids_of(same.records) == ids_of(listed.records) and _are_left_alone(lists, same, listed)
