"""A list's numbers, headers and links: they agree with each other, with the data and with what was asked (L1 to L6)."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import parse_qsl, urljoin, urlsplit

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History, Seen
from entity_conformance.oracle.lists import LARGEST, Listed, Lists, Numbers
from entity_conformance.suite import expect, ledger
from entity_conformance.suite.expect.headers import as_sent
from entity_conformance.suite.expect.values import shown
from entity_conformance.suite.watch.judgement import Judgement, Watch

Rule = Callable[[Listed, Numbers], object]
"""Judges a list by itself, and raises Violation. Its docstring is the requirement's sentence."""

TOTAL, ONCE = "list.total", "list.pages-visit-each-record-once"
_NO_URI = re.compile(r"[^!-~]")
"""What stands in no URI: blanks, and whatever is not of ASCII (RFC 3986)."""
_FIRST = "1"  # the page of who names none
_FILTERS, _SEARCHES = (
    tuple(sorted(one for one in ledger.everything().requirements if one.startswith(chapter)))
    for chapter in ("filter.", "search.")
)
_DATES = ("dates.start-filters", "dates.end-filters", "dates.range-holds-both", "dates.offset-counts")
_SELECTING: Mapping[str, tuple[str, ...]] = {
    "filter": _FILTERS,
    "search": _SEARCHES,
    **dict.fromkeys(("startDate", "endDate"), _DATES),
}
"""By parameter what must hold of what it selects."""


def _is_regular(listed: Listed, numbers: Numbers) -> bool:
    page, _ = listed.asked_page
    return page is not None and page <= max(numbers.true_pages, 1)


def _has_few_records(listed: Listed, numbers: Numbers) -> None:
    """A page carries at most `limit` records; `total` counts past the page."""
    _, limit = listed.asked_page
    if limit is not None and limit < LARGEST and "limit" in dict(listed.seen.query):
        expect.equal(numbers.limit, limit, at="pagination.limit")
    expect.at_most(len(listed.records), numbers.limit, at="the number of records in data")


def _may_have_a_hundred(listed: Listed, numbers: Numbers) -> None:
    """A limit of 100 is granted."""
    if listed.asked_page[1] == LARGEST:
        expect.equal(numbers.limit, LARGEST, at="pagination.limit")


def _has_twenty(listed: Listed, numbers: Numbers) -> None:
    """Without `limit` a page holds 20 records."""
    if "limit" not in dict(listed.seen.query):
        expect.equal(numbers.limit, 20, at="pagination.limit")


def _is_the_first(listed: Listed, numbers: Numbers) -> None:
    """Without `page` the first page comes."""
    if "page" not in dict(listed.seen.query):
        expect.equal(numbers.page, 1, at="pagination.page")


def _holds_its_part(listed: Listed, numbers: Numbers) -> None:
    """`total` counts the records of the selection, not those of the page."""
    if listed.is_calm:
        told = f"pagination.total is {numbers.total}, and the number of records on this page"
        expect.equal(len(listed.records), numbers.records, at=told)


def _counts_pages(_: Listed, numbers: Numbers) -> None:
    """`totalPages` is total divided by limit, rounded up."""
    if numbers.total:
        expect.equal(numbers.pages, numbers.true_pages, at="pagination.totalPages")


def _counts_no_pages(_: Listed, numbers: Numbers) -> None:
    """A selection of nothing has no records and no pages."""
    if not numbers.total:
        expect.equal(numbers.pages, 0, at="pagination.totalPages")


def _has_next(_: Listed, numbers: Numbers) -> None:
    """`hasNext` is true on every page but the last."""
    expect.equal(numbers.has_next, numbers.page < numbers.true_pages, at="pagination.hasNext")


def _has_prev(_: Listed, numbers: Numbers) -> None:
    """`hasPrev` is true on every page but the first."""
    expect.equal(numbers.has_prev, numbers.page > 1, at="pagination.hasPrev")


