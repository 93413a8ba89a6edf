"""Random bits for ids, from the system's own source, which is asked for many at once: for ten it takes as long."""

import os

_ASKED_FOR = 4096  # bytes
_reserve = bytearray()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reserve.clear)  # or both processes would make the same ids


def random_bits(number: int) -> int:
    """A number of so many random bits, as `secrets.randbits` gives one."""
    size = -(-number // 8)
    if len(_reserve) < size:
        _reserve.extend(os.urandom(_ASKED_FOR))
    taken = int.from_bytes(_reserve[-size:])
    del _reserve[-size:]
    return taken >> (size * 8 - number)
