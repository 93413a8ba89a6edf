"""Which query parameter a difference hangs on, and which parameters have no effect or are not judged. Pure.

The keys of the results are changed in place: what hangs on a parameter is a cause of that parameter.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from entity_conformance.report import habits
from entity_conformance.report.bodies import parameter, parameters
from entity_conformance.report.differences import Seen
from entity_conformance.report.habits import Key
from entity_conformance.report.unread import has_no_effect, selects_nothing
from entity_conformance.report.verdict import Outcome, Run

_OK = 200
_GOOD = {Outcome.passed, Outcome.observed}
_BAD_PARAMETERS = 3
"""So many query parameters of which no bad value is refused are not judged at all."""
_TOGETHER = 2
"""So many parameters of which one is blamed where they were sent together but once."""
_SHAPING = {"order": frozenset({"sort", "order"}), "fields": frozenset({"fields", "include"})}
_JOINING = frozenset({"include"})
TWICE = " holds a record twice"
_OF_THE_LIMIT = ("pagination.limit ", "data has more items", "X-Per-Page ")
_SORTING = frozenset({"sort", "order"})
"""Without the one the other has no effect either."""
LET_IN = frozenset({"401", "403"})
"""What had to come where somebody was to be kept out: whatever the parameters."""


def blame(run: Run, wrong: Sequence[Seen], keys: list[Key]) -> None:
    """Blame what hangs on a query parameter on it."""
    _split_by_parameter(run, wrong, keys)
    _join_by_parameter(run, wrong, keys)
    _join_bad_parameters(wrong, keys)
    _join_pages_from_zero(wrong, keys)


def places_of(wrong: Sequence[Seen], keys: Sequence[Key], wanted: Callable[[Seen], bool]) -> dict[Key, list[int]]:
    """The places of the results that are `wanted`, by their keys."""
    places: dict[Key, list[int]] = defaultdict(list)
    for place, one in enumerate(wrong):
        if wanted(one):
            places[keys[place]].append(place)
    return places


def _split_by_parameter(run: Run, wrong: Sequence[Seen], keys: list[Key]) -> None:
    """Blame a query parameter for what only shows with it: the one that goes wrong in most of it, and most often.

    A value that does well elsewhere is no suspect where another one was sent. An operation that fails without any
    parameter fails for another reason with it, unless the records are wrong.
    """
    good, alike = _used_well(run), defaultdict[str, list[int]](list)
    answered = Counter(pair for one in run.exchanges if one.status == _OK for pair in dict.fromkeys(parameters(one)))
    suspects = {
        place: _suspects(one, answered if one.difference.kind == "crash" else good)
        for place, one in enumerate(wrong)
        if _may_hang_on_a_parameter(one)
    }
    names_good = Counter[str]()
    for (name, _), times in good.items():
        names_good[name] += times
    for found in places_of(wrong, keys, _may_hang_on_a_parameter).values():
        if habits.is_whole(keys[found[0]].common):
            continue
        left = [place for place in found if suspects[place]]
        what = wrong[found[0]].difference
        if len(left) == len(found) or what.kind == "records":
            alike[what.compared] += left
    for left in alike.values():
        if len(left) == 1 and len(suspects[left[0]]) > _TOGETHER:
            continue  # any of them
        while left:
            counts = Counter(name for place in left for name in suspects[place])
            worst = max(sorted(counts), key=lambda name: counts[name] ** 2 / (counts[name] + names_good[name]))
            for place in [place for place in left if worst in suspects[place]]:
                keys[place] = Key(keys[place].common, worst)
                left.remove(place)


def _suspects(one: Seen, good: Counter[tuple[str, str]]) -> tuple[str, ...]:
    """The parameters that were never sent so where an answer was good; all, where that tells none from the others."""
    relevant = [pair for pair in ([] if one.exchange is None else parameters(one.exchange)) if _may_do(one, pair[0])]
    known = dict.fromkeys(name for name, value in relevant if not good[name, value])
    if "sort" in known and (one.difference.kind == "records" or _is_taken_elsewhere(relevant, good)):
        known.pop("order", None)  # a direction is one of whatever is sorted by
    joining = [name for name, _ in relevant if name in _JOINING]
    if one.difference.said.endswith(TWICE) and joining:
        return tuple(joining)
    return tuple(known or dict.fromkeys(name for name, _ in relevant)) or _parameters(one)


def _is_taken_elsewhere(sent: Sequence[tuple[str, str]], good: Counter[tuple[str, str]]) -> bool:
    """Whether the direction that was sent did well with another field."""
    return any(good[name, value] for name, value in sent if name == "order")


def _may_do(one: Seen, name: str) -> bool:
    """Whether such a parameter can make that difference: what is for the order or the members leaves out no record."""
    what = one.difference
    if what.kind != "records":
        return True
    if what.said.endswith(TWICE) and name in _JOINING:
        return True  # a record comes once for each of those that are included
    shaping = _SHAPING.get(what.compared)
    return name in shaping if shaping is not None else all(name not in names for names in _SHAPING.values())


def _join_by_parameter(run: Run, wrong: Sequence[Seen], keys: list[Key]) -> None:
    """A parameter that selects nothing, and of which no value is refused, is not read at all: one cause."""
    selecting, taken = dict[str, list[int]](), dict[str, list[int]]()
    for place, (one, key) in enumerate(zip(wrong, keys, strict=True)):
        if key.hangs_on is not None and one.difference.kind == "records":
            selecting.setdefault(key.hangs_on, []).append(place)
        elif key.hangs_on is not None and _is_taken(one):
            taken.setdefault(key.hangs_on, []).append(place)
    unread = [
        name
        for name in taken
        if (name in selecting and has_no_effect(run.exchanges, run.target, name))
        or selects_nothing(run.exchanges, run.target, name)
    ]
    _add_what_pages_tell(wrong, keys, selecting, unread)
    known = {*taken, *selecting}
    is_unsorted = not _SORTING.isdisjoint(unread) and all(
        has_no_effect(run.exchanges, run.target, name) for name in _SORTING & known
    )
    together = tuple(sorted(_SORTING & known, reverse=True)) if is_unsorted else ()
    for name in dict.fromkeys((*unread, *together)):
        first, *also = together if name in together else (name,)
        for place in (*selecting.get(name, ()), *taken.get(name, ())):
            keys[place] = Key((habits.UNREAD, *also), first)


def _add_what_pages_tell(
    wrong: Sequence[Seen], keys: Sequence[Key], selecting: dict[str, list[int]], unread: Sequence[str]
) -> None:
    """Where the limit has no effect, how long a page is, and what it tells of its limit, are due to that."""
    if "limit" not in unread:
        return
    for place, one in enumerate(wrong):
        is_sent = one.exchange is not None and parameter(one.exchange, "limit") is not None
        if is_sent and keys[place].hangs_on is None and one.difference.said.startswith(_OF_THE_LIMIT):
            selecting.setdefault("limit", []).append(place)


def _join_bad_parameters(wrong: Sequence[Seen], keys: list[Key]) -> None:
    """Parameters of which no bad value is refused are one lack of judgement, where they are several."""
    taken = {
        place: key.hangs_on for place, key in enumerate(keys) if key.hangs_on is not None and _is_taken(wrong[place])
    }
    sent = {
        name: parameter(exchange, name) or ""
        for place, name in reversed(taken.items())
        if not habits.is_whole(keys[place].common) and (exchange := wrong[place].exchange) is not None
    }
    if len(sent) >= _BAD_PARAMETERS:
        pairs = tuple(reversed(sent.items()))
        for place, name in taken.items():
            if name in sent and not habits.is_whole(keys[place].common):
                keys[place] = Key((habits.BAD_QUERY, *pairs))


def _join_pages_from_zero(wrong: Sequence[Seen], keys: list[Key]) -> None:
    """Where pages are counted from 0, page 0 is one of them."""
    if any(key.common == (habits.FROM_ZERO,) for key in keys):
        for place, one in enumerate(wrong):
            if one.exchange is not None and _is_taken(one) and parameter(one.exchange, "page") == "0":
                keys[place] = Key((habits.FROM_ZERO,))


def _is_taken(one: Seen) -> bool:
    """Whether a bad value was answered as a good one."""
    what = one.difference
    return what.kind == "status" and what.wanted[:2] == "40" and what.wanted not in LET_IN and what.came[:1] == "2"


def _may_hang_on_a_parameter(one: Seen) -> bool:
    what = one.difference
    is_habit = (what.kind == "status" and what.wanted[0] == what.came[0]) or (what.kind, what.came[:1]) == ("body", "4")
    is_habit = is_habit or (what.kind == "status" and what.wanted in LET_IN)
    if what.kind == "records" and what.compared != "fields" and _is_of_one(one):
        return False  # it says what a list holds, beside which that record was read
    return is_read(one) and what.kind in {"silence", "crash", "status", "records", "body"} and not is_habit


def _is_of_one(one: Seen) -> bool:
    return one.operation is not None and one.operation.path.endswith("/{id}")


def is_read(one: Seen) -> bool:
    """Whether something was asked for, and nothing written."""
    return one.operation is not None and one.operation.method in {"GET", "HEAD"}


def _parameters(one: Seen) -> tuple[str, ...]:
    return () if one.operation is None else one.operation.parameters


def _used_well(run: Run) -> Counter[tuple[str, str]]:
    """How often each query parameter and its value were part of what a good result rests on."""
    exchanges = {exchange.id: exchange for exchange in run.exchanges}
    ids = dict.fromkeys(id_ for result in run.results if result.outcome in _GOOD for id_ in result.exchanges)
    answered = [exchanges[id_] for id_ in ids if id_ in exchanges and exchanges[id_].status == 200]
    return Counter(pair for exchange in answered for pair in dict.fromkeys(parameters(exchange)))
