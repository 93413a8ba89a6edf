"""Invalid requests: queries and bodies with one mistake, and the answer that the rulings demand.

Each request has one mistake (a body may have two bad fields), so that the order of refusal never matters. `ruling` is
the clause that refuses it; `code` and `names` (in `details`) are the decided answer.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from entity_conformance.oracle.records import Record
from entity_contract import Entity, Field, Operator, rulings
from entity_contract.rulings import Level

from entity_tests.model import drawing
from entity_tests.model.random_source import RandomSource

NOBODY = "no_such_record"
MISUSES = 3
"""How often an operator is misused, for each other mistake in a filter."""

_ALSO: Mapping[str, tuple[int, ...]] = {"R7.of-required": (422,), "R7.of-default": (422,), "R16.refused": (422,)}
"""Further statuses: a null can be a value of a wrong type (R1.wrong-type), and U+0000 a body of a wrong format."""


def _refusals(ruling: str) -> tuple[int, ...]:
    """The statuses that a CHOICE among refusals admits; none where the clause is something else."""
    return tuple(int(one) for one in rulings.load().clauses[ruling].alternatives if one.isdecimal())


def _level(ruling: str) -> Level:
    """How grave it is to accept what a clause refuses. What chooses among refusals must refuse."""
    return "must" if _refusals(ruling) else rulings.load().level(ruling) or "choice"


@dataclass(frozen=True, slots=True)
class BadQuery:
    """Parameters that are refused. Unless `level` is must, a deployment may accept them."""

    parameters: tuple[tuple[str, str], ...]
    code: str
    name: str
    ruling: str

    @property
    def level(self) -> Level:
        """How grave it is to accept them."""
        return _level(self.ruling)


@dataclass(frozen=True, slots=True)
class BadBody:
    """A body that is refused: a JSON value, or `raw` bytes with their media type."""

    body: object
    names: tuple[str, ...]
    ruling: str
    code: str = "VALIDATION_FAILED"
    status: int = 400
    raw: bytes | None = None
    media_type: str = "application/json"

    @property
    def level(self) -> Level:
        """How grave it is to accept it."""
        return _level(self.ruling)

    @property
    def statuses(self) -> tuple[int, ...]:
        """All that a deployment may answer that refuses it, each once."""
        return tuple(dict.fromkeys((self.status, *_refusals(self.ruling), *_ALSO.get(self.ruling, ()))))


Pairs = tuple[tuple[str, str], ...]
_NUMBERS = ("0", "-1", "abc", "1.5", "")
_DATES = ("yesterday", "2025-13-01", "2025-02-30", "20250101", "2025-01-01T25:00:00Z")
_CODES = {"filter": "INVALID_FILTER", "sort": "INVALID_SORT", "order": "INVALID_SORT"}


def bad_query(source: RandomSource, operators: Sequence[Operator], entity: Entity) -> BadQuery:
    """A list query with one mistake."""
    match source.one_of(("page", "filter", "filter", "sort", "parts", "dates")):
        case "page":
            above = [("L2.above-100", (("limit", text),)) for text in ("101", "1000")]
            return _query(
                source, above * 2 + [("L1.refused", ((n, text),)) for n in ("page", "limit") for text in _NUMBERS]
            )
        case "filter":
            return _bad_filter(source, entity, operators)
        case "sort" if entity.sortable:
            return _query(source, _bad_sorts(entity.sortable))
        case "dates":
            late = [(("startDate", text), ("endDate", "2025-03-01")) for text in ("2025-03-02", "2025-03-02T10:00:00Z")]
            wrong = [("L19.not-a-date", ((name, text),)) for name in ("startDate", "endDate") for text in _DATES]
            blank = [("L19.blank", ((name, ""),)) for name in ("startDate", "endDate")]
            return _query(source, [*[("L19.start-after-end", pairs) for pairs in late] * 2, *wrong, *blank])
        case _:
            return bad_parts(source, entity)


def bad_parts(source: RandomSource, entity: Entity) -> BadQuery:
    """A query with a mistake in `fields` or `include`, which READ refuses too (R18.bad-query-on-read)."""
    dotted = f"{entity.includable[0].name}.x" if entity.includable else "nosuch.x"
    fields = [("L20.unknown-field", (("fields", text),)) for text in ("nosuchfield", "id,nosuchfield")]
    return _query(source, fields + [("L21.unknown-relation", (("include", text),)) for text in ("nosuch", dotted)])


def _query(source: RandomSource, choices: Sequence[tuple[str, Pairs]]) -> BadQuery:
    """One of these queries. The parameter that is refused is the last one; of two dates it is the first."""
    ruling, pairs = source.one_of(choices)
    name = pairs[0 if ruling == "L19.start-after-end" else -1][0]
    return BadQuery(pairs, _CODES.get(name, "VALIDATION_FAILED"), name, ruling)


def _bad_sorts(sortable: Sequence[str]) -> list[tuple[str, Pairs]]:
    return [
        ("L9.unknown-field", (("sort", "nosuchfield"),)),
        ("L9.empty", (("sort", ""),)),
        ("L9.comma-list", (("sort", ",".join(sortable[:2])),)),
        *(("L10.bad-value", (("sort", sortable[0]), ("order", text))) for text in ("up", "DESC", "", "1")),
    ]


def _bad_filter(source: RandomSource, entity: Entity, operators: Sequence[Operator]) -> BadQuery:
    some = drawing.some_field(source, entity)
    texts = [
        ("L15.not-json", "{"), ("L15.not-json", "status=todo"), ("L15.not-an-object", "[]"), ("L15.not-an-object", "1"),
        ("L15.not-an-object", '"x"'), ("L15.unknown-field", json.dumps({"nosuchfield": 1})),
    ]  # fmt: skip
    stated: list[tuple[str, object]] = [
        ("L15.top-level-operator", {"$eq": 1}), ("L15.unknown-operator", {some.name: {"$nosuchoperator": "x"}}),
        ("L15.empty-operators", {some.name: {}}), ("L15.bare-null", {some.name: None}),
        ("L15.wrong-type", {some.name: _foreign(some)}),
    ]  # fmt: skip
    stated += [("L15.outside-enum", {one.name: "no such value"}) for one in entity.fields if one.type == "enum"][:1]
    barred = [one for one in operators if some.type not in one.types]
    operator = source.one_of(barred if barred and source.sometimes(5) else operators)
    misused = [(ruling, {some.name: {operator.name: used}}) for used, ruling in _misused(source, operator, some)]
    texts += [(ruling, json.dumps(one)) for ruling, one in stated + MISUSES * misused]
    twice = ("L15.given-twice", (("filter", json.dumps({"id": "x"})), ("filter", json.dumps({"id": "y"}))))
    return _query(source, [*((ruling, (("filter", text),)) for ruling, text in texts), twice])


def _misused(source: RandomSource, operator: Operator, field: Field) -> tuple[tuple[object, str], ...]:
    """Operands that the operator does not take on this field, and the clause that says so.

    Where it does not take the field at all, the operand is a right one.
    """
    usable = field.type in operator.types
    used: tuple[tuple[object, str], ...]
    right: object
    match operator.operand:
        case "value":
            used = (_foreign(field), "L15.wrong-type"), (None, "L15.bare-null")
            right = drawing.value(source, field)
        case "list":
            used = ("x", "L15.list-operand"), ([], "L15.list-operand"), (_foreign(field), "L15.list-operand")
            right = [drawing.value(source, field)]
        case "text":
            used, right = ((7, "L15.wrong-type"),), "x"
        case "boolean":
            used, right = (("yes", "L15.null-operand"), (1, "L15.null-operand")), True
        case _:
            assert_never(operator.operand)
    return used if usable else ((right, "L15.no-order" if operator.operand == "value" else "L15.wrong-type"),)


def _foreign(field: Field) -> object:
    """A value of another type than the field's."""
    return 7 if field.type in ("string", "text", "enum", "date", "datetime", "boolean") else "seven"


