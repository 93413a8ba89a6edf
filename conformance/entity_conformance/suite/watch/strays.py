"""Writes and records that do not match: one stored twice, one that was refused and made, two under one id.

So does a record of others that holds what the run wrote to one of its own.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from entity_conformance.deployment.account import unmistakable
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.history import History, Seen
from entity_conformance.suite.expect import values
from entity_conformance.suite.watch.causes import SPARED
from entity_conformance.suite.watch.judgement import Judgement, Watch, over

ONCE = "create.stored-once"
REFUSED = "create.refused-creates-nothing"


@dataclass(slots=True)
class _Creations:
    """What the run tried to create of an entity: its texts by the requests that sent them, and the ids answered.

    `changes` are texts by the first UPDATE that sent them, `shown` is when an answer first showed an id. Of the texts
    that are `doubtful` nobody knows how many records there are. When the first with such a text had been `refused`,
    lists may show what it left behind.
    """

    sent: dict[str, list[Seen]] = field(default_factory=dict)
    changes: dict[str, Seen] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    refused: float = math.inf


def _judge(history: History) -> Iterator[Judgement]:
    tried = _tried(history)
    for seen in history.seen:
        creations = tried.get(seen.path[0]) if seen.method == "GET" and seen.is_success and seen.path else None
        if creations is None:
            continue
        records = seen.records if seen.records is not None else [seen.record or {}]
        strays = [one for one in records if isinstance(one.get("id"), str) and one["id"] not in creations.ids]
        changed = {one["id"]: update for one in strays if (update := _update(creations, one)) is not None}
        for id_, update in changed.items():
            yield Judgement(SPARED, seen.path[0], seen.exchange, _overwritten(seen, id_, update))
        strays = [one for one in strays if one["id"] not in changed]
        found = [(one, requests) for one in strays if (requests := _requests(creations, one))]
        for record, requests in found:
            likest = max(requests, key=lambda one: (_likeness(one, record), one.is_success))
            requirement = ONCE if likest.is_success else REFUSED
            yield Judgement(requirement, seen.path[0], seen.exchange, _stray(seen, record, likest))
        if not found and len(strays) < len(records):
            yield Judgement(ONCE, seen.path[0], seen.exchange)
        if not found and seen.records is not None and creations.refused < seen.asked.began:
            yield Judgement(REFUSED, seen.path[0], seen.exchange)


def _tried(history: History) -> Mapping[str, _Creations]:
    tried: dict[str, _Creations] = {}
    marked = mark(history.run)
    shown_at = _shown_at(history, marked)
    for seen in history.seen:
        entity = history.entity(seen)
        if entity is not None and seen.method == "PATCH" and seen.is_success:  # where nothing was, it may make a record
            of = tried.setdefault(entity.name, _Creations())
            of.ids.add(seen.path[-1])
            of.changes = dict.fromkeys(unmistakable(seen.sent, marked), seen) | of.changes
        if entity is not None and seen.method == "GET" and seen.is_success:
            of = tried.setdefault(entity.name, _Creations())
            for record in seen.records if seen.records is not None else [seen.record or {}]:
                of.shown.setdefault(str(record.get("id")), seen.asked.ended)
        if entity is None or seen.method != "POST" or len(seen.path) != 1:
            continue
        creations = tried.setdefault(entity.name, _Creations())
        shown = seen.reply.shown if seen.is_success else ()
        creations.ids |= {str(one["id"]) for one in shown}  # a number may show as a text, which others judge
        is_known = len(shown) == 1 if seen.is_success else seen.status < 500
        is_known &= not (isinstance(seen.sent, dict) and "id" in seen.sent)  # which another requirement judges
        known = {text for one in entity.fields for text in one.samples}  # which older records may hold
        for text in [text for text in unmistakable(seen.sent, marked) if text not in known]:
            if text not in creations.sent and shown_at.get((entity.name, text), math.inf) < seen.asked.began:
                continue  # taken over from a record that was there: others may hold it too
            creations.sent.setdefault(text, []).append(seen)
            creations.refused = min(creations.refused, math.inf if seen.is_success else seen.asked.ended)
            creations.doubtful |= set() if is_known else {text}
    for asked in history.silent:
        if asked.request.method == "POST" and asked.path and asked.path[0] in tried:
            tried[asked.path[0]].doubtful |= set(unmistakable(asked.sent, marked))
    return tried


def _shown_at(history: History, marked: str) -> Mapping[tuple[str, str], int]:
    """When an answer first showed a text in a record of an entity."""
    found: dict[tuple[str, str], int] = {}
    for seen in history.seen:
        if seen.method == "GET" and seen.is_success and seen.path:
            for record in seen.records if seen.records is not None else [seen.record or {}]:
                for text in unmistakable(record, marked):
                    found.setdefault((seen.path[0], text), seen.asked.ended)
    return found


def _requests(creations: _Creations, record: Record) -> list[Seen]:
    """The requests that sent a text of the record; none where one of them may have made it."""
    texts = {value for value in record.values() if isinstance(value, str) and value in creations.sent}
    return [] if texts & creations.doubtful else [one for text in sorted(texts) for one in creations.sent[text]]


def _update(creations: _Creations, record: Record) -> Seen | None:
    """The UPDATE of another record that sent a text of this one, which no creation had sent before it was there."""
    shown, sent = creations.shown.get(str(record["id"]), math.inf), creations.sent
    texts = [value for value in record.values() if isinstance(value, str) and value in creations.changes]
    return next((creations.changes[one] for one in texts if one not in sent or shown < sent[one][0].asked.began), None)


def _likeness(one: Seen, record: Record) -> int:
    sent = one.sent if isinstance(one.sent, dict) else {}
    return sum(name in record and record[name] == value for name, value in sent.items())


def _stray(seen: Seen, record: Record, likest: Seen) -> Violation:
    told = f"POST answered {likest.status} to what it holds"
    whose = "another id" if likest.is_success else "no id"
    return Violation(
        f"there is a record that the run sent and was not told of: {told}",
        expected=f"no such record, since the answer told {whose}",
        actual=values.shown(record["id"]),
        exchange=seen.exchange,
    )


_AFTER = {
    SPARED: ("create.gives-an-id",),
    ONCE: ("create.gives-an-id", "situations.creations-at-once"),
    REFUSED: ("create.is-listed",),
}
_SENTENCES = {
    SPARED: "A record changes by writes to itself alone, its `updatedAt` too.",
    ONCE: "A creation makes one record.",
    REFUSED: "A refused body leaves nothing behind: no list holds its texts.",
}


def _overwritten(seen: Seen, id_: object, update: Seen) -> Violation:
    return Violation(
        f"a record that the run did not make holds what was sent to {'/'.join(update.path)}",
        expected=f"{update.path[-1]} alone is changed",
        actual=values.shown(id_),
        exchange=seen.exchange,
    )


@over("situations.creations-at-once", after=("create.gives-an-id",))
def ids_at_once(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """Records that are created at once have an id of their own each."""
    made: dict[str, list[Seen]] = {}
    for seen in history.seen:
        entity = history.entity(seen)
        if entity is None or seen.method != "POST" or len(seen.path) != 1 or not seen.is_success or not seen.record:
            continue
        earlier = made.setdefault(entity.name, [])
        at_once = [one for one in earlier if one.asked.ended > seen.asked.began and one.asked.began < seen.asked.ended]
        earlier.append(seen)
        if at_once:
            same = [one for one in at_once if (one.record or {}).get("id") == seen.record.get("id")]
            yield seen, _same_id(seen, same[0]) if same else None


def _same_id(seen: Seen, other: Seen) -> Violation:
    id_ = values.shown((seen.record or {}).get("id"))
    told = f"two creations at once were answered with one id, the other in {other.exchange}"
    return Violation(
        told, expected=f"another id than {id_}", actual=id_, exchange=seen.exchange, besides=(other.exchange,)
    )


WATCHES = (Watch(_judge, _SENTENCES, _AFTER), ids_at_once)
