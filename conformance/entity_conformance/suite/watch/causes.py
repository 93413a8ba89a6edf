"""Which requirement it breaks that a record of the run does not show what it must hold. Pure.

What else the run saw of the record tells it: who shows it right meanwhile, and what was asked between the last answer
that was right and the first that was wrong. It is long because each way to be wrong rests on the same sights.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from entity_conformance.deployment.reply import ids_of
from entity_conformance.oracle.history import Seen
from entity_conformance.oracle.own import Own, Write
from entity_conformance.oracle.showing import Showing
from entity_conformance.oracle.times import moment
from entity_conformance.oracle.values import agree

_BY_STATE = frozenset({400, 409, 422})
"""How the deletion is refused of a record that others belong to."""
LISTED = "list.shows-records-as-read"
SEARCHED = "search.shows-records-as-read"
INCLUDED = "select.include-is-current"
ALIKE = "read.same-for-every-credential"
CURRENT = "read.shows-the-last-write"
FOUND = "read.finds-what-is-there"
SPARED = "update.spares-others"
HIDDEN = "auth.hidden-records-stay-untouched"
AT_ONCE = "situations.deletions-at-once"
STORED, REST = "update.is-stored", "update.leaves-the-rest"

_TELLING, _LARGE = 12, 1000
"""Texts of so many characters, and numbers beyond that: what is shorter or smaller is written to many records."""

_CONFIRMED = {"PATCH": "update.returns-record", "DELETE": "delete.confirms"}
"""What says by itself that an operation is not there."""

_STORED = frozenset({"read", "list", "answer"})
_DIRECT = frozenset({"read", "answer"})
_GONE = {
    "read": ("delete.then-read",),
    "answer": ("delete.then-update",),
    "include": (INCLUDED, "delete.then-read", "delete.then-list", "delete.then-update"),
}


@dataclass(frozen=True)
class Causes:
    """What a run saw of its records. `writes` are the requests that were to change any of them, granted or not."""

    showings: Sequence[Showing]
    writes: Sequence[Seen]

    def of(self, one: Showing, name: str) -> tuple[str, ...]:
        """The requirement that is broken by what a field shows there.

        Where it may be any of several, the likeliest comes first: what is wrong elsewhere tells which it is.
        """
        if one.state.is_gone and _met_an_update(one.own):
            return (AT_ONCE,)
        if one.state.is_gone:
            return _GONE.get(one.channel, ("delete.then-list",))
        if one.own.entity.field(name) is None:
            return self._of_relation(one, name)
        if one.channel == "read" and name in one.own.entity.always and name not in one.record:
            return ("read.always-fields",)
        if one.channel == "answer" and name in _sent(one.seen):
            return self._of_what_was_sent(one, name)
        return self._of_what_is_kept(one, name)

    @cached_property
    def _behind(self) -> frozenset[str]:
        """The credentials that were never shown what an UPDATE wrote, where others were."""
        current, old = set[str](), set[str]()
        for one in self.showings:
            if one.channel in {"read", "list"}:
                for name in _updated(one):
                    (old if name in one.wrong else current).add(one.seen.credential)
        return frozenset(old - current) if current else frozenset()

    @cached_property
    def _untrue(self) -> frozenset[str]:
        """The credentials to which READ alone shows something else of records that nobody has tried to change."""
        untouched = (one for one in self.showings if one.channel == "read" and len(one.own.writes) == 1)
        wrong = (one for one in untouched if one.wrong and not one.own.refused)
        return frozenset(one.seen.credential for one in wrong if self._is_right_for_others(one))

    def _is_right_for_others(self, one: Showing) -> bool:
        read = (each for each in self.showings if each.own is one.own and each.channel == "read")
        others = (each for each in read if each.seen.credential != one.seen.credential)
        return any(not each.wrong and all(map(each.tells, one.wrong)) for each in others)

    def of_missing(self, own: Own, seen: Seen) -> tuple[str, ...]:
        """The requirement that is broken by an answer that does not find a record, as `of` tells it."""
        shown = [one for one in self.showings if one.own is own and one.channel in {"read", "list"}]
        began, ended = seen.asked.began, seen.asked.ended
        is_later = any(one.began > began for one in shown) or any(
            one.removes and one.is_certain and one.began > ended for one in own.writes
        )
        is_included = seen.path[0] != own.entity.name
        if is_later and (is_included or (seen.record or {}).get("id", own.id) != own.id):
            return self._of_children(seen.path[0], [own])
        if is_later:
            return self._of_the_hidden(own, seen, is_read=any(one.channel == "read" for one in shown))
        since = max((one.ended for one in shown if one.ended < began), default=own.creation.asked.ended)
        between = [one for one in self.writes if one.asked.ended > since and one.asked.began < seen.asked.ended]
        kin = {own.id, *(value for values in own.at(began, began).values.values() for value in values)}
        deletions = [one for one in between if one.method == "DELETE"]
        refused = [one for one in deletions if 400 <= one.status < 500 and one.path[-1] in kin]
        is_by_state = any(one.status in _BY_STATE for one in refused)
        if is_included and not any(one.is_success for one in deletions) and not is_by_state:
            return self._of_children(seen.path[0], [own])  # nothing took it along
        if refused:
            is_of_another = own.user == "own" and any(one.user == "other" and one.path[-1] == own.id for one in refused)
            return (*((HIDDEN,) if is_of_another else ()), "delete.refused-changes-nothing")
        is_asker = len(seen.path) == 1 and self._lists_to_others(own, seen)
        return (*((ALIKE,) if is_asker else ()), *self._of_the_gone(own, seen, between))

    def _of_the_hidden(self, own: Own, seen: Seen, *, is_read: bool) -> tuple[str, ...]:
        """It shows later."""
        if len(seen.path) == 1:
            return (ALIKE if self._lists_to_others(own, seen) else "create.is-listed",)
        if self._lacks_operation(seen):
            return (_CONFIRMED[seen.method],)
        if self.is_now_and_then(own, seen):
            return (FOUND,)
        return (ALIKE if is_read else "read.returns-record" if seen.method == "GET" else FOUND, FOUND)

    def _lists_to_others(self, own: Own, seen: Seen) -> bool:
        """Whether a list had shown some of its entity to another credential, and none shows any to this one.

        Where lists show them later only, they may show them late.
        """
        listed = [one for one in self.showings if one.channel == "list" and one.own.entity.name == own.entity.name]
        askers = {one.seen.credential for one in listed}
        shown_before = any(one.ended < seen.asked.began for one in listed)
        return seen.credential not in askers and shown_before

    def _lacks_operation(self, seen: Seen) -> bool:
        """Whether no such request to the entity was ever granted, though records are there to which it was sent."""
        asked = (seen.method, seen.path[0])
        return seen.method in _CONFIRMED and not any(
            one.is_success and len(one.path) == 2 and (one.method, one.path[0]) == asked for one in self.writes
        )

    def _of_the_gone(self, own: Own, seen: Seen, between: Sequence[Seen]) -> tuple[str, ...]:
        """It went for good, with its parent or with another record."""
        if any(one.began < seen.asked.ended and _cascades(own, one) for one in own.writes):
            return ("delete.parent-of-optional",)
        deleted = any(one.method == "DELETE" and one.is_success for one in between)
        return ("delete.spares-others", FOUND) if deleted else (FOUND,)

    def is_now_and_then(self, own: Own, seen: Seen) -> bool:
        """Whether what did not find the record found it, or others of its entity, at another time."""
        if seen.method == "GET":
            read = (one for one in self.showings if one.own.entity is own.entity and one.channel == "read")
            return any(one.seen.credential == seen.credential for one in read)
        return any(
            (one.method, one.credential, one.path[0]) == (seen.method, seen.credential, seen.path[0]) and one.is_success
            for one in self.writes
        )

    def _of_relation(self, one: Showing, name: str) -> tuple[str, ...]:
        relation = one.own.entity.relation(name)
        if relation is None or relation.type != "belongsTo":
            held = one.record.get(name)
            ids = ids_of(held) if isinstance(held, list) else frozenset()
            strangers = [
                own
                for own in self._owns
                if own.id in ids and one.own.id not in [*chain(*own.at(one.began, one.ended).values.values())]
            ]
            return self._of_children(one.own.entity.name, strangers)
        if relation.entity not in {own.entity.name for own in self._owns}:
            return ("select.include-person",)  # whom nobody of this run has written
        is_new = one.own.last_set(relation.foreign_key, one.ended) is one.own.writes[0]
        return ("select.include-parent",) if is_new else (INCLUDED, "select.include-parent")

    @cached_property
    def _owns(self) -> list[Own]:
        return list({id(one.own): one.own for one in self.showings}.values())

    def _of_children(self, parent: str, children: Iterable[Own]) -> tuple[str, ...]:
        """What `include` shows of children is wrong: of old, where one of them was given another parent."""
        moved = any(
            own.last_set(relation.foreign_key, math.inf) is not own.writes[0]
            for own in children
            for relation in own.entity.relations
            if relation.type == "belongsTo" and relation.entity == parent
        )
        return (INCLUDED, "select.include-children") if moved else ("select.include-children",)

    def _of_what_was_sent(self, one: Showing, name: str) -> tuple[str, ...]:
        """A write's answer does not show what was sent: so it is kept, or the answer alone is wrong."""
        of, sent = one.own.entity.field(name), _sent(one.seen)[name]
        later = [each for each in self._near(one.own, name, _write(one)) if each.channel in _STORED]
        is_kept = any(agree(of, sent, each.record.get(name)) for each in later)
        if one.seen.method == "POST":
            kept = "create.keeps-every-character" if isinstance(sent, str) else "create.returns-record"
        else:
            kept = STORED
        answered = "create.returns-record" if one.seen.method == "POST" else "update.returns-record"
        return (answered,) if is_kept else (kept,) if later else (kept, answered)

    def _of_what_is_kept(self, one: Showing, name: str) -> tuple[str, ...]:
        own, written = one.own, one.own.last_set(name, one.ended)
        near = self._near(own, name, written)
        wrong = [each for each in near if name in each.wrong]
        right = [each for each in near if name not in each.wrong and each.seen is not written.seen]
        if (special := self._of_channel(one, wrong, right)) is not None:
            return (special,)
        stored = [each for each in wrong if each.channel in _STORED]
        first = min(stored or [one], key=lambda each: each.began)
        kept = [each for each in right if each.channel in _STORED]
        since = max((_told(each) for each in kept if each.ended < first.began), default=None)
        is_again = any(each.began > first.ended for each in kept)
        start = written.asked.began if since is None else since
        own_write = _own_write(own, name, first, start)
        others = self._between(own, start, first.ended)
        if _is_stale(first, name, written):
            if first.channel == "answer" and since is not None and own_write == REST:
                likeliest: tuple[str, ...] = (REST,)
            else:
                lists = [LISTED] if not any(each.channel in _DIRECT for each in near) else []
                old = self._of_the_old(one, written, is_never=since is None and not is_again)
                likeliest = (*old, *([own_write] if own_write else []), *lists)
            return likeliest
        if name != "updatedAt" and _is_anothers(first, name, others) and not _was_refused(own, name, first, start):
            return (SPARED,)
        alone = {"list": LISTED, "search": SEARCHED}.get(first.channel)
        if is_again and own_write is None and alone and not any(each.channel == first.channel for each in kept):
            return (alone,)
        if own_write is not None or is_again:
            doubt = [SPARED] if name == "updatedAt" and others else []
            if first.channel == "read" and not any(each.channel == "read" for each in kept):
                doubt.append("read.returns-record")
            return (own_write or CURRENT, *doubt)
        right_there = [each for each in kept if each.channel == first.channel]
        return self._of_the_rest(first, name, others, was_right=since is not None, right_there=right_there)

    def _of_channel(self, one: Showing, wrong: Sequence[Showing], right: Sequence[Showing]) -> str | None:
        """The requirement, where it is shown right elsewhere, or where READ shows that credential nothing right."""
        if (found := _of_channel(one, wrong, right)) is not None:
            return found
        is_untrue = one.channel == "read" and {each.seen.credential for each in wrong} <= self._untrue
        return "read.returns-record" if is_untrue else None

    def _of_the_old(self, one: Showing, written: Write, *, is_never: bool) -> tuple[str, ...]:
        """It shows what was there before an UPDATE: always, to one credential, or now and then."""
        if one.seen.credential in self._behind:
            return (ALIKE,)
        if not is_never:
            return (CURRENT,)
        met = ("situations.changes-of-different-fields",) if _met_another(one.own, written) else ()
        return (*met, STORED)

    def _of_the_rest(
        self, first: Showing, name: str, others: Sequence[Seen], *, was_right: bool, right_there: Sequence[Showing]
    ) -> tuple[str, ...]:
        """It changed with a write to another record, or was never right there."""
        written = first.own.last_set(name, first.ended)
        if name == "updatedAt" and written.seen is not None and name in _sent(written.seen):
            return ("update.generated-fields",)  # its answer told what it was sent
        if name == "updatedAt" and _answered_no_move(first.own, written):
            alike = () if _changes(first.own, written) else ("update.same-values",)
            return (*alike, "update.moves-updated-at")
        deleted = bool(others) and all(each.method == "DELETE" for each in others)
        spared = ("delete.spares-others" if deleted else SPARED,) if others else ()
        alone = ("read.returns-record",) if first.channel == "read" else (LISTED,) if first.channel == "list" else ()
        if was_right:
            return (*spared, *(() if right_there else alone)) or (CURRENT,)
        if written is first.own.writes[0]:
            made = _of_creation(first, name)
            never: tuple[str, ...] = made if made and first.channel in _DIRECT else (*made, *(alone or (LISTED,)))
        else:
            never = ("update.moves-updated-at" if name == "updatedAt" else STORED,)
        is_spoiled = _is_anothers(first, name, others) or (
            written is first.own.writes[0]
            and _answered(first.own, name)
            and not isinstance(first.record.get(name), str)
        )
        return spared + never if is_spoiled else never + spared

    def _near(self, own: Own, name: str, written: Write) -> list[Showing]:
        """What was shown of a field between a write to it and the next."""
        after = (one.began for one in own.writes if name in one.values and one.began > written.asked.ended)
        until = min(after, default=math.inf)
        return [
            one
            for one in self.showings
            if one.own is own and one.began > written.asked.ended and one.ended < until and one.tells(name)
        ]

    def _between(self, own: Own, start: float, end: float) -> list[Seen]:
        """The writes to other records meanwhile."""
        return [
            one
            for one in self.writes
            if one.asked.ended > start and one.asked.began < end and one.path != (own.entity.name, own.id)
            if one.method != "POST"
        ]


