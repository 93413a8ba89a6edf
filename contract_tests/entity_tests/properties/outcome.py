"""What a run found, as results of the chapter `properties`: one for each requirement and entity, passes included.

Pure. Nothing is green by having been cut short: an operation that was never accepted, and a phase that did not begin,
are blocked, which makes a run inconclusive. Cases that a budget left out of an operation that was reached are not.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from entity_conformance.report.text import count
from entity_conformance.report.verdict import Outcome, Result, outcome_of_violation
from entity_conformance.suite.ledger import Requirement
from entity_contract import Contract, Operation
from entity_contract.rulings import Level

from entity_tests.properties.findings import Finding, Findings
from entity_tests.properties.scope import GENERATING, Scope, Selection

CHAPTER = "properties"
PHASES = ("examples", "coverage", "stateful", "fuzzing")
UNKNOWN = "another-check"
SILENT = f"{CHAPTER}.answers"
LONGEST_MESSAGE = 500

_ABOUT_THE_RUN = ("scope", "operation-accepted", *PHASES)
_JUDGED_BY_ANY = ("answers", UNKNOWN)
_OF_WRITES = ("plain-record-is-accepted", "record-read-back")
"""What only answers to writes are judged by: a run that reads has none of them, however much it asks."""

_ABSENT = frozenset({402, 404, 405, 501})
"""Answers of a deployment that does no such thing; to ask beforehand would cost money."""

_MAY_BE_ABSENT = {GENERATING: (), "createApiKey": ("revokeApiKey",)}
"""Operations without which a deployment may be, and what stands on them. That it makes no keys is found elsewhere."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that came to its end, or to an early one: `halted` says why no more was sent.

    `empty` are the entities of which no answer showed any record.
    """

    findings: Findings
    scope: Scope
    halted: str | None
    is_strict: bool
    empty: frozenset[str] = frozenset()


def requirement_of(check: str, requirements: Collection[str]) -> str:
    """The requirement that a check is about."""
    name = f"{CHAPTER}.{check.replace('_', '-')}"
    return name if name in requirements else f"{CHAPTER}.{UNKNOWN}"


def results(
    ended: Ended, contract: Contract, requirements: Mapping[str, Requirement], selected: Selection
) -> tuple[Result, ...]:
    """Every result of a run, in the order of the requirements; what is not selected is skipped."""
    found = list(_results(ended, contract, requirements))
    order = {requirement: place for place, requirement in enumerate(requirements)}
    kept = [result for result in found if result.requirement in selected.requirements]
    left_out = [
        _result(requirements[id_], None, Outcome.skipped, selected.why(id_))
        for id_ in requirements
        if id_ not in selected.requirements
    ]
    return tuple(sorted([*kept, *left_out], key=lambda result: order[result.requirement]))


def choices(ended: Ended, requirements: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The choices that the deployment took otherwise than the reference server: requirement and ruling."""
    taken = [finding for finding in ended.findings.all if finding.level == "choice"]
    return tuple(dict.fromkeys((requirement_of(one.check, requirements), one.ruling) for one in taken))


def phase_result(phase: str, findings: Findings, requirements: Mapping[str, Requirement], halted: str | None) -> Result:
    """What became of a phase."""
    requirement = requirements[f"{CHAPTER}.{phase}"]
    for of, error, exchanges in findings.errors:
        if of == phase:
            return _result(requirement, None, Outcome.broken, error, evidence=exchanges)
    if phase not in findings.begun:
        return _result(requirement, None, Outcome.blocked, f"nothing was left to begin with ({halted or 'no budget'})")
    of = f" of {findings.offered:,} cases" if phase == "coverage" else ""
    return _result(requirement, None, Outcome.passed, f"{findings.sent[phase]:,}{of} sent")


def _results(ended: Ended, contract: Contract, requirements: Mapping[str, Requirement]) -> Iterator[Result]:
    scope = _without_absent(ended)
    yield _scope_result(scope, requirements)
    for phase in PHASES:
        yield phase_result(phase, ended.findings, requirements, ended.halted)
    yield from _accepted(ended, scope, requirements)
    accused: set[str] = set()
    for key, group in _groups(ended.findings, contract, requirements).items():
        id_, entity, level = key
        if id_ == SILENT and sum(map(ended.findings.times, group)) == 1:
            continue  # one missing answer accuses nobody
        accused.add(id_)
        outcome = Outcome.observed if level == "choice" else outcome_of_violation(level, strict=ended.is_strict)
        yield _result(
            requirements[id_],
            entity,
            outcome,
            _message(group, ended.findings),
            level=level,
            evidence=group[0].exchanges,
            expected=group[0].expected or None,
            actual=group[0].actual or None,
        )
    judged = Counter[str]()
    for check, times in ended.findings.judged.items():
        judged[requirement_of(check, requirements)] += times
    about_checks = set(requirements) - {f"{CHAPTER}.{name}" for name in _ABOUT_THE_RUN}
    for id_ in requirements:
        if id_ in about_checks and id_ not in accused:
            yield _unaccused(requirements[id_], judged[id_], ended)


