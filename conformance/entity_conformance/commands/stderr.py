"""The command's own voice: one line on standard error."""

import sys

from entity_conformance.report.text import visible


def say(line: str) -> None:
    """Tell the person `line`, which may quote what others wrote: nothing of it moves a cursor."""
    sys.stderr.write(f"conformance: {visible(line)}\n")
    sys.stderr.flush()
