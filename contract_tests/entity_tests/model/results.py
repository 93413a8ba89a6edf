"""The results of a run: whether each requirement held for each entity, and how it did not, each cause once."""

from dataclasses import replace
from itertools import groupby

from entity_conformance.deployment.exchange import Redactor
from entity_conformance.oracle.messages import Request
from entity_conformance.oracle.reading import chosen
from entity_conformance.report.text import count
from entity_conformance.report.verdict import Outcome, Result, outcome_of_violation
from entity_conformance.suite.course import Found

from entity_tests.model.requirements import CHOICES, REQUIREMENTS
from entity_tests.model.running import Exploration, Failure, place_of

_ABSENT = frozenset({404, 405, 501})
_SAYS_NOTHING = frozenset({0, 401, 403, 429, 503})
"""Statuses that say nothing of an operation; 0 is no answer."""
_OWN = {("POST", 1): "model.create", ("PATCH", 2): "model.update", ("DELETE", 2): "model.delete"}
"""What judges that an operation is there at all, by its method and segments."""


def found_in(exploration: Exploration, selected: frozenset[str], redactor: Redactor, *, strict: bool) -> Found:
    """What a run found. A requirement that no answer was judged by is blocked, and the reason is given."""
    ended = exploration.ended
    places = list(REQUIREMENTS)
    judged = sorted(exploration.judged, key=lambda place: (places.index(place[0]), place[1]))
    results = [one for place in judged for one in _judged(exploration, *place, strict=strict)]
    choices = {CHOICES[point]: choice for point, choice in chosen(exploration.readings).items()} if judged else {}
    results += [_result(name, None, Outcome.observed, choice) for name, choice in choices.items()]
    reached = {one.requirement for one in results} | set(CHOICES.values())
    reason = "no answer was judged by it" + ("" if ended is None else f"; the run ended early: {ended.reason}")
    outcome = Outcome.blocked
    if exploration.ruled and "model.create" not in reached and ended is None:
        outcome, names = Outcome.skipped, " and ".join(sorted(exploration.ruled))
        reason = f"no record of {names} was taken, perhaps by rules that OPTIONS need not tell"
    results += [_result(name, None, outcome, reason) for name in places if name not in reached]
    return Found(
        tuple(_redacted(one, redactor) for one in results if one.requirement in selected),
        tuple((name, choice) for name, choice in choices.items() if name in selected),
        lost=ended.reason if ended is not None and ended.by == "lost" else None,
        cut=ended.reason if ended is not None and ended.by == "limit" and judged else None,
        spent=ended.reason if ended is not None and ended.by == "budget" else None,
    )


def _judged(exploration: Exploration, requirement: str, entity: str, *, strict: bool) -> list[Result]:
    """A result for each cause of differences, or one where there is none."""
    broken = [one.difference.parts for one in exploration.failures.values() if one.difference.parts]
    met = [
        one
        for cause, one in exploration.failures.items()
        if cause[:2] == (requirement, entity) and not any(parts < one.difference.parts for parts in broken)
    ]
    found = [one for one in met if _is_told_elsewhere(one, exploration) is None]
    if met and not found:
        return [_result(requirement, entity, Outcome.blocked, str(_is_told_elsewhere(met[0], exploration)))]
    if not found:
        answers, held = exploration.judged[requirement, entity], exploration.held.get((requirement, entity))
        passed = _result(requirement, entity, Outcome.passed, f"{count(answers, 'answer')} as the model")
        return [replace(passed, exchanges=(held,) if held else ())]
    outcome = outcome_of_violation(REQUIREMENTS[requirement].level, strict=strict)
    return [
        replace(
            _result(requirement, entity, outcome, _message(one)),
            expected=one.difference.expected,
            actual=one.difference.actual,
            exchanges=tuple(filter(None, one.exchanges)),
        )
        for one in found
    ]


def _is_told_elsewhere(failure: Failure, exploration: Exploration) -> str | None:
    """Why it only says again that the deployment lacks an operation, where another requirement tells that."""
    difference = failure.difference
    place = place_of(difference.request)
    own = _OWN.get((place[0], place[2]))
    told = {cause[0] for cause in exploration.failures}
    statuses = {*exploration.answers.get(place, ())} - _SAYS_NOTHING
    if own not in told or own == difference.requirement or len(statuses) > 1 or not statuses <= _ABSENT:
        return None
    path = "/".join([f"/{place[1]}", *["{id}"] * (place[2] - 1)])
    return f"{place[0]} {path} answers {difference.answer.status}, whatever is asked"


def _message(failure: Failure) -> str:
    """What is different, and the writes that led to it."""
    *before, last = failure.requests
    query = "&".join(f"{name}={value}" for name, value in last.parameters)
    what = f"{failure.difference.summary} ({last.method} {last.path}{'?' if query else ''}{query})"
    if not before:
        return what
    names = [(name, len(list(same))) for name, same in groupby(f"{one.method} {_entity(one)}" for one in before)]
    told = ", ".join(name if times == 1 else f"{times} times {name}" for name, times in names)
    return f"{what}; before that: {told}"


def _entity(request: Request) -> str:
    return "/".join((*request.path.split("/")[:2], *(["{id}"] if request.path.count("/") > 1 else [])))


def _result(requirement: str, entity: str | None, outcome: Outcome, message: str) -> Result:
    return Result(requirement, "model", REQUIREMENTS[requirement].level, entity, outcome, message)


def _redacted(result: Result, redactor: Redactor) -> Result:
    """The result without secrets that the deployment may have put into an answer."""
    return replace(
        result,
        message=redactor.answer(result.message),
        expected=None if result.expected is None else redactor.answer(result.expected),
        actual=None if result.actual is None else redactor.answer(result.actual),
    )
