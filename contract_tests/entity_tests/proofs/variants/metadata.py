"""How variants show: OPTIONS, and which entities there are (O1-O8, R19)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from entity_conformance.deployment.exchange import Exchange

from entity_tests.proofs.variants.claims import Allowed, answers, freedom, lacking, should

Facts = dict[str, Any]


def described(run: Sequence[Exchange], holds: Callable[[Facts], bool]) -> bool:
    """Whether the description of an entity holds something."""
    described = answers([one for one in run if one.method == "OPTIONS"], 200)
    return any(holds(cast("Facts", one["data"])) for one in described if isinstance(one.get("data"), dict))


DIRECTORY = (
    "auth.includes-hide-others",
    "auth.directory-is-everybodys",
    "errors.directory-takes-no-writes",
    "errors.read-only-entity",
    "read.directory-record",
    "read.id-of-another-entity",
    "select.include-person",
)


NUMBERS = ("delete.parent-of-optional", "filter.number-equality", "filter.numbers-by-value", "sort.numbers")


def _refused(run: Sequence[Exchange], method: str, status: int) -> bool:
    return any((one.method, one.status) == (method, status) for one in run if "/users" in one.url)


CLAIMS: Mapping[str, Allowed] = {
    "relations-of-tasks-alone": lacking(
        "O7.others",
        "auth.includes-hide-others",
        "delete.parent-of-optional",
        "select.foreign-key-beside-fields",
        "select.include-children",
        "select.include-keeps-foreign-key",
        "select.include-on-list",
        "select.include-parent",
        "situations.included-after-write",
    ),
    "methods-in-another-order": freedom(
        "O1.methods", shows=lambda run: described(run, lambda facts: facts["methods"][0] == "OPTIONS")
    ),
    "methods-name-head": freedom(
        "O1.head", takes="listed", shows=lambda run: described(run, lambda facts: "HEAD" in facts["methods"])
    ),
    "permissions-say-more": freedom(
        "O2.permissions", shows=lambda run: described(run, lambda facts: "share" in facts["permissions"])
    ),
    "descriptions-say-more": freedom(
        "O4.agrees-with-create", shows=lambda run: described(run, lambda facts: "label" in facts["schema"]["id"])
    ),
    "descriptions-hold-nulls": freedom(
        "O4.agrees-with-create",
        shows=lambda run: described(run, lambda facts: facts["schema"]["id"].get("values", "") is None),
    ),
    "windows-in-days": freedom(
        "O3.window", shows=lambda run: described(run, lambda facts: facts["rateLimit"]["window"] == "1d")
    ),
    "unknown-entities-are-not-found": should("errors.unknown-entity-code"),
    "descriptions-say-less": freedom(
        "O4.agrees-with-create",
        shows=lambda run: described(run, lambda facts: "required" not in facts["schema"]["id"]),
    ),
    "entities-beyond-the-contract": freedom(
        "O7.others",
        shows=lambda run: any(one.status == 200 for one in run if "/suppliers" in one.url),
        asks=(("GET", "/suppliers", None),),
    ),
    "without-comments": lacking("O7.others", "situations.included-after-write"),
    "relations-of-another-type": freedom(
        "O8.types", shows=lambda run: described(run, lambda facts: "watchers" in facts["relations"])
    ),
    "without-users": lacking("O7.others", *DIRECTORY),
    "without-products": lacking("O7.others", *NUMBERS),
    "without-customers": lacking("O7.others", "create.returns-record", "delete.parent-of-optional", unmade={"orders"}),
    "without-orders": lacking("O7.others", "filter.datetimes-by-value", "delete.parent-of-optional"),
    "directory-is-empty": lacking("R19.without-directory", *DIRECTORY, "search.each-searchable-entity"),
    "products-are-read-only": lacking("R19.left-out", *NUMBERS[:-1]),  # those that are there can be sorted
    "comments-are-not-edited": freedom(
        "R19.left-out",
        shows=lambda run: described(run, lambda one: one["entity"] == "comments" and "PATCH" not in one["methods"]),
    ),
    "nobodys-record-is-missing": freedom(
        "R19.left-out-at-no-record", takes="404", shows=lambda run: _refused(run, "PATCH", 404)
    ),
    "bodies-before-operations": freedom(
        "R19.left-out-with-bad-body", takes="400", shows=lambda run: _refused(run, "POST", 400)
    ),
}
