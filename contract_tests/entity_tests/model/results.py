"""The results of a run: whether each requirement held for each entity, and the shortest sequence where it did not."""

from dataclasses import replace
from itertools import groupby

from entity_conformance.deployment.exchange import Redactor
from entity_conformance.report.verdict import Outcome, Result, outcome_of_violation
from entity_conformance.suite.course import Found

from entity_tests.model.messages import Request
from entity_tests.model.reading import chosen
from entity_tests.model.requirements import CHOICES, REQUIREMENTS
from entity_tests.model.running import Exploration, Failure


def found_in(exploration: Exploration, selected: frozenset[str], redactor: Redactor, *, strict: bool) -> Found:
    """What a run found. A requirement that no answer was judged by is blocked, and the reason is given."""
    ended = exploration.ended
    places = list(REQUIREMENTS)
    judged = sorted(exploration.judged, key=lambda place: (places.index(place[0]), place[1]))
    results = [_judged(exploration, requirement, entity, strict=strict) for requirement, entity in judged]
    choices = {CHOICES[point]: choice for point, choice in chosen(exploration.readings).items()} if judged else {}
    results += [_result(name, None, Outcome.observed, choice) for name, choice in choices.items()]
    reached = {one.requirement for one in results} | set(CHOICES.values())
    reason = "no answer was judged by it" + ("" if ended is None else f"; the run ended early: {ended.reason}")
    results += [_result(name, None, Outcome.blocked, reason) for name in places if name not in reached]
    return Found(
        tuple(_redacted(one, redactor) for one in results if one.requirement in selected),
        tuple((name, choice) for name, choice in choices.items() if name in selected),
        ended.reason if ended is not None and ended.is_lost else None,
    )


def _judged(exploration: Exploration, requirement: str, entity: str, *, strict: bool) -> Result:
    """The result of what was judged: the difference with the shortest sequence, a warning, or none."""
    place = (requirement, entity)
    failures = [one for one in exploration.failures if (one.difference.requirement, one.difference.entity) == place]
    warnings = [one for one in exploration.warnings if (one.difference.requirement, one.difference.entity) == place]
    if not failures and not warnings:
        answers = exploration.judged[place]
        return _result(requirement, entity, Outcome.passed, f"{answers:,} answer{'s' * (answers != 1)} as the model")
    found = min(failures or warnings, key=lambda one: len(one.requests))
    wrong = found.difference
    outcome = outcome_of_violation(REQUIREMENTS[requirement].level, strict=strict)
    return replace(
        _result(requirement, entity, outcome, _message(found, is_shortest=bool(failures))),
        expected="; ".join(wrong.wrong),
        actual=wrong.answer.text(),
        exchanges=tuple(filter(None, found.exchanges if failures else (wrong.answer.exchange,))),
    )


def _message(failure: Failure, *, is_shortest: bool) -> str:
    """What is different, and the sequence that shows it."""
    *before, last = failure.requests if is_shortest else (failure.difference.request,)
    query = "&".join(f"{name}={value}" for name, value in last.parameters)
    what = f"{failure.difference.wrong[0]} ({last.method} {last.path}{'?' if query else ''}{query})"
    if not before:
        return what
    names = [(name, len(list(same))) for name, same in groupby(f"{one.method} {_entity(one)}" for one in before)]
    told = ", ".join(name if times == 1 else f"{times} times {name}" for name, times in names)
    return f"{what}; the shortest sequence that was found has {len(before)} requests before that: {told}"


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
