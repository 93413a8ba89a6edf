"""Parts of secrets, in texts of letters and digits alone: a deployment that tells the middle of a key tells most of it.

A part that counts has so many characters as nobody writes by chance, behind what every key of a kind begins with: as
they are, backwards, in hex or in base64. Words that people write are no such part, though they stand in a secret: they
stand elsewhere too. Pure.
"""

import base64
import re
from collections.abc import Callable, Iterator

SHORTEST = 12
"""Characters of the shortest part that counts."""
_LEAST = 8
"""Letters and digits of it: other characters may stand between them."""
_IN_HEX, _IN_BASE64 = 2 * SHORTEST, 14
"""Digits of the same part: in base64 the outer ones hang on what is beside it."""
_GRAM = 6
_VARIED, _MIXED = 5, 4
"""Different characters of a part; times that a letter follows a digit, or a digit a letter, where chance drew them."""

PREFIX = re.compile(r"\A[a-z]{2,6}_(?:[a-z]{2,6}_)?")
"""What every key of a kind begins with: it is known, and the rest is the secret."""
_COOKIE = re.compile(rf"\A[\w.-]+=(?=[^=]{{{SHORTEST}}})")
"""The name of a cookie, where its value is behind it."""
_PLAIN = re.compile(r"[A-Z]?[a-z]*|[A-Z]*")
"""A word as people write it."""
_WORD = re.compile(r"[A-Za-z]{4,}")
_GAP = re.compile(r"[^A-Za-z0-9]+")
_SWITCH = re.compile(r"[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])")

Letters = Callable[[str], bytes]
"""A text by its letters and digits, small ones."""


class Fragments:
    """The secrets of which no part may be told."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters
        self._parts: set[bytes] = set()
        self._sizes: frozenset[int] = frozenset()
        self._grams: set[bytes] = set()

    def add(self, secret: str) -> None:
        """From now on the parts of its words are found, without the name of a cookie."""
        words = (PREFIX.sub("", _COOKIE.sub("", word)) for word in secret.split())
        for form, size, counts in (form for word in words if len(word) >= SHORTEST for form in _forms(word)):
            parts = {self._letters(form[at : at + size]) for at in range(len(form) - size + 1) if counts(form, at)}
            parts = {part for part in parts if len(part) >= _LEAST}
            self._parts |= parts
            self._sizes |= {len(part) for part in parts}
            self._grams.update(part[at : at + _GRAM] for part in parts for at in range(len(part) - _GRAM + 1))

    def found(self, letters: bytes) -> list[tuple[int, int]]:
        """Where parts of secrets stand in a text, from the first to the last, none touching another."""
        if not self._sizes:
            return []
        places = range(0, len(letters), min(self._sizes) - _GRAM + 1)  # each part holds a gram that begins at one
        if self._grams.isdisjoint([letters[at : at + _GRAM] for at in places]):
            return []
        runs: list[tuple[int, int]] = []
        for at in (at for at in places if letters[at : at + _GRAM] in self._grams):
            for start, stop in self._around(letters, at):
                if runs and start < runs[-1][1]:
                    runs[-1] = (min(start, runs[-1][0]), max(stop, runs[-1][1]))
                else:
                    runs.append((start, stop))
        return runs

    def _around(self, letters: bytes, at: int) -> Iterator[tuple[int, int]]:
        """The parts that hold the gram at that place."""
        for start in range(max(0, at + _GRAM - max(self._sizes)), at + 1):
            for size in self._sizes:
                if (part := letters[start : start + size]) in self._parts:
                    yield start, start + len(part)


def _forms(private: str) -> Iterator[tuple[str, int, Callable[[str, int], bool]]]:
    """How a secret may be written, how many characters of that are a part, and whether those at a place count."""
    is_drawn = len(_SWITCH.findall(_GAP.sub("", private))) >= _MIXED
    is_plain = all(_PLAIN.fullmatch(word) for word in _WORD.findall(private))

    def counts(form: str, at: int) -> bool:
        part = form[at : at + SHORTEST]
        return len(set(part)) >= _VARIED and ((is_drawn and not is_plain) or _is_telling(part, is_drawn=is_drawn))

    yield private, SHORTEST, counts
    yield private[::-1], SHORTEST, lambda form, at: counts(form[at : at + SHORTEST][::-1], 0)
    octets = private.encode("utf-8", "surrogatepass")
    yield octets.hex(), _IN_HEX, lambda _, at: at % 2 == 0
    for before in range(3):
        digits = base64.b64encode(b"\0" * before + octets).decode().rstrip("=")
        yield digits[-(-before * 8 // 6) : (before + len(octets)) * 8 // 6], _IN_BASE64, lambda _, __: True


def _is_telling(part: str, *, is_drawn: bool) -> bool:
    """Whether a part tells its secret, and is no text that people write."""
    words = _GAP.split(part)
    is_plain = all(_PLAIN.fullmatch(word) for word in words)
    return any(letter.isdigit() for letter in part) or not is_plain or (is_drawn and len(words) == 1)
