"""Draws bodies and questions from a random source: few values, so that they repeat, and those at the borders.

Everything drawn here is valid; what must be refused is in `mistakes`. Questions use the values of the model's records:
a question about other values selects nothing, and a server that selects nothing looks right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import Any

from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.oracle.records import Model, Record
from entity_conformance.oracle.times import elsewhere, instant, moment, shifted
from entity_contract import Entity, Field, OperandKind, Operator

from entity_tests.model.random_source import RandomSource

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
_EAST, _WEST = timezone(timedelta(hours=9)), timezone(-timedelta(hours=5, minutes=30))
EMAILS = ("ada@example.com", "Ada@example.com", "ben@example.org", "zoe.b@example.com", "a_b@example.com")
LIMITS = (1, 1, 2, 2, 3, 5, 20, 100)
ASKED_LONGEST = 200
FREQUENCY: Mapping[OperandKind, int] = {"text": 3, "boolean": 2}
"""How often an operator is drawn, by the kind of its operand; otherwise once."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws what one caller writes to an entity, and asks of it.

    `plain` draws only what no deployment may take amiss: ASCII texts, date-times with an offset, no unknown parameters.
    """

    source: RandomSource
    model: Model
    entity: Entity
    caller: str
    plain: bool

    @property
    def records(self) -> tuple[Record, ...]:
        """The caller's records."""
        return self.model.visible(self.entity, self.caller)

    def body(self) -> Record:
        """A CREATE body: what is required, and about half of the rest."""
        return {
            field.name: self._field_value(field)
            for field in self.entity.fields
            if not field.generated and (field.required or self.source.sometimes(6)) and self._can_name(field)
        }

    def changes(self) -> Record:
        """A PATCH body of one to three fields."""
        fields = [field for field in self.entity.fields if not field.generated and self._can_name(field)]
        named = dict.fromkeys(self.source.one_of(fields) for _ in range(self.source.between(1, 3)))
        return {field.name: self._field_value(field) for field in named}

    def projection(self) -> Question:
        """A question with `fields` and `include` alone. Plain `fields` name the id (L20)."""
        fields: tuple[str, ...] | None = None
        if self.source.sometimes(3):
            names = [field.name for field in self.entity.fields]
            fields = tuple(dict.fromkeys(self.source.one_of(names) for _ in range(self.source.below(4))))
            fields = ("id", *(name for name in fields if name != "id")) if self.plain else fields
        relations = [relation.name for relation in self.entity.includable]
        include: tuple[str, ...] = ()
        if relations and self.source.sometimes(4):
            some = self.source.sometimes(5)
            include = self.source.rotated(relations) if some else (self.source.one_of(relations),)
        return Question(self.entity, fields=fields, include=include, repeated=self.source.sometimes(3))

    def question(self) -> Question:
        """A question with some of all parts, which often selects a record."""
        source, records = self.source, self.records
        target = source.one_of(records) if records and source.sometimes(9) else None
        shown = self.projection()
        sort = source.one_of(self.entity.sortable) if self.entity.sortable and source.sometimes(5) else None
        ordered = source.sometimes(5 if sort else 0 if self.plain else 1)
        order = source.one_of(("desc", "asc")) if ordered else None
        start, end = self._dates() if source.sometimes(3) else (None, None)
        return Question(
            self.entity,
            conditions=tuple(self._conditions(target)) if source.sometimes(5) else (),
            search=self._search(target) if self.entity.searchable and source.sometimes(3) else None,
            start=start,
            end=end,
            sort=sort,
            order=order,
            fields=shown.fields,
            include=shown.include,
            beside=(("colour", "blue"),) if not self.plain and source.below(30) == 29 else (),
            repeated=shown.repeated,
        )

    def _field_value(self, field: Field) -> object:
        """A value for a body: a foreign key names a record that exists, and a nullable field is sometimes null."""
        if field.nullable and self.source.sometimes(3):
            return None
        parents = self._parents(field)
        if parents is None:
            return value(self.source, field, plain=self.plain)
        return self.source.one_of(parents)["id"] if parents else None

    def _can_name(self, field: Field) -> bool:
        """Whether a body can hold a value for the field: its parents may be lost."""
        return field.nullable or self._parents(field) != ()

    def _parents(self, field: Field) -> tuple[Record, ...] | None:
        """The records that the field can name; None where it names none."""
        relations = (one for one in self.entity.relations if one.foreign_key == field.name)
        relation = next((one for one in relations if one.type == "belongsTo"), None)
        return None if relation is None else self.model.visible(self.model.entity(relation.entity), self.caller)

    def _conditions(self, target: Record | None) -> list[Condition]:
        """One to three conditions; no operator twice on one field."""
        made: dict[tuple[str, str], Condition] = {}
        field = some_field(self.source, self.entity)
        for _ in range(self.source.one_of((1, 1, 1, 2, 2, 3))):
            one = self._selective(field, target)
            made[field.name, one.operator] = one
            if self.source.sometimes(6):
                field = some_field(self.source, self.entity)
        return list(made.values())

    def _selective(self, field: Field, target: Record | None) -> Condition:
        """A condition that selects the target and not every record; after five attempts, any condition."""
        records = self.records
        for _ in range(5):
            one = self._condition(field, target)
            held = [record for record in records if answers.holds(self.entity, one, record, DECIDED)]
            if len(held) < len(records) and (held if target is None else target in held):
                break
        return one

    def _condition(self, field: Field, target: Record | None) -> Condition:
        """One operator on a field, with an operand equal or close to the values of records."""
        operator = self.source.one_of([one for one in self._operators(field) for _ in range(_frequency(one))])
        match operator.operand:
            case "boolean":
                return Condition(field.name, operator.name, self.source.one_of((False, True)))
            case "list":
                operands = [self._near(field, target) for _ in range(self.source.between(1, 3))]
                return Condition(field.name, operator.name, operands)
            case "text":
                whole = str(self._near(field, target))
                return Condition(field.name, operator.name, self._part(whole, operator.name))
            case "value":
                bare = operator.name == "$eq" and self.source.one_of((False, True))
                return Condition(field.name, operator.name, self._near(field, target), bare=bare)

    def _operators(self, field: Field) -> list[Operator]:
        """The operators that a field takes; whether it is null is asked of fields that may be."""
        mine = [one for one in self.model.operators if field.type in one.types and one.name in answers.MEANINGS]
        return [one for one in mine if one.operand != "boolean" or field.nullable]

    def _search(self, target: Record | None) -> str:
        """Words, mostly from one record: whole or a part, in lower or upper case, from several of its fields."""
        if self.source.below(10) == 0:
            return self.source.one_of(("", " ", "\t"))
        texts = [str(target[name]) for name in self.entity.searchable if target is not None and target[name]]
        words = [word for one in texts for word in one.split()]
        found = []
        for _ in range(self.source.between(1, 3)):
            word = self.source.one_of(words) if words and self.source.sometimes(8) else self.source.one_of(PIECES)
            found.append(self._part(word, "$contains") if self.source.sometimes(5) else self._recased(word))
        return self.source.one_of((" ", "  ")).join(found)

    def _dates(self) -> tuple[str | None, str | None]:
        """A start, an end, or both in order, at or next to the creation time of records, in every spelling (L19)."""
        made = [instant(one["createdAt"]) for one in self.records]
        if not made:
            return "2025-01-01", None
        kind = self.source.below(3)
        first, last = sorted((self.source.one_of(made), self.source.one_of(made)))
        start = self._spelled(first) if kind != 1 else None
        end = self._spelled(last) if kind != 0 else None
        begins, ends = moment(start), moment(end, day=time.max)
        return (start, None) if begins is not None and ends is not None and begins > ends else (start, end)

    def _spelled(self, at: datetime) -> str:
        at = shifted(at, timedelta(milliseconds=self.source.one_of((0, 0, 1, -1))))
        match self.source.below(5):
            case 0:
                return at.date().isoformat()
            case 1:
                return _milliseconds(at)  # no offset is UTC
            case 2:
                return elsewhere(at, _EAST).isoformat(timespec="milliseconds")
            case 3:
                return elsewhere(at, _WEST).isoformat(timespec="milliseconds")
            case _:
                return f"{_milliseconds(at)}Z"

    def _near(self, field: Field, target: Record | None) -> Any:
        """A value of some record, one next to it, or any other value."""
        kind = self.source.below(10)
        held = [one[field.name] for one in self.records if one[field.name] is not None]
        if target is not None and target[field.name] is not None and kind < 5:
            return self._next_to(field, target[field.name])
        if held and kind < 9:
            return self._next_to(field, self.source.one_of(held))
        return value(self.source, field, plain=self.plain)

    def _next_to(self, field: Field, held: Any) -> Any:
        """The value, or sometimes the one next to it."""
        if not self.source.sometimes(2):
            return held
        step = self.source.one_of((-1, 1))
        match field.type:
            case "integer":
                return held + step
            case "number":
                return held + step / 4
            case "datetime":
                spelled = _milliseconds(shifted(instant(held), timedelta(milliseconds=step)))
                return spelled if not self.plain and self.source.one_of((False, True)) else f"{spelled}Z"
            case "string" | "text":
                return self._recased(held)
            case _:
                return held

    def _part(self, whole: str, operator: str) -> str:
        """A part of a text where the operator looks, sometimes in another case, or a character such as %."""
        if not whole:
            return whole
        if self.source.below(10) == 9:
            return self.source.one_of(("%", "_", "*", "a%b", "a_b", "\\"))
        size = min(len(whole), self.source.one_of((1, 1, 2, 3, 5, 8)))  # short parts occur in other records too
        start = {"$startsWith": 0, "$endsWith": len(whole) - size}.get(operator)
        if start is None or self.source.below(10) == 9:
            start = self.source.between(0, len(whole) - size)
        return self._recased(whole[start : start + size])

    def _recased(self, whole: str) -> str:
        return self.source.one_of((whole, whole, whole.upper(), whole.lower(), whole.swapcase()))