def _updated(one: Showing) -> Iterator[str]:
    """The fields that an UPDATE had given another value before."""
    created = one.own.writes[0]
    for name in one.record if len(one.own.writes) > 1 else ():
        of, written = one.own.entity.field(name), one.own.last_set(name, one.ended)
        if of is None or written is created:
            continue
        if name in one.wrong or not any(agree(of, value, one.record[name]) for value in created.values[name]):
            yield name


def _is_anothers(first: Showing, name: str, others: Sequence[Seen]) -> bool:
    """Whether it shows what a write to another record would leave there."""
    if name == "updatedAt":
        held = [moment(str(value)) for value in first.state.values[name]]
        now = moment(str(first.record.get(name)))
        return bool(others) and now is not None and all(value is not None and value < now for value in held)
    shown = first.record.get(name)
    is_telling = len(shown) >= _TELLING if isinstance(shown, str) else isinstance(shown, int) and shown > _LARGE
    return is_telling and any(_sent(one).get(name) == shown for one in others)


def _of_channel(one: Showing, wrong: Iterable[Showing], right: Iterable[Showing]) -> str | None:
    """The requirement, where it is shown right elsewhere after it was shown wrong there."""
    here = [each for each in wrong if each.channel == one.channel]
    begun = min((each.began for each in here), default=one.began)
    good = [each for each in right if each.ended > begun]
    bad = {each.channel for each in wrong}
    fine = {each.channel for each in good}
    if one.channel == "include" and (fine & _STORED or not bad & _STORED):
        return INCLUDED
    if one.channel == "search" and "list" not in bad and (fine & _STORED or not bad & _STORED):
        return SEARCHED
    if one.channel == "read" and fine & {"list", "answer"} and not fine & {"read"} and not bad & {"list", "answer"}:
        return "read.returns-record"
    mine = {each.seen.credential for each in here}
    theirs = {each.seen.credential for each in good if each.channel == one.channel}
    if len(mine) == 1 and theirs and not mine & theirs:
        return ALIKE
    return LISTED if one.channel in {"list", "search", "include"} and fine & _DIRECT and not bad & _DIRECT else None


