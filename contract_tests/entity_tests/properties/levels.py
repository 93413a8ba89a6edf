"""How grave a failure is on a deployment that nobody here wrote: MUST, SHOULD, or a CHOICE that is no failure at all.

The reference leaves much open. Each row of a table is about one kind of failure, one situation and one clause of the
rulings, whose level it has, and the first row that applies counts. What no row knows is a MUST.

    a valid request was refused       rows of `REFUSED`
    an invalid one was accepted       rows of `ACCEPTED`, one for each thing that was wrong with it: the gravest counts
    anything else                     rows of `ANSWERED`

Pure. Nothing is let pass for good: a row judges one case. It is long because the tables are one: a reader looks up a
clause in one file, and the first row counts.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import get_args

from entity_conformance.deployment.patterns import matches
from entity_conformance.oracle.values import is_unusual
from entity_conformance.suite import sample
from entity_contract import Entity, Field, RelationType, load
from entity_contract.rulings import Level
from schemathesis.core.failures import Failure, ServerError
from schemathesis.openapi.checks import (
    AllowHeaderMismatch,
    JsonSchemaError,
    MissingHeaders,
    UndefinedStatusCode,
    UnsupportedMethodResponse,
)

from entity_tests.properties.filters import filter_breaks, moment
from entity_tests.properties.judged import Judged, Judgement, Row, Wrong, WrongRow
from entity_tests.properties.refusals import Refusal, documented, level_of

LARGEST_PAGE = 1_000_000
"""Pages that a deployment may be expected to count to."""

OWN_CODES = frozenset({402, 405, 413, 422, 503})
"""Statuses to which the reference gives no code (E1)."""

LATER: Mapping[str, str] = {
    "www-authenticate": "A2.challenge",
    "allow": "E3.other-method",
    "retry-after": "E5.retry-after",
}
"""Headers that the reference does not ask for, and the clauses that do."""

BOUNDS = frozenset({"minLength", "pattern", "format", "minimum", "maximum", "minItems", "uniqueItems", "multipleOf"})
"""Keywords of a schema about which the reference says nothing (R1.other-bounds)."""

SHORTEST_INDEXED = 3
"""Characters of a word that a full-text engine may ask for at least."""
MUCH = 100
"""Characters of a prompt, and tokens, of which a deployment may want no more; the reference's default is as many."""

_GRAVITY: Mapping[Level, int] = {"choice": 0, "should": 1, "must": 2}


class Breach(Failure):
    """A failure that a check of our own found. Its level is that of the clause, unless another is given.

    `exchange` is the one that showed it, where the check asked again.
    """

    __slots__ = ("actual", "check", "exchange", "expected", "level", "ruling")

    def __init__(
        self,
        operation: str,
        check: str,
        message: str,
        *,
        ruling: str,
        level: Level | None = None,
        exchange: str = "",
        expected: str = "",
        actual: str = "",
    ) -> None:
        super().__init__(operation=operation, title=check, message=message)
        self.check = check
        self.level: Level = level or level_of(ruling)
        self.ruling = ruling
        self.exchange = exchange
        self.expected, self.actual = expected, actual

    @property
    def _unique_key(self) -> str:
        return f"{self.check} {self.message}"


def _is_query(*names: str) -> Callable[[Judged, Wrong], bool]:
    return lambda _, wrong: wrong.place == "query" and wrong.name in names


def _is_rule(*rules: str) -> Callable[[Judged, Wrong], bool]:
    return lambda _, wrong: wrong.place == "body" and wrong.rule in rules


def _integer(judged: Judged, name: str) -> int | None:
    text = judged.sent.argument(name) or ""
    return int(text) if text.removeprefix("-").isdecimal() and text.isascii() else None


def _is_repeated(judged: Judged, wrong: Wrong) -> bool:
    return wrong.place == "query" and len(judged.sent.query.get(wrong.name, ())) > 1


def _is_unknown_parameter(_: Judged, wrong: Wrong) -> bool:
    return wrong.place == "query" and wrong.rule == "unknown"


def _is_clamped(judged: Judged, wrong: Wrong) -> bool:
    pagination, data = judged.answer.get("pagination"), judged.answer.get("data")
    said = pagination.get("limit") if isinstance(pagination, Mapping) else None
    return (
        (wrong.place, wrong.name) == ("query", "limit")
        and (_integer(judged, "limit") or 0) > 100
        and isinstance(said, int | float)  # 100.0 is 100 (E18)
        and said <= 100
        and isinstance(data, list)
        and len(data) <= said
    )


