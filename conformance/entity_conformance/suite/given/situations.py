"""Situations in which requests meet: writes at once, reads right after a write, and lists while something is written.

Each is arranged once and judged from several sides.
It is long because each situation has an order of its own, in which requests are sent and waited for.
"""

import asyncio
import math
from collections.abc import Awaitable, Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any, TypeVar

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.problems import Blocked, NotApplicable, OutOfProfile, Violation
from entity_conformance.deployment.target import LONGEST_PAGE
from entity_conformance.suite import sample
from entity_conformance.suite.given.askers import reader, remover, writer, writers
from entity_conformance.suite.given.changes import let_age, shown_after
from entity_conformance.suite.given.conflicts import (
    BY_A_RULE,
    CONFLICT,
    demand_no_state,
    is_by_a_rule,
    named,
    no_change_taken,
)
from entity_conformance.suite.given.created import Creation, made
from entity_conformance.suite.given.fields import different, title
from entity_conformance.suite.given.groups import body, group, parents, record, taken
from entity_conformance.suite.given.lacking import lacking
from entity_conformance.suite.given.narrowing import Own, listed, shows_alone

Came = TypeVar("Came")

_DIFFERENT = 3
"""Fields of a record that are changed at once, each by a request of its own; the first by two."""
_BORN, _TRIED = 3, 5
_SPARED = 2
"""Of the records that are created at once, those that others use."""
_OFTEN = 45
"""Times that a thorough run tries over all entities, so that what goes wrong one time in twenty is met with 90 %."""
_ANYWAY = 6
"""Records of each entity that every run creates and deletes, at least."""
_HEAD_START = 0.002
"""Seconds: less than an update takes."""


@dataclass(frozen=True, slots=True)
class Patch:
    """An UPDATE of one field, and its answer."""

    body: dict[str, object]
    reply: Reply

    @property
    def is_granted(self) -> bool:
        """Whether it was done; a deployment may refuse one that meets another."""
        return self.reply.is_granted


@dataclass(frozen=True, slots=True)
class Rush:
    """A record whose fields are changed at once, and who reads it then.

    `again` are the patches of one field, `apart` those of other fields, one each. `reads` are READs after them, by each
    credential and with other parameters; `lists` and `included` show the record elsewhere. `undisturbed` is a list of
    records that nobody changes, asked for while all that was under way; None where nothing narrows a list to them.
    """

    record: Record
    again: tuple[Patch, ...]
    apart: tuple[Patch, ...]
    reads: tuple[Reply, ...]
    lists: tuple[Reply, ...]
    """Those that show the record, or had to."""
    included: tuple[str, Reply] | None
    undisturbed: Reply | None

    @property
    def meanwhile(self) -> Reply:
        """`undisturbed`. Raises Blocked where there is none."""
        if self.undisturbed is None:
            raise Blocked("no list shows the records alone that nobody changes")
        return self.undisturbed

    @property
    def listed(self) -> tuple[Reply, ...]:
        """`lists`. Raises Blocked where there are none."""
        if not self.lists:
            raise Blocked("no list shows the record that is changed")
        return self.lists

    @property
    def granted(self) -> tuple[Patch, ...]:
        """The patches that were done. Raises Blocked where none was."""
        found = tuple(one for one in (*self.again, *self.apart) if one.is_granted)
        if not found:
            for one in (*self.again, *self.apart):
                demand_no_state(one.reply)
            raise Blocked("none of several changes that came at once was taken")
        return found

    @property
    def kept(self) -> dict[str, object]:
        """What the record must hold: the fields that one granted patch each has changed."""
        return {name: value for one in self.apart if one.is_granted for name, value in one.body.items()}

    @property
    def contested(self) -> tuple[str, list[object]]:
        """The field that two have changed, and what it may hold."""
        (field,) = self.again[0].body
        granted = [one.body[field] for one in self.again if one.is_granted]
        return field, granted or [self.record.get(field)]

    @property
    def latest(self) -> Record:
        """The record as the READ shows it that shows the most changes."""
        return max((reply.record for reply in self.reads), key=lambda one: len(self._changed(one)))

    @property
    def shown(self) -> dict[str, object]:
        """The changed fields as they are now. Raises Violation where no READ shows any change."""
        fields = {name for one in self.granted for name in one.body}
        now = self.latest
        if not self._changed(now):
            raise Violation(
                "what was written is not read",
                expected=f"another value of {' or '.join(sorted(fields))}",
                actual="the record as it was before",
                exchange=self.reads[0].exchange,
            )
        return {name: now.get(name) for name in sorted(fields)}

    def _changed(self, record: Record) -> list[str]:
        return [name for one in self.granted for name in one.body if record.get(name) != self.record.get(name)]