@dataclass(frozen=True, slots=True)
class BadField:
    """A value that is refused in the fields which `accepts` names; it is made from the field."""

    ruling: str
    accepts: Callable[[Field], object]
    value: Callable[[RandomSource, Field], object]


def _is_text(field: Field) -> bool:
    return field.type in ("string", "text") and field.format is None


_OUTSIDE_ENUM = BadField("R1.outside-enum", lambda field: field.type == "enum", lambda *_: "no such value")
_TOO_LONG = BadField(
    "R1.over-max-length",
    lambda field: field.max_length is not None and field.format is None,
    lambda _, field: "x" * ((field.max_length or 0) + 1),
)
_BAD_FIELDS = (
    _OUTSIDE_ENUM,
    _TOO_LONG,
    BadField(
        "R12.blank",
        lambda field: field.required and _is_text(field),
        lambda source, _: source.one_of(("", " ", "\t\n")),
    ),
    BadField("R16.refused", _is_text, lambda *_: "a\0b"),
    BadField("R1.wrong-type", lambda _: True, lambda _, field: _foreign(field)),
    BadField("R7.of-required", lambda field: field.required, lambda *_: None),
    BadField("R7.of-default", lambda field: field.default is not None, lambda *_: None),
    BadField(
        "R1.other-bounds",
        lambda field: field.type in ("integer", "number") and field.minimum is not None,
        lambda _, field: int(field.minimum or 0) - 1,
    ),
    BadField(
        "R1.other-bounds",
        lambda field: field.type in ("date", "datetime"),
        lambda source, _: source.one_of(("2025-02-30", "tomorrow")),
    ),
)


