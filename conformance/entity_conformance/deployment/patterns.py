"""Patterns that a deployment tells: what they describe, and whether a text fits. Pure.

A pattern may keep a matcher busy for ever, and what it describes may fill the memory. What could do so is not matched.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from typing import Any

# the parser of `re` has no public name, and no types
sre: Any = import_module("re._constants")
_parser: Any = import_module("re._parser")

LONGEST = 500
"""Characters of a pattern that is read."""
_LONGEST_MATCHED = 200
_MOST_PARTS = 10_000
_MOST_REPEATS = 2
"""Repetitions without a fixed number, none within another, for which a matcher takes little time."""

_REPEATS = frozenset({sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT})
_LOOKS = frozenset({sre.ASSERT, sre.ASSERT_NOT})
_ENDS = frozenset({sre.AT_BEGINNING, sre.AT_BEGINNING_STRING, sre.AT_END, sre.AT_END_STRING})


@lru_cache(maxsize=256)
def parsed(pattern: str) -> Any:  # noqa: ANN401  # the parser's own lists
    """What a pattern consists of; None where it is of another dialect, or what it describes is too long."""
    if len(pattern) > LONGEST:
        return None
    try:
        with _quietly():
            found = _parser.parse(pattern)
        return found if _parts(found) <= _MOST_PARTS else None
    except (re.error, OverflowError, RecursionError):
        return None


def matches(pattern: str, text: str) -> bool | None:
    """Whether the pattern finds itself in the text; None where that is not known, since nobody should try."""
    found = parsed(pattern)
    if found is None or len(text) > _LONGEST_MATCHED or not _is_quick(found):
        return None
    with _quietly():
        return re.search(pattern, text) is not None


def is_plain(pattern: str) -> bool:
    """Whether a text that was made part by part fits for certain: nothing looks around but for the two ends."""
    found = parsed(pattern)
    return found is not None and not any(
        operator in _LOOKS or (operator is sre.AT and operand not in _ENDS) for operator, operand in _all(found)
    )


@contextmanager
def _quietly() -> Iterator[None]:
    """Without warnings of what a later Python may read otherwise: the deployment wrote it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _parts(of: Any) -> int:  # noqa: ANN401  # likewise
    """Parts of the shortest text that is described."""
    total = 0
    for operator, operand in of:
        inner = max((_parts(one) for one in _within(operator, operand)), default=1)
        total += max(inner, 1) * (operand[0] if operator in _REPEATS else 1)
    return total


def _is_quick(of: Any) -> bool:  # noqa: ANN401  # likewise
    repeats = [operand for operator, operand in _all(of) if operator in _REPEATS and operand[1] > max(operand[0], 1)]
    is_nested = any(inner in _REPEATS or inner is sre.BRANCH for operand in repeats for inner, _ in _all(operand[-1]))
    has_references = any(operator in {sre.GROUPREF, sre.GROUPREF_EXISTS} for operator, _ in _all(of))
    return len(repeats) <= _MOST_REPEATS and not is_nested and not has_references


def _all(of: Any) -> Any:  # noqa: ANN401  # likewise
    """Each operator with its operand, also within others."""
    for operator, operand in of:
        yield operator, operand
        for inner in _within(operator, operand):
            yield from _all(inner)


def _within(operator: Any, operand: Any) -> list[Any]:  # noqa: ANN401  # likewise
    if operator in _REPEATS or operator is sre.SUBPATTERN or operator in _LOOKS:
        return [operand[-1]]
    if operator is sre.BRANCH:
        return list(operand[1])
    return [operand] if operator is sre.ATOMIC_GROUP else []
