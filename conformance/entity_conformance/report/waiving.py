"""Known failures: which results a waiver holds for, and what became of each waiver. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase

from entity_conformance.deployment.settings import Waiver
from entity_conformance.report.verdict import FOR_WHAT_IS_WAIVED, Outcome, Result, WaiverState, WaiverUse

_FAILED = ", which failed"
_STANDS = re.compile(rf"it stands on (\S+)(?: \[([^\]]+)\])?{_FAILED}")
"""Why something is blocked, as the runner tells it."""
_WRONG = frozenset({Outcome.failed, Outcome.warned, Outcome.waived})
_HELD = frozenset({Outcome.passed, Outcome.observed})


def waived(
    results: Sequence[Result], waivers: Sequence[Waiver], *, today: date
) -> tuple[tuple[Result, ...], tuple[WaiverUse, ...]]:
    """The results, those waived that a waiver holds for, and what became of each waiver.

    A warning stays one, since it fails no run, and keeps its waiver from being stale.
    """
    uses = tuple(_use(waiver, results, today=today) for waiver in waivers)
    known = {place for use in uses if use.state == "holds" for place in use.about}
    return tuple(_told(one, known) for one in results), uses


def _told(result: Result, known: Collection[tuple[str, str | None]]) -> Result:
    """A result where these failures are known: what stands on one was not tested for that, and blocks no verdict."""
    if result.outcome is Outcome.failed and (result.requirement, result.entity) in known:
        return replace(result, outcome=Outcome.waived)
    stood_on = _STANDS.fullmatch(result.message) if result.outcome is Outcome.blocked else None
    if stood_on is not None and (stood_on[1], stood_on[2]) in known:
        message = f"{result.message.removesuffix(_FAILED)}{FOR_WHAT_IS_WAIVED}"
        return replace(result, outcome=Outcome.skipped, message=message)
    return result


def with_new(
    results: Sequence[Result], waivers: Sequence[Waiver], as_: Waiver | None, *, today: date
) -> tuple[Waiver, ...]:
    """The waivers, with one for each failure that none of them holds for, where it is said as what.

    What fails on every entity of several is one waiver for all. An expired one for the same is renewed, as wide as it
    was; one that names more than this requirement is not.
    """
    if as_ is None:
        return tuple(waivers)
    left, _ = waived(results, waivers, today=today)
    failed: dict[str, list[str | None]] = {}
    for one in left:
        if one.outcome is Outcome.failed and one.entity not in failed.setdefault(one.requirement, []):
            failed[one.requirement].append(one.entity)
    expired = {(one.requirement, one.entity): one for one in waivers if today > one.expires}
    new = []
    for requirement, entities in failed.items():
        judged = {one.entity for one in results if one.requirement == requirement}
        is_everywhere = (len(entities) > 1 and judged == set(entities)) or (requirement, None) in expired
        for each in [None] if is_everywhere else entities:
            before = expired.get((requirement, each), as_)
            new.append(replace(as_, requirement=requirement, entity=each, ticket=as_.ticket or before.ticket))
    renewed = {(one.requirement, one.entity) for one in new}
    return (*(one for one in waivers if (one.requirement, one.entity) not in renewed), *new)


def caveats(uses: Iterable[WaiverUse]) -> tuple[str, ...]:
    """What a report has to say of waivers that do not hold; nothing of an expired one whose failures others waive."""
    uses = tuple(uses)
    known = {place for one in uses if one.state == "holds" for place in one.about}
    lapsed = [one for one in uses if one.state == "expired" and not (one.about and known.issuperset(one.about))]
    told = {
        "expired": [f"{_named(one.waiver)} on {one.waiver.expires}" for one in lapsed],
        "stale": stale(uses),
    }
    said = {"expired": "has expired and waives nothing", "stale": "is stale: what it waives was judged and holds"}
    return tuple(
        f"{'a waiver' if len(names) == 1 else f'each of {len(names)} waivers'} {said[state]} ({', '.join(names)})"
        for state, names in told.items()
        if names
    )


def astray(waivers: Iterable[Waiver], entities: Collection[str]) -> tuple[str, ...]:
    """What a report has to say of waivers for an entity that neither the contract nor the deployment has."""
    lost = [(one, str(one.entity)) for one in waivers if one.entity is not None and one.entity not in entities]
    near = {name: get_close_matches(name, sorted(entities), n=1, cutoff=0) for _, name in lost}
    return tuple(
        f"a waiver waives nothing: there is no entity {name} ({one.requirement})"
        + (f", the nearest is {near[name][0]}" if near[name] else "")
        for one, name in lost
    )


def stale(uses: Iterable[WaiverUse]) -> tuple[str, ...]:
    """The waivers that are no longer needed, as a person finds them in the file."""
    return tuple(_named(one.waiver) for one in uses if one.state == "stale")


def waiver_of(uses: Iterable[WaiverUse], result: Result) -> Waiver | None:
    """The waiver that holds for a result."""
    place = (result.requirement, result.entity)
    return next((one.waiver for one in uses if one.state == "holds" and place in one.about), None)


def told(waiver: Waiver) -> str:
    """Why a failure is waived, and for how long."""
    ticket = f" ({waiver.ticket})" if waiver.ticket else ""
    return f"{waiver.reason}{ticket}, until {waiver.expires}"


def is_about(waiver: Waiver, result: Result) -> bool:
    """Whether a waiver was written for what this result judges."""
    names = (result.requirement, result.chapter)
    is_named = any(fnmatchcase(name, waiver.requirement) for name in names)
    return is_named and waiver.entity in {None, result.entity}


def _is_of_every_entity(waiver: Waiver, result: Result) -> bool:
    """Whether a result says that nothing is wrong with any entity, as those of `conformance properties` do."""
    return result.entity is None and result.outcome in _HELD and is_about(replace(waiver, entity=None), result)


def _use(waiver: Waiver, results: Sequence[Result], *, today: date) -> WaiverUse:
    about = [one for one in results if is_about(waiver, one) or _is_of_every_entity(waiver, one)]
    wrong = tuple((one.requirement, one.entity) for one in about if one.outcome in _WRONG)
    outcomes = {one.outcome for one in about} - {Outcome.skipped}
    state: WaiverState = "not-judged"
    if today > waiver.expires:
        state = "expired"
    elif wrong:
        state = "holds"
    elif outcomes and outcomes <= _HELD:
        state = "stale"
    return WaiverUse(waiver, state, wrong)


def _named(waiver: Waiver) -> str:
    return waiver.requirement if waiver.entity is None else f"{waiver.requirement} [{waiver.entity}]"
