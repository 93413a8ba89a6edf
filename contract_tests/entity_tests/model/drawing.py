"""Draws bodies and questions from a random source: few values, so that they repeat, and those at the borders.

Everything drawn here is valid; what must be refused is in `mistakes`. Questions use the values of the model's records:
a question about other values selects nothing, and a server that selects nothing looks right.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from entity_contract import Entity, Field, OperandKind, Operator

from entity_tests.model import answers
from entity_tests.model.question import Condition, Question
from entity_tests.model.random_source import RandomSource
from entity_tests.model.reading import DECIDED
from entity_tests.model.records import Model, Record
from entity_tests.properties.filters import moment

PIECES = (
    "alpha", "Alpha", "beta", "Beta gamma", "b", "a", "10", "9", "100%", "a_b", "a*b", "axb", "a%b", "o'neil", '"q"',
    "a\\b", "Émile", "émile", "straße", "STRASSE", "İx", "ﬁn", "ΣΑΣ", "日本", "😀", "e\u0301",
)  # fmt: skip
PLAIN_PIECES = tuple(one for one in PIECES if one.isascii())
JOINTS = (" ", "", "  ", "\t", "\n", "\u00a0", "-")
INTEGERS = (0, 1, 2, 9, 10, 11, 100)
NUMBERS = (0, 0.5, 1, 1.25, 2, 9.5, 10, 100.125)
DAYS = ("1999-12-31", "2024-02-29", "2025-01-30", "2025-01-31", "2025-02-01", "2025-12-31")
MOMENTS = (
    "2025-01-30T23:59:59.999Z", "2025-01-31T00:00:00Z", "2025-01-31T10:30:00Z", "2025-01-31T12:30:00+02:00",
    "2025-01-31T10:30:00.500Z", "2025-01-31T20:00:00-05:00", "1999-12-31T23:59:59Z",
)  # fmt: skip
EMAILS = ("ada@example.com", "Ada@example.com", "ben@example.org", "zoe.b@example.com", "a_b@example.com")
LIMITS = (1, 1, 2, 2, 3, 5, 20, 100)
ASKED_LONGEST = 200
WEIGHTS: Mapping[OperandKind, int] = {"value": 1, "list": 1, "text": 3, "boolean": 2}
"""How often an operator is asked for, by its operand."""


def text(source: RandomSource, field: Field, *, plain: bool = False) -> str:
    """A text of the field, sometimes one of exactly the longest length."""
    if field.format == "email":
        return source.one_of(EMAILS)
    longest = field.max_length or ASKED_LONGEST
    kind = source.below(20)
    if kind == 19 and field.max_length is not None and field.max_length <= ASKED_LONGEST:
        return "x" * field.max_length
    if kind == 18:
        blank = "" if field.required or field.min_length else " "
        return f"{'' if plain else ' '}lead and trail{blank if plain else ' '}"
    pieces = PLAIN_PIECES if plain else PIECES
    made = source.one_of(pieces)
    for _ in range(source.below(3)):
        made += source.one_of(JOINTS) + source.one_of(pieces)
    return made[:longest]


def value(source: RandomSource, field: Field, *, plain: bool = False) -> object:  # noqa: PLR0911 - one for each type
    """A value of the field's type within its bounds."""
    low = int(field.minimum or 0)
    match field.type:
        case "string" | "text":
            return text(source, field, plain=plain)
        case "enum":
            return source.one_of(field.values)
        case "integer":
            most = () if field.maximum is None else (int(field.maximum),)
            return source.one_of((*(number for number in INTEGERS if number >= low), *most))
        case "number":
            return source.one_of(tuple(number for number in NUMBERS if number >= low))
        case "boolean":
            return source.one_of((False, True))
        case "date":
            return source.one_of(DAYS)
        case "datetime":
            return source.one_of(MOMENTS)


def field_value(source: RandomSource, model: Model, entity: Entity, field: Field, owner: str, *, plain: bool) -> object:
    """A value for a body: a foreign key names a record that exists, and a nullable field is sometimes null."""
    if field.nullable and source.sometimes(3):
        return None
    relation = next(
        (one for one in entity.relations if one.foreign_key == field.name and one.type == "belongsTo"), None
    )
    if relation is None:
        return value(source, field, plain=plain)
    parents = model.visible(model.entity(relation.entity), owner)
    if not parents:
        assert field.nullable, f"{entity.name} needs one of {relation.entity}"
        return None
    return source.one_of(parents)["id"]


