"""Ids of new records: `<prefix>_` and a part that sorts by time (R14).

Opaque to everybody else; nothing reads an id apart.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread
_LETTERS = (_ALPHABET * 8).encode()  # a letter for each byte, every letter for as many of them
_RANDOM = 16  # letters


def new_id(prefix: str, now: datetime, random: Callable[[int], int] = secrets.randbits) -> str:
    """An id that nobody else has: the millisecond in 48 bits, then 80 random bits, as 26 letters and digits."""
    letters = random(8 * _RANDOM).to_bytes(_RANDOM).translate(_LETTERS).decode()
    return f"{prefix}_{_time_part(now)}{letters}"


@lru_cache(maxsize=4)  # the clock gives the same value for a millisecond
def _time_part(now: datetime) -> str:
    milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
    return "".join([_ALPHABET[milliseconds >> shift & 31] for shift in range(45, -1, -5)])