@dataclass(frozen=True, slots=True)
class Births:
    """Records that were created at once, and what lists show of them."""

    creations: tuple[Creation, ...]
    listed: tuple[Record, ...]

    @property
    def granted(self) -> tuple[Record, ...]:
        """What was created."""
        return tuple(one.reply.record for one in self.creations if one.reply.is_granted)

    @property
    def judged(self) -> tuple[Creation, ...]:
        """Those that had to be made. A rule that is not told may keep some from being made beside the others."""
        return tuple(one for one in self.creations if not (self.granted and is_by_a_rule(one.reply)))


@dataclass(frozen=True, slots=True)
class Idle:
    """A record, the answer to an UPDATE that names nothing, and to one that sets a value which it held `before`."""

    record: Record
    empty: Reply
    before: Record
    same: Reply


async def idle(api: Api, entity: Entity) -> Idle:
    """UPDATEs of a record that change nothing, one after the other."""
    return await api.once(("idle", entity.name), lambda: _idle(api, entity))


async def rush(api: Api, entity: Entity) -> Rush:
    """A record whose fields are changed at once by requests that know nothing of each other."""
    return await api.once(("rush", entity.name), lambda: _rush(api, entity))


async def births(api: Api, entity: Entity) -> Births:
    """Records that are created at once, and how they are listed then."""
    return await api.once(("births", entity.name), lambda: _births(api, entity))


async def deletions(api: Api, entity: Entity) -> tuple[Reply, ...]:
    """Two DELETEs of one record at once, while a key that only writes updates it, and the READ after them.

    A DELETE that is refused since it meets another write is sent again, by itself.
    """
    return await api.once(("deletions", entity.name), lambda: _deletions(api, entity))


async def asked_again(api: Api, entity: Entity) -> Reply:
    """The list of `Rush.meanwhile`, asked for again."""
    return await api.list(entity, **(await group(api, entity)).also())


def included(of: Rush) -> tuple[str, Reply]:
    """The relation by which the record is included elsewhere, and the READ that includes it."""
    if of.included is None:
        raise NotApplicable("no entity of this run relates to the record that is changed")
    return of.included


def told_of(record: Record, of: Record) -> Record:
    """What a record tells of another one's fields: an included one may be partial."""
    return {name: value for name, value in of.items() if name in record}


async def at_once(*acts: Awaitable[Came]) -> list[Came]:
    """What these give, all under way at once; all have ended when the first problem is raised."""
    came = await asyncio.gather(*acts, return_exceptions=True)
    found: list[Came] = []
    for one in came:
        if isinstance(one, BaseException):
            raise one
        found.append(one)
    return found


async def _idle(api: Api, entity: Entity) -> Idle:
    name = title(entity)
    own = await _nobodys(api, entity)
    empty = await api.answered(lambda: api.update(entity, own["id"], {}))
    empty = await shown_after(api, entity, own["id"], empty)
    before = dict(own)
    if empty.status == 200:
        with suppress(Violation):
            before |= {"updatedAt": empty.record["updatedAt"]} if "updatedAt" in empty.record else {}
    await let_age(api, own)
    same = await shown_after(api, entity, own["id"], await api.update(entity, own["id"], {name: own[name]}))
    if empty.status == same.status == CONFLICT:
        raise no_change_taken(entity.name)
    return Idle(own, empty, before, same)


