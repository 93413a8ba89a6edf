"""The characters of UTF-8, told to Hypothesis.

It finds them out by encoding each character there is: seconds, and 200 MB, in every folder where it has not run before,
such as a CI job's.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from hypothesis.internal import charmap
from hypothesis.internal.intervalsets import IntervalSet

ENCODABLE = ((0, 0xD7FF), (0xE000, sys.maxunicode))
"""All but the surrogates."""


@contextmanager
def told() -> Iterator[None]:
    """Have Hypothesis know them until this ends."""
    find = charmap.intervals_from_codec

    @cache
    def known(codec: str) -> tuple[IntervalSet, IntervalSet]:
        """What can be encoded, and what of it is not decoded to itself."""
        return (IntervalSet(ENCODABLE), IntervalSet(())) if codec == "utf-8" else find(codec)

    charmap.intervals_from_codec = known
    try:
        yield
    finally:
        charmap.intervals_from_codec = find
