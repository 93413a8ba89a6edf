"""A run that goes on where an earlier one ended: what that settled is not asked again. Pure."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from entity_conformance.deployment.problems import RequestCount
from entity_conformance.deployment.settings import Settings
from entity_conformance.report import waiving
from entity_conformance.report.expected import NO_ROOM
from entity_conformance.report.verdict import Circumstances, Outcome, Result, Run, combine
from entity_conformance.suite.joining import renumbered

_OPEN = frozenset({Outcome.blocked, Outcome.broken})
_STANDS = "it stands on "
_ENDED = frozenset({2, 4, 70, 130})
"""Exit codes that say how the run ended, whatever was found before."""


def unsettled(earlier: Run, known: Collection[str]) -> tuple[str, ...]:
    """The requirements of the run that have no outcome yet, in its order; all that are `known` where it judged none.

    What stands on a failure has one: it is asked again when that is mended.
    """
    if not any(one.outcome not in {*_OPEN, Outcome.skipped} for one in earlier.results):
        return tuple(known)
    open_ = [one for one in earlier.results if _is_open(one)]
    judged = {one.requirement for one in earlier.results}
    unlooked = [one.requirement for one in earlier.plan if one.requirement not in judged]
    names = dict.fromkeys([*(one.requirement for one in open_), *unlooked])
    return tuple(name for name in names if name in known)


def _is_open(result: Result) -> bool:
    """Whether it says no more than that the run did not come to it."""
    if result.outcome is Outcome.skipped:
        return result.message.startswith(NO_ROOM)
    return result.outcome in _OPEN and not result.message.startswith(_STANDS)


def resumed(earlier: Run, run: Run, asked: Collection[str], settings: Settings) -> Run:
    """Both runs as one: of what was `asked` the later one speaks, of all else the earlier one."""
    later = renumbered(run, len(earlier.exchanges))
    kept = [
        replace(one, outcome=Outcome.failed) if one.outcome is Outcome.waived else one
        for one in earlier.results
        if one.requirement not in asked
    ]
    results = (*kept, *(one for one in later.results if one.requirement in asked))
    results, uses = waiving.waived(results, settings.waivers, today=date.fromisoformat(run.started_at[:10]))
    by, more = earlier.requests, run.requests
    outside = (
        *(pair for pair in earlier.profile.out_of_scope if pair[0] not in asked),
        *(pair for pair in run.profile.out_of_scope if pair[0] in asked),
    )
    profile = replace(earlier.profile if kept else run.profile, out_of_scope=outside)
    told = (*settings.caveats, *waiving.caveats(run.waivers))
    others = (one for one in run.caveats if one not in told)
    caveats = (*settings.caveats, *waiving.caveats(uses), *others, f"a run of {earlier.started_at} was resumed")
    because = Circumstances(
        leftovers=len(run.leftovers),
        strict=settings.strict,
        require_full=settings.require_full,
        stale=waiving.stale(uses),
        strict_waivers=settings.strict_waivers,
        caveats=caveats,
    )
    is_over = run.verdict.exit_code in _ENDED or run.verdict.name == "planned"
    return replace(
        later,
        seconds=round(earlier.seconds + run.seconds, 3),
        profile=profile,
        choices=tuple(dict.fromkeys((*earlier.choices, *run.choices))),
        plan=earlier.plan or run.plan,
        requests=RequestCount(by.total + more.total, by.key + more.key, by.session + more.session, by.none + more.none),
        results=results,
        exchanges=(
            *earlier.exchanges,
            *(replace(one, at=round(earlier.seconds + one.at, 4)) for one in later.exchanges),
        ),
        waivers=uses,
        caveats=caveats,
        verdict=run.verdict if is_over else combine(results, profile, because),
    )