async def _nobodys(api: Api, entity: Entity) -> Record:
    """A record that nobody else changes, nor an update that takes unknown fields: one that was created at once."""
    with suppress(Violation, Blocked, OutOfProfile):
        if len(found := (await births(api, entity)).granted) > _SPARED:
            return found[1]
    return await record(api, entity)


async def _rush(api: Api, entity: Entity) -> Rush:
    unchanged = await group(api, entity)
    question = unchanged.also() if unchanged.query else None
    own = await _written(api, entity)
    again, apart = _bodies(api, entity, own)
    child = await _child_of(api, entity, own)
    place = _Place(api, entity, own, child, unchanged)
    await place.reads_before()
    await place.included()
    async with api.creating_alone(entity):  # for what others make or delete, a list that is kept is often forgotten
        await place.lists()
        done, met = await _changed_at_once(api, entity, own, [*again, *apart], question)
        if fixed := _fixed(entity, done):
            again, apart = _bodies(api, entity, own, but=fixed)
            done, met = await _changed_at_once(api, entity, own, [*again, *apart], question)
        await api.settle()
        lists = await place.lists()
    reads = await place.reads()
    return Rush(
        own,
        again=tuple(done[: len(again)]),
        apart=tuple(done[len(again) :]),
        reads=reads,
        lists=(*lists, *await _searched(api, entity, done, own["id"], reads)),
        included=await place.included(),
        undisturbed=met,
    )


async def _changed_at_once(
    api: Api, entity: Entity, own: Record, bodies: Sequence[dict[str, object]], question: Mapping[str, Any] | None
) -> tuple[list[Patch], Reply | None]:
    """The UPDATEs with these bodies, and the answer to a question that was asked meanwhile."""
    turns = cycle(writers(api))
    acts: list[Awaitable[Reply]] = [api.update(entity, own["id"], one, credential=next(turns)) for one in bodies]
    if question is not None:
        acts.append(api.list(entity, **question))
    replies = await at_once(*acts)
    done = [Patch(one, reply) for one, reply in zip(bodies, replies, strict=False)]
    return done, None if question is None else replies[-1]


def _fixed(entity: Entity, done: Sequence[Patch]) -> frozenset[str]:
    """The fields of the UPDATEs, where each was refused by its name.

    What a record holds may be fixed (O4.untold-rules); not so of the reference's own entity.
    """
    is_ruled = all(one.reply.status in BY_A_RULE and one.body.keys() <= named(one.reply) for one in done)
    is_own = entity.name == sample.REFERENCES_OWN
    return frozenset(name for one in done for name in one.body) if is_ruled and not is_own else frozenset()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a record shows, asked for in the same way before and after it is changed."""

    api: Api
    entity: Entity
    record: Record
    child: tuple[Entity, str, Record] | None
    neighbours: Own

    async def reads_before(self) -> tuple[Reply, ...]:
        """READs by each key; a session may send few requests."""
        return tuple(await at_once(*self._plain("api_key", "read_key")))

    async def reads(self) -> tuple[Reply, ...]:
        """READs by each credential, and one with other parameters."""
        fields = ["id", *(one.name for one in sample.changeable(self.entity))]
        other = self.api.read(self.entity, self.record["id"], fields=fields, credential=reader(self.api))
        return tuple(await at_once(*self._plain("api_key", "read_key", "session"), other))

    def _plain(self, *names: CredentialName) -> list[Awaitable[Reply]]:
        refused = {"read_key"} - {reader(self.api)}  # which others judge
        have = [name for name in names if self.api.has(name) and name not in refused]
        return [self.api.read(self.entity, self.record["id"], credential=name) for name in have]

    async def lists(self) -> tuple[Reply, ...]:
        """A list of this record alone, where a filter by ids works; else the newest ones, where it is among them."""
        id_ = self.record["id"]
        if "id" in self.neighbours.query.get("filter", {}):
            selected = {"id": {"$in": [id_]}}
            return (await self.api.list(self.entity, filter=selected, page=1, credential=reader(self.api)),)
        newest: dict[str, Any] = {"sort": "createdAt", "order": "desc", "limit": LONGEST_PAGE}
        reply = await self.api.list(self.entity, **newest, page=1, credential=reader(self.api))
        return (reply,) if any(one.get("id") == id_ for one in reply.shown) else ()

    async def included(self) -> tuple[str, Reply] | None:
        if self.child is None:
            return None
        entity, relation, record = self.child
        return relation, await self.api.read(entity, record["id"], include=relation)


def _bodies(
    api: Api, entity: Entity, own: Record, *, but: Container[str] = ()
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Two bodies that change one field, and bodies that each change another one, `but` none of these."""
    mark, values = sample.mark_field(entity), dict[str, list[object]]()
    for field in sample.changeable(entity):
        tried = [sample.value(field, api.run, group=f"rush {field.name}", index=index) for index in range(_TRIED)]
        values[field.name] = [one for one in dict.fromkeys(tried) if one is not None and one != own.get(field.name)]
    names = [name for name, found in values.items() if found and (mark is None or name != mark.name)]
    names = [name for name in names if name not in but]
    contested = next((name for name in reversed(names) if len(values[name]) > 1), None)
    others = [name for name in names if name != contested]  # the title comes first: a search can tell its change
    if contested is None or not others:
        raise lacking(entity, "no two fields that an update can change")
    again: list[dict[str, object]] = [{contested: value} for value in values[contested][:2]]
    return again, [{name: values[name][0]} for name in others[: _DIFFERENT - 1]]


