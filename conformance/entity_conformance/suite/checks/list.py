"""LIST: pages, totals and links."""

import math
from functools import partial

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.suite import expect, given, questions, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("list", asked=questions.by_a_reader)

PAGED = {"list.limit-caps-page", "list.page-selects-records"}

LONG_AGO = "2001-01-01T00:00:00+01:00"
"""Before all records of the run: a date with a character that means another one in a query unless it is encoded."""


@chapter.proves("list.returns-envelope", scopes={"read"})
async def returns_envelope(api: Api, entity: Entity) -> None:
    """A list is an envelope of `data` and `pagination`, as the contract documents it."""
    reply = await questions.any_list(api, entity)

    expect.status(reply, 200)
    expect.own_envelope(reply)
    expect.array(reply.data, at="data")
    expect.schema(reply, api.contract, apart_from=await given.judged_elsewhere(api, entity))


@chapter.proves("list.page-defaults-to-1", scopes={"read"}, entities="primary")
async def page_defaults_to_1(api: Api, entity: Entity) -> None:
    """Without `page` the first page comes."""
    reply = await questions.answer(api, entity)

    expect.equal(given.pagination(reply, "page"), 1, at="pagination.page")
    expect.equal(given.pagination(reply, "hasPrev"), expected=False, at="pagination.hasPrev")


@chapter.proves("list.limit-defaults-to-20", scopes={"read"}, after={"list.limit-caps-page"}, entities="primary")
async def limit_defaults_to_20(api: Api, entity: Entity) -> None:
    """Without `limit` a page holds 20 records."""
    reply = await questions.answer(api, entity)

    expect.equal(given.pagination(reply, "limit"), 20, at="pagination.limit")
    expect.at_most(len(reply.records), 20, at="the number of records in data")


@chapter.proves("list.limit-caps-page", scopes={"read", "write"}, entities="primary")
async def limit_caps_page(api: Api, entity: Entity) -> None:
    """A page carries at most `limit` records."""
    reply = await questions.page(api, entity, 1, limit=3)

    expect.status(reply, 200)
    expect.length(reply.records, 3, at="data")
    expect.equal(given.pagination(reply, "limit"), 3, at="pagination.limit")


@chapter.proves("list.limit-of-100", scopes={"read"}, entities="primary")
async def limit_of_100(api: Api, entity: Entity) -> None:
    """A limit of 100 is granted."""
    reply = await questions.longest(api, entity)

    expect.status(reply, 200)
    expect.equal(given.pagination(reply, "limit"), 100, at="pagination.limit")


@chapter.proves("list.limit-never-over-100", scopes={"read"}, entities="primary")
async def limit_never_over_100(api: Api, entity: Entity) -> None:
    """However large the limit asked for, no page holds more than 100 records."""
    reply = await questions.refused(api, entity, "limit", "101")

    expect.choice(
        refused=lambda: expect.not_granted(reply),
        capped=[
            lambda: expect.at_most(len(reply.records), 100, at="data"),
            lambda: expect.at_most(given.pagination(reply, "limit"), 100, at="pagination.limit"),
        ],
    )


@chapter.proves("list.limit-above-100", scopes={"read"}, entities="primary")
async def limit_above_100(api: Api, entity: Entity) -> str:
    """A limit above 100 is refused or cut to 100."""
    reply = await questions.refused(api, entity, "limit", "101")

    return expect.choice(
        refused=lambda: expect.error(reply, 400, "VALIDATION_FAILED"),
        capped=[
            lambda: expect.status(reply, 200),
            lambda: expect.equal(given.pagination(reply, "limit"), 100, at="pagination.limit"),
        ],
    )


async def _refused(api: Api, entity: Entity, parameter: str) -> list[Reply]:
    values = questions.wrong_values(api, entity, parameter)
    return [await questions.refused(api, entity, parameter, value) for value in values]


@chapter.proves("list.bad-limit", scopes={"read"}, entities="primary")
async def bad_limit(api: Api, entity: Entity) -> None:
    """A limit below 1, or that is no integer, is refused."""
    replies = await _refused(api, entity, "limit")
    replies += await questions.refused_elsewhere(api, entity, "limit")

    expect.each(replies, lambda reply: expect.error(reply, 400, "VALIDATION_FAILED"))


