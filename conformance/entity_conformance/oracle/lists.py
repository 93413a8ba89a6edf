"""Lists as they were answered: the numbers that each tells of itself, and what else went on meanwhile. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from entity_contract import Entity

from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.asking import question_of
from entity_conformance.oracle.history import History, Seen
from entity_conformance.oracle.own import Own
from entity_conformance.oracle.question import Question
from entity_conformance.oracle.satisfying import words
from entity_conformance.oracle.times import instant
from entity_conformance.oracle.values import date_time

LARGEST = 100
"""Records on a page, whatever the limit asked for."""

_NUMBERS = ("page", "limit", "total", "totalPages")
_FLAGS = ("hasNext", "hasPrev")
_DONE, _REFUSED = 200, 400
_NEVER = 1 << 62
"""When a request ended that was not answered."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What `pagination` tells."""

    page: int
    limit: int
    total: int
    pages: int
    has_next: bool
    has_prev: bool

    @property
    def is_past_the_end(self) -> bool:
        """Whether there is no such page but the first of nothing."""
        return self.page > max(self.true_pages, 1)

    @property
    def true_pages(self) -> int:
        """How many pages there are: none of nothing (L4)."""
        return -(-self.total // self.limit)

    @property
    def records(self) -> int:
        """How many records the page holds."""
        return min(max(self.total - (self.page - 1) * self.limit, 0), self.limit)


@dataclass(frozen=True)
class Listed:
    """A list with status 200. `question` is None where it is not understood, `numbers` where they are not well formed.

    `is_calm` says that nobody who is known changed what the list shows while it was made; of a deployment that is late
    (`--settle`), before that too.
    """

    seen: Seen
    entity: Entity
    records: Sequence[Record]
    numbers: Numbers | None
    question: Question | None
    is_calm: bool

    @cached_property
    def asked_page(self) -> tuple[int | None, int | None]:
        """Page and limit as they were asked for, each None where that is not one number in its range."""
        return self._asked("page", 1), self._asked("limit", 20)

    @property
    def is_of_known_size(self) -> bool:
        """Whether page and limit are in their ranges: what others mean, who does not refuse them, is not known."""
        page, limit = self.asked_page
        return page is not None and limit is not None and limit <= LARGEST

    def _asked(self, name: str, usual: int) -> int | None:
        values = [value for parameter, value in self.seen.query if parameter == name]
        if not values:
            return usual
        is_one = len(values) == 1 and values[0].isascii() and values[0].isdigit() and len(values[0]) < 9
        return int(values[0]) if is_one and int(values[0]) > 0 else None


class Lists:
    """The lists of a run, in the order of the answers."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._writes = [
            (one.path, one.request.method, one.began, one.ended if one.reply is not None else _NEVER)
            for one in (*(seen.asked for seen in history.seen), *history.silent)
            if one.path and one.request.method not in {"GET", "HEAD", "OPTIONS"}
        ]
        found = [seen for seen in history.seen if seen.method == "GET" and len(seen.path) == 1 and seen.is_below_v1]
        known = [(seen, entity) for seen in found if (entity := history.entity(seen)) is not None]
        dated = next((seen.reply for seen in history.seen if "Date" in seen.reply.headers), None)
        self._start = None if dated is None else history.then(dated) - timedelta(seconds=5)
        self._busy = {entity.name for entity in history.entities if self._others_write(entity)}
        self.lists: tuple[Listed, ...] = tuple(
            self._listed(seen, entity)
            for seen, entity in known
            if seen.status == _DONE and seen.records is not None and not self._shows_the_deleted(seen, entity)
        )
        self.refused: tuple[Listed, ...] = tuple(
            self._listed(seen, entity) for seen, entity in known if seen.status == _REFUSED
        )
        """Those that were answered with 400."""

    def __iter__(self) -> Iterator[Listed]:
        """All of them."""
        return iter(self.lists)

    def is_unchanged(self, entity: Entity, began: int, ended: int) -> bool:
        """Whether no write of the run may have changed the entity's records between two moments.

        A deletion may take the records of other entities along. What others write in a shared history nobody knows.
        """
        return not self.history.is_shared and not any(
            (path[0] == entity.name or method == "DELETE") and start < ended and end > began
            for path, method, start, end in self._writes
        )

    def _are_unchanged(self, ids: Collection[str], began: int, ended: int) -> bool:
        """Whether no write of the run was about one of these records between two moments."""
        return not any(
            len(path) > 1 and path[1] in ids and start < ended and end > began for path, _, start, end in self._writes
        )

    def _listed(self, seen: Seen, entity: Entity) -> Listed:
        question = question_of(entity, seen.query, {one.name for one in self.history.contract.operators})
        is_alone = question is not None and self._is_alone(question)
        is_calm = (is_alone or entity.name not in self._busy) and not self.history.is_shared
        while_asked = (seen.asked.began, seen.asked.ended)
        ids = _only_ids(question)
        if ids:
            is_calm &= self._are_unchanged(ids, *while_asked)
        elif not self.is_unchanged(entity, *while_asked):
            is_calm = is_calm and question is not None and self._is_left_alone(question, *while_asked)
        is_calm &= not self.history.is_late or self.is_unchanged(entity, 0, seen.asked.ended)  # it may show now (L18)
        return Listed(seen, entity, seen.records or (), _numbers(seen), question, is_calm)

    def _is_left_alone(self, question: Question, began: int, ended: int) -> bool:
        """Whether a search can only select own records that were there before, and that no write may have reached.

        They are those that ever held its first word. With a parent that is deleted, they may go or change.
        """
        word = next(iter(words(question)), "").casefold()
        having = [one for one in self.history.own if word and one.entity == question.entity and _ever_held(one, word)]
        held = {text for one in having for text in _texts(one)}
        parents = [one for one in self.history.own if one.id in held]
        kin = held | {one.id for one in having} | {text for one in parents for text in _texts(one)}
        reaching = [
            path
            for path, _, start, end in self._writes
            if start < ended
            and end > began
            and (path[-1] in kin or (end == _NEVER and path[0] == question.entity.name))
        ]
        is_new = any(one.creation.asked.began < ended and one.creation.asked.ended > began for one in having)
        return bool(having) and not reaching and not is_new

    def _shows_the_deleted(self, seen: Seen, entity: Entity) -> bool:
        """Whether a record of the run shows that was deleted before: what is wrong with the list is told as that."""
        found = (self.history.own.find(entity.name, one.get("id")) for one in seen.records or ())
        return any(own.at(seen.asked.began, seen.asked.ended).is_gone for own in found if own is not None)

    def _is_alone(self, question: Question) -> bool:
        """Whether a question can only select what the run made."""
        if self.history.run and self.history.run in (question.search or ""):
            return True
        for one in question.conditions:
            held = one.operand if isinstance(one.operand, list) else [one.operand]
            if one.operator in {"$eq", "$in", "$contains", "$startsWith"} and all(map(self._is_own, held)):
                return True
        return False

    def _is_own(self, value: object) -> bool:
        own = self.history.own
        is_marked = isinstance(value, str) and bool(self.history.run) and self.history.run in value
        return is_marked or any(own.find(entity.name, value) is not None for entity in self.history.entities)

    def _others_write(self, entity: Entity) -> bool:
        """Whether somebody else's record was made or changed during the run; where no answer is dated it may be."""
        start = self._start
        if start is None:
            return entity.owned
        return any(
            at is not None and at >= start
            for seen in self.history.seen
            if seen.path[:1] == (entity.name,) and seen.method == "GET"
            for record in seen.records or ()
            if self.history.own.find(entity.name, record.get("id")) is None
            for at in (_moment(record.get("createdAt")), _moment(record.get("updatedAt")))
        )


def _texts(own: Own) -> Iterator[str]:
    """The texts that a record had at some time, ids of its parents among them."""
    values = (value for write in own.writes for some in write.values.values() for value in some)
    return (value for value in values if isinstance(value, str))


def _ever_held(own: Own, word: str) -> bool:
    """Whether a text of a record had that word at some time."""
    return any(word in text.casefold() for text in _texts(own))


def _only_ids(question: Question | None) -> frozenset[str]:
    """The records that alone a question can select, as nothing but their ids says; none where it says more."""
    stated = () if question is None or question.search or question.start or question.end else question.conditions
    if len(stated) != 1 or stated[0].field != "id" or stated[0].operator not in {"$eq", "$in"}:
        return frozenset()
    held = stated[0].operand
    return frozenset(map(str, held if isinstance(held, list) else [held]))


def _moment(text: object) -> datetime | None:
    return instant(str(text)) if date_time(text) is not None else None


def _numbers(seen: Seen) -> Numbers | None:
    told = (seen.body or {}).get("pagination")
    if not isinstance(told, dict):
        return None
    numbers = [told.get(name) for name in _NUMBERS]
    flags = [told.get(name) for name in _FLAGS]
    if not all(isinstance(one, bool) for one in flags):
        return None
    whole = [one for one in numbers if isinstance(one, int) or (isinstance(one, float) and one.is_integer())]
    whole = [one for one in whole if not isinstance(one, bool)]
    if len(whole) < len(_NUMBERS) or whole[0] < 1 or whole[1] < 1 or whole[2] < 0:
        return None
    page, limit, total, pages = map(int, whole)
    return Numbers(page, limit, total, pages, bool(flags[0]), bool(flags[1]))