def _own_write(own: Own, name: str, first: Showing, start: float) -> str | None:
    """The requirement of a request to the record itself that did not name the field, or was refused."""
    own_path = (own.entity.name, own.id)
    granted = [
        one
        for one in own.writes[1:]
        if one.asked.path == own_path and one.began < first.ended and (one.asked.ended > start or name == "createdAt")
        if name == "updatedAt" or name not in one.values
    ]
    refused = _refused(own, first, start)
    if refused and (not granted or _was_refused(own, name, first, start)):
        if _is_of_another_user(name, first, refused):
            return HIDDEN
        deleted = all(one.method == "DELETE" for one in refused)
        return "delete.refused-changes-nothing" if deleted else "update.refused-changes-nothing"
    if granted and name != "updatedAt":
        return "update.keeps-id-and-creation" if name in {"id", "createdAt"} else REST
    return None


def _refused(own: Own, first: Showing, start: float) -> list[Seen]:
    return [one for one in own.refused if one.asked.ended > start and one.asked.began < first.ended]


def _is_of_another_user(name: str, first: Showing, refused: Sequence[Seen]) -> bool:
    """Whether what shows is what the other user sent, and nobody else."""
    senders = {one.user for one in refused if name in _sent(one) and _sent(one)[name] == first.record.get(name)}
    return senders == {"other"}