@chapter.proves("list.bad-page", scopes={"read"}, entities="primary")
async def bad_page(api: Api, entity: Entity) -> None:
    """A page below 1, or that is no integer, is refused."""
    replies = await _refused(api, entity, "page")
    replies += await questions.refused_elsewhere(api, entity, "page")

    expect.each(replies, lambda reply: expect.error(reply, 400, "VALIDATION_FAILED"))


@chapter.proves("list.bad-paging-details", scopes={"read"}, entities="primary")
async def bad_paging_details(api: Api, entity: Entity) -> None:
    """The refusal of a bad `page` or `limit` names it in `details`."""
    replies = {name: (await _refused(api, entity, name))[0] for name in ("page", "limit")}

    expect.each(replies, lambda name: expect.details(given.refusal(replies[name]), name))


@chapter.proves(
    "list.page-selects-records",
    scopes={"read", "write"},
    entities="primary",
    after={"list.limit-caps-page"},
)
async def page_selects_records(api: Api, entity: Entity) -> None:
    """Each page of a selection holds its own part of it: three records, three others, one."""
    pages = [await questions.page(api, entity, number, limit=3) for number in (1, 2, 3)]

    for reply, count in zip(pages, (3, 3, 1), strict=True):
        expect.length(reply.records, count, at="data")
    expect.different(expect.ids(pages[1].records), expect.ids(pages[0].records), at="the ids of page 2")


@chapter.proves("list.total", scopes={"read", "write"}, entities="primary")
async def total(api: Api, entity: Entity) -> None:
    """`total` counts the records of the selection, not those of the page."""
    for number in (1, 3):
        reply = await questions.page(api, entity, number, limit=3)

        expect.equal(given.pagination(reply, "total"), sample.RECORDS, at=f"pagination.total of page {number}")


@chapter.proves("list.total-pages", scopes={"read", "write"}, entities="primary")
async def total_pages(api: Api, entity: Entity) -> None:
    """`totalPages` is total divided by limit, rounded up."""
    for limit, number in ((3, 3), (1, 7)):
        reply = await questions.turned_to(api, entity, number, limit=limit)

        pages = {math.ceil(total / limit) for total in (sample.RECORDS, given.pagination(reply, "total"))}
        at = f"pagination.totalPages of {sample.RECORDS} records by {limit}"
        expect.one_of(given.pagination(reply, "totalPages"), pages, at=at)


@chapter.proves("list.has-next", scopes={"read", "write"}, entities="primary")
async def has_next(api: Api, entity: Entity) -> None:
    """`hasNext` is true on every page but the last, be that full or not."""
    for limit, number in ((3, 1), (3, 2), (3, 3), (1, 7)):
        reply = await questions.turned_to(api, entity, number, limit=limit)

        more = {number * limit < total for total in (sample.RECORDS, given.pagination(reply, "total"))}
        at = f"pagination.hasNext of page {number} of {sample.RECORDS} records by {limit}"
        expect.one_of(given.pagination(reply, "hasNext"), more, at=at)


@chapter.proves("list.has-prev", scopes={"read", "write"}, entities="primary")
async def has_prev(api: Api, entity: Entity) -> None:
    """`hasPrev` is true on every page but the first."""
    for limit, number, more in ((3, 1, False), (3, 2, True), (3, 3, True), (1, 7, True)):
        reply = await questions.turned_to(api, entity, number, limit=limit)

        at = f"pagination.hasPrev of page {number} of 7 records by {limit}"
        expect.equal(given.pagination(reply, "hasPrev"), more, at=at)


