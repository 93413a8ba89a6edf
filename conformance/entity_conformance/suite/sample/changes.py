"""Values that an update sets, at the borders of what a field may hold: none is the default, and no two are alike."""

import math
import re
from collections.abc import Mapping
from unicodedata import category

from entity_contract import Entity, Field, Scalar

from entity_conformance.deployment.mark import mark
from entity_conformance.suite.sample.fields import writable
from entity_conformance.suite.sample.scalars import filling, form, value, word

_BY_THEMSELVES = 4
"""Fields that are changed each by an update of its own."""

_FLAGS, _GROUPS = 8, 8
"""Booleans that are changed so too, and updates of all others at most: an entity may have hundreds of fields."""

_LONGEST = 5_000
"""Characters of a text without a bound, and the most that is sent where the bound is far."""

_INT32, _INT64, _BEYOND_FLOAT, _BEYOND_FLOAT_TOO = 2**31 - 1, 2**53 - 1, 2**24 + 1, 2**24 + 3
_FILLING = "y\u00e9\U0001f642 "
_ODD = '  0042 "it\'s" a\\b <b>&amp;</b>\r\n\te\u0301 \u00e9 \U0001d4b3 \u4f60\u597d '
_ODD_AND_SHORT = "0042  e\u0301 "
_BEYOND = (0x7F, 0xFFFF)
"""Characters past these need more than one byte, and more than one unit of UTF-16."""

_REPEATED = re.compile(r"(.{1,12}?)\1{2,}", re.DOTALL)
_IN_A_ROW = (3, 10, 30, 100)
"""What stands so often in a row may be refused by a rule that is not told."""

_LONG_WORDS = (30, 60, 120)
_UNPRONOUNCED = re.compile("[b-df-hj-np-tv-xz]{5}", re.IGNORECASE)

_STEP, _END = 8, 2
"""Characters by which a text is cut less, and those at its end that are kept."""

_DATES = ("1969-12-31", "2020-02-29")
_DATETIMES = ("1969-12-31T23:59:59Z", "2020-02-29T12:15:30+02:00")


def whole(entity: Entity, run: str) -> Mapping[str, Scalar]:
    """Another plain value for every field at once; a text that need not be there is as long as it may be."""
    found: dict[str, Scalar] = {}
    for field in writable(entity):
        others = [one for one in field.values if one != field.default] or list(field.values)
        if field.type == "enum" and not field.samples:
            found |= {field.name: others[-1]} if others else {}
        elif field.type == "boolean":
            found |= {} if field.default is True else {field.name: True}
        elif field.type == "integer" and not field.samples and _takes(field, _BEYOND_FLOAT_TOO):
            found[field.name] = _BEYOND_FLOAT_TOO
        else:
            plain = value(field, run, group=f"{entity.name} change", index=4)
            found[field.name] = _lengthened(field, str(plain)) if _may_be_empty(field) else plain
    return found


def _lengthened(field: Field, text: str) -> str:
    longest = field.max_length or 0
    return f"{text} {filling(longest)}"[: longest - 1] + "g" if len(text) < longest <= _LONGEST else text


