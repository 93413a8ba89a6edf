"""Wrong on purpose, one clause at a time, and off unless asked for: what proves that a conformance check can fail.

One file for each chapter of the reference. To add a fault, write a function under its chapter's decorator; a new file
is named in `CHAPTERS`.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from entity_server.faults import (
    authentication,
    creating,
    dates,
    deleting,
    errors,
    filtering,
    generation,
    health,
    keys,
    listing,
    metadata,
    rate_limits,
    reading,
    searching,
    selection,
    sorting,
    updating,
)
from entity_server.faults.fault import Chapter, Fault

__all__ = ["FAULTS", "Fault", "UnknownFault", "chosen"]

CHAPTERS: tuple[Chapter, ...] = (
    authentication.chapter,
    listing.chapter,
    filtering.chapter,
    sorting.chapter,
    searching.chapter,
    selection.chapter,
    dates.chapter,
    creating.chapter,
    reading.chapter,
    updating.chapter,
    deleting.chapter,
    metadata.chapter,
    errors.chapter,
    rate_limits.chapter,
    keys.chapter,
    generation.chapter,
    health.chapter,
)
FAULTS: tuple[Fault, ...] = tuple(fault for chapter in CHAPTERS for fault in chapter.faults)


class UnknownFault(Exception):  # noqa: N818 - named for what is wrong
    """No fault has that id. `near` are those with similar ids."""

    def __init__(self, id: str, near: tuple[str, ...]) -> None:  # noqa: A002 - a fault's own word
        hint = f"did you mean {' or '.join(near)}?" if near else "`reference-server faults` lists them all"
        super().__init__(f"there is no fault {id!r}; {hint}")
        self.near = near


def chosen(ids: Iterable[str]) -> tuple[Fault, ...]:
    """The faults of these ids, in the catalogue's order. Raises UnknownFault."""
    wanted = set(ids)
    known = {fault.id for fault in FAULTS}
    for unknown in sorted(wanted - known):
        raise UnknownFault(unknown, tuple(get_close_matches(unknown, known, n=3)))
    return tuple(fault for fault in FAULTS if fault.id in wanted)
