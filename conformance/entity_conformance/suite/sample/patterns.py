"""Text that a regular expression describes, for the patterns that OPTIONS tells. Pure."""

import random
from typing import Any

from entity_conformance.deployment.patterns import is_plain, matches, parsed, sre

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ANY = _LETTERS + "0123456789"
_CLASSES = {sre.CATEGORY_DIGIT: "0123456789", sre.CATEGORY_SPACE: " ", sre.CATEGORY_WORD: _ANY}
_ATTEMPTS = 20
_MORE = 4
"""Repetitions beyond the least where a pattern sets no bound; half as many within another repetition."""


def fitting(pattern: str, chance: random.Random, *, longest: int | None = None, shortest: int = 0) -> str | None:
    """A text that the pattern finds itself in, within the bounds; None where none was found."""
    found = parsed(pattern)
    for _ in range(_ATTEMPTS if found is not None else 0):
        text = _text(found, chance)
        if text is None:
            return None
        does_fit = matches(pattern, text)
        if shortest <= len(text) <= (longest or len(text)) and (is_plain(pattern) if does_fit is None else does_fit):
            return text
    return None


def _text(of: Any, chance: random.Random, more: int = _MORE) -> str | None:  # noqa: ANN401  # the parser's own lists
    parts = [_part(operator, operand, chance, more) for operator, operand in of]
    return None if None in parts else "".join(part or "" for part in parts)


def _part(  # noqa: PLR0911  # a table
    operator: Any,  # noqa: ANN401  # likewise
    operand: Any,  # noqa: ANN401  # likewise
    chance: random.Random,
    more: int,
) -> str | None:
    match operator:
        case sre.LITERAL:
            return chr(operand)
        case sre.ANY | sre.NOT_LITERAL:
            return chance.choice([one for one in _ANY if ord(one) != operand])
        case sre.IN:
            return _one_of(operand, chance)
        case sre.MAX_REPEAT | sre.MIN_REPEAT:
            least, most, inner = operand
            times = chance.randint(least, min(most, least + more))
            return _joined([_text(inner, chance, more // 2) for _ in range(times)])
        case sre.SUBPATTERN:
            return _text(operand[-1], chance, more)
        case sre.BRANCH:
            return _text(chance.choice(operand[1]), chance, more)
        case sre.AT | sre.ASSERT | sre.ASSERT_NOT:
            return ""
        case _:
            return None


def _one_of(items: Any, chance: random.Random) -> str | None:  # noqa: ANN401  # likewise
    is_negated = items[0][0] is sre.NEGATE
    allowed = "".join(_members(operator, operand) for operator, operand in items)
    chosen = [one for one in _ANY if one not in allowed] if is_negated else list(allowed)
    return chance.choice(chosen) if chosen else None


def _members(operator: Any, operand: Any) -> str:  # noqa: ANN401  # likewise
    match operator:
        case sre.LITERAL:
            return chr(operand)
        case sre.RANGE:
            return "".join(map(chr, range(operand[0], min(operand[1], operand[0] + 100) + 1)))
        case sre.CATEGORY:
            return _CLASSES.get(operand, "")
        case _:
            return ""


def _joined(parts: list[str | None]) -> str | None:
    return None if None in parts else "".join(part or "" for part in parts)