def body(source: RandomSource, model: Model, entity: Entity, owner: str, *, plain: bool = False) -> Record:
    """A CREATE body: what is required, and about half of the rest."""
    return {
        field.name: field_value(source, model, entity, field, owner, plain=plain)
        for field in entity.fields
        if not field.generated and (field.required or source.sometimes(6))
    }


def changes(source: RandomSource, model: Model, entity: Entity, owner: str, *, plain: bool = False) -> Record:
    """A PATCH body of one to three fields."""
    fields = [field for field in entity.fields if not field.generated]
    named = dict.fromkeys(source.one_of(fields) for _ in range(source.between(1, 3)))
    return {field.name: field_value(source, model, entity, field, owner, plain=plain) for field in named}


def parts(
    source: RandomSource, entity: Entity, *, plain: bool = False
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The parameters `fields` (None is not sent) and `include`. Plain `fields` name the id (L20)."""
    fields: tuple[str, ...] | None = None
    if source.sometimes(3):
        names = [field.name for field in entity.fields]
        fields = tuple(dict.fromkeys(source.one_of(names) for _ in range(source.below(4))))
        fields = ("id", *(name for name in fields if name != "id")) if plain else fields
    relations = [relation.name for relation in entity.relations]
    include: tuple[str, ...] = ()
    if relations and source.sometimes(4):
        include = source.rotated(relations) if source.sometimes(5) else (source.one_of(relations),)
    return fields, include


def question(source: RandomSource, model: Model, entity: Entity, owner: str, *, plain: bool = False) -> Question:
    """A question with some of all parts, which often selects a record."""
    records = model.visible(entity, owner)
    target = source.one_of(records) if records and source.sometimes(9) else None
    fields, include = parts(source, entity, plain=plain)
    sort, order = None, None
    if source.sometimes(5):
        sort = source.one_of(entity.sortable)
    if source.sometimes(5 if sort else 0 if plain else 1):
        order = source.one_of(("desc", "asc"))
    start, end = dates(source, records) if source.sometimes(3) else (None, None)
    return Question(
        entity,
        conditions=tuple(conditions(source, model.operators, entity, records, target)) if source.sometimes(5) else (),
        search=search(source, entity, target) if source.sometimes(3) else None,
        start=start,
        end=end,
        sort=sort,
        order=order,
        fields=fields,
        include=include,
        beside=(("colour", "blue"),) if not plain and source.below(30) == 29 else (),
        repeated=source.sometimes(3),
    )


def conditions(
    source: RandomSource,
    operators: Sequence[Operator],
    entity: Entity,
    records: Sequence[Record],
    target: Record | None,
) -> list[Condition]:
    """One to three conditions; no operator twice on one field."""
    made: dict[tuple[str, str], Condition] = {}
    field = _some_field(source, entity)
    for _ in range(source.one_of((1, 1, 1, 2, 2, 3))):
        one = _selective(source, operators, entity, field, records, target=target)
        made[field.name, one.operator] = one
        if source.sometimes(6):
            field = _some_field(source, entity)
    return list(made.values())


def _some_field(source: RandomSource, entity: Entity) -> Field:
    """A field: first a kind is chosen, then a field of it. Foreign keys are a kind of their own."""
    keys = {relation.foreign_key for relation in entity.relations}
    kinds: dict[str, list[Field]] = {}
    for field in entity.fields:
        kinds.setdefault("key" if field.name in keys else field.type, []).append(field)
    return source.one_of(kinds[source.one_of(sorted(kinds))])


def _selective(
    source: RandomSource,
    operators: Sequence[Operator],
    entity: Entity,
    field: Field,
    records: Sequence[Record],
    *,
    target: Record | None,
) -> Condition:
    """A condition that selects the target and not every record; after five attempts, any condition."""
    for _ in range(5):
        one = condition(source, operators, field, records, target)
        held = [record for record in records if answers.holds(entity, one, record, DECIDED)]
        if len(held) < len(records) and (held if target is None else target in held):
            break
    return one


def condition(
    source: RandomSource,
    operators: Sequence[Operator],
    field: Field,
    records: Sequence[Record],
    target: Record | None,
) -> Condition:
    """One operator on a field, with an operand equal or close to the values of records."""
    usable = [one for one in operators if field.type in one.types and one.name in answers.MEANINGS]
    weighted = [
        one for one in usable for _ in range(WEIGHTS[one.operand]) if one.operand != "boolean" or field.nullable
    ]
    operator = source.one_of(weighted)
    match operator.operand:
        case "value":
            bare = operator.name == "$eq" and source.one_of((False, True))
            return Condition(field.name, operator.name, _near(source, field, records, target), bare=bare)
        case "list":
            several = [_near(source, field, records, target) for _ in range(source.between(1, 3))]
            return Condition(field.name, operator.name, several)
        case "text":
            whole = str(_near(source, field, records, target))
            return Condition(field.name, operator.name, _cut(source, whole, operator.name))
        case "boolean":
            return Condition(field.name, operator.name, source.one_of((False, True)))
        case _:
            assert_never(operator.operand)


def search(source: RandomSource, entity: Entity, target: Record | None) -> str:
    """Words, mostly from one record: whole or a part, in lower or upper case, from several of its fields."""
    kind = source.below(10)
    if kind == 0:
        return source.one_of(("", " ", "\t"))
    texts = [str(target[name]) for name in entity.searchable if target is not None and target[name]]
    words = [word for one in texts for word in one.split()]
    found = []
    for _ in range(source.between(1, 3)):
        word = source.one_of(words) if words and source.sometimes(8) else source.one_of(PIECES)
        found.append(_cut(source, word, "$contains") if source.sometimes(5) else _recased(source, word))
    return source.one_of((" ", "  ")).join(found)


def dates(source: RandomSource, records: Sequence[Record]) -> tuple[str | None, str | None]:
    """A start, an end, or both in order, at or next to the creation time of records, in every spelling (L19)."""
    made = [_moment(one["createdAt"]) for one in records]
    if not made:
        return "2025-01-01", None
    kind = source.below(3)
    first, last = sorted((source.one_of(made), source.one_of(made)))
    start = _spelled(source, first) if kind != 1 else None
    end = _spelled(source, last) if kind != 0 else None
    if start is not None and end is not None and not _in_order(start, end):
        return start, None
    return start, end


def _in_order(start: str, end: str) -> bool:
    first, last = moment(start), moment(end, day=datetime.max.time())
    return first is not None and last is not None and first <= last


def _spelled(source: RandomSource, at: datetime) -> str:
    at += timedelta(milliseconds=source.one_of((0, 0, 1, -1)))
    kind = source.below(5)
    plain = at.replace(tzinfo=None).isoformat(timespec="milliseconds")
    match kind:
        case 0:
            return at.date().isoformat()
        case 1:
            return plain  # no offset is UTC
        case 2:
            ahead = (at.replace(tzinfo=None) + timedelta(hours=9)).isoformat(timespec="milliseconds")
            return f"{ahead}+09:00"
        case 3:
            behind = (at.replace(tzinfo=None) - timedelta(hours=5, minutes=30)).isoformat(timespec="milliseconds")
            return f"{behind}-05:30"
        case _:
            return f"{plain}Z"


def _near(source: RandomSource, field: Field, records: Sequence[Record], target: Record | None) -> Any:
    """A value of some record, one next to it, or any other value."""
    kind = source.below(10)
    held = [one[field.name] for one in records if one[field.name] is not None]
    if target is not None and target[field.name] is not None and kind < 5:
        return _beside(source, field, target[field.name])
    if held and kind < 9:
        return _beside(source, field, source.one_of(held))
    return value(source, field)


def _beside(source: RandomSource, field: Field, held: Any) -> Any:
    """The value, or sometimes the one next to it."""
    if not source.sometimes(2):
        return held
    step = source.one_of((-1, 1))
    match field.type:
        case "integer":
            return held + step
        case "number":
            return held + step / 4
        case "datetime":
            return _spelled_moment(source, _moment(held) + timedelta(milliseconds=step))
        case "string" | "text":
            return _recased(source, held)
        case _:
            return held


def _spelled_moment(source: RandomSource, at: datetime) -> str:
    plain = at.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return plain if source.one_of((False, True)) else f"{plain}Z"


def _cut(source: RandomSource, whole: str, operator: str) -> str:
    """A part of a text where the operator looks, sometimes in another case, or a character such as %."""
    if not whole:
        return whole
    if source.below(10) == 9:
        return source.one_of(("%", "_", "*", "a%b", "a_b", "\\"))
    size = min(len(whole), source.one_of((1, 1, 2, 3, 5, 8)))  # short parts occur in other records too
    start = {"$startsWith": 0, "$endsWith": len(whole) - size}.get(operator)
    if start is None or source.below(10) == 9:
        start = source.between(0, len(whole) - size)
    return _recased(source, whole[start : start + size])


def _recased(source: RandomSource, whole: str) -> str:
    return source.one_of((whole, whole, whole.upper(), whole.lower(), whole.swapcase()))


def _moment(spelled: object) -> datetime:
    read = moment(str(spelled))
    assert read is not None
    return read
