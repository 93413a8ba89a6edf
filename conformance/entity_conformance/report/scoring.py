"""Which results count, where a run is scored by the requirements of a release. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from entity_contract.rulings import Level

from entity_conformance.report.verdict import Outcome, Result, outcome_of_violation

_KEPT = frozenset({Outcome.skipped, Outcome.broken})
"""What is told as it is of a new requirement too: it was not judged, or the suite went wrong."""


def scored(results: Sequence[Result], levels: Mapping[str, Level], *, strict: bool) -> tuple[Result, ...]:
    """The results by the requirements that there were, at the `levels` that they had; those of others are `new`."""
    return tuple(_scored(one, levels.get(one.requirement), strict=strict) for one in results)


def _scored(result: Result, level: Level | None, *, strict: bool) -> Result:
    if level is None:
        if result.outcome in _KEPT:
            return result
        return replace(result, outcome=Outcome.new, message=f"not scored, {result.outcome.name}: {result.message}")
    if level == "should" and result.level != "should":
        outcome = outcome_of_violation("should", strict=strict) if result.outcome is Outcome.failed else result.outcome
        return replace(result, level="should", outcome=outcome)
    return result
