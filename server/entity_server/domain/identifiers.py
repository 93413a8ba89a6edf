"""Ids of new records: `<prefix>_` and a part that sorts by time (R14).

Opaque to everybody else; nothing reads an id apart.
"""

import secrets
from collections.abc import Callable
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread
_PAIRS = tuple(one + other for one in _ALPHABET for other in _ALPHABET)


def new_id(prefix: str, now: datetime, random: Callable[[int], int] = secrets.randbits) -> str:
    """An id that nobody else has: the millisecond in 48 bits, then 80 random bits, as 26 letters and digits."""
    milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
    number = milliseconds << 80 | random(80)
    return prefix + "_" + "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])
