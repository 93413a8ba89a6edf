"""How grave a failure is on a deployment that nobody here wrote: MUST, SHOULD, or a CHOICE that is no failure at all.

The reference leaves much open; the rulings in docs/decisions say how. `ROWS` is the table: each row is about one kind
of failure, one situation, one ruling and its level, and the first that applies counts. What no row knows is a MUST.

    a valid request was refused       rows of `REFUSED`
    an invalid one was accepted       rows of `ACCEPTED`, one for each thing that was wrong with it: the gravest counts
    anything else                     rows of `ANSWERED`

Charter: pure. Nothing is let pass for good: a row judges one case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schemathesis.core.failures import Failure, ServerError
from schemathesis.openapi.checks import (
    AllowHeaderMismatch,
    JsonSchemaError,
    MissingHeaders,
    UndefinedStatusCode,
    UnsupportedMethodResponse,
)

from entity_tests.properties.filters import moment
from entity_tests.properties.refusals import Level, Sent, documented

LARGEST_PAGE = 1_000_000
"""Pages that a deployment may be expected to count to."""

OWN_CODES = frozenset({402, 405, 413, 422, 503})
"""Statuses to which the reference gives no code (E1)."""

_LATER = frozenset({"www-authenticate", "allow", "retry-after"})
"""Headers that the reference does not ask for (A2, E3, E5)."""

_GRAVITY: Mapping[Level, int] = {"choice": 0, "should": 1, "must": 2}


class Breach(Failure):
    """A failure that a check of our own found; it knows its level."""

    __slots__ = ("check", "level", "ruling")

    def __init__(self, operation: str, check: str, message: str, *, level: Level = "must", ruling: str) -> None:
        super().__init__(operation=operation, title=check, message=message)
        self.check = check
        self.level = level
        self.ruling = ruling

    @property
    def _unique_key(self) -> str:
        return f"{self.check} {self.message}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with a request: `place` is `query` or `body`, `rule` the schema keyword it breaks.

    `name` is the parameter or the body's member, empty for the body as a whole.
    """

    place: str
    name: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer with its request. `wrong` is what the request did wrong, by the contract's schemas."""

    sent: Sent
    method: str
    status: int
    answer: Mapping[str, object]
    wrong: tuple[Wrong, ...] = ()

    @property
    def data(self) -> Mapping[str, object]:
        """The record in the answer; empty where there is none."""
        data = self.answer.get("data")
        return data if isinstance(data, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A level, and the ruling that it comes from."""

    level: Level
    ruling: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; `about` says in words which situation."""

    about: str
    ruling: str
    level: Level
    applies: Callable[[Judged], bool]


@dataclass(frozen=True, slots=True)
class WrongRow:
    """One row about one thing that was wrong with an accepted request."""

    about: str
    ruling: str
    level: Level
    applies: Callable[[Judged, Wrong], bool]


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
        and isinstance(said, int)
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


def _is_blank_parameter(judged: Judged, wrong: Wrong) -> bool:
    return wrong.place == "query" and not (judged.sent.argument(wrong.name) or "").strip()


def _is_a_filter_of_sorts(judged: Judged, wrong: Wrong) -> bool:
    if (wrong.place, wrong.name) != ("query", "filter"):
        return False
    return not any(row.ruling == "L15" and row.level == "must" for row in documented(judged.sent))


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
    bounds = ("minLength", "pattern", "format", "minimum", "maximum", "minItems", "uniqueItems", "multipleOf")
    return wrong.place == "body" and wrong.rule in bounds and judged.sent.operation != "generateText"


ACCEPTED = (
    WrongRow("a parameter given twice", "L1", "choice", _is_repeated),
    WrongRow("an unknown query parameter", "L22", "choice", _is_unknown_parameter),
    WrongRow("a limit above 100, clamped", "L2", "choice", _is_clamped),
    WrongRow("a page far past the end", "L3", "choice", _is_far_page),
    WrongRow("a comma list of fields to sort by", "L9", "choice", _is_comma_list),
    WrongRow("an order without a sort", "L10", "choice", _orders_nothing),
    WrongRow("a moment in another form", "L19", "choice", _is_a_moment),
    WrongRow("an empty date, fields or include", "L20", "should", _is_blank_parameter),
    WrongRow("a filter of this entity's fields", "L15", "should", _is_a_filter_of_sorts),
    WrongRow("a name in fields or include", "L20", "should", _is_query("fields", "include")),
    WrongRow("a search", "L18", "should", _is_query("search")),
    WrongRow("a PATCH of nothing", "R6", "choice", _is_rule("minProperties")),
    WrongRow("an unknown member, ignored", "R4", "choice", _is_ignored),
    WrongRow("what the plugin's schema says beyond the reference", "E10", "choice", _is_plugins_own),
    WrongRow("a key's scopes and expiry", "A10", "should", _is_scopeless),
    WrongRow("a null", "R7", "should", _is_null),
    WrongRow("a bound that the reference does not state", "R12", "should", _is_a_bound),
)
"""What may be accepted although its schema refuses it."""


def _status_in(*statuses: int) -> Callable[[Judged], bool]:
    return lambda judged: judged.status in statuses


def _refuses_deletion(judged: Judged) -> bool:
    return judged.sent.action == "delete" and judged.status in (400, 409)


def _has_no_plugin(judged: Judged) -> bool:
    return judged.sent.operation == "generateText" and judged.status in (402, 404)


def _lies_far(judged: Judged) -> bool:
    return (_integer(judged, "page") or 0) > LARGEST_PAGE and judged.status in (400, 404)


def _is_odd_id(judged: Judged) -> bool:
    return judged.sent.action in ("read", "update", "delete") and judged.status in (400, 422)


REFUSED = (
    Row("a limit is spent", "E16", "choice", _status_in(429)),
    Row("there is no generator, or no credit", "E10", "choice", _has_no_plugin),
    Row("a parent with children is kept", "R17", "choice", _refuses_deletion),
    Row("a page far past the end", "L3", "should", _lies_far),
    Row("a value that another record has", "R1", "should", _status_in(409)),
    Row("a request larger than is taken", "E1", "should", _status_in(413, 414, 431)),
)
"""Why valid data may be refused, besides `refusals`."""


def _is_body_format(judged: Judged) -> bool:
    return judged.status in (400, 415, 422) and judged.sent.action in ("create", "update", None)


def _is_own_code(judged: Judged) -> bool:
    return judged.status in OWN_CODES


def _is_strange_method(judged: Judged) -> bool:
    return judged.method == "TRACE"


ANSWERED: Mapping[type[Failure], tuple[Row, ...]] = {
    UndefinedStatusCode: (
        Row("a parent with children is kept", "R17", "choice", _refuses_deletion),
        Row("a body that is not understood", "R3", "choice", _is_body_format),
        Row("an id of a form that no record has", "R18", "should", _is_odd_id),
        Row("a method that nobody declared", "E3", "should", _is_strange_method),
        Row("a refusal by what stands in front of it", "E1", "should", _status_in(402, 406, 409, 413, 414, 422, 431)),
    ),
    JsonSchemaError: (),
    MissingHeaders: (),
    UnsupportedMethodResponse: (Row("a method that nobody declared", "E3", "should", lambda _: True),),
    AllowHeaderMismatch: (Row("methods that are named", "E3", "should", lambda _: True),),
    ServerError: (
        Row("a method that nobody knows", "E3", "should", lambda j: _is_strange_method(j) and j.status == 501),
    ),
}
"""Everything else that schemathesis finds."""


def refused(judged: Judged) -> Judgement | None:
    """How grave it is that valid data was refused; None when `refusals` says that it is, and how."""
    rows = documented(judged.sent)
    code = judged.answer.get("code")
    if any((row.status, row.code) == (judged.status, code) for row in rows):
        return None
    if judged.status in OWN_CODES and any(row.status == judged.status for row in rows):
        return Judgement("choice", "E1")
    if rows and judged.status in (*(row.status for row in rows), 400, 422):
        level: Level = "must" if any(row.level == "must" for row in rows) else "should"
        return Judgement(level, rows[0].ruling)
    return _first(REFUSED, judged)


def accepted(judged: Judged) -> Judgement:
    """How grave it is that invalid data was accepted: as the gravest thing that was wrong with it."""
    if not judged.wrong:
        return Judgement("must", "R1")
    return max((_one_wrong(judged, wrong) for wrong in judged.wrong), key=lambda one: _GRAVITY[one.level])


def _one_wrong(judged: Judged, wrong: Wrong) -> Judgement:
    row = next((row for row in ACCEPTED if row.applies(judged, wrong)), None)
    return (
        Judgement("must", "L1" if wrong.place == "query" else "R1") if row is None else Judgement(row.level, row.ruling)
    )


def answered(failure: Failure, judged: Judged) -> Judgement:
    """How grave any other failure is."""
    match failure:
        case Breach():
            return Judgement(failure.level, failure.ruling)
        case MissingHeaders() if {name.lower() for name in failure.missing_headers} <= _LATER:
            return Judgement("should", "E3")
        case JsonSchemaError() if _is_own_code(judged) and list(failure.instance_path) == ["code"]:
            return Judgement("choice", "E1")
        case JsonSchemaError() if judged.sent.action == "metadata" and "schema" in failure.instance_path:
            return Judgement("should", "O8")
        case _:
            return _first(ANSWERED.get(type(failure), ()), judged)


def _first(rows: tuple[Row, ...], judged: Judged) -> Judgement:
    row = next((row for row in rows if row.applies(judged)), None)
    return Judgement("must", "") if row is None else Judgement(row.level, row.ruling)
