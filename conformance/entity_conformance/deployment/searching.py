"""Which of many secrets a text holds, found without looking for each: what answers say was mostly said before.

A secret is one long word of letters, digits, `_` and `-`, or holds one, and a text can hold it only where such a word
of the text does. Most of these words are ids, which come again and again: each is looked through once.

Pure but for the words that are remembered.
"""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[A-Za-z0-9_-]+")
_SHORTEST = 12
_PIECE = _SHORTEST // 2
"""Characters of a piece: whatever holds a word of _SHORTEST ones holds a piece of it at a multiple of that."""
_LONG_WORD = re.compile(rf"[A-Za-z0-9_-]{{{_SHORTEST},}}")

_ENORMOUS = 10_000
"""Characters of a word that is one letter many times over, or a few: it is asked first which it has."""
_REMEMBERED = 100
"""Characters of the longest word that is remembered: ids are shorter."""
_MOST_REMEMBERED = 20_000


class Search:
    """The spellings to be found; each may be added more than once."""

    def __init__(self) -> None:
        self._spellings: dict[str, None] = {}
        self._words: set[str] = set()
        self._pieces: set[str] = set()
        self._others: set[str] = set()
        self._harmless: set[str] = set()

    def add(self, spelling: str) -> None:
        """From now on that is found."""
        self._spellings[spelling] = None
        longest = max(_WORD.findall(spelling), key=len, default="")
        if len(longest) < _SHORTEST:
            self._others.add(spelling)
        elif longest not in self._words:
            self._words.add(longest)
            self._pieces.update(longest[place : place + _PIECE] for place in range(len(longest) - _PIECE + 1))
            self._harmless.clear()

    def found(self, text: str) -> list[str]:
        """Those that the text holds, in the order in which they were added."""
        return [spelling for spelling in self._spellings if spelling in text] if self._may_hold(text) else []

    def _may_hold(self, text: str) -> bool:
        if any(other in text for other in self._others):
            return True
        words = set(_LONG_WORD.findall(text)) - self._harmless
        if self._is_in(words):
            return True
        if len(self._harmless) > _MOST_REMEMBERED:
            self._harmless.clear()
        self._harmless.update(word for word in words if len(word) <= _REMEMBERED)
        return False

    def _is_in(self, words: Iterable[str]) -> bool:
        """Whether one of them holds the longest word of a spelling."""
        usual = [word for word in words if len(word) <= _ENORMOUS]
        if any(word[place : place + _PIECE] in self._pieces for word in usual for place in range(0, len(word), _PIECE)):
            together = "\0".join(usual)
            if any(word in together for word in self._words):
                return True
        for enormous in (word for word in words if len(word) > _ENORMOUS):
            letters = set(enormous)
            if any(letters.issuperset(word) and word in enormous for word in self._words):
                return True
        return False
