"""The random source of a rule: choices that are read from one byte string, which Hypothesis draws.

A question takes some fifty choices. Drawn one by one they cost Hypothesis more time than the deployment takes to
answer. One byte string is one draw.
"""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class RandomSource:
    """Choices from bytes, one byte each. After the last byte every choice is the first one."""

    def __init__(self, drawn: bytes) -> None:
        self.drawn = drawn
        self._left = iter(drawn)

    def __repr__(self) -> str:
        return "RandomSource(...)"

    def below(self, number: int) -> int:
        """A whole number from 0, below this one (at most 256)."""
        return next(self._left, 0) % number

    def between(self, least: int, most: int) -> int:
        """A whole number from the least to the most."""
        return least + self.below(most - least + 1)

    def one_of(self, items: Sequence[T]) -> T:
        """One of these."""
        return items[self.below(len(items))]

    def sometimes(self, of_ten: int) -> bool:
        """True in so many of ten cases; the plain choice is False."""
        return self.below(10) >= 10 - of_ten

    def rotated(self, items: Sequence[T]) -> tuple[T, ...]:
        """The items in their order, beginning with any of them."""
        start = self.below(len(items))
        return (*items[start:], *items[:start])


@st.composite
def random_sources(draw: st.DrawFn, size: int) -> RandomSource:
    """Random sources with so many choices."""
    return RandomSource(draw(st.binary(min_size=size, max_size=size)))
