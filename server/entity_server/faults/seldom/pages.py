"""Pages, counts and links that are wrong for some page or some question only."""

import re
from dataclasses import replace
from urllib.parse import urlencode

from entity_contract import Entity

from entity_server.domain.problems import NotFound
from entity_server.domain.query import Query
from entity_server.faults.fault import with_headers
from entity_server.faults.seldom.when import argument, asked, page_of, rows_of
from entity_server.faults.spoiling import AnyAnswer, with_data, with_pagination
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Handler, Listing, Services

chapter = AnyAnswer()

LISTS = frozenset({"list"})


def _is_full_last(answer: Answer) -> bool:
    page = page_of(answer)
    return bool(page["page"] == page["totalPages"] and page["total"] == page["page"] * page["limit"])


def _is_partial_last(answer: Answer) -> bool:
    page = page_of(answer)
    return bool(page["page"] == page["totalPages"] and page["total"] < page["page"] * page["limit"])


@chapter.on_answer("list.has-next-on-full-last-page", breaks="list.has-next", to=LISTS)
def has_next_on_full_last_page(answer: Answer) -> Answer:
    """`hasNext` is true on a last page that is exactly full."""
    return with_pagination(answer, hasNext=True) if _is_full_last(answer) else answer


@chapter.on_answer("list.has-next-in-words", breaks="list.returns-envelope", to={"listOrders", "listCustomers"})
def has_next_in_words(answer: Answer) -> Answer:
    """Of a list of several pages, of customers and orders, `hasNext` is "yes" or "no"."""
    page = page_of(answer)
    return with_pagination(answer, hasNext="yes" if page["hasNext"] else "no") if page["totalPages"] > 1 else answer


@chapter.around("list.link-past-a-full-page", breaks="list.link-to-next", to=LISTS)
async def link_past_a_full_page(call: Call, handler: Handler) -> Answer:
    """`Link` names a next page after a last page that is exactly full."""
    answer = await handler(call)
    if not _is_full_last(answer):
        return answer
    kept = [(name, value) for name, values in call.arguments.items() for value in values if name != "page"]
    link = f'<{call.path}?{urlencode([*kept, ("page", page_of(answer)["page"] + 1)])}>; rel="next"'
    return with_headers(answer, Link=", ".join(filter(None, (link, answer.headers.get("Link")))))


def _links(answer: Answer, pattern: str, instead: str) -> Answer:
    link = answer.headers.get("Link")
    return answer if link is None else with_headers(answer, Link=re.sub(pattern, instead, link))


@chapter.on_answer("list.link-drops-order", breaks="list.link-keeps-parameters", to=LISTS)
def link_drops_order(answer: Answer) -> Answer:
    """`Link` loses `order`."""
    return _links(answer, r"order=[^&>]*&", "")


@chapter.on_answer("list.link-to-prev-is-first", breaks="list.link-to-prev", to=LISTS)
def link_to_prev_is_first(answer: Answer) -> Answer:
    """The link to the previous page names the first page, whichever it is."""
    return _links(answer, r'([?&]page=)\d+([^<>]*>; rel="prev")', r"\g<1>1\2")


@chapter.on_answer("list.total-pages-of-full-pages", breaks="list.total-pages", to=LISTS)
def total_pages_of_full_pages(answer: Answer) -> Answer:
    """Where `limit` divides `total` there is one page too many."""
    page = page_of(answer)
    is_full = page["total"] > 0 and page["total"] % page["limit"] == 0
    return with_pagination(answer, totalPages=page["totalPages"] + 1) if is_full else answer


@chapter.on_answer("list.nothing-past-the-end", breaks="list.page-past-the-end", to=LISTS)
def nothing_past_the_end(answer: Answer) -> Answer:
    """Past the end the total is 0."""
    page = page_of(answer)
    if page["page"] <= page["totalPages"] or page["page"] == 1:
        return answer
    return with_headers(with_pagination(answer, total=0, totalPages=0), X_Total_Count="0")


@chapter.around("list.no-page-of-nothing", breaks="list.page-past-the-end", to=LISTS)
async def no_page_of_nothing(call: Call, handler: Handler) -> Answer:
    """Where nothing is selected there is no second page: it is a 404."""
    answer = await handler(call)
    if page_of(answer)["total"] == 0 and page_of(answer)["page"] > 1:
        raise NotFound
    return answer