def _was_refused(own: Own, name: str, first: Showing, start: float) -> bool:
    """Whether what shows was sent to the record itself, and refused."""
    return any(name in _sent(one) and _sent(one)[name] == first.record.get(name) for one in _refused(own, first, start))


def _is_stale(one: Showing, name: str, written: Write) -> bool:
    """Whether it shows what was there before an UPDATE."""
    if written is one.own.writes[0]:
        return False
    of, shown = one.own.entity.field(name), one.record.get(name)
    earlier = [each for each in one.own.writes if each.began < written.began and name in each.values]
    return any(agree(of, value, shown) for each in earlier for value in each.values[name])


def _told(one: Showing) -> int:
    """Since when that may have changed: a write that answers right did no harm."""
    return one.ended if one.channel == "answer" else one.began


def _of_creation(one: Showing, name: str) -> tuple[str, ...]:
    """The requirement of what a creation filled in, where another value was kept."""
    of = one.own.entity.field(name)
    if of is None or of.generated:
        return ()
    if (sent := _sent(one.own.creation).get(name)) is not None:
        return ("create.keeps-every-character",) if isinstance(sent, str) else ("create.returns-record",)
    if of.required:
        return ()
    return ("create.unset-fields" if of.default is None else "create.applies-defaults",)


def _answered_no_move(own: Own, written: Write) -> bool:
    """Whether the answer to an UPDATE told no later time than was told before."""
    told = [moment(str(value)) for value in written.values["updatedAt"]]
    earlier = [
        moment(str(value))
        for one in own.writes
        if one.ended < written.began
        for value in one.values.get("updatedAt", ())
    ]
    return any(now is not None and one is not None and now <= one for now in told for one in earlier)


