"""Lists: pages, links and orders (L1-L13, L22)."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

import httpx
from entity_contract import FieldType

from entity_server.domain.ordering import Ordering
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.projection import Record
from entity_server.domain.sentences import Sentence
from entity_server.faults.fault import with_body, with_headers
from entity_server.faults.spoiling import names, with_argument
from entity_server.http.services import Answer, Call, Handler, Services
from entity_server.variants.rearranged import arranged, sorted_by
from entity_server.variants.variant import (
    Chapter,
)
from entity_server.variants.wire import readdressed

chapter = Chapter()

LISTS = frozenset({"list"})
_LINK = re.compile(r"<([^>]*)>")


def _by_type(*types: FieldType) -> Callable[[Ordering | None], bool]:
    return lambda ordering: ordering is not None and ordering.field.type in types


@chapter.around("limit-is-capped", "L2.above-100=capped", to=LISTS)
async def limit_is_capped(call: Call, handler: Handler) -> Answer:
    """A limit above 100 is taken as 100."""

    def capped(given: str) -> str:
        return "100" if re.fullmatch("[0-9]+", given) and int(given) > 100 else given

    return await with_argument(call, handler, "limit", capped)


@chapter.around("page-past-the-end-is-refused", against="L3.empty-page", to=LISTS)
async def page_past_the_end_is_refused(call: Call, handler: Handler) -> Answer:
    """A page past the end is refused as a bad parameter."""
    answer = await handler(call)
    pagination = _pagination(answer)
    if pagination["page"] > max(pagination["totalPages"], 1):
        raise ValidationFailed(details={"page": Sentence.OTHERWISE()})
    return answer


@chapter.around("page-past-the-end-is-the-last", against="L3.empty-page", to=LISTS)
async def page_past_the_end_is_the_last(call: Call, handler: Handler) -> Answer:
    """A page past the end is the last page."""
    answer = await handler(call)
    pagination = _pagination(answer)
    last = max(pagination["totalPages"], 1)
    return await with_argument(call, handler, "page", lambda _: str(last)) if pagination["page"] > last else answer


def _pagination(answer: Answer) -> dict[str, int]:
    return cast("dict[str, int]", (answer.body or {})["pagination"])


@chapter.on_answer(
    "links-are-absolute",
    "L6.origin=another origin",
    to=LISTS,
)
def links_are_absolute(answer: Answer) -> Answer:
    """Page links name a host, the one that the outside world knows."""
    return _relinked(answer, lambda target: f"https://api.example.com{target}")


@chapter.on_answer("links-are-queries", "L6.leads-on", to=LISTS)
def links_are_queries(answer: Answer) -> Answer:
    """Page links are relative to the path that was asked: a query alone."""
    return _relinked(answer, lambda target: f"?{urlsplit(target).query}")


@chapter.on_answer("links-leave-out-the-first-page", "L6.leads-on", to=LISTS)
def links_leave_out_the_first_page(answer: Answer) -> Answer:
    """Page links to the first page name none."""

    def bare(target: str) -> str:
        parts = urlsplit(target)
        kept = [one for one in parts.query.split("&") if one != "page=1"]
        return parts._replace(query="&".join(kept)).geturl()

    return _relinked(answer, bare)


@chapter.on_answer("links-in-another-spelling", "L6.keeps-parameters", to=LISTS)
def links_in_another_spelling(answer: Answer) -> Answer:
    """Page links encode as forms do, in another order, with bare relations and further parameters."""

    def spelled(target: str) -> str:
        parts = urlsplit(target)
        query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)), quote_via=quote_plus)
        return f"{parts.path}?{query}"

    respelled = _relinked(answer, spelled)
    value = re.sub(r'rel="(\w+)"', r'rel=\1; title="page, to the \1"', respelled.headers.get("Link", ""))
    return with_headers(answer, Link=value) if value else answer


@chapter.on_answer("links-to-first-and-last", "L6.next-and-prev", to=LISTS)
def links_to_first_and_last(answer: Answer) -> Answer:
    """Page links lead to the first and the last page too, on every page."""
    pagination = _pagination(answer)
    ends = f'<?page=1>; rel="first", <?page={max(pagination["totalPages"], 1)}>; rel="last"'
    return with_headers(answer, Link=", ".join(filter(None, (ends, answer.headers.get("Link")))))


@chapter.on_the_wire(
    "links-in-headers-of-their-own",
    "L6.next-and-prev",
)
def links_in_headers_of_their_own(response: httpx.Response) -> httpx.Response:
    """Each page link is a Link header of its own."""
    pairs: list[tuple[bytes, bytes]] = []
    for name, value in response.headers.raw:
        parts = (
            re.split(r",\s*(?=<)", value.decode("latin-1")) if name.lower() == b"link" else [value.decode("latin-1")]
        )
        pairs += [(name, part.encode("latin-1")) for part in parts]
    return httpx.Response(response.status_code, headers=pairs, content=response.content, request=response.request)


@chapter.on_answer("links-with-empty-elements", "L6.next-and-prev", to=LISTS)
def links_with_empty_elements(answer: Answer) -> Answer:
    """The list of page links has elements that are empty, as where a gateway joins several."""
    link = answer.headers.get("Link")
    return answer if link is None else with_headers(answer, Link=f", {link},")


def _relinked(answer: Answer, change: Callable[[str], str]) -> Answer:
    link = answer.headers.get("Link")
    return answer if link is None else with_headers(answer, Link=_LINK.sub(lambda one: f"<{change(one[1])}>", link))


@chapter.in_services("oldest-first", "L7.default-order=another")
def oldest_first(services: Services) -> Services:
    """Without `sort` the oldest record comes first."""
    return arranged(
        services,
        lambda ordering, found: sorted_by(ordering, found, lambda record: record["createdAt"]),
        concerns=lambda ordering: ordering is None,
    )


@chapter.in_services("titles-first", "L7.default-order=another")
def titles_first(services: Services) -> Services:
    """Without `sort` records stand in the order of their first text."""

    def text(record: Record) -> str:
        return next((str(value) for name, value in record.items() if name in {"title", "name", "text"}), "")

    return arranged(
        services,
        lambda ordering, found: sorted_by(ordering, found, text),
        concerns=lambda ordering: ordering is None,
    )


@chapter.in_services("ties-by-descending-id", "L8.ties=otherwise")
def ties_by_descending_id(services: Services) -> Services:
    """Records that a sort does not tell apart stand in descending order of their ids."""

    def turned(ordering: Ordering | None, found: Sequence[Record]) -> Sequence[Record]:
        assert ordering is not None
        runs: list[list[Record]] = []
        for record in found:
            if runs and runs[-1][0][ordering.field.name] == record[ordering.field.name]:
                runs[-1].append(record)
            else:
                runs.append([record])
        return [record for run in runs for record in reversed(run)]

    return arranged(services, turned, concerns=lambda ordering: ordering is not None)


@chapter.around("sort-by-several-fields", "L9.comma-list=honoured", to=LISTS)
async def sort_by_several_fields(call: Call, handler: Handler) -> Answer:
    """A comma list sorts by its first field, and so on; records of this API hardly ever tie in the first."""
    several = "," in "".join(call.arguments.get("sort", ()))
    return await (
        with_argument(call, handler, "sort", lambda given: given.partition(",")[0]) if several else handler(call)
    )


@chapter.on_any_answer(
    "bad-order-fails-validation",
    "L10.code=VALIDATION_FAILED",
    statuses=lambda status: status == 400,
)
def bad_order_fails_validation(answer: Answer) -> Answer:
    """A bad `order` has the code of any other bad parameter."""
    return with_body(answer, code="VALIDATION_FAILED") if names(answer, "order") else answer


@chapter.around("order-without-sort-counts", "L10.without-sort=applied", to=LISTS)
async def order_without_sort_counts(call: Call, handler: Handler) -> Answer:
    """Without `sort`, `order` is the way in which the records' creation is ordered."""
    alone = "order" in call.arguments and "sort" not in call.arguments
    return await handler(replace(call, arguments={**call.arguments, "sort": ("createdAt",)}) if alone else call)


