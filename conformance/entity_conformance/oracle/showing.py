"""Wherever answers show the run's own records, and what is wrong with each there. Pure."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from entity_contract import Entity, Relation

from entity_conformance.deployment.reply import Record, ids_of
from entity_conformance.oracle.own import ANYTHING, Own, State
from entity_conformance.oracle.records import foreign_keys
from entity_conformance.oracle.values import agree, is_taken

if TYPE_CHECKING:
    from entity_conformance.oracle.history import History, Seen

Place = tuple[str, str]
"""An entity's name and a record's id."""

Channel = Literal["answer", "read", "list", "search", "include"]
"""Where a record shows: in the answer to a write, by READ, in a list, in one that was searched, or within another."""

READERS = {"GET": {"api_key", "session", "read_key"}, "PATCH": {"api_key", "session", "write_key"}}
REMOVERS = {"api_key", "session", "delete_key"}

_LONGEST_PAGE = 100
_UNNARROWED = frozenset({"page", "limit", "sort", "order", "fields", "include"})
"""Parameters that leave all records in a list."""

_TELLING = 6
"""Characters by which a text tells one record from others."""


@dataclass(frozen=True, slots=True)
class Showing:
    """A record of the run in an answer. `wrong` has the fields that cannot hold what they show there.

    Where no fields were asked for it `is_whole`. `state` is what the record may have been meanwhile.
    """

    own: Own
    seen: "Seen"
    channel: Channel
    record: Record
    state: State
    is_whole: bool = True
    wrong: tuple[str, ...] = ()

    @property
    def began(self) -> int:
        """When it was asked for."""
        return self.seen.asked.began

    @property
    def ended(self) -> int:
        """When it was answered."""
        return self.seen.asked.ended

    def tells(self, name: str) -> bool:
        """Whether it says anything of a field."""
        return name in self.record or name in self.wrong


@dataclass(slots=True)
class Shown:
    """What a run showed of its own records.

    `missing` are the answers by which a record was not found that had to be there. They count to a credential that was
    shown records of its user: what another one does not find says nothing. To the other user such of its entity must
    have been shown: some entities may be everybody's, and others not (A7).
    """

    showings: list[Showing] = field(default_factory=list)
    missing: "list[tuple[Own, Seen]]" = field(default_factory=list)


def shown(history: "History") -> Shown:
    """Wherever own records show in the answers of a run, in the order of the answers."""
    found = Shown()
    known: set[tuple[str, str, str]] = set()
    others: set[Place] = set()
    for seen in history.seen:
        if not (seen.is_below_v1 and seen.path):
            continue
        if seen.is_success:
            for one in _showings(history, seen, others):
                found.showings.append(one)
                of = "" if one.own.user == seen.user else one.own.entity.name
                known.add((one.own.user, seen.credential, of))
            others.update(_parents(history, seen))
            left_out = [own for own in _left_out(history, seen) if not history.is_late or _was_listed(found, own)]
            left_out += [
                own
                for own in _without_children(history, seen)
                if not history.is_late or _was_included(found, own, seen)
            ]
            found.missing += [(own, seen) for own in left_out]
        elif seen.status == 404 and len(seen.path) == 2:
            own = history.own.find(*seen.path)
            if own is not None and own.at(seen.asked.began, seen.asked.ended).must_exist and _may(own, seen):
                found.missing.append((own, seen))
    found.missing = [
        (own, seen)
        for own, seen in found.missing
        if (own.user, seen.credential, "" if own.user == seen.user else own.entity.name) in known
    ]
    return _without_strangers(found)


def _was_listed(found: Shown, own: Own) -> bool:
    """Whether a list has shown the record before: what is late (`--settle`) need not show it yet."""
    return any(one.own is own and one.channel == "list" for one in found.showings)


def _was_included(found: Shown, own: Own, seen: "Seen") -> bool:
    """Whether the record that is read here included the other before, as `_was_listed`."""
    of = seen.path if len(seen.path) == 2 else None
    return any(one.own is own and one.channel == "include" and one.seen.path == of for one in found.showings)


def _without_strangers(found: Shown) -> Shown:
    """Without the records that no answer shows to be what the run wrote: their creation told the id of another one."""
    doubtful = {id(one.own): one.own for one in found.showings if one.wrong and one.channel != "answer"}
    strangers = set()
    for key, own in doubtful.items():
        texts = {text for text in own.sent_texts() if len(text) >= _TELLING}
        read = [one.record for one in found.showings if one.own is own and one.channel in ("read", "list")]
        held = {value for record in read for value in record.values() if isinstance(value, str)}
        if texts and read and not texts & held:
            strangers.add(key)
    if not strangers:
        return found
    return Shown(
        [one for one in found.showings if id(one.own) not in strangers],
        [(own, seen) for own, seen in found.missing if id(own) not in strangers],
    )


def _left_out(history: "History", seen: "Seen") -> Iterator[Own]:
    """The own records that a list of everything lacks."""
    if not is_of_all(seen) or seen.credential not in READERS["GET"] or seen.records is None:
        return
    if not seen.records and not _is_plain(history.entity(seen), seen):
        return
    ids = ids_of(seen.records)
    for own, state in history.own.expected(seen.path[0], seen.user, seen.asked.began, seen.asked.ended):
        if state.must_exist and own.id not in ids:
            yield own


def _is_plain(entity: Entity | None, seen: "Seen") -> bool:
    """Whether a list is asked for as the contract has it: what is asked otherwise may select nothing."""
    asked = dict(seen.query)
    if entity is None or len(asked) != len(seen.query) or "page" in asked or asked.get("limit", "100") != "100":
        return False
    relations, fields = {one.name for one in entity.relations}, {one.name for one in entity.fields}
    included = {one for one in asked.get("include", "").split(",") if one}
    is_ordered = asked.get("sort", "createdAt") in fields and asked.get("order", "asc") in {"asc", "desc"}
    return is_ordered and seen.fields <= fields and included <= relations


def is_of_all(seen: "Seen") -> bool:
    """Whether a list holds all records that its asker can see: its page is not full, and tells no more of them."""
    if seen.method != "GET" or len(seen.path) != 1 or not seen.is_success or seen.records is None:
        return False
    pages = (seen.body or {}).get("pagination")
    total = pages.get("total") if isinstance(pages, dict) else None
    limit = dict(seen.query).get("limit", "20")
    is_open = limit.isdecimal() and len(seen.records) < min(int(limit), _LONGEST_PAGE)
    return is_open and total == len(seen.records) and all(name in _UNNARROWED for name, _ in seen.query)


def _may(own: Own, seen: "Seen") -> bool:
    """Whether whoever asks can do that with the record."""
    if seen.credential == "other_api_key":
        return own.user == "other" and seen.method in {*READERS, "DELETE"}
    names = REMOVERS if seen.method == "DELETE" else READERS.get(seen.method, set())
    return own.user == "own" and seen.credential in names


def _showings(history: "History", seen: "Seen", others: Container[Place]) -> Iterator[Showing]:
    match seen.method, len(seen.path):
        case "GET", 1 if seen.records is not None:
            parameters = dict(seen.query)
            channel: Channel = "search" if parameters.get("search", "").strip() else "list"
            records: Sequence[Record] = seen.records
        case "GET", 2 if seen.record is not None:
            channel, records = "read", () if is_of_another(history, seen) else (seen.record,)
        case "POST" | "PATCH", _:
            channel, records = "answer", [one for one in seen.reply.shown if isinstance(one["id"], str)][:1]
        case _:
            return
    is_whole = not any(name in {"fields", "include"} for name, _ in seen.query)  # a foreign key may become its record
    for record in records:
        own = history.own.find(seen.path[0], record.get("id"))
        if own is not None:
            # `--settle` holds for every way of asking (L18).
            is_late = channel in {"search", "list"} and history.is_late
            yield _judged(own, seen, channel, record, is_whole=is_whole, is_late=is_late)
        yield from _embedded(history, seen, record, others)


def is_of_another(history: "History", seen: "Seen") -> bool:
    """Whether READ of an own record shows one of another id: that tells nothing of either."""
    shown = (seen.record or {}).get("id")
    return isinstance(shown, str) and seen.path[-1] != shown and history.own.find(*seen.path) is not None


def _parents(history: "History", seen: "Seen") -> Iterator[Place]:
    """The records that the answer includes as somebody's parents."""
    entity = history.entity(seen)
    for relation in entity.relations if entity is not None and seen.method == "GET" else ():
        for record in (seen.records or (seen.record or {},)) if relation.type == "belongsTo" else ():
            held = record.get(relation.name)
            if isinstance(held, dict) and isinstance(held.get("id"), str):
                yield relation.entity, held["id"]


