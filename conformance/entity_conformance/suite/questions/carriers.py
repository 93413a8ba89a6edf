"""Questions that show all records of a group, and carry an order besides: one request for two claims.

Where the answer is wrong, each of the two is asked about alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any, Literal, get_args

from entity_contract import Entity, Field

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.oracle.values import is_value
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import Shown, ask, read, right, wrong
from entity_conformance.suite.questions.conditions import single
from entity_conformance.suite.questions.filters import asking
from entity_conformance.suite.questions.narrowed import narrowings

Carrier = Literal["search", "include", "offsets", "days", "blank", "blanks", "fields"]

_EAST, _WEST, _MINUTE = timedelta(hours=5), timedelta(hours=-5), timedelta(minutes=1)


async def carried(api: Api, of: Group, by: Carrier) -> Shown:
    """What a carrier shows, whatever order it carries. Raises Violation where it is wrong without one too."""
    return (await _carried(api, of, by))[0]


async def reduced(api: Api, of: Group) -> tuple[Shown, frozenset[str]]:
    """What a list shows of some fields, and which were asked for: that of the order that it carries is one of them."""
    shown, question = await _carried(api, of, "fields")
    return shown, frozenset(question.fields or ())


async def searched(api: Api, of: Group) -> Violation | None:
    """What is wrong with a search for a word in titles and one in other fields; None where nothing is."""
    try:
        await carried(api, of, "search")
    except Violation as violation:
        return violation
    return None


async def read_whole(api: Api, of: Group) -> Reply:
    """The record with the longest texts, as READ shows it, so that what lists cut is known to be kept."""
    able = of.entity.includable
    one = next((each.name for each in able if each.type == "belongsTo" and each.entity != "users"), None)
    include = one or [each.name for each in able]
    return await read(api, of.entity, of.longest["id"], include=include)


async def with_relation(api: Api, of: Group, name: str) -> tuple[Record, ...]:
    """The group's records with a relation, and with all others too where a list shows several at once."""
    shown = (await carried(api, of, "include")).records
    if all(name in one for one in shown):
        return shown
    return (await ask(api, of, Question(of.entity, include=(name,)))).records


async def included(api: Api, of: Group, known: Record, name: str) -> Record:
    """A record with a relation, as the group's list shows it; as READ does where it is not of the group."""
    if known["id"] in {one["id"] for one in of.records}:
        return expect.by_id(await with_relation(api, of, name), known["id"])
    return (await read(api, of.entity, known["id"], include=name)).record


async def orphan(api: Api, of: Group, name: str) -> Record:
    """A record that has no parent of that name, with that relation. Raises Blocked where none can be made."""
    relation = of.entity.relation(name)
    key = relation.foreign_key if relation is not None else ""
    held = [one for one in of.known if one[key] is None]
    known = held[0] if held else given.made(api, (await given.creation(api, of.entity)).reply)
    return await included(api, of, known, name)


async def in_order(api: Api, of: Group, order: Question) -> Violation | None:
    """What is wrong with an order, None where nothing is; wherever nulls stand."""
    by = carrier_of(api, order)
    if by is not None and await wrong(*await _loaded(api, of, by, order), nulls="apart") is None:
        return None
    return await wrong(api, of, order, nulls="apart")


async def with_nulls(api: Api, of: Group, order: Question) -> Violation | None:
    """What is wrong with where an order has nulls, None where nothing is or the order itself is wrong."""
    by = carrier_of(api, order)
    loaded = (api, of, order) if by is None else await _loaded(api, of, by, order)
    for asked in (loaded, (api, of, order)):
        if await wrong(*asked, nulls="apart") is None:
            return await wrong(*asked)
    return None


