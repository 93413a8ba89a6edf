"""The run's own records as they may be at any moment: what was written to each, and what that leaves possible. Pure.

A request is under way from its `began` to its `ended`. What was asked while a write was under way may show it or not;
what was asked after it has ended shows it (R10: what was written is what is read). Of two writes that were under way at
once, either may be the last. One without a whole answer, or with a 5xx, may have happened, and may happen still.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from entity_contract import Entity, Field

from entity_conformance.deployment.credentials import User
from entity_conformance.deployment.outgoing import Asked
from entity_conformance.deployment.reply import Record, is_id
from entity_conformance.oracle.records import foreign_keys, referring
from entity_conformance.oracle.times import moment
from entity_conformance.oracle.values import agree, is_taken

if TYPE_CHECKING:
    from entity_conformance.oracle.history import History, Seen

ANYTHING: Final = object()
"""In the place of a value that nobody knows."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OVERRIDE = "method-override"


@dataclass(frozen=True, slots=True)
class Write:
    """What one request did to a record: by field the values that it may hold since, or its removal.

    What is not `is_certain` may have happened at any time after it began. `seen` is its answer, None without one.
    """

    asked: Asked
    seen: "Seen | None"
    values: dict[str, tuple[object, ...]]
    removes: bool = False
    is_certain: bool = True

    @property
    def began(self) -> int:
        """When it was sent."""
        return self.asked.began

    @property
    def ended(self) -> float:
        """When it was answered; never, where nobody knows."""
        return self.asked.ended if self.is_certain else math.inf

    def is_before(self, began: float) -> bool:
        """Whether it has happened when something else begins."""
        return self.ended < began


@dataclass(slots=True)
class State:
    """What a record may be while an exchange is under way. `right` are objects that were found to agree with it.

    Where it `may_be_touched`, a child was made or deleted since, with which some deployments move its `updatedAt` on,
    or it has fields that the deployment sets by rules of its own, and moves it with them.
    """

    must_exist: bool
    is_gone: bool
    values: Mapping[str, tuple[object, ...]]
    may_be_touched: bool = False
    right: list[Record] = field(default_factory=list)

    def allows(self, of: Field | None, name: str, shown: object) -> bool:
        """Whether the field may hold this; what is not there holds nothing (R11)."""
        known = self.values.get(name, (ANYTHING,))
        if any(one is ANYTHING or agree(of, one, shown) for one in known):
            return True
        return name == "updatedAt" and self.may_be_touched and _is_later(shown, known)


@dataclass(slots=True)
class Own:
    """A record of the run. `writes` are in the order sent, the creation first; `refused` must have changed nothing.

    `unknown` are the writes whose answers did not tell what a field holds since. `touching` made or deleted children.
    """

    entity: Entity
    id: str
    user: User
    creation: "Seen"
    writes: list[Write]
    refused: "list[Seen]" = field(default_factory=list)
    unknown: list[tuple[Write, str]] = field(default_factory=list)
    touching: list[Write] = field(default_factory=list)
    _bounds: list[float] = field(default_factory=list)
    _states: dict[tuple[int, int], State] = field(default_factory=dict)

    def at(self, began: int, ended: int) -> State:
        """What it may be while an exchange is under way."""
        if not self._bounds:
            self._bounds = sorted({point for one in (*self.writes, *self.touching) for point in (one.began, one.ended)})
        place = bisect_left(self._bounds, began), bisect_left(self._bounds, ended)
        if place not in self._states:
            removals = [one for one in self.writes if one.removes and one.began < ended]
            if removals and self._is_back(max(one.ended for one in removals), ended):
                self._states[place] = State(must_exist=False, is_gone=False, values={})
                return self._states[place]
            self._states[place] = State(
                must_exist=self.writes[0].is_before(began) and not removals,
                is_gone=any(one.is_before(began) for one in removals),
                values={one.name: self.possible(one.name, began, ended) for one in self.entity.fields},
                may_be_touched=self._is_touched(ended) or bool(self.entity.computed),
            )
        return self._states[place]

    def _is_back(self, removed: float, before: float) -> bool:
        """Whether an UPDATE was granted after it was deleted: that it was is judged, and what it made is anybody's."""
        return any(
            not one.removes and one.is_certain and one.seen is not None and removed < one.began < before
            for one in self.writes[1:]
        )

    def ever(self, ended: int) -> State:
        """What it may have been at any time before: an index that is late shows what was (L18)."""
        begun = [one for one in self.writes if one.began < ended]
        values = {
            one.name: tuple(value for write in begun for value in write.values.get(one.name, ()))
            for one in self.entity.fields
        }
        return State(must_exist=False, is_gone=False, values=values)

    def possible(self, name: str, began: float, ended: float) -> tuple[object, ...]:
        """The values that a field may have meanwhile."""
        setting = [one for one in self.writes if name in one.values and one.began < ended]
        before = [one for one in setting if one.is_before(began)]
        last = [one for one in before if not any(other.began > one.ended for other in before)]
        return tuple(value for one in setting if one in last or one not in before for value in one.values[name])

    def settle(self, began: int, record: Record) -> None:
        """Take over where a whole record shows what its children did to its `updatedAt`, if anything."""
        done = [one for one in self.touching if one.is_before(began)]
        if not done or "updatedAt" not in record:
            return
        last, shown = max(done, key=lambda one: one.ended), record["updatedAt"]
        if self._is_touched(began) and _is_later(shown, self.possible("updatedAt", began, began)):
            self.writes.append(Write(last.asked, last.seen, {"updatedAt": (shown,)}))
            self.writes[1:] = sorted(self.writes[1:], key=lambda write: write.began)
        self.touching = [one for one in self.touching if one not in done]
        self._bounds.clear()
        self._states.clear()

    def _is_touched(self, before: float) -> bool:
        """Whether a child was made or deleted since the last write that told its `updatedAt`."""
        if not self.touching:
            return False
        since = self.last_set("updatedAt", before).began
        return any(one.began < before and one.ended > since for one in self.touching)

    def last_set(self, name: str, before: float) -> Write:
        """The write that a field has its value from: the last that was sent before."""
        return max(
            (one for one in self.writes if name in one.values and one.is_certain and one.began < before),
            key=lambda one: one.began,
            default=self.writes[0],
        )

    def sent_texts(self) -> Iterator[str]:
        """The texts that were written to it."""
        for one in self.writes:
            sent = one.asked.sent
            yield from (value for value in sent.values() if isinstance(value, str)) if isinstance(sent, dict) else ()

    def learn(self, began: int, ended: int, record: Record) -> None:
        """Take over what the answer to a write did not tell from the first whole record that does.

        A field that must always be there and lacks tells nothing, not even that it holds nothing.
        """
        for write, name in tuple(self.unknown):
            if name in self.entity.always and name not in record:
                continue
            if write.is_before(began) and self.possible(name, began, ended) == (ANYTHING,):
                write.values[name] = (record.get(name),)
                self.unknown.remove((write, name))
                self._states.clear()