def _embedded(history: "History", seen: "Seen", record: Record, others: Container[Place]) -> Iterator[Showing]:
    """What a record holds under the names of its relations; it may be partial (L21)."""
    entity = history.entity(seen)
    within = None if entity is None else history.own.find(entity.name, record.get("id"))
    for relation in entity.relations if entity is not None else ():
        held = record.get(relation.name)
        is_told = within is not None and relation.name in record
        if within is not None and is_told and _holds_another(history, seen, within, relation, record, others=others):
            state = within.at(seen.asked.began, seen.asked.ended)
            yield Showing(within, seen, "include", record, state, is_whole=False, wrong=(relation.name,))
        for one in held if isinstance(held, list) else [held]:
            if isinstance(one, dict) and (own := history.own.find(relation.entity, one.get("id"))) is not None:
                yield _judged(own, seen, "include", one, is_whole=False, is_late=history.is_late)


def _holds_another(
    history: "History", seen: "Seen", within: Own, relation: Relation, record: Record, *, others: Container[Place]
) -> bool:
    """Whether an own record is included that the foreign key does not name, or is not though it does.

    So it is with a record of `others` that was included before: of the users, whom nobody writes (R19). Where another
    foreign key is shown than the record must hold, that is told by itself.
    """
    held, (began, ended) = record.get(relation.name), (seen.asked.began, seen.asked.ended)
    if relation.type == "belongsTo":
        keys = within.at(began, ended).values.get(relation.foreign_key, (ANYTHING,))
        if ANYTHING not in keys and record.get(relation.foreign_key, keys[0]) not in keys:
            return False
        if not all(isinstance(key, str) for key in keys):
            return False  # what names nobody, or not by a text, is told by itself
        parents = {key: history.own.find(relation.entity, key) for key in keys}
        is_known = all(
            one.at(began, ended).must_exist if one is not None else (relation.entity, key) in others
            for key, one in parents.items()
        )
        return is_known and not (isinstance(held, dict) and held.get("id") in keys)
    ids = [one.get("id") for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    for child in [own for id_ in ids if (own := history.own.find(relation.entity, id_)) is not None]:
        keys = child.at(began, ended).values.get(relation.foreign_key, (ANYTHING,))
        if within.id not in keys and ANYTHING not in keys:
            return True
    return False


def _without_children(history: "History", seen: "Seen") -> Iterator[Own]:
    """The own records that are not included where their foreign key names the record."""
    entity = history.entity(seen)
    for relation in entity.relations if entity is not None and seen.method == "GET" else ():
        if relation.type != "hasMany":
            continue
        for record in seen.records if seen.records is not None else [seen.record or {}]:
            held, id_ = record.get(relation.name), record.get("id")
            if not isinstance(id_, str) or not isinstance(held, list):
                continue
            within = history.own.find(seen.path[0], id_)
            ids, user = ids_of(held), seen.user if within is None else within.user
            for child, state in history.own.expected(relation.entity, user, seen.asked.began, seen.asked.ended):
                keys = state.values.get(relation.foreign_key, (ANYTHING,))
                if state.must_exist and set(keys) == {id_} and child.id not in ids:
                    yield child


def _judged(  # where and how a record shows
    own: Own, seen: "Seen", channel: Channel, record: Record, *, is_whole: bool, is_late: bool = False
) -> Showing:
    if own.unknown and is_whole and channel in ("read", "list"):
        own.learn(seen.asked.began, seen.asked.ended, record)
    if own.touching and is_whole and channel in ("read", "list"):
        own.settle(seen.asked.began, record)
    state = own.ever(seen.asked.ended) if is_late else own.at(seen.asked.began, seen.asked.ended)
    if is_whole and channel != "answer" and any(_is_like(record, one) for one in state.right):
        return Showing(own, seen, channel, record, state)
    replaced = replaced_in(own, record)
    told = [
        one
        for one in own.entity.fields
        if one.name in record or (is_whole and channel != "answer" and one.name not in replaced)
    ]
    wrong = tuple(one.name for one in told if not state.allows(one, one.name, record.get(one.name)))
    if channel == "answer":
        wrong += tuple(name for name in _unlike_sent(own, seen, record) if name not in wrong)
    elif is_whole and not wrong:
        state.right.append(record)
    return Showing(own, seen, channel, record, state, is_whole, wrong)


def replaced_in(own: Own, record: Record) -> frozenset[str]:
    """The foreign keys that an included record may stand in the place of: whether they stay, L21 says."""
    return frozenset(one.foreign_key for one in own.entity.relations if one.name in record)


def _is_like(one: Record, other: Record) -> bool:
    """Whether both hold the same JSON, where true is not 1."""
    return one == other and [*map(type, one.values())] == [*map(type, other.values())]


def _unlike_sent(own: Own, seen: "Seen", record: Record) -> tuple[str, ...]:
    """The fields of which a write's answer does not show what was sent."""
    sent = seen.sent if isinstance(seen.sent, dict) else {}
    keys = foreign_keys(own.entity)  # one that names nobody is to be refused
    fields = [one for one in own.entity.fields if one.name in sent and one.name in record and one.name not in keys]
    return tuple(
        one.name for one in fields if is_taken(one, sent[one.name]) and not agree(one, sent[one.name], record[one.name])
    )
