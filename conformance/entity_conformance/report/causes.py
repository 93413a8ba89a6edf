"""Root causes: the results of a run that differ in the same way, put together.

Pure: a Run in, causes out; the same run gives the same causes in the same order. A cause is a difference (see
`differences`) in an operation. What lies in the protocol (a header, a code, who is let in) is one cause whatever was
asked; what only shows with a query parameter is a cause of that parameter.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from entity_conformance.report.curl import curl
from entity_conformance.report.differences import (
    Seen,
    abstracted,
    json_object,
    of_any_answer,
    operation,
    parameter,
    seen,
)
from entity_conformance.report.titles import title
from entity_conformance.report.unread import answers_alike
from entity_conformance.report.verdict import Outcome, Result, Run

WRONG = (Outcome.failed, Outcome.warned)
_GOOD = {Outcome.passed, Outcome.observed}
_VOCABULARY = 3
"""So many codes that no requirement expects are a vocabulary, not a slip each."""
_NO_JUDGEMENT = 4
"""So many bad bodies that an operation takes are one lack of judgement, not a slip each."""
_NO_EVIDENCE = 100_000
_HEALTH, _OK = "/health", 200
_UNREAD = "unread"
_WHOLE: Mapping[object, str] = {
    "refused by the body": "refusals answer {status}, with success: false in the body",
    "another page": "?page= has no effect: another page is answered than was asked for",
    "health": "GET /health: the answer has another form",
    _UNREAD: "?{name}= has no effect: it changes no answer, and no value of it is refused",
}
"""What answers do in a way of their own, in words: one cause, however differently it shows."""

Shape = tuple[str, str]
"""Method and path of an operation."""


@dataclass(frozen=True, slots=True)
class Key:
    """What results of one cause have in common; `hangs_on` is the query parameter without which it does not show."""

    common: tuple[object, ...]
    hangs_on: str | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Results that have one cause, in the run's order. `shown` is the one of the worst with the shortest curl line.

    `hangs_on` is the query parameter without which it does not show, if there is one.
    """

    title: str
    seen: tuple[Seen, ...]
    shown: Seen
    hangs_on: str | None = None

    @property
    def outcome(self) -> Outcome:
        """The worst of its results' outcomes."""
        return self.shown.result.outcome

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements that it breaks, each once."""
        return tuple(dict.fromkeys(one.result.requirement for one in self.seen))

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities on which it was seen."""
        return tuple(dict.fromkeys(one.result.entity for one in self.seen if one.result.entity is not None))


@dataclass(frozen=True, slots=True)
class Reason:
    """Results that ended so for the same reason, their entities apart."""

    said: str
    results: tuple[Result, ...]

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements that it is about, each once."""
        return tuple(dict.fromkeys(result.requirement for result in self.results))


def causes(run: Run) -> tuple[Cause, ...]:
    """The causes of what failed or warned: failures first, and among these those of the most requirements."""
    exchanges = {exchange.id: exchange for exchange in run.exchanges}
    wrong = [seen(result, exchanges, run) for result in run.results if result.outcome in WRONG]
    if not wrong:
        return ()
    groups: dict[Key, list[Seen]] = defaultdict(list)
    for one, key in zip(wrong, _united(wrong, _keys(run, wrong)), strict=True):
        groups[key].append(one)
    found = [_cause(key, group) for key, group in groups.items()]
    return tuple(sorted(found, key=lambda cause: (-cause.outcome, -len(cause.requirements), -len(cause.seen))))


def reasons(run: Run, outcome: Outcome) -> tuple[Reason, ...]:
    """Why results ended so (blocked, broken, skipped): the reason of the most requirements first."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in run.results:
        if result.outcome is outcome:
            groups[abstracted(_without_entity(run, result.message))].append(result)
    told = [Reason(_without_entity(run, group[0].message), tuple(group)) for group in groups.values()]
    return tuple(sorted(told, key=lambda reason: -len(reason.requirements)))


def _without_entity(run: Run, message: str) -> str:
    """`it stands on create.returns-record [tasks], which failed`, whatever the entity."""
    for name in run.profile.entities:
        message = message.replace(f" [{name}]", "")
    return message


def _cause(key: Key, group: Sequence[Seen]) -> Cause:
    worst = max(one.result.outcome for one in group)
    candidates = [one for one in group if one.result.outcome is worst]
    shown = min(candidates, key=lambda one: len(curl(one.exchange)) if one.exchange else _NO_EVIDENCE)
    if key.common[0] in _WHOLE:
        status = None if shown.exchange is None else shown.exchange.status
        said = _WHOLE[key.common[0]].format(status=status, name=key.hangs_on)
    else:
        said = title(group, shown, hangs_on=key.hangs_on, is_uniform=key.common[0] == "uniform")
    return Cause(said, tuple(group), shown, key.hangs_on)


def _keys(run: Run, wrong: Sequence[Seen]) -> list[Key]:
    """What each has in common with those of the same cause."""
    uniform = _uniform(run)
    keys = [Key(_common(one, uniform)) for one in wrong]
    _split_by_parameter(run, wrong, keys)
    _split_by_requirement(wrong, keys)
    _join_by_parameter(run, wrong, keys)
    _join_codes(wrong, keys)
    return keys