@chapter.proves(
    "list.page-past-the-end",
    scopes={"read", "write"},
    entities="first",
    after={*PAGED, "list.has-prev", "list.has-next", "list.total"},
)
async def page_past_the_end(api: Api, entity: Entity) -> None:
    """A page past the end is empty, with the total of the other pages and a previous page."""
    first = await questions.page(api, entity, 1, limit=3)

    reply = await questions.page(api, entity, 9, limit=3)

    expect.status(reply, 200)
    expect.length(reply.records, 0, at="data")
    expect.equal(given.pagination(reply, "total"), given.pagination(first, "total"), at="pagination.total")
    expect.equal(given.pagination(reply, "hasNext"), expected=False, at="pagination.hasNext")
    expect.equal(given.pagination(reply, "hasPrev"), expected=True, at="pagination.hasPrev")
    expect.each(await questions.beyond_nothing(api, entity), lambda reply: expect.status(reply, 200))


@chapter.proves("list.total-count-header", scopes={"read", "write"}, entities="primary")
async def total_count_header(api: Api, entity: Entity) -> None:
    """X-Total-Count equals `pagination.total`."""
    reply = await questions.page(api, entity, 1, limit=3)

    expect.equal(expect.integer_header(reply, "X-Total-Count"), given.pagination(reply, "total"), at="X-Total-Count")


@chapter.proves("list.page-header", scopes={"read", "write"}, entities="primary")
async def page_header(api: Api, entity: Entity) -> None:
    """X-Page is the page that was asked for."""
    reply = await questions.turned_to(api, entity, 2, limit=3)

    expect.equal(expect.integer_header(reply, "X-Page"), 2, at="X-Page")
    expect.equal(given.pagination(reply, "page"), 2, at="pagination.page")


@chapter.proves("list.per-page-header", scopes={"read", "write"}, entities="primary")
async def per_page_header(api: Api, entity: Entity) -> None:
    """X-Per-Page is the limit that was asked for, even where the page holds fewer records."""
    reply = await questions.turned_to(api, entity, 3, limit=3)

    expect.equal(expect.integer_header(reply, "X-Per-Page"), 3, at="X-Per-Page")
    expect.equal(given.pagination(reply, "limit"), 3, at="pagination.limit")


@chapter.proves("list.link-to-next", scopes={"read", "write"}, entities="primary")
async def link_to_next(api: Api, entity: Entity) -> None:
    """The Link header names a next page wherever there is one, and not on the last page, be that full or not."""
    first = await questions.turned_to(api, entity, 1, limit=3)
    last = [await questions.turned_to(api, entity, number, limit=limit) for number, limit in ((3, 3), (7, 1))]

    expect.link(first, "next")
    expect.each(last, lambda reply: expect.no_link(reply, "next"))


@chapter.proves("list.link-to-prev", scopes={"read", "write"}, entities="primary")
async def link_to_prev(api: Api, entity: Entity) -> None:
    """The Link header names the previous page wherever there is one, and no page on the first."""
    first = await questions.turned_to(api, entity, 1, limit=3)
    last = await questions.turned_to(api, entity, 3, limit=3)

    expect.no_link(first, "prev")
    expect.equal(dict(expect.link(last, "prev").query).get("page"), "2", at="the page of rel=prev")


@chapter.proves(
    "list.link-keeps-parameters",
    scopes={"read", "write"},
    after={
        "list.link-to-next",
        "select.fields-on-list",
        "select.fields-repeated",
        "dates.start-filters",
        "dates.offset-counts",
    },
    entities="primary",
)
async def link_keeps_parameters(api: Api, entity: Entity) -> None:
    """A page link keeps every other query parameter, repeated ones too, and changes only `page`."""
    group = await given.group(api, entity)
    repeated = [("fields", "id"), ("fields", group.title)]

    sort = "createdAt" if entity.field("createdAt") is not None else "id"
    asked = {**questions.with_odd_texts(group), "limit": 2, "sort": sort, "order": "desc", "startDate": LONG_AGO}
    reply = await questions.answer(api, entity, **asked, params=repeated)

    given.documented(reply, 200)
    link = expect.link(reply, "next")
    expect.equal(link.kept, link.asked, at="the query of rel=next, without its page")


@chapter.proves(
    "list.link-leads-on", scopes={"read", "write"}, entities="primary", after={*PAGED, "list.link-keeps-parameters"}
)
async def link_leads_on(api: Api, entity: Entity) -> None:
    """Following the link to the next page gives that page of the same selection."""
    second = await questions.page(api, entity, 2, limit=3)

    followed = await questions.behind_link(api, entity)

    expect.status(followed, 200)
    expect.exactly(followed.records, second.records)


