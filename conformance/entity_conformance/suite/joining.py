"""Several runs on one deployment, told as one: one verdict, one report, one exit code. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from entity_conformance.deployment.problems import BUDGET, RequestCount
from entity_conformance.deployment.settings import Settings
from entity_conformance.report import waiving
from entity_conformance.report.verdict import Circumstances, Outcome, Result, Run, Verdict, combine

_BY_WEIGHT = (130, 70, 4, 2, 1, 5, 3, 0)
"""Exit codes, the one that counts most first."""


def joined(first: Run, others: Sequence[Run], *, settings: Settings, notes: Sequence[str] = ()) -> Run:
    """The first run with what the others found besides; `notes` say what was not done."""
    others = [_within_its_budget(other, strict=settings.strict) for other in others]
    whole = first
    for other in others:
        whole = _beside(whole, renumbered(other, len(whole.exchanges)))
    told = tuple(dict.fromkeys((*whole.profile.notes, *notes)))
    whole = replace(whole, profile=replace(whole.profile, name=f"{first.profile.name}, thorough", notes=told))
    day = date.fromisoformat(first.started_at[:10])
    waivers = tuple(dict.fromkeys(use.waiver for run in (first, *others) for use in run.waivers))
    results, uses = waiving.waived(whole.results, waivers, today=day)
    of_waivers = {one for run in (first, *others) for one in waiving.caveats(run.waivers)}
    said = [one for run in (first, *others) for one in run.caveats if one not in of_waivers]
    caveats = tuple(dict.fromkeys((*said, *waiving.caveats(uses))))
    whole = replace(whole, results=results, waivers=uses, caveats=caveats)
    return replace(whole, verdict=_verdict(whole, [first, *others], settings))


def _within_its_budget(run: Run, *, strict: bool) -> Run:
    """The run, with what it did not come to left out: it was given what the others left, and no more."""
    results = tuple(
        replace(one, outcome=Outcome.skipped, message=f"left out: {one.message}")
        if one.outcome is Outcome.blocked and BUDGET in one.message
        else one
        for one in run.results
    )
    if run.verdict.exit_code != 3 or any(one.outcome is Outcome.blocked for one in results):
        return replace(run, results=results)
    return replace(run, results=results, verdict=combine(results, run.profile, Circumstances(strict=strict)))


def _beside(one: Run, other: Run) -> Run:
    by, more = one.requests, other.requests
    profile = replace(
        one.profile,
        out_of_scope=(*one.profile.out_of_scope, *other.profile.out_of_scope),
        notes=(*one.profile.notes, *other.profile.notes),
    )
    return replace(
        one,
        seconds=round(one.seconds + other.seconds, 3),
        profile=profile,
        choices=tuple(dict.fromkeys((*one.choices, *other.choices))),
        plan=(*one.plan, *other.plan),
        requests=RequestCount(by.total + more.total, by.key + more.key, by.session + more.session, by.none + more.none),
        results=found_by_both(one.results, other.results),
        exchanges=(*one.exchanges, *other.exchanges),
        leftovers=(*one.leftovers, *other.leftovers),
    )


def found_by_both(results: Sequence[Result], others: Sequence[Result]) -> tuple[Result, ...]:
    """All results; of a requirement that both judge, what is wrong with it, once for each entity."""
    found = list(results)
    places = {(one.requirement, one.entity): place for place, one in enumerate(results)}
    for one in others:
        place = places.get((one.requirement, one.entity), places.get((one.requirement, None)))
        if place is None:
            found.append(one)
        elif one.outcome >= Outcome.warned:
            if found[place].outcome < Outcome.warned:
                found[place] = one
            elif found[place].entity != one.entity:
                found.append(one)
    return tuple(found)


def renumbered(run: Run, behind: int) -> Run:
    """The run with ids of exchanges that come behind so many others."""
    ids: Mapping[str, str] = {one.id: f"x{behind + place}" for place, one in enumerate(run.exchanges, start=1)}
    return replace(
        run,
        exchanges=tuple(replace(one, id=ids[one.id]) for one in run.exchanges),
        results=tuple(
            replace(one, exchanges=tuple(ids[each] for each in one.exchanges if each in ids)) for one in run.results
        ),
    )


def _verdict(whole: Run, runs: Sequence[Run], settings: Settings) -> Verdict:
    """What counts most of their verdicts; where they agree that it conforms, or not, all results say it together."""
    worst = min((run.verdict for run in runs), key=lambda verdict: _BY_WEIGHT.index(verdict.exit_code))
    if worst.exit_code not in {0, 1}:
        return worst
    because = Circumstances(
        strict=settings.strict,
        stale=waiving.stale(whole.waivers),
        strict_waivers=settings.strict_waivers,
        caveats=whole.caveats,
    )
    return combine(whole.results, whole.profile, because)
