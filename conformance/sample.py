"""Bodies derived from an Entity: valid ones that vary, and broken ones with one vice each.

Pure and deterministic: the same run id gives the same bodies. Every body carries the run's mark
(`conformance-<run id>`) where a free text allows it, so that what a run made can be found. Foreign keys are given
by the caller (`given` makes the parents). Fields of a type that the contract does not know are never sampled.

The values of one field over several bodies are chosen so that every legitimate collation sorts them alike, that
numbers sort otherwise as text, and that creation order is none of these orders.
"""

import hashlib
import random
from collections.abc import Callable, Collection, Mapping

from contract import Entity, Field, FieldType, Scalar

Body = dict[str, Scalar]

VARIANTS = 5
LITERALS = "50%_off*"
_INITIALS = "mctgv"  # pairwise different, in none of the orders that a list may have by itself
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_INTEGERS = (33, 9, 120, 10, 2)
_NUMBERS = (33.5, 9.25, 120.75, 10.125, 2.5)
_DATES = ("2021-07-09", "2019-12-31", "2023-02-03", "2020-02-29", "2022-10-21")
_DATETIMES = (
    "2021-07-09T08:30:00Z",
    "2019-12-31T23:59:59Z",
    "2023-02-03T00:00:00Z",
    "2020-02-29T12:15:30Z",
    "2022-10-21T17:45:10Z",
)
_PATTERNS = {None, r"\S"}
_TEXTS = {"string", "text"}
_TYPES = {"string", "text", "enum", "integer", "number", "boolean", "date", "datetime"}


def mark(run: str) -> str:
    """The text by which a run's records can be told from all others."""
    return f"conformance-{run}"


def word(run: str, name: str, initial: str | None = None) -> str:
    """An invented word of nine letters; another name or run gives another word."""
    chance = random.Random(hashlib.sha256(f"{run}/{name}".encode()).digest())  # noqa: S311  # a sample, not a secret
    letters = [chance.choice(_VOWELS if place % 2 else _CONSONANTS) for place in range(9)]
    return (initial or letters[0]) + "".join(letters[1:])


def writable(entity: Entity) -> tuple[Field, ...]:
    """The fields that a body may name and a sample knows how to fill, foreign keys left out."""
    keys = foreign_keys(entity)
    return tuple(
        field
        for field in entity.fields
        if not field.generated and field.name not in keys and field.type in _TYPES and field.pattern in _PATTERNS
    )


def foreign_keys(entity: Entity) -> frozenset[str]:
    """The names of the fields that hold another record's id."""
    return frozenset(relation.foreign_key for relation in entity.relations if relation.type == "belongsTo")


def free_texts(entity: Entity) -> tuple[Field, ...]:
    """Writable text without a format, long enough for a title; the required ones first, as the entity orders them."""
    texts = [
        field
        for field in writable(entity)
        if field.type in _TEXTS and field.format is None and (field.max_length is None or field.max_length >= 40)
    ]
    return tuple(sorted(texts, key=lambda field: not field.required))


def title_field(entity: Entity) -> Field | None:
    """The text that tells one sample from another."""
    return next(iter(free_texts(entity)), None)


def mark_field(entity: Entity) -> Field | None:
    """The text that is the same in all samples of one group, so that equality with it selects the group."""
    title = title_field(entity)
    return next((field for field in reversed(free_texts(entity)) if field != title), None)


def first(entity: Entity, *types: FieldType) -> str:
    """The name of the first writable field of these types that samples vary. Raises LookupError when there is none."""
    return next(iter(_plain(entity, types))).name


def has(*types: FieldType) -> Callable[[Entity], bool]:
    """Whether an entity has a field that `first` would find."""
    return lambda entity: bool(_plain(entity, types))


def optional(entity: Entity) -> str | None:
    """The name of a field that a record may hold nothing in, text for preference, never the title."""
    fields = [field for field in writable(entity) if field.nullable and not field.required and field.default is None]
    fields = [field for field in fields if field != title_field(entity)]
    return next((field.name for field in sorted(fields, key=lambda field: field.type not in _TEXTS)), None)


def has_optional(entity: Entity) -> bool:
    """Whether an entity has a field that `optional` would find."""
    return optional(entity) is not None


def has_parent(entity: Entity) -> bool:
    """Whether a record of the entity belongs to one that can be created: to anything but a user of the directory."""
    return any(relation.type == "belongsTo" and relation.entity != "users" for relation in entity.relations)


def own_word(run: str, group: str, index: int) -> str:
    """The invented word that begins the title of one sample and stands in no other."""
    return word(run, f"{group}/{index}", _INITIALS[index % VARIANTS])


def title(run: str, group: str, index: int) -> str:
    """The title of a sample: its own word, the group's word, and in the last variant characters that patterns use."""
    ending = LITERALS if index % VARIANTS == VARIANTS - 1 else "plain"
    return f"{own_word(run, group, index)} {word(run, group)} {ending}"


