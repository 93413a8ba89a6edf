"""Wrong on purpose, one clause at a time, and off unless asked for: what proves that a conformance check can fail.

One file for each chapter of the reference, one for what shows when a record is looked at again, and in `seldom` one for
each kind of condition under which a fault shows. To add a fault, write a function under its chapter's decorator; a new
file is named in `CHAPTERS`.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from entity_server.faults import (
    afterwards,
    auth,
    create,
    dates,
    delete,
    errors,
    generate,
    health,
    keys,
    limits,
    metadata,
    near_misses,
    read,
    search,
    select,
    situations,
    sort,
    update,
)
from entity_server.faults import filter as filter_
from entity_server.faults import list as list_
from entity_server.faults.fault import Chapter
from entity_server.faults.seldom import (
    at_once,
    bodies,
    budgets,
    corners,
    described,
    filters,
    identity,
    keyring,
    later,
    neighbours,
    orders,
    outdated,
    ownership,
    pages,
    refused,
    relations,
    somewhere,
    together,
    values,
    wire,
    writes,
)
from entity_server.http.fault import Fault, UnknownFault

__all__ = ["FAULTS", "Fault", "UnknownFault", "chosen"]

CHAPTERS: tuple[Chapter, ...] = (
    auth.chapter,
    near_misses.chapter,
    list_.chapter,
    filter_.chapter,
    sort.chapter,
    search.chapter,
    select.chapter,
    dates.chapter,
    create.chapter,
    read.chapter,
    update.chapter,
    delete.chapter,
    metadata.chapter,
    situations.chapter,
    errors.chapter,
    limits.chapter,
    keys.chapter,
    generate.chapter,
    health.chapter,
    afterwards.chapter,
    at_once.chapter,
    bodies.chapter,
    budgets.chapter,
    corners.chapter,
    described.chapter,
    filters.chapter,
    identity.chapter,
    keyring.chapter,
    later.chapter,
    neighbours.chapter,
    orders.chapter,
    outdated.chapter,
    ownership.chapter,
    pages.chapter,
    refused.chapter,
    relations.chapter,
    somewhere.chapter,
    together.chapter,
    values.chapter,
    wire.chapter,
    writes.chapter,
)
FAULTS: tuple[Fault, ...] = tuple(fault for chapter in CHAPTERS for fault in chapter.faults)


def chosen(ids: Iterable[str]) -> tuple[Fault, ...]:
    """The faults of these ids, in the catalogue's order. Raises UnknownFault."""
    wanted = set(ids)
    known = {fault.id for fault in FAULTS}
    for unknown in sorted(wanted - known):
        raise UnknownFault(unknown, tuple(get_close_matches(unknown, known, n=3)))
    return tuple(fault for fault in FAULTS if fault.id in wanted)
