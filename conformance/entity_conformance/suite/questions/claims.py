"""Claims that one question makes together: each is asked about by itself where that question is answered otherwise."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.oracle import answers
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import FIRST_PAGE, answer, first_page, listed, read
from entity_conformance.suite.questions.combinations import page
from entity_conformance.suite.questions.filters import Filter, filters
from entity_conformance.suite.questions.refusals import BACKWARDS, bad_sort, refused_beside_others, several_fields

_BEYOND_64_BITS = 2**63
_WITHIN_THE_CALENDAR = {"$gte": "0001-01-01T00:00:00Z", "$lte": "9999-12-31T23:59:59.999999Z"}
_MANY, _PLACES = 50, (0, 9, 10, 49)
"""Values of a long list, and the places in it that are told from one another."""
_SHOWN = 200
_FEW = 2
"""Conditions of the filter that a session asks, beside the one that selects the run's own records."""
_LONGEST = 6_000
"""Characters of values in a URL, of which a server need not take more than 8,000 (RFC 9110)."""


async def one_of_many(api: Api, of: Group, operator: str) -> None:
    """A list of fifty titles selects by each of its places. Raises Violation."""
    if await _are_between(api, of):
        return
    values = [sample.word(api.run, f"nobody {number}") for number in range(_MANY)]
    for place, title in zip(_PLACES, of.values(of.title), strict=False):
        values[place] = title
    found = await first_page(api, of.entity, filter={of.title: {operator: values}})
    expect.exactly(found.records, of.records[: len(_PLACES)])


async def between(api: Api, of: Group, above: str, below: str) -> None:
    """Two borders select what is between them. Raises Violation."""
    if await _are_between(api, of):
        return
    low, *_, high = sorted(of.values(of.title))
    found = await listed(api, of, filter={of.title: {above: low, below: high}})
    expect.exactly(found, of.having(of.title, lambda other: low < other < high))


async def beyond_64_bits(api: Api) -> None:
    """Ask one list for what is below an integer that 64 bits do not hold: whoever watches statuses judges the answer.

    Whether such a filter is refused is open.
    """
    for entity in api.entities:
        if "create" in entity.operations and sample.has("integer")(entity):
            with suppress(Blocked, OutOfProfile):
                of, name = await given.group(api, entity), sample.first(entity, "integer")
                await answer(api, entity, **of.also(filter={name: {"$lt": _BEYOND_64_BITS}}))
                return


async def list_by_session(api: Api, entity: Entity) -> Reply:
    """The session's list: of own records, by a filter that tells of most fields whether they are lost; else the newest.

    Whoever watches lists judges what it shows: few conditions, each on a field of its own, are lost for one reason. A
    smoke test has no requests for such records.
    """
    with suppress(Blocked, OutOfProfile, Violation):
        if not api.context.is_smoke:
            few = [one for one in await filters(api, entity) if len(one.parts) <= _FEW and not one.crowded]
            narrowed = [one.of.narrowed(replace(one.carrying, page=None, limit=None)) for one in sorted(few, key=_told)]
            for asked in (one.parameters() for one in narrowed[-1:] if one is not None):
                reply = await api.list(entity, params=[*asked, ("limit", FIRST_PAGE)], credential="session")
                if reply.status == _SHOWN:
                    return reply
    return await api.list(entity, limit=1, credential="session")


def _told(of: Filter) -> tuple[int, int, int]:
    """What `_lost` says of the filter, how many conditions it has, and parameters that its question carries besides."""
    carrying = of.carrying
    carried = (carrying.search, carrying.start, carrying.end, carrying.sort, carrying.fields, carrying.include)
    return _lost(of), len(of.parts), sum(one not in (None, ()) for one in carried)


def _lost(of: Filter) -> int:
    """How many fields of the filter select another answer where they are lost."""
    asked = of.question()
    fields = {one.field for one in asked.conditions}
    selected = answers.selected(of.of.known, asked, DECIDED)
    kept = (tuple(one for one in asked.conditions if one.field != name) for name in fields)
    return sum(answers.selected(of.of.known, replace(asked, conditions=some), DECIDED) != selected for some in kept)


