"""Verbs over plain JSON values."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from entity_conformance.deployment.problems import Violation

LONGEST_SHOWN = 160


def shown(value: object) -> str:
    """A value as a report prints it: short, on one line."""
    line = json.dumps(value, ensure_ascii=False, default=str)
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}..."


def equal(actual: object, expected: object, *, at: str) -> None:
    """Both are the same JSON value: true is not 1, and 1.0 is 1."""
    if not same_json(actual, expected):
        raise Violation(f"{at} differs", expected=shown(expected), actual=shown(actual))


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
        raise Violation(f"{at} is the same as before", expected=f"not {shown(other)}", actual=shown(actual))


def at_least(actual: object, least: float, *, at: str) -> None:
    """A number that is not below `least`."""
    number(actual, at=at)
    if isinstance(actual, int | float) and actual < least:
        raise Violation(f"{at} is too small", expected=f">= {least}", actual=shown(actual))


def at_most(actual: object, most: float, *, at: str) -> None:
    """A number that is not above `most`."""
    number(actual, at=at)
    if isinstance(actual, int | float) and actual > most:
        raise Violation(f"{at} is too large", expected=f"<= {most}", actual=shown(actual))


def length(items: object, count: int, *, at: str) -> None:
    """An array (or object) with exactly that many members."""
    if not isinstance(items, Sequence | Mapping) or isinstance(items, str):
        raise Violation(f"{at} is no array", expected=f"{count} items", actual=shown(items))
    if len(items) != count:
        raise Violation(f"{at} has the wrong length", expected=f"{count} items", actual=f"{len(items)} items")


def contains(container: object, member: object, *, at: str) -> None:
    """An array, object or text that holds `member`."""
    if not isinstance(container, Collection) or member not in container:
        raise Violation(f"{at} lacks {shown(member)}", expected=shown(member), actual=shown(container))


def lacks(container: object, *members: object, at: str) -> None:
    """An array, object or text that holds none of `members`."""
    for member in members:
        if isinstance(container, Collection) and member in container:
            raise Violation(f"{at} holds {shown(member)}", expected=f"no {shown(member)}", actual=shown(container))


def text(value: object, *, at: str) -> str:
    """A non-empty string."""
    if not isinstance(value, str) or not value.strip():
        raise Violation(f"{at} is no text", expected="a non-empty string", actual=shown(value))
    return value


def matches(value: object, pattern: str, *, at: str) -> None:
    """Text that a regular expression describes as a whole."""
    if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
        raise Violation(f"{at} has another form", expected=pattern, actual=shown(value))


def number(value: object, *, at: str) -> None:
    """A JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Violation(f"{at} is no number", expected="a number", actual=shown(value))


def integer(value: object, *, at: str) -> int:
    """A JSON integer."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Violation(f"{at} is no integer", expected="an integer", actual=shown(value))
    return value


def members(value: object, wanted: Mapping[str, object], *, at: str) -> None:
    """An object with these members, and perhaps others."""
    found = mapping(value, at=at)
    equal({name: found.get(name) for name in wanted}, wanted, at=at)


def array(value: object, *, at: str) -> Sequence[object]:
    """A JSON array."""
    if not isinstance(value, list | tuple):
        raise Violation(f"{at} is no array", expected="an array", actual=shown(value))
    return value


def mapping(value: object, *, at: str) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise Violation(f"{at} is no object", expected="an object", actual=shown(value))
    return value


def is_null(value: object, *, at: str) -> None:
    """The JSON null."""
    if value is not None:
        raise Violation(f"{at} is not null", expected="null", actual=shown(value))


def one_of(value: object, allowed: Collection[object], *, at: str) -> str:
    """One of these values; returns it as the name of the choice."""
    if not any(same_json(value, candidate) for candidate in allowed):
        wanted = ", ".join(str(candidate) for candidate in allowed)
        raise Violation(f"{at} is none of the allowed values", expected=f"one of {wanted}", actual=shown(value))
    return str(value)


def ascending(values: Sequence[Any], *, at: str) -> None:
    """No value is before the one in front of it."""
    if any(later < earlier for earlier, later in pairwise(values)):
        raise Violation(f"{at} does not ascend", expected=shown(sorted(values)), actual=shown(values))


def descending(values: Sequence[Any], *, at: str) -> None:
    """No value is after the one in front of it."""
    if any(later > earlier for earlier, later in pairwise(values)):
        raise Violation(f"{at} does not descend", expected=shown(sorted(values, reverse=True)), actual=shown(values))