def some_field(source: RandomSource, entity: Entity) -> Field:
    """A field: first a kind is chosen, then a field of it. Foreign keys are a kind of their own."""
    keys = {relation.foreign_key for relation in entity.relations}
    kinds: dict[str, list[Field]] = {}
    for field in entity.fields:
        kinds.setdefault("key" if field.name in keys else field.type, []).append(field)
    return source.one_of(kinds[source.one_of(sorted(kinds))])


def text(source: RandomSource, field: Field, *, plain: bool = False) -> str:
    """A text of the field, sometimes one of exactly the longest length."""
    if field.format == "email":
        return source.one_of(EMAILS)
    longest = field.max_length or ASKED_LONGEST
    kind = source.below(20)
    if kind == 19 and field.max_length is not None and field.max_length <= ASKED_LONGEST:
        return f"{'xxxxxxxx ' * field.max_length}"[: field.max_length - 1] + "x"  # words: a page breaks no longer ones
    if kind == 18:
        blank = "" if field.required or field.min_length else " "
        return f"{'' if plain else ' '}lead and trail{blank if plain else ' '}"
    pieces = PLAIN_PIECES if plain else PIECES
    made = source.one_of(pieces)
    for _ in range(source.below(3)):
        made += source.one_of(JOINTS) + source.one_of(pieces)
    return made[:longest].ljust(field.min_length or 0, "x")


