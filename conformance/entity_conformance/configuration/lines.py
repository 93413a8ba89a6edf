"""Where in a TOML text something stands. Pure. The parsers that there are do not tell.

A text is read again with one line more each time: what is there now, and was not before, stands in that line.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping

Place = tuple[str | int, ...]
"""The keys that lead to a value, with numbers for the items of lists."""


def lines(text: str) -> Mapping[Place, int]:
    """The line, from 1, in which each key, and each table and item of a list, begins."""
    found: dict[Place, int] = {}
    behind = 0
    all_lines = text.splitlines()
    for end in range(1, len(all_lines) + 1):
        try:
            document = tomllib.loads("\n".join(all_lines[:end]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value
        for place in _places(document, ()):
            found.setdefault(place, behind + 1)
        behind = end
    return found


def _places(value: object, at: Place) -> Iterator[Place]:
    members: Iterable[tuple[str | int, object]]
    match value:
        case dict():
            members = value.items()
        case list():
            members = enumerate(value)
        case _:
            return
    for name, member in members:
        yield (*at, name)
        yield from _places(member, (*at, name))
