"""What to write and what to ask, by dice: few values, so that they meet again, and those at the borders.

Charter: everything drawn here is right; what must be refused is `mistakes`. Draws lean on the model's records, since a
question about values that nobody holds finds nothing, and a server that finds nothing looks right.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from entity_contract import Entity, Field

from entity_tests.model import answers
from entity_tests.model.dice import Dice
from entity_tests.model.question import Condition, Question
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


def text(dice: Dice, field: Field, *, plain: bool = False) -> str:
    """A text of the field, at times one of exactly the longest length."""
    if field.format == "email":
        return dice.one_of(EMAILS)
    longest = field.max_length or ASKED_LONGEST
    kind = dice.below(20)
    if kind == 19 and field.max_length is not None and field.max_length <= ASKED_LONGEST:
        return "x" * field.max_length
    if kind == 18:
        blank = "" if field.required or field.min_length else " "
        return f"{'' if plain else ' '}lead and trail{blank if plain else ' '}"
    pieces = PLAIN_PIECES if plain else PIECES
    made = dice.one_of(pieces)
    for _ in range(dice.below(3)):
        made += dice.one_of(JOINTS) + dice.one_of(pieces)
    return made[:longest]


def value(dice: Dice, field: Field, *, plain: bool = False) -> object:  # noqa: PLR0911 - one for each type
    """A value of the field's type within its bounds."""
    low = int(field.minimum or 0)
    match field.type:
        case "string" | "text":
            return text(dice, field, plain=plain)
        case "enum":
            return dice.one_of(field.values)
        case "integer":
            most = () if field.maximum is None else (int(field.maximum),)
            return dice.one_of((*(number for number in INTEGERS if number >= low), *most))
        case "number":
            return dice.one_of(tuple(number for number in NUMBERS if number >= low))
        case "boolean":
            return dice.one_of((False, True))
        case "date":
            return dice.one_of(DAYS)
        case "datetime":
            return dice.one_of(MOMENTS)


def field_value(dice: Dice, model: Model, entity: Entity, field: Field, owner: str, *, plain: bool) -> object:
    """A value that a body may hold: a foreign key names somebody, and what may be null is null at times."""
    if field.nullable and dice.sometimes(3):
        return None
    relation = next(
        (one for one in entity.relations if one.foreign_key == field.name and one.type == "belongsTo"), None
    )
    if relation is None:
        return value(dice, field, plain=plain)
    parents = model.visible(model.entity(relation.entity), owner)
    if not parents:
        assert field.nullable, f"{entity.name} needs one of {relation.entity}"
        return None
    return dice.one_of(parents)["id"]


def body(dice: Dice, model: Model, entity: Entity, owner: str, *, plain: bool = False) -> Record:
    """A CREATE body: what is required, and about half of the rest."""
    return {
        field.name: field_value(dice, model, entity, field, owner, plain=plain)
        for field in entity.fields
        if not field.generated and (field.required or dice.sometimes(6))
    }


def changes(dice: Dice, model: Model, entity: Entity, owner: str, *, plain: bool = False) -> Record:
    """A PATCH body of one to three fields."""
    fields = [field for field in entity.fields if not field.generated]
    named = dict.fromkeys(dice.one_of(fields) for _ in range(dice.between(1, 3)))
    return {field.name: field_value(dice, model, entity, field, owner, plain=plain) for field in named}


def parts(dice: Dice, entity: Entity, *, plain: bool = False) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """What to show: `fields` (None is all of them, unsaid) and `include`. Plain `fields` name the id (L20)."""
    fields: tuple[str, ...] | None = None
    if dice.sometimes(3):
        names = [field.name for field in entity.fields]
        fields = tuple(dict.fromkeys(dice.one_of(names) for _ in range(dice.below(4))))
        fields = ("id", *(name for name in fields if name != "id")) if plain else fields
    relations = [relation.name for relation in entity.relations]
    include: tuple[str, ...] = ()
    if relations and dice.sometimes(4):
        include = dice.turned(relations) if dice.sometimes(5) else (dice.one_of(relations),)
    return fields, include


def question(dice: Dice, model: Model, entity: Entity, owner: str, *, plain: bool = False) -> Question:
    """A question with some of all parts, which some record often answers."""
    records = model.visible(entity, owner)
    aim = dice.one_of(records) if records and dice.sometimes(9) else None
    fields, include = parts(dice, entity, plain=plain)
    sort, order = None, None
    if dice.sometimes(5):
        sort = dice.one_of(entity.sortable)
    if dice.sometimes(5 if sort else 0 if plain else 1):
        order = dice.one_of(("desc", "asc"))
    start, end = dates(dice, records) if dice.sometimes(3) else (None, None)
    return Question(
        entity,
        conditions=tuple(conditions(dice, entity, records, aim)) if dice.sometimes(5) else (),
        search=search(dice, entity, aim) if dice.sometimes(3) else None,
        start=start,
        end=end,
        sort=sort,
        order=order,
        fields=fields,
        include=include,
        beside=(("colour", "blue"),) if not plain and dice.below(30) == 29 else (),
        repeated=dice.sometimes(3),
    )


def conditions(dice: Dice, entity: Entity, records: Sequence[Record], aim: Record | None) -> list[Condition]:
    """One to three conditions; no operator twice on one field."""
    made: dict[tuple[str, str], Condition] = {}
    field = _some_field(dice, entity)
    for _ in range(dice.one_of((1, 1, 1, 2, 2, 3))):
        one = _telling(dice, entity, field, records, aim)
        made[field.name, one.operator] = one
        if dice.sometimes(6):
            field = _some_field(dice, entity)
    return list(made.values())


