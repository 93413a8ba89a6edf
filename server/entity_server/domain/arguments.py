"""The query arguments as they were sent, and the two ways to read one: a single value or a comma list.

Charter: knows how a query string says a thing, not what the thing means.
"""

from collections.abc import Mapping, Sequence

from entity_server.domain.problems import ValidationFailed
from entity_server.domain.text import unstorable

Arguments = Mapping[str, Sequence[str]]
"""Decoded query arguments in the order in which they were sent; a repeated key keeps all its values."""


def single(arguments: Arguments, name: str) -> str | None:
    """The value of a parameter that is given once or not at all; twice is a ValidationFailed."""
    values = arguments.get(name, ())
    if len(values) > 1:
        raise ValidationFailed(details={name: "Must be given once"})
    return values[0] if values else None


def words(arguments: Arguments, name: str) -> tuple[str, ...]:
    """The parts of a parameter between white space."""
    text = single(arguments, name)
    if text is None:
        return ()
    if reason := unstorable(text):
        raise ValidationFailed(details={name: reason})
    return tuple(text.split())


def comma_list(arguments: Arguments, name: str) -> tuple[str, ...]:
    """The names in a comma list, each once, in the order sent (L20, L21)."""
    return tuple(dict.fromkeys(items(arguments.get(name, ()))))


def items(values: Sequence[str]) -> list[str]:
    """The items of a comma list, given once or as repeated keys; a list of nothing is empty.

    A list of a comma is not: between its commas stand names, and none has no letters.
    """
    joined = ",".join(value for value in values if value)
    return joined.split(",") if joined else []