@chapter.proves("list.no-link-on-single-page", scopes={"read", "write"}, entities="primary")
async def no_link_on_single_page(api: Api, entity: Entity) -> None:
    """A selection that fits on one page links neither to a next nor to a previous one."""
    group = await given.group(api, entity)

    reply = group.reply or await questions.first_page(api, entity, **group.alone)

    expect.length(reply.records, sample.RECORDS, at="data")
    expect.no_link(reply, "next", "prev")


@chapter.proves("list.default-order", scopes={"read", "write"}, entities="primary")
async def default_order(api: Api, entity: Entity) -> str:
    """Without `sort` the order is the same on every request."""
    group = await given.group(api, entity)

    listed = await questions.same_order(api, group)
    times = given.times(listed)
    return expect.choice(
        newest_first=lambda: expect.descending(times, at="createdAt"),
        another=lambda: expect.exactly(listed, group.records),
    )


@chapter.proves("list.pages-visit-each-record-once", entities="primary", scopes={"read", "write"}, after=PAGED)
async def pages_visit_each_record_once(api: Api, entity: Entity) -> None:
    """Walking the pages of a selection that does not change gives every record exactly once."""
    group = await given.group(api, entity)

    pages = [await questions.page(api, entity, number, limit=3) for number in (1, 2, 3)]

    expect.exactly([record for reply in pages for record in reply.records], group.records)


@chapter.proves("list.unknown-parameter", scopes={"read"}, entities="first")
async def unknown_parameter(api: Api, entity: Entity) -> str:
    """A query parameter that the API does not know is ignored or refused."""
    return await questions.unknown_parameter(api, entity)


@chapter.proves(
    "list.shows-whole-records", scopes={"read", "write"}, after={"create.returns-record", "read.returns-record"}
)
async def shows_whole_records(api: Api, entity: Entity) -> None:
    """A list shows every record with all that it holds: long texts to their end, and fields that hold nothing."""
    reply = await questions.read_whole(api, await given.group(api, entity))

    group = await given.group(api, entity)

    listed = expect.by_id(group.listed, group.longest["id"])
    written = {name for _, body in group.when_listed for name in body}
    fields = {field.name for field in entity.fields}  # what else CREATE showed may be absent elsewhere
    keys = {relation.foreign_key for relation in entity.relations if relation.type == "belongsTo"}  # it includes them
    expect.has(reply.record, {name: value for name, value in listed.items() if name in written - keys})
    for known, body in group.when_listed:
        shown = expect.by_id(group.listed, known["id"])
        expect.has(shown, fields & known.keys())
        taken = questions.taken(entity, known, body)
        expect.each(taken.items(), partial(questions.is_shown, entity, shown))


@chapter.proves(
    "list.same-for-each-key",
    scopes={"read", "write"},
    needs={"read_key"},
    after={"auth.read-key-reads"},
    entities="none",
    last=True,
)
async def same_for_each_key(api: Api) -> None:
    """A read-only key is shown what a key with all scopes is shown, whatever it asks."""
    await questions.read_key_sees_the_same(api)


def _can_be_searched_and_sorted(entity: Entity) -> bool:
    return sample.title_is_searchable(entity) and sample.title_is_sortable(entity)


@chapter.proves(
    "list.all-parameters-combine",
    scopes={"read", "write"},
    after={
        *PAGED,
        "list.total",
        "list.pages-visit-each-record-once",
        "filter.conditions-are-and",
        "filter.enum-equality",
        "filter.boolean-equality",
        "search.word-in-title",
        "search.total",
        "dates.range-holds-both",
        "sort.descending",
        "sort.ties-are-broken",
        "select.fields-on-list",
    },
    entities="primary",
    applies=_can_be_searched_and_sorted,
)
async def all_parameters_combine(api: Api, entity: Entity) -> None:
    """Filter, search, dates, sort, fields and pages work together, and `total` counts what they select."""
    await questions.combined(api, entity)
