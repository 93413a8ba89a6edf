"""How variants show: the fields of entities (O4, O7)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.settings import Sample, Settings
from entity_server.demo_records import BEN
from entity_server.domain.sentences import Sentence
from entity_server.variants.fields import TIMES

from entity_tests.proofs.variants.claims import Allowed, Ask, freedom, lacking, records, should
from entity_tests.proofs.variants.metadata import Facts, described

_LABELS = should("metadata.types")


_DUE = freedom(
    "O7.tasks",
    shows=lambda run: any(one.get("dueDate") == "2026-01-02" for one in records(run)),
    asks=(("POST", "/tasks", {"title": "Has a date", "dueDate": "2026-01-02"}),),
)


_SHAPE = freedom(
    "O7.others", shows=lambda run: described(run, lambda one: one["schema"].get("company", {}).get("required") is True)
)


def _is_shaped(facts: Facts) -> bool:
    return str(facts["schema"].get("sku", {}).get("pattern", "")).startswith("^[A-Z]")


_OTHER_TEXTS = ("phone", "company")


def _texts(facts: Facts) -> list[str]:
    return [name for name in _OTHER_TEXTS if name in facts["schema"]]


def _untold(field: str, of: str = "customers", *, asks: tuple[Ask, ...] = ()) -> Allowed:
    """A rule of its own, which shows where a creation is refused by it."""
    said = re.compile(rf'"{field}":\s*"{re.escape(Sentence.OTHERWISE())}"')

    def shows(run: Sequence[Exchange]) -> bool:
        refused = [one for one in run if one.method == "POST" and f"/{of}" in one.url and one.status == 400]
        return any(said.search(str(one.response_body)) for one in refused)

    return freedom("O4.untold-rules", takes="rules of its own", shows=shows, asks=asks)


_TO_BEN: tuple[Ask, ...] = (("POST", "/tasks", {"title": "For him", "assigneeId": BEN}),)
_LONG_WORD: tuple[Ask, ...] = (("POST", "/tasks", {"title": "x" * 61}),)
_SKUS = _untold("sku", "products")


def with_skus(settings: Settings) -> Settings:
    """The same, to the runner."""
    return replace(settings, samples=(*settings.samples, Sample("products", "sku", "AB-12")))


CLAIMS: Mapping[str, Allowed] = {
    "a-field-of-another-type": _LABELS,
    "tasks-have-another-field": _DUE,
    "entities-of-another-shape": _SHAPE,
    "fields-with-told-patterns": freedom("O4.tells-more", shows=lambda run: described(run, _is_shaped)),
    "an-entity-of-one-text": freedom(
        "O7.others", shows=lambda run: described(run, lambda one: "segment" in one["schema"] and not _texts(one))
    ),
    "a-field-is-computed": freedom(
        "O7.others",
        shows=lambda run: described(run, lambda one: one["schema"].get("slug", {}).get("generated") is True),
    ),
    "a-parent-is-set-by-the-server": freedom(
        "O7.others", shows=lambda run: any(str(one.get("supplierId")).startswith("cus_demo_") for one in records(run))
    ),
    "products-have-no-times": freedom(
        "O7.others",
        shows=lambda run: described(run, lambda one: "sku" in one["schema"] and not TIMES & {*one["schema"]}),
    ),
    "bounds-are-not-told": freedom(
        "O4.tells-more",
        takes="nothing more",
        shows=lambda run: described(run, lambda facts: "maxLength" in str(facts) and "minLength" not in str(facts)),
    ),
    "phone-numbers-are-checked": _untold("phone"),
    "companies-are-checked": _untold("company"),
    "skus-are-checked": _untold("sku", "products"),
    "skus-are-checked-and-told-by-hand": _SKUS,
    "names-have-no-digits": _untold("name", "products"),
    "words-of-titles-are-short": _untold("title", "tasks", asks=_LONG_WORD),
    "one-of-two-is-needed": _untold("phone"),
    "some-categories-are-sold-in-pounds": _untold("category", "products"),
    "orders-begin-as-pending": _untold("status", "orders"),
    "nothing-is-for-free": _untold("priceCents", "products"),
    "somebody-takes-nothing": _untold("assigneeId", "tasks", asks=_TO_BEN),
    "customers-are-known": lacking(
        "O4.untold-rules", "create.returns-record", "delete.parent-of-optional", unmade={"customers", "orders"}
    ),
}

ASKED_WITH: Mapping[str, Callable[[Settings], Settings]] = {
    "skus-are-checked-and-told-by-hand": with_skus,
}
"""What a run has to be told of a variant."""
