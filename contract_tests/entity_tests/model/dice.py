"""Chance for a rule, in one draw of Hypothesis: bytes that are rolled one after the other.

A question takes some fifty choices. Drawn one by one they cost Hypothesis more time than the deployment takes to
answer; as bytes they are one draw, which shrinks as well: smaller bytes are plainer questions.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Dice:
    """Choices from bytes; past their end every choice is the first one."""

    def __init__(self, rolls: bytes) -> None:
        self._rolls = rolls
        self._left = iter(rolls)

    def __repr__(self) -> str:
        return "Dice(...)"

    def shaken(self, by: str) -> "Dice":
        """Other dice, which follow from these and from whatever shakes them."""
        other = Random(by).randbytes(len(self._rolls))
        return Dice(bytes(mine ^ theirs for mine, theirs in zip(self._rolls, other, strict=True)))

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
        """True that often of ten times; the plain choice is False."""
        return self.below(10) >= 10 - of_ten

    def turned(self, items: Sequence[T]) -> tuple[T, ...]:
        """The items, from one of them on, and round."""
        start = self.below(len(items))
        return (*items[start:], *items[:start])


@st.composite
def dice(draw: st.DrawFn, size: int) -> Dice:
    """Dice with that many rolls."""
    return Dice(draw(st.binary(min_size=size, max_size=size)))
