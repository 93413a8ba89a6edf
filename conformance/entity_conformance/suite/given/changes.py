"""The life of one record of an entity: made with little, changed all at once, then field by field, and deleted.

Every check of updates and deletions judges the same acts from its own side, so that few records prove much. What an
UPDATE wrote shows in the answer to the next one, and in a READ after the last.
"""

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Credential, NoAnswer, Record, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import expect, sample
from entity_conformance.suite.given.acts import by_own_key
from entity_conformance.suite.given.conflicts import BY_A_RULE, CONFLICT, no_change_taken
from entity_conformance.suite.given.created import made
from entity_conformance.suite.given.families import heir, included_first
from entity_conformance.suite.given.groups import beside_others, optional_parents, other_parents, parents, sparse
from entity_conformance.suite.given.lacking import lacking
from entity_conformance.suite.given.moments import step
from entity_conformance.suite.given.partial import demanded
from entity_conformance.suite.given.reduced import reduced_read

_TELLING = 0.06
"""Seconds after which `updatedAt` has to have moved, however coarse a clock that prints milliseconds is."""

_FRACTION = re.compile(r"\.([0-9]+)")
_ATTEMPTS = 3
_DONE = 200
_DIGITS = 2
_REFUSED = frozenset({400, CONFLICT, 422})
"""Answers to a value that a rule which is not told refuses, be it for what the record is (O4.untold-rules)."""


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it was, what an UPDATE was to change, and its answer.

    `held` is what shows the record afterwards: the answer, or READ where that lacks what is always there.
    """

    before: Record
    body: Mapping[str, object]
    reply: Reply
    held: Reply


@dataclass(frozen=True, slots=True)
class Changes:
    """The UPDATEs of one record that were granted, what it was as the last answer showed it, and READ after that.

    `stored` is READ after the first of them: what is lost after that was lost by an UPDATE that did not name it. `read`
    is READ of all fields but one after the last.
    `by_writer` are the answers to the key with the scope `write` alone, and `demanding` refusals of what was granted
    beside the required fields.
    """

    steps: tuple[Change, ...]
    answered: Record
    stored: Reply
    read: Reply
    by_writer: tuple[Reply, ...] = ()
    demanding: tuple[Reply, ...] = ()


async def sparse_read(api: Api, entity: Entity) -> Reply:
    """READ of the record that was made with the required fields only, before anybody changed it."""
    created = made(api, (await sparse(api, entity)).reply)

    async def read() -> Reply:
        return await by_own_key(api, "read", lambda name: api.read(entity, created["id"], credential=name))

    return await api.once(("sparse read", entity.name), read)


async def change(api: Api, entity: Entity) -> Change:
    """An UPDATE of every field at once, when time enough has passed for `updatedAt` to move."""
    return await api.once(("change", entity.name), lambda: _change(api, entity))


async def changes(api: Api, entity: Entity) -> Changes:
    """The same record changed on: each field by itself to values at its borders, and many at once.

    A value that is refused, since the deployment has a rule that it does not tell, is left out (O4.untold-rules).
    """
    return await api.once(("changes", entity.name), lambda: _changes(api, entity))


async def updated_by_writer(api: Api, entity: Entity) -> Reply:
    """The first of these UPDATEs that the key with the scope `write` alone was granted, or the first that it was not.

    Raises Blocked where it made none.
    """
    found = (await changes(api, entity)).by_writer
    if not found:
        raise Blocked("nothing was updated with a key that only writes")
    if entity.name != sample.REFERENCES_OWN and all(reply.status == CONFLICT for reply in found):
        raise no_change_taken(entity.name)
    return next((reply for reply in found if reply.is_granted), found[0])


async def let_age(api: Api, known: Record) -> None:
    """Let so much time pass that `updatedAt` can move, as far as the deployment prints it."""
    await api.sleep(_unit(known).total_seconds() * 2)


def set_values(body: Mapping[str, object]) -> dict[str, object]:
    """What a body sets, without what it clears: that is judged by itself (R7)."""
    return {name: value for name, value in body.items() if value is not None}


async def shown_after(api: Api, entity: Entity, id_: str, reply: Reply) -> Reply:
    """The answer to an UPDATE of a record, or READ of it where that lacks what is always there."""
    shown = reply.shown[0] if reply.is_granted and reply.shown else None
    if shown is None or "read" not in entity.operations or all(name in shown for name in entity.always):
        return reply
    read = await api.read(entity, id_)
    return read if read.status == _DONE and any(one.get("id") == id_ for one in read.shown) else reply


class _Series:
    """UPDATEs of one record, one after the other, and what the last answer shows of it.

    Its id stays what its creation was answered with, whichever record an answer shows: that is not to be written to.
    """

    def __init__(self, api: Api, entity: Entity, id_: str, known: Record) -> None:
        self._api = api
        self._entity = entity
        self._id = id_
        self.known = {**known, "id": id_}
        self.steps: list[Change] = []
        self.refused: Change | None = None
        self.by_writer: list[Reply] = []
        self.demanding: list[Reply] = []

    async def send(self, body: Mapping[str, object], *, own_key: bool = True) -> None:
        """One UPDATE, by a key that only writes where the run has its `own_key`.

        It is sent again without what is refused by name. A text as long as it may be is shortened at first, so that it
        can be told whether its length is what is refused; a fraction has fewer digits then, as of money.
        """
        wanted = {name: value for name, value in body.items() if self.known.get(name) != value}
        for _ in range(_ATTEMPTS):
            reply = await self._answered(wanted, own_key=own_key) if wanted else None
            if reply is None or reply.status not in _REFUSED:
                break
            beside = demanded(self._entity, self.known, wanted, reply)
            if beside and (again := await self._answered(beside | wanted, own_key=own_key)) and again.is_granted:
                self.demanding.append(reply)
                reply, wanted = again, beside | wanted
                break
            self.refused = Change(dict(self.known), wanted, reply, reply)
            await beside_others(self._api, self._entity, wanted, reply)
            refused = expect.named(reply)
            kept = {name: value if name not in refused else self._milder(name, value) for name, value in wanted.items()}
            wanted = {name: value for name, value in kept.items() if name not in refused or value is not None}
        if reply is None:
            shown = (await self._api.read(self._entity, self._id)).record if wanted else {}
            self.known |= {**shown, "id": self._id}
        elif reply.status not in _REFUSED:
            held = await shown_after(self._api, self._entity, self._id, reply)
            self.steps.append(Change(dict(self.known), wanted, reply, held))
            cleared = {name: None for name, value in wanted.items() if value is None}
            # What shows otherwise than it was sent is judged there.
            self.known |= {**cleared, **reply.record, **held.record, "id": self._id}

    def _milder(self, name: str, value: object) -> str | float | None:
        """A shorter text in the place of one that is as long as it may be, or a rounder number; None for another value.

        A number is within the field's bounds.
        """
        field = self._entity.field(name)
        if isinstance(value, float) and field is not None:
            rounder = round(value, _DIGITS)
            least, most = (bound if bound is not None else rounder for bound in (field.minimum, field.maximum))
            return rounder if rounder not in {value, self.known.get(name)} and least <= rounder <= most else None
        is_longest = isinstance(value, str) and field is not None and len(value) == field.max_length
        return sample.shortened(str(value)) if is_longest else None

    async def _answered(self, body: Mapping[str, object], *, own_key: bool) -> Reply | None:
        """The answer; None where none came, and nobody knows what was changed."""

        async def update(name: Credential) -> Reply:
            reply = await self._api.update(self._entity, self._id, body, credential=name)
            if name == "write_key":
                self.by_writer.append(reply)
            return reply

        try:
            reply = await self._api.answered(
                lambda: by_own_key(self._api, "write", update) if own_key else update("api_key")
            )
        except NoAnswer:
            return None
        return None if reply.status == 503 else reply


async def _change(api: Api, entity: Entity) -> Change:
    known = made(api, (await sparse(api, entity)).reply)
    read: Mapping[str, object] = {}
    if "read" in entity.operations:
        read = (await sparse_read(api, entity)).record
    if (child := heir(api, entity)) is not None:
        with suppress(Violation, Blocked, OutOfProfile):  # it is included once before it is changed
            await included_first(api, child[0])
    await let_age(api, known)
    series = _Series(api, entity, known["id"], {**known, **read})
    with suppress(Violation):  # an answer that shows no record is judged by whoever asks for the change
        await series.send(sample.whole(entity, api.run), own_key=False)
    title, tame = sample.title_field(entity), sample.tame(entity, api.run, group=f"{entity.name} change", index=0)
    plainest = [{title.name: tame[title.name]}] if title is not None else []
    for body in [*({name: value} for name, value in sample.single(entity, api.run).items()), *plainest]:
        if not series.steps:
            await series.send(body, own_key=False)
    found = series.steps[0] if series.steps else series.refused
    if found is None and not sample.changeable(entity):
        raise lacking(entity, "no field that an update could change")
    if found is None:
        raise Blocked(f"no field of {entity.name} takes another value")
    if found.reply.status == CONFLICT and entity.name != sample.REFERENCES_OWN:
        raise no_change_taken(entity.name)
    is_fixed = found.reply.status in BY_A_RULE and bool(expect.named(found.reply) & found.body.keys())
    if is_fixed and not series.steps and entity.name != sample.REFERENCES_OWN:
        raise OutOfProfile(f"{entity.name}: no change of {', '.join(sorted(found.body))} is taken")
    return found


async def _changes(api: Api, entity: Entity) -> Changes:
    first = await change(api, entity)
    series = _Series(api, entity, first.before["id"], {**first.before, **first.held.record})
    stored = await api.read(entity, first.before["id"])
    bodies = [*sample.steps(entity, api.run), *sample.several(entity, api.run)]
    are_meant = (_is_emptying, _is_of_state(entity), _is_of_keys(entity), _is_of_text(entity))
    with suppress(Violation, Blocked, OutOfProfile):
        there: Mapping[str, str | None] = await other_parents(api, entity)
        back = await parents(api, entity)
        spare = await optional_parents(api, entity)  # whom the READ after the last includes
        cleared = {name: None for name in spare if (key := entity.field(name)) is not None and key.nullable}
        places = [place for place, body in enumerate(bodies[:-2]) if not any(is_meant(body) for is_meant in are_meant)]
        if places and cleared:
            bodies[places[-1]] = {**bodies[places[-1]], **{name: spare[name] for name in cleared}}
            there = {**there, **cleared}
        back |= spare
        last = [{**body, **keys} for body, keys in zip(bodies[-2:], (there, back), strict=False)]
        if back and last and len(last[-1]) == len(back) + 1:
            # What changes by itself anyway need not change again: who moves a record alone often has a way of its own.
            last[-1] = dict(back)
        bodies[-2:] = last
    telling = [next((body for body in bodies if is_meant(body)), None) for is_meant in are_meant]
    for body in bodies:
        if any(body is one for one in telling):
            await api.sleep(_TELLING)
        await series.send(body)
    kept = {one.name: series.known.get(one.name) for one in sample.writable(entity)}
    read = await _read_reduced(api, entity, first.before["id"], set_values(kept).keys())
    told = tuple(series.by_writer), tuple(series.demanding)
    return Changes((first, *series.steps), dict(series.known), stored, read, *told)


def _is_emptying(body: Mapping[str, object]) -> bool:
    """Whether it sets false, zero and null alone: some take that for no change, as `updatedAt` tells."""
    return not any(body.values())


def _is_of_state(entity: Entity) -> Callable[[Mapping[str, object]], bool]:
    """Whether a body sets an enum alone: states are often written by a way of their own, as `updatedAt` tells."""
    enums = {field.name for field in entity.fields if field.type == "enum"}
    return lambda body: body.keys() <= enums


def _is_of_keys(entity: Entity) -> Callable[[Mapping[str, object]], bool]:
    """Whether a body sets foreign keys alone: a record that moves from one parent to another changes by that."""
    keys = sample.foreign_keys(entity)
    return lambda body: body.keys() <= keys


def _is_of_text(entity: Entity) -> Callable[[Mapping[str, object]], bool]:
    """Whether a body sets a text alone that may be empty: notes are often taken for nothing that changes a record."""
    texts = {field.name for field in entity.fields if field.type in ("string", "text") and not field.required}
    texts -= sample.foreign_keys(entity)
    return lambda body: body.keys() <= texts


async def _read_reduced(api: Api, entity: Entity, id_: str, held: Collection[str]) -> Reply:
    """The record with all fields but one and its parents, which whoever watches judges; whole if that shows too little.

    `held` are the fields that hold something. The id stands first: it is shown where nobody names it.
    """
    with suppress(Violation):
        reply = await api.read(entity, id_, params=reduced_read(entity, with_children=True))
        if reply.record.keys() >= {*held}:
            return reply
    return await api.read(entity, id_)


def _unit(known: Record) -> timedelta:
    """The unit of the times that the deployment prints; a second where it prints none, which another check judges."""
    fractions = [_FRACTION.findall(str(known.get(name))) for name in ("createdAt", "updatedAt")]
    if {digit for found in fractions for digits in found for digit in digits} == {"0"}:
        return timedelta(seconds=1)  # some print milliseconds and keep seconds
    try:
        return step(known, "updatedAt")
    except (Blocked, OutOfProfile):
        return timedelta(seconds=1)
