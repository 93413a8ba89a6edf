"""Conditions that are added to questions which are asked anyway, so that each operator meets each field. Pure.

A condition is added where the answer tells it from some mistake, from its being dropped before all, and still tells
whatever it told of the others. Where a deployment may read it in two ways, the answer must be the same in both.
Those that no answer tells from their being dropped make questions of their own, where enough of them fit into one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from entity_conformance.suite.questions.conditions import Designed, Subjects, bits

AT_MOST = 8
"""Conditions of one question, besides the one that selects the run's own records: a URL has a length."""

WORTH_ASKING, WORTH_ASKING_ALONE = 4, 5
"""Conditions for which a further question is asked: with fewer it costs more than it tells.

Where one key asks everything it is more of them, so that two runs fit into its hour.
"""

_SOME = 3
"""Records of one answer of each entity: a page between two others has a record before it, and one after it."""

_PASSES = (True, False)
"""First what tells a condition from its being dropped, then what tells it from any mistake."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A condition with the places that it and its mistakes select as bits."""

    of: Designed
    selects: int
    otherwise: int
    mistakes: tuple[int, ...]


@dataclass(slots=True)
class _Filled:
    """A question on its way. `answer` is what it selects, `without` what it would without each of its members.

    `unnarrowed` is what its members select without the parameter that narrows it, where there is one; `least` how many
    records the answer must keep.
    """

    everything: int
    members: list[_Weighed] = field(default_factory=list)
    answer: int = 0
    unnarrowed: int | None = None
    least: int = 0
    without: list[int] = field(default_factory=list)
    told: frozenset[int] = frozenset()
    """What the mistakes of its members that the answer tells would select instead."""

    def __post_init__(self) -> None:
        self.answer = self.everything

    def add(self, one: _Weighed) -> None:
        """Take a member; the mistakes of the others that are told no longer are forgotten."""
        self.without = [*(each & one.selects for each in self.without), self.answer]
        self.members.append(one)
        self.unnarrowed = None if self.unnarrowed is None else self.unnarrowed & one.selects
        self._select(one.selects)

    def narrow(self, selects: int) -> None:
        """Take a parameter that leaves these; the mistakes that are told no longer are forgotten."""
        self.unnarrowed = self.answer
        self.without = [each & selects for each in self.without]
        self._select(selects)

    def _select(self, selects: int) -> None:
        self.answer &= selects
        pairs = zip(self.members, self.without, strict=True)
        self.told = frozenset(left & bad for of, left in pairs for bad in of.mistakes) - {self.answer}

    def tells(self, one: _Weighed) -> int:
        """How many of its mistakes the answer would tell with this member; 0 where it must not be added."""
        before, answer, found = self.answer, self.answer & one.selects, 0
        if answer.bit_count() < self.least or before & one.otherwise != answer:
            return 0
        for bad in one.mistakes:
            if before & bad != answer:
                found += 1
        return found if found and self._keeps(one.selects, answer) else 0

    def keeps_telling(self, selects: int) -> bool:
        """Whether narrowed to these the answer is another one, not an empty one, and tells what it told."""
        answer = self.answer & selects
        return answer not in (0, self.answer) and self._keeps(selects, answer)

    def tells_dropped(self, one: _Weighed) -> bool:
        """Whether the answer would be another one without this member."""
        return self.answer & one.selects != self.answer

    def has_room(self, one: _Weighed) -> bool:
        """Whether it can be stated beside the others: once, and an equality that is not spelled by itself."""
        stated = one.of.condition
        same = [each.of.condition for each in self.members if each.of.condition.field == stated.field]
        if len(self.members) >= AT_MOST or stated.operator in {each.operator for each in same}:
            return False
        return not same or not any(each.bare for each in (stated, *same))

    def _keeps(self, selects: int, answer: int) -> bool:
        if self.unnarrowed is not None and self.unnarrowed & selects == answer:
            return False
        return answer not in [instead & selects for instead in self.told]


def filled(
    questions: Sequence[Sequence[Designed]],
    of: Subjects,
    others: Iterable[Sequence[Designed]],
    among: Mapping[int, Collection[int]] | None = None,
) -> tuple[tuple[Designed, ...], ...]:
    """The questions with as many of the others as they can tell, one of each alternatives.

    `among` are the places of the records that a question is narrowed to by another parameter, by the question's place.
    Of several the one with the longest answer keeps some of it, so that it has an order, and pages.
    """
    asked = [_filled(members, of) for members in questions]
    for place, left in (among or {}).items():
        asked[place].narrow(bits(frozenset(left)))
    if len(asked) > 1:
        max(asked, key=lambda one: one.answer.bit_count()).least = _SOME
    left_over = [[_weighed(one) for one in alternatives] for alternatives in others]
    for is_dropped in _PASSES:
        left_over = [
            alternatives for alternatives in left_over if not _placed(alternatives, asked, is_dropped=is_dropped)
        ]
    return tuple(tuple(one.of for one in question.members) for question in asked)