class OwnRecords:
    """The run's records by entity and id."""

    def __init__(self, history: "History") -> None:
        self._entities = {one.name: one for one in history.entities}
        self._by: dict[tuple[str, str], Own] = {}
        for one in _created(history):
            self._by[one.entity.name, one.id] = one
        for seen in history.seen:
            if seen.method != "POST" or len(seen.path) != 1:
                self._note(seen.asked, seen)
        for asked in history.silent:
            self._note(asked, None)
        for one in self:
            one.writes[1:] = sorted(one.writes[1:], key=lambda write: write.began)
            one.unknown = [
                (write, name)
                for write in one.writes
                if write.is_certain
                for name, values in write.values.items()
                if values == (ANYTHING,) and name not in one.entity.computed
            ]
        self._follow_removals()
        self._touch_parents()

    def __iter__(self) -> Iterator[Own]:
        """All of them, the oldest first."""
        return iter(self._by.values())

    def find(self, entity: str, id_: object) -> Own | None:
        """The own record of that id."""
        return self._by.get((entity, id_)) if isinstance(id_, str) else None

    def expected(self, entity: str, user: User, began: int, ended: int) -> Iterator[tuple[Own, State]]:
        """The records of a user that may be there while an exchange is under way, as they may be meanwhile."""
        for one in self:
            if one.entity.name == entity and one.user == user:
                state = one.at(began, ended)
                if not state.is_gone and one.creation.asked.began < ended:
                    yield one, state

    def _note(self, asked: Asked, seen: "Seen | None") -> None:
        own = self.find(*asked.path) if len(asked.path) == 2 else None
        if own is None:
            return
        is_known = seen is not None and seen.is_success  # a redirection may send away, or do what it was asked
        if seen is not None and (400 <= seen.status < 500 or seen.reply.says_no):
            if asked.request.method not in _SAFE:
                own.refused.append(seen)
        elif any(_OVERRIDE in name.lower() for name, _ in asked.request.headers):
            own.writes += _anything(own.entity, asked, seen)
        elif asked.request.method == "DELETE":
            own.writes.append(Write(asked, seen, {}, removes=True, is_certain=is_known))
        elif asked.request.method == "PATCH":
            own.writes += _patches(own, asked, seen, is_certain=is_known)
        elif asked.request.method not in _SAFE:
            own.writes += _anything(own.entity, asked, seen)

    def _follow_removals(self) -> None:
        """What a deletion may do to children (R17): they go along, or hold nothing where the parent was."""
        waiting = [(one, write) for one in self for write in one.writes if write.removes]
        followed: set[tuple[str, str]] = set()
        while waiting:
            parent, removal = waiting.pop()
            followed.add((parent.entity.name, parent.id))
            for entity, relation in referring(self._entities.values(), parent.entity):
                key = entity.field(relation.foreign_key)
                for child in [one for one in self if key is not None and one.entity.name == entity.name]:
                    held = child.possible(relation.foreign_key, removal.began, removal.ended)
                    if parent.id not in held or key is None:
                        continue
                    lost: dict[str, tuple[object, ...]] = {relation.foreign_key: (None,), "updatedAt": (ANYTHING,)}
                    effect = Write(removal.asked, removal.seen, lost, removes=key.required, is_certain=False)
                    child.writes.append(effect)
                    if key.required and (entity.name, child.id) not in followed:
                        waiting.append((child, effect))

    def _touch_parents(self) -> None:
        """What a new or deleted record may do to its parents: R8 says of a PATCH alone that it touches nothing else."""
        for child in self:
            for relation in [one for one in child.entity.relations if one.type == "belongsTo"]:
                for write in [one for one in child.writes if one is child.writes[0] or one.removes]:
                    held = child.possible(relation.foreign_key, write.began, write.ended)
                    for id_ in {*_texts(held), *_texts(write.values.get(relation.foreign_key, ()))}:
                        parent = self.find(relation.entity, id_)
                        if parent is not None:
                            parent.touching.append(write)


