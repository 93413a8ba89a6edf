"""The query arguments as they were sent, and the way to read a comma list.

Knows how a query string says a thing, not what the thing means.
"""

from collections.abc import Mapping, Sequence

Arguments = Mapping[str, Sequence[str]]
"""Decoded query arguments in the order in which they were sent; a repeated key keeps all its values."""


def comma_list(values: Sequence[str]) -> tuple[str, ...]:
    """The items of a comma list, given once or as repeated keys, each once (L20, L21); a list of nothing is empty.

    A list of a comma is not: between its commas stand names, and none has no letters.
    """
    joined = ",".join(value for value in values if value)
    return tuple(dict.fromkeys(joined.split(","))) if joined else ()