def _is_far_page(judged: Judged, wrong: Wrong) -> bool:
    return (wrong.place, wrong.name) == ("query", "page") and (_integer(judged, "page") or 0) > LARGEST_PAGE


def _is_comma_list(judged: Judged, wrong: Wrong) -> bool:
    return (wrong.place, wrong.name) == ("query", "sort") and "," in (judged.sent.argument("sort") or "")


def _orders_nothing(judged: Judged, wrong: Wrong) -> bool:
    return (wrong.place, wrong.name) == ("query", "order") and judged.sent.argument("sort") is None


def _is_a_moment(judged: Judged, wrong: Wrong) -> bool:
    return wrong.name in ("startDate", "endDate") and moment(judged.sent.argument(wrong.name)) is not None


def _is_blank(*names: str) -> Callable[[Judged, Wrong], bool]:
    return lambda judged, wrong: (
        wrong.place == "query" and wrong.name in names and not (judged.sent.argument(wrong.name) or "").strip()
    )


def _is_repeated_filter(judged: Judged, wrong: Wrong) -> bool:
    return wrong.name == "filter" and _is_repeated(judged, wrong)


def _is_ignored(judged: Judged, wrong: Wrong) -> bool:
    """An unknown or generated member that the answer does not show as it was sent."""
    sent = judged.sent.members
    entity = judged.sent.entity
    known = entity is not None and entity.field(wrong.name) is not None
    if (wrong.place, wrong.rule) != ("body", "additionalProperties"):
        return False
    return judged.data.get(wrong.name) != sent.get(wrong.name) if known else wrong.name not in judged.data


def _is_null(judged: Judged, wrong: Wrong) -> bool:
    return wrong.place == "body" and wrong.name in judged.sent.members and judged.sent.members[wrong.name] is None


def _is_plugins_own(judged: Judged, wrong: Wrong) -> bool:
    binding = {("prompt", "required"), ("prompt", "type"), ("maxTokens", "minimum"), ("maxTokens", "type")}
    binding |= {("temperature", rule) for rule in ("minimum", "maximum", "type")} | {("", "type")}
    return judged.sent.operation == "generateText" and (wrong.name, wrong.rule) not in binding


def _is_scopeless(judged: Judged, wrong: Wrong) -> bool:
    return judged.sent.operation == "createApiKey" and wrong.name != "name" and wrong.rule in ("required", "type")


def _is_a_bound(judged: Judged, wrong: Wrong) -> bool:
    return wrong.place == "body" and wrong.rule in BOUNDS and judged.sent.operation != "generateText"


def _names_nothing_there(judged: Judged, wrong: Wrong) -> bool:
    """An empty text in an optional field that would name a record of an entity which the deployment does not have."""
    entity = judged.sent.entity
    field = entity.field(wrong.name) if entity is not None else None
    if entity is None or field is None or (wrong.place, wrong.rule) != ("body", "minLength"):
        return False
    is_key = any(one.type == "belongsTo" and one.foreign_key == field.name for one in entity.relations)
    return not (is_key or field.required)


ACCEPTED = (
    WrongRow("a filter given twice", "L15.given-twice", _is_repeated_filter),
    WrongRow("a parameter given twice", "E20.given-twice", _is_repeated),
    WrongRow("an unknown query parameter", "L22.unknown-parameter", _is_unknown_parameter),
    WrongRow("a limit above 100, clamped", "L2.above-100", _is_clamped),
    WrongRow("a page far past the end", "L3.beyond-32-bits", _is_far_page),
    WrongRow("a comma list of fields to sort by", "L9.comma-list", _is_comma_list),
    WrongRow("an order without a sort", "L10.without-sort", _orders_nothing),
    WrongRow("a moment in another form", "L19.filters", _is_a_moment, admits=True),
    WrongRow("a blank date", "L19.blank", _is_blank("startDate", "endDate")),
    WrongRow("an empty list of fields", "L20.empty", _is_blank("fields"), admits=True),
    WrongRow("an empty list of relations", "L21.several", _is_blank("include"), admits=True),
    WrongRow("a name in fields", "L20.unknown-field", _is_query("fields")),
    WrongRow("a name in include", "L21.unknown-relation", _is_query("include")),
    WrongRow("a search", "L18.literal", _is_query("search"), admits=True),
    WrongRow("a PATCH of nothing", "R6.empty-object", _is_rule("minProperties")),
    WrongRow("an unknown member, ignored", "R4.unknown-field", _is_ignored),
    WrongRow("what the plugin's schema says beyond the reference", "E10.bounds", _is_plugins_own),
    WrongRow("a key's scopes and expiry", "A10.scopes", _is_scopeless),
    WrongRow("a null", "R7.of-required", _is_null),
    WrongRow("a key to an entity that is not there", "R1.other-bounds", _names_nothing_there, admits=True),
    WrongRow("a bound that the reference does not state", "R1.other-bounds", _is_a_bound),
)
"""What may be accepted although its schema refuses it."""


