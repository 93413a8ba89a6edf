"""X-Request-ID: echoed when the client's is fit to be, new otherwise (E7)."""

import os
import re
from collections.abc import Callable, Sequence
from random import Random

HEADER = "X-Request-ID"
APPLIED = "Preference-Applied"

_FIT = re.compile(r"[!-~]{1,128}\Z", re.ASCII)
_VERSION_4 = 4 << 76 | 0b10 << 62  # the version and the variant (RFC 9562)
_FREE = ~(15 << 76 | 0b11 << 62)

_random = Random()  # noqa: S311 - an id is no secret; and one of its own, since a test may seed the common one
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_random.seed)


def new_request_id() -> str:
    """A random UUID, as `uuid.uuid4` makes one, in a tenth of the time."""
    digits = (_random.getrandbits(128) & _FREE | _VERSION_4).to_bytes(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def request_id(sent: Sequence[str], *, new: Callable[[], str] = new_request_id) -> str:
    """The id of an answer: the one that was sent (1 to 128 visible ASCII characters, given once), or a new one."""
    if len(sent) == 1 and _FIT.match(sent[0]):
        return sent[0]
    return new()