def _common(one: Seen, uniform: frozenset[Shape]) -> tuple[object, ...]:
    what = one.difference
    shape = None if one.operation is None else (one.operation.method, one.operation.path)
    common: tuple[object, ...] = (what.kind, shape, what.compared)
    if shape in uniform and what.kind in {"status", "body", "crash"}:
        common = ("uniform", shape)
    elif what.kind == "records":  # whose records are shown is another matter than which of them
        common = (what.kind, what.compared, one.result.requirement.startswith("auth."))
    elif (habit := _habit(one)) is not None:
        common = (habit,)
    elif what.kind in {"header", "code"} or of_any_answer(what.said):
        common = (what.kind, what.compared)
    elif what.kind == "body" and what.came[0] == "4":
        common = ("body", what.compared)
    elif what.kind == "body" and one.operation is not None:
        common = ("body", one.operation.method, what.compared)
    elif what.kind == "status" and (what.wanted[0] == what.came[0] or what.came[0] == "3"):
        common = ("status", what.wanted, what.came)
    elif what.kind == "status" and what.wanted in {"401", "403"}:
        common = ("granted", what.wanted, shape is not None and shape[1].startswith("/keys"))
    elif what.kind == "status":
        common = ("status", shape, what.wanted[0], what.came)
    return common


def _habit(one: Seen) -> str | None:
    """What an answer does in its own way whatever is asked, which shows as another difference each time."""
    exchange, what = one.exchange, one.difference
    body = None if exchange is None else json_object(exchange)
    if exchange is None or exchange.status is None or body is None or what.kind == "code":
        return None
    if 200 <= exchange.status < 300 and body.get("success") is False and what.kind in {"status", "body"}:
        return "refused by the body"
    page, told = parameter(exchange, "page") or "", body.get("pagination")
    shown = told.get("page") if isinstance(told, dict) else None
    if isinstance(shown, int) and page.isascii() and page.isdigit() and 1 < int(page) != shown:
        return "another page"
    path = None if one.operation is None else one.operation.path
    return "health" if path == _HEALTH and what.kind in {"body", "content"} and exchange.status == _OK else None


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


def _places(wrong: Sequence[Seen], keys: Sequence[Key], wanted: Callable[[Seen], bool]) -> dict[Key, list[int]]:
    """The places of the results that are `wanted`, by their keys."""
    places: dict[Key, list[int]] = defaultdict(list)
    for place, one in enumerate(wrong):
        if wanted(one):
            places[keys[place]].append(place)
    return places


def _split_by_parameter(run: Run, wrong: Sequence[Seen], keys: list[Key]) -> None:
    """Blame a query parameter for what only shows with it: the one that goes wrong in most of it, and most often.

    An operation that fails without any parameter fails for another reason with it, unless the records are wrong.
    """
    good, alike = _used_well(run), defaultdict[str, list[int]](list)
    for found in _places(wrong, keys, _may_hang_on_a_parameter).values():
        if keys[found[0]].common[0] in _WHOLE:
            continue
        left = [place for place in found if _parameters(wrong[place])]
        what = wrong[found[0]].difference
        if len(left) == len(found) or what.kind == "records":
            alike[what.compared] += left
    for left in alike.values():
        while left:
            counts = Counter(name for place in left for name in _parameters(wrong[place]))
            worst = max(sorted(counts), key=lambda name: counts[name] ** 2 / (counts[name] + good[name]))
            for place in [place for place in left if worst in _parameters(wrong[place])]:
                keys[place] = Key(keys[place].common, worst)
                left.remove(place)


def _join_by_parameter(run: Run, wrong: Sequence[Seen], keys: list[Key]) -> None:
    """A parameter that selects nothing, and of which no value is refused, is not read at all: one cause."""
    selecting, taken = dict[str, list[int]](), dict[str, list[int]]()
    for place, (one, key) in enumerate(zip(wrong, keys, strict=True)):
        what = one.difference
        if key.hangs_on is not None and what.kind == "records":
            selecting.setdefault(key.hangs_on, []).append(place)
        elif key.hangs_on is not None and what.kind == "status" and (what.wanted[:1], what.came[:1]) == ("4", "2"):
            taken.setdefault(key.hangs_on, []).append(place)
    for name in (one for one in selecting.keys() & taken.keys() if answers_alike(run.exchanges, run.target, one)):
        for place in (*selecting[name], *taken[name]):
            keys[place] = Key((_UNREAD,), name)


def _may_hang_on_a_parameter(one: Seen) -> bool:
    what = one.difference
    is_habit = (what.kind == "status" and what.wanted[0] == what.came[0]) or (what.kind, what.came[:1]) == ("body", "4")
    return _is_read(one) and what.kind in {"silence", "crash", "status", "records", "body"} and not is_habit


def _is_read(one: Seen) -> bool:
    return one.operation is not None and one.operation.method in {"GET", "HEAD"}


def _parameters(one: Seen) -> tuple[str, ...]:
    return () if one.operation is None else one.operation.parameters


def _used_well(run: Run) -> Counter[str]:
    """How often each query parameter was part of what a good result rests on."""
    exchanges = {exchange.id: exchange for exchange in run.exchanges}
    ids = dict.fromkeys(id_ for result in run.results if result.outcome in _GOOD for id_ in result.exchanges)
    answered = [exchanges[id_] for id_ in ids if id_ in exchanges and exchanges[id_].status == 200]
    return Counter(name for exchange in answered for name in operation(exchange, run.target, run.keys_url).parameters)


def _split_by_requirement(wrong: Sequence[Seen], keys: list[Key]) -> None:
    """Few bad bodies that an operation takes are a slip each."""

    def takes(one: Seen) -> bool:
        what = one.difference
        return what.kind == "status" and what.wanted[0] == "4" and what.came[0] == "2" and not _is_read(one)

    for key, found in _places(wrong, keys, takes).items():
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
        known = root(first.setdefault((one.result.requirement, one.difference.kind, method, status), key))
        if root(key) != known:
            other, kept = (known, root(key)) if root(key).common[0] in _WHOLE else (root(key), known)
            instead[other] = kept
    return [root(key) for key in keys]