def _texts(values: Iterable[object]) -> Iterator[str]:
    return (one for one in values if isinstance(one, str))


def _is_later(shown: object, known: Iterable[object]) -> bool:
    """Whether a moment is later than all of these."""
    now, before = moment(shown) if isinstance(shown, str) else None, [moment(one) for one in _texts(known)]
    return now is not None and all(one is not None and one < now for one in before)


def _created(history: "History") -> Iterable[Own]:
    """The records that POST answered, each with an id of its own that no answer had shown before."""
    found: dict[tuple[str, str], Own | None] = {}
    shown_at: dict[tuple[str, object], int] = {}
    for seen in history.seen:
        entity = history.entity(seen)
        if entity is None or not seen.is_success:
            continue
        if seen.method == "GET":
            for one in seen.records if seen.records is not None else [seen.record or {}]:
                if isinstance(id_ := one.get("id"), str):
                    shown_at.setdefault((entity.name, id_), seen.asked.ended)
        elif seen.method == "POST" and len(seen.path) == 1 and len(seen.reply.shown) == 1:
            record = seen.reply.shown[0]
            if is_id(record["id"]) and not (isinstance(seen.sent, dict) and seen.sent.get("id") == record["id"]):
                place = (entity.name, record["id"])
                is_new = place not in found and shown_at.get(place, math.inf) > seen.asked.began
                found[place] = _creation(entity, seen, record) if is_new else None
    return [own for own in found.values() if own is not None]


def _creation(entity: Entity, seen: "Seen", answered: Record) -> Own:
    sent = seen.sent if isinstance(seen.sent, dict) else {}
    is_whole = all(name in answered for name in entity.always)
    values = {
        one.name: (ANYTHING,)
        if one.name in entity.computed
        else _kept(entity, one, sent[one.name], answered)
        if one.name in sent
        else (answered[one.name],)
        if one.name in answered
        else ((None,) if is_whole else (ANYTHING,))
        for one in entity.fields
    }
    return Own(entity, answered["id"], seen.user, seen, [Write(seen.asked, seen, values)])


def _patches(own: Own, asked: Asked, seen: "Seen | None", *, is_certain: bool) -> Iterator[Write]:
    sent, answered = (seen.sent, seen.record or {}) if seen is not None else (asked.sent, {})
    if not isinstance(sent, dict):
        yield from _anything(own.entity, asked, seen)
        return
    answered = answered if is_certain and answered.get("id") == own.id else {}
    named = [one for one in own.entity.fields if one.name in sent]
    values = {one.name: _kept(own.entity, one, sent[one.name], answered) for one in named if not one.generated}
    values["updatedAt"] = (answered.get("updatedAt", ANYTHING),)
    yield Write(asked, seen, values, is_certain=is_certain)
    taken_over = {one.name: (sent[one.name],) for one in named if one.generated and one.name != "updatedAt"}
    if taken_over:  # which another requirement forbids
        yield Write(asked, seen, {**taken_over}, is_certain=False)


def _anything(entity: Entity, asked: Asked, seen: "Seen | None") -> Iterator[Write]:
    """Whatever a request may have done."""
    everything: dict[str, tuple[object, ...]] = {one.name: (ANYTHING,) for one in entity.fields if one.name != "id"}
    yield Write(asked, seen, everything, removes=True, is_certain=False)


def _kept(entity: Entity, of: Field, sent: object, answered: Record) -> tuple[object, ...]:
    """What a field may hold after a write: what the answer shows, and what was sent where that had to be kept.

    What had to be refused may be kept in any form, whatever the answer shows.
    """
    shown = answered.get(of.name, ANYTHING)
    if of.name in foreign_keys(entity) and shown is not ANYTHING:
        return (shown,) if agree(of, sent, shown) else (shown, sent)  # one that names nobody is to be refused
    if not is_taken(of, sent):
        return (shown,) if sent is None else (ANYTHING,)
    return (sent,) if shown is ANYTHING else (shown,) if agree(of, sent, shown) else (shown, sent)
