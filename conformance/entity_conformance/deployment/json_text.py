"""A body as JSON, and what makes parsers disagree about it. Pure.

What Python's parser takes and others do not, or read otherwise, is told beside the value.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from entity_conformance.deployment.problems import Blocked

MOST_VALUES = 100_000
"""Commas of a body that is read: a value takes a hundred times its length in memory, and answers are kept."""

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


class Members(dict[str, Any]):
    """A JSON object of an answer. `of[name]` raises Blocked where there is no such member; `get` gives None."""

    def __missing__(self, name: str) -> NoReturn:
        raise Blocked(f"what it builds on is missing: an answer shows no `{name}`")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a body says. `flaw` is why another parser may refuse it, or read it otherwise; None where none would."""

    value: object
    flaw: str | None = None


def parsed(content: bytes) -> Parsed:
    """A body as JSON. Raises ValueError; with a text where its beginning does not show why: `it is not UTF-8`."""
    if content.count(b",") > MOST_VALUES:
        raise ValueError(f"it is too large to be read: it has more than {MOST_VALUES:,} values")
    text, flaws = _text(content), list[str]()

    def members(pairs: list[tuple[str, Any]]) -> Members:
        found = Members(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in found if names.count(name) > 1)
            flaws.append(f"an object has the member `{twice[:80]}` twice")
        return found

    def number(literal: str) -> float:
        value = float(literal)
        if value in {float("inf"), float("-inf")}:
            flaws.append(f"the number {literal[:40]} is beyond what a double holds")
        return value

    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=number, object_pairs_hook=members)
    except RecursionError:
        raise ValueError("it is nested too deep to be read") from None
    except json.JSONDecodeError:
        raise ValueError from None  # what came shows it
    if _HALF.search(content) and _holds_half_a_pair(value):
        flaws.append("a text has half of a surrogate pair")
    return Parsed(value, flaws[0] if flaws else None)


def lenient(content: bytes) -> object:
    """A body as far as it can be read, to find one's own in it again: None where it is no JSON at all."""
    text = content.decode("utf-8-sig", "replace")
    try:
        return json.loads(text, parse_int=_whole, object_hook=Members)
    except (ValueError, RecursionError):
        return None


def _text(content: bytes) -> str:
    if not content:
        raise ValueError  # as what came shows
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 (octet 0x{content[error.start]:02x})") from None
    if text.startswith("\ufeff"):
        raise ValueError("it begins with a byte order mark")
    return text


def _whole(literal: str) -> int | str:
    """An integer, or its text where Python does not read so long a one."""
    try:
        return int(literal)
    except ValueError:
        return literal


def _refuse(constant: str) -> NoReturn:
    """NaN and the infinities are no JSON, though Python's parser takes them."""
    raise ValueError(f"{constant} is not JSON")


def _holds_half_a_pair(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    except RecursionError:
        return False
    return False
