"""The results of a run's checks, and beside them what its answers showed to whoever only looked. Pure.

One fault is one accusation: what a check has found already, or what stands on it, is not found once more.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from entity_contract.rulings import Level

from entity_conformance.deployment.problems import Violation
from entity_conformance.report.text import count
from entity_conformance.report.verdict import NOT_SEEN, Outcome, Result, outcome_of_violation
from entity_conformance.suite.defects import defect_of
from entity_conformance.suite.registry import Check
from entity_conformance.suite.watch.judgement import Aspect, Judgement

_WRONG = frozenset({Outcome.warned, Outcome.failed, Outcome.broken})
_JUDGED: frozenset[Aspect] = frozenset({"body", "limits", "identifier"})


def merged(
    results: Sequence[Result],
    checks: Mapping[str, Check],
    judgements: Iterable[Judgement],
    *,
    strict: bool,
    last: Collection[str] = (),
) -> tuple[Result, ...]:
    """The results, those of the requirements that the judgements are about as they turn out.

    The results are in the order of the plan: of several requirements that one aspect of an answer breaks, the first one
    speaks, and what stands on it is blocked. A requirement that nothing but the judgements judges tells on how many
    exchanges; met by none it is skipped, and blocked where another one tells what is wrong with it. What is wrong in
    one of the `last` exchanges is shown where it is wrong in no other.
    """
    about: dict[str, list[Judgement]] = {}
    for one in judgements:
        about.setdefault(one.requirement, []).append(one)
    mine_at = _placed(about, _places(results))
    watched = {name for name, found in about.items() if checks.get(name) and _hiding(found)}
    unreadable = {one.exchange: name for name in watched for one in _problems(about[name]) if one.aspect == "form"}
    accused = _Accused()
    for exchange, name in unreadable.items():
        accused.add(Outcome.failed, [exchange], {"body"}, by=name)
    for result in results:
        if result.outcome in _WRONG and not watched & set(checks[result.requirement].after):
            shown = 2 if checks[result.requirement].asks_again else 1
            accused.add(result.outcome, result.exchanges[-shown:], _JUDGED, by=result.requirement)
    wrong = {result.requirement: result.outcome for result in results if result.outcome in _WRONG and result.hinders}
    told_later = _told_later(results, about, accused, strict=strict)
    seen_wrong: set[str] = set()
    merged: list[Result] = []
    for place, result in enumerate(results):
        check = checks[result.requirement]
        mine = mine_at.get(place, ())
        problems = _problems(mine)
        found = [
            one
            for one in problems
            if not accused.knows(one, result.level)
            and (one.aspect == "values" or _first(wrong, told_later, check, one) is None)
        ]
        if result.outcome in _WRONG:
            broken = next((one for one in check.after if one in seen_wrong), unreadable.get(_judged(result)))
            own = _by_turn(result, problems, strict=strict)
            merged.append(own if broken in {None, result.requirement} else _blocked(result, broken))
        elif found:
            found.sort(key=lambda one: one.exchange in last)
            told = _as_seen(result, found[0], strict=strict)
            for one in found:
                accused.add(told.outcome, [one.exchange], [one.aspect], by=result.requirement)
            wrong[result.requirement] = told.outcome
            is_readable = found[0].aspect == "envelope"  # what it holds is read as it is meant
            seen_wrong |= {result.requirement} if told.outcome is not Outcome.warned and not is_readable else set()
            merged.append(told)
        elif check.is_passive and result.outcome is Outcome.passed:
            by = accused.by(problems[0]) or _first(wrong, told_later, check, problems[0]) if problems else None
            merged.append(_counted(result, mine, check.unseen) if by is None else _hidden(result, *by))
        else:
            merged.append(result)
    return tuple(merged)


def _told_later(
    results: Sequence[Result], about: Mapping[str, Sequence[Judgement]], accused: "_Accused", *, strict: bool
) -> Mapping[str, Outcome]:
    """What judgements stand on that is certain to be broken, wherever it is in the plan: its own stand on nothing."""
    named = {name for judgements in about.values() for one in judgements if one.problem for name in one.after}
    levels = {result.requirement: result.level for result in results if result.outcome is Outcome.passed}
    return {
        name: outcome_of_violation(levels[name], strict=strict)
        for name in named & levels.keys()
        if any(not one.after and not accused.knows(one, levels[name]) for one in _problems(about.get(name, ())))
    }


def _first(
    wrong: Mapping[str, Outcome], told_later: Mapping[str, Outcome], check: Check, judgement: Judgement
) -> tuple[str, Outcome] | None:
    """The first of what a judgement stands on that is broken."""
    known = [(one, wrong[one]) for one in (*check.after, *judgement.after) if one in wrong]
    return next(iter(known or [(one, told_later[one]) for one in judgement.after if one in told_later]), None)


class _Accused:
    """The answers, by what of them, that something wrong is told of. A warning hides nothing that fails."""

    def __init__(self) -> None:
        self._by_outcome: dict[Outcome, dict[tuple[str, str], str]] = {}

    def add(self, outcome: Outcome, exchanges: Iterable[str], aspects: Collection[Aspect], *, by: str) -> None:
        """Something is told of these by a requirement."""
        told = self._by_outcome.setdefault(outcome, {})
        for exchange in exchanges:
            for aspect in aspects:
                told.setdefault((exchange, aspect), by)

    def knows(self, judgement: Judgement, level: Level) -> bool:
        """Whether a finding of that level is told of by another one."""
        hiding = (Outcome.failed, Outcome.broken) if level != "should" else self._by_outcome
        of = (judgement.exchange, judgement.aspect)
        return any(of in self._by_outcome.get(outcome, ()) for outcome in hiding)

    def by(self, judgement: Judgement) -> tuple[str, Outcome] | None:
        """The requirement that tells of what is judged."""
        of = (judgement.exchange, judgement.aspect)
        return next(((told[of], outcome) for outcome, told in self._by_outcome.items() if of in told), None)


def _places(results: Sequence[Result]) -> Mapping[str, dict[str | None, int]]:
    """Where the results of each requirement are, by entity."""
    found: dict[str, dict[str | None, int]] = {}
    for place, result in enumerate(results):
        found.setdefault(result.requirement, {})[result.entity] = place
    return found


def _placed(
    about: Mapping[str, Sequence[Judgement]], places: Mapping[str, Mapping[str | None, int]]
) -> Mapping[int, Sequence[Judgement]]:
    """The judgements about each result: of no entity about all of a requirement, of an unknown one about its first."""
    found: dict[int, list[Judgement]] = {}
    for requirement, judgements in about.items():
        by_entity = places.get(requirement)
        if by_entity is not None:
            everywhere, first = {*by_entity.values()}, min(by_entity.values())
            for one in judgements:
                for place in everywhere if one.entity is None else (by_entity.get(one.entity, first),):
                    found.setdefault(place, []).append(one)
    return found


def _judged(result: Result) -> str:
    """The exchange that a wrong result shows."""
    return result.exchanges[-1] if result.exchanges else ""


def _problems(judgements: Iterable[Judgement]) -> list[Judgement]:
    return [one for one in judgements if one.problem is not None]


def _hiding(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Problems by which what stands on the requirement cannot be judged; another envelope is none."""
    return [one for one in _problems(judgements) if one.aspect != "envelope"]


