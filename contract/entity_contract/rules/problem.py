"""What is wrong with a document: where, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """`place` is the JSON pointer of what has to be changed; `message` names it and says what is wrong with it."""

    place: str
    message: str