@chapter.in_services("enums-by-alphabet", "L11.enums=alphabetical")
def enums_by_alphabet(services: Services) -> Services:
    """Enums sort by the letters of their values."""
    return arranged(
        services,
        lambda ordering, found: sorted_by(ordering, found, lambda record: record[_field(ordering)]),
        concerns=_by_type("enum"),
    )


def _field(ordering: Ordering | None) -> str:
    assert ordering is not None
    return ordering.field.name


def _nulls(services: Services, *, at_start: Callable[[Ordering], bool]) -> Services:
    """The records without a value at the start of a list, where that holds of the ordering, else at its end."""

    def moved(ordering: Ordering | None, found: Sequence[Record]) -> Sequence[Record]:
        assert ordering is not None
        nulls = [record for record in found if record[ordering.field.name] is None]
        others = [record for record in found if record[ordering.field.name] is not None]
        return [*nulls, *others] if at_start(ordering) else [*others, *nulls]

    return arranged(services, moved, concerns=lambda ordering: ordering is not None)


@chapter.in_services("nulls-first", "L12.nulls=first")
def nulls_first(services: Services) -> Services:
    """Nulls come first in ascending order and last in descending."""
    return _nulls(services, at_start=lambda ordering: not ordering.descending)


@chapter.in_services("nulls-always-last", "L12.nulls=always-last")
def nulls_always_last(services: Services) -> Services:
    """Nulls come last, whichever the order."""
    return _nulls(services, at_start=lambda _: False)


