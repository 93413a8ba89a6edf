"""Every variant of the server with its proof, and what else is allowed.

The variants that break a SHOULD are, where the server has such a fault, the faults of that SHOULD, but for those that
may fail a MUST besides (`besides`).
"""

from collections.abc import Callable, Mapping

from entity_conformance.deployment.settings import Settings
from entity_conformance.suite import ledger
from entity_server import variants as served
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
from entity_tests.proofs.variants.claims import Allowed, Variant, should

BY_CHAPTER: Mapping[str, Mapping[str, Allowed]] = {
    "lists": lists.CLAIMS,
    "queries": queries.CLAIMS,
    "record bodies": record_bodies.CLAIMS,
    "kept records": kept_records.CLAIMS,
    "metadata": metadata.CLAIMS,
    "fields": fields.CLAIMS,
    "authentication": authentication.CLAIMS,
    "answers": answers.CLAIMS,
}
"""How each variant of the server shows, by what it is about."""

CLAIMS: Mapping[str, Allowed] = {name: claim for claims in BY_CHAPTER.values() for name, claim in claims.items()}
"""How each variant of the server shows."""

ASKED_WITH: Mapping[str, Callable[[Settings], Settings]] = {
    **queries.ASKED_WITH,
    **fields.ASKED_WITH,
    **authentication.ASKED_WITH,
}

OPT_IN = frozenset({"limits.retry-after"})
"""SHOULDs whose check has to be asked for."""

NEVER_ALONE = frozenset({"create.nobodys-foreign-key", "update.nobodys-foreign-key"})
"""SHOULDs that no variant breaks: who drops the key that was sent breaks a MUST too (R10)."""


def _faults() -> tuple[Variant, ...]:
    requirements = ledger.load().requirements
    return tuple(
        Variant(fault.id, should(*sorted(may_fail(fault))), fault.summary, acts=(fault,), apart=_apart(fault.id))
        for fault in FAULTS
        if {requirements[one].level for one in may_fail(fault)} == {"should"} and fault.breaks not in OPT_IN
    )


APART: tuple[frozenset[str], ...] = (
    frozenset({"filter.eq-means-ne", "filter.ne-means-eq"}),
    frozenset({"filter.gt-includes", "filter.gte-excludes"}),
    frozenset({"filter.lt-includes", "filter.lte-excludes"}),
    frozenset({"filter.text-compared-backwards", "filter.gt-includes", "filter.gte-excludes"}),
    frozenset({"filter.text-compared-backwards", "filter.lt-includes", "filter.lte-excludes"}),
    frozenset({"filter.contains-at-the-start", "filter.starts-with-anywhere", "filter.ends-with-anywhere"}),
    frozenset({"filter.contains-by-case", "filter.contains-wild-in-long-text"}),
    frozenset({"ties-by-descending-id", "enums-by-alphabet"}),
    frozenset({"times-in-whole-seconds", "dates.start-exclusive", "dates.end-exclusive"}),
    frozenset({"filter.twice-is-accepted", "filter.no-details"}),
    frozenset({"search.blank-finds-no-customer", "dates.day-of-products-ends-at-once"}),
    frozenset({"a-user-is-renamed", "without-users", "directory-is-empty"}),
    frozenset({"filter-by-empty-list-selects-nothing", "filter.list-operand-ignored"}),
    frozenset({"filter-by-value-of-wrong-type-selects-nothing", "filter.wrong-type-ignored"}),
)
"""Deviations that undo or hide one another where both are there, besides the server's variants among themselves."""

_NO_OPERATORS = frozenset(one.id for one in served.VARIANTS if one.id.endswith("-operators"))

_BESIDE_FILTERS = frozenset({"search.blank-finds-no-customer", "dates.day-of-products-ends-at-once"})
"""Deviations that are told beside filters alone, and where these are right."""


def _apart(variant_id: str) -> frozenset[str]:
    """The faults and variants that the one of that id would undo, or hide."""
    faults = frozenset(fault.id for fault in FAULTS if fault.breaks.startswith("filter."))
    hidden = faults if variant_id in _NO_OPERATORS | _BESIDE_FILTERS else frozenset[str]()
    return hidden.union(*(group for group in APART if variant_id in group)) - {variant_id}


def _proven(one: served.Variant) -> Variant:
    """A variant of the server with its proof."""
    return Variant(
        one.id,
        CLAIMS[one.id],
        one.summary,
        acts=one.acts,
        rewrite=one.rewrite,
        readdress=one.readdress,
        document=one.document,
        settings=ASKED_WITH.get(one.id),
        apart=one.apart | _apart(one.id),
    )


OF_THE_SERVER: tuple[Variant, ...] = tuple(_proven(one) for one in served.VARIANTS)
VARIANTS: tuple[Variant, ...] = (*OF_THE_SERVER, *_faults())