def _status_in(*statuses: int) -> Callable[[Judged], bool]:
    return lambda judged: judged.status in statuses


def _refuses_deletion(judged: Judged) -> bool:
    return judged.sent.action == "delete" and judged.status in (400, 409)


def _has_no_plugin(judged: Judged) -> bool:
    return judged.sent.operation == "generateText" and judged.status in (404, 405, 501)


def _has_no_credit(judged: Judged) -> bool:
    return judged.sent.operation == "generateText" and judged.status == 402


def _named(judged: Judged) -> list[Field | None]:
    """The fields of a body that a refusal names."""
    entity, details = judged.sent.entity, judged.answer.get("details")
    if entity is None or judged.sent.action not in ("create", "update") or not isinstance(details, Mapping):
        return []
    return [entity.field(re.split(r"[.\[]", name, maxsplit=1)[0]) for name in details]


def _reasons(judged: Judged) -> list[str]:
    """For each field that a refused body is refused for: the clause that lets its value be; empty where none does."""
    return [_reason(judged, field) for field in _named(judged)] if judged.status in (400, 422) else []


def _reason(judged: Judged, field: Field | None) -> str:
    if field is None:
        return ""
    value, entity = judged.sent.members.get(field.name, field), judged.sent.entity
    if value is None and judged.sent.action == "update":
        return "R7.clears"
    if _is_beyond(field, value):
        return "O4.tells-more"
    return "O4.untold-rules" if entity is not None and _may_be_ruled(judged, entity, field) else ""


def _may_be_ruled(judged: Judged, entity: Entity, field: Field) -> bool:
    """Whether a rule that is not told may keep a body from naming, or from leaving out, a field.

    Of tasks such a rule can be about an unusual text, a blank one that need not be there, another record, a title that
    is in use, or what another field holds; that a plain title is refused is none. That a listed value is never taken,
    another requirement tells.
    """
    members = judged.sent.members
    declared = load().entity(entity.name)  # which may have relations that the deployment lacks
    relations = (*entity.relations, *(declared.relations if declared is not None else ()))
    keys = {one.foreign_key for one in relations if one.type == "belongsTo"}
    if members.get(field.name) is None:
        return not field.required and (entity.name != "tasks" or field.default is None)
    if field.type in ("enum", "boolean"):
        return judged.sent.action == "update" or (entity.name != "tasks" and not keys.isdisjoint(members))
    value = members[field.name]
    is_blank = isinstance(value, str) and not value.strip() and not field.required  # some ask for null then
    is_known = field.name in keys or field.name in judged.in_use or is_unusual(value) or is_blank
    return entity.name != "tasks" or is_known


def _breaks_an_untold_rule(judged: Judged) -> bool:
    """A conflict with another record; or a value that is refused by name, of an entity whose rules are its own."""
    is_conflict = judged.sent.action in ("create", "update") and judged.status == 409
    return is_conflict or set(_reasons(judged)) == {"O4.untold-rules"}


def _is_beyond(field: Field, value: object) -> bool:
    """Whether a value breaks what the deployment tells of its field, or may: some patterns cannot be matched here."""
    match value:
        case str():
            is_apart = field.pattern not in sample.PLAIN and matches(field.pattern or "", value) is not True
            return len(value) < (field.min_length or 0) or is_apart
        case int() | float():
            return (
                not (-math.inf if field.minimum is None else field.minimum)
                <= value
                <= (math.inf if field.maximum is None else field.maximum)
            )
        case _:
            return False


def _is_left_out(*statuses: int) -> Callable[[Judged], bool]:
    return lambda judged: (
        judged.status in statuses and any(row.ruling == "R19.left-out" for row in documented(judged.sent))
    )


def _makes_what_is_left_out(judged: Judged) -> bool:
    return judged.sent.action == "create" and _is_left_out(400)(judged)