def _some_field(dice: Dice, entity: Entity) -> Field:
    """A field of some kind, each kind as often as any other; foreign keys are a kind of their own."""
    keys = {relation.foreign_key for relation in entity.relations}
    kinds: dict[str, list[Field]] = {}
    for field in entity.fields:
        kinds.setdefault("key" if field.name in keys else field.type, []).append(field)
    return dice.one_of(kinds[dice.one_of(sorted(kinds))])


def _telling(dice: Dice, entity: Entity, field: Field, records: Sequence[Record], aim: Record | None) -> Condition:
    """A condition that selects some records and not all of them, the aim among them; any other one after five rolls."""
    for _ in range(5):
        one = condition(dice, field, records, aim)
        held = [record for record in records if answers.holds(entity, one, record, DECIDED)]
        if len(held) < len(records) and (held if aim is None else aim in held):
            break
    return one


def condition(dice: Dice, field: Field, records: Sequence[Record], aim: Record | None) -> Condition:
    """One operator on a field, with an operand that lies near what records hold."""
    operators = ["$eq", "$eq", "$ne", "$in", "$nin"]
    if field.type not in ("boolean", "enum"):
        operators += ["$gt", "$gte", "$lt", "$lte"]
    if field.type in ("string", "text"):
        operators += ["$contains", "$startsWith", "$endsWith"] * 3
    if field.nullable:
        operators += ["$null", "$null"]
    operator = dice.one_of(operators)
    if operator == "$null":
        return Condition(field.name, operator, dice.one_of((False, True)))
    if operator in ("$in", "$nin"):
        return Condition(field.name, operator, [_near(dice, field, records, aim) for _ in range(dice.between(1, 3))])
    operand = _near(dice, field, records, aim)
    if operator in ("$contains", "$startsWith", "$endsWith"):
        assert isinstance(operand, str)
        operand = _cut(dice, operand, operator)
    return Condition(field.name, operator, operand, bare=operator == "$eq" and dice.one_of((False, True)))


def search(dice: Dice, entity: Entity, aim: Record | None) -> str:
    """Words, mostly from one record: whole, in part, in other letters, and from several of its fields."""
    kind = dice.below(10)
    if kind == 0:
        return dice.one_of(("", " ", "\t"))
    texts = [str(aim[name]) for name in entity.searchable if aim is not None and aim[name]]
    words = [word for one in texts for word in one.split()]
    found = []
    for _ in range(dice.between(1, 3)):
        word = dice.one_of(words) if words and dice.sometimes(8) else dice.one_of(PIECES)
        found.append(_cut(dice, word, "$contains") if dice.sometimes(5) else _recased(dice, word))
    return dice.one_of((" ", "  ")).join(found)


def dates(dice: Dice, records: Sequence[Record]) -> tuple[str | None, str | None]:
    """A start, an end, or both in order, at and beside the creation of records, spelled in every way (L19)."""
    made = [_moment(one["createdAt"]) for one in records]
    if not made:
        return "2025-01-01", None
    kind = dice.below(3)
    first, last = sorted((dice.one_of(made), dice.one_of(made)))
    start = _spelled(dice, first) if kind != 1 else None
    end = _spelled(dice, last) if kind != 0 else None
    if start is not None and end is not None and not _in_order(start, end):
        return start, None
    return start, end


def _in_order(start: str, end: str) -> bool:
    first, last = moment(start), moment(end, day=datetime.max.time())
    return first is not None and last is not None and first <= last


def _spelled(dice: Dice, at: datetime) -> str:
    at += timedelta(milliseconds=dice.one_of((0, 0, 1, -1)))
    kind = dice.below(5)
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


def _near(dice: Dice, field: Field, records: Sequence[Record], aim: Record | None) -> Any:
    """A value that some record has, one beside it, or any other."""
    kind = dice.below(10)
    held = [one[field.name] for one in records if one[field.name] is not None]
    if aim is not None and aim[field.name] is not None and kind < 5:
        return _beside(dice, field, aim[field.name])
    if held and kind < 9:
        return _beside(dice, field, dice.one_of(held))
    return value(dice, field)


def _beside(dice: Dice, field: Field, held: Any) -> Any:
    """The value, or at times its neighbour."""
    if not dice.sometimes(2):
        return held
    step = dice.one_of((-1, 1))
    match field.type:
        case "integer":
            return held + step
        case "number":
            return held + step / 4
        case "datetime":
            return _spelled_moment(dice, _moment(held) + timedelta(milliseconds=step))
        case "string" | "text":
            return _recased(dice, held)
        case _:
            return held


def _spelled_moment(dice: Dice, at: datetime) -> str:
    plain = at.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return plain if dice.one_of((False, True)) else f"{plain}Z"


def _cut(dice: Dice, whole: str, operator: str) -> str:
    """A part of a text from where the operator looks, at times in other letters, or with what is no wildcard."""
    if not whole:
        return whole
    if dice.below(10) == 9:
        return dice.one_of(("%", "_", "*", "a%b", "a_b", "\\"))
    size = min(len(whole), dice.one_of((1, 1, 2, 3, 5, 8)))  # short parts stand elsewhere as well
    start = {"$startsWith": 0, "$endsWith": len(whole) - size}.get(operator)
    if start is None or dice.below(10) == 9:
        start = dice.between(0, len(whole) - size)
    return _recased(dice, whole[start : start + size])


def _recased(dice: Dice, whole: str) -> str:
    return dice.one_of((whole, whole, whole.upper(), whole.lower(), whole.swapcase()))


def _moment(spelled: object) -> datetime:
    read = moment(str(spelled))
    assert read is not None
    return read