def further(
    questions: Iterable[Sequence[Designed]],
    of: Subjects,
    others: Iterable[Sequence[Designed]],
    *,
    worth: int = WORTH_ASKING,
    at_most: int | None = None,
) -> tuple[tuple[Designed, ...], ...]:
    """Questions of those others that none of the questions tells from their being dropped, one of each alternatives.

    Each has as many as its answer tells, and none has fewer than are `worth` a request.
    """
    told = {_name(one) for question in questions for one in _dropped(question, of)}
    left = [[_weighed(one) for one in alternatives if _name(one) not in told] for alternatives in others]
    found: list[tuple[Designed, ...]] = []
    while True:
        question = _Filled(bits(frozenset(range(len(of.records)))))
        while (added := _most_told(left, question)) is not None:
            question.add(added)
            left = [each for each in left if all(one is not added for one in each)]
        if len(question.members) < worth or len(found) == at_most:
            return tuple(found)
        found.append(tuple(one.of for one in question.members))


def untold(
    conditions: Iterable[Sequence[Designed]],
    packed: Iterable[Sequence[Designed]],
    asked: Iterable[Sequence[Designed]],
    of: Subjects,
) -> Iterator[Sequence[Designed]]:
    """Of these conditions those that questions do not ask, each with its alternatives.

    What one of the `packed` questions was about is asked with every border; anything else was asked where a question
    tells it from its being dropped. An operator on a field may be about several requirements, as `$contains` is.
    """
    questions = [*asked]
    stated = [one.condition for question in questions for one in question]
    turns = {(_name(one), one.requirement) for question in packed for one in question}
    told = {(_name(one), one.requirement) for question in questions for one in _dropped(question, of)} - turns
    for alternatives in conditions:
        is_told = (_name(alternatives[0]), alternatives[0].requirement) in told
        if not is_told and not any(one.condition in stated for one in alternatives):
            yield alternatives


def unplaced(
    conditions: Iterable[Sequence[Designed]], asked: Iterable[Sequence[Designed]]
) -> Iterator[Sequence[Designed]]:
    """Of these conditions those of which no question has an alternative."""
    placed = {id(one) for question in asked for one in question}
    return (alternatives for alternatives in conditions if all(id(one) not in placed for one in alternatives))


def can_be_narrowed(question: Iterable[Designed], of: Subjects, places: Iterable[int]) -> bool:
    """Whether the question tells what it told where another parameter leaves these alone, and tells that too."""
    return _filled(question, of).keeps_telling(bits(frozenset(places)))


def _filled(question: Iterable[Designed], of: Subjects) -> _Filled:
    found = _Filled(bits(frozenset(range(len(of.records)))))
    for one in question:
        found.add(_weighed(one))
    return found


def _dropped(question: Iterable[Designed], of: Subjects) -> Iterator[Designed]:
    """The conditions without which the answer would be another one."""
    filled = _filled(question, of)
    pairs = zip(filled.members, filled.without, strict=True)
    return (one.of for one, without in pairs if without != filled.answer)


def _name(one: Designed) -> tuple[str, str, bool, bool]:
    return one.condition.field, one.condition.operator, one.condition.bare, one.is_of_later_values


def _most_told(left: Iterable[Sequence[_Weighed]], question: _Filled) -> _Weighed | None:
    """Of what the answer would tell from its being dropped: what leaves most to tell others by, then what it tells."""
    best: tuple[tuple[int, int], _Weighed] | None = None
    for one in chain.from_iterable(left):
        remaining = question.answer & one.selects
        if remaining == question.answer or (best is not None and remaining.bit_count() < best[0][0]):
            continue
        rank = remaining.bit_count(), question.tells(one)
        if rank[1] and (best is None or rank > best[0]) and question.has_room(one):
            best = rank, one
    return None if best is None else best[1]


def _placed(alternatives: Sequence[_Weighed], asked: Sequence[_Filled], *, is_dropped: bool) -> bool:
    """Whether one of these was added to the question that tells most of its mistakes."""
    best: tuple[tuple[int, int], _Filled, _Weighed] | None = None
    for question in asked:
        for one in alternatives:
            if is_dropped and not question.tells_dropped(one):
                continue
            left = (question.answer & one.selects).bit_count() if is_dropped else 0
            if best is not None and (left, len(one.mistakes)) <= best[0]:
                continue
            found = question.tells(one)
            rank = (left, found)
            if found and (best is None or rank > best[0]) and question.has_room(one):
                best = rank, question, one
    if best is not None:
        best[1].add(best[2])
    return best is not None


def _weighed(one: Designed) -> _Weighed:
    mistakes = dict.fromkeys(bits(places) for places in one.mistakes if places != one.selects)
    otherwise = one.selects if one.otherwise is None else one.otherwise
    return _Weighed(one, bits(one.selects), bits(otherwise), tuple(mistakes))
