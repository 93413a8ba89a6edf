"""Every answer of a run is judged by all that is known, whoever asked for it and why.

A module here has one subject. Its `WATCHES` are judged when the checks have ended, over the whole history of the run.
"""

from collections.abc import Collection, Iterator

from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History, history
from entity_conformance.suite import ledger, packaged
from entity_conformance.suite.registry import Check, passive
from entity_conformance.suite.watch import (
    departures,
    described,
    identifiers,
    keys,
    limits,
    moving,
    pages,
    paginations,
    projection,
    records,
    selection,
    statuses,
    strays,
    wire,
    writes,
)
from entity_conformance.suite.watch.judgement import Judgement, Watch

WATCHES: tuple[Watch, ...] = (
    *(*wire.WATCHES, *identifiers.WATCHES, *limits.WATCHES, *statuses.WATCHES, *keys.WATCHES),
    *(*pages.WATCHES, *selection.WATCHES, *projection.WATCHES),
    *(*records.WATCHES, *strays.WATCHES, *moving.WATCHES, *writes.WATCHES, *described.WATCHES),
    *departures.WATCHES,
    *paginations.WATCHES,  # what is written another way is told as that
)

OF_THE_WIRE: frozenset[str] = frozenset(name for watch in wire.WATCHES for name in watch.sentences)
"""Requirements that an exchange keeps or breaks by itself, whatever else the run made."""

OF_THE_IDENTIFIERS: frozenset[str] = frozenset(name for watch in identifiers.WATCHES for name in watch.sentences)
OF_THE_LIMITS: frozenset[str] = frozenset(name for watch in limits.WATCHES for name in watch.sentences)
OF_THE_STATUSES: frozenset[str] = frozenset(name for watch in statuses.WATCHES for name in watch.sentences)
"""Requirements about the headers of every answer, and about who is known: they hold whatever is asked."""


OF_THE_VALUES: frozenset[str] = frozenset(name for watch in departures.WATCHES for name in watch.sentences)
"""Requirements that what a deployment writes another way in every record breaks."""


def history_of(context: RunContext) -> History:
    """Everything that a run asked and was answered so far."""
    wire = context.wire
    return history(
        context.asked,
        context.base,
        context.contract,
        context.entities,
        run=context.run,
        is_late=context.settle > 0,
        told={one.id: one for one in wire.log.exchanges()},
        then=wire.then,
        clock_tolerance=wire.clock_tolerance,
        redacted=wire.log.redactor.text,
        cut=tuple(wire.cut),
        departures=tuple(context.dialect.departures.values()),
        from_zero=context.dialect.from_zero,
        always_sent=frozenset(name.lower() for name, _ in (*wire.bounds.headers, *wire.bounds.other_headers)),
    )


def judgements(history: History, requirements: Collection[str]) -> Iterator[Judgement]:
    """What the exchanges of a run say of these requirements; a watch that raises is a defect of the suite."""
    for watch in [one for one in WATCHES if not one.sentences.keys().isdisjoint(requirements)]:
        try:
            for one in watch.judge(history):
                if isinstance(one.problem, Violation):
                    one.problem.__traceback__ = None  # whose frames hold whole answers
                yield one
        except Exception as problem:  # noqa: BLE001  # told as a broken check, whatever it is
            yield from (Judgement(requirement, None, "", problem) for requirement in watch.sentences)


def passive_checks() -> dict[str, Check]:
    """A check that asks nothing, by requirement, for each that is watched.

    It stands in the place of one that asks where there is none, and where the run's profile leaves that out.
    """
    known, checks = ledger.load().requirements, packaged.sentences()
    found: dict[str, Check] = {}
    for watch in WATCHES:
        for requirement, own in watch.sentences.items():
            after = watch.after.get(requirement, ())
            sentence = own or checks.get(requirement, "")
            found.setdefault(requirement, passive(requirement, known[requirement].chapter, sentence, after))
    return found