def value(source: RandomSource, field: Field, *, plain: bool = False) -> object:  # noqa: PLR0911 - one for each type
    """A value of the field's type within its bounds."""
    low = int(field.minimum or 0)
    if field.samples:
        return source.one_of(field.samples)
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


def marked(body: Record, entity: Entity, mark: str) -> Record:
    """The body with the mark of the run in a text, by which its record can be found when the answer gets lost."""
    field = text_field(entity, len(mark))
    if field is None:
        return body
    room = (field.max_length or ASKED_LONGEST) - len(mark) - 1
    return {**body, field.name: f"{str(body.get(field.name) or '')[:room]} {mark}".strip()}


def text_field(entity: Entity, length: int) -> Field | None:
    """A field of a body that can hold any text of that length, if there is one; a required one if possible."""
    keys = {relation.foreign_key for relation in entity.relations}
    fields = [
        field
        for field in entity.fields
        if field.type in ("string", "text") and not field.generated and field.format is None and field.name not in keys
        if not field.samples
        if field.max_length is None or field.max_length > length
    ]
    return next(iter(sorted(fields, key=lambda field: not field.required)), None)


def _frequency(operator: Operator) -> int:
    return FREQUENCY.get(operator.operand, 1) + (operator.name == "$eq")


def _milliseconds(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds")
