"""A run that goes on where an earlier one ended: what that settled is not asked again. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from entity_conformance.deployment.problems import RequestCount
from entity_conformance.deployment.settings import Settings
from entity_conformance.report import waiving
from entity_conformance.report.expected import NO_ROOM
from entity_conformance.report.verdict import NOT_SEEN, Circumstances, Outcome, Result, Run, combine
from entity_conformance.suite.joining import found_by_both, renumbered
from entity_conformance.suite.registry import Check, watching

_OPEN = frozenset({Outcome.blocked, Outcome.broken})
_STANDS = "it stands on "
_ENDED = frozenset({2, 4, 70, 130})
"""Exit codes that say how the run ended, whatever was found before."""


def unsettled(earlier: Run, known: Collection[str]) -> tuple[str, ...]:
    """The requirements of the run that have no outcome yet, in its order; all that are `known` where it judged none.

    What stands on a failure has one: it is asked again when that is mended. What no exchange was about has none, where
    the run did not come to all: the others may be about it.
    """
    if not any(one.outcome not in {*_OPEN, Outcome.skipped} for one in earlier.results):
        return tuple(known)
    open_ = [one for one in earlier.results if _is_open(one)]
    judged = {one.requirement for one in earlier.results}
    unlooked = [one.requirement for one in earlier.plan if one.requirement not in judged]
    names = dict.fromkeys([*(one.requirement for one in open_), *unlooked])
    if names:
        names |= dict.fromkeys(one.requirement for one in earlier.results if one.message == NOT_SEEN)
    return tuple(name for name in names if name in known)


def proofs(
    earlier: Run, asked: Collection[str], checks: Sequence[Check], watched: Collection[str]
) -> tuple[Check, ...]:
    """The checks of what is `asked`; of what else the run had in it and is `watched`, what looks on and asks nothing.

    The answers of both halves are judged by the same requirements so, as those of a whole run are.
    """
    had = {one.requirement for one in earlier.results} - {name for name, _ in earlier.profile.out_of_scope}
    return tuple(_proofs(asked, checks, had.intersection(watched)))


def _proofs(asked: Collection[str], checks: Sequence[Check], watched: Collection[str]) -> Iterator[Check]:
    for check in checks:
        if check.requirement in asked:
            yield check
        elif check.requirement in watched:
            yield watching(check, unseen=NOT_SEEN)


def _is_open(result: Result) -> bool:
    """Whether it says no more than that the run did not come to it."""
    if result.outcome is Outcome.skipped:
        return result.message.startswith(NO_ROOM)
    return result.outcome in _OPEN and not result.message.startswith(_STANDS)


def _seen(earlier: Run, later: Run, asked: Collection[str]) -> list[Result]:
    """What the later half saw of what the earlier one judged, but for what stands on a failure of that one."""
    failed = {one.requirement for one in earlier.results if one.outcome in {Outcome.failed, Outcome.waived}}
    after = {one.requirement: one.after for one in earlier.plan}
    others = (one for one in later.results if one.requirement not in asked)
    return [one for one in others if failed.isdisjoint(after.get(one.requirement, ()))]


def resumed(earlier: Run, run: Run, asked: Collection[str], settings: Settings) -> Run:
    """Both runs as one: of what was `asked` the later one speaks, of all else the earlier one.

    What the later one saw broken of that is told too.
    """
    later = renumbered(run, len(earlier.exchanges))
    kept = [
        replace(one, outcome=Outcome.failed) if one.outcome is Outcome.waived else one
        for one in earlier.results
        if one.requirement not in asked
    ]
    seen = _seen(earlier, later, asked)
    results = (*found_by_both(kept, seen), *(one for one in later.results if one.requirement in asked))
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
