"""Faults of LIST: pages, counts, headers, links."""

import re
from dataclasses import replace
from typing import Any, cast
from urllib.parse import unquote_plus

from entity_server.domain.problems import NotFound
from entity_server.domain.query import Query
from entity_server.faults.fault import with_body, with_headers
from entity_server.faults.spoiling import (
    AnyAnswer,
    empty_page,
    is_400,
    names,
    rewriting,
    with_argument,
    with_pagination,
    without,
)
from entity_server.http.services import Answer, Call, Handler, Services

chapter = AnyAnswer()

LISTS = frozenset({"list"})


def _pagination(answer: Answer) -> dict[str, Any]:
    return cast("dict[str, Any]", (answer.body or {})["pagination"])


def _records(answer: Answer) -> list[object]:
    return cast("list[object]", (answer.body or {})["data"])


@chapter.on_answer("list.total-off-by-one", breaks="list.total", to=LISTS)
def total_off_by_one(answer: Answer) -> Answer:
    """`pagination.total` is one more than the selection has."""
    return with_pagination(answer, total=_pagination(answer)["total"] + 1)


@chapter.on_answer("list.data-is-an-object", breaks="list.returns-envelope", to=LISTS)
def data_is_an_object(answer: Answer) -> Answer:
    """The records come inside of an object."""
    return with_body(answer, data={"records": (answer.body or {})["data"]})


@chapter.in_services("list.limit-ignored", breaks="list.limit-caps-page")
def limit_ignored(services: Services) -> Services:
    """A page carries up to 100 records, whatever `limit` says."""

    def widened(query: Query) -> Query:
        return replace(query, page=replace(query.page, limit=100)) if query.page.number == 1 else query

    return rewriting(services, widened)


@chapter.around("list.limit-defaults-to-10", breaks="list.limit-defaults-to-20", to=LISTS)
async def limit_defaults_to_10(call: Call, handler: Handler) -> Answer:
    """Without `limit` a page carries 10 records."""
    return await handler(replace(call, arguments={"limit": ("10",), **call.arguments}))


@chapter.around("list.page-defaults-to-2", breaks="list.page-defaults-to-1", to=LISTS)
async def page_defaults_to_2(call: Call, handler: Handler) -> Answer:
    """Without `page` the second page is answered."""
    return await handler(replace(call, arguments={"page": ("2",), **call.arguments}))


@chapter.around("list.limit-of-100-is-50", breaks="list.limit-of-100", to=LISTS)
async def limit_of_100_is_50(call: Call, handler: Handler) -> Answer:
    """`limit=100` is taken as 50."""
    return await with_argument(call, handler, "limit", lambda given: "50" if given == "100" else given)


@chapter.on_any_answer("list.limit-above-100-fails", breaks="list.limit-above-100", statuses=is_400)
def limit_above_100_fails(answer: Answer) -> Answer:
    """A `limit` above 100 makes the server fail."""
    return replace(answer, status=500) if names(answer, "limit") else answer


@chapter.on_any_answer("list.bad-limit-accepted", breaks="list.bad-limit", statuses=is_400)
def bad_limit_accepted(answer: Answer) -> Answer:
    """A `limit` that is no number from 1 answers an empty page."""
    return empty_page(answer) if names(answer, "limit") else answer


@chapter.on_any_answer("list.bad-page-accepted", breaks="list.bad-page", statuses=is_400)
def bad_page_accepted(answer: Answer) -> Answer:
    """A `page` that is no number from 1 answers an empty page."""
    return empty_page(answer) if names(answer, "page") else answer


@chapter.on_any_answer("list.bad-paging-unnamed", breaks="list.bad-paging-details", statuses=is_400)
def bad_paging_unnamed(answer: Answer) -> Answer:
    """The refusal of `page` or `limit` does not name it."""
    concerned = names(answer, "page") or names(answer, "limit")
    return with_body(answer, details={"query": "Is wrong"}) if concerned else answer


@chapter.in_services("list.page-ignored", breaks="list.page-selects-records")
def page_ignored(services: Services) -> Services:
    """Every page carries the records of the first."""
    return rewriting(services, lambda query: replace(query, page=replace(query.page, number=1)))


