"""Which faults of the reference server the state machine ought to find: a rule, not a choice.

Those that break a requirement of these chapters of the ledger, whatever the requirement is. Left out are the chapters
about who may ask, how often, and about what is no record: authentication, limits, keys, metadata, errors, generation,
health.
"""

from entity_server.faults import FAULTS, Fault

CHAPTERS = ("list", "filter", "sort", "search", "select", "dates", "create", "read", "update", "delete")
"""Lists with their filters, order, search, selection and dates; and what a write leaves behind."""


def concerned() -> tuple[Fault, ...]:
    """Every fault in a requirement of these chapters, in the catalogue's order."""
    return tuple(fault for fault in FAULTS if fault.breaks.partition(".")[0] in CHAPTERS)
