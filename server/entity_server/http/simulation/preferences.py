"""What a request asks for in `Prefer` (RFC 7240): a status, a fault, a delay, an answer that dribbles or is cut off.

Pure. "Prefer = 1#preference": several in one field or in several; names in any case; a value as a token or quoted;
parameters, which nothing here has. The first of two equal names counts, and one that nobody knows is no mistake.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from entity_server.domain.problems import ValidationFailed
from entity_server.http.exchange import AT_ONCE, Delivery

HEADER = "Prefer"
LONGEST_DELAY = 30_000
"""Milliseconds; a client that waits longer is waited for by nobody."""

DRIBBLED = 1_000
"""Milliseconds that an answer takes which dribbles, if nothing else is said."""

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"  # quantifiers give nothing back: no field takes long to be refused
_VALUE = rf'(?:{_WORD}|"(?:[^"\\]|\\.)*+")'
_SPACE = r"[ \t]*+"
_PARAMETER = rf"{_SPACE};{_SPACE}(?:{_WORD}(?:{_SPACE}={_SPACE}{_VALUE})?+)?+"
_PREFERENCE = re.compile(
    rf"{_SPACE}(?P<name>{_WORD})(?:{_SPACE}={_SPACE}(?P<value>{_VALUE})?+)?+(?:{_PARAMETER})*+{_SPACE}(?:,|\Z)"
)
_EMPTY = re.compile(r"[ \t]*(?:,|\Z)")
_QUOTED_PAIR = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What is preferred. `applied` is how the answer names it."""

    status: int | None = None
    fault: str | None = None
    delivery: Delivery = AT_ONCE
    applied: tuple[str, ...] = ()


def preferences(sent: Sequence[str]) -> Preferences:
    """What the fields of a request prefer. Raises ValidationFailed where one that is known cannot be read."""
    asked: dict[str, str] = {}
    for field in sent:
        for name, value in _pairs(field):
            asked.setdefault(name, value)
    found = Preferences()
    for name, value in asked.items():
        read = _read(found, name, value)
        if read is not None:
            found = replace(read, applied=(*found.applied, f"{name}={value}" if value and name != "cut" else name))
    return found


def _pairs(field: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(field):
        if empty := _EMPTY.match(field, position):
            position = empty.end()
            continue
        match = _PREFERENCE.match(field, position)
        if match is None:
            raise refused(f"cannot be read from character {position + 1} on")
        value = match["value"] or ""
        yield match["name"].lower(), _QUOTED_PAIR.sub(r"\1", value[1:-1]) if value.startswith('"') else value
        position = match.end()


def _read(found: Preferences, name: str, value: str) -> Preferences | None:
    """With one more preference; None for one that is not known."""
    match name:
        case "code":
            if not re.fullmatch(r"[1-5][0-9][0-9]", value, re.ASCII):
                raise refused("code must be a status, such as code=429")
            return replace(found, status=int(value))
        case "fault":
            if not value:
                raise refused("fault must name one, such as fault=list.total-off-by-one")
            return replace(found, fault=value)
        case "delay":
            return replace(found, delivery=replace(found.delivery, delay_ms=_milliseconds(name, value)))
        case "dribble":
            takes = _milliseconds(name, value) if value else DRIBBLED
            return replace(found, delivery=replace(found.delivery, dribble_ms=takes))
        case "cut":
            return replace(found, delivery=replace(found.delivery, cut=True))
        case _:
            return None


def _milliseconds(name: str, value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) or int(value) > LONGEST_DELAY:
        raise refused(f"{name} must be a number of milliseconds from 0 to {LONGEST_DELAY}")
    return int(value)


def refused(reason: str) -> ValidationFailed:
    """What says that a preference cannot be had, and why."""
    return ValidationFailed(f"{HEADER}: {reason}")
