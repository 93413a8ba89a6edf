"""Ranges of dates around a group's records: several claims on one answer, each by itself where that is wrong."""

from collections.abc import Iterable
from datetime import timedelta

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.question import Question
from entity_conformance.suite import expect, given
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import answer, holds, listed, wrong
from entity_conformance.suite.questions.carriers import carried
from entity_conformance.suite.questions.combinations import apart
from entity_conformance.suite.questions.filters import asking, ranges_taken

_DAY = timedelta(days=1)


async def since(api: Api, of: Group) -> None:
    """A start before all of them selects them all, and one after them none. Raises Violation."""
    if not await one_moment(api, of):
        past = await listed(api, of, startDate=given.moment(of.newest, "createdAt", given.step(of.newest)))
        expect.exactly(past, [])
    if await _is_wrong(api, of):
        expect.exactly(await listed(api, of, startDate=of.before), of.records)


async def until(api: Api, of: Group) -> None:
    """An end after all of them selects them all, and one before them none. Raises Violation."""
    if not await one_moment(api, of):
        past = await listed(api, of, endDate=given.moment(of.oldest, "createdAt", -given.step(of.oldest)))
        expect.exactly(past, [])
    if await _is_wrong(api, of):
        expect.exactly(await listed(api, of, endDate=of.soon), of.records)


async def offsets_count(api: Api, of: Group) -> None:
    """Borders that are written with offsets are the same moments, at every entity. Raises Violation."""
    await carried(api, of, "offsets")
    await ranges_taken(api)


async def whole_days(api: Api, of: Group, **border: str) -> None:
    """All were created on the days that they were created on; where that is wrong, so is this border. Raises Violation.

    Where each border by itself is right, the two are wrong together, which is told of the end.
    """
    try:
        await carried(api, of, "days")
    except Violation:
        expect.exactly(await listed(api, of, **border), of.records)
        start = given.moment(of.oldest, "createdAt", timedelta())[:10]
        if "endDate" in border and given.are_alone(await listed(api, of, startDate=start), of.records):
            raise


async def without_offset(api: Api, of: Group) -> None:
    """Borders without an offset are in UTC. Raises Violation.

    Both are asked about at once: by the moment of one record, where others were created before and after it.
    """
    if await one_moment(api, of, has_offset=False):
        return
    before, later = of.before.removesuffix("Z"), of.later.removesuffix("Z")
    for border, selected in (
        ({"startDate": before}, of.records),
        ({"startDate": later}, []),
        ({"endDate": later}, of.records),
        ({"endDate": before}, []),
    ):
        expect.exactly(await listed(api, of, **border), selected)


async def one_moment(api: Api, of: Group, *, has_offset: bool = True) -> bool:
    """Whether the range of one moment selects what was created then alone, of records from before and after it."""
    known = midst(of)
    times = given.times(of.records)
    moment = given.times([known])[0]
    if not min(times) < moment < max(times):
        return False
    alike = [one for one, time in zip(of.records, times, strict=True) if time == moment]
    return _shows(await _at_one_moment(api, of, known, has_offset=has_offset), alike)


def midst(of: Group) -> Record:
    """A record that others were created before, and others after."""
    return of.aged[len(of.records) // 2]


async def both_dates(api: Api, of: Group) -> None:
    """Of two borders both count, the start after all records, and the end before them. Raises Violation."""
    together = dict(apart(api, of))
    for name, start, end in (
        ("start", of.later, given.moment(of.newest, "createdAt", _DAY)),
        ("end", given.moment(of.oldest, "createdAt", -_DAY), of.before),
    ):
        question = together.get(name)
        if question is None or await wrong(await asking(api, 1), of, question) is not None:
            await holds(api, of, Question(of.entity, start=start, end=end))


async def starts_inclusively(api: Api, of: Group, known: Record) -> None:
    """A record created at exactly the start is selected, or one kept before what it prints. Raises Violation."""
    if await _is_within(api, of, known):
        return
    reply = await answer(api, of.entity, **of.also(startDate=known["createdAt"]))
    rounded = await answer(api, of.entity, **of.also(**given.unit_before(known)))
    expect.choice(
        at_once=lambda: expect.includes(reply.records, known),
        kept_before_it_is_printed=lambda: expect.includes(rounded.records, known),
    )


async def ends_inclusively(api: Api, of: Group, known: Record) -> None:
    """A record created at exactly the end is selected, or one kept after what it prints. Raises Violation."""
    if await _is_within(api, of, known):
        return
    reply = await answer(api, of.entity, **of.also(endDate=known["createdAt"]))
    cut = await answer(api, of.entity, **of.also(**given.unit_after(known)))
    expect.choice(
        at_once=lambda: expect.includes(reply.records, known),
        kept_after_it_is_printed=lambda: expect.includes(cut.records, known),
    )


async def _is_within(api: Api, of: Group, known: Record) -> bool:
    """Whether a record is in the range of the one moment of its creation."""
    reply = await _at_one_moment(api, of, known)
    return reply.status == 200 and any(one.get("id") == known["id"] for one in reply.records)


async def _at_one_moment(api: Api, of: Group, known: Record, *, has_offset: bool = True) -> Reply:
    in_utc = given.moment(known, "createdAt", timedelta())
    moment = known["createdAt"] if has_offset else in_utc.removesuffix("Z")
    return await answer(api, of.entity, **of.also(startDate=moment, endDate=moment))


def _shows(reply: Reply, records: Iterable[Record]) -> bool:
    """Whether a list shows these records and no others."""
    return reply.status == 200 and {one.get("id") for one in reply.shown} == {one["id"] for one in records}


async def _is_wrong(api: Api, of: Group) -> bool:
    try:
        await carried(api, of, "offsets")
    except Violation:
        return True
    return False
