"""Orders, searches and dates that are wrong for some value, page or caller only."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from entity_contract import Entity

from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.faults.seldom.when import (
    argument,
    asked,
    rows_of,
    single,
    with_given,
)
from entity_server.faults.spoiling import (
    AnyAnswer,
    is_400,
    names,
    rewriting,
    with_argument,
    with_data,
)
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.services import Answer, Call, Handler, Listing, Services

chapter = AnyAnswer()

LISTS = frozenset({"list"})
Rank = Callable[[Any], Any]


async def _ranked(call: Call, handler: Handler, types: tuple[str, ...], rank: Rank) -> Answer:
    """A page whose records are sorted by another rank of the value; nulls stay where they are."""
    answer = await handler(call)
    name = argument(call, "sort")
    field = call.registered.field(name)
    if field is None or field.type not in types:
        return answer
    rows = rows_of(answer)
    held = [record for record in rows if record.get(name) is not None]
    ordered = iter(sorted(held, key=lambda record: rank(record[name]), reverse=argument(call, "order") == "desc"))
    return with_data(answer, [record if record.get(name) is None else next(ordered) for record in rows])


@chapter.around("sort.decimals-cut", breaks="sort.numbers", to=LISTS)
async def decimals_cut(call: Call, handler: Handler) -> Answer:
    """Numbers sort backwards where they differ in their decimals only."""
    return await _ranked(call, handler, ("number",), lambda value: (int(value), -value))


@chapter.around("sort.before-1970-last", breaks="sort.dates", to=LISTS)
async def before_1970_last(call: Call, handler: Handler) -> Answer:
    """Dates before 1970 sort behind the others."""
    return await _ranked(call, handler, ("date",), lambda value: (value < "1970", value))


@chapter.around("sort.large-integers-tie", breaks="sort.integers", to=LISTS)
async def large_integers_tie(call: Call, handler: Handler) -> Answer:
    """Integers beyond 2^24 sort by what a float of 32 bits holds, and backwards where that is equal."""
    return await _ranked(call, handler, ("integer",), lambda value: (single(value), -value))


@chapter.around("sort.booleans-never-fall", breaks="sort.numbers", to=LISTS)
async def booleans_never_fall(call: Call, handler: Handler) -> Answer:
    """In descending order booleans stand as in ascending order."""
    types = {field.name: field.type for field in call.registered.fields}
    is_meant = types.get(argument(call, "sort")) == "boolean" and argument(call, "order") == "desc"
    return await (asked(call, handler, order="asc") if is_meant else handler(call))


@chapter.around("sort.enums-descend-by-name", breaks="sort.enums", to=LISTS)
async def enums_descend_by_name(call: Call, handler: Handler) -> Answer:
    """In descending order enums go by the alphabet, in ascending order as they are declared."""
    if argument(call, "order") != "desc":
        return await handler(call)
    return await _ranked(call, handler, ("enum",), lambda value: value)


@chapter.in_services("sort.ties-change", breaks="sort.ties-are-broken")
def ties_change(services: Services) -> Services:
    """Records with equal values go one way where a list is asked for and another way where it is asked for again."""

    class Changing(RecordsWrapper):
        def __init__(self) -> None:
            super().__init__(services.records)
            self._asked = Counter[str]()

        async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
            ordering = query.ordering
            if ordering is None or ordering.field.type == "datetime" or ordering.field.name == "id":
                return await self.inner.list(entity, query, owner)
            self._asked[repr(query)] += 1
            if self._asked[repr(query)] % 2:
                return await self.inner.list(entity, query, owner)
            page = query.page
            whole = await self.inner.list(entity, replace(query, page=replace(page, number=1, limit=1000)), owner)
            turned = _ties_turned(list(whole.records), ordering.field.name)
            first = (page.number - 1) * page.limit
            return Page(turned[first : first + page.limit], whole.total)

    return replace(services, records=Changing())


def _ties_turned(records: list[Record], name: str) -> list[Record]:
    turned: list[Record] = []
    position = 0
    while position < len(records):
        end = position
        while end < len(records) and records[end].get(name) == records[position].get(name):
            end += 1
        turned += records[position:end][::-1]
        position = end
    return turned


@chapter.around("sort.nulls-in-between-descending", breaks="sort.nulls", to=LISTS)
async def nulls_in_between_descending(call: Call, handler: Handler) -> Answer:
    """In descending order records without a value stand behind the first that has one."""
    answer = await handler(call)
    name, rows = argument(call, "sort"), rows_of(answer)
    nulls = [record for record in rows if record.get(name, "") is None]
    others = [record for record in rows if record.get(name, "") is not None]
    if argument(call, "order") != "desc" or not nulls or not others:
        return answer
    return with_data(answer, [*others[:1], *nulls, *others[1:]])


def _words(services: Services, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Services:
    def changed(query: Query) -> Query:
        return replace(query, selection=replace(query.selection, words=change(query.selection.words)))

    return rewriting(services, changed)


@chapter.in_services("search.third-word-lost", breaks="search.every-word")
def third_word_lost(services: Services) -> Services:
    """Of three words or more the third may be missing."""
    return _words(services, lambda words: words[:2] + words[3:])


@chapter.around("dates.negative-offset", breaks="dates.offset-counts", to=LISTS)
async def negative_offset(call: Call, handler: Handler) -> Answer:
    """A negative offset is read as a positive one."""
    for name in ("startDate", "endDate"):
        text = argument(call, name)
        changed = re.sub(r"-(\d\d:\d\d)\Z", r"+\1", text) if "T" in text else text
        call = with_given(call, name, changed) if text else call
    return await handler(call)


@chapter.around("dates.offset-of-the-end-ignored", breaks="dates.offset-counts", to=LISTS)
async def offset_of_the_end_ignored(call: Call, handler: Handler) -> Answer:
    """The offset of `endDate` is taken as UTC."""
    return await with_argument(call, handler, "endDate", lambda text: re.sub(r"(T.*)[+-]\d\d:?\d\d\Z", r"\1Z", text))


@chapter.on_any_answer("dates.details-of-one", breaks="dates.bad-date-details", statuses=is_400)
def details_of_one(answer: Answer) -> Answer:
    """The refusal of `endDate` names `startDate`."""
    body = answer.body or {}
    return replace(answer, body={**body, "details": {"startDate": "Is wrong"}}) if names(answer, "endDate") else answer


@chapter.around("sort.changes-as-creations", breaks="sort.datetimes", to=LISTS)
async def changes_as_creations(call: Call, handler: Handler) -> Answer:
    """`sort` by `updatedAt` goes by `createdAt`."""
    return await with_argument(call, handler, "sort", lambda name: "createdAt" if name == "updatedAt" else name)
