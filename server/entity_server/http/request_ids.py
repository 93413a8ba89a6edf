"""X-Request-ID: echoed when the client's is fit to be, new otherwise (E7)."""

import re
from collections.abc import Callable, Sequence
from uuid import uuid4

HEADER = "X-Request-ID"
APPLIED = "Preference-Applied"

_FIT = re.compile(r"[!-~]{1,128}\Z", re.ASCII)


def request_id(sent: Sequence[str], *, new: Callable[[], object] = uuid4) -> str:
    """The id of an answer: the one that was sent (1 to 128 visible ASCII characters, given once), or a new one."""
    if len(sent) == 1 and _FIT.match(sent[0]):
        return sent[0]
    return str(new())
