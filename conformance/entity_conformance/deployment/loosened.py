"""Secrets that a text tells with something between their letters, in letters that look like theirs, or in part.

A text is compared by its letters and digits alone: without separators, white space, tags and what nobody sees,
full-width letters as plain ones, all of them small. A secret that is long enough is no other word by chance. Pure.
"""

import base64
import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import unquote

from entity_conformance.deployment.fragments import PREFIX, Fragments

SHORTEST = 11
"""Letters and digits of what is looked for: a text may hold fewer by chance, where its words run together."""
_LONG = 20
"""Letters and digits of a secret that stays one without its last letter; shorter ones are few."""
_PIECE = 6
_STRIDE = _LONG - _PIECE + 1
"""Whatever holds a spelling of _LONG letters holds a piece of it at a multiple of that."""

PART_OF_ONE = "[redacted]"
"""What is told in place of a part of a secret: no variable holds it."""

_FULL_WIDTH = re.compile("[\uff10-\uff5a]")
_TAG = re.compile(r"<[^<>]{0,200}>")
_GAPS = ("\\n", "\\r", "\\t")
_PART = re.compile(rf"{_TAG.pattern}|\\[nrt]|.", re.DOTALL)
_OTHERS = bytes(octet for octet in range(256) if not chr(octet).isalnum() or octet > 127)  # ASCII
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


class Loosened:
    """The secrets to be found, each with what is told in its place."""

    def __init__(self) -> None:
        self._placeholders: dict[bytes, str] = {}
        self._pieces: set[bytes] = set()
        self._short: set[bytes] = set()
        self._fragments = Fragments(_letters)

    def add(self, secret: str, placeholder: str, *, in_part: bool = True) -> None:
        """From now on that is found, however loosely it is spelled; the first placeholder of a spelling stays.

        So are the parts that tell much of it, unless `in_part` is false.
        """
        for value in {secret, unquote(secret)}:
            if in_part:
                self._fragments.add(value)
            for spelling in _spellings(value):
                letters = _letters(spelling)
                if len(letters) >= SHORTEST and letters not in self._placeholders:
                    self._placeholders[letters] = placeholder
                    if len(letters) < _LONG:
                        self._short.add(letters)
                    else:
                        self._pieces.update(letters[at : at + _PIECE] for at in range(len(letters) - _PIECE + 1))

    def may_be_in(self, text: str) -> bool:
        """Whether `replaced` could change the text."""
        letters = _letters(text)
        return bool(self._found(letters) or self._fragments.found(letters))

    def replaced(self, text: str) -> str:
        """The text without these secrets, longest first, and without parts; it stays as it is where it tells none."""
        for letters in sorted(self._found(_letters(text)), key=len, reverse=True):
            text = _without(text, letters, self._placeholders[letters])
        parts = self._fragments.found(_letters(text))
        return _cut_out(text, _places(text)[1], parts, PART_OF_ONE) if parts else text

    def _found(self, letters: bytes) -> list[bytes]:
        has_piece = not self._pieces.isdisjoint([letters[at : at + _PIECE] for at in range(0, len(letters), _STRIDE)])
        if not has_piece and not any(spelling in letters for spelling in self._short):
            return []
        return [spelling for spelling in self._placeholders if spelling in letters]


def _letters(text: str) -> bytes:
    """A text by its letters and digits."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "\\" in text:
        for gap in _GAPS:
            text = text.replace(gap, "")
    if _FULL_WIDTH.search(text):
        text = unicodedata.normalize("NFKC", text)
    return text.encode("ascii", "ignore").translate(None, _OTHERS).lower()


def _places(text: str) -> tuple[bytes, list[tuple[int, int]]]:
    """A text's letters, as `_letters` tells them, and where each stands in the text."""
    own: list[int] = []
    places: list[tuple[int, int]] = []
    for part in _PART.finditer(text):
        for letter in _letters(part.group()):
            own.append(letter)
            places.append(part.span())
    return bytes(own), places


def _without(text: str, letters: bytes, placeholder: str) -> str:
    """A text with something told in place of what has these letters."""
    whole, places = _places(text)
    runs, at = [], 0
    while (at := whole.find(letters, at)) >= 0:
        runs.append((at, at + len(letters)))
        at += len(letters)
    return _cut_out(text, places, runs, placeholder)


def _cut_out(text: str, places: Sequence[tuple[int, int]], runs: Iterable[tuple[int, int]], placeholder: str) -> str:
    """A text with something told in place of each run of letters."""
    told, end = [], 0
    for first, stop in runs:
        told += [text[end : places[first][0]], placeholder]
        end = places[stop - 1][1]
    return "".join((*told, text[end:]))


def _spellings(secret: str) -> Iterator[str]:
    """The ways in which a secret is written in letters and digits, whole and without what everybody knows of it."""
    rest = PREFIX.sub("", secret, count=1)
    for one in dict.fromkeys((secret, rest)):
        if one == secret or len(_letters(one)) >= _LONG:
            yield one
            yield one[::-1]
            yield codecs.encode(one, "rot13")
            if len(_letters(one)) >= _LONG:
                yield one[:-1]
    for encoding in _ENCODINGS:
        octets = secret.encode(encoding, "replace")
        yield octets.hex() if encoding == "utf-8" else ""
        yield from _inner(octets, base64.b64encode, bits=6, ways=3)
        yield from _inner(octets, base64.b32encode, bits=5, ways=5)


def _inner(octets: bytes, encode: Callable[[bytes], bytes], *, bits: int, ways: int) -> Iterator[str]:
    """What is the same in a text with this in it, whichever of the ways it is aligned: `bits` are those of a letter."""
    for before in range(ways):
        told = encode(b"\0" * before + octets).decode().rstrip("=")
        yield told[-(-before * 8 // bits) : (before + len(octets)) * 8 // bits]
