"""Date ranges over the time of creation.

Moments are compared by the deployment's own printed times, one unit of their last digit before and after.
"""

from datetime import timedelta

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, questions
from entity_conformance.suite.registry import Chapter

chapter = Chapter("dates", asked=questions.by_a_reader)

DAY = timedelta(days=1)


@chapter.proves("dates.start-filters", entities="primary", scopes={"read", "write"})
async def start_filters(api: Api, entity: Entity) -> None:
    """`startDate` selects what was created then or later."""
    group = await given.group(api, entity)

    await questions.since(api, group)


@chapter.proves("dates.end-filters", entities="primary", scopes={"read", "write"})
async def end_filters(api: Api, entity: Entity) -> None:
    """`endDate` selects what was created then or earlier."""
    group = await given.group(api, entity)

    await questions.until(api, group)


@chapter.proves(
    "dates.range-holds-both",
    scopes={"read", "write"},
    after={"dates.start-filters", "dates.end-filters"},
    entities="primary",
)
async def range_holds_both(api: Api, entity: Entity) -> None:
    """With both, a record must be in between."""
    await questions.both_dates(api, await given.group(api, entity))


@chapter.proves("dates.start-is-inclusive", scopes={"read", "write"}, after={"dates.start-filters"}, entities="primary")
async def start_is_inclusive(api: Api, entity: Entity) -> None:
    """A record created at exactly `startDate` is selected, as far as the deployment prints when exactly that was."""
    group = await given.group(api, entity)

    await questions.starts_inclusively(api, group, questions.midst(group))


@chapter.proves("dates.end-is-inclusive", scopes={"read", "write"}, after={"dates.end-filters"}, entities="primary")
async def end_is_inclusive(api: Api, entity: Entity) -> None:
    """A record created at exactly `endDate` is selected, as far as the deployment prints when exactly that was."""
    group = await given.group(api, entity)

    await questions.ends_inclusively(api, group, questions.midst(group))


@chapter.proves(
    "dates.date-alone-starts-the-day", scopes={"read", "write"}, after={"dates.start-filters"}, entities="first"
)
async def date_alone_starts_the_day(api: Api, entity: Entity) -> None:
    """A `startDate` without a time is the first moment of that day, in UTC."""
    group = await given.group(api, entity)
    day = given.moment(group.oldest, "createdAt", timedelta())[:10]
    next_day = given.moment(group.newest, "createdAt", DAY)[:10]

    after = await questions.listed(api, group, startDate=next_day)

    expect.exactly(after, [])
    await questions.whole_days(api, group, startDate=day)


@chapter.proves(
    "dates.date-alone-ends-the-day", scopes={"read", "write"}, after={"dates.end-filters"}, entities="first"
)
async def date_alone_ends_the_day(api: Api, entity: Entity) -> None:
    """An `endDate` without a time covers the whole of that day, in UTC."""
    group = await given.group(api, entity)
    day = given.moment(group.newest, "createdAt", timedelta())[:10]
    day_before = given.moment(group.oldest, "createdAt", -DAY)[:10]

    before = await questions.listed(api, group, endDate=day_before)

    expect.exactly(before, [])
    await questions.whole_days(api, group, endDate=day)


@chapter.proves(
    "dates.offset-counts",
    scopes={"read", "write"},
    after={"dates.start-filters", "dates.end-filters"},
    entities="primary",
)
async def offset_counts(api: Api, entity: Entity) -> None:
    """A moment is the same whatever offset it is written with."""
    group = await given.group(api, entity)

    await questions.offsets_count(api, group)


@chapter.proves(
    "dates.no-offset-is-utc",
    scopes={"read", "write"},
    after={"dates.start-filters", "dates.end-filters"},
    entities="primary",
)
async def no_offset_is_utc(api: Api, entity: Entity) -> None:
    """A moment without an offset is in UTC."""
    group = await given.group(api, entity)

    await questions.without_offset(api, group)


async def _refused(api: Api, entity: Entity, parameter: str) -> None:
    """What names no date is refused."""
    (value,) = questions.wrong_values(api, entity, parameter)
    replies = [await questions.refused(api, entity, parameter, value)]
    replies += await questions.refused_elsewhere(api, entity, parameter)

    expect.each(replies, lambda reply: expect.error(reply, 400, "VALIDATION_FAILED"))


@chapter.proves("dates.bad-start", scopes={"read"}, entities="primary")
async def bad_start(api: Api, entity: Entity) -> None:
    """A `startDate` that names no date is refused."""
    await _refused(api, entity, "startDate")


@chapter.proves("dates.bad-end", scopes={"read"}, entities="primary")
async def bad_end(api: Api, entity: Entity) -> None:
    """An `endDate` that names no date is refused."""
    await _refused(api, entity, "endDate")


@chapter.proves("dates.bad-date-details", scopes={"read"}, entities="primary")
async def bad_date_details(api: Api, entity: Entity) -> None:
    """The refusal of a bad date names its parameter in `details`."""
    values = {name: questions.wrong_values(api, entity, name)[0] for name in ("startDate", "endDate")}
    replies = {name: await questions.refused(api, entity, name, text) for name, text in values.items()}

    expect.each(replies, lambda name: expect.details(given.refusal(replies[name]), name))


@chapter.proves("dates.start-after-end", scopes={"read", "write"}, after={"dates.range-holds-both"}, entities="primary")
async def start_after_end(api: Api, entity: Entity) -> str:
    """A range that ends before it starts is refused or selects nothing."""
    group = await given.group(api, entity)

    return await questions.backwards(api, group)