def _is_empty_past_the_end(listed: Listed, numbers: Numbers) -> None:
    """A page past the end is empty, with the total of the other pages and a previous page."""
    expect.length(list(listed.records), 0, at="data")
    expect.equal(numbers.has_next, expected=False, at="pagination.hasNext")
    expect.equal(numbers.has_prev, expected=True, at="pagination.hasPrev")


def _tells_the_total(listed: Listed, numbers: Numbers) -> None:
    """X-Total-Count equals `pagination.total`."""
    expect.equal(expect.integer_header(listed.seen.reply, "X-Total-Count"), numbers.total, at="X-Total-Count")


def _tells_the_page(listed: Listed, numbers: Numbers) -> None:
    """X-Page is the page that was asked for."""
    expect.equal(expect.integer_header(listed.seen.reply, "X-Page"), numbers.page, at="X-Page")
    if _is_regular(listed, numbers):
        expect.equal(numbers.page, listed.asked_page[0], at="pagination.page")


def _tells_the_limit(listed: Listed, numbers: Numbers) -> None:
    """X-Per-Page is the limit that was asked for, even where the page holds fewer records."""
    expect.equal(expect.integer_header(listed.seen.reply, "X-Per-Page"), numbers.limit, at="X-Per-Page")


def _links_to_next(listed: Listed, numbers: Numbers) -> None:
    """The Link header names a next page wherever there is one, and not on the last page."""
    if numbers.true_pages > 1:
        _links(listed.seen, "next", is_due=numbers.page < numbers.true_pages)


def _links_to_prev(listed: Listed, numbers: Numbers) -> None:
    """The Link header names the previous page wherever there is one, and no page on the first."""
    if numbers.true_pages > 1:
        _links(listed.seen, "prev", is_due=numbers.page > 1)
        _leads_to(listed.seen, "prev", numbers.page - 1)


def _links_nowhere(listed: Listed, numbers: Numbers) -> None:
    """A selection that fits on one page links neither to a next nor to a previous one."""
    if numbers.true_pages < 2:  # there is none to link to
        expect.no_link(listed.seen.reply, "next", "prev")


def _leads_on(listed: Listed, numbers: Numbers) -> None:
    """Following the link to the next page gives that page of the same selection."""
    _leads_to(listed.seen, "next", numbers.page + 1)


def _links(seen: Seen, rel: str, *, is_due: bool) -> None:
    if is_due:
        expect.link(seen.reply, rel)
    else:
        expect.no_link(seen.reply, rel)


def _shows_each_once(listed: Listed, _: Numbers) -> None:
    """Walking the pages of a selection that does not change gives every record exactly once."""
    twice = shown_twice(listed)
    if twice:
        raise Violation(
            "data holds a record twice", expected="each record once", actual=shown(twice), exchange=listed.seen.exchange
        )


def shown_twice(listed: Listed) -> list[str]:
    """The ids that several records of one list have."""
    ids = Counter(one["id"] for one in listed.records if isinstance(one.get("id"), str))
    return [id_ for id_, number in ids.items() if number > 1]


def _leads_to(seen: Seen, rel: str, page: int) -> None:
    if rel not in seen.reply.links:
        return
    asked = [value for name, value in expect.link(seen.reply, rel).query if name == "page"]
    if (asked or [_FIRST]) != [str(page)]:
        raise Violation(
            f"the link to {rel} leads to another page",
            expected=f"page={page}",
            actual=shown(seen.reply.links.get(rel)),
            exchange=seen.exchange,
        )


def _keeps_parameters(listed: Listed, _: Numbers) -> None:
    """A page link keeps every other query parameter and changes only `page`."""
    asked = Counter((name, as_sent(name, value)) for name, value in listed.seen.query if name != "page")
    for rel, target in listed.seen.reply.links.items():
        if rel in {"next", "prev"}:
            if _NO_URI.search(target):
                raise Violation(
                    f"the target of rel={rel} is no URI",
                    expected="its parameters percent-encoded (RFC 8288)",
                    actual=shown(target),
                    exchange=listed.seen.exchange,
                )
            query = parse_qsl(urlsplit(urljoin(listed.seen.reply.url, target)).query, keep_blank_values=True)
            kept = Counter((name, as_sent(name, value)) for name, value in query if name != "page")
            if kept != asked:
                raise Violation(
                    f"the query of rel={rel}, without its page, differs",
                    expected=shown(sorted(asked.elements())),
                    actual=shown(sorted(kept.elements())),
                    exchange=listed.seen.exchange,
                )