async def printed_moment(api: Api, of: Group) -> None:
    """The text that is printed selects its record. Raises Violation."""
    known = of.records[0]
    if not await _is_printed_and_utc(api, of):
        expect.includes(await listed(api, of, filter={"createdAt": known["createdAt"]}), known)


async def moments_without_offset(api: Api, of: Group, above: str, below: str) -> str:
    """Borders without an offset are in UTC or refused, whichever. Raises Violation."""
    if await _is_printed_and_utc(api, of):
        return "utc"
    before, later = of.before.removesuffix("Z"), of.later.removesuffix("Z")
    reply = await answer(api, of.entity, **of.also(filter={"createdAt": {above: before, below: later}}))
    return expect.choice(
        utc=[lambda: expect.status(reply, 200), lambda: expect.exactly(reply.records, of.records)],
        refused=lambda: expect.error(reply, 400, "INVALID_FILTER"),
    )


async def case_of_ends(api: Api, of: Group, operator: str, text: str, alike: Sequence[Record]) -> str:
    """Whether an operator on the begin or the end of a text tells capitals from small letters. Raises Violation."""
    found = await listed(api, of, filter={of.title: {operator: text.upper()}})
    return expect.choice(
        case_insensitive=lambda: expect.exactly(found, alike),
        case_sensitive=lambda: expect.exactly(found, []),
    )


async def usual(api: Api, of: Group) -> tuple[Record, ...]:
    """The group's records as a list shows them without `sort`, since none of them was changed."""
    return of.listed if of.earlier is None else (await first_page(api, of.entity, **of.alone)).records


async def same_order(api: Api, of: Group) -> tuple[Record, ...]:
    """Without `sort` the pages stand in the order of the list, or the list in that order again. Raises Violation."""
    known = await usual(api, of)
    pages = [await page(api, of.entity, number, limit=3) for number in (1, 2, 3)]
    if [one.get("id") for reply in pages for one in reply.shown] != [one["id"] for one in known]:
        expect.in_order(await listed(api, of), known)
    return known


async def ordered_alone(api: Api, of: Group) -> str:
    """What `order` does without `sort`: nothing, or it turns the default order. Raises Violation."""
    ascending = await first_page(api, of.entity, **of.alone, order="asc")
    before = await usual(api, of)
    shown, known, created = ([one.get("id") for one in records] for records in (ascending.shown, before, of.records))
    if shown == known != created:
        return "ignored"
    descending = await first_page(api, of.entity, **of.alone, order="desc")
    for reply in (ascending, descending):
        expect.exactly(reply.records, of.records)
    times = [given.times(reply.records) for reply in (ascending, descending)]
    return expect.choice(
        ignored=[partial(expect.in_order, reply.records, before) for reply in (ascending, descending)],
        applied=lambda: expect.in_order(ascending.records, descending.records[::-1]),
        _applied=[
            lambda: expect.ascending(times[0], at="createdAt"),
            lambda: expect.descending(times[1], at="createdAt"),
        ],
    )


async def nothing_to_sort_by(api: Api, entity: Entity) -> None:
    """An empty `sort` is refused, as an unknown one is. Raises Violation."""
    if not await refused_beside_others(api, entity, "sort", ""):
        unknown = await bad_sort(api, api.entities[0])
        expect.refused_as(await answer(api, entity, sort=""), unknown, 400, "INVALID_SORT")


async def sorted_by_several(api: Api, of: Group) -> str:
    """What a comma list of fields to sort by does. Raises Violation."""
    sort = several_fields(of.title)
    if await refused_beside_others(api, of.entity, "sort", sort):
        return "refused"
    unknown = await bad_sort(api, of.entity)
    reply = await answer(api, of.entity, **of.also(sort=sort, order="asc"))
    ordered = sorted(of.records, key=lambda record: record[of.title])
    return expect.choice(
        refused=lambda: expect.refused_as(reply, unknown, 400, "INVALID_SORT"),
        honoured=lambda: expect.in_order(reply.records, ordered),
    )