@chapter.in_services("nulls-always-first", "L12.nulls=always-first")
def nulls_always_first(services: Services) -> Services:
    """Nulls come first, whichever the order."""
    return _nulls(services, at_start=lambda _: True)


@chapter.in_services("text-in-any-case", "L13.collation=case-insensitive")
def text_in_any_case(services: Services) -> Services:
    """Text sorts without regard to capitals."""
    return _collated(services, str.casefold)


@chapter.in_services("text-as-a-locale-has-it", "L13.collation=a locale's")
def text_as_a_locale_has_it(services: Services) -> Services:
    """Text sorts as a locale has it: letters first, then accents and capitals, punctuation last."""

    def collated(text: str) -> str:
        plain = unicodedata.normalize("NFKD", text).casefold()
        return "".join(one for one in plain if one.isalnum()) + text.swapcase()

    return _collated(services, collated)


def _collated(services: Services, key: Callable[[str], str]) -> Services:
    def ordered(ordering: Ordering | None, found: Sequence[Record]) -> Sequence[Record]:
        name = _field(ordering)
        nulls = [record for record in found if record[name] is None]
        texts = [record for record in found if record[name] is not None]
        in_order = sorted_by(ordering, texts, lambda record: key(str(record[name])))
        return [*nulls, *in_order] if nulls and found[0] is nulls[0] else [*in_order, *nulls]

    return arranged(services, ordered, concerns=_by_type("string", "text"))


@chapter.around("unknown-parameters-are-refused", "L22.unknown-parameter=refused", to=LISTS)
async def unknown_parameters_are_refused(call: Call, handler: Handler) -> Answer:
    """A query parameter that the API does not know is refused."""
    known = {parameter.name for parameter in call.operation.parameters}
    unknown = [name for name in call.arguments if name not in known]
    if unknown:
        raise ValidationFailed(details=dict.fromkeys(unknown, Sentence.OTHERWISE()))
    return await handler(call)


@chapter.on_the_way_in(
    "far-pages-are-empty",
    "L3.beyond-32-bits=an empty page",
)
def far_pages_are_empty(request: httpx.Request) -> httpx.Request:
    """A page that no 32 bits can count to is empty, like any other past the end."""
    return readdressed(
        request, lambda query: [(k, "2147483647" if k == "page" and len(v) > 9 else v) for k, v in query]
    )


_SINGLE = {"page", "limit", "sort", "order", "search", "startDate", "endDate"}


@chapter.on_the_way_in(
    "the-first-of-two-counts",
    "E20.given-twice=first",
)
def the_first_of_two_counts(request: httpx.Request) -> httpx.Request:
    """Of a parameter that is given twice the first value counts."""
    return readdressed(request, _once)


@chapter.on_the_way_in(
    "the-last-of-two-counts",
    "E20.given-twice=last",
)
def the_last_of_two_counts(request: httpx.Request) -> httpx.Request:
    """Of a parameter that is given twice the last value counts."""
    return readdressed(request, lambda query: _once(query[::-1])[::-1])


def _once(query: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The query with the first value alone of each parameter that can have only one."""
    names = [name for name, _ in query]
    return [pair for place, pair in enumerate(query) if pair[0] not in _SINGLE or pair[0] not in names[:place]]