def _may_be_past_the_end(judged: Judged) -> bool:
    return (_integer(judged, "page") or 0) > 1 and judged.status in (400, 404)


def _names_an_operator(judged: Judged) -> bool:
    text = judged.sent.argument("filter") or ""
    return judged.status == 400 and any(f'"{operator.name}"' in text for operator in judged.sent.operators)


def _searches_for_little(judged: Judged) -> bool:
    """A search for a word that is shorter than an index may have."""
    words = (judged.sent.argument("search") or "").split()
    details = judged.answer.get("details")
    is_named = not details or (isinstance(details, Mapping) and "search" in details)
    return judged.status == 400 and is_named and any(len(word) < SHORTEST_INDEXED for word in words)


def _lives_otherwise(judged: Judged) -> bool:
    """A key that expires sooner or later than this deployment lets a key live: that is all that is named."""
    is_refused = judged.sent.operation == "createApiKey" and judged.status in (400, 422)
    named = judged.answer.get("details") if is_refused else None
    expires = judged.sent.members.get("expiresAt")
    return isinstance(expires, str) and isinstance(named, Mapping) and [*named] == ["expiresAt"]


def _generates_much(judged: Judged) -> bool:
    """A prompt or a number of tokens that costs more than this deployment lets a request cost (E10.bounds)."""
    members, named = judged.sent.members, judged.answer.get("details")
    if judged.sent.operation != "generateText" or judged.status not in (400, 422) or not isinstance(named, Mapping):
        return False
    prompt, tokens = members.get("prompt"), members.get("maxTokens")
    is_long = {"prompt": isinstance(prompt, str) and len(prompt) > MUCH}
    is_long["maxTokens"] = isinstance(tokens, int | float) and tokens > MUCH
    return bool(named) and all(is_long.get(name, False) for name in named)


def _lacks_an_unasked_id(failure: JsonSchemaError, judged: Judged) -> bool:
    """Whether an answer's record has no `id`, which `fields` did not ask for."""
    return (
        len(failure.instance_path) <= 2  # one of the answer's own records: an included one has to be told apart (L21)
        and failure.message.startswith('"id" is a required property')
        and bool(judged.sent.names("fields"))
        and "id" not in judged.sent.names("fields")
    )


def _shows_what_was_taken(failure: JsonSchemaError, judged: Judged) -> bool:
    """Whether a field that a body can set shows a value beyond a bound that its deployment need not keep."""
    place, entity = list(failure.instance_path), judged.sent.entity
    field = entity.field(str(place[-1])) if entity and place[:1] == ["data"] else None
    return field is not None and not field.generated and list(failure.schema_path)[-1] in BOUNDS


def _is_null_as_described(failure: JsonSchemaError, judged: Judged) -> bool:
    """Whether nothing but a null is wrong, where the deployment's own description says that there may be one (O7).

    Of tasks the reference says it. An included record that may be null itself fails as a whole.
    """
    place = [one for one in failure.instance_path if isinstance(one, str)]
    entity, missing = judged.sent.entity, failure.instance
    if entity is None or place[:1] != ["data"] or len(place) == 1:
        return False
    relation = entity.relation(place[1])
    shown = entity if relation is None else judged.sent.entities.get(relation.entity)
    if shown is None or shown.name == sample.REFERENCES_OWN:
        return False
    if isinstance(missing, dict) and relation is not None:
        rest = {name: value for name, value in missing.items() if value is not None or not _may_be_null(shown, name)}
        return len(rest) < len(missing) and judged.sent.valid(shown.record_schema, rest)
    return missing is None and _may_be_null(shown, place[-1])


def _may_be_null(entity: Entity, name: str) -> bool:
    field = entity.field(name)
    return field is not None and field.nullable and not field.generated


def _lists_what_there_is(failure: AllowHeaderMismatch, judged: Judged) -> bool:
    """Whether `Allow` lacks of the documented methods those alone that the entity does not have (R19)."""
    entity = judged.sent.entity
    if entity is None or failure.undocumented_methods:
        return False
    there = {"GET": "list", "POST": "create"}
    return all(there.get(method) not in {None, *entity.operations} for method in failure.missing_methods)


def _is_odd_id(judged: Judged) -> bool:
    return judged.sent.action in ("read", "update", "delete") and judged.status in (400, 422)