_PAGE: tuple[tuple[str, Rule, tuple[str, ...]], ...] = (
    ("list.page-defaults-to-1", _is_the_first, ()),
    ("list.limit-defaults-to-20", _has_twenty, ()),
    ("list.limit-caps-page", _has_few_records, ()),
    ("list.limit-of-100", _may_have_a_hundred, ()),
    (TOTAL, _holds_its_part, ("list.limit-caps-page", "list.page-selects-records")),
    ("list.total-pages", _counts_pages, (TOTAL,)),
    ("list.total-pages-of-nothing", _counts_no_pages, (TOTAL,)),
    ("list.has-next", _has_next, (TOTAL, "list.total-pages")),
    ("list.has-prev", _has_prev, ()),
    ("list.total-count-header", _tells_the_total, (TOTAL,)),
    ("list.page-header", _tells_the_page, ("list.page-defaults-to-1",)),
    ("list.per-page-header", _tells_the_limit, ("list.limit-caps-page", "list.limit-never-over-100")),
    ("list.link-to-next", _links_to_next, (TOTAL, "list.total-pages", "list.has-next")),
    ("list.link-to-prev", _links_to_prev, ("list.has-prev",)),
    ("list.link-keeps-parameters", _keeps_parameters, ("list.limit-defaults-to-20", "select.fields-repeated")),
    ("list.link-leads-on", _leads_on, ("list.link-to-next", "list.link-keeps-parameters")),
    ("list.no-link-on-single-page", _links_nowhere, (TOTAL, "list.has-next", "list.has-prev")),
    (ONCE, _shows_each_once, ()),
)
_PAST_THE_END: tuple[tuple[str, Rule, tuple[str, ...]], ...] = (
    ("list.page-past-the-end", _is_empty_past_the_end, (TOTAL,)),
    ("list.total-pages", _counts_pages, (TOTAL,)),
    ("list.total-count-header", _tells_the_total, (TOTAL,)),
    ("list.page-header", _tells_the_page, ("list.page-defaults-to-1",)),
    ("list.per-page-header", _tells_the_limit, ("list.limit-caps-page", "list.limit-never-over-100")),
)


def judged(lists: Lists) -> Iterator[Judgement]:
    """What each list says of itself."""
    for listed in lists:
        numbers = listed.numbers
        if numbers is None:
            continue
        for requirement, rule, after in _PAST_THE_END if numbers.is_past_the_end else _PAGE:
            problem = None
            try:
                rule(listed, numbers)
            except Violation as violation:
                problem = violation
            counted = of_a_total(listed) if requirement == TOTAL else ()
            stands_on = (*after, *as_a_reader(listed), *counted)
            yield Judgement(requirement, listed.entity.name, listed.seen.exchange, problem, "body", stands_on)


def as_a_reader(listed: Listed) -> tuple[str, ...]:
    """What must hold for a list to say something that was shown to a read-only key."""
    return ("list.same-for-each-key",) if listed.seen.credential == "read_key" else ()


def of_a_total(listed: Listed) -> tuple[str, ...]:
    """What must hold for a total to say something: whatever selects, selects what it should."""
    names = {name for name, _ in listed.seen.query}
    return tuple(one for parameter, selecting in _SELECTING.items() if parameter in names for one in selecting)


def of_a_filter(listed: Listed) -> tuple[str, ...]:
    """What must hold for what else a question asks to say something: its filter selects what it should."""
    return _FILTERS if "filter" in dict(listed.seen.query) else ()


def _judge(history: History) -> Iterator[Judgement]:
    yield from judged(history.lists)


WATCHES = (
    Watch(
        _judge,
        {name: " ".join((rule.__doc__ or "").split()) for name, rule, _ in (*_PAST_THE_END, *_PAGE)},
    ),
)
