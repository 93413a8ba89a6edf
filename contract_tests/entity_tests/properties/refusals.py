"""The documented refusals: requests that the contract's schemas admit and its words refuse.

A schema cannot say "an existing task", "not before startDate" or "a filter for this entity". Each such rule is one row
of `REFUSALS`: where it holds, which ruling made it, what it answers, and whether it applies to a request as it was
sent. The property tests use the table both ways: what a row covers may be refused with that status and code and no
other, and must not be accepted.

On a live deployment the level of a row's clause says how grave it is when the deployment takes such a request
nevertheless.

A third, small reading of the rules, shared with neither server nor runner.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import partial

from entity_contract import Action, Entity, Operator, rulings
from entity_contract.rulings import Level

from entity_tests.properties.filters import filter_breaks, moment

SEPARATORS = "\x1c\x1d\x1e\x1f"
"""What some languages count as white space and Unicode does not (R12)."""


def level_of(clause: str) -> Level:
    """How grave it is to break a clause; one that judges no deployment lets it do as it likes."""
    return rulings.load().level(clause) or "choice"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it left: decoded query arguments, the JSON body (None without one), the entity it is about.

    `operation` is the operationId; `operators` are those of the filter; `living` are the ids of the caller's records
    by entity, and of the directory; `valid` judges a value by the schema at a pointer; `entities` are the deployment's
    own, by name.
    """

    operation: str
    action: Action | None
    generic: bool
    entity: Entity | None
    operators: tuple[Operator, ...]
    query: Mapping[str, tuple[str, ...]]
    body: object
    living: Mapping[str, frozenset[str]]
    now: datetime
    valid: Callable[[str, object], bool]
    entities: Mapping[str, Entity] = field(default_factory=dict)

    def argument(self, name: str) -> str | None:
        """The first value of a query argument."""
        return next(iter(self.query.get(name, ())), None)

    def names(self, name: str) -> tuple[str, ...]:
        """The items of a comma list."""
        return tuple(item for value in self.query.get(name, ()) for item in value.split(",") if value)

    @property
    def members(self) -> Mapping[str, object]:
        """The body's members; none when it is no object."""
        return self.body if isinstance(self.body, dict) else {}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row: the operations it is about, the field or parameter, the clause of the rulings, and the answer."""

    operations: str
    field: str
    ruling: str
    status: int
    code: str
    applies: Callable[[Sent], bool]

    @property
    def level(self) -> Level:
        """How grave it is to accept what the row is about."""
        return level_of(self.ruling)


def _breaks_filter(sent: Sent, clause: str) -> bool:
    text = sent.argument("filter")
    if sent.action != "list" or sent.entity is None or text is None:
        return False
    return clause in filter_breaks(sent.operators, sent.entity, text)


def _nul_in_search(sent: Sent) -> bool:
    return sent.action == "list" and sent.entity is not None and "\0" in (sent.argument("search") or "")


def _too_many_words(sent: Sent) -> bool:
    return sent.action == "list" and len(set((sent.argument("search") or "").split())) > 100


def _start_after_end(sent: Sent) -> bool:
    start, end = moment(sent.argument("startDate")), moment(sent.argument("endDate"), day=time.max)
    return sent.action == "list" and start is not None and end is not None and start > end


def _no_moment(sent: Sent) -> bool:
    return sent.action == "list" and any(
        (text := sent.argument(name)) is not None and moment(text) is None for name in ("startDate", "endDate")
    )


def _nul_in_body(sent: Sent) -> bool:
    return any("\0" in value for value in sent.members.values() if isinstance(value, str))


def _nobodys_foreign_key(sent: Sent) -> bool:
    if sent.entity is None or sent.action not in ("create", "update"):
        return False
    return any(
        isinstance(value := sent.members.get(relation.foreign_key), str)
        and value not in sent.living.get(relation.entity, frozenset())
        for relation in sent.entity.relations
        if relation.type == "belongsTo"
    )


def _blank(sent: Sent) -> bool:
    return any(_is_space(text) and not any(one in text for one in SEPARATORS) for text in _required_texts(sent))


def _separators(sent: Sent) -> bool:
    return any(_is_space(text) and any(one in text for one in SEPARATORS) for text in _required_texts(sent))


def _required_texts(sent: Sent) -> tuple[str, ...]:
    fields = sent.entity.fields if sent.entity and sent.action in ("create", "update") else ()
    values = (sent.members.get(field.name) for field in fields if field.required)
    return tuple(value for value in values if isinstance(value, str))


def _is_space(text: str) -> bool:
    return not text.replace("\ufeff", " ").strip()


def _no_calendar(sent: Sent) -> bool:
    """A date-time that RFC 3339 admits and no calendar has: a leap second, the year 0."""
    fields = sent.entity.fields if sent.entity and sent.action in ("create", "update") else ()
    times = [sent.members.get(field.name) for field in fields if field.type == "datetime"]
    times += [sent.members.get("expiresAt")] if sent.operation == "createApiKey" else []
    return any(isinstance(text, str) and moment(text) is None for text in times)


def _past_expiry(sent: Sent) -> bool:
    expiry = sent.members.get("expiresAt") if sent.operation == "createApiKey" else None
    instant = moment(expiry) if isinstance(expiry, str) else None
    return instant is not None and instant <= sent.now


def _blank_name(sent: Sent) -> bool:
    name = sent.members.get("name") if sent.operation == "createApiKey" else None
    return isinstance(name, str) and not name.strip()


def _unknown_field(sent: Sent) -> bool:
    return (
        sent.generic and sent.entity is not None and any(not sent.entity.field(name) for name in sent.names("fields"))
    )


def _unknown_relation(sent: Sent) -> bool:
    """A relation that the entity does not have, or does not have on this deployment."""
    known = {one.name for one in sent.entity.includable} if sent.entity is not None else None
    return known is not None and not known.issuperset(sent.names("include"))


def _unsortable(sent: Sent) -> bool:
    field = sent.argument("sort")
    return sent.generic and sent.entity is not None and field is not None and field not in sent.entity.sortable


def _read_only(sent: Sent) -> bool:
    return sent.generic and sent.entity is not None and sent.action not in sent.entity.operations


def _no_such_body(sent: Sent) -> bool:
    """A body through the generic path that the entity's own schema refuses."""
    if not sent.generic or sent.entity is None or sent.action not in ("create", "update"):
        return False
    pointer = sent.entity.create_schema if sent.action == "create" else sent.entity.update_schema
    return pointer is not None and not sent.valid(pointer, sent.body)


