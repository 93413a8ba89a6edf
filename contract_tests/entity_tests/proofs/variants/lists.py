"""How variants show: lists: pages, links and orders (L1-L13, L22)."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from entity_conformance.deployment.exchange import Exchange

from entity_tests.proofs.variants.claims import (
    Allowed,
    Ask,
    answers,
    choice,
    freedom,
    header_values,
    records,
    should,
)


def _links(exchanges: Sequence[Exchange], part: str) -> bool:
    return any(part in value for value in header_values(exchanges, "Link"))


def _links_back_without_a_page(exchanges: Sequence[Exchange]) -> bool:
    links = [link for value in header_values(exchanges, "Link") for link in value.split(", ")]
    return any('rel="prev"' in link and "page=" not in link for link in links)


def _count(exchange: Exchange, name: str) -> int:
    return sum(known.lower() == name for known, _ in exchange.response_headers)


def _ties_by_descending_id(run: Sequence[Exchange]) -> bool:
    return any(
        one[name] == other[name] and one["id"] > other["id"]
        for exchange in run
        for name in parse_qs(urlsplit(exchange.url).query).get("sort", ())
        for one, other in pairwise(records([exchange]))
        if name in one and name in other
    )


ALPHA, ZETA = "alpha is written small", "Zeta is written large"


_ASKED = {"filter": json.dumps({"title": {"$in": [ALPHA, ZETA]}}), "sort": "title"}


_IN_ORDER: tuple[Ask, ...] = (
    ("POST", "/tasks", {"title": ALPHA}),
    ("POST", "/tasks", {"title": ZETA}),
    ("GET", f"/tasks?{urlencode(_ASKED, quote_via=quote)}", None),
)


def _small_before_large(run: Sequence[Exchange]) -> bool:
    titles = [record.get("title") for record in records([one for one in run if "sort=title" in one.url][-1:])]
    return list(dict.fromkeys(titles)) == [ALPHA, ZETA]


_TWICE: tuple[Ask, ...] = (("GET", "/tasks?limit=2&limit=3", None),)


def _limited_to(run: Sequence[Exchange], limit: int) -> bool:
    twice = [one for one in run if "limit=2&limit=3" in one.url and one.status == 200]
    return any(body["pagination"]["limit"] == limit for body in answers(twice))


CLAIMS: Mapping[str, Allowed] = {
    "limit-is-capped": choice(list__limit_above_100="capped"),
    "page-past-the-end-is-refused": should("list.page-past-the-end"),
    "page-past-the-end-is-the-last": should("list.page-past-the-end"),
    "links-are-absolute": freedom(
        "L6.origin", takes="another origin", shows=lambda run: _links(run, "<https://api.example.com/")
    ),
    "links-leave-out-the-first-page": freedom("L6.leads-on", shows=_links_back_without_a_page),
    "links-are-queries": freedom("L6.leads-on", shows=lambda run: _links(run, "<?")),
    "links-in-another-spelling": freedom("L6.keeps-parameters", shows=lambda run: _links(run, "; rel=next;")),
    "links-to-first-and-last": freedom("L6.next-and-prev", shows=lambda run: _links(run, 'rel="last"')),
    "links-in-headers-of-their-own": freedom(
        "L6.next-and-prev", shows=lambda run: any(_count(one, "link") > 1 for one in run)
    ),
    "links-with-empty-elements": freedom(
        "L6.next-and-prev", shows=lambda run: any(one.endswith(",") for one in header_values(run, "Link"))
    ),
    "oldest-first": choice(list__default_order="another"),
    "titles-first": choice(list__default_order="another"),
    "ties-by-descending-id": freedom("L8.ties", takes="otherwise", shows=_ties_by_descending_id),
    "sort-by-several-fields": choice(sort__several_fields="honoured"),
    "bad-order-fails-validation": choice(sort__bad_order_code="VALIDATION_FAILED"),
    "order-without-sort-counts": choice(sort__order_alone="applied"),
    "enums-by-alphabet": choice(sort__enums="alphabetical"),
    "nulls-first": choice(sort__nulls="first"),
    "nulls-always-last": choice(sort__nulls="always-last"),
    "nulls-always-first": choice(sort__nulls="always-first"),
    "text-in-any-case": freedom("L13.collation", takes="case-insensitive", shows=_small_before_large, asks=_IN_ORDER),
    "text-as-a-locale-has-it": freedom("L13.collation", takes="a locale's", shows=_small_before_large, asks=_IN_ORDER),
    "unknown-parameters-are-refused": choice(list__unknown_parameter="refused"),
    "far-pages-are-empty": freedom(
        "L3.beyond-32-bits",
        takes="an empty page",
        shows=lambda run: any(one.status == 200 for one in run if "page=4294967296" in one.url),
        asks=(("GET", "/tasks?page=4294967296", None),),
    ),
    "the-first-of-two-counts": freedom(
        "E20.given-twice", takes="first", shows=lambda run: _limited_to(run, 2), asks=_TWICE
    ),
    "the-last-of-two-counts": freedom(
        "E20.given-twice", takes="last", shows=lambda run: _limited_to(run, 3), asks=_TWICE
    ),
}
