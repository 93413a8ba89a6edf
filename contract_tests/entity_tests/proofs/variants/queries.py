"""How variants show: filters, search, dates, fields and relations (L14-L21)."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from entity_conformance.deployment.settings import Settings

from entity_tests.proofs.variants.claims import Allowed, choice, freedom, records, should

_LATE = freedom(
    "L18.settle",
    shows=lambda run: not any(records([one]) for one in run if "search=quillwortz" in one.url),
    asks=(("POST", "/tasks", {"title": "quillwortz"}), ("GET", "/tasks?search=quillwortz", None)),
)

_EVERYWHERE = freedom(
    "L18.other-fields",
    shows=lambda run: any(records([one]) for one in run if "search=quillworth%20tsk_" in one.url),
    asks=(("POST", "/tasks", {"title": "quillworth"}), ("GET", "/tasks?search=quillworth%20tsk_", None)),
)


def _partial(children: object) -> bool:
    return isinstance(children, list) and any(set(one) == {"id", "text"} for one in children)


def _falls(children: object) -> bool:
    ids = [one["id"] for one in children] if isinstance(children, list) else []
    return len(ids) > 1 and ids == sorted(ids, reverse=True)


def with_time_to_settle(settings: Settings) -> Settings:
    """The runner waits a second before it searches."""
    return replace(settings, settle=1.0)


CLAIMS: Mapping[str, Allowed] = {
    "no-comparison-operators": should("filter.gt"),
    "no-equality-operators": should("filter.eq", "filter.ne"),
    "no-list-operators": should("filter.in", "filter.nin"),
    "no-text-operators": should(
        "filter.contains", "filter.starts-with", "filter.ends-with", "filter.contains-any-case"
    ),
    "no-null-operators": should("filter.null", "filter.not-null"),
    "filter-by-value-of-wrong-type-selects-nothing": should("filter.operand-of-wrong-type", "filter.list-operand"),
    "filter-by-value-outside-enum-selects-nothing": should("filter.value-outside-enum"),
    "filter-by-empty-list-selects-nothing": should("filter.list-operand"),
    "dates-have-no-order": should("filter.dates-by-value"),
    "starts-with-by-case": choice(filter__starts_with_case="case-sensitive"),
    "ends-with-by-case": choice(filter__ends_with_case="case-sensitive"),
    "ne-leaves-nulls-out": choice(filter__ne_beside_null="no-match"),
    "nin-leaves-nulls-out": choice(filter__nin_beside_null="no-match"),
    "search-by-full-text": should("search.part-of-word", "search.other-fields", "search.each-searchable-entity"),
    "search-in-one-field": should("search.words-across-fields"),
    "search-indexes-late": _LATE,
    "search-in-every-field": _EVERYWHERE,
    "search-needs-longer-words": should("search.literal-characters"),
    "no-range-is-empty": choice(dates__start_after_end="empty"),
    "no-id-unasked": choice(select__id_unasked="without-id"),
    "included-records-are-partial": freedom(
        "L21.belongs-to", shows=lambda run: any(_partial(one.get("comments")) for one in records(run))
    ),
    "included-children-in-another-order": freedom(
        "L21.has-many", shows=lambda run: any(_falls(one.get("comments")) for one in records(run))
    ),
    "datetimes-need-an-offset": choice(filter__datetime_without_offset="refused"),
    "foreign-keys-are-kept": choice(select__foreign_key_beside_fields="kept"),
}

ASKED_WITH: Mapping[str, Callable[[Settings], Settings]] = {
    "search-indexes-late": with_time_to_settle,
}
"""What a run has to be told of a variant."""
