"""The results of a run's checks, and beside them what its answers showed to whoever only looked. Pure.

One fault is one accusation: what a check has found already, or what stands on it, is not found once more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from entity_conformance.deployment.problems import Violation
from entity_conformance.report.verdict import Outcome, Result, outcome_of_violation
from entity_conformance.suite.course import defect_of
from entity_conformance.suite.registry import Check
from entity_conformance.suite.watch.judgement import Judgement

_WRONG = frozenset({Outcome.warned, Outcome.failed, Outcome.broken})
_SAYS_SOMETHING = frozenset({Outcome.passed, Outcome.observed})
NOT_SEEN = "not seen: no exchange of this run was about it"


def merged(
    results: Sequence[Result], checks: Mapping[str, Check], judgements: Iterable[Judgement], *, strict: bool
) -> tuple[Result, ...]:
    """The results, those of the requirements that the judgements are about as they turn out.

    The results are in the order of the plan: of several requirements that one answer breaks, the first one speaks. A
    requirement that nothing but the judgements judges tells on how many exchanges; met by none it is skipped.
    """
    about: dict[str, list[Judgement]] = {}
    for one in judgements:
        about.setdefault(one.requirement, []).append(one)
    accused = {result.exchanges[-1] for result in results if result.outcome in _WRONG and result.exchanges}
    wrong = {result.requirement for result in results if result.outcome in _WRONG}
    found: list[Result] = []
    for result in results:
        check = checks[result.requirement]
        mine = [
            one
            for one in about.get(result.requirement, ())
            if None in (result.entity, one.entity) or one.entity == result.entity
        ]
        problem = None
        if result.outcome in _SAYS_SOMETHING and not wrong & set(check.after):
            problem = next((one for one in mine if one.problem is not None and one.exchange not in accused), None)
        if problem is not None:
            accused |= {one.exchange for one in mine if one.problem is not None}
            wrong.add(result.requirement)
            found.append(_as_seen(result, problem, strict=strict))
        elif check.is_passive and result.outcome is Outcome.passed:
            found.append(_counted(result, mine))
        else:
            found.append(result)
    return tuple(found)


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
                exchanges=(judgement.exchange,),
            )
        case Exception() as defect:
            return replace(result, outcome=Outcome.broken, message=defect_of(defect), exchanges=())
        case _:
            return result


def _counted(result: Result, judgements: Sequence[Judgement]) -> Result:
    if not judgements:
        return replace(result, outcome=Outcome.skipped, message=NOT_SEEN)
    number = len({one.exchange for one in judgements})
    seen = f"{result.message} Seen in {number} exchange{'' if number == 1 else 's'}."
    return replace(result, message=seen, exchanges=(judgements[-1].exchange,))