def _answered(own: Own, name: str) -> bool:
    """Whether the answer to its creation showed what was sent."""
    sent, shown = _sent(own.creation), own.creation.record or {}
    return name in sent and name in shown and agree(own.entity.field(name), sent[name], shown[name])


def _changes(own: Own, written: Write) -> bool:
    """Whether an UPDATE named another value than was there."""
    named = [name for name in written.values if name != "updatedAt"]
    held = {name: own.possible(name, written.began, written.began) for name in named}
    return any(
        not all(agree(own.entity.field(name), value, before) for before in held[name])
        for name in named
        for value in written.values[name]
    )


def _cascades(own: Own, write: Write) -> bool:
    """Whether it is what the deletion of a parent may have done."""
    return write.asked.request.method == "DELETE" and write.asked.path != (own.entity.name, own.id)


def _met_another(own: Own, written: Write) -> bool:
    """Whether an UPDATE was under way while another one was, of the same record."""
    others = [one for one in own.writes[1:] if one is not written and one.is_certain]
    return any(one.began < written.ended and written.began < one.ended for one in others)


def _write(one: Showing) -> Write:
    return next(write for write in one.own.writes if write.seen is one.seen)


def _sent(seen: Seen) -> dict[str, object]:
    return seen.sent if isinstance(seen.sent, dict) else {}


def _met_an_update(own: Own) -> bool:
    """Whether an UPDATE was under way when the record was deleted."""
    removals = [one for one in own.writes if one.removes and one.is_certain]
    updates = [one for one in own.writes[1:] if not one.removes]
    return any(each.began < one.ended and one.began < each.ended for one in removals for each in updates)
