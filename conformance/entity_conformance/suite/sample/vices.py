"""Bodies in which every field is wrong, each in a way of its own: `details` then tells of each of them at once."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from entity_contract import Entity, Field

from entity_conformance.suite.sample.bodies import defaults
from entity_conformance.suite.sample.fields import REFERENCES_OWN, writable
from entity_conformance.suite.sample.scalars import form, too_long

Kind = Literal["missing", "null", "enum", "length", "blank", "bounds", "type", "nobody", "unknown", "generated"]
"""What is wrong: the field is not there, it is null, the value is outside of its enum, longer than the maximum, blank,
beyond another bound that is told, of another JSON type, or nobody's id; there is no such field, or the server generates
it."""

Vices = Mapping[str, "Vice"]
"""By field, what is wrong with it in one body."""

UNKNOWN = "conformanceUnknown"
"""A member that no entity has."""

_DEEP = 2_000
"""Arrays within arrays that some parsers do not follow to their end."""

MALFORMED: tuple[str | bytes, ...] = ('{"title": ', f'{{"title": {"[" * _DEEP}', b'{"title": "\xff\xfe"}')
"""Bodies that are no JSON: cut, cut behind that many brackets, and no UTF-8. An UPDATE is sent an empty one."""

ENDLESS = "1e999"
"""A number as JSON has it, beyond all floats."""

_MANY = 8
_LONGEST_SENT = 10_000
_BEYOND_ANY = 10_000_000_000_000
_BEYOND_64 = 2**63
_BLANK = "\u00a0 \u00a0"
"""White space that some trim in part alone: who takes blanks for text takes this too."""

_TEXTS = {"string", "text"}
_ADDRESSES = {"email": ("no address", "@"), "uri": ("no address", ":"), "uuid": ("no-uuid", "0")}
_TYPES: Mapping[str, tuple[object, ...]] = {
    "boolean": ("true", 1, [True], {"not": "this"}),
    "integer": ("7", True, 7.5, [7], {"not": "this"}),
    "number": ("7.5", True, [7.5], {"not": "this"}),
}
_OTHER_TYPES: tuple[object, ...] = (7, True, ["x"], {"not": "this"})
"""JSON types that texts, enums and times never have."""


@dataclass(frozen=True, slots=True)
class Vice:
    """What is wrong with a field: how, and the value that is sent; none where the field is missing."""

    kind: Kind
    value: object = None


def of_creation(entity: Entity, declared: Entity | None = None) -> tuple[Vices, ...]:
    """What is wrong with the bodies of CREATEs, one after the other; types come last, in bodies of their own.

    A value outside of an enum is one that the contract's `declared` entity lists besides, where it lists more. One body
    has but one wrong value, of the reference's own entity: whoever judges too late has made a record of the others by
    then. A foreign key that names nobody is such a value for others.
    """
    required = _required(entity)
    lacking = dict.fromkeys(required, Vice("missing"))
    above, below = (_vices(entity, of) for of in (_above, _below))
    above = {**above, **_unlisted(entity, declared)}
    blank = _vices(entity, _blank) if entity.name == REFERENCES_OWN else {}
    empty = {name: Vice("blank", "") for name in blank}
    alone = [(name, vice) for name, vice in above.items() if vice.kind == "enum"][:1]
    return (
        {**above, **lacking},
        {**below, **_only(above, required)},
        *([dict(alone)] if entity.name == REFERENCES_OWN else []),
        {**mistyped(entity, 0), **empty},
        *([{**mistyped(entity, 1), **blank}] if _has_many(entity) else []),
    )


def of_update(entity: Entity, declared: Entity | None = None) -> tuple[Vices, ...]:
    """What is wrong with the bodies of UPDATEs, likewise; null where a record must hold something (R7).

    Of numbers every second one is below its least; where there are many fields, the other integers are in the next
    body. Of other entities than the reference's own, one text is blank. What has no bounds is spelled as a text, and an
    address is none: some look at that in a CREATE alone. One boolean is right in the last: some keep what is right of a
    body that they refuse.
    """
    above, below = (_vices(entity, of) for of in (_far_above, _below))
    above = {**above, **_unlisted(entity, declared)}
    bounded = [name for name, vice in below.items() if vice.kind == "bounds" and name in above]
    blank = _vices(entity, _blank)
    blank = blank if entity.name == REFERENCES_OWN else _only(blank, [*blank][:1])
    nulls = dict.fromkeys([*_required(entity), *defaults(entity)], Vice("null"))
    others = mistyped(entity, 2)
    if _has_many(entity):
        integers = {field.name for field in writable(entity) if field.type == "integer"}
        least = _only(below, [name for name in bounded[::2] if name in integers])
        between: tuple[Vices, ...] = ({**others, **least, **blank},)
    else:
        between = tuple(one for one in (others, blank) if one) if nulls.keys() >= others.keys() else ()
    spelled = {field.name: Vice("type", _TYPES[field.type][0]) for field in writable(entity) if field.type in _TYPES}
    addresses = [field.name for field in writable(entity) if form(field) in _ADDRESSES and field.name in below]
    right = [field.name for field in writable(entity) if field.type == "boolean"][:1]
    last = {**mistyped(entity, 3), **nulls, **({} if between else blank)}
    return (
        {**spelled, **below, **above, **_only(below, [*bounded[1::2], *addresses])},
        *between,
        _only(last, [name for name in last if name not in right]),
    )


def meddling(entity: Entity, run: str) -> Vices:
    """Members that no body must have: one that is no field, and what the server generates."""
    own = {name: Vice("generated", value) for name, value in generated(entity, run).items()}
    return {UNKNOWN: Vice("unknown", "x"), **own}


def generated(entity: Entity, run: str) -> Mapping[str, str]:
    """What a body tries to set of that. What a body may name is none of it."""
    own = {field.name for field in entity.fields if not field.generated}
    tried = {"id": f"{entity.id_prefix}_{run}", **dict.fromkeys(("createdAt", "updatedAt"), "2001-01-01T00:00:00Z")}
    return {name: value for name, value in tried.items() if name not in own}


def marked_body(field: str) -> str:
    """A body that begins with a byte order mark, and whose one field is of a wrong type to those who pass over that."""
    return f"\ufeff{{{json.dumps(field)}: 7}}"


def has_bounds(entity: Entity) -> bool:
    """Whether a field has a bound that is neither the length of a text nor the values of an enum."""
    return any(vice.kind == "bounds" for of in (_above, _below) for vice in _vices(entity, of).values())


def mistyped(entity: Entity, turn: int) -> Vices:
    """Every field holds a value of another JSON type; four turns show four types to each field.

    Where few fields have one turn alone in CREATE, that shows numbers and booleans as texts: many take those.
    """
    is_spelled = turn == 0 and not _has_many(entity)
    others = [_TYPES.get(field.type, _OTHER_TYPES) for field in writable(entity)]
    return {
        field.name: Vice("type", types[0 if is_spelled and field.type in _TYPES else (place + turn) % len(types)])
        for place, (field, types) in enumerate(zip(writable(entity), others, strict=True))
    }


def _required(entity: Entity) -> tuple[str, ...]:
    return tuple(field.name for field in entity.fields if field.required and not field.generated)


def _has_many(entity: Entity) -> bool:
    """Whether it is the reference's own, or has so many fields that each type of field is worth two turns."""
    return entity.name == REFERENCES_OWN or len(writable(entity)) > _MANY


