"""Which checks a run performs, on which entity, in which order, and why it leaves out the others. Pure.

Order is the ledger's, with what a check stands on before it; checks of an expired key and those that look back on the
whole run come last.
"""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import get_args

import entity_contract as contract
from entity_contract import Entity

from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.deployment.settings import Allowance, Misuse
from entity_conformance.report.verdict import LEFT_OUT, SKIPPED, PlannedCheck
from entity_conformance.suite.ledger import FORMER, Ledger, Requirement, command_of, everything
from entity_conformance.suite.registry import Check

SCOPES: tuple[contract.Scope, ...] = get_args(contract.Scope)


class PlanError(Exception):
    """The checks cannot be ordered: a defect of the suite."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What this run can test; `allow` is what it may use up.

    One that `is_thorough` asks of each entity what others ask of the first alone.
    `operators` are those that the contract has for a filter. `missing` says of each credential and capability that it
    lacks why, `scopes` what the API key may do.
    """

    entities: tuple[Entity, ...]
    operators: frozenset[str]
    missing: Mapping[str, OutOfProfile | Blocked]
    scopes: frozenset[contract.Scope] = frozenset(SCOPES)
    is_read_only: bool = False
    why_read_only: str = "this run only reads"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    allow: tuple[Allowance, ...] = ()
    is_thorough: bool = False

    @property
    def lacking(self) -> tuple[contract.Scope, ...]:
        """The scopes that the API key does not have."""
        return tuple(scope for scope in SCOPES if scope not in self.scopes)


