"""Ids of new records: `<prefix>_` and a part that sorts by time (R14).

Opaque to everybody else; nothing reads an id apart.
"""

import os
from collections.abc import Callable
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread
_PAIRS = tuple(one + other for one in _ALPHABET for other in _ALPHABET)


_RESERVE = 4096  # bytes: to ask the system for ten costs as much as to ask for many
_reserve = bytearray()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reserve.clear)  # or both would make the same ids


def _bits(number: int) -> int:
    """So many random bits, from the system's own source."""
    size = -(-number // 8)
    if len(_reserve) < size:
        _reserve.extend(os.urandom(_RESERVE))
    taken = int.from_bytes(_reserve[-size:])
    del _reserve[-size:]
    return taken >> (size * 8 - number)


def new_id(prefix: str, now: datetime, random: Callable[[int], int] = _bits) -> str:
    """An id that nobody else has: the millisecond in 48 bits, then 80 random bits, as 26 letters and digits."""
    milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
    number = milliseconds << 80 | random(80)
    return prefix + "_" + "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])
