"""Verbs over plain JSON values."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from entity_conformance.deployment.credentials import LONGEST_KEY, why_no_key
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import origin

LONGEST_SHOWN = 160
_WINDOW = "[1-9][0-9]*[dhms]"


def shown(value: object) -> str:
    """A value as a report prints it: short, on one line."""
    line = json.dumps(value, ensure_ascii=False, default=str)
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}..."


NOTHING = "nothing"
"""What is told as the actual value of a member that is not there: no answer held `null`."""


def violation(message: str, *, expected: str, found: object, of: object = None, told: str | None = None) -> Violation:
    """What a verb over a value raises. Its evidence is the exchange that `found`, or the object `of` it, was read from.

    The report prints `found`, or `told` in its place.
    """
    evidence = origin(found if of is None else of)
    return Violation(message, expected=expected, actual=shown(found) if told is None else told, exchange=evidence)


def equal(actual: object, expected: object, *, at: str, of: object = None) -> None:
    """Both are the same JSON value: true is not 1, and 1.0 is 1. `of` is the object that `actual` is a member of."""
    if not same_json(actual, expected):
        told = NOTHING if is_lacking(of, at) else None
        raise violation(f"{at} differs", expected=shown(expected), found=actual, of=of, told=told)


def is_lacking(of: object, at: str) -> bool:
    """Whether the object has no such member as `at` ends with."""
    return isinstance(of, Mapping) and at.rpartition(".")[2] not in of


def same_json(one: object, other: object) -> bool:
    """Whether two JSON values are equal, where Python's `True == 1` does not count."""
    match one, other:
        case (bool(), _) | (_, bool()):
            return isinstance(one, bool) and isinstance(other, bool) and one == other
        case Mapping(), Mapping():
            return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
        case ((list() | tuple()), (list() | tuple())):
            return len(one) == len(other) and all(same_json(*pair) for pair in zip(one, other, strict=True))
        case _:
            return one == other


def different(actual: object, other: object, *, at: str) -> None:
    """The two values are not the same."""
    if same_json(actual, other):
        raise violation(f"{at} is the same as before", expected=f"not {shown(other)}", found=actual)


def at_least(actual: object, least: float, *, at: str) -> None:
    """A number that is not below `least`."""
    number(actual, at=at)
    if isinstance(actual, int | float) and actual < least:
        raise violation(f"{at} is too small", expected=f">= {least}", found=actual)


def at_most(actual: object, most: float, *, at: str) -> None:
    """A number that is not above `most`."""
    number(actual, at=at)
    if isinstance(actual, int | float) and actual > most:
        raise violation(f"{at} is too large", expected=f"<= {most}", found=actual)


def length(items: object, count: int, *, at: str) -> None:
    """An array (or object) with exactly that many members."""
    if not isinstance(items, Sequence | Mapping) or isinstance(items, str):
        raise violation(f"{at} is no array", expected=f"{count} items", found=items)
    if len(items) != count:
        which = "more" if len(items) > count else "fewer"
        raise violation(f"{at} has {which} items", expected=f"{count} items", found=items, told=f"{len(items)} items")


def contains(container: object, member: object, *, at: str) -> None:
    """An array, object or text that holds `member`."""
    if not isinstance(container, Collection) or member not in container:
        raise violation(f"{at} lacks {shown(member)}", expected=shown(member), found=container)


def lacks(container: object, *members: object, at: str) -> None:
    """An array, object or text that holds none of `members`."""
    for member in members:
        if isinstance(container, Collection) and member in container:
            raise violation(f"{at} holds {shown(member)}", expected=f"no {shown(member)}", found=container)


def text(value: object, *, at: str, of: object = None) -> str:
    """A non-empty string. `of` is the object that it is a member of."""
    if not isinstance(value, str) or not value.strip():
        told = NOTHING if is_lacking(of, at) else None
        raise violation(f"{at} is no text", expected="a non-empty string", found=value, of=of, told=told)
    return value


def key(value: object, *, at: str) -> str:
    """An API key that a request can be sent with. What is wrong is told without the key."""
    told = text(value, at=at)
    if (why := why_no_key(told)) is not None:
        expected = f"visible ASCII characters, {LONGEST_KEY:,} at most"
        raise violation(f"{at} cannot be sent in a header", expected=expected, found=value, told=why)
    return told


def window(value: object, *, at: str) -> None:
    """The window of a rate limit: a whole number of days, hours, minutes or seconds."""
    if not isinstance(value, str) or re.fullmatch(_WINDOW, value) is None:
        raise violation(f"{at} has another form", expected=_WINDOW, found=value)


def number(value: object, *, at: str) -> None:
    """A JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise violation(f"{at} is no number", expected="a number", found=value)


def integer(value: object, *, at: str) -> int:
    """A JSON integer, which may be written as 12.0 (E18.spelling)."""
    is_whole = value.is_integer() if isinstance(value, float) else isinstance(value, int)
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_whole:
        raise violation(f"{at} is no integer", expected="an integer", found=value)
    return int(value)


def boolean(value: object, *, at: str) -> None:
    """The JSON true or false."""
    if not isinstance(value, bool):
        raise violation(f"{at} is no boolean", expected="true or false", found=value)


def members(value: object, wanted: Mapping[str, object], *, at: str) -> None:
    """An object with these members, and perhaps others."""
    found = mapping(value, at=at)
    equal({name: found.get(name) for name in wanted}, wanted, at=at, of=found)


def array(value: object, *, at: str) -> Sequence[object]:
    """A JSON array."""
    if not isinstance(value, list | tuple):
        raise violation(f"{at} is no array", expected="an array", found=value)
    return value


def mapping(value: object, *, at: str) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise violation(f"{at} is no object", expected="an object", found=value)
    return value


def is_null(value: object, *, at: str) -> None:
    """The JSON null."""
    if value is not None:
        raise violation(f"{at} is not null", expected="null", found=value)


def one_of(value: object, allowed: Collection[object], *, at: str) -> str:
    """One of these values; returns it as the name of the choice."""
    if not any(same_json(value, candidate) for candidate in allowed):
        wanted = ", ".join(str(candidate) for candidate in allowed)
        raise violation(f"{at} is none of the allowed values", expected=f"one of {wanted}", found=value)
    return str(value)


def ascending(values: Sequence[Any], *, at: str) -> None:
    """No value is before the one in front of it."""
    if any(later < earlier for earlier, later in pairwise(values)):
        raise violation(f"{at} does not ascend", expected=shown(sorted(values)), found=values)


def descending(values: Sequence[Any], *, at: str) -> None:
    """No value is after the one in front of it."""
    if any(later > earlier for earlier, later in pairwise(values)):
        raise violation(f"{at} does not descend", expected=shown(sorted(values, reverse=True)), found=values)
