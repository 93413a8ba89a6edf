"""The other legal servers: what the rulings allow besides what this server does, off unless asked for.

One file for each chapter of the rulings. To add a variant, write a function under its chapter's decorator, and how it
shows in `entity_tests.proofs.variants`. `choosing` reads what was asked for, `altered` puts it in front of the server.
"""

from dataclasses import replace
from itertools import product

from entity_server.variants import (
    answers,
    authentication,
    fields,
    kept_records,
    lists,
    metadata,
    queries,
    record_bodies,
)
from entity_server.variants.variant import Variant

__all__ = ["VARIANTS", "Variant"]

_CHAPTERS = (
    lists.chapter,
    queries.chapter,
    record_bodies.chapter,
    kept_records.chapter,
    metadata.chapter,
    fields.chapter,
    authentication.chapter,
    answers.chapter,
)

_ABOUT_CUSTOMERS = (
    "customers-are-known",
    "companies-are-checked",
    "phone-numbers-are-checked",
    "an-entity-of-one-text",
    "entities-of-another-shape",
)

_APART: tuple[frozenset[str], ...] = (
    frozenset({"ids-are-uuids", "ids-are-numbers", "ids-are-short", "ids-of-odd-characters"}),
    frozenset(
        {
            *("times-in-whole-seconds", "times-in-microseconds", "times-in-nanoseconds", "times-in-picoseconds"),
            *("times-with-an-offset", "times-in-two-zones"),
        }
    ),
    frozenset({"links-are-absolute", "links-are-queries"}),
    frozenset({"page-past-the-end-is-refused", "page-past-the-end-is-the-last"}),
    frozenset({"limits-refill", "limits-refill-fast"}),
    frozenset({"limits-refill-fast", "limits-of-another-size"}),
    frozenset({"oldest-first", "titles-first"}),
    frozenset({"records-are-shared", "records-are-shared-to-read"}),
    frozenset({"oldest-first", "times-in-whole-seconds"}),
    frozenset({"titles-first", "times-in-whole-seconds"}),
    *(
        frozenset({"children-touch-their-parents", times})
        for times in ("times-in-whole-seconds", "times-are-kept-in-whole-seconds")
    ),
    frozenset({"included-children-in-another-order", "without-comments"}),
    frozenset({"included-records-are-partial", "without-comments"}),
    frozenset({"search-in-one-field", "search-by-full-text"}),
    *(
        frozenset({without, about})
        for without, about in product(
            ("without-products", "products-are-read-only"),
            ("skus-are-checked", "skus-are-checked-and-told-by-hand", "fields-with-told-patterns"),
        )
    ),
    *(frozenset({"without-customers", about}) for about in _ABOUT_CUSTOMERS),
)
"""Variants that undo or hide one another where both are there."""

_DECLARED = tuple(one for chapter in _CHAPTERS for one in chapter.variants)
_ABOUT_FILTERS = frozenset(one.id for one in queries.chapter.variants if one.id.startswith("filter"))
_NO_OPERATORS = frozenset(one.id for one in queries.chapter.variants if one.id.endswith("-operators"))


def _apart(variant_id: str) -> frozenset[str]:
    """The variants that the one of that id would undo, or hide."""
    hidden = _ABOUT_FILTERS if variant_id in _NO_OPERATORS else frozenset[str]()
    return hidden.union(*(group for group in _APART if variant_id in group)) - {variant_id}


VARIANTS: tuple[Variant, ...] = tuple(replace(one, apart=one.apart | _apart(one.id)) for one in _DECLARED)
