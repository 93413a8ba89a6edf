"""X-Request-ID: echoed when the client's is fit to be, new otherwise (E7)."""

import os
import re
from collections.abc import Callable, Sequence
from random import Random

HEADER = "X-Request-ID"
APPLIED = "Preference-Applied"

_FIT = re.compile(r"[!-~]{1,128}\Z", re.ASCII)


_random = Random()  # noqa: S311 - an id is no secret; and one of its own, since a test may seed the common one
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_random.seed)


def new_request_id() -> str:
    """A random UUID, as `uuid.uuid4` makes one, in a fifth of the time."""
    digits = f"{_random.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def request_id(sent: Sequence[str], *, new: Callable[[], str] = new_request_id) -> str:
    """The id of an answer: the one that was sent (1 to 128 visible ASCII characters, given once), or a new one."""
    if len(sent) == 1 and _FIT.match(sent[0]):
        return sent[0]
    return new()
