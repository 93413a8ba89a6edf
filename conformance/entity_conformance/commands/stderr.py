"""The command's own voice: one line on standard error."""

import contextlib
import sys


def say(line: str) -> None:
    """Tell the person `line`. A standard error that is closed or full keeps nobody from the exit code."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"conformance: {line}\n")
        sys.stderr.flush()
