"""What comes near to a credential and is none: cut, changed, with a tail, by another scheme. Pure.

A near miss gives the secret away almost whole, so that whoever sends one has it redacted like the secret (`Api` does).
"""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from entity_conformance.deployment.credentials import Secret

How = Literal[
    "unknown",
    "malformed",
    "no scheme",
    "another scheme",
    "a third scheme",
    "cut by one",
    "last character changed",
    "the first half",
    "other case",
    "with a tail",
    "empty",
    "as a key",
]

_DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits
"""The digits of base64, by their value."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A header that authenticates nobody. `hides` is what of it is a secret, empty where nothing is."""

    how: How
    header: tuple[str, str] = field(repr=False)
    hides: str = field(default="", repr=False)
    kind: Literal["none"] = "none"

    @property
    def placeholder(self) -> str:
        """How reports tell it."""
        return f"[{'session' if self.header[0] == 'Cookie' else 'key'}, {self.how}]"


def unformed(key: Secret) -> tuple[NearMiss, ...]:
    """Authorization headers that do not hold a key as the reference has it, though one is in them."""
    return (
        NearMiss("malformed", ("Authorization", "Bearer")),
        NearMiss("no scheme", ("Authorization", key.value), key.value),
        NearMiss("another scheme", ("Authorization", f"Basic {key.value}"), key.value),
        NearMiss("a third scheme", ("Authorization", f"Token {key.value}"), key.value),
    )


def near(secret: Secret) -> tuple[NearMiss, ...]:
    """A key's or token's near misses, those that differ from it."""
    return tuple(
        NearMiss(how, Secret(value, secret.kind, secret.cookie).header, value)
        for how, value in _changed(secret.value)
        if value != secret.value
    )


def empty(session: Secret) -> NearMiss:
    """The cookie without a token."""
    return NearMiss("empty", Secret("", "session", session.cookie).header)


def as_key(session: Secret) -> NearMiss:
    """A session's token where a key belongs: no key is issued so."""
    return NearMiss("as a key", ("Authorization", f"Bearer {session.value}"), session.value)


def _changed(value: str) -> Iterator[tuple[How, str]]:
    """The changes act on what means something: not on the padding of base64, spelled as it is or as in a URL."""
    found = re.search(r"(?:=|%3[Dd])*$", value)
    text = value[: found.start()] if found is not None and found.start() else value
    padding = value[len(text) :]
    yield "cut by one", text[:-1]
    yield "last character changed", text[:-1] + _another(text[-1]) + padding
    yield "the first half", text[: (len(text) + 1) // 2]
    yield "other case", text.swapcase() + padding
    yield "with a tail", f"{value}x"


def _another(character: str) -> str:
    """A character that differs in the first bit of base64 too: the last ones of a token may mean nothing."""
    return "A" if _DIGITS.find(character) % 64 >= 32 else "z"
