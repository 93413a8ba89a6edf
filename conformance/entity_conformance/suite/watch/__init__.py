"""Every answer of a run is judged by all that is known, whoever asked for it and why.

A module here has one subject. Its `WATCHES` are judged when the checks have ended, over the whole history of the run.
"""

from collections.abc import Iterator

from entity_conformance.oracle.history import History
from entity_conformance.suite import ledger
from entity_conformance.suite.registry import Check, passive
from entity_conformance.suite.watch import records, strays, wire
from entity_conformance.suite.watch.judgement import Judgement, Watch

WATCHES: tuple[Watch, ...] = (*wire.WATCHES, *records.WATCHES, *strays.WATCHES)


def judgements(history: History) -> Iterator[Judgement]:
    """What the exchanges of a run say, of whichever requirements; a watch that raises is a defect of the suite."""
    for watch in WATCHES:
        try:
            yield from watch.judge(history)
        except Exception as problem:  # noqa: BLE001  # told as a broken check, whatever it is
            yield from (Judgement(requirement, None, "", problem) for requirement in watch.sentences)


def passive_checks(active: frozenset[str]) -> tuple[Check, ...]:
    """A check that asks nothing for each requirement that only watches judge, and no `active` check."""
    known = ledger.load().requirements
    return tuple(
        passive(requirement, known[requirement].chapter, sentence, watch.after)
        for watch in WATCHES
        for requirement, sentence in watch.sentences.items()
        if requirement not in active
    )