async def _child_of(api: Api, entity: Entity, parent: Record) -> tuple[Entity, str, Record] | None:
    """An entity whose records name this one, the relation by which they do, and a new record that names it."""
    for other in api.entities:
        for relation in other.includable if "create" in other.operations and "read" in other.operations else ():
            if (relation.type, relation.entity) == ("belongsTo", entity.name):
                return other, relation.name, await _written(api, other, **{relation.foreign_key: parent["id"]})
    return None


async def _written(api: Api, entity: Entity, **fields: object) -> Record:
    """A record of the situation's own."""
    sent = await body(api, entity, **fields)
    kept = sample.foreign_keys(entity) & fields.keys()
    return made(api, (await taken(api, entity, sent, writer(api), kept=kept)).reply)


def written_to(name: str, done: Sequence[Patch], reads: Sequence[Reply]) -> list[str]:
    """What changes brought into a text; of several changes of it, that which a READ shows."""
    written = [str(one.body[name]) for one in done if one.is_granted and name in one.body]
    held = [record.get(name) for reply in reads for record in reply.shown]
    return written if len(written) <= 1 else [text for text in written if text in held]


async def _searched(
    api: Api, entity: Entity, done: Sequence[Patch], id_: str, reads: Sequence[Reply]
) -> tuple[Reply, ...]:
    """A search for the word that a change brought into the title; none where no change did.

    A thorough run has a session search for those of all entities but the first.
    One that does not show the record tells something where another search finds what nobody changed.
    """
    title = sample.title_field(entity)
    if title is None or title.name not in entity.searchable:
        return ()
    words = [value.split()[0] for value in written_to(title.name, done, reads)]
    by_session = api.context.is_thorough and api.has("session") and entity != api.entities[0]
    name: CredentialName = "session" if by_session else "api_key"
    found = [await api.list(entity, search=word, page=1, credential=name) for word in words]
    if all(any(one.get("id") == id_ for one in reply.shown) for reply in found):
        return tuple(found)
    with suppress(Violation, Blocked, OutOfProfile):
        known = await group(api, entity)
        if shows_alone(await api.list(entity, search=known.word, page=1, limit=20, credential=name), known.records):
            return tuple(found)
    return ()