def _only(vices: Vices, names: Collection[str]) -> Vices:
    return {name: vice for name, vice in vices.items() if name in names}


def _vices(entity: Entity, of: Callable[[Field], Vice | None]) -> Vices:
    found = {field.name: of(field) for field in writable(entity)}
    return {name: vice for name, vice in found.items() if vice is not None}


def _blank(field: Field) -> Vice | None:
    return Vice("blank", _BLANK) if field.type in _TEXTS and field.required else None


def _above(field: Field) -> Vice | None:
    match field.type:
        case "enum":
            return Vice("enum", "conformance-unknown")
        case "integer" | "number" if field.maximum is not None and field.maximum < _BEYOND_ANY:
            return Vice("bounds", int(field.maximum) + 1)
        case "date":
            return Vice("bounds", "2021-02-29")
        case "datetime":
            return Vice("bounds", "2021-02-29T12:00:00Z")
        case _ if field.type in _TEXTS and field.max_length and field.max_length <= _LONGEST_SENT:
            return Vice("length", too_long(field))
        case _:
            return None


def _unlisted(entity: Entity, declared: Entity | None) -> Vices:
    """The enums of which the contract lists more values than the deployment's own metadata: who tells few takes few."""
    found: dict[str, Vice] = {}
    for field in writable(entity):
        known = None if declared is None else declared.field(field.name)
        others = [one for one in (known.values if known is not None else ()) if one not in field.values]
        if field.type == "enum" and others:
            found[field.name] = Vice("enum", others[-1])
    return found


def _far_above(field: Field) -> Vice | None:
    """As `_above`, with an integer that no machine's word holds."""
    vice = _above(field)
    return Vice("bounds", _BEYOND_64) if vice is not None and field.type == "integer" else vice


def _has_cases(field: Field) -> bool:
    """Whether a value of the enum in other letters is none of its values."""
    return bool(field.values) and field.values[0].swapcase() not in field.values


def _no_value(field: Field) -> str:
    """A text that is none of the enum's values: the empty one, unless that is."""
    return "" if "" not in field.values else max(field.values, key=len) + "x"


def _below(field: Field) -> Vice | None:
    match field.type:
        case "enum":
            return Vice("enum", field.values[0].swapcase() if _has_cases(field) else _no_value(field))
        case "integer" | "number" if field.minimum is not None and field.minimum > -_BEYOND_ANY:
            return Vice("bounds", int(field.minimum) - 1)
        case "date":
            return Vice("bounds", "soon")
        case "datetime":
            return Vice("bounds", "2021-07-09 at noon")
        case _ if field.type in _TEXTS and form(field) in _ADDRESSES:
            return Vice("bounds", _ADDRESSES[form(field) or ""][0])
        case _:
            return None
