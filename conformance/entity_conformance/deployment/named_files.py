"""Files that a person names to be read: each has an end, and a size that is bearable."""

import errno
import os
import stat
from pathlib import Path


def content(path: Path, *, most: int) -> bytes:
    """What a file holds. Raises OSError, also for one of more than `most` bytes, and for what may never end.

    That is a pipe or a device, unless it is empty (`/dev/null`) or was handed over open (`<(...)`, `/dev/stdin`).
    """
    is_given = path == Path("/dev/stdin") or path.is_relative_to("/dev/fd") or path.is_relative_to("/proc/self/fd")
    if path == Path(os.devnull):
        return b""
    if not is_given and not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
        raise OSError(errno.EINVAL, "it is a pipe or a device")
    with path.open("rb") as stream:
        found = stream.read(most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most // 1024**2} MiB")
    return found