async def _births(api: Api, entity: Entity) -> Births:
    marked = sample.mark_field(entity)
    if marked is None:
        raise lacking(entity, "no second text by which its records could be selected")
    await body(api, entity)
    name = api.fresh(f"{entity.name} births")
    keys = await parents(api, entity)
    number = _often(api) if api.context.is_thorough else _BORN
    indexes = (index // _BORN * _BORN + index % _BORN % (_BORN - 1) for index in range(number))
    bodies = [sample.full(entity, api.run, group=name, index=index, keys=keys) for index in indexes]
    turns = cycle(writers(api))
    creations: list[Creation] = []  # of three the first and the last are alike: each is a record
    for some in (bodies[place : place + _BORN] for place in range(0, number, _BORN)):
        creations += await at_once(*(taken(api, entity, one, next(turns)) for one in some))
    creations = [await _told_apart(api, entity, one, creations) for one in creations]
    if all(is_by_a_rule(one.reply) for one in creations):
        made(api, creations[0].reply)
    await api.settle()
    return Births(tuple(creations), await _born(api, entity, tuple(creations), marked.name))


async def _told_apart(api: Api, entity: Entity, of: Creation, others: Sequence[Creation]) -> Creation:
    """A creation, made once more with another title where one like it was made and what they share must be unique."""
    twin = next((one for one in others if one.reply.is_granted and one.body == of.body), None)
    name = title(entity) if sample.title_field(entity) is not None else None
    if twin is None or name is None or not (of.reply.status == CONFLICT or name in named(of.reply)):
        return of
    return await taken(api, entity, {**of.body, name: (await body(api, entity))[name]})


def _often(api: Api) -> int:
    """An entity's share of the creations, of those that are created at once, in whole groups of such."""
    able = [one for one in api.entities if {"create", "list"} <= set(one.operations) and sample.mark_field(one)]
    further = max(_OFTEN - _ANYWAY * len(able), 1)
    return _BORN * math.ceil(further / (_BORN * len(able)))


async def _born(api: Api, entity: Entity, creations: Sequence[Creation], marked: str) -> tuple[Record, ...]:
    """What lists show of what was born together: one that selects it alone, else pages of everything."""
    records = [one.reply.record for one in creations if one.reply.is_granted]
    of = Own(entity, tuple(records), {marked: creations[0].body[marked]}, {}, (), None)
    selected = await api.list(entity, filter=dict(of.share), page=1, limit=LONGEST_PAGE)
    return selected.records if shows_alone(selected, records) else await listed(api, of)


async def _deletions(api: Api, entity: Entity) -> tuple[Reply, ...]:
    name, born = f"{entity.name} deletions", await births(api, entity)
    is_repeated = api.fresh(name) != name  # since nobody knows what one of the deletions did
    own = made(api, born.creations[-1].reply) if not born.granted else born.granted[-1]
    own = await record(api, entity) if is_repeated else own
    id_ = own["id"]
    deleters: Sequence[CredentialName] = ["api_key", remover(api)]
    acts: list[Awaitable[Reply]] = [_deleted_soon(api, entity, id_, one) for one in deleters]
    if "update" in entity.operations and api.has("write_key"):
        acts.insert(0, api.update(entity, id_, different(api, entity, own), credential="write_key"))
    async with api.creating_alone(entity):  # whom a DELETE would wait for, so that the UPDATE might be done before
        met = (await at_once(*acts))[-len(deleters) :]
    replies = [await api.delete(entity, id_) if one.status == CONFLICT else one for one in met]
    if api.context.is_thorough and not is_repeated:
        await _delete_the_others(api, entity)
    return (*replies, await api.read(entity, id_))


async def _deleted_soon(api: Api, entity: Entity, id_: str, credential: CredentialName) -> Reply:
    """A DELETE that comes when an update that was sent with it is under way: it would often be done before."""
    await asyncio.sleep(_HEAD_START)
    return await api.delete(entity, id_, credential=credential)


async def _delete_the_others(api: Api, entity: Entity) -> None:
    """Delete what was born besides, and list it: whoever watches lists sees which deletion was not done.

    The first ones have other uses.
    """
    born, marked = await births(api, entity), sample.mark_field(entity)
    others = [partial(api.delete, entity, one["id"], credential=remover(api)) for one in born.granted[_SPARED:-1]]
    await api.context.shared.places.abreast(others)
    await api.settle()
    if marked is not None:
        selected = {marked.name: born.creations[0].body[marked.name]}
        await api.list(entity, filter=selected, page=1, limit=LONGEST_PAGE)