def _blocked(result: Result, broken: str) -> Result:
    reason = f"it stands on {broken}, which failed"
    return replace(result, outcome=Outcome.blocked, message=reason, expected=None, actual=None)


def _hidden(result: Result, by: str, outcome: Outcome) -> Result:
    """A requirement that nothing but what another one tells was seen to break."""
    if outcome is Outcome.warned:
        reason = f"it is about what {by} judges, a SHOULD that does not hold here"
        return replace(result, outcome=Outcome.skipped, message=reason)
    return replace(result, outcome=Outcome.blocked, message=f"what breaks it is told by {by}, which failed")


def _as_seen(result: Result, judgement: Judgement, *, strict: bool) -> Result:
    match judgement.problem:
        case Violation() as problem:
            return replace(
                result,
                entity=result.entity or judgement.entity,
                outcome=outcome_of_violation(result.level, strict=strict),
                message=problem.message,
                expected=problem.expected,
                actual=problem.actual,
                exchanges=(*problem.besides, judgement.exchange),
            )
        case Exception() as defect:
            return replace(result, outcome=Outcome.broken, message=defect_of(defect), exchanges=())
        case _:
            return result


def _by_turn(result: Result, problems: Sequence[Judgement], *, strict: bool) -> Result:
    """A result that tells of another envelope, or in its place of the one whose turn it is for that entity."""
    wrapped = [one for one in problems if one.aspect == "envelope"]
    is_told = any(str(one.problem) == result.message for one in wrapped)
    return _as_seen(result, wrapped[0], strict=strict) if is_told else result


def _counted(result: Result, judgements: Sequence[Judgement], unseen: str | None) -> Result:
    if not judgements:
        return replace(result, outcome=Outcome.skipped, message=unseen or NOT_SEEN)
    number = len({one.exchange for one in judgements})
    seen = f"{result.message} Seen in {count(number, 'exchange')}."
    return replace(result, message=seen, exchanges=(judgements[-1].exchange,))