def kinds(text: str) -> frozenset[str]:
    """Which kinds of characters a text has, by category and by how they are encoded, and whether it has blank ends.

    Others are that something stands in it many times in a row, that nobody can pronounce its letters, as those of the
    run's id, and that its words are long: some take that for a slip of the keyboard.
    """
    found = {category(one) for one in text}
    found |= {f"beyond {last:#x}" for last in _BEYOND if any(ord(one) > last for one in text)}
    times = max((len(one[0]) // len(one[1]) for one in _REPEATED.finditer(text)), default=1)
    found |= {f"{least} times in a row" for least in _IN_A_ROW if times >= least}
    longest = max(map(len, text.split()), default=0)
    found |= {f"words of {least}" for least in _LONG_WORDS if longest >= least}
    found |= {"no vowels"} if _UNPRONOUNCED.search(text) else set()
    return frozenset(found | ({"blank ends"} if text != text.strip() else set()))


def shortened(text: str) -> str | None:
    """A shorter text with characters of the same kinds: its beginning and its end. None where there is no such one."""
    cuts = (text[:size] + text[-_END:] for size in range(_STEP, len(text) - _END, _STEP))
    return next((cut for cut in cuts if kinds(cut) == kinds(text)), None)


def single(entity: Entity, run: str) -> Mapping[str, Scalar]:
    """What each field by itself is changed to after that: false, zero and the least among them."""
    return _all(entity, run, 1)


def steps(entity: Entity, run: str) -> tuple[Mapping[str, Scalar], ...]:
    """The same as bodies of updates: the first fields and each boolean in its own, the others two by two.

    Of an entity with many fields the others are more in each.
    """
    found = list(single(entity, run).items())
    flags = [pair for pair in found[_BY_THEMSELVES:] if isinstance(pair[1], bool)][:_FLAGS]
    alone = [*found[:_BY_THEMSELVES], *flags]
    others = [pair for pair in found if pair not in alone]
    size = max(2, math.ceil(len(others) / _GROUPS))
    groups = [others[place : place + size] for place in range(0, len(others), size)]
    return tuple(dict(some) for some in (*([one] for one in alone), *groups))


def several(entity: Entity, run: str) -> tuple[Mapping[str, Scalar], ...]:
    """Bodies that change many fields: by turns each is at its other border, and holds as little as it may.

    What may hold nothing is null or an empty text; what has a default takes that.
    """
    borders = _all(entity, run, 0)
    bodies: tuple[dict[str, Scalar], ...] = ({}, {})
    for place, field in enumerate(writable(entity)):
        bodies[place % 2][field.name] = "" if _may_be_empty(field) else borders[field.name]
        if not field.required and field.default is not None:
            bodies[1 - place % 2][field.name] = field.default
        elif not field.required and field.nullable:
            bodies[1 - place % 2][field.name] = None
    return tuple(body for body in bodies if body)


def _may_be_empty(field: Field) -> bool:
    """Whether a text that need not be there may also hold no character."""
    is_free = field.type in {"string", "text"} and form(field) is None and not field.samples
    return is_free and not field.required and field.nullable and field.default is None and not field.min_length


def _all(entity: Entity, run: str, turn: int) -> dict[str, Scalar]:
    return {field.name: _border(field, f"{entity.name} change {turn}", run, turn) for field in writable(entity)}


def _border(field: Field, group: str, run: str, turn: int) -> Scalar:  # noqa: PLR0911  # a table
    match field.type:
        case _ if field.samples:
            return value(field, run, group=group, index=turn + 3)
        case "string" | "text" if form(field) is None:
            return _text(field, f"{word(run, f'{group} {field.name}')} {mark(run)}", turn)
        case "string" | "text" if form(field) == "email":
            return str(value(field, run, group=group, index=turn)).capitalize()
        case "integer" | "number":
            return _number(field, turn)
        case "boolean":
            return (field.default is not True) is (turn == 0)
        case "date":
            return _DATES[turn]
        case "datetime":
            return _DATETIMES[turn]
        case "enum":
            others = [one for one in field.values if one != field.default] or list(field.values)
            return others[0 if turn else len(others) // 2] if others else None
        case _:
            return value(field, run, group=group, index=turn + 3)


def _text(field: Field, own: str, turn: int) -> str:
    """At first the longest text, later one with every character that is lost somewhere; both where they fit."""
    longest = min(field.max_length or _LONGEST, _LONGEST)
    if turn == 0:
        return f"{own} {_FILLING * longest}"[: longest - 1] + "."
    if _may_be_empty(field) and longest > len(_ODD) * 2:  # whose longest text is not tried otherwise
        return f"{_ODD}{own} {filling(longest)}"[: longest - 2] + ". "
    return f"{_ODD}{own} " if len(_ODD) + len(own) + 1 <= longest else f"{_ODD_AND_SHORT}{own}"[:longest].strip()


def _number(field: Field, turn: int) -> float:
    """The largest, then zero or the least, with a fraction where the field takes one."""
    least, most = _bounds(field)
    if turn == 0:
        return int(most) if field.type == "integer" else most
    if field.type == "number":
        return least + 0.125 if least + 0.125 <= most else least
    return _BEYOND_FLOAT if _takes(field, _BEYOND_FLOAT) and field.default == least else int(least)


def _takes(field: Field, number: int) -> bool:
    least, most = _bounds(field)
    return least <= number <= most


def _bounds(field: Field) -> tuple[float, float]:
    """What a number is at least and at most, as far as that is told; an integer without bounds is one of 32 bits."""
    least = 0 if field.minimum is None else field.minimum
    return least, field.maximum if field.maximum is not None else _INT64 if field.format == "int64" else _INT32