def orders_of(entities: Sequence[Entity], entity: Entity) -> tuple[Question, ...]:
    """The orders that an entity is asked about: those that are carried, and those that no carrier is left for."""
    of_all = _orders(tuple(entities))
    own = [order for (name, _), order in of_all.items() if name == entity.name]
    told = {_type(one) for one in of_all.values()}
    earlier = entities[: [one.name for one in entities].index(entity.name)]
    told |= {_type(one) for other in earlier if "create" in other.operations for one in _wanted(entities, other)}
    keys = sample.foreign_keys(entity)
    alone = [one for one in _wanted(entities, entity) if one not in own and one.sort not in keys]
    return (*own, *(one for one in alone if _type(one) not in told or _is_first(entities, entity)))


def carrier_of(api: Api, order: Question) -> Carrier | None:
    """Which question carries the order, if any does."""
    found = (
        by for (name, by), one in _orders(tuple(api.entities)).items() if one == order and name == order.entity.name
    )
    return next(found, None)


async def _carried(api: Api, of: Group, by: Carrier) -> tuple[Shown, Question]:
    question = _QUESTIONS[by](of)
    await _arranged(api, of, by)
    order = _orders(tuple(api.entities)).get((of.entity.name, by))
    asker = await asking(api, get_args(Carrier).index(by))
    loaded = _narrowed(api, of, by, question if order is None else _with(question, order))
    if loaded != question:
        with suppress(Violation):
            return await right(asker, of, loaded, nulls="apart"), loaded
    return await right(asker, of, question, nulls="apart"), question


async def _arranged(api: Api, of: Group, by: Carrier) -> None:
    """Children are there before they are included: whoever judges them takes the answer that the first was given."""
    is_first = _is_first(api.entities, of.entity)
    includes = by == "include" or (by == "search" and not is_first)
    related = {one.entity for one in of.entity.relations if one.type == "hasMany"} if includes else set()
    for child in (one for one in api.entities if one.name in related and "create" in one.operations):
        with suppress(Violation, Blocked, OutOfProfile):
            await given.siblings(api, child)
            await given.child(api, child)


async def _loaded(api: Api, of: Group, by: Carrier, order: Question) -> tuple[Api, Group, Question]:
    await _arranged(api, of, by)
    question = _narrowed(api, of, by, _with(_QUESTIONS[by](of), order))
    return await asking(api, get_args(Carrier).index(by)), of, question


def _narrowed(api: Api, of: Group, by: Carrier, question: Question) -> Question:
    """A search of all entities but the first for a word of some, with borders of dates: by turns a start, or both.

    Each leaves some of the records, unless the order of those that are left tells less.
    """
    if by != "search" or _is_first(api.entities, of.entity):
        return question
    started, ended, _ = narrowings(of)
    place = [one.name for one in api.entities].index(of.entity.name)
    dated = [replace(question, start=one.asked.start, end=one.asked.end) for one in (started if place % 2 else ended)]
    halved = [replace(one, search=f"{one.search} {of.half_word}") for one in (*dated, question)]
    found = max((*halved, *dated, question), key=partial(_told, of, question))
    children = tuple(one.name for one in of.entity.relations if one.type == "hasMany")
    return replace(found, include=children) if children else found  # which need not have the word that parents have


def _told(of: Group, plain: Question, question: Question) -> tuple[int, int, int]:
    """How many wrong orders the answer tells, how many of the parameters that the plain question lacks, on how many."""
    selected = _selected(of, question)
    others = (replace(question, search=plain.search), replace(question, start=plain.start, end=plain.end))
    field = of.entity.field(question.sort or "")
    values = [] if field is None else [one[field.name] for one in selected if one[field.name] is not None]
    held = [one for one in values if field is not None and is_value(field, one)]
    is_number = field is not None and field.type in ("integer", "number")
    ways: tuple[Callable[[Any], Any], ...] = (str, int, single) if is_number else (str,)
    orders = sum(sorted(held, key=way) != sorted(held) for way in ways) + (len(set(held)) > 1)
    return orders, sum(len(_selected(of, one)) > len(selected) > 0 for one in others), len(selected)


def _selected(of: Group, question: Question) -> Sequence[Record]:
    return answers.selected(of.known, question, DECIDED)