def bad_body(source: RandomSource, entity: Entity, body: Record, *, creating: bool, hidden: str | None) -> BadBody:
    """A valid body with a mistake put in. `hidden` is the id of a record that the caller cannot see."""
    keys = {one.foreign_key for one in entity.relations if one.type == "belongsTo"}
    fields = [field for field in entity.fields if not field.generated]
    plain = [field for field in fields if field.name not in keys]
    nobody, ruling = source.one_of(
        ((NOBODY, "R17.nobodys"), *(() if hidden is None else ((hidden, "A7.foreign-key"),)))
    )
    made = [
        *(_bad_value(source, kind, plain, body) for kind in _BAD_FIELDS),
        _bad_value(source, BadField(ruling, lambda field: field.name in keys, lambda *_: nobody), fields, body),
        _two(_bad_value(source, _OUTSIDE_ENUM, plain, body), _bad_value(source, _TOO_LONG, plain, body)),
        BadBody({**body, "nosuchfield": "x"}, ("nosuchfield",), "R4.unknown-field"),
        _generated(source, entity, body),
        *_other_formats(source, body),
        *(_missing(source, fields, body) if creating else (BadBody({}, (), "R6.empty-object"),)),
    ]
    return source.one_of([one for one in made if one is not None])


def _bad_value(source: RandomSource, kind: BadField, fields: Sequence[Field], body: Record) -> BadBody | None:
    accepted = [field for field in fields if kind.accepts(field)]
    if not accepted:
        return None
    field = source.one_of(accepted)
    return BadBody({**body, field.name: kind.value(source, field)}, (field.name,), kind.ruling)


def _two(first: BadBody | None, second: BadBody | None) -> BadBody | None:
    """Both mistakes in one body."""
    if first is None or second is None:
        return None
    assert isinstance(first.body, Mapping)
    assert isinstance(second.body, Mapping)
    both = {**second.body, first.names[0]: first.body[first.names[0]]}
    return BadBody(both, (*first.names, *second.names), first.ruling)


def _missing(source: RandomSource, fields: Sequence[Field], body: Record) -> tuple[BadBody, ...]:
    """One required field is missing, or all of them are; nothing where none is required."""
    required = tuple(field.name for field in fields if field.required)
    if not required:
        return ()
    return tuple(
        BadBody({name: value for name, value in body.items() if name not in names}, names, "R1.missing")
        for names in ((source.one_of(required),), required)
    )


def _generated(source: RandomSource, entity: Entity, body: Record) -> BadBody:
    name = source.one_of(("id", "createdAt", "updatedAt"))
    value = f"{entity.id_prefix}_chosen" if name == "id" else "2001-01-01T00:00:00.000Z"
    return BadBody({**body, name: value}, (name,), "R4.unknown-field")


def _other_formats(source: RandomSource, body: Record) -> tuple[BadBody, ...]:
    """Bodies that are no JSON, no object, or of another media type."""
    text = json.dumps(body)
    raw = source.one_of((text[:-1], "{", text + "}")).encode()
    value, code = source.one_of(([body], "text", 1)), "UNPROCESSABLE_ENTITY"
    return (
        BadBody(None, (), "R2.malformed-json", raw=raw),
        BadBody(value, (), "R3.not-an-object", code, 422),
        BadBody(None, (), "R3.other-media-type", code, 422, text.encode(), "text/plain"),
    )