def _unaccused(requirement: Requirement, judged: int, ended: Ended) -> Result:
    sent = sum(ended.findings.sent.values())
    times = sent if requirement.id.removeprefix(f"{CHAPTER}.") in _JUDGED_BY_ANY else judged
    if times:
        return _result(requirement, None, Outcome.passed, f"nothing was found in {count(times, 'answer')}")
    if requirement.id.removeprefix(f"{CHAPTER}.") in _OF_WRITES and not _writes(ended.scope):
        return _result(requirement, None, Outcome.skipped, "nothing is written")
    if ended.halted:
        came = f"none of {sent:,} answers was one that it judges" if sent else "no answer came"
        return _result(requirement, None, Outcome.blocked, f"{came}; after that nothing was asked ({ended.halted})")
    return _result(requirement, None, Outcome.skipped, "no answer was judged by it")


def _writes(scope: Scope) -> bool:
    """Whether records are made or changed."""
    return any(one.action in ("create", "update", "delete") for one in scope.operations)


def _groups(
    findings: Findings, contract: Contract, requirements: Collection[str]
) -> dict[tuple[str, str | None, Level], list[Finding]]:
    """The findings of one requirement on one entity, together."""
    entities = {operation.id: operation.entity for operation in contract.operations}
    groups: dict[tuple[str, str | None, Level], list[Finding]] = {}
    for finding in findings.all:
        key = (requirement_of(finding.check, requirements), entities.get(finding.operation), finding.level)
        groups.setdefault(key, []).append(finding)
    return groups


def _message(group: list[Finding], findings: Findings) -> str:
    first, *others = group
    ruling = f" ({first.ruling})" if first.ruling else ""
    also = ", ".join(f"{one.operation} ({findings.times(one)})" for one in others)
    times = findings.times(first)
    said = f"{first.operation}: {first.message[:LONGEST_MESSAGE]}{ruling}"
    said += f"; {times} times" if times > 1 else ""
    return said + (f"; also {also}" if also else "")


def _scope_result(scope: Scope, requirements: Mapping[str, Requirement]) -> Result:
    requirement = requirements[f"{CHAPTER}.scope"]
    if not scope.out:
        return _result(requirement, None, Outcome.passed, f"all {len(scope.operations)} operations are tested")
    by_reason: dict[str, list[str]] = {}
    for operation, reason in scope.out:
        by_reason.setdefault(reason, []).append(operation)
    told = "; ".join(f"{', '.join(operations)}: {reason}" for reason, operations in by_reason.items())
    return _result(requirement, None, Outcome.skipped, told)


def _accepted(ended: Ended, scope: Scope, requirements: Mapping[str, Requirement]) -> Iterator[Result]:
    """Of each entity, whether its operations were all accepted."""
    requirement = requirements[f"{CHAPTER}.operation-accepted"]
    by_entity: dict[str | None, list[Operation]] = {}
    for operation in scope.operations:
        by_entity.setdefault(operation.entity, []).append(operation)
    for entity, operations in by_entity.items():
        never = [_unreached(operation, ended) for operation in operations if not ended.findings.successes(operation.id)]
        if never:
            why = f" ({ended.halted})" if ended.halted else ""
            yield _result(requirement, entity, Outcome.blocked, f"{'; '.join(never)}{why}")
            continue
        times = ", ".join(f"{one.id} {ended.findings.successes(one.id):,}" for one in operations)
        yield _result(requirement, entity, Outcome.passed, f"accepted: {times}")


def _unreached(operation: Operation, ended: Ended) -> str:
    answers = ended.findings.answers.get(operation.id, Counter[int]())
    told = ", ".join(f"{status}: {answers[status]}" for status in sorted(answers))
    return f"{operation.id} was never accepted ({told})" if told else f"{operation.id} was not reached"


def _without_absent(ended: Ended) -> Scope:
    """The scope without text generation where the deployment has none, and without keys where it makes none."""
    scope = ended.scope
    for operation, others in _MAY_BE_ABSENT.items():
        said = ended.findings.answers.get(operation, Counter[int]()).keys() & _ABSENT
        if said and not ended.findings.successes(operation):
            why = {operation: f"the deployment answers {max(said)}"} | dict.fromkeys(others, f"it needs {operation}")
            kept = tuple(one for one in scope.operations if one.id not in why)
            out = [(one.id, why[one.id]) for one in scope.operations if one.id in why]
            scope = Scope(kept, scope.entities, (*scope.out, *out))
    return _without_records(scope, ended)


def _without_records(scope: Scope, ended: Ended) -> Scope:
    """The scope without READs of entities of which there is no record, and none is made (R19, O4)."""
    made = {one.entity for one in scope.operations if one.action == "create"}
    bare = {one.name for one in scope.entities if one.name not in made and one.name in ended.empty}
    bare &= {one.entity for one in scope.operations if one.action == "list" and ended.findings.successes(one.id)}
    out = [one for one in scope.operations if one.action == "read" and one.entity in bare]
    reasons = [(one.id, f"the deployment has no record of {one.entity}, and none is made") for one in out]
    return Scope(tuple(one for one in scope.operations if one not in out), scope.entities, (*scope.out, *reasons))


def _result(
    requirement: Requirement,
    entity: str | None,
    outcome: Outcome,
    message: str,
    *,
    level: Level | None = None,
    evidence: tuple[str, ...] = (),
    expected: str | None = None,
    actual: str | None = None,
) -> Result:
    return Result(
        requirement=requirement.id,
        chapter=requirement.chapter,
        level=level or requirement.level,
        entity=entity,
        outcome=outcome,
        message=message,
        exchanges=evidence,
        expected=expected,
        actual=actual,
    )
