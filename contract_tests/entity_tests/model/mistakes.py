"""Invalid requests: queries and bodies with one mistake, and the answer that the rulings demand.

Each request has one mistake (a body may have two bad fields), so that the order of refusal never matters. `ruling` is
the clause that refuses it; `code` and `names` (in `details`) are the decided answer.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from entity_contract import Entity, Field, Operator, rulings
from entity_contract.rulings import Level

from entity_tests.model import drawing
from entity_tests.model.random_source import RandomSource
from entity_tests.model.records import Record

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
        """All that a deployment may answer that refuses it."""
        return (self.status, *_refusals(self.ruling), *_ALSO.get(self.ruling, ()))


def bad_query(source: RandomSource, operators: Sequence[Operator], entity: Entity) -> BadQuery:
    """A list query with one mistake."""
    bad_filter = partial(_bad_filter, operators=operators)
    kinds: tuple[Callable[[RandomSource, Entity], BadQuery], ...]
    kinds = (_bad_page, bad_filter, bad_filter, _bad_sort, _bad_parts, _bad_dates)
    return source.one_of(kinds)(source, entity)


def bad_parts(source: RandomSource, entity: Entity) -> BadQuery:
    """A READ query with one mistake (R18.bad-query-on-read)."""
    return _bad_parts(source, entity)


def _bad_page(source: RandomSource, _entity: Entity) -> BadQuery:
    name = source.one_of(("page", "limit"))
    if name == "limit" and source.one_of((True, False, False)):
        return BadQuery((("limit", source.one_of(("101", "1000"))),), "VALIDATION_FAILED", "limit", "L2.above-100")
    text = source.one_of(("0", "-1", "abc", "1.5", ""))
    return BadQuery(((name, text),), "VALIDATION_FAILED", name, "L1.refused")


def _bad_sort(source: RandomSource, entity: Entity) -> BadQuery:
    match source.one_of(("unknown", "empty", "several", "order")):
        case "unknown":
            return BadQuery((("sort", "nosuchfield"),), "INVALID_SORT", "sort", "L9.unknown-field")
        case "empty":
            return BadQuery((("sort", ""),), "INVALID_SORT", "sort", "L9.empty")
        case "several":
            several = ",".join(entity.sortable[:2])
            return BadQuery((("sort", several),), "INVALID_SORT", "sort", "L9.comma-list")
        case _:
            pairs = (("sort", entity.sortable[0]), ("order", source.one_of(("up", "DESC", "", "1"))))
            return BadQuery(pairs, "INVALID_SORT", "order", "L10.bad-value")


def _bad_parts(source: RandomSource, entity: Entity) -> BadQuery:
    relation = entity.relations[0].name if entity.relations else "nosuch"
    texts = (
        ("fields", "nosuchfield"),
        ("fields", "id,nosuchfield"),
        ("include", "nosuch"),
        ("include", f"{relation}.x"),
    )
    name, text = source.one_of(texts)
    ruling = "L20.unknown-field" if name == "fields" else "L21.unknown-relation"
    return BadQuery(((name, text),), "VALIDATION_FAILED", name, ruling)


def _bad_dates(source: RandomSource, _entity: Entity) -> BadQuery:
    if source.one_of((True, False, False)):
        pairs = (("startDate", "2025-03-02"), ("endDate", source.one_of(("2025-03-01", "2025-03-01T10:00:00Z"))))
        return BadQuery(pairs, "VALIDATION_FAILED", "startDate", "L19.start-after-end")
    name = source.one_of(("startDate", "endDate"))
    text = source.one_of(("yesterday", "2025-13-01", "2025-02-30", "20250101", "2025-01-01T25:00:00Z", ""))
    return BadQuery(((name, text),), "VALIDATION_FAILED", name, "L19.not-a-date" if text else "L19.blank")


def _bad_filter(source: RandomSource, entity: Entity, operators: Sequence[Operator]) -> BadQuery:
    some = drawing.some_field(source, entity)
    texts = [
        ("{", "L15.not-json"), ("status=todo", "L15.not-json"), ("[]", "L15.not-an-object"), ("1", "L15.not-an-object"),
        ('"x"', "L15.not-an-object"), (json.dumps({"nosuchfield": 1}), "L15.unknown-field"),
    ]  # fmt: skip
    stated: list[tuple[object, str]] = [
        ({"$eq": 1}, "L15.top-level-operator"), ({some.name: {"$nosuchoperator": "x"}}, "L15.unknown-operator"),
        ({some.name: {}}, "L15.empty-operators"), ({some.name: None}, "L15.bare-null"),
        ({some.name: _foreign(some)}, "L15.wrong-type"),
    ]  # fmt: skip
    barred = [one for one in operators if some.type not in one.types]
    operator = source.one_of(barred if barred and source.sometimes(5) else operators)
    stated += MISUSES * [
        ({some.name: {operator.name: used}}, ruling) for used, ruling in _misused(source, operator, some)
    ]
    enum = next((one for one in entity.fields if one.type == "enum"), None)
    if enum is not None:
        stated.append(({enum.name: "no such value"}, "L15.outside-enum"))
    texts += [(json.dumps(one), ruling) for one, ruling in stated]
    kind = source.one_of(range(len(texts) + 1))
    if kind < len(texts):
        text, ruling = texts[kind]
        return BadQuery((("filter", text),), "INVALID_FILTER", "filter", ruling)
    twice = (("filter", json.dumps({"id": "x"})), ("filter", json.dumps({"id": "y"})))
    return BadQuery(twice, "INVALID_FILTER", "filter", "L15.given-twice")


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


Mutation = Callable[[RandomSource, Entity, Record], BadBody | None]


def bad_body(source: RandomSource, entity: Entity, body: Record, *, creating: bool, hidden: str | None) -> BadBody:
    """A valid body with a mistake put in. `hidden` is the id of a record that the caller cannot see."""
    kinds: list[Mutation] = [
        _outside_enum, _too_long, _blank, _unknown, _generated, _nul, _wrong_type, _null, _null_default, _out_of_bounds,
        _bad_day, _malformed, _array, _other_media_type, _two,
        lambda source, entity, body: _invisible_parent(source, entity, body, hidden),
    ]  # fmt: skip
    kinds += [_missing, _two_missing] if creating else [_nothing]
    start = source.one_of(range(len(kinds)))
    for kind in (*kinds[start:], *kinds[:start]):
        made = kind(source, entity, body)
        if made is not None:
            return made
    message = f"nothing can be wrong with {entity.name}"
    raise ValueError(message)


def _of(entity: Entity, accepts: Callable[[Field], bool]) -> list[Field]:
    return [field for field in entity.fields if not field.generated and accepts(field)]


def _with(
    source: RandomSource, fields: list[Field], body: Record, value: Callable[[Field], object], ruling: str
) -> BadBody | None:
    if not fields:
        return None
    field = source.one_of(fields)
    return BadBody({**body, field.name: value(field)}, (field.name,), ruling)


def _keys(entity: Entity) -> frozenset[str]:
    return frozenset(one.foreign_key for one in entity.relations if one.type == "belongsTo")


def _missing(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    field = source.one_of(_of(entity, lambda one: one.required))
    return BadBody({name: value for name, value in body.items() if name != field.name}, (field.name,), "R1.missing")


def _two_missing(_source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    required = [field.name for field in _of(entity, lambda one: one.required)]
    if len(required) < 2:
        return None
    return BadBody({name: value for name, value in body.items() if name not in required}, tuple(required), "R1.missing")


def _two(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    first, second = _outside_enum(source, entity, body), _too_long(source, entity, body)
    if first is None or second is None:
        return None
    assert isinstance(first.body, Mapping)
    assert isinstance(second.body, Mapping)
    both = {**second.body, first.names[0]: first.body[first.names[0]]}
    return BadBody(both, (*first.names, *second.names), "R1.outside-enum")


def _outside_enum(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    enums = _of(entity, lambda one: one.type == "enum")
    return _with(source, enums, body, lambda _: "no such value", "R1.outside-enum")


def _too_long(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    fields = _of(entity, lambda one: one.max_length is not None and one.format is None)
    return _with(source, fields, body, lambda field: "x" * ((field.max_length or 0) + 1), "R1.over-max-length")


def _blank(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    texts = _of(entity, lambda one: one.required and one.type in ("string", "text") and one.format is None)
    fields = [field for field in texts if field.name not in _keys(entity)]
    text = source.one_of(("", " ", "\t\n"))
    return _with(source, fields, body, lambda _: text, "R12.blank")


def _unknown(_source: RandomSource, _entity: Entity, body: Record) -> BadBody | None:
    return BadBody({**body, "nosuchfield": "x"}, ("nosuchfield",), "R4.unknown-field")


def _generated(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    name = source.one_of(("id", "createdAt", "updatedAt"))
    value = f"{entity.id_prefix}_chosen" if name == "id" else "2001-01-01T00:00:00.000Z"
    return BadBody({**body, name: value}, (name,), "R4.unknown-field")


def _nul(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    fields = [one for one in _of(entity, lambda one: one.type in ("string", "text")) if one.name not in _keys(entity)]
    fields = [field for field in fields if field.format is None]
    return _with(source, fields, body, lambda _: "a\0b", "R16.refused")


def _wrong_type(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    return _with(source, _of(entity, lambda _: True), body, _foreign, "R1.wrong-type")


def _null(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    return _with(source, _of(entity, lambda one: one.required), body, lambda _: None, "R7.of-required")


def _null_default(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    fields = _of(entity, lambda one: one.default is not None)
    return _with(source, fields, body, lambda _: None, "R7.of-default")


def _out_of_bounds(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    fields = _of(entity, lambda one: one.type in ("integer", "number") and one.minimum is not None)
    return _with(source, fields, body, lambda field: int(field.minimum or 0) - 1, "R1.other-bounds")


def _bad_day(source: RandomSource, entity: Entity, body: Record) -> BadBody | None:
    fields = _of(entity, lambda one: one.type in ("date", "datetime"))
    return _with(source, fields, body, lambda _: source.one_of(("2025-02-30", "tomorrow")), "R1.other-bounds")


def _invisible_parent(source: RandomSource, entity: Entity, body: Record, hidden: str | None) -> BadBody | None:
    fields = [field for field in _of(entity, lambda _: True) if field.name in _keys(entity)]
    nobody = source.one_of((NOBODY, *(() if hidden is None else (hidden,))))
    return _with(source, fields, body, lambda _: nobody, "R17.nobodys")


def _malformed(source: RandomSource, _entity: Entity, body: Record) -> BadBody | None:
    text = json.dumps(body)
    raw = source.one_of((text[:-1], "{", text + "}", "")).encode()
    return BadBody(None, (), "R2.malformed-json", raw=raw or b"{")


def _array(source: RandomSource, _entity: Entity, body: Record) -> BadBody | None:
    value = source.one_of(([body], "text", 1))
    return BadBody(value, (), "R3.not-an-object", code="UNPROCESSABLE_ENTITY", status=422)


def _other_media_type(_source: RandomSource, _entity: Entity, body: Record) -> BadBody | None:
    raw = json.dumps(body).encode()
    return BadBody(
        None, (), "R3.other-media-type", code="UNPROCESSABLE_ENTITY", status=422, raw=raw, media_type="text/plain"
    )


def _nothing(_source: RandomSource, _entity: Entity, _body: Record) -> BadBody | None:
    return BadBody({}, (), "R6.empty-object")
