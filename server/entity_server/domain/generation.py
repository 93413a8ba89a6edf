"""Text generation: what is asked for, what comes of it, and the local generator (E10).

The local generator has no model behind it: it answers the words of the prompt, in order and again from the first, more
of them the higher the temperature and never more than `most_tokens`. The same request gives the same text.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

LOCAL_MODEL = "local-echo-1"


@dataclass(frozen=True, slots=True)
class Generation:
    """What is to be generated. The temperature is from 0 to 1."""

    prompt: str
    most_tokens: int
    temperature: float


@dataclass(frozen=True, slots=True)
class Generated:
    """The text, how many tokens it took, never more than were asked for, and the model that wrote it."""

    text: str
    tokens: int
    model: str


Generate = Callable[[Generation], Awaitable[Generated]]
"""A generator that is somewhere else. Raises the problem that the caller is told when it generates nothing."""


def generated(asked: Generation) -> Generated:
    """The local generator's text, of at least one word; one word is one token."""
    words = asked.prompt.split() or ["..."]
    count = min(asked.most_tokens, max(1, round(len(words) * (1 + asked.temperature))))
    return Generated(" ".join(words[index % len(words)] for index in range(count)), count, LOCAL_MODEL)