@chapter.around("list.third-page-repeats", breaks="list.pages-visit-each-record-once", to=LISTS)
async def third_page_repeats(call: Call, handler: Handler) -> Answer:
    """The third page begins with the records of the second."""
    answer = await handler(call)
    if argument(call, "page") != "3" or not rows_of(answer):
        return answer
    second = rows_of(await asked(call, handler, page="2"))
    return with_data(answer, second[: len(rows_of(answer))])


@chapter.on_answer("list.once-for-each-child", breaks="list.pages-visit-each-record-once", to=LISTS)
def once_for_each_child(answer: Answer) -> Answer:
    """A list that includes children holds a record once for each of them, and as many records as it should."""
    rows = rows_of(answer)
    joined = [one for one in rows for _ in range(max([1, *(len(of) for of in one.values() if isinstance(of, list))]))]
    return with_data(answer, joined[: len(rows)])


@chapter.on_answer("list.last-page-short", breaks="list.page-selects-records", to=LISTS)
def last_page_short(answer: Answer) -> Answer:
    """A last page behind others that is not full lacks its last record."""
    is_short = _is_partial_last(answer) and page_of(answer)["page"] > 1
    return with_data(answer, rows_of(answer)[:-1]) if is_short else answer


@chapter.around("list.count-header-unfiltered", breaks="list.total-count-header", to=LISTS)
async def count_header_unfiltered(call: Call, handler: Handler) -> Answer:
    """`X-Total-Count` does not look at the filter."""
    answer = await handler(call)
    if "filter" not in call.arguments:
        return answer
    everything = await asked(call, handler, filter=None)
    return with_headers(answer, X_Total_Count=str(page_of(everything)["total"]))


@chapter.on_answer("list.per-page-of-the-last", breaks="list.per-page-header", to=LISTS)
def per_page_of_the_last(answer: Answer) -> Answer:
    """`X-Per-Page` is the number of records on a last page that is not full."""
    return with_headers(answer, X_Per_Page=str(len(rows_of(answer)))) if _is_partial_last(answer) else answer


@chapter.anew("list.total-of-before", breaks="list.total")
def total_of_before() -> Acts:
    """A list of all comments tells the total that it told first."""
    known: dict[str, int] = {}

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        is_list = call is not None and call.operation.id == "listComments" and answer.status == 200
        if call is None or not is_list or call.arguments.keys() & {"filter", "search", "startDate", "endDate"}:
            return answer
        total = known.setdefault(call.owner, page_of(answer)["total"])
        return with_headers(with_pagination(answer, total=total), X_Total_Count=str(total))

    return Acts(outgoing=outgoing)


@chapter.on_answer("list.link-encodes-blanks-twice", breaks="list.link-keeps-parameters", to={"listOrders"})
def link_encodes_blanks_twice(answer: Answer) -> Answer:
    """`Link` of orders encodes what is encoded already in a search."""
    return _links(answer, r"(search=[^&>]*?)(?:%20|\+)", r"\g<1>%2520")


@chapter.on_answer("list.link-writes-dates-plainly", breaks="list.link-keeps-parameters", to=LISTS)
def link_writes_dates_plainly(answer: Answer) -> Answer:
    """`Link` has the plus of a date's offset as it stands, which is a blank in a query."""
    return _links(answer, r"((?:start|end)Date=[^&>]*?)%2B", r"\g<1>+")


@chapter.in_services("list.last-page-filled-up", breaks="list.total")
def last_page_filled_up(services: Services) -> Services:
    """The last of several pages of a filtered list of products is filled up with records of the page before."""

    class FilledUp(RecordsWrapper):
        async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
            found = await self.inner.list(entity, query, owner)
            page, is_meant = query.page, entity.name == "products" and query.selection.conditions
            lacking = page.number * page.limit - found.total
            if not is_meant or page.number == 1 or not 0 < lacking < page.limit:
                return found
            before = await self.inner.list(entity, replace(query, page=replace(page, number=page.number - 1)), owner)
            return Page([*before.records[-lacking:], *found.records], found.total)

    return replace(services, records=FilledUp(services.records))
