"""LIST: pages, totals and links."""

from collections.abc import Mapping
from typing import Any

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("list")

Query = Mapping[str, Any]

PAGED = {"list.limit-caps-page", "list.page-selects-records"}


@chapter.proves("list.returns-envelope", scopes={"read"})
async def returns_envelope(api: Api, entity: Entity) -> None:
    """A list is an envelope of `data` and `pagination`, as the contract documents it."""
    reply = await api.list(entity, limit=5)

    expect.status(reply, 200)
    expect.array(reply.data, at="data")
    expect.schema(reply, api.contract, apart_from=await given.judged_elsewhere(api, entity))


@chapter.proves("list.page-defaults-to-1", scopes={"read"}, entities="primary")
async def page_defaults_to_1(api: Api, entity: Entity) -> None:
    """Without `page` the first page comes."""
    reply = await api.list(entity)

    expect.equal(given.pagination(reply, "page"), 1, at="pagination.page")
    expect.equal(given.pagination(reply, "hasPrev"), expected=False, at="pagination.hasPrev")


@chapter.proves("list.limit-defaults-to-20", scopes={"read"}, after={"list.limit-caps-page"}, entities="primary")
async def limit_defaults_to_20(api: Api, entity: Entity) -> None:
    """Without `limit` a page holds 20 records."""
    reply = await api.list(entity, page=1)

    expect.equal(given.pagination(reply, "limit"), 20, at="pagination.limit")
    expect.at_most(len(reply.records), 20, at="the number of records in data")


@chapter.proves("list.limit-caps-page", scopes={"read", "write"})
async def limit_caps_page(api: Api, entity: Entity) -> None:
    """A page carries at most `limit` records; `total` counts past the page."""
    await given.records(api, entity, count=3)

    reply = await api.list(entity, limit=2)

    expect.status(reply, 200)
    expect.length(reply.records, 2, at="data")
    expect.equal(given.pagination(reply, "limit"), 2, at="pagination.limit")
    expect.at_least(given.pagination(reply, "total"), 3, at="pagination.total")


@chapter.proves("list.limit-of-100", scopes={"read"}, entities="primary")
async def limit_of_100(api: Api, entity: Entity) -> None:
    """A limit of 100 is granted."""
    reply = await api.list(entity, limit=100)

    expect.status(reply, 200)
    expect.equal(given.pagination(reply, "limit"), 100, at="pagination.limit")


@chapter.proves("list.limit-never-over-100", scopes={"read"}, entities="primary")
async def limit_never_over_100(api: Api, entity: Entity) -> None:
    """However large the limit asked for, no page holds more than 100 records."""
    reply = await api.list(entity, limit=1000)

    expect.choice(
        refused=lambda: expect.at_least(reply.status, 400, at="the status"),
        capped=[
            lambda: expect.at_most(len(reply.records), 100, at="data"),
            lambda: expect.at_most(reply.pagination.get("limit"), 100, at="pagination.limit"),
        ],
    )


@chapter.proves("list.limit-above-100", scopes={"read"}, entities="primary")
async def limit_above_100(api: Api, entity: Entity) -> str:
    """A limit above 100 is refused or cut to 100."""
    reply = await api.list(entity, limit=101)

    return expect.choice(
        refused=lambda: expect.error(reply, 400, "VALIDATION_FAILED"),
        capped=lambda: expect.equal(reply.pagination.get("limit"), 100, at="pagination.limit"),
    )


@chapter.proves("list.bad-limit", scopes={"read"}, entities="primary")
async def bad_limit(api: Api, entity: Entity) -> None:
    """A limit below 1, or that is no integer, is refused."""
    replies = [await api.list(entity, limit=limit) for limit in ("0", "-1", "ten", "2.5")]

    expect.each(replies, lambda reply: expect.error(reply, 400, "VALIDATION_FAILED"))


@chapter.proves("list.bad-page", scopes={"read"}, entities="primary")
async def bad_page(api: Api, entity: Entity) -> None:
    """A page below 1, or that is no integer, is refused."""
    replies = [await api.list(entity, page=page) for page in ("0", "-1", "first", "1.5")]

    expect.each(replies, lambda reply: expect.error(reply, 400, "VALIDATION_FAILED"))


@chapter.proves("list.bad-paging-details", scopes={"read"}, entities="primary")
async def bad_paging_details(api: Api, entity: Entity) -> None:
    """The refusal of a bad `page` or `limit` names it in `details`."""
    replies = {name: await api.list(entity, params={name: "0"}) for name in ("page", "limit")}

    expect.each(replies, lambda name: expect.details(given.refusal(replies[name]), name))


@chapter.proves(
    "list.page-selects-records",
    scopes={"read", "write"},
    entities="primary",
    after={"list.limit-caps-page"},
)
async def page_selects_records(api: Api, entity: Entity) -> None:
    """Each page of a selection holds its own part of it: two records, two others, one."""
    group = await given.group(api, entity)

    pages = [await api.list(entity, **group.alone, limit=2, page=page) for page in (1, 2, 3)]

    for reply, count in zip(pages, (2, 2, 1), strict=True):
        expect.length(reply.records, count, at="data")
    expect.different(expect.ids(pages[1].records), expect.ids(pages[0].records), at="the ids of page 2")


