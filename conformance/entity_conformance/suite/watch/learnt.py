"""Records that the run did not make, as it learns them: one `updatedAt`, one record, wherever it shows.

Others may change them at any time. What shows one value, then another, and then the first again, without its
`updatedAt` having moved, was not changed: one of the answers is wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from entity_contract import Entity

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.history import History, Seen
from entity_conformance.oracle.values import agree
from entity_conformance.suite.expect.values import shown as quoted
from entity_conformance.suite.watch.causes import ALIKE, CURRENT, LISTED, SEARCHED
from entity_conformance.suite.watch.judgement import Judgement

Place = tuple[str, str]
"""READ, a list or a search (`read`, `list`, `search`), and the credential that asked."""

_KEPT = 4
"""Spellings of one version that are known at sight."""


@dataclass(slots=True)
class _Version:
    """What a record held in some answers. `alike` are objects that say the same; `seen` is one answer of each place."""

    alike: list[Record]
    seen: dict[Place, Seen] = field(default_factory=dict)

    @property
    def channels(self) -> set[str]:
        return {channel for channel, _ in self.seen}


@dataclass(slots=True)
class _Learnt:
    """The versions of a record in the order in which they were shown; one may come again."""

    entity: Entity
    versions: list[_Version] = field(default_factory=list)
    order: list[_Version] = field(default_factory=list)
    until: int = -1

    def add(self, record: Record, place: Place, seen: Seen) -> bool:
        """Another answer shows it. Whether that had been shown elsewhere before."""
        version = next((one for one in self.versions if self._is(one, record)), None)
        if version is None:
            version = _Version([record])
            self.versions.append(version)
        known = bool(version.seen.keys() - {place})
        version.seen.setdefault(place, seen)
        if seen.asked.began > self.until and (not self.order or self.order[-1] is not version):
            self.order.append(version)
        self.until = max(self.until, seen.asked.ended)
        return known

    def _is(self, version: _Version, record: Record) -> bool:
        if any(record == one for one in version.alike):
            return True
        alike = not _differing(self.entity, version.alike[0], record)
        if alike and len(version.alike) < _KEPT:
            version.alike.append(record)
        return alike

    def wrong(self) -> Iterator[tuple[_Version, _Version]]:
        """Versions of one `updatedAt` between which it went there and back: the right one and the other."""
        for at, one in enumerate(self.order[:-2]):
            other = self.order[at + 1]
            if one in self.order[at + 2 :] and _time(one) == _time(other):
                is_read = "read" in other.channels and "read" not in one.channels
                yield (other, one) if is_read else (one, other)


def judge(history: History) -> Iterator[Judgement]:
    """Go over all whole records that are not the run's own."""
    learnt: dict[tuple[str, str], _Learnt] = {}
    for seen in history.seen:
        entity = history.entity(seen)
        if entity is None or seen.method != "GET" or not seen.is_success or "fields" in dict(seen.query):
            continue
        channel = "read" if len(seen.path) == 2 else "search" if dict(seen.query).get("search", "").strip() else "list"
        judged: set[str] = set()
        for record in seen.records if seen.records is not None else [seen.record or {}]:
            id_ = record.get("id")
            if not isinstance(id_, str) or "updatedAt" not in record or history.own.find(entity.name, id_) is not None:
                continue
            known = learnt.setdefault((entity.name, id_), _Learnt(entity))
            whole = _whole(entity, seen, record)
            if whole is not None and known.add(whole, (channel, seen.credential), seen):
                judged.add(LISTED if channel == "list" else SEARCHED if channel == "search" else CURRENT)
        yield from (Judgement(requirement, entity.name, seen.exchange) for requirement in sorted(judged))
    for known in learnt.values():
        for right, other in {(id(a), id(b)): (a, b) for a, b in known.wrong()}.values():
            requirement = _requirement(right, other)
            seen = next(iter(other.seen.values()))
            yield Judgement(
                requirement, known.entity.name, seen.exchange, _difference(known.entity, right, other, seen)
            )


def _whole(entity: Entity, seen: Seen, record: Record) -> Record | None:
    """The record with the foreign keys that included records stand in the place of (L21); None where none tells one."""
    asked = {name for key, names in seen.query if key == "include" for name in names.split(",")}
    for relation in entity.relations:
        is_included = relation.name in record or relation.name in asked
        if relation.type == "belongsTo" and is_included and relation.foreign_key not in record:
            held = record.get(relation.name)
            if not isinstance(held, dict) or "id" not in held:
                return None
            record = {**record, relation.foreign_key: held["id"]}
    return record


def _requirement(right: _Version, other: _Version) -> str:
    mine, theirs = {who for _, who in other.seen}, {who for _, who in right.seen}
    if len(mine) == 1 and not mine & theirs and other.channels & right.channels:
        return ALIKE
    if other.channels == {"search"}:
        return SEARCHED
    return CURRENT if "read" in other.channels else LISTED


def _difference(entity: Entity, right: _Version, other: _Version, seen: Seen) -> Violation:
    name = _differing(entity, right.alike[0], other.alike[0])[0]
    wanted, came = (quoted(one[name]) if name in one else "no such field" for one in (right.alike[0], other.alike[0]))
    elsewhere = next(iter(right.seen.values())).exchange
    message = f"{name} of {right.alike[0]['id']} differs from what {elsewhere} shows, with the same updatedAt"
    return Violation(message, expected=wanted, actual=came, exchange=seen.exchange)


def _differing(entity: Entity, one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    """The fields that hold other values; `updatedAt` alone makes another version too. Null or absent is one (R11)."""
    return [of.name for of in entity.fields if not agree(of, one.get(of.name), other.get(of.name))]


def _time(version: _Version) -> object:
    return version.alike[0].get("updatedAt")
