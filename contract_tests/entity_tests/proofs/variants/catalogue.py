"""All variants, chapter by chapter of the decisions.

The variants that break a SHOULD are, where the server has such a fault, the faults of that SHOULD, but for those that
may fail a MUST besides (`besides`).
"""

from dataclasses import replace
from itertools import product

from entity_conformance.suite import ledger
from entity_server.faults import FAULTS

from entity_tests.proofs.besides import may_fail
from entity_tests.proofs.variants import (
    answers,
    authentication,
    fields,
    kept_records,
    lists,
    metadata,
    queries,
    record_bodies,
)
from entity_tests.proofs.variants.variant import Variant, should

CHAPTERS = (
    lists.chapter,
    queries.chapter,
    record_bodies.chapter,
    kept_records.chapter,
    metadata.chapter,
    fields.chapter,
    authentication.chapter,
    answers.chapter,
)

OPT_IN = frozenset({"limits.retry-after"})
"""SHOULDs whose check has to be asked for."""

NEVER_ALONE = frozenset({"create.nobodys-foreign-key", "update.nobodys-foreign-key"})
"""SHOULDs that no variant breaks: who drops the key that was sent breaks a MUST too (R10)."""


def _faults() -> tuple[Variant, ...]:
    requirements = ledger.load().requirements
    return tuple(
        Variant(fault.id, should(*sorted(may_fail(fault))), fault.summary, acts=(fault,))
        for fault in FAULTS
        if {requirements[one].level for one in may_fail(fault)} == {"should"} and fault.breaks not in OPT_IN
    )


ABOUT_CUSTOMERS = (
    "customers-are-known",
    "companies-are-checked",
    "phone-numbers-are-checked",
    "an-entity-of-one-text",
    "entities-of-another-shape",
)

APART: tuple[frozenset[str], ...] = (
    frozenset({"filter.eq-means-ne", "filter.ne-means-eq"}),
    frozenset({"filter.gt-includes", "filter.gte-excludes"}),
    frozenset({"filter.lt-includes", "filter.lte-excludes"}),
    frozenset({"filter.text-compared-backwards", "filter.gt-includes", "filter.gte-excludes"}),
    frozenset({"filter.text-compared-backwards", "filter.lt-includes", "filter.lte-excludes"}),
    frozenset({"filter.contains-at-the-start", "filter.starts-with-anywhere", "filter.ends-with-anywhere"}),
    frozenset({"ties-by-descending-id", "enums-by-alphabet"}),
    frozenset({"oldest-first", "times-in-whole-seconds"}),
    frozenset({"times-in-whole-seconds", "dates.start-exclusive", "dates.end-exclusive"}),
    frozenset({"titles-first", "times-in-whole-seconds"}),
    frozenset({"included-children-in-another-order", "without-comments"}),
    frozenset({"included-records-are-partial", "without-comments"}),
    frozenset({"filter.twice-is-accepted", "filter.no-details"}),
    frozenset({"filter-by-empty-list-selects-nothing", "filter.list-operand-ignored"}),
    frozenset({"search-in-one-field", "search-by-full-text"}),
    frozenset({"filter-by-value-of-wrong-type-selects-nothing", "filter.wrong-type-ignored"}),
    *(
        frozenset({without, about})
        for without, about in product(
            ("without-products", "products-are-read-only"),
            ("skus-are-checked", "skus-are-checked-and-told-by-hand", "fields-with-told-patterns"),
        )
    ),
    *(frozenset({"without-customers", about}) for about in ABOUT_CUSTOMERS),
)
"""Variants that undo or hide one another where both are there."""

_NO_OPERATORS = frozenset(one.id for one in queries.chapter.variants if one.id.endswith("-operators"))


def _apart(variant_id: str) -> frozenset[str]:
    """The variants that the one of that id would undo, or hide."""
    filters = {fault.id for fault in FAULTS if fault.breaks.startswith("filter.")}
    filters |= {one.id for one in queries.chapter.variants if one.id.startswith("filter")}
    hidden = filters if variant_id in _NO_OPERATORS else frozenset()
    return frozenset().union(hidden, *(group for group in APART if variant_id in group)) - {variant_id}


VARIANTS: tuple[Variant, ...] = tuple(
    replace(one, apart=one.apart | _apart(one.id))
    for one in (*(one for chapter in CHAPTERS for one in chapter.variants), *_faults())
)