@chapter.proves("list.total", scopes={"read", "write"}, entities="primary")
async def total(api: Api, entity: Entity) -> None:
    """`total` counts the records of the selection, not those of the page."""
    group = await given.group(api, entity)

    reply = await api.list(entity, **group.alone, limit=2, page=1)

    expect.equal(given.pagination(reply, "total"), len(group.records), at="pagination.total")


@chapter.proves("list.total-pages", scopes={"read", "write"}, entities="primary")
async def total_pages(api: Api, entity: Entity) -> None:
    """`totalPages` is total divided by limit, rounded up."""
    group = await given.group(api, entity)

    for limit, pages in ((2, 3), (5, 1), (4, 2)):
        reply = await api.list(entity, **group.alone, limit=limit, page=1)

        expect.equal(given.pagination(reply, "totalPages"), pages, at=f"pagination.totalPages of 5 records by {limit}")


@chapter.proves("list.total-pages-of-nothing", scopes={"read", "write"}, entities="primary")
async def total_pages_of_nothing(api: Api, entity: Entity) -> None:
    """A selection of nothing has no records and no pages."""
    group = await given.group(api, entity)

    reply = await api.list(entity, **group.nothing)

    expect.length(reply.records, 0, at="data")
    expect.equal(given.pagination(reply, "totalPages"), 0, at="pagination.totalPages")


@chapter.proves("list.has-next", scopes={"read", "write"}, entities="primary")
async def has_next(api: Api, entity: Entity) -> None:
    """`hasNext` is true on every page but the last."""
    group = await given.group(api, entity)

    for page, more in ((1, True), (2, True), (3, False)):
        reply = await api.list(entity, **group.alone, limit=2, page=page)

        expect.equal(given.pagination(reply, "hasNext"), more, at=f"pagination.hasNext of page {page} of 3")


@chapter.proves("list.has-prev", scopes={"read", "write"}, entities="primary")
async def has_prev(api: Api, entity: Entity) -> None:
    """`hasPrev` is true on every page but the first."""
    group = await given.group(api, entity)

    for page, more in ((1, False), (2, True), (3, True)):
        reply = await api.list(entity, **group.alone, limit=2, page=page)

        expect.equal(given.pagination(reply, "hasPrev"), more, at=f"pagination.hasPrev of page {page} of 3")


@chapter.proves(
    "list.page-past-the-end",
    scopes={"read", "write"},
    entities="primary",
    after={*PAGED, "list.has-prev", "list.has-next"},
)
async def page_past_the_end(api: Api, entity: Entity) -> None:
    """A page past the end is empty, with the total of the other pages and a previous page."""
    group = await given.group(api, entity)
    first = await api.list(entity, **group.alone, limit=2, page=1)

    reply = await api.list(entity, **group.alone, limit=2, page=9)

    expect.status(reply, 200)
    expect.length(reply.records, 0, at="data")
    expect.equal(given.pagination(reply, "total"), given.pagination(first, "total"), at="pagination.total")
    expect.equal(given.pagination(reply, "hasNext"), expected=False, at="pagination.hasNext")
    expect.equal(given.pagination(reply, "hasPrev"), expected=True, at="pagination.hasPrev")


@chapter.proves("list.total-count-header", scopes={"read", "write"}, entities="primary")
async def total_count_header(api: Api, entity: Entity) -> None:
    """X-Total-Count equals `pagination.total`."""
    group = await given.group(api, entity)

    reply = await api.list(entity, **group.alone, limit=2, page=1)

    expect.equal(expect.integer_header(reply, "X-Total-Count"), given.pagination(reply, "total"), at="X-Total-Count")


@chapter.proves("list.page-header", scopes={"read", "write"}, entities="primary")
async def page_header(api: Api, entity: Entity) -> None:
    """X-Page is the page that was asked for."""
    group = await given.group(api, entity)

    reply = await api.list(entity, **group.alone, limit=2, page=2)

    expect.equal(expect.integer_header(reply, "X-Page"), 2, at="X-Page")
    expect.equal(given.pagination(reply, "page"), 2, at="pagination.page")


@chapter.proves("list.per-page-header", scopes={"read"}, entities="primary")
async def per_page_header(api: Api, entity: Entity) -> None:
    """X-Per-Page is the limit that was asked for, even where the page holds fewer records."""
    reply = await api.list(entity, limit=7)

    expect.equal(expect.integer_header(reply, "X-Per-Page"), 7, at="X-Per-Page")
    expect.equal(given.pagination(reply, "limit"), 7, at="pagination.limit")


@chapter.proves("list.link-to-next", scopes={"read", "write"}, entities="primary")
async def link_to_next(api: Api, entity: Entity) -> None:
    """The Link header names a next page wherever there is one, and not on the last page."""
    group = await given.group(api, entity)

    first = await api.list(entity, **group.alone, limit=2, page=1)
    last = await api.list(entity, **group.alone, limit=2, page=3)

    expect.link(first, "next")
    expect.no_link(last, "next")


