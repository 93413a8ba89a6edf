"""Which results have one cause: what they have in common. Pure.

A cause is a difference (see `differences`) in an operation. What lies in the protocol (a header, a code, who is let in)
is one cause whatever was asked; what only shows with a query parameter is a cause of that parameter.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from entity_conformance.report import habits
from entity_conformance.report.blame import LET_IN, blame, is_read, places_of
from entity_conformance.report.differences import CUT, IN_PLACE, Seen, of_any_answer, operation, stand_in
from entity_conformance.report.habits import Key
from entity_conformance.report.verdict import Run

_VOCABULARY = 3
"""So many codes that no requirement expects are a vocabulary, not a slip each."""
_NO_JUDGEMENT = 4
"""So many bad bodies that an operation takes are one lack of judgement, not a slip each."""
_WRITING = frozenset({"POST", "PATCH"})
_OF_PAGES, _LINK = "pages", "Link"
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    _OF_PAGES: ("X-Total-Count", "X-Page", "X-Per-Page", _LINK),
    "limits": ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
}
Shape = tuple[str, str]
"""Method and path of an operation."""


def keys_of(run: Run, wrong: Sequence[Seen]) -> list[Key]:
    """What each has in common with those of the same cause."""
    uniform = _uniform(run)
    keys = [Key(_common(one, uniform)) for one in wrong]
    blame(run, wrong, keys)
    _split_by_requirement(wrong, keys)
    _join_codes(wrong, keys)
    _join_lacking(wrong, keys)
    _join_headers(run, wrong, keys)
    return _united(wrong, keys)


def _common(one: Seen, uniform: frozenset[Shape]) -> tuple[object, ...]:
    what = one.difference
    shape = None if one.operation is None else (one.operation.method, one.operation.path)
    own = habits.habit(one)
    if shape in uniform and what.kind in {"status", "body", "crash"}:
        own = ("uniform", shape)
    match what.kind:
        case _ if own is not None:
            return own
        case "records":  # whose records are shown is another matter than which of them
            return (what.kind, what.compared, one.result.requirement.startswith("auth."))
        case "status":
            return _of_status(one, shape)
        case "body" if what.came[0] != "4" and shape is not None:
            return (what.kind, shape[0], what.compared)
        case "content" if (instead := _in_place(one)) is not None:
            return (what.kind, instead)
        case _:
            is_anywhere = what.kind in {"header", "code", "body"} or bool(what.way) or of_any_answer(what.said)
            return (what.kind, what.compared) if is_anywhere else (what.kind, shape, what.compared)


def _in_place(one: Seen) -> str | None:
    """`meta in place of pagination`, whether it is said so or that the one is missing."""
    said = one.difference.said
    if IN_PLACE in said and not one.difference.way:
        return said
    missing = said.removesuffix(" is missing")
    own = stand_in(one.exchange, missing) if one.exchange is not None and missing != said else None
    return own and f"{own}{IN_PLACE}{missing}"


def _of_status(one: Seen, shape: Shape | None) -> tuple[object, ...]:
    what = one.difference
    if CUT in what.said:
        return ("cut",)
    if what.wanted[0] == what.came[0] or what.came[0] == "3":
        return ("status", what.wanted, what.came)
    if what.wanted in LET_IN:
        return ("granted", what.wanted, shape is not None and shape[1].startswith("/keys"))
    return ("status", shape, what.wanted[0], what.came)


def _uniform(run: Run) -> frozenset[Shape]:
    """Operations that answer everything alike: without a body, or with the same refusal."""
    answers: dict[Shape, list[tuple[int | None, bool]]] = defaultdict(list)
    for exchange in run.exchanges:
        asked = operation(exchange, run.target, run.keys_url)
        answers[asked.method, asked.path].append((exchange.status, bool(exchange.response_body)))

    def is_uniform(kinds: list[tuple[int | None, bool]]) -> bool:
        status, has_body = kinds[0]
        return len(kinds) > 2 and len(set(kinds)) == 1 and status is not None and (status >= 400 or not has_body)

    return frozenset(shape for shape, kinds in answers.items() if is_uniform(kinds))


def _split_by_requirement(wrong: Sequence[Seen], keys: list[Key]) -> None:
    """Few bad bodies that an operation takes are a slip each."""

    def takes(one: Seen) -> bool:
        what = one.difference
        return what.kind == "status" and what.wanted[0] == "4" and what.came[0] == "2" and not is_read(one)

    for key, found in places_of(wrong, keys, takes).items():
        requirements = {wrong[place].result.requirement for place in found}
        if key.common[0] == "status" and len(requirements) < _NO_JUDGEMENT:
            for place in found:
                keys[place] = Key((*key.common, wrong[place].result.requirement))


def _join_codes(wrong: Sequence[Seen], keys: list[Key]) -> None:
    """Many codes that no requirement expects are one vocabulary."""
    codes = [place for place, one in enumerate(wrong) if one.difference.kind == "code"]
    expected = {code for place in codes for code in wrong[place].difference.wanted.split(", ")}
    foreign = [place for place in codes if wrong[place].difference.came not in expected]
    if len({wrong[place].difference.came for place in foreign}) >= _VOCABULARY:
        for place in foreign:
            keys[place] = Key(("codes",))


def _join_lacking(wrong: Sequence[Seen], keys: list[Key]) -> None:
    """Several members of a record that only the answers of one method lack are one cause."""
    lacking: dict[str, set[str]] = defaultdict(set)
    for one in wrong:
        if (method := _lacks_a_member(one)) is not None:
            lacking[one.difference.compared].add(method)
    of_one = {said for said, methods in lacking.items() if len(methods) == 1}
    places = [place for place, one in enumerate(wrong) if one.difference.compared in of_one and _lacks_a_member(one)]
    for method in {_lacks_a_member(wrong[place]) for place in places}:
        found = [place for place in places if _lacks_a_member(wrong[place]) == method]
        if len({wrong[place].difference.compared for place in found}) > 1:
            for place in found:
                keys[place] = Key((habits.LACKING, method))


def _lacks_a_member(one: Seen) -> str | None:
    """The method of a write whose answer lacks a member of the record, and has no other in its place."""
    said = one.difference.said
    if one.exchange is None or not (said.startswith("a record's ") and said.endswith(" is missing")):
        return None
    if one.exchange.method not in _WRITING:
        return None
    return None if stand_in(one.exchange, said.removesuffix(" is missing")) else one.exchange.method


def _join_headers(run: Run, wrong: Sequence[Seen], keys: list[Key]) -> None:
    """Headers of one family that are missing are one cause, those of pages with the pagination that is missing too.

    What no answer of the run has is missing, whether it was judged or not.
    """
    families: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(wrong):
        is_known = habits.is_whole(keys[place].common)
        if not is_known and (family := _family(habits.lacked_header(one))) is not None:
            families[family].append(place)
    unpaged = [place for place, one in enumerate(wrong) if _is_unpaged(one)]
    sent = {name.lower() for one in run.exchanges for name, _ in one.response_headers}
    for family, places in families.items():
        lacked = {habits.lacked_header(wrong[place]) for place in places}
        absent = {name for name in _FAMILIES[family] if name != _LINK and name.lower() not in sent}
        names = [name for name in _FAMILIES[family] if name in lacked | absent]
        if family == _OF_PAGES and unpaged:
            unread = [place for place, key in enumerate(keys) if key == Key((habits.UNREAD,), "page")]
            for place in (*places, *unpaged, *unread):
                keys[place] = Key((habits.PAGING, *(["page"] if unread else [])))
        elif len(lacked) > 1 or len(names) > 1:
            for place in places:
                keys[place] = Key((habits.HEADERS, *names))


def _family(headers: str | None) -> str | None:
    """The family of headers that are told to be missing, by the first of them."""
    first = (headers or "").partition(", ")[0]
    return next((family for family, names in _FAMILIES.items() if first in names), None)


def _is_unpaged(one: Seen) -> bool:
    is_missing = one.difference.said == "pagination is missing"
    return is_missing and one.exchange is not None and stand_in(one.exchange, "pagination") is None


def _united(wrong: Sequence[Seen], keys: Sequence[Key]) -> list[Key]:
    """The keys, with one in place of those that one requirement has on several entities for the same kind of answer.

    Another entity has other fields, so that texts differ though the cause does not.
    """
    instead: dict[Key, Key] = {}

    def root(key: Key) -> Key:
        while key in instead:
            key = instead[key]
        return key

    first: dict[tuple[object, ...], Key] = {}
    for one, key in zip(wrong, keys, strict=True):
        status = None if one.exchange is None else one.exchange.status
        method = None if one.operation is None else one.operation.method
        of = one.difference.compared if one.difference.way or IN_PLACE in one.difference.said else None
        known = root(first.setdefault((one.result.requirement, one.difference.kind, method, status, of), key))
        if root(key) != known:
            other, kept = (known, root(key)) if habits.is_whole(root(key).common) else (root(key), known)
            instead[other] = kept
    return [root(key) for key in keys]