@dataclass(frozen=True, slots=True)
class Step:
    """One check on one entity. `after` are places of earlier steps; `blocked` is why it cannot be made at all."""

    check: Check
    entity: Entity | None
    after: tuple[int, ...] = ()
    blocked: str | None = None

    @property
    def name(self) -> str:
        """The step as evidence names it."""
        return self.check.requirement if self.entity is None else f"{self.check.requirement} [{self.entity.name}]"


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in order, the requirements left out with the reason, and those that only run on request.

    `elsewhere` are steps that were left out, of requirements that are judged on other entities.
    """

    steps: tuple[Step, ...]
    out_of_scope: tuple[tuple[str, str], ...]
    opt_in: tuple[str, ...]
    elsewhere: tuple[tuple[Step, str], ...] = ()

    @property
    def outline(self) -> tuple[PlannedCheck, ...]:
        """The plan as a report tells it."""
        return tuple(
            PlannedCheck(step.check.requirement, step.entity.name if step.entity else None, step.check.after)
            for step in self.steps
        )


def plan(
    checks: Sequence[Check], ledger: Ledger, scope: Scope, *, stand_ins: Mapping[str, Check] = MappingProxyType({})
) -> Plan:
    """Lay out a run. Where a check lies outside of the profile, one of `stand_ins` that asks nothing is in its place.

    Raises Misuse when `only` or `skip` name nothing or what is not allowed, PlanError when checks stand on each other.
    """
    left_out = unselected(ledger, only=scope.only, skip=scope.skip)
    order = {requirement: place for place, requirement in enumerate(ledger.requirements)}
    steps: list[Step] = []
    out_of_scope: dict[str, str] = {}
    opt_in: list[str] = []
    for check in sorted(checks, key=lambda check: (check.group, order[check.requirement])):
        if check.opt_in is not None and check.opt_in not in scope.allow:
            if check.requirement in scope.only:
                raise Misuse(
                    f"--only {check.requirement}: its check uses something up",
                    hint=f"allow it (--allow {check.opt_in})",
                )
            opt_in.append(check.requirement)
            continue
        unwanted = left_out.get(check.requirement)
        reason = unwanted or _out_of_profile(check, scope)
        own = () if reason else _steps(check, scope)
        reason = None if own else reason or "no entity of this run has what it is about"
        if reason and not unwanted and check.requirement in stand_ins:
            own = _steps(replace(stand_ins[check.requirement], unseen=reason), scope)
        elif reason:
            out_of_scope[check.requirement] = reason
        steps.extend(own)
    return Plan(_ordered(steps), tuple(sorted(out_of_scope.items(), key=lambda pair: order[pair[0]])), tuple(opt_in))


def without(of: Plan, left: Mapping[int, str]) -> Plan:
    """The plan without the steps at these places, each with its reason.

    A requirement that is left out on some entities only is judged on the others.
    """
    if not left:
        return of
    kept = {place: number for number, place in enumerate(one for one in range(len(of.steps)) if one not in left)}
    steps = tuple(
        Step(step.check, step.entity, tuple(kept[each] for each in step.after if each in kept), step.blocked)
        for place, step in enumerate(of.steps)
        if place in kept
    )
    judged = {step.check.requirement for step in steps}
    lost = {name: why for place, why in left.items() if (name := of.steps[place].check.requirement) not in judged}
    elsewhere = tuple(
        (step, why) for place, why in left.items() if (step := of.steps[place]).check.requirement in judged
    )
    return Plan(steps, (*of.out_of_scope, *lost.items()), of.opt_in, elsewhere)


def selection(ledger: Ledger, *, only: Collection[str], skip: Collection[str]) -> frozenset[str]:
    """The requirements that the patterns leave. A pattern is a glob on ids and chapters. Raises Misuse."""
    return frozenset(ledger.requirements) - unselected(ledger, only=only, skip=skip).keys()


def unselected(ledger: Ledger, *, only: Collection[str], skip: Collection[str]) -> Mapping[str, str]:
    """The requirements that the patterns leave out, each with which of the two options did. Raises Misuse."""
    chosen = frozenset().union(*(named(ledger, pattern, "--only") for pattern in only)) if only else ledger.requirements
    skipped = frozenset[str]().union(*(named(ledger, pattern, "--skip") for pattern in skip))
    return {
        name: SKIPPED if name in chosen else LEFT_OUT
        for name in ledger.requirements
        if name not in chosen or name in skipped
    }


def named(ledger: Ledger, pattern: str, option: str, *, operations: Collection[str] = ()) -> frozenset[str]:
    """The requirements, and of the `operations`, what a pattern matches. Raises Misuse when that is nothing."""
    matching = frozenset(
        requirement.id
        for requirement in ledger.requirements.values()
        if any(fnmatchcase(name, pattern) for name in _names(requirement))
    ) | {name for name in operations if fnmatchcase(name, pattern)}
    if not matching:
        kinds = "requirement, chapter or operation" if operations else "requirement or chapter"
        hint = nearest(ledger, pattern, operations)
        raise Misuse(f"{option} {pattern or repr(pattern)}: no such {kinds}", hint=hint)
    return matching


def _names(requirement: Requirement) -> tuple[str, ...]:
    """What a pattern may match: the id, the chapter, and what the chapter was called before."""
    return requirement.id, requirement.chapter, FORMER.get(requirement.chapter, requirement.chapter)


def nearest(ledger: Ledger, name: str, operations: Collection[str] = ()) -> str:
    """What to say to somebody who named a requirement that does not exist. A pattern is met with a pattern."""
    for elsewhere in everything().requirements.values():
        if any(fnmatchcase(each, name) for each in _names(elsewhere)):
            return f"`conformance {command_of(elsewhere)}` judges it"
    if "," in name:
        return "commas part nothing: give the option again for each, or a list in the file"
    names = [*ledger.requirements, *ledger.titles, *operations]
    if name.endswith("*"):
        names = list(dict.fromkeys(f"{requirement.partition('.')[0]}.*" for requirement in ledger.requirements))
    known = {each.lower(): each for each in names}
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    (nearest_of_all,) = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.0)
    told = f"the nearest is {known[nearest_of_all]}; `conformance list` shows all"
    return f"did you mean {known[near[0]]}?" if near else told


def _needed(check: Check) -> tuple[str, ...]:
    return (*(("api_key",) if check.scopes else ()), *sorted(check.needs))


def _out_of_profile(check: Check, scope: Scope) -> str | None:
    if scope.is_read_only and (check.writes or check.opt_in is not None):  # what is used up is made for it
        return scope.why_read_only
    for need in _needed(check):
        reason = scope.missing.get(need)
        if isinstance(reason, OutOfProfile):
            return reason.reason
    if unknown := sorted(check.operators - scope.operators):
        return f"the contract has no operator {' and '.join(unknown)}"
    if lacking := [name for name in scope.lacking if name in check.scopes]:
        return f"the API key lacks the scope {' and '.join(lacking)}"
    return None


def _steps(check: Check, scope: Scope) -> tuple[Step, ...]:
    reasons = [scope.missing[need].reason for need in _needed(check) if need in scope.missing]
    blocked = reasons[0] if reasons else None
    if check.entities == "none":
        return (Step(check, None, blocked=blocked),)
    suitable = [entity for entity in scope.entities if check.suits(entity)]
    if check.entities == "first" or (check.entities == "primary" and not scope.is_thorough):
        suitable = suitable[:1]
    return tuple(Step(check, entity, blocked=blocked) for entity in suitable)


def _ordered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps with what each stands on before it."""
    of: dict[str, list[int]] = {}
    for place, step in enumerate(steps):
        of.setdefault(step.check.requirement, []).append(place)
    ordered: list[Step] = []
    new_place: dict[int, int] = {}
    under_way: list[int] = []

    def visit(place: int) -> int:
        if place in new_place:
            return new_place[place]
        step = steps[place]
        if place in under_way:
            raise PlanError(f"checks stand on each other: {' > '.join(steps[each].name for each in under_way)}")
        under_way.append(place)
        standing = [each for cited in step.check.after for each in _standing_on(step, steps, of.get(cited, []))]
        for each in standing:
            if steps[each].check.last and not step.check.last:  # each would wait for the other
                raise PlanError(f"{step.name} stands on {steps[each].name}, which comes last")
        after = [visit(each) for each in standing]
        under_way.pop()
        new_place[place] = len(ordered)
        ordered.append(Step(step.check, step.entity, tuple(after), step.blocked))
        return new_place[place]

    for place in range(len(steps)):
        visit(place)
    return tuple(ordered)


def _standing_on(step: Step, steps: Sequence[Step], places: Sequence[int]) -> Sequence[int]:
    """Of the steps of a cited requirement: the one on the same entity, else the first."""
    same = [place for place in places if steps[place].entity == step.entity]
    return same or places[:1]