@chapter.proves("list.link-to-prev", scopes={"read", "write"}, entities="primary")
async def link_to_prev(api: Api, entity: Entity) -> None:
    """The Link header names the previous page wherever there is one, and no page on the first."""
    group = await given.group(api, entity)

    first = await api.list(entity, **group.alone, limit=2, page=1)
    last = await api.list(entity, **group.alone, limit=2, page=3)

    expect.no_link(first, "prev")
    expect.equal(dict(expect.link(last, "prev").query).get("page"), "2", at="the page of rel=prev")


@chapter.proves("list.link-keeps-parameters", scopes={"read", "write"}, after={"list.link-to-next"}, entities="primary")
async def link_keeps_parameters(api: Api, entity: Entity) -> None:
    """A page link keeps every other query parameter and changes only `page`."""
    group = await given.group(api, entity)

    reply = await api.list(entity, **group.alone, limit=2, sort="createdAt", order="desc")

    link = expect.link(reply, "next")
    expect.equal(link.kept, link.asked, at="the query of rel=next, without its page")


@chapter.proves(
    "list.link-leads-on", scopes={"read", "write"}, entities="primary", after={*PAGED, "list.link-keeps-parameters"}
)
async def link_leads_on(api: Api, entity: Entity) -> None:
    """Following the link to the next page gives that page of the same selection."""
    group = await given.group(api, entity)
    first = await api.list(entity, **group.alone, limit=3, page=1)
    second = await api.list(entity, **group.alone, limit=3, page=2)

    followed = await given.page_behind(api, entity, expect.link(first, "next"))

    expect.status(followed, 200)
    expect.exactly(followed.records, second.records)


@chapter.proves("list.no-link-on-single-page", scopes={"read", "write"}, entities="primary")
async def no_link_on_single_page(api: Api, entity: Entity) -> None:
    """A selection that fits on one page links neither to a next nor to a previous one."""
    group = await given.group(api, entity)

    reply = await api.list(entity, **group.alone, limit=20, page=1)

    expect.length(reply.records, len(group.records), at="data")
    expect.no_link(reply, "next", "prev")


@chapter.proves("list.default-order", scopes={"read", "write"}, entities="primary")
async def default_order(api: Api, entity: Entity) -> str:
    """Without `sort` the order is the same on every request."""
    group = await given.group(api, entity)

    replies = [await given.first_page(api, entity, **group.alone) for _ in range(4)]

    expect.each(replies, lambda reply: expect.in_order(reply.records, replies[0].records))
    times = given.times(replies[0].records)
    return expect.choice(
        newest_first=lambda: expect.descending(times, at="createdAt"),
        another=lambda: expect.exactly(replies[0].records, group.records),
    )


@chapter.proves("list.pages-visit-each-record-once", entities="primary", scopes={"read", "write"}, after=PAGED)
async def pages_visit_each_record_once(api: Api, entity: Entity) -> None:
    """Walking the pages of a selection that does not change gives every record exactly once."""
    group = await given.group(api, entity)

    pages = [await api.list(entity, **group.alone, limit=3, page=page) for page in (1, 2)]

    expect.exactly([record for reply in pages for record in reply.records], group.records)


@chapter.proves("list.unknown-parameter", scopes={"read"}, entities="primary")
async def unknown_parameter(api: Api, entity: Entity) -> str:
    """A query parameter that the API does not know is ignored or refused."""
    reply = await api.list(entity, conformanceUnknown="1")

    return expect.by_status(reply, {200: "ignored", 400: "refused"})


def _can_be_searched_and_sorted(entity: Entity) -> bool:
    return sample.title_is_searchable(entity) and sample.title_is_sortable(entity)


@chapter.proves(
    "list.all-parameters-combine",
    scopes={"read", "write"},
    after={
        "filter.field-equality",
        "search.word-in-title",
        "dates.range-holds-both",
        "sort.descending",
        "select.fields-on-list",
    },
    entities="primary",
    applies=_can_be_searched_and_sorted,
)
async def all_parameters_combine(api: Api, entity: Entity) -> None:
    """Filter, search, dates, sort, fields and pages work together, and `total` counts what they select."""
    group = await given.searchable(api, entity)
    selecting, excluding = given.parameters(api, group)
    together: Query = {**selecting, "sort": group.title, "order": "desc", "fields": ("id", group.title)}
    usual = await given.first_page(api, entity, filter=selecting["filter"])

    reply = await given.first_page(api, entity, **together)
    none = [await given.first_page(api, entity, **{**together, name: value}) for name, value in excluding.items()]

    expect.in_order(reply.records, sorted(group.records, key=lambda record: record[group.title], reverse=True))
    expect.equal(given.pagination(reply, "total"), given.pagination(usual, "total"), at="pagination.total")
    expect.lacks(reply.records[0], "createdAt", at="data[0]")
    expect.each(none, lambda other: expect.exactly(other.records, []))