_OF_FILTERS = (
    "L15.not-json", "L15.not-an-object", "L15.unknown-field", "L15.strict-json", "L15.top-level-operator",
    "L15.unknown-operator", "L15.empty-operators", "L15.list-operand", "L15.null-operand", "L15.wrong-type",
    "L15.outside-enum", "L15.no-order", "L15.bare-null",
)  # fmt: skip
"""The clauses that one filter can break."""

REFUSALS = (
    *(
        Refusal("every list", "filter", clause, 400, "INVALID_FILTER", partial(_breaks_filter, clause=clause))
        for clause in _OF_FILTERS
    ),
    Refusal("every list", "search", "R16.refused", 400, "VALIDATION_FAILED", _nul_in_search),
    Refusal("every list", "search", "L18.many-words", 400, "VALIDATION_FAILED", _too_many_words),
    Refusal("every list", "startDate", "L19.start-after-end", 400, "VALIDATION_FAILED", _start_after_end),
    Refusal("every list", "startDate, endDate", "L19.not-a-date", 400, "VALIDATION_FAILED", _no_moment),
    Refusal("every body", "any text", "R16.refused", 400, "VALIDATION_FAILED", _nul_in_body),
    Refusal("every create and update", "foreign keys", "R17.nobodys", 400, "VALIDATION_FAILED", _nobodys_foreign_key),
    Refusal("every create and update", "required text", "R12.blank", 400, "VALIDATION_FAILED", _blank),
    Refusal("every create and update", "required text", "R12.separators", 400, "VALIDATION_FAILED", _separators),
    Refusal("every create and update", "date-times", "R13.no-calendar", 400, "VALIDATION_FAILED", _no_calendar),
    Refusal("createApiKey", "expiresAt", "A10.past-expiry", 400, "VALIDATION_FAILED", _past_expiry),
    Refusal("createApiKey", "name", "A10.name-length", 400, "VALIDATION_FAILED", _blank_name),
    Refusal("generic list and read", "fields", "L20.unknown-field", 400, "VALIDATION_FAILED", _unknown_field),
    Refusal("list and read", "include", "L21.unknown-relation", 400, "VALIDATION_FAILED", _unknown_relation),
    Refusal("the generic list", "sort", "L9.unknown-field", 400, "INVALID_SORT", _unsortable),
    Refusal("the generic operations", "entity", "R19.left-out", 405, "METHOD_NOT_ALLOWED", _read_only),
    Refusal("the generic create and update", "body", "R1.missing", 400, "VALIDATION_FAILED", _no_such_body),
)
"""Every refusal that a schema cannot say."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The other way round: a value that the schema refuses and a clause of the rulings admits."""

    operations: str
    field: str
    ruling: str
    applies: Callable[[Sent], bool]


def _empty(name: str) -> Callable[[Sent], bool]:
    return lambda sent: name in sent.query and not sent.names(name)


def _moment_without_offset(name: str) -> Callable[[Sent], bool]:
    return lambda sent: moment(sent.argument(name)) is not None


ALLOWANCES = (
    Allowance("every list and read", "fields", "L20.empty", _empty("fields")),
    Allowance("every list and read", "include", "L21.several", _empty("include")),
    Allowance("every list", "startDate", "L19.filters", _moment_without_offset("startDate")),
    Allowance("every list", "endDate", "L19.filters", _moment_without_offset("endDate")),
)
"""Every value that is taken although its schema does not say so."""


def allowed(sent: Sent, parameters: Collection[str]) -> bool:
    """Whether every one of these query parameters holds a value that is taken although its schema refuses it."""
    return bool(parameters) and all(
        any(row.field == name and row.applies(sent) for row in ALLOWANCES) for name in parameters
    )


def documented(sent: Sent) -> tuple[Refusal, ...]:
    """The rows that apply to a request."""
    return tuple(row for row in REFUSALS if row.applies(sent))


def utc_now() -> datetime:
    """The moment at which a request is judged."""
    return datetime.now(UTC)
