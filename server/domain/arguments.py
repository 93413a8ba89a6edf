"""The query arguments as they were sent, and the two ways to read one: a single value or a comma list.

Charter: knows how a query string says a thing, not what the thing means.
"""

from collections.abc import Mapping, Sequence

from server.domain.problems import ValidationFailed
from server.domain.text import unstorable

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
    """The names in a comma list, which may also come as repeated keys; each name once, in the order sent (L20, L21)."""
    text = ",".join(arguments.get(name, ()))
    return tuple(dict.fromkeys(text.split(","))) if text.strip(",") else ()
