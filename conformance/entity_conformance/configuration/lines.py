"""Where in a TOML text something stands. Pure. The parsers that there are do not tell.

Beginnings of the text are read: what is there, and was not one line before, stands in that line.
"""

import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache

Place = tuple[str | int, ...]
"""The keys that lead to a value, with numbers for the items of lists."""

_MOST = 200
"""Lines that are looked at around a value of many lines, which cannot be read before its end."""

_Read = Callable[[int], Mapping[str, object] | None]


def line(text: str, place: Place) -> int | None:
    """The line, from 1, in which a key, a table or an item of a list begins; None where that cannot be told."""
    read, last = _reader(text), text.count("\n") + 1
    if not _holds(read(last), place):
        return None
    without, low, high = 0, 1, last
    while low <= high:
        middle = (low + high) // 2
        end = next((one for one in range(middle, min(high, middle + _MOST) + 1) if read(one) is not None), None)
        if end is None and high > middle + _MOST:
            return None
        if end is None or _holds(read(end), place):
            high = middle - 1
        else:
            without, low = end, end + 1
    return without + 1


@lru_cache(maxsize=1)
def _reader(text: str) -> _Read:
    """What reads the beginning of a text, up to a line; nothing where that is the middle of a value."""
    whole = text.replace("\r\n", "\n").split("\n")

    @lru_cache(maxsize=256)
    def read(end: int) -> Mapping[str, object] | None:
        try:
            return tomllib.loads("\n".join(whole[:end]))
        except ValueError:
            return None

    return read


def _holds(value: object, place: Place) -> bool:
    for name in place:
        match value, name:
            case dict(), str() if name in value:
                value = value[name]
            case list(), int() if name < len(value):
                value = value[name]
            case _:
                return False
    return True