def marked(run: str, group: str) -> str:
    """The text that all samples of a group share: the run's mark and an invented word."""
    return f"{mark(run)} {word(run, f'{group} mark')}"


def full(entity: Entity, run: str, *, group: str = "", index: int = 0, keys: Mapping[str, str] | None = None) -> Body:
    """A valid body that names every field that can be sampled; `index` varies it, `keys` are its foreign keys."""
    group = group or entity.name
    body: Body = {field.name: value(field, run, group=group, index=index) for field in writable(entity)}
    for field, text in ((title_field(entity), title(run, group, index)), (mark_field(entity), marked(run, group))):
        if field is not None:
            body[field.name] = _cut(field, text)
    return body | dict(keys or {})


def minimal(
    entity: Entity, run: str, *, group: str = "", index: int = 0, keys: Mapping[str, str] | None = None
) -> Body:
    """A valid body that names the required fields only."""
    required = {field.name for field in entity.fields if field.required}
    body = full(entity, run, group=group, index=index, keys=keys)
    return {name: given for name, given in body.items() if name in required}


def value(field: Field, run: str, *, group: str, index: int) -> Scalar:
    """A valid value for a field; the first five indexes give different values wherever the type has as many."""
    variant = index % VARIANTS
    match field.type:
        case "string" | "text":
            return _text(field, run, group=group, index=index)
        case "enum":
            return field.values[(index + 1) % len(field.values)] if field.values else None
        case "integer":
            return int(_within(field, _INTEGERS[variant], variant))
        case "number":
            return _within(field, _NUMBERS[variant], variant)
        case "boolean" | "date" | "datetime":
            dated: dict[str, Scalar] = {"date": _DATES[variant], "datetime": _DATETIMES[variant]}
            return dated.get(field.type, variant % 2 == 0)


def other_value(field: Field, run: str, current: object) -> Scalar:
    """A valid value that differs from the current one."""
    found = (value(field, run, group=f"other-{field.name}", index=index) for index in range(VARIANTS))
    return next((candidate for candidate in found if candidate != current), None)


def changeable(entity: Entity) -> tuple[Field, ...]:
    """The fields whose value an update can change to another valid one."""
    return tuple(field for field in writable(entity) if field.type != "enum" or len(field.values) > 1)


def wrong_type(field: Field) -> object:
    """A JSON value of a type that is never right for the field."""
    return {"not": "this"} if field.type in _TEXTS else "neither"


def too_long(field: Field) -> str:
    """Text with one character more than the field holds."""
    return "x" * ((field.max_length or 0) + 1)


def longest(field: Field) -> str:
    """Text with exactly as many characters as the field holds."""
    return "y" * (field.max_length or 1)


def another_id(known: str) -> str:
    """An id in the form of a known one that belongs to nobody: its last characters turned, each within its kind."""
    if known.isdigit():
        return str(2**31 - 1)
    turned = str.maketrans("0123456789abcdefghijklmnopqrstuvwxyz", "1234567890bcdefaijklmnopqrstuvwxyzgh")
    upper = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "BCDEFAIJKLMNOPQRSTUVWXYZGH")
    return known[:-8] + known[-8:].translate(turned).translate(upper)


def _plain(entity: Entity, types: Collection[FieldType]) -> list[Field]:
    """The writable fields of these types whose samples are neither the title nor the mark."""
    taken = (title_field(entity), mark_field(entity))
    return [field for field in writable(entity) if field.type in types and field not in taken]


def _text(field: Field, run: str, *, group: str, index: int) -> str:
    """Text in the field's format, with a word of its own."""
    own = word(run, f"{group}/{field.name}/{index}", _INITIALS[index % VARIANTS])
    match field.format:
        case "email":
            return f"{own}.{run}@example.com".lower()
        case "uri" | "url":
            return f"https://example.com/{own}"
        case "uuid":
            return str(_uuid(own))
        case _:
            return _cut(field, f"{own} {mark(run)}")


def _uuid(own: str) -> str:
    digest = hashlib.sha256(own.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def _cut(field: Field, text: str) -> str:
    """The text within the field's bounds."""
    longest_text = text if field.max_length is None else text[: field.max_length].strip()
    return longest_text.ljust(field.min_length or 0, "x")


def _within(field: Field, wanted: float, variant: int) -> float:
    """The wanted number where the bounds allow it, else one of five steps between them."""
    low = field.minimum if field.minimum is not None else wanted
    high = field.maximum if field.maximum is not None else max(wanted, low + VARIANTS)
    if low <= wanted <= high and (field.maximum is None or high >= max(_NUMBERS)):
        return wanted
    step = (high - low) / (VARIANTS - 1)
    return float(low + int(step * variant)) if step >= 1 else float(low + step * variant)