async def backwards(api: Api, of: Group) -> str:
    """What a range does that ends before it starts. Raises Violation."""
    for name, text in BACKWARDS.items():
        if await refused_beside_others(api, of.entity, name, text):
            return "refused"
    reply = await answer(api, of.entity, startDate=of.later, endDate=of.before)
    return expect.choice(
        refused=lambda: expect.error(reply, 400, "VALIDATION_FAILED"),
        empty=lambda: expect.exactly(reply.records, []),
    )


async def unknown_parameter(api: Api, entity: Entity) -> str:
    """What a parameter does that the API does not know. Raises Violation."""
    if (await given.aside(api, entity, "unknowns")).status == 200:
        return "ignored"
    return expect.by_status(await answer(api, entity, conformanceUnknown="1"), {200: "ignored", 400: "refused"})


async def repeated_fields(api: Api, entity: Entity, known: Record) -> None:
    """`fields` that are given several times reduce a record. Raises Violation."""
    repeated = _repeated(entity, known)
    if not await _is_reduced(api, entity, known):
        reply = await read(api, entity, known["id"], params=repeated)
        expect.fields(reply.record, {name for _, name in repeated}, entity)


async def repeated_relations(api: Api, entity: Entity, known: Record) -> None:
    """`include` that is given several times includes each. Raises Violation."""
    relations = [one.name for one in entity.includable]
    if not await _is_reduced(api, entity, known):
        reply = await read(api, entity, known["id"], params=[("include", name) for name in relations])
        expect.status(reply, 200)
        expect.has(reply.record, relations)


async def _are_between(api: Api, of: Group) -> bool:
    """Whether one question is answered rightly that asks for one of many titles, between the least and the largest.

    Those two are among the many, so that either border shows, unless a URL would be longer than any server must take.
    """
    low, *others, high = sorted(of.values(of.title))
    places = dict(zip(_PLACES, sorted(others, key=len), strict=False))
    chosen = [*places.values()]
    if len(quote(given.filter_json([low, high, low, high, *chosen]))) < _LONGEST:
        places |= {20: low, 30: high}
    values = [places.get(number, sample.word(api.run, f"nobody {number}")) for number in range(_MANY)]
    asked = {of.title: {"$in": values, "$gt": low, "$lt": high}}
    reply = await answer(api, of.entity, page=1, limit=20, filter=asked)
    return reply.status == 200 and _are(reply.shown, of.having(of.title, lambda title: title in chosen))


async def _is_printed_and_utc(api: Api, of: Group) -> bool:
    """Whether one question is answered rightly: for the very moment that a record was created, and a later change.

    That one is asked about between borders without an offset, and between the ends of the calendar: who reckons with a
    moment may leave it there. Whoever watches statuses judges that; what is refused is asked apart. Where no body
    sets a moment, this is the one question by an equality that is not spelled.
    """
    known = of.records[0]
    borders = {"$gt": of.before.removesuffix("Z"), "$lt": of.later.removesuffix("Z"), **_WITHIN_THE_CALENDAR}
    reply = await answer(api, of.entity, **of.also(filter={"createdAt": known["createdAt"], "updatedAt": borders}))
    alike = [one for one in of.records if one["createdAt"] == known["createdAt"]]
    return reply.status == 200 and _are(reply.shown, alike)


async def _is_reduced(api: Api, entity: Entity, known: Record) -> bool:
    """Whether one READ shows repeated `fields` and every relation of a repeated `include`, and nothing else."""
    relations, repeated = [one.name for one in entity.includable], _repeated(entity, known)
    reply: Reply = await read(api, entity, known["id"], params=[*repeated, *(("include", name) for name in relations)])
    keys = {one.foreign_key for one in entity.relations if one.type == "belongsTo"}
    shown = {name for one in reply.shown for name in one if one.get("id") == known["id"]}
    return reply.status == 200 and shown - keys == {*(name for _, name in repeated), *relations}


def _repeated(entity: Entity, known: Record) -> list[tuple[str, str]]:
    dated = [("fields", "createdAt")] if "createdAt" in known else []
    return [("fields", "id"), ("fields", given.shown_field(entity)), *dated]


def _are(shown: Iterable[Record], records: Iterable[Record]) -> bool:
    return {one.get("id") for one in shown} == {one["id"] for one in records}