@chapter.on_answer("list.total-pages-rounded-down", breaks="list.total-pages", to=LISTS)
def total_pages_rounded_down(answer: Answer) -> Answer:
    """`totalPages` does not count the last page when it is not full."""
    page = _pagination(answer)
    return with_pagination(answer, totalPages=page["total"] // page["limit"])


@chapter.on_answer("list.nothing-has-a-page", breaks="list.total-pages-of-nothing", to=LISTS)
def nothing_has_a_page(answer: Answer) -> Answer:
    """An empty selection has one page."""
    return with_pagination(answer, totalPages=max(1, _pagination(answer)["totalPages"]))


@chapter.on_answer("list.has-next-always", breaks="list.has-next", to=LISTS)
def has_next_always(answer: Answer) -> Answer:
    """`hasNext` is true on the last page too."""
    return with_pagination(answer, hasNext=True)


@chapter.on_answer("list.has-prev-never", breaks="list.has-prev", to=LISTS)
def has_prev_never(answer: Answer) -> Answer:
    """`hasPrev` is false on every page."""
    return with_pagination(answer, hasPrev=False)


@chapter.around("list.past-the-end-is-missing", breaks="list.page-past-the-end", to=LISTS)
async def past_the_end_is_missing(call: Call, handler: Handler) -> Answer:
    """A page past the end is not found."""
    answer = await handler(call)
    page = _pagination(answer)
    if page["page"] > max(1, page["totalPages"]):
        raise NotFound
    return answer


@chapter.on_answer("list.count-header-of-the-page", breaks="list.total-count-header", to=LISTS)
def count_header_of_the_page(answer: Answer) -> Answer:
    """`X-Total-Count` counts the page's records alone."""
    return with_headers(answer, X_Total_Count=str(len(_records(answer))))


@chapter.on_answer("list.page-header-from-zero", breaks="list.page-header", to=LISTS)
def page_header_from_zero(answer: Answer) -> Answer:
    """`X-Page` counts from 0."""
    return with_headers(answer, X_Page=str(_pagination(answer)["page"] - 1))


@chapter.on_answer("list.per-page-header-missing", breaks="list.per-page-header", to=LISTS)
def per_page_header_missing(answer: Answer) -> Answer:
    """`X-Per-Page` is left out."""
    return with_headers(answer, X_Per_Page=None)


@chapter.on_answer("list.no-link-to-next", breaks="list.link-to-next", to=LISTS)
def no_link_to_next(answer: Answer) -> Answer:
    """`Link` does not name the next page."""
    links = [link for link in answer.headers.get("Link", "").split(", ") if 'rel="next"' not in link]
    return with_headers(answer, Link=", ".join(links) or None)


@chapter.on_answer("list.no-link-to-prev", breaks="list.link-to-prev", to=LISTS)
def no_link_to_prev(answer: Answer) -> Answer:
    """`Link` does not name the previous page."""
    links = [link for link in answer.headers.get("Link", "").split(", ") if 'rel="prev"' not in link]
    return with_headers(answer, Link=", ".join(links) or None)


@chapter.on_answer("list.link-drops-parameters", breaks="list.link-keeps-parameters", to=LISTS)
def link_drops_parameters(answer: Answer) -> Answer:
    """`Link` keeps `page` and drops every other query parameter."""
    bare = re.sub(r"\?[^>]*?(page=\d+)[^>]*>", r"?\1>", answer.headers.get("Link", ""))
    return with_headers(answer, Link=bare or None)


@chapter.on_answer("list.link-decoded", breaks="list.link-keeps-parameters", to=LISTS)
def link_decoded(answer: Answer) -> Answer:
    """`Link` writes the words of a search as they are read, blanks among them."""
    links = re.sub(r"(?<=[?&]search=)[^&>]*", lambda found: unquote_plus(found[0]), answer.headers.get("Link", ""))
    return with_headers(answer, Link=links or None)


@chapter.on_answer("list.link-skips-a-page", breaks="list.link-leads-on", to=LISTS)
def link_skips_a_page(answer: Answer) -> Answer:
    """The link to the next page leads to the one after it."""
    following = str(_pagination(answer)["page"] + 2)
    links = answer.headers.get("Link", "").split(", ")
    changed = [
        re.sub(r"([?&]page=)\d+", rf"\g<1>{following}", link) if 'rel="next"' in link else link for link in links
    ]
    return with_headers(answer, Link=", ".join(changed) or None)


@chapter.on_answer("list.link-on-a-single-page", breaks="list.no-link-on-single-page", to=LISTS)
def link_on_a_single_page(answer: Answer) -> Answer:
    """`Link` names a next page when there is none."""
    return answer if "Link" in answer.headers else with_headers(answer, Link='</api/v1/tasks?page=2>; rel="next"')


@chapter.around("list.pages-overlap", breaks="list.pages-visit-each-record-once", to=LISTS)
async def pages_overlap(call: Call, handler: Handler) -> Answer:
    """A page begins with the last record of the page before it."""
    answer = await handler(call)
    page = _pagination(answer)["page"]
    if page < 2:
        return answer
    before = await handler(replace(call, arguments={**call.arguments, "page": (str(page - 1),)}))
    return with_body(answer, data=[*_records(before)[-1:], *_records(answer)[1:]])


@chapter.around("list.unknown-parameter-fails", breaks="list.unknown-parameter", to=LISTS)
async def unknown_parameter_fails(call: Call, handler: Handler) -> Answer:
    """A query parameter that the API does not know answers 404."""
    known = {parameter.name for parameter in call.operation.parameters}
    if call.arguments.keys() - known:
        raise NotFound
    return await handler(call)


@chapter.around("list.fields-beside-search-ignored", breaks="select.fields-on-list", to=LISTS)
async def fields_beside_search_ignored(call: Call, handler: Handler) -> Answer:
    """`fields` is ignored where there is a `search` as well."""
    return await (without(call, handler, "fields") if "search" in call.arguments else handler(call))


@chapter.around("list.search-beside-filter-ignored", breaks="list.all-parameters-combine", to=LISTS)
async def search_beside_filter_ignored(call: Call, handler: Handler) -> Answer:
    """`search` is ignored where there is a `filter` as well."""
    return await (without(call, handler, "search") if "filter" in call.arguments else handler(call))


@chapter.around("list.filter-beside-search-ignored", breaks="list.all-parameters-combine", to=LISTS)
async def filter_beside_search_ignored(call: Call, handler: Handler) -> Answer:
    """`filter` is ignored where there is a `search` as well."""
    return await (without(call, handler, "filter") if "search" in call.arguments else handler(call))


@chapter.around("list.dates-beside-search-ignored", breaks="list.all-parameters-combine", to=LISTS)
async def dates_beside_search_ignored(call: Call, handler: Handler) -> Answer:
    """`startDate` and `endDate` are ignored where there is a `search` as well."""
    return await (without(call, handler, "startDate", "endDate") if "search" in call.arguments else handler(call))


@chapter.around("list.sort-beside-search-ignored", breaks="list.all-parameters-combine", to=LISTS)
async def sort_beside_search_ignored(call: Call, handler: Handler) -> Answer:
    """`sort` is ignored where there is a `search` as well."""
    return await (without(call, handler, "sort", "order") if "search" in call.arguments else handler(call))


@chapter.on_any_answer("list.limit-claimed", breaks="list.limit-never-over-100", statuses=is_400)
def limit_claimed(answer: Answer) -> Answer:
    """A page says that it may hold as many as anybody asks for."""
    return with_pagination(empty_page(answer), limit=1000) if names(answer, "limit") else answer


@chapter.on_answer("list.link-loses-the-prefix", breaks="list.link-leads-on", to=LISTS)
def link_loses_the_prefix(answer: Answer) -> Answer:
    """Links lack the first part of the path, as behind a gateway that the server does not know of."""
    link = answer.headers.get("Link")
    return answer if link is None else with_headers(answer, Link=link.replace("</api/v1/", "</v1/"))


@chapter.on_answer("list.long-texts-cut", breaks="list.shows-whole-records", to=LISTS)
def long_texts_cut(answer: Answer) -> Answer:
    """A list shows the first 1,000 characters of a text."""

    def cut(record: object) -> object:
        held = cast("dict[str, object]", record)
        return {name: value[:1000] if isinstance(value, str) else value for name, value in held.items()}

    return with_body(answer, data=[cut(record) for record in _records(answer)])
