"""A lock on an open file. The operating system releases it when the process ends, however it ends.

A process id says nothing: after a restart of its container another process has it.
"""

import os
import sys

if sys.platform == "win32":
    import msvcrt

    _BEYOND_ANY_LINE = 0x7FFF_0000

    def locked(descriptor: int) -> bool:
        """Take the lock; False where another process has it. Raises OSError where files cannot be locked."""
        os.lseek(descriptor, _BEYOND_ANY_LINE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_END)
        return True

else:
    import fcntl

    def locked(descriptor: int) -> bool:
        """Take the lock; False where another process has it. Raises OSError where files cannot be locked."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