def _with(question: Question, order: Question) -> Question:
    """The question in that order, by a field that is shown: what is not shown tells no order to whoever looks."""
    shown = question.fields if question.fields and order.sort not in question.fields else None
    fields = question.fields if shown is None else (*shown, str(order.sort))
    return replace(question, sort=order.sort, order=order.order, fields=fields)


@lru_cache(maxsize=16)
def _orders(entities: tuple[Entity, ...]) -> Mapping[tuple[str, Carrier], Question]:
    """The order of each carrier of each entity; a type that few entities have comes first."""
    return {
        (entity.name, by): order
        for entity in entities
        if "create" in entity.operations
        for by, order in zip(_carriers(entities, entity), _wanted(entities, entity), strict=False)
    }


def _carriers(entities: Sequence[Entity], entity: Entity) -> Iterator[Carrier]:
    if sample.title_is_searchable(entity):
        yield "search"
    if entity.includable:
        yield "include"
    if _is_first(entities, entity):
        yield from ("offsets", "days", "blank", "blanks", "fields")


def _wanted(entities: Sequence[Entity], entity: Entity) -> Iterator[Question]:
    """The orders that tell something about this entity, the most telling ones first."""
    title, optional = sample.title_field(entity), sample.optional(entity)
    if _is_first(entities, entity):
        names = (title.name if title else "", "createdAt", optional or "")
        pairs = (
            (names[0], "asc"),
            (names[0], "desc"),
            (names[1], "asc"),
            (names[2], "asc"),
            (names[2], "desc"),
            (names[0], None),
        )
        yield from (Question(entity, sort=name, order=order) for name, order in pairs if name in entity.sortable)
    place = [one.name for one in entities].index(entity.name)
    fields = {
        field.type: field
        for field in sample.writable(entity)
        if field.name in entity.sortable and field.type not in _OTHERS
    }
    having = {kind: [one.name for one in entities if sample.has(kind)(one)] for kind in fields}

    def turn(field: Field) -> tuple[int, int]:
        among = having[field.type]
        own = among.index(entity.name) if entity.name in among else 0  # where no sample of it varies
        return len(among), (own + list(having).index(field.type)) % max(len(among), 1)

    for field in sorted(fields.values(), key=turn):
        yield Question(entity, sort=field.name, order="desc" if place % 2 else "asc")
    keys = sample.foreign_keys(entity) & set(entity.sortable)
    for name in (field.name for field in entity.fields if field.name in keys and field.required):
        yield Question(entity, sort=name, order="asc")


_OTHERS = ("string", "text", "boolean")
"""Types whose order is asked about by titles alone, or is nowhere told."""


def _is_first(entities: Sequence[Entity], entity: Entity) -> bool:
    return entity == next(one for one in entities if "create" in one.operations)


def _type(question: Question) -> str:
    field = question.entity.field(question.sort or "")
    return "" if field is None else field.type


def _relations(entity: Entity) -> tuple[str, ...]:
    return tuple(one.name for one in entity.includable)


def _words(of: Group) -> str:
    """A word of all titles, and one that stands in other fields where these are searched too."""
    return f"{of.word} {of.mark_word}" if sample.mark_is_searchable(of.entity) else of.word


def _elsewhere(of: Group) -> Question:
    start = given.moment(of.oldest, "createdAt", _EAST - _MINUTE).replace("Z", "+05:00")
    end = given.moment({"createdAt": of.soon}, "createdAt", _WEST).replace("Z", "-05:00")
    return Question(of.entity, start=start, end=end)


def _days(of: Group) -> Question:
    start, end = (given.moment(one, "createdAt", timedelta())[:10] for one in (of.oldest, of.newest))
    return Question(of.entity, start=start, end=end)


_QUESTIONS: Mapping[Carrier, Callable[[Group], Question]] = {
    "search": lambda of: Question(of.entity, search=_words(of)),
    "include": lambda of: Question(of.entity, include=_relations(of.entity)),
    "offsets": _elsewhere,
    "days": _days,
    "fields": lambda of: Question(of.entity, fields=("id", of.title)),
    "blank": lambda of: Question(of.entity, search=""),
    "blanks": lambda of: Question(of.entity, search="  "),
}
