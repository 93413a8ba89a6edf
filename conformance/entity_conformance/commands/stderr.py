"""The command's own voice: one line on standard error."""

import sys


def say(line: str) -> None:
    """Tell the person `line`."""
    sys.stderr.write(f"conformance: {line}\n")
    sys.stderr.flush()