REFUSED = (
    Row("a limit is spent", "E16.passive", _status_in(429)),
    Row("there is no generator", "E10.capability", _has_no_plugin),
    Row("there is no credit", "E10.credits", _has_no_credit, admits=True),
    Row("a parent with children is kept", "R17.children-go", _refuses_deletion),
    Row("a page past the end", "L3.empty-page", _may_be_past_the_end),
    Row("an operator of the filter", "L14.operators", _names_an_operator),
    Row("a search for a short word", "L18.part-of-word", _searches_for_little),
    Row("a generation larger than is allowed", "E10.bounds", _generates_much),
    Row("a key that may not live so long", "A10.bad-expiry", _lives_otherwise),
    Row("a conflict with another record", "O4.untold-rules", _breaks_an_untold_rule),
    Row("a request larger than is taken", "E1.in-front", _status_in(413, 414, 431)),
)
"""Why valid data may be refused, besides `refusals`."""


def _is_body_format(judged: Judged) -> bool:
    return judged.status in (400, 415, 422) and judged.sent.action in ("create", "update", None)


def _is_strange_method(judged: Judged) -> bool:
    return judged.method == "TRACE"


LEFT_OUT = (
    Row("an operation that is left out, at an id that nobody has", "R19.left-out-at-no-record", _is_left_out(404)),
    Row("a record of an entity that cannot be made", "R19.left-out-with-bad-body", _makes_what_is_left_out),
)
"""Other refusals of an operation that an entity does not have."""

ANSWERED: Mapping[type[Failure], tuple[Row, ...]] = {
    UndefinedStatusCode: (
        Row("a parent with children is kept", "R17.children-go", _refuses_deletion),
        Row("there is no generator", "E10.capability", _has_no_plugin),
        Row("a rule that is not told", "O4.untold-rules", _breaks_an_untold_rule),
        Row("a body that is not understood", "R3.not-an-object", _is_body_format),
        Row("an id of a form that no record has", "R18.odd-id", _is_odd_id),
        Row("a method that nobody declared", "E3.other-method", _is_strange_method),
        Row("a refusal by what stands in front", "E1.in-front", _status_in(402, 406, 409, 413, 414, 422, 431)),
    ),
    UnsupportedMethodResponse: (
        Row("there is no generator", "E10.capability", _has_no_plugin),
        Row("a method that nobody declared", "E3.other-method", lambda _: True),
    ),
    AllowHeaderMismatch: (Row("methods that are named", "E3.other-method", lambda _: True),),
    ServerError: (
        Row("there is no service for now", "E16.unavailable", _status_in(503)),
        Row("there is no generator", "E10.capability", _has_no_plugin),
        Row("a method that nobody knows", "E3.other-method", lambda j: _is_strange_method(j) and j.status == 501),
    ),
}
"""Everything else that schemathesis finds."""


def _answers(row: Refusal, judged: Judged) -> bool:
    """Whether an answer is the row's: by its code where that is one of the reference's, whose status others judge."""
    return row.code == judged.code or (judged.code is None and row.status == judged.status)


def _answered_otherwise(judged: Judged, rows: tuple[Refusal, ...]) -> Judgement:
    """How grave it is that what `rows` are about was refused with another code or status.

    Where a list may be refused for something else too, and the answer names none of the rows' parameters, it may be
    about that: no clause says which of two causes is told (A1).
    """
    details = judged.answer.get("details")
    told = set(details) if isinstance(details, Mapping) else set[str]()
    if judged.sent.action == "list" and told.isdisjoint(name for row in rows for name in row.field.split(", ")):
        other = next((row for row in REFUSED if row.applies(judged)), None)
        if other is not None:
            return other.judgement
    gravest = _gravest(row.ruling for row in rows)
    return Judgement("must" if gravest.level == "must" else "should", gravest.ruling)


def refused(judged: Judged) -> Judgement | None:
    """How grave it is that valid data was refused; None when `refusals` says that it is, and how."""
    rows = documented(judged.sent)
    if any(_answers(row, judged) for row in rows):
        return None
    if judged.status in OWN_CODES and any(row.status == judged.status for row in rows):
        return Judgement("choice", "E1.own-codes")
    if left_out := next((row for row in LEFT_OUT if row.applies(judged)), None):
        return left_out.judgement
    if rows and judged.status in (*(row.status for row in rows), 400, 422):
        return _answered_otherwise(judged, rows)
    if (reasons := _reasons(judged)) and all(reasons):
        return _gravest(reasons)
    return _first(REFUSED, judged)


