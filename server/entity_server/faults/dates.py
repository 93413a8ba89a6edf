"""Faults of `startDate` and `endDate`."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

from entity_contract import Entity

from entity_server.domain.filtering import Condition, OperatorName
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection
from entity_server.faults.fault import with_body
from entity_server.faults.spoiling import AnyAnswer, empty_page, is_400, names, rewriting, with_argument
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.services import Answer, Call, Handler, Listing, Services

chapter = AnyAnswer()

LISTS = frozenset({"list"})
_TICK = timedelta(milliseconds=1)


def _selecting(services: Services, change: Callable[[Selection], Selection]) -> Services:
    def query(asked: Query) -> Query:
        return replace(asked, selection=change(asked.selection))

    return rewriting(services, query)


def _moved(border: datetime | None, by: timedelta) -> datetime | None:
    return None if border is None else border + by


@chapter.in_services("dates.start-ignored", breaks="dates.start-filters")
def start_ignored(services: Services) -> Services:
    """`startDate` selects nothing out."""
    return _selecting(services, lambda asked: replace(asked, created_from=None))


@chapter.in_services("dates.end-ignored", breaks="dates.end-filters")
def end_ignored(services: Services) -> Services:
    """`endDate` selects nothing out."""
    return _selecting(services, lambda asked: replace(asked, created_until=None))


@chapter.in_services("dates.range-takes-one", breaks="dates.range-holds-both")
def range_takes_one(services: Services) -> Services:
    """Of two borders only the first counts."""
    return _selecting(
        services, lambda asked: replace(asked, created_until=None if asked.created_from else asked.created_until)
    )


@chapter.in_services("dates.of-the-last-change", breaks="dates.end-filters")
def of_the_last_change(services: Services) -> Services:
    """A range selects records by when they were changed last."""

    class ByChange(RecordsWrapper):
        async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
            """One page of what was changed in the range."""
            asked, field = query.selection, entity.field("updatedAt")
            borders: tuple[tuple[OperatorName, datetime | None], ...] = (
                ("$gte", asked.created_from),
                ("$lte", asked.created_until),
            )
            changed = [Condition(field, name, one) for name, one in borders if field is not None and one is not None]
            selection = replace(asked, conditions=(*asked.conditions, *changed), created_from=None, created_until=None)
            return await super().list(entity, replace(query, selection=selection), owner)

    return replace(services, records=ByChange(services.records))


@chapter.in_services("dates.start-exclusive", breaks="dates.start-is-inclusive")
def start_exclusive(services: Services) -> Services:
    """A record created at `startDate` is left out."""
    return _selecting(services, lambda asked: replace(asked, created_from=_moved(asked.created_from, _TICK)))


@chapter.in_services("dates.end-exclusive", breaks="dates.end-is-inclusive")
def end_exclusive(services: Services) -> Services:
    """A record created at `endDate` is left out."""
    return _selecting(services, lambda asked: replace(asked, created_until=_moved(asked.created_until, -_TICK)))


@chapter.in_services("dates.day-starts-late", breaks="dates.date-alone-starts-the-day")
def day_starts_late(services: Services) -> Services:
    """A plain date as `startDate` leaves out that day."""

    def late(asked: Selection) -> Selection:
        whole_day = asked.created_from is not None and asked.created_from.time() == time.min
        return replace(asked, created_from=_moved(asked.created_from, timedelta(days=1))) if whole_day else asked

    return _selecting(services, late)


@chapter.in_services("dates.day-ends-at-once", breaks="dates.date-alone-ends-the-day")
def day_ends_at_once(services: Services) -> Services:
    """A plain date as `endDate` leaves out that day."""

    def early(asked: Selection) -> Selection:
        whole_day = asked.created_until is not None and asked.created_until.time() == time.max
        return replace(asked, created_until=_moved(asked.created_until, timedelta(days=-1))) if whole_day else asked

    return _selecting(services, early)


@chapter.around("dates.offset-ignored", breaks="dates.offset-counts", to=LISTS)
async def offset_ignored(call: Call, handler: Handler) -> Answer:
    """The offset of `startDate` is taken as UTC."""
    return await with_argument(call, handler, "startDate", lambda text: re.sub(r"[+-]\d\d:?\d\d\Z", "Z", text))


@chapter.around("dates.no-offset-is-local", breaks="dates.no-offset-is-utc", to=LISTS)
async def no_offset_is_local(call: Call, handler: Handler) -> Answer:
    """A `startDate` without an offset is read as the time of some other place."""
    return await with_argument(
        call, handler, "startDate", lambda text: f"{text}-09:00" if re.search(r"T[\d:.]+\Z", text) else text
    )


@chapter.on_any_answer("dates.bad-start-accepted", breaks="dates.bad-start", statuses=is_400)
def bad_start_accepted(answer: Answer) -> Answer:
    """A `startDate` that is no date answers an empty page."""
    return empty_page(answer) if names(answer, "startDate") else answer


@chapter.on_any_answer("dates.bad-end-accepted", breaks="dates.bad-end", statuses=is_400)
def bad_end_accepted(answer: Answer) -> Answer:
    """An `endDate` that is no date answers an empty page."""
    return empty_page(answer) if names(answer, "endDate") else answer


@chapter.on_any_answer("dates.unnamed", breaks="dates.bad-date-details", statuses=is_400)
def unnamed(answer: Answer) -> Answer:
    """The refusal of a date does not name the parameter."""
    return with_body(answer, details={"query": "Is wrong"}) if names(answer, "startDate", "endDate") else answer


@chapter.around("dates.turned-around", breaks="dates.start-after-end", to=LISTS)
async def turned_around(call: Call, handler: Handler) -> Answer:
    """A range that ends before it starts is read the other way round."""
    start, end = call.arguments.get("startDate"), call.arguments.get("endDate")
    if start and end and start[0] > end[0]:
        return await handler(replace(call, arguments={**call.arguments, "startDate": end, "endDate": start}))
    return await handler(call)


@chapter.around("dates.western-start-of-comments", breaks="dates.start-filters", to={"listComments"})
async def western_start_of_comments(call: Call, handler: Handler) -> Answer:
    """The negative offset of a `startDate` of comments is read as a positive one."""
    return await with_argument(call, handler, "startDate", lambda text: re.sub(r"(T.*)-(\d\d:\d\d)\Z", r"\1+\2", text))
