"""All variants, chapter by chapter of the decisions.

The variants that break a SHOULD are, where the server has such a fault, the faults of that SHOULD: what turns the check
of a SHOULD red may turn nothing else red. A fault that says more than it should here is left out, with the reason.
"""

from collections.abc import Mapping
from dataclasses import replace

from entity_conformance.suite import ledger
from entity_server.faults import FAULTS

from entity_tests.proofs.variants import (
    answers,
    authentication,
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
    authentication.chapter,
    answers.chapter,
)

OPT_IN = frozenset({"limits.retry-after"})
"""SHOULDs whose check has to be asked for."""

BESIDES: Mapping[str, tuple[str, ...]] = {
    "filter.gt-includes": ("filter.range", "filter.integers-by-value"),
    "filter.lt-includes": ("filter.range",),
    "filter.lte-excludes": ("filter.dates-by-value",),
    "filter.text-compared-backwards": ("filter.gt", "filter.gte", "filter.lt", "filter.lte"),
    "filter.contains-at-the-start": ("filter.contains-literally",),
    "filter.comparison-of-enum-ignored": ("filter.comparison-of-boolean",),
    "filter.wrong-type-ignored": ("filter.list-operand",),
    "select.unknown-field-accepted": ("select.unknown-field-on-read",),
    "select.first-relation-alone": ("select.include-repeated",),
    "select.unknown-relation-accepted": ("select.unknown-relation-on-read", "select.dotted-relation"),
    "select.dotted-relation-fails": ("select.unknown-relation", "select.unknown-relation-on-read"),
    "read.person-without-name": ("auth.directory-is-everybodys",),
    "errors.read-only-is-missing": ("errors.unknown-method",),
}
"""Faults that break other SHOULDs too, which say nearly the same."""

_CUT = "it looks into records that `fields` may have cut, and finds less than it means to"

NOT_ALLOWED: Mapping[str, str] = {
    "filter.eq-means-ne": "a plain value is compared like $eq, which is a MUST",
    "search.whole-words": _CUT,
    "search.first-field-alone": _CUT,
    "search.words-in-one-field": _CUT,
    "select.unknown-field-missing": "it answers 500 with the code of a 400",
    "metadata.another-type": "the types of tasks are the reference's",
    "errors.unknown-path-is-empty": "a record that is not there is answered with 200, too",
    "errors.unknown-entity-unnamed": "OPTIONS must say that the entity is unknown",
}
"""Faults of a SHOULD that break a MUST as well, and so are no variants."""


def _faults() -> tuple[Variant, ...]:
    requirements = ledger.load().requirements
    return tuple(
        Variant(
            id=fault.id,
            allowed=should(fault.breaks, *BESIDES.get(fault.id, ())),
            summary=fault.summary,
            acts=(fault,),
        )
        for fault in FAULTS
        if requirements[fault.breaks].level == "should" and fault.breaks not in OPT_IN and fault.id not in NOT_ALLOWED
    )


APART: tuple[frozenset[str], ...] = (
    frozenset({"filter.gt-includes", "filter.gte-excludes"}),
    frozenset({"filter.lt-includes", "filter.lte-excludes"}),
    frozenset({"filter.text-compared-backwards", "filter.gt-includes", "filter.gte-excludes"}),
    frozenset({"filter.text-compared-backwards", "filter.lt-includes", "filter.lte-excludes"}),
    frozenset({"filter.contains-at-the-start", "filter.starts-with-anywhere", "filter.ends-with-anywhere"}),
    frozenset({"ties-by-descending-id", "enums-by-alphabet"}),
    frozenset({"oldest-first", "times-in-whole-seconds"}),
    frozenset({"times-in-whole-seconds", "dates.start-exclusive", "dates.end-exclusive"}),
    frozenset({"titles-first", "times-in-whole-seconds"}),
    frozenset({"filter.twice-is-accepted", "filter.no-details"}),
    frozenset({"create.nobodys-foreign-key-dropped", "update.nobodys-foreign-key-dropped"}),
    frozenset({"filter-by-empty-list-selects-nothing", "filter.list-operand-ignored"}),
    frozenset({"search-in-one-field", "search-by-full-text"}),
    frozenset({"filter-by-value-of-wrong-type-selects-nothing", "filter.wrong-type-ignored"}),
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