def accepted(judged: Judged) -> Judgement:
    """How grave it is that invalid data was accepted: as the gravest thing that was wrong with it."""
    if not judged.wrong:
        return Judgement("must", "R1.missing")
    return max((_one_wrong(judged, wrong) for wrong in judged.wrong), key=lambda one: _GRAVITY[one.level])


def _one_wrong(judged: Judged, wrong: Wrong) -> Judgement:
    row = next((row for row in ACCEPTED if row.applies(judged, wrong)), None)
    if row is not None:
        return row.judgement
    text = judged.sent.argument("filter")
    if (wrong.place, wrong.name) == ("query", "filter") and judged.sent.entity is not None and text is not None:
        broken = filter_breaks(judged.sent.operators, judged.sent.entity, text)
        return _gravest(broken) if broken else Judgement("choice", "L14.equality")
    clauses, key = (OF_QUERY, wrong.name) if wrong.place == "query" else (OF_BODY, wrong.rule)
    return Judgement("must", clauses.get(key, ""))  # beyond what a CHOICE admits is a MUST as well


OF_QUERY: Mapping[str, str] = {
    "page": "L1.refused", "limit": "L1.refused", "sort": "L9.unknown-field", "order": "L10.bad-value",
    "startDate": "L19.not-a-date", "endDate": "L19.not-a-date",
}  # fmt: skip
OF_BODY: Mapping[str, str] = {
    "required": "R1.missing", "enum": "R1.outside-enum", "maxLength": "R1.over-max-length", "type": "R1.wrong-type",
    "additionalProperties": "R4.unknown-field",
}  # fmt: skip


def answered(failure: Failure, judged: Judged) -> Judgement:
    """How grave any other failure is."""
    match failure:
        case Breach():
            return Judgement(failure.level, failure.ruling)
        case MissingHeaders() if {name.lower() for name in failure.missing_headers} <= LATER.keys():
            return _gravest(LATER[name.lower()] for name in failure.missing_headers)
        case JsonSchemaError() if (clause := _allowed_by(failure, judged)) is not None:
            return Judgement(level_of(clause), clause)
        case AllowHeaderMismatch() if _lists_what_there_is(failure, judged):
            return Judgement("choice", "R19.left-out")
        case _:
            return _first(ANSWERED.get(type(failure), ()), judged)


def _allowed_by(failure: JsonSchemaError, judged: Judged) -> str | None:
    """The clause that says more of an answer than its schema; None where the schema is all there is."""
    place, is_metadata = list(failure.instance_path), judged.sent.action == "metadata"
    if judged.status in OWN_CODES and place == ["code"]:
        return "E1.own-codes"
    if place == ["details"] and failure.instance is None:
        return "E2.extra-members"
    if is_metadata and (clause := _described_by(failure, judged)) is not None:
        return clause
    if _shows_what_was_taken(failure, judged):
        return "R1.other-bounds"
    if _is_null_as_described(failure, judged):
        return "O7.others"
    return "L20.id-unasked" if _lacks_an_unasked_id(failure, judged) else None


def _described_by(failure: JsonSchemaError, judged: Judged) -> str | None:
    """The clause that says more of a description."""
    place = list(failure.instance_path)
    if "methods" in place:
        return {"HEAD": "O1.head", "PUT": "E3.other-method"}.get(str(failure.instance))
    is_bound = place[-1:] in (["minimum"], ["maximum"]) and isinstance(failure.instance, str)
    if place[:2] == ["data", "schema"] and place[-1] != "type" and (failure.instance is None or is_bound):
        return "O4.tells-more"  # null tells nothing, and days have bounds too
    return "O8.types" if "schema" in place or _is_of_a_type_of_its_own(place, judged) else None


def _is_of_a_type_of_its_own(place: list[str | int], judged: Judged) -> bool:
    """Whether it is about a relation of a type that the contract does not know."""
    relations = judged.data.get("relations")
    named = relations.get(place[2]) if place[:2] == ["data", "relations"] and isinstance(relations, Mapping) else None
    return isinstance(named, Mapping) and named.get("type") not in get_args(RelationType)


def _gravest(clauses: Iterable[str]) -> Judgement:
    return max((Judgement(level_of(one), one) for one in clauses), key=lambda one: (_GRAVITY[one.level], one.ruling))


def _first(rows: tuple[Row, ...], judged: Judged) -> Judgement:
    row = next((row for row in rows if row.applies(judged)), None)
    return Judgement("must", "") if row is None else row.judgement
